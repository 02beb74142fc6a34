//! Keys, signatures, certificates and timestamps: the cryptography that the rest is built on.
//!
//! Primitives come from AWS-LC; this crate adds the formats around them (SubjectPublicKeyInfo,
//! PKCS#8, X.509, SCT lists, RFC 3161 over CMS), path building with exact reasons, and the issuing
//! half that a private Sigstore needs. It opens no file and no socket, reads no clock (every
//! judgement takes the moment it is about) and takes randomness from AWS-LC's generator alone.
//!
//! What it deliberately does not do: policy. Which keys, CAs, logs and authorities are trusted, and
//! for how long, is the caller's knowledge.

mod asn1;
mod certificate;
mod chain;
mod error;
#[cfg(test)]
mod fixture;
pub mod issue;
mod key;
#[cfg(test)]
mod mutation;
mod oid;
mod pem;
mod random;
mod request;
mod scheme;
mod sct;
pub mod timestamp;

use sealwright_core::Code;

pub use crate::certificate::Certificate;
pub use crate::certificate::Eku;
pub use crate::certificate::FulcioExtensions;
pub use crate::chain::CertificateChain;
pub use crate::chain::ChainError;
pub use crate::chain::build_chain;
pub use crate::error::Error;
pub use crate::error::Structure;
pub use crate::key::BadSignature;
pub use crate::key::KeyForm;
pub use crate::key::PublicKey;
pub use crate::key::RsaSize;
pub use crate::key::SignatureInput;
pub use crate::key::SigningKey;
pub use crate::key::ecdsa_der;
pub use crate::random::random_bytes;
pub use crate::request::CertificateRequest;
pub use crate::scheme::KeyKind;
pub use crate::scheme::SignatureScheme;
pub use crate::sct::SignedCertificateTimestamp;
pub use crate::timestamp::TimestampError;
pub use crate::timestamp::TimestampRequest;
pub use crate::timestamp::TimestampToken;

/// Every code this crate can give.
pub const CODES: &[Code] = &[
    chain::code::BAD_SIGNATURE,
    chain::code::CRITICAL_EXTENSION,
    chain::code::LEAF_IS_CA,
    chain::code::NAME_CONSTRAINTS,
    chain::code::NOT_CA,
    chain::code::OUTSIDE_VALIDITY,
    chain::code::PATH_LENGTH,
    chain::code::TOO_LONG,
    chain::code::UNKNOWN_ISSUER,
    chain::code::WRONG_USAGE,
    error::BACKEND_FAILED,
    error::UNWRITABLE,
    error::CERTIFICATE_MALFORMED,
    error::CSR_MALFORMED,
    error::KEY_ENCRYPTION_UNSUPPORTED,
    error::KEY_MALFORMED,
    error::KEY_PASSWORD_NEEDED,
    error::KEY_RSA_SIZE,
    error::KEY_SEVERAL,
    error::KEY_UNSUPPORTED,
    error::KEY_WRONG_KIND,
    error::KEY_WRONG_PASSWORD,
    error::SCT_MALFORMED,
    error::TIMESTAMP_MALFORMED,
    error::TIMESTAMP_REFUSED,
    key::MESSAGE_NEEDED,
    key::SIGNATURE_MISMATCH,
    timestamp::TIMESTAMP_ATTRIBUTE_MISMATCH,
    timestamp::TIMESTAMP_BAD_SIGNATURE,
    timestamp::TIMESTAMP_CHAIN,
    timestamp::TIMESTAMP_IMPRINT_MISMATCH,
    timestamp::TIMESTAMP_UNKNOWN_SIGNER,
];
