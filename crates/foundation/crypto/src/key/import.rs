//! Keys as people keep them: PEM or DER, PKCS#8 (RFC 5958), SEC1 (RFC 5915), PKCS#1 (RFC 8017),
//! encrypted PKCS#8 (RFC 8018) and the key files of cosign.
//!
//! What a file holds is told by its label or its first elements, never by trying one reader after
//! the other, so that each error is about what the file is.

mod pbes2;

use aws_lc_rs::rsa;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::Ed25519KeyPair;
use der::Tag;
use der::asn1::ObjectIdentifier;
use zeroize::Zeroizing;

use super::PublicKey;
use super::SigningKey;
use super::cosign;
use super::rsa_bits;
use super::signing::Pair;
use super::signing::ecdsa;
use crate::Certificate;
use crate::Error;
use crate::asn1;
use crate::asn1::Element;
use crate::asn1::Elements;
use crate::asn1::Malformed;
use crate::error::MIN_RSA_BITS;
use crate::error::Structure;
use crate::oid;
use crate::pem;
use crate::scheme::SignatureScheme;

/// What a file, or a PEM block in it, holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyForm {
    /// An X.509 certificate.
    Certificate,
    /// A PKCS#10 certificate request.
    CertificateRequest,
    /// A private key as cosign encrypts it.
    Cosign,
    /// A private key in encrypted PKCS#8.
    EncryptedPkcs8,
    /// An RSA private key in PKCS#1.
    Pkcs1,
    /// An RSA public key in PKCS#1.
    Pkcs1Public,
    /// A private key in PKCS#8.
    Pkcs8,
    /// An ECDSA private key in SEC1.
    Sec1,
    /// A public key: a SubjectPublicKeyInfo.
    Spki,
    /// Something else.
    Other,
}

impl KeyForm {
    /// Tells what a file holds without opening it: of several things that of most use for signing.
    ///
    /// # Errors
    /// `key.malformed`, `key.several`, `key.encryption-unsupported`.
    pub fn of(file: &[u8]) -> Result<Self, Error> {
        choose(file, Structure::PrivateKey).map(|(form, _)| form)
    }

    /// Whether there is a private key.
    pub const fn is_private(self) -> bool {
        matches!(
            self,
            Self::Cosign | Self::EncryptedPkcs8 | Self::Pkcs1 | Self::Pkcs8 | Self::Sec1
        )
    }

    /// Whether it takes a password to read it.
    pub const fn is_encrypted(self) -> bool {
        matches!(self, Self::Cosign | Self::EncryptedPkcs8)
    }

    /// The form's name for people.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Certificate => "certificate (X.509)",
            Self::CertificateRequest => "certificate request (PKCS#10)",
            Self::Cosign => "private key, encrypted (cosign)",
            Self::EncryptedPkcs8 => "private key, encrypted (PKCS#8)",
            Self::Pkcs1 => "private key, not encrypted (PKCS#1)",
            Self::Pkcs1Public => "public key (PKCS#1)",
            Self::Pkcs8 => "private key, not encrypted (PKCS#8)",
            Self::Sec1 => "private key, not encrypted (SEC1)",
            Self::Spki => "public key",
            Self::Other => "something that is no key",
        }
    }
}

/// Reads a private key of any form.
pub(super) fn private_key(file: &[u8], password: Option<&[u8]>) -> Result<SigningKey, Error> {
    let (content, bytes) = choose(file, Structure::PrivateKey)?;
    match content {
        KeyForm::Cosign => pkcs8(&cosign::decrypt(&bytes, password)?),
        KeyForm::EncryptedPkcs8 => pbes2::decrypt(&bytes, password),
        KeyForm::Pkcs1 => pkcs1(&bytes),
        KeyForm::Pkcs8 => pkcs8(&bytes),
        KeyForm::Sec1 => sec1(&bytes),
        other => Err(Error::WrongKind {
            found: other.name(),
            wanted: Structure::PrivateKey,
        }),
    }
}

/// Reads a public key of any form.
pub(super) fn public_key(file: &[u8]) -> Result<PublicKey, Error> {
    let (content, bytes) = choose(file, Structure::PublicKey)?;
    match content {
        KeyForm::Certificate => Ok(Certificate::from_der(&bytes)?.public_key().clone()),
        KeyForm::Pkcs1Public => PublicKey::from_pkcs1_der(&bytes),
        KeyForm::Spki => PublicKey::from_der(&bytes),
        other => Err(Error::WrongKind {
            found: other.name(),
            wanted: Structure::PublicKey,
        }),
    }
}

/// Reads PKCS#8 without encryption.
pub(super) fn pkcs8(der: &[u8]) -> Result<SigningKey, Error> {
    check_size(der)?;
    let info = take_pkcs8_apart(der).map_err(malformed)?;
    let key = match (info.id, info.curve) {
        (oid::ED25519, None) => Ed25519KeyPair::from_pkcs8(der)
            .map_err(|_| malformed(Malformed("Ed25519 private key")))
            .and_then(|pair| SigningKey::new(Pair::Ed25519(pair), SignatureScheme::Ed25519))?,
        (oid::EC_PUBLIC_KEY, Some(curve)) => {
            let scheme = scheme_of_curve(curve)?;
            let pair = EcdsaKeyPair::from_pkcs8(ecdsa(scheme)?, &info.first_version())
                .map_err(|_| malformed(Malformed("ECDSA private key")))?;
            SigningKey::new(Pair::Ecdsa(pair), scheme)?
        }
        (oid::EC_PUBLIC_KEY, None) => return Err(unsupported("ECDSA on an unnamed curve")),
        (oid::RSA_ENCRYPTION, None) => {
            check_rsa_size(info.key.value())?;
            let pair = rsa::KeyPair::from_pkcs8(&info.first_version())
                .map_err(|_| malformed(Malformed("RSA private key")))?;
            SigningKey::new(Pair::Rsa(pair), SignatureScheme::RsaPkcs1Sha256)?
        }
        (id, _) => {
            return Err(unsupported(&format!("a private key of algorithm {id}")));
        }
    };
    match info.public {
        Some(public) if public != key.public_key().raw() => Err(malformed(Malformed(
            "a public key inside that is another's",
        ))),
        _ => Ok(key),
    }
}

/// PrivateKeyInfo taken apart.
struct Pkcs8<'a> {
    id: ObjectIdentifier,
    curve: Option<ObjectIdentifier>,
    algorithm: Element<'a>,
    key: Element<'a>,
    public: Option<&'a [u8]>,
}

impl Pkcs8<'_> {
    /// Without what the second version added, which AWS-LC reads of Ed25519 keys alone.
    fn first_version(&self) -> Zeroizing<Vec<u8>> {
        let version = asn1::unsigned_integer(&[0]);
        Zeroizing::new(asn1::sequence(&[
            &version,
            self.algorithm.raw(),
            self.key.raw(),
        ]))
    }
}

impl KeyForm {
    fn of_label(label: &str) -> Self {
        match label {
            "CERTIFICATE" => Self::Certificate,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::CertificateRequest,
            "EC PRIVATE KEY" => Self::Sec1,
            "ENCRYPTED COSIGN PRIVATE KEY" | "ENCRYPTED SIGSTORE PRIVATE KEY" => Self::Cosign,
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedPkcs8,
            "PRIVATE KEY" => Self::Pkcs8,
            "PUBLIC KEY" => Self::Spki,
            "RSA PRIVATE KEY" => Self::Pkcs1,
            "RSA PUBLIC KEY" => Self::Pkcs1Public,
            _ => Self::Other,
        }
    }

    /// Tells by the tags of the first elements.
    fn of_der(der: &[u8]) -> asn1::Result<Self> {
        const PART: &str = "neither PEM nor DER";
        let mut fields = Elements::of_sequence(der, PART)?;
        let first = fields.any(PART)?;
        let second = fields.any(PART)?;
        let third = fields.any(PART).map(|element| element.tag());
        Ok(match (first.tag(), second.tag(), third) {
            (Tag::Integer, Tag::Sequence, _) => Self::Pkcs8,
            (Tag::Integer, Tag::OctetString, _) => Self::Sec1,
            (Tag::Integer, Tag::Integer, Ok(Tag::Integer)) => Self::Pkcs1,
            (Tag::Integer, Tag::Integer, Err(_)) => Self::Pkcs1Public,
            (Tag::Sequence, Tag::OctetString, _) => Self::EncryptedPkcs8,
            (Tag::Sequence, Tag::BitString, _) => Self::Spki,
            (Tag::Sequence, Tag::Sequence, Ok(Tag::BitString)) => {
                // A TBSCertificate starts with [0], CertificationRequestInfo with an INTEGER.
                match first.contents().any(PART)?.tag() {
                    Tag::Integer => Self::CertificateRequest,
                    _ => Self::Certificate,
                }
            }
            _ => Self::Other,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::CertificateRequest => "a certificate request",
            Self::Cosign | Self::EncryptedPkcs8 => "an encrypted private key",
            Self::Pkcs1 | Self::Pkcs8 | Self::Sec1 => "a private key",
            Self::Pkcs1Public | Self::Spki => "a public key",
            Self::Other => "something that is no key",
        }
    }

    /// How much a block of this content is what was wanted: the highest in a file is taken.
    const fn fitness(self, wanted: Structure) -> u8 {
        match (self, wanted) {
            (Self::Other, _) => 0,
            (Self::CertificateRequest, _) => 1,
            (Self::Certificate, Structure::PublicKey) => 2,
            (Self::Pkcs1Public | Self::Spki, Structure::PublicKey) => 3,
            // A file with a private key is not one to hand around as the public half.
            (_, Structure::PublicKey) => 4,
            (Self::Certificate, _) => 1,
            (Self::Pkcs1Public | Self::Spki, _) => 2,
            _ => 3,
        }
    }
}

/// What a file holds: DER as a whole, or the one PEM block in it that fits best.
fn choose(file: &[u8], wanted: Structure) -> Result<(KeyForm, Zeroizing<Vec<u8>>), Error> {
    let malformed = |part| Error::Malformed {
        structure: wanted,
        part,
    };
    pem::check_size(file, wanted)?;
    let text = match str::from_utf8(file) {
        Ok(text) if text.contains("-----BEGIN ") => text,
        _ => {
            let content = KeyForm::of_der(file).map_err(|Malformed(part)| malformed(part))?;
            return Ok((content, Zeroizing::new(file.to_vec())));
        }
    };
    let blocks = pem::blocks(text).ok_or_else(|| malformed("a PEM block that does not end"))?;
    let fitness = |block: &pem::Block<'_>| KeyForm::of_label(block.label).fitness(wanted);
    let best = blocks.iter().map(fitness).max().unwrap_or(0);
    let mut fitting = blocks.into_iter().filter(|block| fitness(block) == best);
    let block = fitting.next().ok_or_else(|| malformed("PEM"))?;
    let others = fitting.count();
    let content = KeyForm::of_label(block.label);
    if others > 0 && content != KeyForm::Other {
        return Err(Error::SeveralKeys {
            structure: wanted,
            found: others + 1,
        });
    }
    if block.has_headers && matches!(content, KeyForm::Pkcs1 | KeyForm::Sec1) {
        return Err(Error::EncryptionUnsupported {
            algorithm: "PEM headers (RFC 1421)".to_owned(),
        });
    }
    let bytes = block
        .bytes
        .ok_or_else(|| malformed("a PEM block that is no Base64"))?;
    Ok((content, bytes))
}

/// ECPrivateKey ::= SEQUENCE { 1, OCTET STRING, [0] ECParameters OPTIONAL, [1] BIT STRING OPTIONAL }
fn sec1(der: &[u8]) -> Result<SigningKey, Error> {
    const PART: &str = "ECPrivateKey";
    check_size(der)?;
    let read = || {
        let mut fields = Elements::of_sequence(der, PART)?;
        if fields.take(Tag::Integer, PART)?.small_integer(PART)? != 1 {
            return Err(Malformed(PART));
        }
        fields.take(Tag::OctetString, PART)?;
        let curve = fields.optional(asn1::constructed(0), PART)?;
        fields.optional(asn1::constructed(1), PART)?;
        fields.finish(PART)?;
        curve
            .map(|curve| Element::only(curve.value(), PART))
            .transpose()
    };
    let curve = match read().map_err(malformed)? {
        Some(curve) if curve.tag() == Tag::ObjectIdentifier => {
            curve.oid(PART).map_err(malformed)?
        }
        _ => return Err(unsupported("ECDSA on an unnamed curve")),
    };
    let scheme = scheme_of_curve(curve)?;
    let pair = EcdsaKeyPair::from_private_key_der(ecdsa(scheme)?, der)
        .map_err(|_| malformed(Malformed("ECDSA private key")))?;
    SigningKey::new(Pair::Ecdsa(pair), scheme)
}

fn pkcs1(der: &[u8]) -> Result<SigningKey, Error> {
    check_size(der)?;
    check_rsa_size(der)?;
    // Bytes behind the structure are not looked at by AWS-LC; `check_rsa_size` has refused them.
    let pair = rsa::KeyPair::from_der(der).map_err(|_| malformed(Malformed("RSA private key")))?;
    SigningKey::new(Pair::Rsa(pair), SignatureScheme::RsaPkcs1Sha256)
}

/// RSAPrivateKey ::= SEQUENCE { version, modulus, publicExponent, ... }
fn check_rsa_size(der: &[u8]) -> Result<(), Error> {
    const PART: &str = "RSAPrivateKey";
    let read = || {
        let mut fields = Elements::of_sequence(der, PART)?;
        // Version 1 means more than two primes.
        if fields.take(Tag::Integer, PART)?.small_integer(PART)? != 0 {
            return Err(Malformed(PART));
        }
        let modulus = fields.take(Tag::Integer, PART)?.integer(PART)?;
        for _ in 0..7 {
            fields.take(Tag::Integer, PART)?;
        }
        fields.finish(PART)?;
        rsa_bits(modulus).ok_or(Malformed(PART))
    };
    let bits = read().map_err(malformed)?;
    if (MIN_RSA_BITS..=MAX_SIGNING_RSA_BITS).contains(&bits) {
        Ok(())
    } else {
        Err(Error::RsaSize {
            bits,
            limit: MAX_SIGNING_RSA_BITS,
        })
    }
}

/// PrivateKeyInfo ::= SEQUENCE { version, AlgorithmIdentifier, OCTET STRING, [0] OPTIONAL, [1] OPTIONAL }
fn take_pkcs8_apart(der: &[u8]) -> asn1::Result<Pkcs8<'_>> {
    const PART: &str = "PrivateKeyInfo";
    let mut fields = Elements::of_sequence(der, PART)?;
    let version = fields.take(Tag::Integer, "version")?;
    let version = version.small_integer("version")?;
    let algorithm = fields.take(Tag::Sequence, "key algorithm")?;
    let mut identifier = algorithm.contents();
    let id = identifier
        .take(Tag::ObjectIdentifier, "key algorithm")?
        .oid("key algorithm")?;
    let curve = identifier
        .optional(Tag::ObjectIdentifier, "named curve")?
        .map(|curve| curve.oid("named curve"))
        .transpose()?;
    let key = fields.take(Tag::OctetString, PART)?;
    fields.optional(asn1::constructed(0), PART)?;
    let public = fields.optional(asn1::primitive(1), PART)?;
    fields.finish(PART)?;
    // A public half belongs to version 2 alone, which is written as 1.
    let public = match (version, public) {
        (0 | 1, None) => None,
        // A BIT STRING without unused bits.
        (1, Some(bits)) => Some(bits.value().strip_prefix(&[0]).ok_or(Malformed(PART))?),
        _ => return Err(Malformed("version")),
    };
    Ok(Pkcs8 {
        id,
        curve,
        algorithm,
        key,
        public,
    })
}

fn scheme_of_curve(curve: ObjectIdentifier) -> Result<SignatureScheme, Error> {
    match curve {
        oid::SECP256R1 => Ok(SignatureScheme::EcdsaP256Sha256),
        oid::SECP384R1 => Ok(SignatureScheme::EcdsaP384Sha384),
        oid::SECP521R1 => Ok(SignatureScheme::EcdsaP521Sha512),
        other => Err(unsupported(&format!("ECDSA on curve {other}"))),
    }
}

fn check_size(der: &[u8]) -> Result<(), Error> {
    if der.len() > MAX_PRIVATE_KEY_BYTES {
        return Err(Error::TooLarge {
            structure: Structure::PrivateKey,
            limit: MAX_PRIVATE_KEY_BYTES,
            found: der.len(),
        });
    }
    Ok(())
}

fn malformed(Malformed(part): Malformed) -> Error {
    Error::Malformed {
        structure: Structure::PrivateKey,
        part,
    }
}

fn unsupported(algorithm: &str) -> Error {
    Error::UnsupportedKey {
        algorithm: algorithm.to_owned(),
    }
}

/// An RSA key of 4096 bits has about 2 400 bytes.
const MAX_PRIVATE_KEY_BYTES: usize = 8 * 1024;
/// What Sigstore's registry of algorithms goes up to.
const MAX_SIGNING_RSA_BITS: usize = 4096;

#[cfg(test)]
mod tests;
