//! The roots that come with the program. `cargo xtask trust-roots` takes them.

use sealwright_core::Timestamp;
#[cfg(test)]
use sealwright_sigstore::TrustRoot;

use crate::Profile;

/// The day on which the roots were taken, such as `2026-11-22`.
pub(crate) const TAKEN: &str = include_str!("../../roots/taken").trim_ascii();

/// The beginning of that day; without one, nothing else counts as newer.
pub(crate) fn taken() -> Timestamp {
    format!("{TAKEN}T00:00:00Z")
        .parse()
        .unwrap_or(Timestamp::from_seconds(i64::MAX / 1000))
}

/// The root of a profile as its publisher wrote it; none for the local one.
pub(crate) const fn json(profile: Profile) -> Option<&'static str> {
    match profile {
        Profile::Github => Some(include_str!("../../roots/github.trusted-root.json")),
        Profile::Custom(_) | Profile::Local => None,
        Profile::Public => Some(include_str!("../../roots/public.trusted-root.json")),
    }
}

/// Where to sign, as the publisher wrote it; none for GitHub's instance, which signs for GitHub alone.
pub(crate) const fn signing_config(profile: Profile) -> Option<&'static str> {
    match profile {
        Profile::Custom(_) | Profile::Github | Profile::Local => None,
        Profile::Public => Some(include_str!("../../roots/public.signing-config.json")),
    }
}

/// A root of the publisher's TUF repository, and where that is.
pub(crate) const fn tuf_repository(profile: Profile) -> Option<(&'static str, &'static str)> {
    match profile {
        Profile::Custom(_) | Profile::Local => None,
        Profile::Github => Some((
            include_str!("../../roots/github.tuf-root.json"),
            "https://tuf-repo.github.com",
        )),
        Profile::Public => Some((
            include_str!("../../roots/public.tuf-root.json"),
            "https://tuf-repo-cdn.sigstore.dev",
        )),
    }
}

/// The root of a profile, read.
#[cfg(test)]
pub(crate) fn root(profile: Profile) -> Option<TrustRoot> {
    let root = TrustRoot::parse(json(profile)?.as_bytes()).unwrap();
    Some(root.with_profile(profile.thresholds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_roots_can_be_read() {
        let github = root(Profile::Github).unwrap();
        assert!(github.logs.is_empty() && !github.timestamp_authorities.is_empty());
        let public = root(Profile::Public).unwrap();
        assert!(!public.logs.is_empty() && !public.ct_logs.is_empty());
        assert!(root(Profile::Local).is_none());
        assert!(taken() > Timestamp::EPOCH && taken() < Timestamp::from_seconds(1 << 40));
        for profile in [Profile::Public, Profile::Github] {
            let (tuf_root, _) = tuf_repository(profile).unwrap();
            sealwright_tuf::Updater::new(tuf_root.as_bytes(), taken()).unwrap();
        }
    }
}
