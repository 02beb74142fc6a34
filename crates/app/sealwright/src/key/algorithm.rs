//! The algorithms that keys are made for.

use std::fmt;
use std::str::FromStr;

use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::RsaSize;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;

/// What a key is, as the command line says it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum KeyAlgorithm {
    /// ECDSA on NIST P-256, which every Sigstore client accepts.
    #[default]
    EcdsaP256,
    /// ECDSA on NIST P-384.
    EcdsaP384,
    /// ECDSA on NIST P-521.
    EcdsaP521,
    /// Ed25519.
    Ed25519,
    /// RSA of 2048 bits.
    Rsa2048,
    /// RSA of 3072 bits.
    Rsa3072,
    /// RSA of 4096 bits.
    Rsa4096,
}

impl KeyAlgorithm {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::EcdsaP256,
        Self::EcdsaP384,
        Self::EcdsaP521,
        Self::Ed25519,
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
    ];

    /// The short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "ecdsa-p256",
            Self::EcdsaP384 => "ecdsa-p384",
            Self::EcdsaP521 => "ecdsa-p521",
            Self::Ed25519 => "ed25519",
            Self::Rsa2048 => "rsa-2048",
            Self::Rsa3072 => "rsa-3072",
            Self::Rsa4096 => "rsa-4096",
        }
    }

    /// Makes a key of it.
    pub(crate) fn generate(self) -> Result<SigningKey, sealwright_crypto::Error> {
        let rsa = |size| SigningKey::generate_rsa(size, SignatureScheme::RsaPkcs1Sha256);
        match self {
            Self::EcdsaP256 => SigningKey::generate(SignatureScheme::EcdsaP256Sha256),
            Self::EcdsaP384 => SigningKey::generate(SignatureScheme::EcdsaP384Sha384),
            Self::EcdsaP521 => SigningKey::generate(SignatureScheme::EcdsaP521Sha512),
            Self::Ed25519 => SigningKey::generate(SignatureScheme::Ed25519),
            Self::Rsa2048 => rsa(RsaSize::Bits2048),
            Self::Rsa3072 => rsa(RsaSize::Bits3072),
            Self::Rsa4096 => rsa(RsaSize::Bits4096),
        }
    }
}

/// What a public key is, such as `ECDSA P-256` or `RSA 3072`.
pub(crate) fn describe(key: &PublicKey) -> String {
    match (key.kind(), key.rsa_bits()) {
        (KeyKind::Rsa, Some(bits)) => format!("RSA {bits}"),
        (kind, _) => kind.name().to_owned(),
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyAlgorithm {
    type Err = UnknownKeyAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownKeyAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
            .ok_or_else(|| UnknownKeyAlgorithm {
                name: name.to_owned(),
            })
    }
}

/// A name that is no algorithm's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("algorithm is {name:?}, wanted one of {}", KeyAlgorithm::ALL.map(KeyAlgorithm::name).join(", "))]
pub struct UnknownKeyAlgorithm {
    name: String,
}
