//! Signature schemes, and the AlgorithmIdentifiers that name them in X.509 and CMS.
//!
//! RFC 5758 (ECDSA), RFC 8410 (Ed25519), RFC 8017 (RSA), RFC 5754 (hashes). SHA-1 and MD5 are not
//! among them and never will be.

use aws_lc_rs::digest;
use aws_lc_rs::signature;
use aws_lc_rs::signature::VerificationAlgorithm;
use der::Tag;
use der::asn1::ObjectIdentifier;
use sealwright_core::DigestAlgorithm;

use crate::asn1;
use crate::asn1::Element;
use crate::asn1::Malformed;
use crate::oid;

/// The hashes signatures are made with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) const fn algorithm(self) -> DigestAlgorithm {
        match self {
            Self::Sha256 => DigestAlgorithm::Sha256,
            Self::Sha384 => DigestAlgorithm::Sha384,
            Self::Sha512 => DigestAlgorithm::Sha512,
        }
    }

    /// `None` for digests that are no plain hash.
    pub(crate) const fn of(algorithm: DigestAlgorithm) -> Option<Self> {
        match algorithm {
            DigestAlgorithm::Sha256 => Some(Self::Sha256),
            DigestAlgorithm::Sha384 => Some(Self::Sha384),
            DigestAlgorithm::Sha512 => Some(Self::Sha512),
            DigestAlgorithm::TreeV1 => None,
        }
    }

    pub(crate) fn backend(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    const fn id(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    fn from_id(id: ObjectIdentifier) -> Option<Self> {
        match id {
            oid::SHA256 => Some(Self::Sha256),
            oid::SHA384 => Some(Self::Sha384),
            oid::SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }
}

/// The kinds of key that can verify.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum KeyKind {
    /// ECDSA on NIST P-256.
    EcdsaP256,
    /// ECDSA on NIST P-384.
    EcdsaP384,
    /// ECDSA on NIST P-521.
    EcdsaP521,
    /// Ed25519.
    Ed25519,
    /// RSA of at least 2048 bits.
    Rsa,
}

impl KeyKind {
    /// The kind's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "ECDSA P-256",
            Self::EcdsaP384 => "ECDSA P-384",
            Self::EcdsaP521 => "ECDSA P-521",
            Self::Ed25519 => "Ed25519",
            Self::Rsa => "RSA",
        }
    }
}

/// A kind of key, a hash and an encoding: everything that says how a signature is checked.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum SignatureScheme {
    /// ECDSA P-256 with SHA-256, DER-encoded.
    EcdsaP256Sha256,
    /// ECDSA P-256 with SHA-384, DER-encoded (seen in X.509 and CMS only).
    EcdsaP256Sha384,
    /// ECDSA P-256 with SHA-512, DER-encoded (seen in X.509 and CMS only).
    EcdsaP256Sha512,
    /// ECDSA P-384 with SHA-256, DER-encoded.
    EcdsaP384Sha256,
    /// ECDSA P-384 with SHA-384, DER-encoded.
    EcdsaP384Sha384,
    /// ECDSA P-384 with SHA-512, DER-encoded (seen in X.509 and CMS only).
    EcdsaP384Sha512,
    /// ECDSA P-521 with SHA-256, DER-encoded.
    EcdsaP521Sha256,
    /// ECDSA P-521 with SHA-384, DER-encoded (seen in X.509 and CMS only).
    EcdsaP521Sha384,
    /// ECDSA P-521 with SHA-512, DER-encoded.
    EcdsaP521Sha512,
    /// Ed25519 over the message itself.
    Ed25519,
    /// Ed25519ph: Ed25519 over the message's SHA-512 (RFC 8032 section 5.1).
    Ed25519ph,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256 and a salt of its length.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384 and a salt of its length.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512 and a salt of its length.
    RsaPssSha512,
}

impl SignatureScheme {
    /// The scheme's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256Sha256 => "ECDSA P-256 with SHA-256",
            Self::EcdsaP256Sha384 => "ECDSA P-256 with SHA-384",
            Self::EcdsaP256Sha512 => "ECDSA P-256 with SHA-512",
            Self::EcdsaP384Sha256 => "ECDSA P-384 with SHA-256",
            Self::EcdsaP384Sha384 => "ECDSA P-384 with SHA-384",
            Self::EcdsaP384Sha512 => "ECDSA P-384 with SHA-512",
            Self::EcdsaP521Sha256 => "ECDSA P-521 with SHA-256",
            Self::EcdsaP521Sha384 => "ECDSA P-521 with SHA-384",
            Self::EcdsaP521Sha512 => "ECDSA P-521 with SHA-512",
            Self::Ed25519 => "Ed25519",
            Self::Ed25519ph => "Ed25519ph",
            Self::RsaPkcs1Sha256 => "RSA PKCS#1 v1.5 with SHA-256",
            Self::RsaPkcs1Sha384 => "RSA PKCS#1 v1.5 with SHA-384",
            Self::RsaPkcs1Sha512 => "RSA PKCS#1 v1.5 with SHA-512",
            Self::RsaPssSha256 => "RSA PSS with SHA-256",
            Self::RsaPssSha384 => "RSA PSS with SHA-384",
            Self::RsaPssSha512 => "RSA PSS with SHA-512",
        }
    }

    /// The kind of key it needs.
    pub const fn key_kind(self) -> KeyKind {
        match self {
            Self::EcdsaP256Sha256 | Self::EcdsaP256Sha384 | Self::EcdsaP256Sha512 => {
                KeyKind::EcdsaP256
            }
            Self::EcdsaP384Sha256 | Self::EcdsaP384Sha384 | Self::EcdsaP384Sha512 => {
                KeyKind::EcdsaP384
            }
            Self::EcdsaP521Sha256 | Self::EcdsaP521Sha384 | Self::EcdsaP521Sha512 => {
                KeyKind::EcdsaP521
            }
            Self::Ed25519 | Self::Ed25519ph => KeyKind::Ed25519,
            Self::RsaPkcs1Sha256
            | Self::RsaPkcs1Sha384
            | Self::RsaPkcs1Sha512
            | Self::RsaPssSha256
            | Self::RsaPssSha384
            | Self::RsaPssSha512 => KeyKind::Rsa,
        }
    }

    const fn is_pss(self) -> bool {
        matches!(
            self,
            Self::RsaPssSha256 | Self::RsaPssSha384 | Self::RsaPssSha512
        )
    }

    /// The hash the message goes through first; `None` for pure Ed25519, which reads the message.
    pub const fn digest_algorithm(self) -> Option<DigestAlgorithm> {
        match self.hash() {
            Some(hash) => Some(hash.algorithm()),
            None => None,
        }
    }

    pub(crate) const fn hash(self) -> Option<Hash> {
        match self {
            Self::EcdsaP256Sha256
            | Self::EcdsaP384Sha256
            | Self::EcdsaP521Sha256
            | Self::RsaPkcs1Sha256
            | Self::RsaPssSha256 => Some(Hash::Sha256),
            Self::EcdsaP256Sha384
            | Self::EcdsaP384Sha384
            | Self::EcdsaP521Sha384
            | Self::RsaPkcs1Sha384
            | Self::RsaPssSha384 => Some(Hash::Sha384),
            Self::EcdsaP256Sha512
            | Self::EcdsaP384Sha512
            | Self::EcdsaP521Sha512
            | Self::Ed25519ph
            | Self::RsaPkcs1Sha512
            | Self::RsaPssSha512 => Some(Hash::Sha512),
            Self::Ed25519 => None,
        }
    }

    /// The verification algorithm of the backend; `None` for Ed25519ph, which it lacks.
    pub(crate) fn backend(self) -> Option<&'static dyn VerificationAlgorithm> {
        Some(match self {
            Self::EcdsaP256Sha256 => &signature::ECDSA_P256_SHA256_ASN1,
            Self::EcdsaP256Sha384 => &signature::ECDSA_P256_SHA384_ASN1,
            Self::EcdsaP256Sha512 => &signature::ECDSA_P256_SHA512_ASN1,
            Self::EcdsaP384Sha256 => &signature::ECDSA_P384_SHA256_ASN1,
            Self::EcdsaP384Sha384 => &signature::ECDSA_P384_SHA384_ASN1,
            Self::EcdsaP384Sha512 => &signature::ECDSA_P384_SHA512_ASN1,
            Self::EcdsaP521Sha256 => &signature::ECDSA_P521_SHA256_ASN1,
            Self::EcdsaP521Sha384 => &signature::ECDSA_P521_SHA384_ASN1,
            Self::EcdsaP521Sha512 => &signature::ECDSA_P521_SHA512_ASN1,
            Self::Ed25519 => &signature::ED25519,
            Self::Ed25519ph => return None,
            Self::RsaPkcs1Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::RsaPkcs1Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::RsaPkcs1Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::RsaPssSha256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::RsaPssSha384 => &signature::RSA_PSS_2048_8192_SHA384,
            Self::RsaPssSha512 => &signature::RSA_PSS_2048_8192_SHA512,
        })
    }
}

/// What an AlgorithmIdentifier says about a signature; the key says the rest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SignatureAlgorithm {
    Ecdsa(Hash),
    Ed25519,
    RsaPkcs1(Hash),
    /// `rsaEncryption`, as CMS may name PKCS#1 v1.5 with the hash named beside it.
    RsaPkcs1UnnamedHash,
    RsaPss(Hash),
}

impl SignatureAlgorithm {
    /// Reads an AlgorithmIdentifier; `None` when it names something not supported.
    pub(crate) fn read(identifier: Element<'_>) -> asn1::Result<Option<Self>> {
        const PART: &str = "signature algorithm";
        let (id, parameters) = read_identifier(identifier, PART)?;
        let simple = match id {
            oid::ECDSA_WITH_SHA256 => Self::Ecdsa(Hash::Sha256),
            oid::ECDSA_WITH_SHA384 => Self::Ecdsa(Hash::Sha384),
            oid::ECDSA_WITH_SHA512 => Self::Ecdsa(Hash::Sha512),
            oid::ED25519 => Self::Ed25519,
            oid::SHA256_WITH_RSA => Self::RsaPkcs1(Hash::Sha256),
            oid::SHA384_WITH_RSA => Self::RsaPkcs1(Hash::Sha384),
            oid::SHA512_WITH_RSA => Self::RsaPkcs1(Hash::Sha512),
            oid::RSA_ENCRYPTION => Self::RsaPkcs1UnnamedHash,
            oid::RSASSA_PSS => return read_pss(parameters),
            _ => return Ok(None),
        };
        match parameters {
            None => Ok(Some(simple)),
            Some(null) if null.tag() == Tag::Null => Ok(Some(simple)),
            Some(_) => Err(Malformed(PART)),
        }
    }

    /// The scheme this is under a key of `kind`; `None` when they do not belong together.
    pub(crate) const fn scheme(self, kind: KeyKind) -> Option<SignatureScheme> {
        use Hash::Sha256;
        use Hash::Sha384;
        use Hash::Sha512;
        Some(match (self, kind) {
            (Self::Ecdsa(Sha256), KeyKind::EcdsaP256) => SignatureScheme::EcdsaP256Sha256,
            (Self::Ecdsa(Sha384), KeyKind::EcdsaP256) => SignatureScheme::EcdsaP256Sha384,
            (Self::Ecdsa(Sha512), KeyKind::EcdsaP256) => SignatureScheme::EcdsaP256Sha512,
            (Self::Ecdsa(Sha256), KeyKind::EcdsaP384) => SignatureScheme::EcdsaP384Sha256,
            (Self::Ecdsa(Sha384), KeyKind::EcdsaP384) => SignatureScheme::EcdsaP384Sha384,
            (Self::Ecdsa(Sha512), KeyKind::EcdsaP384) => SignatureScheme::EcdsaP384Sha512,
            (Self::Ecdsa(Sha256), KeyKind::EcdsaP521) => SignatureScheme::EcdsaP521Sha256,
            (Self::Ecdsa(Sha384), KeyKind::EcdsaP521) => SignatureScheme::EcdsaP521Sha384,
            (Self::Ecdsa(Sha512), KeyKind::EcdsaP521) => SignatureScheme::EcdsaP521Sha512,
            (Self::Ed25519, KeyKind::Ed25519) => SignatureScheme::Ed25519,
            (Self::RsaPkcs1(Sha256), KeyKind::Rsa) => SignatureScheme::RsaPkcs1Sha256,
            (Self::RsaPkcs1(Sha384), KeyKind::Rsa) => SignatureScheme::RsaPkcs1Sha384,
            (Self::RsaPkcs1(Sha512), KeyKind::Rsa) => SignatureScheme::RsaPkcs1Sha512,
            (Self::RsaPss(Sha256), KeyKind::Rsa) => SignatureScheme::RsaPssSha256,
            (Self::RsaPss(Sha384), KeyKind::Rsa) => SignatureScheme::RsaPssSha384,
            (Self::RsaPss(Sha512), KeyKind::Rsa) => SignatureScheme::RsaPssSha512,
            _ => return None,
        })
    }

    /// Gives `rsaEncryption` the hash that CMS names beside it.
    pub(crate) const fn with_hash(self, hash: Hash) -> Self {
        match self {
            Self::RsaPkcs1UnnamedHash => Self::RsaPkcs1(hash),
            named => named,
        }
    }
}

/// Reads an AlgorithmIdentifier that names a hash; `None` when it is not a supported one.
pub(crate) fn read_digest_algorithm(
    identifier: Element<'_>,
    part: &'static str,
) -> asn1::Result<Option<Hash>> {
    let (id, parameters) = read_identifier(identifier, part)?;
    match parameters {
        None => {}
        Some(null) if null.tag() == Tag::Null => {}
        Some(_) => return Err(Malformed(part)),
    }
    Ok(Hash::from_id(id))
}

/// Composes the AlgorithmIdentifier of a hash, without parameters (RFC 5754 section 2).
pub(crate) fn digest_identifier(hash: Hash) -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(hash.id())])
}

/// Composes the AlgorithmIdentifier of a scheme; Ed25519ph has none.
pub(crate) fn signature_identifier(scheme: SignatureScheme) -> Option<Vec<u8>> {
    let null = || asn1::element(Tag::Null, &[]);
    let hash = scheme.hash();
    Some(match (scheme.key_kind(), hash) {
        (KeyKind::Ed25519, None) => asn1::sequence(&[&asn1::oid(oid::ED25519)]),
        (KeyKind::Ed25519, Some(_)) | (_, None) => return None,
        (KeyKind::Rsa, Some(hash)) if scheme.is_pss() => pss_identifier(hash),
        (KeyKind::Rsa, Some(hash)) => {
            let id = match hash {
                Hash::Sha256 => oid::SHA256_WITH_RSA,
                Hash::Sha384 => oid::SHA384_WITH_RSA,
                Hash::Sha512 => oid::SHA512_WITH_RSA,
            };
            asn1::sequence(&[&asn1::oid(id), &null()])
        }
        (_, Some(hash)) => {
            let id = match hash {
                Hash::Sha256 => oid::ECDSA_WITH_SHA256,
                Hash::Sha384 => oid::ECDSA_WITH_SHA384,
                Hash::Sha512 => oid::ECDSA_WITH_SHA512,
            };
            asn1::sequence(&[&asn1::oid(id)])
        }
    })
}

/// What `read_pss` reads.
fn pss_identifier(hash: Hash) -> Vec<u8> {
    let null = asn1::element(Tag::Null, &[]);
    let digest = asn1::sequence(&[&asn1::oid(hash.id()), &null]);
    let mask = asn1::sequence(&[&asn1::oid(oid::MGF1), &digest]);
    let salt = u8::try_from(hash.algorithm().size()).unwrap_or_default();
    let parameters = asn1::sequence(&[
        &asn1::element(asn1::constructed(0), &[&digest]),
        &asn1::element(asn1::constructed(1), &[&mask]),
        &asn1::element(asn1::constructed(2), &[&asn1::unsigned_integer(&[salt])]),
    ]);
    asn1::sequence(&[&asn1::oid(oid::RSASSA_PSS), &parameters])
}

fn read_identifier<'a>(
    identifier: Element<'a>,
    part: &'static str,
) -> asn1::Result<(ObjectIdentifier, Option<Element<'a>>)> {
    if identifier.tag() != Tag::Sequence {
        return Err(Malformed(part));
    }
    let mut fields = identifier.contents();
    let id = fields.take(Tag::ObjectIdentifier, part)?.oid(part)?;
    let parameters = if fields.is_empty() {
        None
    } else {
        Some(fields.any(part)?)
    };
    fields.finish(part)?;
    Ok((id, parameters))
}

/// RSASSA-PSS-params of RFC 8017 appendix A.2.3: one hash throughout, salt of its length. Its
/// defaults mean SHA-1 and are therefore not supported.
fn read_pss(parameters: Option<Element<'_>>) -> asn1::Result<Option<SignatureAlgorithm>> {
    const PART: &str = "RSASSA-PSS parameters";
    let Some(parameters) = parameters.filter(|element| element.tag() == Tag::Sequence) else {
        return Ok(None);
    };
    let mut fields = parameters.contents();
    let hash = fields.optional(asn1::constructed(0), PART)?;
    let mask = fields.optional(asn1::constructed(1), PART)?;
    let salt = fields.optional(asn1::constructed(2), PART)?;
    let trailer = fields.optional(asn1::constructed(3), PART)?;
    fields.finish(PART)?;
    let (Some(hash), Some(mask), Some(salt), None) = (hash, mask, salt, trailer) else {
        return Ok(None);
    };
    let hash = read_digest_algorithm(Element::only(hash.value(), PART)?, PART)?;
    let (mask_id, mask_hash) = read_identifier(Element::only(mask.value(), PART)?, PART)?;
    let mask_hash = match mask_hash {
        Some(identifier) => read_digest_algorithm(identifier, PART)?,
        None => None,
    };
    let salt = Element::only(salt.value(), PART)?.small_integer(PART)?;
    Ok(hash
        .filter(|hash| {
            mask_id == oid::MGF1
                && mask_hash == Some(*hash)
                && u64::try_from(hash.algorithm().size()) == Ok(salt)
        })
        .map(SignatureAlgorithm::RsaPss))
}
