//! What can go wrong before anything is judged: malformed, unsupported or oversized input.

use std::borrow::Cow;
use std::fmt;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

/// A structure this crate reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Structure {
    /// An X.509 certificate.
    Certificate,
    /// A PKCS#8 private key.
    PrivateKey,
    /// A SubjectPublicKeyInfo.
    PublicKey,
    /// A list of signed certificate timestamps.
    SignedCertificateTimestamps,
    /// An RFC 3161 request.
    TimestampRequest,
    /// An RFC 3161 response or the token inside it.
    TimestampResponse,
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate",
            Self::PrivateKey => "private key",
            Self::PublicKey => "public key",
            Self::SignedCertificateTimestamps => "signed certificate timestamp list",
            Self::TimestampRequest => "timestamp request",
            Self::TimestampResponse => "timestamp response",
        })
    }
}

/// Why no decision could be made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The cryptographic library refused an operation that cannot fail on good input.
    #[error("the cryptographic library refused to {operation}")]
    Backend {
        /// What it was asked to do.
        operation: &'static str,
    },
    /// Bytes that are not the structure they should be.
    #[error("{structure} is malformed: {part}")]
    Malformed {
        /// What was read.
        structure: Structure,
        /// Which part of it is wrong.
        part: &'static str,
    },
    /// Text that is not the PEM block it should be.
    #[error("{structure} is not a PEM block labelled {wanted}")]
    Pem {
        /// What was read.
        structure: Structure,
        /// The label it should carry.
        wanted: &'static str,
    },
    /// More bytes than are ever read of such a structure.
    #[error("{structure} has {found} bytes, more than the {limit} that are read")]
    TooLarge {
        /// What was read.
        structure: Structure,
        /// The limit.
        limit: usize,
        /// How many bytes there are.
        found: usize,
    },
    /// The timestamp authority answered that it grants no timestamp.
    #[error("the timestamp authority answered with status {status}, wanted 0 (granted)")]
    TimestampRefused {
        /// The PKIStatus of the answer.
        status: u64,
    },
    /// A key whose algorithm or size is not supported.
    #[error(
        "key is {algorithm}, wanted ECDSA P-256, P-384 or P-521, Ed25519, or RSA of 2048 to 8192 bits"
    )]
    UnsupportedKey {
        /// What the key is, as far as it was understood.
        algorithm: String,
    },
    /// A scheme that cannot be used for generating or holding a private key.
    #[error(
        "cannot hold a private key for {scheme}, wanted an ECDSA curve with its own hash, or Ed25519"
    )]
    UnsupportedSigningScheme {
        /// The scheme's name.
        scheme: &'static str,
    },
    /// A value that does not fit the structure it was to be written into.
    #[error("cannot write {structure}: {part}")]
    Unwritable {
        /// What was to be written.
        structure: Structure,
        /// Which part does not fit.
        part: &'static str,
    },
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Backend { .. } => BACKEND_FAILED,
            Self::Malformed { structure, .. }
            | Self::Pem { structure, .. }
            | Self::TooLarge { structure, .. } => match structure {
                Structure::Certificate => CERTIFICATE_MALFORMED,
                Structure::PrivateKey | Structure::PublicKey => KEY_MALFORMED,
                Structure::SignedCertificateTimestamps => SCT_MALFORMED,
                Structure::TimestampRequest | Structure::TimestampResponse => TIMESTAMP_MALFORMED,
            },
            Self::TimestampRefused { .. } => TIMESTAMP_REFUSED,
            Self::UnsupportedKey { .. } | Self::UnsupportedSigningScheme { .. } => KEY_UNSUPPORTED,
            Self::Unwritable { .. } => UNWRITABLE,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Backend { .. } => Class::Bug,
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::UnsupportedKey { .. } => Some(Cow::Borrowed(
                "use an ECDSA P-256 key, which every Sigstore client accepts",
            )),
            Self::Pem { .. } => Some(Cow::Borrowed(
                "check that the file is the one you mean and is not encrypted",
            )),
            _ => None,
        }
    }
}

/// `crypto.backend-failed`
pub(crate) const BACKEND_FAILED: Code = Code::new("crypto.backend-failed");
/// `crypto.unwritable`
pub(crate) const UNWRITABLE: Code = Code::new("crypto.unwritable");
/// `certificate.malformed`
pub(crate) const CERTIFICATE_MALFORMED: Code = Code::new("certificate.malformed");
/// `key.malformed`
pub(crate) const KEY_MALFORMED: Code = Code::new("key.malformed");
/// `key.unsupported`
pub(crate) const KEY_UNSUPPORTED: Code = Code::new("key.unsupported");
/// `sct.malformed`
pub(crate) const SCT_MALFORMED: Code = Code::new("sct.malformed");
/// `timestamp.malformed`
pub(crate) const TIMESTAMP_MALFORMED: Code = Code::new("timestamp.malformed");
/// `timestamp.refused`
pub(crate) const TIMESTAMP_REFUSED: Code = Code::new("timestamp.refused");
