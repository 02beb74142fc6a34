//! The roots everything is judged by.
//!
//! A bundle is judged wholly by one root, with the thresholds of that root's profile; nothing is
//! ever put together from two. Without `--profile` or `--trusted-root` there are several to judge by:
//! the data directory's, if there is one, and those of the public instance and GitHub's, which are the
//! embedded ones or what `root update` found since. The first that accepts counts. Each
//! vouches for its own issuers only: that the public instance certifies an identity of the issuer
//! that was asked for is what its users trust it for, and a data directory is believed about its own
//! issuer alone, so that one planted in a build cannot speak for anybody else's.

mod checks;
pub(crate) mod embedded;
mod parts;

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::cell::RefCell;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Timestamp;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Claim;
use sealwright_sigstore::Error as SigstoreError;
use sealwright_sigstore::Expected;
use sealwright_sigstore::LogCheck;
use sealwright_sigstore::Outcome;
use sealwright_sigstore::TrustProfile;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Verdict;
use sealwright_sigstore::Verified;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::Profile;
use crate::Progress;
use crate::failure::About as _;
use crate::instance;
use crate::local::LocalSigstore;

pub use self::checks::Checks;
pub use self::checks::TimestampCheck;
pub use self::parts::TrustParts;

/// Most bytes of a trusted root.
pub(crate) const MAX_ROOT_SIZE: u64 = 4 << 20;

/// The roots to judge by, in order.
pub(crate) struct Trust {
    anchors: Vec<Anchor>,
    checks: Checks,
    /// Where roots are kept.
    home: PathBuf,
    /// What the user should know about them, once each.
    warnings: RefCell<Vec<String>>,
}

/// One root, and who is trusted by it.
struct Anchor {
    /// `None` for a root from a file.
    profile: Option<Profile>,
    /// Read when first needed.
    root: OnceCell<TrustRoot>,
    /// The only issuer it is believed about.
    issuer: Option<String>,
}

/// What a bundle proved, and by whose root.
pub(crate) struct ByRoot {
    pub(crate) verdict: Verdict<Verified<Claim>>,
    /// `None` for a root from a file.
    pub(crate) profile: Option<Profile>,
}

impl Trust {
    /// The root that was named, else the profile's, else all that are known.
    pub(crate) fn load(
        context: &Context<'_>,
        named: Option<&Path>,
        logs: LogCheck,
    ) -> Result<Self, Failure> {
        let checks = Checks {
            logs,
            ..Checks::default()
        };
        Self::load_with(context, named, &TrustParts::default(), checks)
    }

    /// The same, with parts of the root replaced. A root whose parts are named judges alone.
    pub(crate) fn load_with(
        context: &Context<'_>,
        named: Option<&Path>,
        parts: &TrustParts,
        checks: Checks,
    ) -> Result<Self, Failure> {
        let profile = match (named, &context.profile) {
            (None, None) if !parts.is_empty() => Some(Profile::Public),
            (_, profile) => *profile,
        };
        let anchors = match (named, profile) {
            (Some(path), _) => {
                let json = sealwright_files::read_limited_or_pipe(path, MAX_ROOT_SIZE)?;
                let mut root = TrustRoot::parse(&json).about(path.display())?;
                root.profile = profile.map_or(TrustProfile::DEFAULT, Profile::thresholds);
                vec![Anchor::of(None, root)]
            }
            (None, Some(Profile::Local)) => match local(context)? {
                Some((root, _)) => vec![Anchor::of(Some(Profile::Local), root)],
                None => return Err(Error::NoTrust(context.home.clone()).into()),
            },
            (None, Some(profile)) => vec![Anchor::of_instance(profile)],
            (None, None) => {
                let local = match context.home.as_os_str().is_empty() {
                    true => None,
                    false => local(context)?,
                };
                let local = local.map(|(root, issuer)| Anchor {
                    issuer: Some(issuer),
                    ..Anchor::of(Some(Profile::Local), root)
                });
                let others = [Profile::Public, Profile::Github].map(Anchor::of_instance);
                local.into_iter().chain(others).collect()
            }
        };
        let mut trust = Self::of(anchors, checks);
        trust.home.clone_from(&context.home);
        if !parts.is_empty() {
            let now = context.clock.now();
            let roots: Result<Vec<TrustRoot>, Failure> = trust
                .anchors
                .iter()
                .map(|anchor| trust.root(anchor, now).cloned())
                .collect();
            let mut replaced = Vec::new();
            for mut root in roots? {
                parts.apply(&mut root)?;
                replaced.push(Anchor::of(None, root));
            }
            trust.anchors = replaced;
        }
        for anchor in &mut trust.anchors {
            if let Some(root) = anchor.root.get_mut() {
                checks.apply(root);
            }
        }
        Ok(trust)
    }

    /// A root that is at hand.
    pub(crate) fn by_root(mut root: TrustRoot, profile: Option<Profile>, logs: LogCheck) -> Self {
        let checks = Checks {
            logs,
            ..Checks::default()
        };
        checks.apply(&mut root);
        Self::of(vec![Anchor::of(profile, root)], checks)
    }

    fn of(anchors: Vec<Anchor>, checks: Checks) -> Self {
        Self {
            anchors,
            checks,
            home: PathBuf::new(),
            warnings: RefCell::default(),
        }
    }

    /// Tells what there is to know about the roots that were judged by, once.
    pub(crate) fn tell(&self, progress: &dyn Progress) {
        for warning in self.warnings.take() {
            progress.warn(&warning);
        }
    }

    /// The verdict by the first root that accepts; else the first by a root that knows the
    /// instance the bundle comes from. A root that cannot be read is none that says no: unless
    /// another one decides, that it cannot be is what comes of it.
    pub(crate) fn verify(
        &self,
        bundle: &Bundle,
        artifact: &Artifact<'_>,
        expected: &Expected,
        now: Timestamp,
    ) -> Result<ByRoot, Failure> {
        let mut best: Option<ByRoot> = None;
        let mut unreadable: Option<Failure> = None;
        for anchor in &self.anchors {
            // GitHub's instance knows no keys, and its thresholds want no log.
            if anchor.profile == Some(Profile::Github) && matches!(expected, Expected::Key(_)) {
                continue;
            }
            let root = match self.root(anchor, now) {
                Ok(root) => root,
                Err(failure) => {
                    unreadable.get_or_insert(failure);
                    continue;
                }
            };
            let judged = ByRoot {
                verdict: sealwright_sigstore::verify(bundle, artifact, root, expected, now),
                profile: anchor.profile,
            };
            match &judged.verdict.outcome {
                Outcome::Accepted(verified) if anchor.believes(verified.issuer()) => {
                    return Ok(judged);
                }
                Outcome::Undecided(SigstoreError::ArtifactBytesNeeded) => return Ok(judged),
                Outcome::Accepted(_) => {}
                Outcome::Undecided(SigstoreError::TrustNone) => {
                    best.get_or_insert(judged);
                }
                Outcome::Rejected(_) | Outcome::Undecided(_) => match &best {
                    Some(known) if !is_stranger(known) => {}
                    _ => best = Some(judged),
                },
            }
        }
        match (best, unreadable) {
            (Some(best), None) => Ok(best),
            (Some(best), Some(_)) if !is_stranger(&best) => Ok(best),
            (_, Some(failure)) => Err(failure),
            (None, None) => Err(SigstoreError::TrustNone.into()),
        }
    }

    fn root<'a>(&self, anchor: &'a Anchor, now: Timestamp) -> Result<&'a TrustRoot, Failure> {
        if let Some(root) = anchor.root.get() {
            return Ok(root);
        }
        let mut root = match anchor.profile {
            Some(profile) => {
                let (root, warning) = instance::verifying(&self.home, profile, now)?;
                self.warnings.borrow_mut().extend(warning);
                root
            }
            None => TrustRoot::default(),
        };
        self.checks.apply(&mut root);
        Ok(anchor.root.get_or_init(|| root))
    }
}

impl Anchor {
    fn of(profile: Option<Profile>, root: TrustRoot) -> Self {
        Self {
            profile,
            root: OnceCell::from(root),
            issuer: None,
        }
    }

    fn of_instance(profile: Profile) -> Self {
        Self {
            profile: Some(profile),
            root: OnceCell::new(),
            issuer: None,
        }
    }

    /// Whether it may vouch for identities of an issuer. Keys have none.
    fn believes(&self, issuer: Option<&str>) -> bool {
        match (&self.issuer, issuer) {
            (Some(own), Some(issuer)) => own == issuer,
            _ => true,
        }
    }
}

fn is_stranger(judged: &ByRoot) -> bool {
    matches!(
        judged.verdict.outcome,
        Outcome::Undecided(SigstoreError::TrustNone)
    )
}

/// The data directory's root and issuer, if there is one.
fn local(context: &Context<'_>) -> Result<Option<(TrustRoot, String)>, Failure> {
    let sigstore = LocalSigstore::existing(context)?;
    Ok(sigstore.map(|sigstore| (sigstore.trust_root(), sigstore.issuer())))
}
