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
    /// A PKCS#10 certificate request.
    CertificateRequest,
    /// A private key in any form.
    PrivateKey,
    /// A public key in any form.
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
            Self::CertificateRequest => "certificate request",
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
    /// A private key encrypted in a way that is not supported, or at a cost that is not paid.
    #[error(
        "private key is encrypted with {algorithm}, wanted PBES2 (AES-CBC; PBKDF2 or scrypt) or a key file of cosign"
    )]
    EncryptionUnsupported {
        /// How it is encrypted, as far as that was understood.
        algorithm: String,
    },
    /// Bytes that are not the structure they should be.
    #[error("{structure} is malformed: {part}")]
    Malformed {
        /// What was read.
        structure: Structure,
        /// Which part of it is wrong.
        part: &'static str,
    },
    /// A private key that is encrypted, read without a password.
    #[error("private key is encrypted and no password was given")]
    PasswordNeeded,
    /// Text that is not the PEM block it should be.
    #[error("{structure} is not a PEM block labelled {wanted}")]
    Pem {
        /// What was read.
        structure: Structure,
        /// The label it should carry.
        wanted: &'static str,
    },
    /// An RSA key that is too short to be trusted or too long to be handled.
    #[error("RSA key has {bits} bits, wanted {MIN_RSA_BITS} to {limit}")]
    RsaSize {
        /// How long it is.
        bits: usize,
        /// The most it may have: fewer for signing than for verifying.
        limit: usize,
    },
    /// A file from which one key cannot be chosen.
    #[error("file holds {found} of the kind {structure}, wanted one")]
    SeveralKeys {
        /// What was wanted.
        structure: Structure,
        /// How many there are.
        found: usize,
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
    #[error("key is {algorithm}, wanted ECDSA P-256, P-384 or P-521, Ed25519, or RSA")]
    UnsupportedKey {
        /// What the key is, as far as it was understood.
        algorithm: String,
    },
    /// A scheme that cannot be signed with: not at all, not with this key, or not from this input.
    #[error(
        "cannot sign with {scheme}, wanted a scheme of the key: an ECDSA curve with its own hash, Ed25519 over the message itself, Ed25519ph, or RSA"
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
    /// A file that holds something else.
    #[error("file holds {found}, wanted a {wanted}")]
    WrongKind {
        /// What it holds.
        found: &'static str,
        /// What was wanted.
        wanted: Structure,
    },
    /// A private key that the password does not open.
    #[error("password does not open the private key, or the file is damaged")]
    WrongPassword,
}

/// The shortest RSA key that is used at all.
pub(crate) const MIN_RSA_BITS: usize = 2048;

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Backend { .. } => BACKEND_FAILED,
            Self::EncryptionUnsupported { .. } => KEY_ENCRYPTION_UNSUPPORTED,
            Self::Malformed { structure, .. }
            | Self::Pem { structure, .. }
            | Self::TooLarge { structure, .. } => match structure {
                Structure::Certificate => CERTIFICATE_MALFORMED,
                Structure::CertificateRequest => CSR_MALFORMED,
                Structure::PrivateKey | Structure::PublicKey => KEY_MALFORMED,
                Structure::SignedCertificateTimestamps => SCT_MALFORMED,
                Structure::TimestampRequest | Structure::TimestampResponse => TIMESTAMP_MALFORMED,
            },
            Self::PasswordNeeded => KEY_PASSWORD_NEEDED,
            Self::RsaSize { .. } => KEY_RSA_SIZE,
            Self::SeveralKeys { .. } => KEY_SEVERAL,
            Self::TimestampRefused { .. } => TIMESTAMP_REFUSED,
            Self::UnsupportedKey { .. } | Self::UnsupportedSigningScheme { .. } => KEY_UNSUPPORTED,
            Self::Unwritable { .. } => UNWRITABLE,
            Self::WrongKind { .. } => KEY_WRONG_KIND,
            Self::WrongPassword => KEY_WRONG_PASSWORD,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Backend { .. } => Class::Bug,
            Self::PasswordNeeded | Self::WrongKind { .. } | Self::WrongPassword => Class::Usage,
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::EncryptionUnsupported { .. } => Some(Cow::Borrowed(
                "decrypt it with the tool that made it, or: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW",
            )),
            Self::RsaSize { .. } | Self::UnsupportedKey { .. } => Some(Cow::Borrowed(
                "use an ECDSA P-256 key, which every Sigstore client accepts",
            )),
            Self::Pem { .. } => Some(Cow::Borrowed(
                "check that the file is the one you mean and is not encrypted",
            )),
            Self::SeveralKeys { .. } => {
                Some(Cow::Borrowed("put the key you mean into a file of its own"))
            }
            Self::WrongKind {
                wanted: Structure::PublicKey,
                ..
            } => Some(Cow::Borrowed(
                "give the public half: openssl pkey -in PRIVATE -pubout",
            )),
            Self::WrongKind { .. } => Some(Cow::Borrowed(
                "give the private key: the one whose PEM block ends in PRIVATE KEY",
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
/// `csr.malformed`
pub(crate) const CSR_MALFORMED: Code = Code::new("csr.malformed");
/// `key.encryption-unsupported`
pub(crate) const KEY_ENCRYPTION_UNSUPPORTED: Code = Code::new("key.encryption-unsupported");
/// `key.malformed`
pub(crate) const KEY_MALFORMED: Code = Code::new("key.malformed");
/// `key.password-needed`
pub(crate) const KEY_PASSWORD_NEEDED: Code = Code::new("key.password-needed");
/// `key.rsa-size`
pub(crate) const KEY_RSA_SIZE: Code = Code::new("key.rsa-size");
/// `key.several`
pub(crate) const KEY_SEVERAL: Code = Code::new("key.several");
/// `key.unsupported`
pub(crate) const KEY_UNSUPPORTED: Code = Code::new("key.unsupported");
/// `key.wrong-kind`
pub(crate) const KEY_WRONG_KIND: Code = Code::new("key.wrong-kind");
/// `key.wrong-password`
pub(crate) const KEY_WRONG_PASSWORD: Code = Code::new("key.wrong-password");
/// `sct.malformed`
pub(crate) const SCT_MALFORMED: Code = Code::new("sct.malformed");
/// `timestamp.malformed`
pub(crate) const TIMESTAMP_MALFORMED: Code = Code::new("timestamp.malformed");
/// `timestamp.refused`
pub(crate) const TIMESTAMP_REFUSED: Code = Code::new("timestamp.refused");
