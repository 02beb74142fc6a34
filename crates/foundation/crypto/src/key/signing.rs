//! Private keys held in memory: generated, or read from PKCS#8 (RFC 5958).

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::EcdsaSigningAlgorithm;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use sealwright_core::Digest;
use zeroize::Zeroizing;

use super::PublicKey;
use crate::Error;
use crate::asn1;
use crate::error::Structure;
use crate::oid;
use crate::pem;
use crate::scheme::KeyKind;
use crate::scheme::SignatureScheme;

/// A private key. AWS-LC wipes it from memory when it is dropped; it never shows itself in `Debug`.
pub struct SigningKey {
    pair: Pair,
    scheme: SignatureScheme,
    public_key: PublicKey,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Makes a new key: ECDSA on any supported curve with that curve's own hash, or Ed25519.
    ///
    /// # Errors
    /// `key.unsupported` for other schemes, `crypto.backend-failed`.
    pub fn generate(scheme: SignatureScheme) -> Result<Self, Error> {
        let failed = |_| Error::Backend {
            operation: "generate a key",
        };
        let pair = match scheme {
            SignatureScheme::Ed25519 => Pair::Ed25519(Ed25519KeyPair::generate().map_err(failed)?),
            _ => Pair::Ecdsa(EcdsaKeyPair::generate(ecdsa(scheme)?).map_err(failed)?),
        };
        Self::new(pair, scheme)
    }

    /// Reads an unencrypted PKCS#8 private key: ECDSA or Ed25519.
    ///
    /// # Errors
    /// `key.malformed`, `key.unsupported`.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        let malformed = |part| Error::Malformed {
            structure: Structure::PrivateKey,
            part,
        };
        let scheme = scheme_of_pkcs8(der)?;
        let pair = match scheme {
            SignatureScheme::Ed25519 => Ed25519KeyPair::from_pkcs8(der)
                .map(Pair::Ed25519)
                .map_err(|_| malformed("Ed25519 private key"))?,
            _ => EcdsaKeyPair::from_pkcs8(ecdsa(scheme)?, der)
                .map(Pair::Ecdsa)
                .map_err(|_| malformed("ECDSA private key"))?,
        };
        Self::new(pair, scheme)
    }

    /// Reads a PEM block labelled `PRIVATE KEY`.
    ///
    /// # Errors
    /// `key.malformed`, `key.unsupported`.
    pub fn from_pkcs8_pem(text: &str) -> Result<Self, Error> {
        let der = Zeroizing::new(pem::decode(text, PEM_LABEL, Structure::PrivateKey)?);
        Self::from_pkcs8_der(&der)
    }

    /// The key as PKCS#8.
    ///
    /// # Errors
    /// `crypto.backend-failed`.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let document = match &self.pair {
            Pair::Ecdsa(pair) => pair.to_pkcs8v1(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1(),
        }
        .map_err(|_| Error::Backend {
            operation: "write a private key",
        })?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// The key as a PEM block labelled `PRIVATE KEY`.
    ///
    /// # Errors
    /// `crypto.backend-failed`.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, Error> {
        let der = self.to_pkcs8_der()?;
        Ok(Zeroizing::new(pem::encode(PEM_LABEL, &der)))
    }

    /// The public half.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The scheme it signs with.
    pub const fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    /// Signs `message`. ECDSA signatures are DER.
    ///
    /// # Errors
    /// `crypto.backend-failed`.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &self.pair {
            Pair::Ecdsa(pair) => pair.sign(&SystemRandom::new(), message),
            Pair::Ed25519(pair) => pair.try_sign(message),
        }
        .map(|signature| signature.as_ref().to_vec())
        .map_err(|_| SIGN_FAILED)
    }

    /// Signs the message whose digest is `digest`: ECDSA only.
    ///
    /// # Errors
    /// `key.unsupported` when the key is Ed25519 or the digest is not of the scheme's hash,
    /// `crypto.backend-failed`.
    pub fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        let Pair::Ecdsa(pair) = &self.pair else {
            return Err(unsupported(self.scheme));
        };
        let hash = self
            .scheme
            .hash()
            .filter(|hash| hash.algorithm() == digest.algorithm())
            .ok_or_else(|| unsupported(self.scheme))?;
        aws_lc_rs::digest::Digest::import_less_safe(digest.as_bytes(), hash.backend())
            .and_then(|digest| pair.sign_digest(&digest))
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| SIGN_FAILED)
    }

    fn new(pair: Pair, scheme: SignatureScheme) -> Result<Self, Error> {
        let raw = match &pair {
            Pair::Ecdsa(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
        };
        let identifier = match scheme.key_kind() {
            KeyKind::EcdsaP256 => {
                asn1::sequence(&[&asn1::oid(oid::EC_PUBLIC_KEY), &asn1::oid(oid::SECP256R1)])
            }
            KeyKind::EcdsaP384 => {
                asn1::sequence(&[&asn1::oid(oid::EC_PUBLIC_KEY), &asn1::oid(oid::SECP384R1)])
            }
            KeyKind::EcdsaP521 => {
                asn1::sequence(&[&asn1::oid(oid::EC_PUBLIC_KEY), &asn1::oid(oid::SECP521R1)])
            }
            KeyKind::Ed25519 => asn1::sequence(&[&asn1::oid(oid::ED25519)]),
            KeyKind::Rsa => return Err(unsupported(scheme)),
        };
        let public_key =
            PublicKey::from_der(&asn1::sequence(&[&identifier, &asn1::bit_string(raw)]))?;
        Ok(Self {
            pair,
            scheme,
            public_key,
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, [redacted])", self.scheme.name())
    }
}

const PEM_LABEL: &str = "PRIVATE KEY";
const SIGN_FAILED: Error = Error::Backend { operation: "sign" };

const fn unsupported(scheme: SignatureScheme) -> Error {
    Error::UnsupportedSigningScheme {
        scheme: scheme.name(),
    }
}

const fn ecdsa(scheme: SignatureScheme) -> Result<&'static EcdsaSigningAlgorithm, Error> {
    match scheme {
        SignatureScheme::EcdsaP256Sha256 => Ok(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        SignatureScheme::EcdsaP384Sha384 => Ok(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        SignatureScheme::EcdsaP521Sha512 => Ok(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        other => Err(unsupported(other)),
    }
}

/// PrivateKeyInfo ::= SEQUENCE { version, AlgorithmIdentifier, OCTET STRING, ... }
fn scheme_of_pkcs8(der: &[u8]) -> Result<SignatureScheme, Error> {
    let read = || {
        let mut fields = asn1::Elements::of_sequence(der, "PrivateKeyInfo")?;
        fields
            .take(der::Tag::Integer, "version")?
            .small_integer("version")?;
        let mut algorithm = fields.take(der::Tag::Sequence, "key algorithm")?.contents();
        let id = algorithm
            .take(der::Tag::ObjectIdentifier, "key algorithm")?
            .oid("key algorithm")?;
        let curve = algorithm
            .optional(der::Tag::ObjectIdentifier, "named curve")?
            .map(|curve| curve.oid("named curve"))
            .transpose()?;
        asn1::Result::Ok((id, curve))
    };
    let (id, curve) = read().map_err(|asn1::Malformed(part)| Error::Malformed {
        structure: Structure::PrivateKey,
        part,
    })?;
    match (id, curve) {
        (oid::ED25519, None) => Ok(SignatureScheme::Ed25519),
        (oid::EC_PUBLIC_KEY, Some(oid::SECP256R1)) => Ok(SignatureScheme::EcdsaP256Sha256),
        (oid::EC_PUBLIC_KEY, Some(oid::SECP384R1)) => Ok(SignatureScheme::EcdsaP384Sha384),
        (oid::EC_PUBLIC_KEY, Some(oid::SECP521R1)) => Ok(SignatureScheme::EcdsaP521Sha512),
        _ => Err(Error::UnsupportedKey {
            algorithm: format!("a private key of algorithm {id}"),
        }),
    }
}
