//! The trusted root of an instance, from what is kept of it or from what came with the program:
//! whichever is newer.

use std::path::Path;

use sealwright_core::Timestamp;
use sealwright_sigstore::TrustRoot;

use super::Instance;
use super::SIGNING_CONFIG;
use super::TRUSTED_ROOT;
use super::kept::Kept;
use super::kept::ROOT;
use crate::Error;
use crate::Failure;
use crate::Profile;
use crate::RootOrigin;
use crate::failure::About as _;
use crate::trust::embedded;

/// What is known of an instance without asking anybody.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The trusted root as it was published.
    pub(crate) trusted_root: String,
    /// Where to sign, as it was published.
    pub(crate) signing_config: Option<String>,
    /// Where both come from.
    pub(crate) origin: RootOrigin,
}

/// What is known of an instance.
///
/// # Errors
/// `usage.unknown-profile`, `trust.kept-unusable`, `files.…`.
pub(crate) fn known(home: &Path, profile: Profile) -> Result<Known, Failure> {
    let instance = Instance::open(home, profile)?;
    if let Some((kept, directory)) = newest(&instance)? {
        kept.check(&instance.anchor, directory)?;
        let trusted_root = kept.target(TRUSTED_ROOT).unwrap_or_default().to_owned();
        return Ok(Known {
            trusted_root,
            signing_config: kept.target(SIGNING_CONFIG).map(str::to_owned),
            origin: origin(&kept, &instance),
        });
    }
    let trusted_root = embedded::json(profile).ok_or(Error::UnknownInstance(profile))?;
    Ok(Known {
        trusted_root: trusted_root.to_owned(),
        signing_config: embedded::signing_config(profile).map(str::to_owned),
        origin: RootOrigin::Embedded {
            taken: embedded::TAKEN,
        },
    })
}

/// The root to verify by, and what the user should know about it.
///
/// # Errors
/// As [`known`]; `trust.malformed`, `trust.unsupported`.
pub(crate) fn verifying(
    home: &Path,
    profile: Profile,
    now: Timestamp,
) -> Result<(TrustRoot, Option<String>), Failure> {
    let read = |json: &str| -> Result<TrustRoot, Failure> {
        let root = TrustRoot::parse(json.as_bytes()).about(profile)?;
        Ok(root.with_profile(profile.thresholds()))
    };
    let instance = Instance::open(home, profile)?;
    let own = embedded::json(profile);
    let Some((kept, directory)) = newest(&instance)? else {
        return Ok((read(own.ok_or(Error::UnknownInstance(profile))?)?, None));
    };
    let json = kept.target(TRUSTED_ROOT).unwrap_or_default();
    // What came with the program needs no proof.
    if own != Some(json) {
        kept.check(&instance.anchor, directory)?;
    }
    let expired = kept
        .expires(&instance.anchor)
        .filter(|expires| *expires < now)
        .map(|expires| {
            format!(
                "what is known of profile {profile} expired at {expires}: keys that were changed \
                 since are not known here; `sealwright root update --profile {profile}` asks for them"
            )
        });
    Ok((read(json)?, expired))
}

/// The trusted root that an instance is judged by so far, as far as it can be read.
pub(super) fn in_use(instance: &Instance) -> Option<String> {
    let own = embedded::json(instance.profile).map(str::to_owned);
    match newest(instance) {
        Ok(Some((kept, _))) => kept.target(TRUSTED_ROOT).map(str::to_owned),
        Ok(None) | Err(_) => own,
    }
}

/// What is kept of an instance, unless what came with the program is newer. Unproved.
fn newest(instance: &Instance) -> Result<Option<(Kept, &Path)>, Failure> {
    let Some(directory) = instance.directory.as_deref() else {
        return Ok(None);
    };
    let kept = Kept::read(directory)?;
    let has_own = embedded::json(instance.profile).is_some();
    Ok(kept
        .filter(|kept| !has_own || !is_older(kept, embedded::taken()))
        .map(|kept| (kept, directory)))
}

/// Whether what is kept is older than something taken at that time. What the file says of itself
/// may be wrong, so the repository must have stood by its word until then, too.
fn is_older(kept: &Kept, taken: Timestamp) -> bool {
    let expired = kept
        .timestamp_expires()
        .is_none_or(|expires| expires < taken);
    expired || kept.updated < taken
}

pub(super) fn origin(kept: &Kept, instance: &Instance) -> RootOrigin {
    let version = |name| kept.version(name, &instance.anchor).unwrap_or_default();
    RootOrigin::Tuf {
        mirror: kept.mirror.clone(),
        root_version: version(ROOT),
        targets_version: version("targets.json"),
        updated: kept.updated,
        expires: kept.expires(&instance.anchor).unwrap_or(kept.updated),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn kept(updated: i64, expires: &str) -> Kept {
        let timestamp = format!(
            r#"{{"signatures":[],"signed":{{"_type":"timestamp","expires":"{expires}","meta":{{"snapshot.json":{{"version":1}}}},"spec_version":"1.0.31","version":7}}}}"#
        );
        let metadata = BTreeMap::from([("timestamp.json".to_owned(), timestamp.into_bytes())]);
        Kept::new(
            "",
            Timestamp::from_seconds(updated),
            &metadata,
            BTreeMap::new(),
        )
    }

    #[test]
    fn the_newer_one_counts() {
        let taken: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        for (updated, expires, older) in [
            (0, "2026-11-23T00:00:00Z", false),
            (86_400, "2026-11-30T00:00:00Z", false),
            // What came with the program was taken later.
            (-1, "2026-11-28T00:00:00Z", true),
            // The repository had no longer said that there is nothing newer.
            (86_400, "2026-11-21T23:59:59Z", true),
        ] {
            let kept = kept(taken.seconds() + updated, expires);
            assert_eq!(is_older(&kept, taken), older, "{updated} {expires}");
        }
        let nothing = Kept::new("", taken, &BTreeMap::new(), BTreeMap::new());
        assert!(is_older(&nothing, taken));
    }
}
