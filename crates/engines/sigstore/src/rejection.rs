//! What was judged and found wanting: the evidence says no.

use std::borrow::Cow;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Digest;
use sealwright_core::Timestamp;

use crate::ExtensionName;
use crate::LogId;
use crate::code;

/// Why the answer is no.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The artifact is not the one that was signed.
    #[error("artifact's digest is {found}, wanted {wanted} as the bundle says was signed")]
    ArtifactDigestMismatch {
        /// The artifact's.
        found: Digest,
        /// The bundle's.
        wanted: Digest,
    },
    /// The certificate's chain to a trusted authority does not hold.
    #[error("signing certificate's chain does not hold: {source}")]
    CertChainInvalid {
        /// Where it breaks.
        source: sealwright_crypto::ChainError,
    },
    /// The certificate says something else of the build, or nothing.
    #[error("certificate's {name} is {}, wanted {wanted}", quoted(.found.as_deref()))]
    CertClaimMismatch {
        /// What it says it of.
        name: ExtensionName,
        /// What it says; `None` also when it cannot be read.
        found: Option<String>,
        /// What it should say.
        wanted: String,
    },
    /// The certificate, or one above it, was not valid when it signed.
    #[error(
        "signed at {at}, outside the validity of {whose}, which is {not_before} to {not_after}"
    )]
    CertExpiredAtSigning {
        /// A proven time of signing.
        at: Timestamp,
        /// Which certificate.
        whose: &'static str,
        /// Start of its validity.
        not_before: Timestamp,
        /// End of its validity.
        not_after: Timestamp,
    },
    /// No trusted authority issued the certificate, or none was trusted then.
    #[error("signing certificate was issued by no authority that the trusted root trusts at {at}")]
    CertUntrusted {
        /// A proven time of signing.
        at: Timestamp,
    },
    /// The statement is about something else.
    #[error("statement is about {found}, wanted {}", wanted_digests(.wanted))]
    ClaimSubjectMismatch {
        /// Its subjects, in short.
        found: String,
        /// The artifact's digests.
        wanted: Vec<Digest>,
    },
    /// The checkpoint is not the log's, or not about this tree.
    #[error("checkpoint of log entry {log_index} is not valid: {fault}")]
    LogCheckpointInvalid {
        /// Which entry.
        log_index: u64,
        /// What is wrong.
        fault: CheckpointFault,
    },
    /// The entry records something else than the bundle holds.
    #[error("log entry {log_index} contradicts the bundle: its {part} differs")]
    LogEntryMismatch {
        /// Which entry.
        log_index: u64,
        /// Which part of it.
        part: EntryPart,
    },
    /// The proof does not lead from the entry to the root.
    #[error("inclusion proof of log entry {log_index} does not hold: {source}")]
    LogInclusionInvalid {
        /// Which entry.
        log_index: u64,
        /// Why.
        source: sealwright_tlog::Error,
    },
    /// Fewer logs hold the signature than are wanted.
    #[error("signature is in {found} trusted logs, wanted {wanted}")]
    LogMissing {
        /// How many.
        found: usize,
        /// How many are wanted.
        wanted: usize,
    },
    /// The log's promise is not signed by the log.
    #[error("signed entry timestamp of log entry {log_index} is not the log's")]
    LogSetInvalid {
        /// Which entry.
        log_index: u64,
    },
    /// The log is not trusted, or was not then.
    #[error("log {log_id} of entry {log_index} is not trusted{}", at.map(|at| format!(" at {at}")).unwrap_or_default())]
    LogUntrusted {
        /// Which entry.
        log_index: u64,
        /// Which log.
        log_id: LogId,
        /// When, if the log is known.
        at: Option<Timestamp>,
    },
    /// Fewer trusted witnesses cosigned the checkpoint than are wanted.
    #[error(
        "checkpoint of log entry {log_index} is cosigned by {found} trusted witnesses, wanted {wanted}"
    )]
    LogWitnessMissing {
        /// Which entry.
        log_index: u64,
        /// How many.
        found: usize,
        /// How many are wanted.
        wanted: usize,
    },
    /// The certificate log's promise does not hold.
    #[error("signed certificate timestamp is not valid: {fault}")]
    SctInvalid {
        /// Why.
        fault: SctFault,
    },
    /// Fewer certificate logs promised than are wanted.
    #[error("signing certificate has {found} valid signed certificate timestamps, wanted {wanted}")]
    SctMissing {
        /// How many.
        found: usize,
        /// How many are wanted.
        wanted: usize,
    },
    /// Somebody else signed.
    #[error("certificate identity is {}, wanted {wanted}", quoted(.found.as_deref()))]
    SigIdentityMismatch {
        /// Who, by the certificate.
        found: Option<String>,
        /// Who should have.
        wanted: String,
    },
    /// The signature does not verify.
    #[error("signature does not verify under the {key} of the bundle")]
    SigInvalid {
        /// What it was checked with.
        key: &'static str,
    },
    /// Somebody else vouched for the signer's identity.
    #[error("certificate issuer is {}, wanted {wanted}", quoted(.found.as_deref()))]
    SigIssuerMismatch {
        /// Who, by the certificate.
        found: Option<String>,
        /// Who should have.
        wanted: String,
    },
    /// Another key signed than was expected.
    #[error("bundle was signed with {found}, wanted the given key")]
    SigKeyMismatch {
        /// What it was signed with.
        found: &'static str,
    },
    /// The bundle proves no identity, only that somebody held a key.
    #[error("bundle was signed with a managed key (hint {hint:?}) and proves no identity")]
    SigKeyRequired {
        /// What the bundle says about the key.
        hint: String,
    },
    /// A proven time lies in the future.
    #[error("signed at {at}, which is after now, {now}")]
    TimeInFuture {
        /// The time.
        at: Timestamp,
        /// The time of verifying.
        now: Timestamp,
    },
    /// Fewer trusted sources say when it was signed than are wanted.
    #[error("{found} trusted {sources} say when it was signed, wanted {wanted}")]
    TimeMissing {
        /// What counts: any sources, or timestamp authorities alone.
        sources: &'static str,
        /// How many.
        found: usize,
        /// How many are wanted.
        wanted: usize,
    },
    /// A timestamp does not hold, and without it there are too few.
    #[error("timestamp is not valid: {fault}")]
    TimestampInvalid {
        /// Why.
        fault: TimestampFault,
    },
}

/// Why a checkpoint is not one of the log over this tree.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointFault {
    /// No signature line is by the log's key under the log's name.
    #[error("it has no signature by the log")]
    NoSignature,
    /// It cannot be read.
    #[error("{0}")]
    Malformed(sealwright_tlog::Error),
    /// It is about another tree than the inclusion proof.
    #[error("its size or root is not the inclusion proof's")]
    OtherTree,
    /// A line that names the log's key does not verify.
    #[error("its signature by the log does not verify")]
    Signature,
}

/// A part of a log entry that is compared with the bundle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EntryPart {
    /// The certificate or key.
    Certificate,
    /// The digest of what was signed.
    Digest,
    /// The index.
    Index,
    /// The kind or version.
    Kind,
    /// What the entry says about the key's algorithm.
    KeyDetails,
    /// The signature.
    Signature,
}

impl std::fmt::Display for EntryPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate or key",
            Self::Digest => "digest",
            Self::Index => "index",
            Self::Kind => "kind or version",
            Self::KeyDetails => "key algorithm",
            Self::Signature => "signature",
        })
    }
}

/// Why a signed certificate timestamp does not count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SctFault {
    /// The list cannot be read.
    #[error("{0}")]
    Malformed(sealwright_crypto::Error),
    /// Not signed by the log it names.
    #[error("it is not signed by the log it names")]
    Signature,
    /// The log is not trusted, or was not then.
    #[error("its log {log_id} is not trusted at {at}")]
    Untrusted {
        /// Which log.
        log_id: LogId,
        /// When it says it was made.
        at: Timestamp,
    },
}

/// Why a timestamp does not count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampFault {
    /// It cannot be read.
    #[error("{0}")]
    Malformed(sealwright_crypto::Error),
    /// No trusted authority made it over this signature.
    #[error("{0}")]
    NotVerified(sealwright_crypto::TimestampError),
    /// Its authority was not trusted then.
    #[error("its authority is not trusted at {at}")]
    OutsideTrust {
        /// When it was made.
        at: Timestamp,
    },
    /// The trusted root names no timestamp authority.
    #[error("the trusted root names no timestamp authority")]
    NoAuthority,
}

impl Diagnostic for Rejection {
    fn code(&self) -> Code {
        match self {
            Self::ArtifactDigestMismatch { .. } => code::ARTIFACT_DIGEST_MISMATCH,
            Self::CertChainInvalid { .. } => code::CERT_CHAIN_INVALID,
            Self::CertClaimMismatch { .. } => code::CERT_CLAIM_MISMATCH,
            Self::CertExpiredAtSigning { .. } => code::CERT_EXPIRED_AT_SIGNING,
            Self::CertUntrusted { .. } => code::CERT_UNTRUSTED,
            Self::ClaimSubjectMismatch { .. } => code::CLAIM_SUBJECT_MISMATCH,
            Self::LogCheckpointInvalid { .. } => code::LOG_CHECKPOINT_INVALID,
            Self::LogEntryMismatch { .. } => code::LOG_ENTRY_MISMATCH,
            Self::LogInclusionInvalid { .. } => code::LOG_INCLUSION_INVALID,
            Self::LogMissing { .. } => code::LOG_MISSING,
            Self::LogSetInvalid { .. } => code::LOG_SET_INVALID,
            Self::LogUntrusted { .. } => code::LOG_UNTRUSTED,
            Self::LogWitnessMissing { .. } => code::LOG_WITNESS_MISSING,
            Self::SctInvalid { .. } => code::SCT_INVALID,
            Self::SctMissing { .. } => code::SCT_MISSING,
            Self::SigIdentityMismatch { .. } => code::SIG_IDENTITY_MISMATCH,
            Self::SigInvalid { .. } => code::SIG_INVALID,
            Self::SigIssuerMismatch { .. } => code::SIG_ISSUER_MISMATCH,
            Self::SigKeyMismatch { .. } => code::SIG_KEY_MISMATCH,
            Self::SigKeyRequired { .. } => code::SIG_KEY_REQUIRED,
            Self::TimeInFuture { .. } => code::TIME_IN_FUTURE,
            Self::TimeMissing { .. } => code::TIME_MISSING,
            Self::TimestampInvalid { .. } => code::TIMESTAMP_INVALID,
        }
    }

    fn class(&self) -> Class {
        Class::Rejected
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            Self::ArtifactDigestMismatch { .. } => {
                "the artifact changed after it was signed; get it again, or seal it again if the change is yours"
            }
            Self::ClaimSubjectMismatch { .. } => {
                "the statement belongs to another artifact; look for this artifact's own bundle"
            }
            Self::CertUntrusted { .. } | Self::LogUntrusted { .. } => {
                "if you trust the instance that made it, give its trusted root with --trusted-root"
            }
            Self::SigIdentityMismatch { .. } => {
                "if you trust that identity, name it with --identity"
            }
            Self::SigIssuerMismatch { .. } => "if you trust that issuer, name it with --issuer",
            Self::SigKeyRequired { .. } => {
                "get the public key from whoever signed, and verify by it instead of by identity"
            }
            _ => return None,
        }))
    }
}

fn quoted(text: Option<&str>) -> String {
    text.map_or_else(|| "absent".to_owned(), |text| format!("{text:?}"))
}

fn wanted_digests(digests: &[Digest]) -> String {
    let all: Vec<String> = digests.iter().map(ToString::to_string).collect();
    all.join(" or ")
}
