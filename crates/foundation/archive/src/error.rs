//! What can go wrong with an archive or a layer.

use std::borrow::Cow;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Digest;
use sealwright_core::file_tree::ScanError;

const DIFF_ID_MISMATCH: Code = Code::new("layer.diff-id-mismatch");
const DIGEST_MISMATCH: Code = Code::new("layer.digest-mismatch");
const LIMIT: Code = Code::new("tree.limit");
const MALFORMED: Code = Code::new("tree.malformed");
const UNREADABLE: Code = Code::new("tree.unreadable");

/// Every code of this crate.
pub const CODES: &[Code] = &[
    DIFF_ID_MISMATCH,
    DIGEST_MISMATCH,
    LIMIT,
    MALFORMED,
    UNREADABLE,
];

/// Why a tree could not be read to its end, or is not the one that was named.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The uncompressed layer is not the one that the image configuration names.
    #[error("layer {} unpacks to {}, wanted {} as the image configuration says", .0.layer, .0.found, .0.wanted)]
    DiffIdMismatch(Box<Mismatch>),
    /// The layer's bytes are not the ones that the manifest names.
    #[error("layer {} has the digest {}, wanted {}", .0.layer, .0.found, .0.wanted)]
    DigestMismatch(Box<Mismatch>),
    /// A limit was passed.
    #[error("{path}: {what} is more than the limit of {limit}")]
    Limit {
        /// The entry, or the tree itself.
        path: String,
        /// What was counted.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// The bytes are no archive of the expected kind.
    #[error("{path}: {reason}")]
    Malformed {
        /// The entry, or the tree itself.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Whoever looked at the tree gave up.
    #[error(transparent)]
    Visitor(Box<dyn std::error::Error + Send + Sync>),
    /// Reading failed.
    #[error("{path}: {source}")]
    Unreadable {
        /// The entry, or the tree itself.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// A layer that is another one than the image names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mismatch {
    /// The layer's name.
    pub layer: String,
    /// The digest of its bytes.
    pub found: Digest,
    /// The digest that the image names.
    pub wanted: Digest,
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::DiffIdMismatch(_) => DIFF_ID_MISMATCH,
            Self::DigestMismatch(_) => DIGEST_MISMATCH,
            Self::Limit { .. } => LIMIT,
            Self::Malformed { .. } => MALFORMED,
            Self::Unreadable { .. } | Self::Visitor(_) => UNREADABLE,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::DiffIdMismatch(_) | Self::DigestMismatch(_) => Class::Rejected,
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::DiffIdMismatch(_) => {
                Some("pull or build the image again; it is inconsistent in itself".into())
            }
            Self::DigestMismatch(_) => {
                Some("the stored layer was damaged or replaced; fetch it again".into())
            }
            Self::Malformed { .. } => {
                Some("make the archive again with an ordinary tar or zip program".into())
            }
            _ => None,
        }
    }
}

impl From<ScanError> for Error {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Read { path, source } => Self::Unreadable { path, source },
            ScanError::Limit { path, what, limit } => Self::Limit { path, what, limit },
            ScanError::Malformed { path, reason } => Self::Malformed { path, reason },
            ScanError::Tree(error) | ScanError::Visitor(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(error) => Self::Visitor(error),
            },
            other => Self::Visitor(Box::new(other)),
        }
    }
}

impl From<Error> for ScanError {
    fn from(error: Error) -> Self {
        match error {
            Error::Limit { path, what, limit } => Self::Limit { path, what, limit },
            Error::Malformed { path, reason } => Self::Malformed { path, reason },
            Error::Unreadable { path, source } => Self::Read { path, source },
            Error::Visitor(error) => Self::Visitor(error),
            other => Self::Tree(Box::new(other)),
        }
    }
}

/// Carries a [`ScanError`] through an interface that only knows I/O errors.
pub(crate) fn into_io(error: ScanError) -> std::io::Error {
    std::io::Error::other(error)
}

/// The opposite of [`into_io`]; any other I/O error becomes [`ScanError::Read`].
pub(crate) fn from_io(path: &str, error: std::io::Error) -> ScanError {
    match error.downcast::<ScanError>() {
        Ok(error) => error,
        Err(source) => ScanError::Read {
            path: path.to_owned(),
            source,
        },
    }
}
