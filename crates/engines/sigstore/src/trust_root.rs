//! Trusted roots: the authorities, logs and timestamp authorities that may vouch, and when.
//!
//! Source: sigstore protobuf-specs, `sigstore_trustroot.proto`, media types 0.1 and 0.2. Validity is
//! closed at both ends. A log without the start of its validity is refused; names of algorithms this
//! program does not know make the root unusable instead of being passed over, as what they name
//! might be the only thing that says no.

mod wire;

#[cfg(test)]
mod tests;

use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_crypto::Certificate;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;

use crate::Error;
use crate::LogId;
use crate::Witness;
use crate::algorithm::HashAlgorithm;
use crate::algorithm::KeyDetails;
use crate::error::TrustFault;

pub(crate) use self::wire::TrustedRoot as WireTrustedRoot;

/// Everything that may vouch for a bundle.
#[derive(Clone, Debug, Default)]
pub struct TrustRoot {
    /// Logs of signatures.
    pub logs: Vec<TransparencyLog>,
    /// Authorities that issue signing certificates.
    pub certificate_authorities: Vec<Authority>,
    /// Logs of certificates.
    pub ct_logs: Vec<TransparencyLog>,
    /// Authorities that issue timestamps.
    pub timestamp_authorities: Vec<Authority>,
    /// Who may vouch for what logs say. Not part of the file's format.
    pub witnesses: Vec<Witness>,
    /// How much of which evidence is wanted.
    pub profile: TrustProfile,
}

/// How much evidence of each kind a bundle must have. Part of the trust given, never inferred from
/// what a bundle or a trusted root happens to hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TrustProfile {
    /// How many logs must hold the signature.
    pub log_threshold: usize,
    /// How many trusted witnesses must have cosigned the checkpoint of an entry for it to count.
    pub witness_threshold: usize,
    /// How many sources must say when a certificate signed: timestamp authorities, and Rekor v1
    /// logs by their signed entry timestamps. Signatures by a managed key need no time.
    pub timestamp_threshold: usize,
    /// How many of these sources must be timestamp authorities.
    pub timestamp_authority_threshold: usize,
    /// How many logs must have promised to hold a signing certificate.
    pub sct_threshold: usize,
    /// Whether log entries are looked at.
    pub logs: LogCheck,
    /// Whether the promises of certificate logs are looked at.
    pub scts: SctCheck,
}

/// Whether log entries are looked at.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum LogCheck {
    /// All of them: they count, and contradictions are fatal.
    #[default]
    Verify,
    /// None of them, as [`TrustProfile::ignoring_logs_unsafe`] says.
    IgnoreUnsafe,
}

/// Whether the promises of certificate logs, in signing certificates, are looked at.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SctCheck {
    /// As many as the profile wants must hold.
    #[default]
    Verify,
    /// None of them, as [`TrustProfile::ignoring_scts_unsafe`] says.
    IgnoreUnsafe,
}

impl TrustProfile {
    /// One of each, whoever gives the time.
    pub const DEFAULT: Self = Self {
        log_threshold: 1,
        witness_threshold: 0,
        timestamp_threshold: 1,
        timestamp_authority_threshold: 0,
        sct_threshold: 1,
        logs: LogCheck::Verify,
        scts: SctCheck::Verify,
    };

    /// The public-good instance: one log, one source of time and one certificate log.
    pub const PUBLIC_GOOD: Self = Self::DEFAULT;

    /// GitHub's instance for private repositories: one timestamp authority. It has no logs.
    pub const GITHUB: Self = Self {
        log_threshold: 0,
        witness_threshold: 0,
        timestamp_threshold: 1,
        timestamp_authority_threshold: 1,
        sct_threshold: 0,
        logs: LogCheck::Verify,
        scts: SctCheck::Verify,
    };

    /// The same, without looking at log entries.
    ///
    /// WARNING: a signature that no log holds cannot be noticed by those who watch the log for
    /// their identity or key being used. Whatever is accepted so says that it was. Times that a log
    /// promised do not count either, as the entry is what binds them to the signature.
    #[must_use]
    pub const fn ignoring_logs_unsafe(mut self) -> Self {
        self.logs = LogCheck::IgnoreUnsafe;
        self
    }

    /// The same, without looking at the promises of certificate logs.
    ///
    /// WARNING: a certificate that no log holds cannot be noticed by those who watch the logs for
    /// certificates of their identity. Whatever is accepted so says that it was.
    #[must_use]
    pub const fn ignoring_scts_unsafe(mut self) -> Self {
        self.scts = SctCheck::IgnoreUnsafe;
        self
    }

    /// The same, and a timestamp authority must say when a certificate signed.
    #[must_use]
    pub const fn requiring_timestamp_authority(mut self) -> Self {
        if self.timestamp_authority_threshold == 0 {
            self.timestamp_authority_threshold = 1;
        }
        self
    }
}

impl Default for TrustProfile {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A transparency log, of signatures or of certificates.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TransparencyLog {
    /// Where it answers.
    pub base_url: String,
    /// How it hashes its tree.
    pub hash_algorithm: HashAlgorithm,
    /// Its key.
    pub key: LogKey,
    /// When its key may sign.
    pub valid_for: Validity,
    /// How entries and timestamps name it.
    pub log_id: LogId,
    /// Who runs it.
    pub operator: String,
}

impl TransparencyLog {
    /// A log that takes part from `start` on, its id being the SHA-256 of its key: Rekor v1 and
    /// certificate logs.
    pub fn new(base_url: impl Into<String>, key: PublicKey, start: Timestamp) -> Self {
        let log_id = LogId(key.key_id());
        Self::with_id(base_url, key, log_id, start)
    }

    /// A log that takes part from `start` on, under an id of its own: Rekor v2.
    pub fn with_id(
        base_url: impl Into<String>,
        key: PublicKey,
        log_id: LogId,
        start: Timestamp,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            hash_algorithm: HashAlgorithm::Sha2_256,
            key: LogKey::new(key),
            valid_for: Validity::since(start),
            log_id,
            operator: String::new(),
        }
    }
}

impl TransparencyLog {
    /// A log whose id follows from its key, and where `origin` gives the name that its checkpoints
    /// bear, from both, as the key ids of signed notes do: that of Rekor v2.
    pub fn from_parts(
        base_url: impl Into<String>,
        key: PublicKey,
        origin: Option<&str>,
        valid_for: Validity,
    ) -> Self {
        let raw: Option<[u8; 32]> = key.raw().try_into().ok();
        let id = match (origin, key.kind(), raw) {
            (Some(origin), KeyKind::Ed25519, Some(raw)) => {
                sealwright_tlog::ed25519_key_id(origin, &raw)
            }
            (Some(origin), KeyKind::Rsa, _) => sealwright_tlog::rsa_key_id(origin, key.der()),
            _ => key.key_id(),
        };
        Self {
            valid_for,
            ..Self::with_id(base_url, key, LogId(id), Timestamp::EPOCH)
        }
    }
}

/// The key of a log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogKey {
    details: KeyDetails,
    raw: Vec<u8>,
    key: Option<PublicKey>,
}

impl LogKey {
    /// A key under its default scheme.
    pub fn new(key: PublicKey) -> Self {
        Self {
            details: KeyDetails::of_key(&key),
            raw: key.der().to_vec(),
            key: Some(key),
        }
    }

    /// The key, unless it is of a kind this program knows by name only.
    pub const fn public_key(&self) -> Option<&PublicKey> {
        self.key.as_ref()
    }

    /// What it is and how it signs.
    pub const fn details(&self) -> KeyDetails {
        self.details
    }
}

/// A certificate authority or timestamp authority.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authority {
    /// Whose it is.
    pub organization: String,
    /// Its name.
    pub common_name: String,
    /// Where it answers.
    pub uri: String,
    /// Its certificates, root last. For a timestamp authority the first may be the one that signs.
    pub chain: Vec<Certificate>,
    /// When it may issue.
    pub valid_for: Validity,
    /// Who runs it.
    pub operator: String,
}

impl Authority {
    /// An authority that takes part from `start` on.
    pub fn new(
        organization: impl Into<String>,
        common_name: impl Into<String>,
        uri: impl Into<String>,
        chain: Vec<Certificate>,
        start: Timestamp,
    ) -> Self {
        Self {
            organization: organization.into(),
            common_name: common_name.into(),
            uri: uri.into(),
            chain,
            valid_for: Validity::since(start),
            operator: String::new(),
        }
    }
}

/// A span of time; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Validity {
    /// The first moment; for an authority it may be left to its certificates.
    pub start: Option<Timestamp>,
    /// The last moment, if there is one.
    pub end: Option<Timestamp>,
}

impl Validity {
    /// From a moment on.
    pub const fn since(start: Timestamp) -> Self {
        Self {
            start: Some(start),
            end: None,
        }
    }

    /// Whether a moment lies within.
    pub fn contains(&self, time: Timestamp) -> bool {
        self.start.is_none_or(|start| start <= time) && self.end.is_none_or(|end| time <= end)
    }
}

impl TrustRoot {
    /// A root without anything in it: a starting point for an authority.
    pub fn new(profile: TrustProfile) -> Self {
        Self {
            profile,
            ..Self::default()
        }
    }

    /// Reads a trusted root, under [`TrustProfile::DEFAULT`].
    ///
    /// # Errors
    /// `trust.malformed`; `trust.unsupported` for a version or algorithm that is not known.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        if json.len() > MAX_BYTES {
            return Err(TrustFault::TooMany {
                what: "bytes",
                found: json.len(),
                limit: MAX_BYTES,
            }
            .into());
        }
        let wire: wire::TrustedRoot =
            canonical_json::from_slice(json).map_err(|source| Error::TrustJson { source })?;
        wire.into_trust_root()
    }

    /// Writes it as media type 0.1, which every client reads. The profile has no place in it.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&wire::TrustedRoot::from_trust_root(self)).unwrap_or_default()
    }

    /// The same trust under another profile.
    #[must_use]
    pub const fn with_profile(mut self, profile: TrustProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Whether it trusts nobody at all.
    pub const fn is_empty(&self) -> bool {
        self.logs.is_empty()
            && self.certificate_authorities.is_empty()
            && self.ct_logs.is_empty()
            && self.timestamp_authorities.is_empty()
    }

    /// The log of signatures with this id.
    pub(crate) fn log(&self, id: &LogId) -> Option<&TransparencyLog> {
        self.logs.iter().find(|log| log.log_id == *id)
    }
}

const MAX_BYTES: usize = 16 << 20;
