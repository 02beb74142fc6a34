//! Why a signature does not verify.

use std::borrow::Cow;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::DigestAlgorithm;

use crate::scheme::KeyKind;
use crate::scheme::SignatureScheme;

/// Why a signature is not what it claims to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BadSignature {
    /// The key, the bytes and the signature do not belong together.
    #[error("signature is not the key's over these bytes ({})", scheme.name())]
    Mismatch {
        /// How it was checked.
        scheme: SignatureScheme,
    },
    /// A scheme that signs the message itself cannot be checked with a digest.
    #[error("{} signs the bytes themselves: a digest is not enough", scheme.name())]
    NeedsMessage {
        /// The scheme.
        scheme: SignatureScheme,
    },
    /// Only ECDSA signatures have another form than the one.
    #[error("signature is of IEEE P1363's form, which {} has not", scheme.name())]
    NotEcdsa {
        /// The scheme.
        scheme: SignatureScheme,
    },
    /// The signature names an algorithm that is not supported, or not with this kind of key.
    #[error("signature names an algorithm that is not supported with a key that is {}", key.name())]
    UnsupportedAlgorithm {
        /// The kind of the key.
        key: KeyKind,
    },
    /// The digest given is not of the scheme's hash.
    #[error("digest is {}, wanted the hash of {}", found.name(), scheme.name())]
    WrongDigest {
        /// The scheme.
        scheme: SignatureScheme,
        /// The hash of the digest given.
        found: DigestAlgorithm,
    },
    /// The key is of another kind than the scheme needs.
    #[error("key is {}, wanted {} for {}", found.name(), scheme.key_kind().name(), scheme.name())]
    WrongKey {
        /// The scheme.
        scheme: SignatureScheme,
        /// The kind of the key.
        found: KeyKind,
    },
}

impl Diagnostic for BadSignature {
    fn code(&self) -> Code {
        match self {
            Self::NeedsMessage { .. } => MESSAGE_NEEDED,
            _ => SIGNATURE_MISMATCH,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::NeedsMessage { .. } => Class::Undecided,
            _ => Class::Rejected,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        None
    }
}

/// `crypto.message-needed`
pub(crate) const MESSAGE_NEEDED: Code = Code::new("crypto.message-needed");
/// `crypto.signature-mismatch`
pub(crate) const SIGNATURE_MISMATCH: Code = Code::new("crypto.signature-mismatch");
