//! What is checked more or less than a root's own thresholds say.

use sealwright_sigstore::LogCheck;
use sealwright_sigstore::SctCheck;
use sealwright_sigstore::TrustRoot;

/// What is checked more or less than a root's own thresholds say.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Checks {
    /// Whether log entries are looked at.
    pub logs: LogCheck,
    /// Whether the promises of certificate logs are looked at.
    pub scts: SctCheck,
    /// Whether a timestamp authority must say when it was signed.
    pub timestamps: TimestampCheck,
}

/// Whether a timestamp authority must say when it was signed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TimestampCheck {
    /// As the root's thresholds want it.
    #[default]
    AsTrusted,
    /// One must, of whatever a certificate signed.
    Require,
}

impl Checks {
    pub(super) const fn apply(self, root: &mut TrustRoot) {
        if matches!(self.logs, LogCheck::IgnoreUnsafe) {
            root.profile = root.profile.ignoring_logs_unsafe();
        }
        if matches!(self.scts, SctCheck::IgnoreUnsafe) {
            root.profile = root.profile.ignoring_scts_unsafe();
        }
        if matches!(self.timestamps, TimestampCheck::Require) {
            root.profile = root.profile.requiring_timestamp_authority();
        }
    }
}
