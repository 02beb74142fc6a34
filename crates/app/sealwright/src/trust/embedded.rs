//! The roots that come with the program. `cargo xtask trust-roots` takes them.

use sealwright_sigstore::TrustRoot;

use crate::Failure;
use crate::Profile;
use crate::failure::About as _;

/// The day on which the roots were taken, such as `2026-11-22`.
pub(crate) const TAKEN: &str = include_str!("../../roots/taken").trim_ascii();

/// The root of a profile as its publisher wrote it; none for the local one.
pub(crate) const fn json(profile: Profile) -> Option<&'static str> {
    match profile {
        Profile::Github => Some(include_str!("../../roots/github.trusted-root.json")),
        Profile::Local => None,
        Profile::Public => Some(include_str!("../../roots/public.trusted-root.json")),
    }
}

/// Root and signing configuration in one, as clients take them; none for GitHub's instance, which
/// signs for GitHub alone.
pub(crate) fn trust_config(profile: Profile) -> Option<String> {
    let signing = match profile {
        Profile::Github | Profile::Local => return None,
        Profile::Public => include_str!("../../roots/public.signing-config.json"),
    };
    let root = json(profile)?;
    Some(format!(
        r#"{{"mediaType":"application/vnd.dev.sigstore.clienttrustconfig.v0.1+json","trustedRoot":{root},"signingConfig":{signing}}}"#
    ))
}

/// The root of a profile, read.
pub(crate) fn root(profile: Profile) -> Result<Option<TrustRoot>, Failure> {
    let Some(json) = json(profile) else {
        return Ok(None);
    };
    let mut root = TrustRoot::parse(json.as_bytes()).about(profile)?;
    root.profile = profile.thresholds();
    Ok(Some(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_roots_can_be_read() {
        let github = root(Profile::Github).unwrap().unwrap();
        assert!(github.logs.is_empty() && !github.timestamp_authorities.is_empty());
        let public = root(Profile::Public).unwrap().unwrap();
        assert!(!public.logs.is_empty() && !public.ct_logs.is_empty());
        assert!(root(Profile::Local).unwrap().is_none());
        assert_eq!(TAKEN.len(), "2026-11-22".len());
    }
}
