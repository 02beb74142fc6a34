//! What is asked and answered, one JSON object a line.

use serde::Deserialize;
use serde::Serialize;

/// What is asked.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub(crate) enum Request {
    /// Loads the library, logs in and finds a key; once.
    Open(Open),
    /// Signs with it.
    Sign(Sign),
}

/// Which key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Open {
    /// The path of the maker's library.
    pub(crate) module: String,
    /// The token's label.
    pub(crate) token: Option<String>,
    /// The number of the slot it is in.
    pub(crate) slot: Option<u64>,
    /// The key's label.
    pub(crate) object: Option<String>,
    /// The key's id, hexadecimal.
    pub(crate) id: Option<String>,
    /// The user's PIN.
    pub(crate) pin: Option<String>,
}

/// What is to be signed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Sign {
    /// How.
    pub(crate) mechanism: SigningMechanism,
    /// What, hexadecimal.
    pub(crate) input: String,
}

/// How a token signs.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SigningMechanism {
    /// `CKM_ECDSA` over a digest; r and s, one after the other.
    Ecdsa,
    /// `CKM_EDDSA` over the message.
    Eddsa,
    /// `CKM_RSA_PKCS` over a DigestInfo.
    RsaPkcs1,
    /// `CKM_RSA_PKCS_PSS` over a digest by SHA-256, a salt of its length.
    RsaPssSha256,
    /// The same with SHA-384.
    RsaPssSha384,
    /// The same with SHA-512.
    RsaPssSha512,
}

/// What is answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Answer {
    /// To `open`.
    Key(Public),
    /// To `sign`: hexadecimal.
    Signature(String),
    /// To anything.
    Error(Refusal),
}

/// The public half of a key, each part hexadecimal.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Public {
    /// An X.509 certificate with it.
    Certificate {
        /// DER.
        der: String,
    },
    /// A key on a curve.
    Ec {
        /// `CKA_EC_PARAMS`
        parameters: String,
        /// `CKA_EC_POINT`
        point: String,
    },
    /// RSA.
    Rsa {
        /// `CKA_MODULUS`
        modulus: String,
        /// `CKA_PUBLIC_EXPONENT`
        exponent: String,
    },
}

/// Why not.
#[derive(Serialize)]
pub(crate) struct Refusal {
    kind: Fault,
    message: String,
}

/// What stands in the way.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fault {
    /// No such key, or more than one.
    Key,
    /// The library cannot be loaded or started.
    Module,
    /// The PIN is missing, wrong or locked.
    Pin,
    /// The token refused.
    Refused,
    /// The request is none.
    Request,
    /// No such token, or more than one.
    Token,
}

impl Refusal {
    pub(crate) fn new(kind: Fault, message: &(impl ToString + ?Sized)) -> Self {
        Self {
            kind,
            message: message.to_string(),
        }
    }
}
