//! Why an update ends without what was wanted.

use std::borrow::Cow;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Digest;
use sealwright_core::Timestamp;

use crate::RoleName;

const BAD_SIGNATURE_THRESHOLD: Code = Code::new("tuf.bad-signature-threshold");
const EXPIRED: Code = Code::new("tuf.expired");
const HASH_MISMATCH: Code = Code::new("tuf.hash-mismatch");
const LENGTH_EXCEEDED: Code = Code::new("tuf.length-exceeded");
const LENGTH_MISMATCH: Code = Code::new("tuf.length-mismatch");
const MALFORMED: Code = Code::new("tuf.malformed");
const MISSING_METADATA: Code = Code::new("tuf.missing-metadata");
const MISSING_TARGET: Code = Code::new("tuf.missing-target");
const NOT_IN_SNAPSHOT: Code = Code::new("tuf.not-in-snapshot");
const OUT_OF_ORDER: Code = Code::new("tuf.out-of-order");
const ROLE_REMOVED: Code = Code::new("tuf.role-removed");
const ROLLBACK: Code = Code::new("tuf.rollback");
const TOO_MANY_DELEGATIONS: Code = Code::new("tuf.too-many-delegations");
const TOO_MANY_ROOTS: Code = Code::new("tuf.too-many-roots");
const UNKNOWN_HASH: Code = Code::new("tuf.unknown-hash");
const UNSUPPORTED_KEY: Code = Code::new("tuf.unsupported-key");
const UNSUPPORTED_VERSION: Code = Code::new("tuf.unsupported-version");
const WRONG_TYPE: Code = Code::new("tuf.wrong-type");
const WRONG_VERSION: Code = Code::new("tuf.wrong-version");

/// All codes of this crate.
pub const CODES: &[Code] = &[
    BAD_SIGNATURE_THRESHOLD,
    EXPIRED,
    HASH_MISMATCH,
    LENGTH_EXCEEDED,
    LENGTH_MISMATCH,
    MALFORMED,
    MISSING_METADATA,
    MISSING_TARGET,
    NOT_IN_SNAPSHOT,
    OUT_OF_ORDER,
    ROLE_REMOVED,
    ROLLBACK,
    TOO_MANY_DELEGATIONS,
    TOO_MANY_ROOTS,
    UNKNOWN_HASH,
    UNSUPPORTED_KEY,
    UNSUPPORTED_VERSION,
    WRONG_TYPE,
    WRONG_VERSION,
];

/// What was wrong with a repository, or with what it said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Metadata is past its time: perhaps somebody withholds newer (sections 5.3.10, 5.4.4, 5.5.6,
    /// 5.6.5).
    #[error("metadata of role {role} expired at {expires}, wanted it valid at {now}")]
    Expired {
        /// The role.
        role: RoleName,
        /// When it expired.
        expires: Timestamp,
        /// When the update began.
        now: Timestamp,
    },
    /// A field is missing or of another form than the specification gives it.
    #[error("metadata of role {role} has at {field} something other than {wanted}")]
    Field {
        /// The role.
        role: RoleName,
        /// Path of the field.
        field: String,
        /// What stands there in good metadata.
        wanted: &'static str,
    },
    /// A file is not the one its listing speaks of.
    #[error("{file} has digest {found}, wanted {wanted}")]
    HashMismatch {
        /// The file.
        file: String,
        /// Digest of what came.
        found: Box<Digest>,
        /// Digest in the metadata.
        wanted: Box<Digest>,
    },
    /// Not JSON, or JSON that repeats a key or nests too deeply.
    #[error("metadata of role {role} is not valid JSON: {source}")]
    Json {
        /// The role.
        role: RoleName,
        /// Why not.
        source: serde_json::Error,
    },
    /// More bytes than may be read.
    #[error("{file} has {found} bytes or more, wanted at most {limit}")]
    LengthExceeded {
        /// The file.
        file: String,
        /// As many bytes came.
        found: u64,
        /// As many were allowed.
        limit: u64,
    },
    /// Another number of bytes than the metadata lists.
    #[error("{file} has {found} bytes, wanted {wanted}")]
    LengthMismatch {
        /// The file.
        file: String,
        /// As many bytes came.
        found: u64,
        /// As many are listed.
        wanted: u64,
    },
    /// The repository does not have a file that its metadata speaks of.
    #[error("repository has no {file}")]
    MissingMetadata {
        /// The file.
        file: String,
    },
    /// No role that may vouch for the target does.
    #[error("repository has no target {path:?}")]
    MissingTarget {
        /// The target.
        path: String,
    },
    /// A number that the signed form cannot hold.
    #[error("metadata of role {role} cannot be put in canonical form: {source}")]
    NotCanonical {
        /// The role.
        role: RoleName,
        /// Why not.
        source: crate::canonical_json::NotCanonical,
    },
    /// A role is delegated to, but the snapshot does not list it.
    #[error("snapshot does not list role {role}")]
    NotInSnapshot {
        /// The role.
        role: RoleName,
    },
    /// The machine was driven in a way it does not go.
    #[error("update was given {found}, wanted {wanted}")]
    OutOfOrder {
        /// What came.
        found: &'static str,
        /// What was its turn.
        wanted: &'static str,
    },
    /// A role that the trusted snapshot lists is gone from the new one (section 5.5.5).
    #[error("snapshot no longer lists {file}")]
    RoleRemoved {
        /// The role's file.
        file: String,
    },
    /// A version below one that was seen before (sections 5.4.3, 5.5.5).
    #[error("{file} is at version {found}, wanted {trusted} or later")]
    Rollback {
        /// The file.
        file: String,
        /// The version offered.
        found: u64,
        /// The version seen before.
        trusted: u64,
    },
    /// A signature could not be made.
    #[error("metadata of role {role} cannot be signed: {source}")]
    Sign {
        /// The role.
        role: RoleName,
        /// Why not.
        source: sealwright_crypto::Error,
    },
    /// Too few of the role's keys signed.
    #[error(
        "metadata of role {role} is signed by {found} of the keys that {delegator} gives it, wanted {wanted}"
    )]
    Threshold {
        /// The role.
        role: RoleName,
        /// Who says which keys.
        delegator: String,
        /// Distinct keys with a good signature.
        found: usize,
        /// The threshold.
        wanted: u64,
    },
    /// The search for a target went through more roles than allowed.
    #[error("target {path:?} is not among the first {limit} roles")]
    TooManyDelegations {
        /// The target.
        path: String,
        /// The limit.
        limit: usize,
    },
    /// More new roots than one update takes.
    #[error("repository has more than {limit} new roots")]
    TooManyRoots {
        /// The limit.
        limit: u64,
    },
    /// None of the listed hashes is of an algorithm that is known here.
    #[error(
        "{file} is listed without a hash of a known algorithm, wanted sha256, sha384 or sha512"
    )]
    UnknownHash {
        /// The file.
        file: String,
    },
    /// A key of a kind that no client is sure to know.
    #[error("key is {kind}, wanted ECDSA P-256 or P-384, or Ed25519")]
    UnsupportedKey {
        /// What it is.
        kind: &'static str,
    },
    /// A major version of the specification other than 1.
    #[error("metadata of role {role} follows version {found:?} of the specification, wanted 1")]
    UnsupportedVersion {
        /// The role.
        role: RoleName,
        /// The version as it stands.
        found: String,
    },
    /// Well signed perhaps, but metadata of another kind of role.
    #[error("metadata of role {role} has type {found:?}, wanted {wanted:?}")]
    WrongType {
        /// The role.
        role: RoleName,
        /// The type as it stands.
        found: String,
        /// The type of such a role.
        wanted: &'static str,
    },
    /// Not the version that was asked for.
    #[error("metadata of role {role} is version {found}, wanted {wanted}")]
    WrongVersion {
        /// The role.
        role: RoleName,
        /// The version as it stands.
        found: u64,
        /// The version that is listed, or the next one of a root.
        wanted: u64,
    },
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Expired { .. } => EXPIRED,
            Self::Field { .. } | Self::Json { .. } | Self::NotCanonical { .. } => MALFORMED,
            Self::HashMismatch { .. } => HASH_MISMATCH,
            Self::LengthExceeded { .. } => LENGTH_EXCEEDED,
            Self::LengthMismatch { .. } => LENGTH_MISMATCH,
            Self::MissingMetadata { .. } => MISSING_METADATA,
            Self::MissingTarget { .. } => MISSING_TARGET,
            Self::NotInSnapshot { .. } => NOT_IN_SNAPSHOT,
            Self::OutOfOrder { .. } => OUT_OF_ORDER,
            Self::RoleRemoved { .. } => ROLE_REMOVED,
            Self::Rollback { .. } => ROLLBACK,
            Self::Sign { source, .. } => source.code(),
            Self::Threshold { .. } => BAD_SIGNATURE_THRESHOLD,
            Self::TooManyDelegations { .. } => TOO_MANY_DELEGATIONS,
            Self::TooManyRoots { .. } => TOO_MANY_ROOTS,
            Self::UnknownHash { .. } => UNKNOWN_HASH,
            Self::UnsupportedKey { .. } => UNSUPPORTED_KEY,
            Self::UnsupportedVersion { .. } => UNSUPPORTED_VERSION,
            Self::WrongType { .. } => WRONG_TYPE,
            Self::WrongVersion { .. } => WRONG_VERSION,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::OutOfOrder { .. } => Class::Bug,
            Self::Sign { source, .. } => source.class(),
            Self::UnsupportedKey { .. } => Class::Usage,
            Self::Field { .. }
            | Self::Json { .. }
            | Self::MissingMetadata { .. }
            | Self::NotCanonical { .. }
            | Self::TooManyDelegations { .. }
            | Self::TooManyRoots { .. }
            | Self::UnknownHash { .. }
            | Self::UnsupportedVersion { .. } => Class::Undecided,
            _ => Class::Rejected,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        let help = match self {
            Self::Expired { .. } => {
                "check this machine's clock; if it is right, the repository, or somebody between, \
                 does not serve newer metadata"
            }
            Self::Threshold { role, .. } if *role == RoleName::root() => {
                "make sure that the trusted root belongs to this repository"
            }
            Self::TooManyRoots { .. } => "run the update again: the roots read so far are kept",
            _ => return None,
        };
        Some(Cow::Borrowed(help))
    }
}
