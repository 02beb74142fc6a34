//! The trace: what was checked, in order, and how it came out.

use super::Stop;

/// One check and its outcome.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// What was checked.
    pub name: CheckName,
    /// How it came out.
    pub outcome: CheckOutcome,
    /// What was found. May hold untrusted text: escape it before showing it on a terminal.
    pub detail: String,
}

/// What is checked, in the order of checking.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CheckName {
    /// Whether the bundle keeps the rules of its version; listed only when not.
    Format,
    /// Whether the trusted root knows the instance that made the bundle; listed only when not.
    TrustRoot,
    /// Trusted sources say when it was signed.
    SigningTime,
    /// The certificate chains to a trusted authority, at each of those times.
    CertificateChain,
    /// Trusted logs promised to hold the certificate.
    SignedCertificateTimestamp,
    /// The certificate names the expected identity; or the expected key signed.
    Identity,
    /// The certificate names the expected issuer of identities.
    Issuer,
    /// The certificate says of the build what was required; listed only if something was.
    CertificateClaims,
    /// Trusted logs hold the signature.
    LogInclusion,
    /// The artifact has the digest the bundle says was signed.
    ArtifactDigest,
    /// The log entries record this digest, this signature and this certificate or key.
    LogEntry,
    /// The signature verifies.
    Signature,
    /// The signed claim is about the artifact.
    Claim,
}

impl CheckName {
    /// The name as JSON output spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::TrustRoot => "trust-root",
            Self::SigningTime => "signing-time",
            Self::CertificateChain => "certificate-chain",
            Self::SignedCertificateTimestamp => "signed-certificate-timestamp",
            Self::Identity => "identity",
            Self::Issuer => "issuer",
            Self::CertificateClaims => "certificate-claims",
            Self::LogInclusion => "log-inclusion",
            Self::ArtifactDigest => "artifact-digest",
            Self::LogEntry => "log-entry",
            Self::Signature => "signature",
            Self::Claim => "claim",
        }
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CheckOutcome {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// It does not apply, or the trust profile does not ask for it.
    Skipped,
    /// It could not be decided.
    Undecided,
}

impl CheckOutcome {
    /// The outcome as JSON output spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Undecided => "undecided",
        }
    }
}

/// A value found by a check that passed, with what to say about it.
pub(super) struct Passed<T> {
    pub(super) value: T,
    pub(super) outcome: CheckOutcome,
    pub(super) detail: String,
}

impl<T> Passed<T> {
    pub(super) fn new(value: T, detail: impl Into<String>) -> Self {
        Self {
            value,
            outcome: CheckOutcome::Passed,
            detail: detail.into(),
        }
    }

    pub(super) fn skipped(value: T, detail: impl Into<String>) -> Self {
        Self {
            value,
            outcome: CheckOutcome::Skipped,
            detail: detail.into(),
        }
    }
}

/// Collects checks as they are made.
#[derive(Default)]
pub(super) struct Trace {
    checks: Vec<Check>,
}

impl Trace {
    /// Makes a check and notes how it came out.
    pub(super) fn run<T>(
        &mut self,
        name: CheckName,
        check: impl FnOnce() -> Result<Passed<T>, Stop>,
    ) -> Result<T, Stop> {
        match check() {
            Ok(passed) => {
                self.note(name, passed.outcome, passed.detail);
                Ok(passed.value)
            }
            Err(stop) => self.stop(name, stop),
        }
    }

    /// Notes a check that does not apply.
    pub(super) fn skipped(&mut self, name: CheckName, why: &str) {
        self.note(name, CheckOutcome::Skipped, why.to_owned());
    }

    /// Notes a check that ends everything.
    pub(super) fn stop<T>(&mut self, name: CheckName, stop: impl Into<Stop>) -> Result<T, Stop> {
        let stop = stop.into();
        match &stop {
            Stop::Rejected(rejection) => {
                self.note(name, CheckOutcome::Failed, rejection.to_string());
            }
            Stop::Undecided(error) => self.note(name, CheckOutcome::Undecided, error.to_string()),
        }
        Err(stop)
    }

    pub(super) fn into_checks(self) -> Vec<Check> {
        self.checks
    }

    fn note(&mut self, name: CheckName, outcome: CheckOutcome, detail: String) {
        self.checks.push(Check {
            name,
            outcome,
            detail,
        });
    }
}
