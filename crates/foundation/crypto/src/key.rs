//! Public keys: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7; RFC 5480, RFC 8410, RFC 8017).
//!
//! Parsing takes the structure apart and checks algorithm, curve and size; whether a point lies on
//! its curve is checked by AWS-LC each time the key verifies.

mod bad_signature;
mod cosign;
mod ed25519ph;
mod import;
mod p1363;
mod scrypt;
mod signing;

use std::fmt;
use std::hash::Hash;
use std::hash::Hasher;
use std::ops::Range;
use std::sync::Arc;

use aws_lc_rs::signature::UnparsedPublicKey;
use der::Tag;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;

use crate::Error;
use crate::asn1;
use crate::asn1::Element;
use crate::asn1::Elements;
use crate::asn1::Malformed;
use crate::error::MIN_RSA_BITS;
use crate::error::Structure;
use crate::oid;
use crate::pem;
use crate::scheme::KeyKind;
use crate::scheme::SignatureScheme;

pub use self::bad_signature::BadSignature;
pub(crate) use self::bad_signature::MESSAGE_NEEDED;
pub(crate) use self::bad_signature::SIGNATURE_MISMATCH;
pub use self::import::KeyForm;
pub use self::p1363::ecdsa_der;
pub use self::signing::RsaSize;
pub use self::signing::SignatureInput;
pub use self::signing::SigningKey;

/// A public key that remembers the bytes it was read from. Cheap to clone.
#[derive(Clone)]
pub struct PublicKey {
    der: Arc<[u8]>,
    kind: KeyKind,
    /// Where the bytes lie that AWS-LC reads: the point, the 32 bytes, or the RSAPublicKey.
    raw: Range<usize>,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// `key.malformed`, `key.unsupported`.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > MAX_KEY_BYTES {
            return Err(Error::TooLarge {
                structure: Structure::PublicKey,
                limit: MAX_KEY_BYTES,
                found: der.len(),
            });
        }
        let (kind, raw) = read(der)?;
        Ok(Self {
            der: der.into(),
            kind,
            raw,
        })
    }

    /// Reads a public key in any form that people keep it in, PEM or DER: SubjectPublicKeyInfo,
    /// PKCS#1 (`RSA PUBLIC KEY`), or a certificate, whose key is taken.
    ///
    /// WARNING: nothing else in a certificate is looked at.
    ///
    /// # Errors
    /// `key.wrong-kind` when there is only, or also, a private key; `key.several`,
    /// `key.malformed`, `key.unsupported`, `key.rsa-size`, `certificate.malformed`.
    pub fn import(bytes: &[u8]) -> Result<Self, Error> {
        import::public_key(bytes)
    }

    /// Reads a PEM block labelled `PUBLIC KEY`.
    ///
    /// # Errors
    /// `key.malformed`, `key.unsupported`.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_der(&pem::decode(text, PEM_LABEL, Structure::PublicKey)?)
    }

    /// Reads an RSAPublicKey without its algorithm, as some trust roots hold CT log keys
    /// (`PKCS1_RSA_PKCS1V5`), and puts it into a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// `key.malformed`, `key.unsupported`.
    pub fn from_pkcs1_der(der: &[u8]) -> Result<Self, Error> {
        let algorithm = asn1::sequence(&[
            &asn1::oid(oid::RSA_ENCRYPTION),
            &asn1::element(Tag::Null, &[]),
        ]);
        Self::from_der(&asn1::sequence(&[&algorithm, &asn1::bit_string(der)]))
    }

    /// The SubjectPublicKeyInfo as it was read.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The key as a PEM block labelled `PUBLIC KEY`.
    pub fn to_pem(&self) -> String {
        pem::encode(PEM_LABEL, &self.der)
    }

    /// SHA-256 of the SubjectPublicKeyInfo: the id of logs and the issuer key hash of SCTs.
    pub fn key_id(&self) -> [u8; 32] {
        Digest::sha256(&self.der).first32()
    }

    /// The kind of key.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key itself without its algorithm: an uncompressed point, the 32 bytes of Ed25519, or
    /// an RSAPublicKey.
    pub fn raw(&self) -> &[u8] {
        self.der.get(self.raw.clone()).unwrap_or_default()
    }

    /// How many bits an RSA modulus has; `None` for other kinds of key.
    pub fn rsa_bits(&self) -> Option<usize> {
        (self.kind == KeyKind::Rsa)
            .then(|| rsa_modulus_bits(self.raw()).ok())
            .flatten()
    }

    /// The scheme such a key signs with unless something says otherwise.
    pub const fn default_scheme(&self) -> SignatureScheme {
        match self.kind {
            KeyKind::EcdsaP256 => SignatureScheme::EcdsaP256Sha256,
            KeyKind::EcdsaP384 => SignatureScheme::EcdsaP384Sha384,
            KeyKind::EcdsaP521 => SignatureScheme::EcdsaP521Sha512,
            KeyKind::Ed25519 => SignatureScheme::Ed25519,
            KeyKind::Rsa => SignatureScheme::RsaPkcs1Sha256,
        }
    }

    /// Checks that `signature` is this key's over `message` under `scheme`.
    ///
    /// # Errors
    /// `crypto.signature-mismatch`.
    pub fn verify(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        self.check_kind(scheme)?;
        let valid = match scheme.backend() {
            Some(algorithm) => UnparsedPublicKey::new(algorithm, self.raw())
                .verify(message, signature)
                .is_ok(),
            None => {
                let digest = Digest::of(DigestAlgorithm::Sha512, message);
                ed25519ph::verify(self.raw(), digest.as_bytes(), signature)
            }
        };
        if valid {
            Ok(())
        } else {
            Err(BadSignature::Mismatch { scheme })
        }
    }

    /// Checks that `signature` is this key's over the message whose digest is `digest`.
    ///
    /// # Errors
    /// `crypto.signature-mismatch`; `crypto.message-needed` for pure Ed25519.
    pub fn verify_digest(
        &self,
        scheme: SignatureScheme,
        digest: &Digest,
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        self.check_kind(scheme)?;
        let Some(wanted) = scheme.hash() else {
            return Err(BadSignature::NeedsMessage { scheme });
        };
        if digest.algorithm() != wanted.algorithm() {
            return Err(BadSignature::WrongDigest {
                scheme,
                found: digest.algorithm(),
            });
        }
        let valid = match scheme.backend() {
            Some(algorithm) => {
                aws_lc_rs::digest::Digest::import_less_safe(digest.as_bytes(), wanted.backend())
                    .and_then(|digest| {
                        UnparsedPublicKey::new(algorithm, self.raw())
                            .verify_digest(&digest, signature)
                    })
                    .is_ok()
            }
            None => ed25519ph::verify(self.raw(), digest.as_bytes(), signature),
        };
        if valid {
            Ok(())
        } else {
            Err(BadSignature::Mismatch { scheme })
        }
    }

    fn check_kind(&self, scheme: SignatureScheme) -> Result<(), BadSignature> {
        if scheme.key_kind() == self.kind {
            Ok(())
        } else {
            Err(BadSignature::WrongKey {
                scheme,
                found: self.kind,
            })
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PublicKey({}, {})",
            self.kind.name(),
            Digest::sha256(&self.der).to_hex()
        )
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.der.hash(state);
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

/// An RSA key of 8192 bits has about 1 100 bytes.
const MAX_KEY_BYTES: usize = 4096;
const MAX_RSA_BITS: usize = 8192;
const PEM_LABEL: &str = "PUBLIC KEY";

fn read(der: &[u8]) -> Result<(KeyKind, Range<usize>), Error> {
    let malformed = |Malformed(part)| Error::Malformed {
        structure: Structure::PublicKey,
        part,
    };
    let info = Element::only(der, "SubjectPublicKeyInfo").map_err(malformed)?;
    let parts = take_apart(info).map_err(malformed)?;
    match parts.algorithm {
        oid::EC_PUBLIC_KEY => {
            let curve = parts
                .parameters
                .filter(|element| element.tag() == Tag::ObjectIdentifier)
                .map(|element| element.oid("named curve"))
                .transpose()
                .map_err(malformed)?;
            let (kind, field) = match curve {
                Some(oid::SECP256R1) => (KeyKind::EcdsaP256, 32),
                Some(oid::SECP384R1) => (KeyKind::EcdsaP384, 48),
                Some(oid::SECP521R1) => (KeyKind::EcdsaP521, 66),
                Some(other) => {
                    return Err(Error::UnsupportedKey {
                        algorithm: format!("ECDSA on curve {other}"),
                    });
                }
                None => {
                    return Err(Error::UnsupportedKey {
                        algorithm: "ECDSA on an unnamed curve".to_owned(),
                    });
                }
            };
            let point = der.get(parts.key.clone()).unwrap_or_default();
            if point.first() != Some(&4) || point.len() != 1 + 2 * field {
                return Err(malformed(Malformed("uncompressed point")));
            }
            Ok((kind, parts.key))
        }
        oid::ED25519 => {
            if parts.parameters.is_some() || parts.key.len() != 32 {
                return Err(malformed(Malformed("Ed25519 key")));
            }
            Ok((KeyKind::Ed25519, parts.key))
        }
        oid::RSA_ENCRYPTION => {
            if parts.parameters.is_none_or(|null| null.tag() != Tag::Null) {
                return Err(malformed(Malformed("RSA parameters")));
            }
            let key = der.get(parts.key.clone()).unwrap_or_default();
            let bits = rsa_modulus_bits(key).map_err(malformed)?;
            if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
                return Err(Error::RsaSize {
                    bits,
                    limit: MAX_RSA_BITS,
                });
            }
            Ok((KeyKind::Rsa, parts.key))
        }
        other => Err(Error::UnsupportedKey {
            algorithm: format!("of algorithm {other}"),
        }),
    }
}

struct Parts<'a> {
    algorithm: der::asn1::ObjectIdentifier,
    parameters: Option<Element<'a>>,
    key: Range<usize>,
}

fn take_apart(info: Element<'_>) -> asn1::Result<Parts<'_>> {
    if info.tag() != Tag::Sequence {
        return Err(Malformed("SubjectPublicKeyInfo"));
    }
    let mut fields = info.contents();
    let mut algorithm = fields.take(Tag::Sequence, "key algorithm")?.contents();
    let id = algorithm
        .take(Tag::ObjectIdentifier, "key algorithm")?
        .oid("key algorithm")?;
    let parameters = if algorithm.is_empty() {
        None
    } else {
        Some(algorithm.any("key parameters")?)
    };
    algorithm.finish("key parameters")?;
    let key = fields.take(Tag::BitString, "key bits")?;
    key.bit_string("key bits")?;
    fields.finish("SubjectPublicKeyInfo")?;
    let bits = key.value_range();
    Ok(Parts {
        algorithm: id,
        parameters,
        key: bits.start + 1..bits.end,
    })
}

fn rsa_modulus_bits(key: &[u8]) -> asn1::Result<usize> {
    const PART: &str = "RSAPublicKey";
    let mut fields = Elements::of_sequence(key, PART)?;
    let modulus = fields.take(Tag::Integer, PART)?.integer(PART)?;
    let exponent = fields.take(Tag::Integer, PART)?.integer(PART)?;
    fields.finish(PART)?;
    let odd = exponent.last().is_some_and(|byte| byte & 1 == 1);
    rsa_bits(modulus).filter(|_| odd).ok_or(Malformed(PART))
}

/// The length of a positive INTEGER.
fn rsa_bits(modulus: &[u8]) -> Option<usize> {
    let magnitude = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let first = magnitude.first()?;
    let positive = modulus.first().is_some_and(|byte| *byte < 0x80);
    positive.then(|| magnitude.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests;
