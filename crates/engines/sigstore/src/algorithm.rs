//! The enum names of Sigstore's protobuf JSON for hashes and keys.
//!
//! Source: sigstore protobuf-specs, `sigstore_common.proto` (`HashAlgorithm`, `PublicKeyDetails`).

use sealwright_core::DigestAlgorithm;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;

/// `HashAlgorithm`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HashAlgorithm {
    /// SHA-256.
    Sha2_256,
    /// SHA-384.
    Sha2_384,
    /// SHA-512.
    Sha2_512,
    /// SHA3-256: known by name, not computed.
    Sha3_256,
    /// SHA3-384: known by name, not computed.
    Sha3_384,
}

impl HashAlgorithm {
    const ALL: [Self; 5] = [
        Self::Sha2_256,
        Self::Sha2_384,
        Self::Sha2_512,
        Self::Sha3_256,
        Self::Sha3_384,
    ];

    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha2_256 => "SHA2_256",
            Self::Sha2_384 => "SHA2_384",
            Self::Sha2_512 => "SHA2_512",
            Self::Sha3_256 => "SHA3_256",
            Self::Sha3_384 => "SHA3_384",
        }
    }

    /// The algorithm of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The algorithm digests of this kind have here.
    pub const fn digest_algorithm(self) -> Option<DigestAlgorithm> {
        match self {
            Self::Sha2_256 => Some(DigestAlgorithm::Sha256),
            Self::Sha2_384 => Some(DigestAlgorithm::Sha384),
            Self::Sha2_512 => Some(DigestAlgorithm::Sha512),
            Self::Sha3_256 | Self::Sha3_384 => None,
        }
    }

    /// What digests of an algorithm are called. A directory tree's digest is the SHA-256 of its
    /// canonical encoding, and is signed as such.
    pub const fn of(algorithm: DigestAlgorithm) -> Self {
        match algorithm {
            DigestAlgorithm::Sha256 | DigestAlgorithm::TreeV1 => Self::Sha2_256,
            DigestAlgorithm::Sha384 => Self::Sha2_384,
            DigestAlgorithm::Sha512 => Self::Sha2_512,
        }
    }
}

/// `PublicKeyDetails`: what a key is and how it signs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyDetails {
    /// RSA in a PKCS#1 structure, deprecated.
    Pkcs1RsaPkcs1v5,
    /// RSA in a PKCS#1 structure, PSS, deprecated.
    Pkcs1RsaPss,
    /// RSA, deprecated.
    PkixRsaPkcs1v5,
    /// RSA PSS, deprecated.
    PkixRsaPss,
    /// RSA 2048.
    PkixRsaPkcs1v15_2048Sha256,
    /// RSA 3072.
    PkixRsaPkcs1v15_3072Sha256,
    /// RSA 4096.
    PkixRsaPkcs1v15_4096Sha256,
    /// RSA PSS 2048.
    PkixRsaPss2048Sha256,
    /// RSA PSS 3072.
    PkixRsaPss3072Sha256,
    /// RSA PSS 4096.
    PkixRsaPss4096Sha256,
    /// A name that never meant anything that verifies.
    PkixEcdsaP256HmacSha256,
    /// ECDSA P-256.
    PkixEcdsaP256Sha256,
    /// ECDSA P-384.
    PkixEcdsaP384Sha384,
    /// ECDSA P-521.
    PkixEcdsaP521Sha512,
    /// ECDSA P-384 with SHA-256, legacy.
    PkixEcdsaP384Sha256,
    /// ECDSA P-521 with SHA-256, legacy.
    PkixEcdsaP521Sha256,
    /// Ed25519.
    PkixEd25519,
    /// Ed25519ph.
    PkixEd25519Ph,
    /// Leighton-Micali: known by name only.
    LmsSha256,
    /// Leighton-Micali one time: known by name only.
    LmotsSha256,
    /// ML-DSA-65: known by name only.
    MlDsa65,
    /// ML-DSA-87: known by name only.
    MlDsa87,
}

impl KeyDetails {
    const ALL: [(Self, &'static str, Option<SignatureScheme>); 22] = {
        use SignatureScheme as S;
        [
            (
                Self::Pkcs1RsaPkcs1v5,
                "PKCS1_RSA_PKCS1V5",
                Some(S::RsaPkcs1Sha256),
            ),
            (Self::Pkcs1RsaPss, "PKCS1_RSA_PSS", Some(S::RsaPssSha256)),
            (
                Self::PkixRsaPkcs1v5,
                "PKIX_RSA_PKCS1V5",
                Some(S::RsaPkcs1Sha256),
            ),
            (Self::PkixRsaPss, "PKIX_RSA_PSS", Some(S::RsaPssSha256)),
            (
                Self::PkixRsaPkcs1v15_2048Sha256,
                "PKIX_RSA_PKCS1V15_2048_SHA256",
                Some(S::RsaPkcs1Sha256),
            ),
            (
                Self::PkixRsaPkcs1v15_3072Sha256,
                "PKIX_RSA_PKCS1V15_3072_SHA256",
                Some(S::RsaPkcs1Sha256),
            ),
            (
                Self::PkixRsaPkcs1v15_4096Sha256,
                "PKIX_RSA_PKCS1V15_4096_SHA256",
                Some(S::RsaPkcs1Sha256),
            ),
            (
                Self::PkixRsaPss2048Sha256,
                "PKIX_RSA_PSS_2048_SHA256",
                Some(S::RsaPssSha256),
            ),
            (
                Self::PkixRsaPss3072Sha256,
                "PKIX_RSA_PSS_3072_SHA256",
                Some(S::RsaPssSha256),
            ),
            (
                Self::PkixRsaPss4096Sha256,
                "PKIX_RSA_PSS_4096_SHA256",
                Some(S::RsaPssSha256),
            ),
            (
                Self::PkixEcdsaP256HmacSha256,
                "PKIX_ECDSA_P256_HMAC_SHA_256",
                None,
            ),
            (
                Self::PkixEcdsaP256Sha256,
                "PKIX_ECDSA_P256_SHA_256",
                Some(S::EcdsaP256Sha256),
            ),
            (
                Self::PkixEcdsaP384Sha384,
                "PKIX_ECDSA_P384_SHA_384",
                Some(S::EcdsaP384Sha384),
            ),
            (
                Self::PkixEcdsaP521Sha512,
                "PKIX_ECDSA_P521_SHA_512",
                Some(S::EcdsaP521Sha512),
            ),
            (
                Self::PkixEcdsaP384Sha256,
                "PKIX_ECDSA_P384_SHA_256",
                Some(S::EcdsaP384Sha256),
            ),
            (
                Self::PkixEcdsaP521Sha256,
                "PKIX_ECDSA_P521_SHA_256",
                Some(S::EcdsaP521Sha256),
            ),
            (Self::PkixEd25519, "PKIX_ED25519", Some(S::Ed25519)),
            (Self::PkixEd25519Ph, "PKIX_ED25519_PH", Some(S::Ed25519ph)),
            (Self::LmsSha256, "LMS_SHA256", None),
            (Self::LmotsSha256, "LMOTS_SHA256", None),
            (Self::MlDsa65, "ML_DSA_65", None),
            (Self::MlDsa87, "ML_DSA_87", None),
        ]
    };

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(known, _, _)| *known == self)
            .map_or("PUBLIC_KEY_DETAILS_UNSPECIFIED", |(_, name, _)| name)
    }

    /// The details of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(details, _, _)| *details)
    }

    /// How such a key signs; `None` for what is known by name only.
    pub fn scheme(self) -> Option<SignatureScheme> {
        Self::ALL
            .iter()
            .find(|(known, _, _)| *known == self)
            .and_then(|(_, _, scheme)| *scheme)
    }

    /// Whether the key's bytes are a PKCS#1 structure instead of a SubjectPublicKeyInfo.
    pub(crate) const fn is_pkcs1(self) -> bool {
        matches!(self, Self::Pkcs1RsaPkcs1v5 | Self::Pkcs1RsaPss)
    }

    /// The details of a key signing under a scheme, as Sigstore names them today.
    pub fn of(key: &PublicKey, scheme: SignatureScheme) -> Option<Self> {
        if scheme == key.default_scheme() {
            return Some(Self::of_key(key));
        }
        Self::ALL
            .iter()
            .find(|(details, _, known)| {
                *known == Some(scheme) && scheme.key_kind() != KeyKind::Rsa && !details.is_pkcs1()
            })
            .map(|(details, _, _)| *details)
    }

    /// The details of a key signing under its default scheme.
    pub fn of_key(key: &PublicKey) -> Self {
        match key.kind() {
            KeyKind::EcdsaP384 => Self::PkixEcdsaP384Sha384,
            KeyKind::EcdsaP521 => Self::PkixEcdsaP521Sha512,
            KeyKind::Ed25519 => Self::PkixEd25519,
            // The modulus makes up nearly all of the key; its size in bytes is enough to tell
            // the three sizes apart.
            KeyKind::Rsa => match key.raw().len() {
                0..=300 => Self::PkixRsaPkcs1v15_2048Sha256,
                301..=450 => Self::PkixRsaPkcs1v15_3072Sha256,
                _ => Self::PkixRsaPkcs1v15_4096Sha256,
            },
            _ => Self::PkixEcdsaP256Sha256,
        }
    }
}

/// The schemes a signature by a key of this kind may be made with, likeliest first, when the hash
/// is known from elsewhere or not at all.
pub(crate) fn candidate_schemes(
    kind: KeyKind,
    hash: Option<DigestAlgorithm>,
) -> impl Iterator<Item = SignatureScheme> {
    use SignatureScheme as S;
    let all: &[SignatureScheme] = match kind {
        KeyKind::EcdsaP256 => &[S::EcdsaP256Sha256],
        KeyKind::EcdsaP384 => &[S::EcdsaP384Sha384, S::EcdsaP384Sha256],
        KeyKind::EcdsaP521 => &[S::EcdsaP521Sha512, S::EcdsaP521Sha256],
        KeyKind::Ed25519 => &[S::Ed25519, S::Ed25519ph],
        KeyKind::Rsa => &[
            S::RsaPkcs1Sha256,
            S::RsaPkcs1Sha384,
            S::RsaPkcs1Sha512,
            S::RsaPssSha256,
            S::RsaPssSha384,
            S::RsaPssSha512,
        ],
        _ => &[],
    };
    all.iter().copied().filter(move |scheme| {
        hash.is_none_or(|hash| scheme.digest_algorithm().is_none_or(|own| own == hash))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_agree() {
        for (details, name, _) in KeyDetails::ALL {
            assert_eq!(KeyDetails::from_name(name), Some(details));
            assert_eq!(details.name(), name);
        }
        for hash in HashAlgorithm::ALL {
            assert_eq!(HashAlgorithm::from_name(hash.name()), Some(hash));
        }
        assert_eq!(KeyDetails::from_name("PKIX_ED448"), None);
    }

    #[test]
    fn a_known_hash_leaves_only_schemes_that_use_it() {
        let schemes: Vec<_> =
            candidate_schemes(KeyKind::EcdsaP384, Some(DigestAlgorithm::Sha256)).collect();
        assert_eq!(schemes, [SignatureScheme::EcdsaP384Sha256]);
    }
}
