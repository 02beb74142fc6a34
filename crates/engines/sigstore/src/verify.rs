//! Verifying a bundle: one pure function.
//!
//! Source: Sigstore client specification, section 4, in its order: time sources, the certificate
//! chain at each time, signed certificate timestamps, identity, log inclusion, the entry against
//! the bundle, the signature, the claim. Two steps are finer than there: the artifact's digest is
//! compared with the one the bundle names before the entry is, so that a changed artifact is called
//! that; and evidence of an instance the trusted root knows nothing about is undecided before
//! anything is judged, since what is missing then is trust and not truth.
//!
//! Extra evidence that does not hold is not counted, and what remains must meet the profile's
//! thresholds. Evidence that holds and contradicts the bundle is fatal.

mod chain;
mod check;
mod claim;
mod entries;
mod identity;
mod log;
mod signature;
mod time;
mod verdict;

use sealwright_core::Identity;
use sealwright_core::Timestamp;
use sealwright_crypto::FulcioExtensions;
use sealwright_crypto::PublicKey;

use crate::Artifact;
use crate::Bundle;
use crate::Error;
use crate::Expected;
use crate::LogCheck;
use crate::LogId;
use crate::Rejection;
use crate::SctCheck;
use crate::TrustRoot;
use crate::VerificationMaterial;

use self::check::Trace;
use self::entries::Recorded;
use self::signature::SignedBytes;

pub use self::check::Check;
pub use self::check::CheckName;
pub use self::check::CheckOutcome;
pub use self::claim::Claim;
pub use self::time::TimeSource;
pub use self::time::VerifiedTime;
pub use self::verdict::Outcome;
pub use self::verdict::Verdict;

/// Judges whether `bundle` proves that whoever is `expected` signed `artifact`, by what
/// `trust_root` trusts, as of `now`.
///
/// `now` only tells times of signing that lie in the future; certificates are judged as of the
/// proven times of signing. If the profile wants no such time, they are judged as of `now`.
pub fn verify(
    bundle: &Bundle,
    artifact: &Artifact<'_>,
    trust_root: &TrustRoot,
    expected: &Expected,
    now: Timestamp,
) -> Verdict<Verified<Claim>> {
    let mut trace = Trace::default();
    let judged = judge(bundle, artifact, trust_root, expected, now, &mut trace);
    Verdict {
        outcome: match judged {
            Ok(verified) => Outcome::Accepted(Box::new(verified)),
            Err(Stop::Rejected(rejection)) => Outcome::Rejected(*rejection),
            Err(Stop::Undecided(error)) => Outcome::Undecided(error),
        },
        trace: trace.into_checks(),
    }
}

/// Something a bundle proved. Only [`verify()`] makes one.
#[derive(Clone, Debug)]
pub struct Verified<T> {
    claim: T,
    signer: Signer,
    times: Vec<VerifiedTime>,
    log_entries: Vec<LoggedAt>,
    weakenings: Vec<Weakening>,
}

/// A check that was left out because somebody said so.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Weakening {
    /// No log entry was looked at.
    LogsIgnored,
    /// No promise of a certificate log was looked at.
    SctsIgnored,
}

impl Weakening {
    /// The name as JSON output spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LogsIgnored => "logs-ignored",
            Self::SctsIgnored => "scts-ignored",
        }
    }
}

/// Who signed.
#[derive(Clone, Debug)]
pub enum Signer {
    /// Whoever an issuer of identities says it was.
    Identity {
        /// The certificate's subject alternative name.
        identity: Identity,
        /// The issuer of the identity token; empty when the certificate names none, as was expected
        /// then.
        issuer: String,
        /// Everything the certificate says of the build.
        extensions: Box<FulcioExtensions>,
    },
    /// The holder of the key that was given as expected.
    Key(PublicKey),
}

/// Where a log holds the signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoggedAt {
    /// The index in the log.
    pub log_index: u64,
    /// Which log.
    pub log_id: LogId,
    /// Where it answers.
    pub base_url: String,
    /// The trusted witnesses that cosigned the checkpoint, by name.
    pub witnesses: Vec<String>,
}

impl<T> Verified<T> {
    /// What was proved.
    pub const fn claim(&self) -> &T {
        &self.claim
    }

    /// What was proved, by value.
    pub fn into_claim(self) -> T {
        self.claim
    }

    /// Who signed.
    pub const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The identity, unless a managed key signed.
    pub const fn identity(&self) -> Option<&Identity> {
        match &self.signer {
            Signer::Identity { identity, .. } => Some(identity),
            Signer::Key(_) => None,
        }
    }

    /// The issuer of the identity, unless a managed key signed.
    pub fn issuer(&self) -> Option<&str> {
        match &self.signer {
            Signer::Identity { issuer, .. } => Some(issuer),
            Signer::Key(_) => None,
        }
    }

    /// What the certificate says of the build, unless a managed key signed.
    pub fn extensions(&self) -> Option<&FulcioExtensions> {
        match &self.signer {
            Signer::Identity { extensions, .. } => Some(extensions),
            Signer::Key(_) => None,
        }
    }

    /// The proven times of signing.
    pub fn times(&self) -> &[VerifiedTime] {
        &self.times
    }

    /// The checks that were left out because somebody said so.
    pub fn weakenings(&self) -> &[Weakening] {
        &self.weakenings
    }

    /// The logs that hold the signature.
    pub fn log_entries(&self) -> &[LoggedAt] {
        &self.log_entries
    }
}

/// Why judging ended early.
enum Stop {
    Rejected(Box<Rejection>),
    Undecided(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Undecided(error)
    }
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(Box::new(rejection))
    }
}

impl From<Box<Rejection>> for Stop {
    fn from(rejection: Box<Rejection>) -> Self {
        Self::Rejected(rejection)
    }
}

fn judge(
    bundle: &Bundle,
    artifact: &Artifact<'_>,
    root: &TrustRoot,
    expected: &Expected,
    now: Timestamp,
    trace: &mut Trace,
) -> Result<Verified<Claim>, Stop> {
    // Bundles that were read keep these rules already; this is for those put together by hand.
    if let Err(fault) = bundle.check() {
        return trace.stop(CheckName::Format, Error::from(fault));
    }
    if !chain::knows_instance(bundle, root) {
        return trace.stop(CheckName::TrustRoot, Error::TrustNone);
    }
    let entries = match root.profile.logs {
        LogCheck::Verify => log::look_up(bundle, root),
        LogCheck::IgnoreUnsafe => Vec::new(),
    };
    let (signer, key, times) = match (&bundle.material, expected) {
        (VerificationMaterial::PublicKey { .. }, Expected::Key(key)) => {
            let times = trace.run(CheckName::SigningTime, || {
                time::collect(bundle, root, &entries, now)
            })?;
            trace.skipped(CheckName::CertificateChain, "a managed key signed");
            trace.skipped(
                CheckName::SignedCertificateTimestamp,
                "a managed key signed",
            );
            trace.skipped(CheckName::Identity, "a managed key signed");
            (Signer::Key(key.clone()), key, times)
        }
        (VerificationMaterial::PublicKey { hint }, Expected::Identity { .. }) => {
            let hint = hint.clone();
            return trace.stop(CheckName::Identity, Rejection::SigKeyRequired { hint });
        }
        (
            VerificationMaterial::Certificate(leaf) | VerificationMaterial::Chain { leaf, .. },
            Expected::Identity {
                identity,
                issuer,
                claims,
            },
        ) => {
            let times = trace.run(CheckName::SigningTime, || {
                time::collect(bundle, root, &entries, now)
            })?;
            let path = trace.run(CheckName::CertificateChain, || {
                chain::verify(leaf, bundle.material.intermediates(), root, &times, now)
            })?;
            trace.run(CheckName::SignedCertificateTimestamp, || {
                chain::verify_scts(leaf, &path, root)
            })?;
            let signer = identity::check(leaf, identity, issuer, claims, trace)?;
            (signer, leaf.public_key(), times)
        }
        (
            VerificationMaterial::Certificate(_) | VerificationMaterial::Chain { .. },
            Expected::Key(_),
        ) => {
            let found = "a certificate of another key";
            return trace.stop(CheckName::Identity, Rejection::SigKeyMismatch { found });
        }
    };
    let logged = match root.profile.logs {
        LogCheck::Verify => trace.run(CheckName::LogInclusion, || {
            log::verify(&entries, root, &times, now)
        })?,
        LogCheck::IgnoreUnsafe => {
            trace.skipped(CheckName::LogInclusion, LOGS_IGNORED);
            Vec::new()
        }
    };
    let mut signed = SignedBytes::new(bundle, artifact);
    signed.check_artifact(bundle, &logged, key, trace)?;
    let recorded = match root.profile.logs {
        LogCheck::Verify => trace.run(CheckName::LogEntry, || {
            entries::compare(bundle, expected, &logged, root, &mut signed)
        })?,
        LogCheck::IgnoreUnsafe => {
            trace.skipped(CheckName::LogEntry, LOGS_IGNORED);
            Recorded::default()
        }
    };
    trace.run(CheckName::Signature, || {
        signature::verify(bundle, key, &recorded, &mut signed)
    })?;
    let claim = trace.run(CheckName::Claim, || {
        claim::check(bundle, artifact, &mut signed)
    })?;
    Ok(Verified {
        claim,
        signer,
        times,
        log_entries: recorded.places,
        weakenings: weakenings(bundle, root),
    })
}

fn weakenings(bundle: &Bundle, root: &TrustRoot) -> Vec<Weakening> {
    let mut found = Vec::new();
    if root.profile.logs == LogCheck::IgnoreUnsafe {
        found.push(Weakening::LogsIgnored);
    }
    if root.profile.scts == SctCheck::IgnoreUnsafe && bundle.certificate().is_some() {
        found.push(Weakening::SctsIgnored);
    }
    found
}

const LOGS_IGNORED: &str = "log entries are ignored, as somebody said: this is insecure";
