//! Private keys held in memory: made here, or read from what people keep them in.

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::EcdsaSigningAlgorithm;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use zeroize::Zeroizing;

use super::PublicKey;
use super::ed25519ph;
use super::import;
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

pub(super) enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(rsa::KeyPair),
}

/// How long a new RSA key is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RsaSize {
    /// 2048 bits.
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    Bits4096,
}

/// What a signature is to be made of.
#[derive(Clone, Copy, Debug)]
pub enum SignatureInput<'a> {
    /// The digest of the message, by the scheme's hash.
    Digest(&'a Digest),
    /// The message itself.
    Message(&'a [u8]),
}

impl SigningKey {
    /// Makes a new key: ECDSA on any supported curve with that curve's own hash, Ed25519 or
    /// Ed25519ph, or RSA of 3072 bits.
    ///
    /// # Errors
    /// `key.unsupported` for other schemes, `crypto.backend-failed`.
    pub fn generate(scheme: SignatureScheme) -> Result<Self, Error> {
        let pair = match scheme.key_kind() {
            KeyKind::Ed25519 => Pair::Ed25519(Ed25519KeyPair::generate().map_err(failed)?),
            KeyKind::Rsa => return Self::generate_rsa(RsaSize::Bits3072, scheme),
            _ => Pair::Ecdsa(EcdsaKeyPair::generate(ecdsa(scheme)?).map_err(failed)?),
        };
        Self::new(pair, scheme)
    }

    /// Makes a new RSA key that signs with `scheme`.
    ///
    /// # Errors
    /// `key.unsupported` when that is no RSA scheme, `crypto.backend-failed`.
    pub fn generate_rsa(size: RsaSize, scheme: SignatureScheme) -> Result<Self, Error> {
        let size = match size {
            RsaSize::Bits2048 => rsa::KeySize::Rsa2048,
            RsaSize::Bits3072 => rsa::KeySize::Rsa3072,
            RsaSize::Bits4096 => rsa::KeySize::Rsa4096,
        };
        if rsa_padding(scheme).is_none() {
            return Err(unsupported(scheme));
        }
        Self::new(
            Pair::Rsa(rsa::KeyPair::generate(size).map_err(failed)?),
            scheme,
        )
    }

    /// Reads a private key in any form that people keep it in, PEM or DER: PKCS#8, SEC1
    /// (`EC PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`), and with a password encrypted PKCS#8 and
    /// the encrypted key files of cosign. Certificates and public keys beside it are passed over.
    ///
    /// # Errors
    /// `key.password-needed`, so that a caller may ask for one and come again,
    /// `key.wrong-password`, `key.encryption-unsupported`, `key.several`, `key.wrong-kind`,
    /// `key.unsupported`, `key.rsa-size`, `key.malformed`.
    pub fn import(bytes: &[u8], password: Option<&[u8]>) -> Result<Self, Error> {
        import::private_key(bytes, password)
    }

    /// Reads an unencrypted PKCS#8 private key, version 1 or 2.
    ///
    /// # Errors
    /// `key.malformed`, `key.unsupported`, `key.rsa-size`.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        import::pkcs8(der)
    }

    /// Reads a PEM block labelled `PRIVATE KEY`.
    ///
    /// # Errors
    /// `key.malformed`, `key.unsupported`, `key.rsa-size`.
    pub fn from_pkcs8_pem(text: &str) -> Result<Self, Error> {
        let der = Zeroizing::new(pem::decode(text, PEM_LABEL, Structure::PrivateKey)?);
        Self::from_pkcs8_der(&der)
    }

    /// The same key, signing with another scheme from now on: Ed25519ph, or PSS.
    ///
    /// # Errors
    /// `key.unsupported` when the key cannot sign with it.
    pub fn with_scheme(self, scheme: SignatureScheme) -> Result<Self, Error> {
        if self.supports(scheme) {
            Ok(Self { scheme, ..self })
        } else {
            Err(unsupported(scheme))
        }
    }

    /// The key as PKCS#8, version 1.
    ///
    /// # Errors
    /// `crypto.backend-failed`.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let document = match &self.pair {
            Pair::Ecdsa(pair) => pair.to_pkcs8v1(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1(),
            Pair::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| WRITE_FAILED)?;
                return Ok(Zeroizing::new(der.as_ref().to_vec()));
            }
        }
        .map_err(|_| WRITE_FAILED)?;
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

    /// Whether it can sign with `scheme`.
    pub fn supports(&self, scheme: SignatureScheme) -> bool {
        match &self.pair {
            Pair::Ecdsa(_) => scheme == self.scheme,
            Pair::Ed25519(_) => scheme.key_kind() == KeyKind::Ed25519,
            Pair::Rsa(_) => scheme.key_kind() == KeyKind::Rsa,
        }
    }

    /// Signs `message`. ECDSA signatures are DER.
    ///
    /// # Errors
    /// `crypto.backend-failed`.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.sign_with(self.scheme, SignatureInput::Message(message))
    }

    /// Signs the message whose digest is `digest`: everything but pure Ed25519.
    ///
    /// # Errors
    /// `key.unsupported` when the scheme is Ed25519 or the digest is not of the scheme's hash,
    /// `crypto.backend-failed`.
    pub fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        self.sign_with(self.scheme, SignatureInput::Digest(digest))
    }

    /// Signs with any scheme the key supports. ECDSA signatures are DER.
    ///
    /// # Errors
    /// `key.unsupported` when the key does not support the scheme, or when the input is a digest
    /// and the scheme is Ed25519 or has another hash; `crypto.backend-failed`.
    pub fn sign_with(
        &self,
        scheme: SignatureScheme,
        input: SignatureInput<'_>,
    ) -> Result<Vec<u8>, Error> {
        if !self.supports(scheme) {
            return Err(unsupported(scheme));
        }
        match (&self.pair, input) {
            (Pair::Ecdsa(pair), SignatureInput::Message(message)) => pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| SIGN_FAILED),
            (Pair::Ecdsa(pair), SignatureInput::Digest(digest)) => pair
                .sign_digest(&backend_digest(scheme, digest)?)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| SIGN_FAILED),
            (Pair::Ed25519(pair), input) if scheme == SignatureScheme::Ed25519ph => {
                let digest = match input {
                    SignatureInput::Message(message) => {
                        Digest::of(DigestAlgorithm::Sha512, message)
                    }
                    SignatureInput::Digest(digest) => *digest,
                };
                if digest.algorithm() != DigestAlgorithm::Sha512 {
                    return Err(unsupported(scheme));
                }
                ed25519ph::sign(pair, digest.as_bytes()).ok_or(SIGN_FAILED)
            }
            (Pair::Ed25519(pair), SignatureInput::Message(message)) => pair
                .try_sign(message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| SIGN_FAILED),
            (Pair::Ed25519(_), SignatureInput::Digest(_)) => Err(unsupported(scheme)),
            (Pair::Rsa(pair), input) => {
                let padding = rsa_padding(scheme).ok_or_else(|| unsupported(scheme))?;
                let mut signature = vec![0; pair.public_modulus_len()];
                match input {
                    SignatureInput::Message(message) => {
                        pair.sign(padding, &SystemRandom::new(), message, &mut signature)
                    }
                    SignatureInput::Digest(digest) => {
                        let digest = backend_digest(scheme, digest)?;
                        pair.sign_digest(padding, &digest, &mut signature)
                    }
                }
                .map_err(|_| SIGN_FAILED)?;
                Ok(signature)
            }
        }
    }

    pub(super) fn new(pair: Pair, scheme: SignatureScheme) -> Result<Self, Error> {
        let raw = match &pair {
            Pair::Ecdsa(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
            Pair::Rsa(pair) => pair.public_key().as_ref(),
        };
        let public_key = PublicKey::from_raw(scheme.key_kind(), raw)?;
        Ok(Self {
            pair,
            scheme,
            public_key,
        })
    }
}

impl PublicKey {
    /// Puts what [`PublicKey::raw`] gives back into a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// `key.malformed`, `key.unsupported`, `key.rsa-size`.
    pub fn from_raw(kind: KeyKind, raw: &[u8]) -> Result<Self, Error> {
        let ecdsa = |curve| asn1::sequence(&[&asn1::oid(oid::EC_PUBLIC_KEY), &asn1::oid(curve)]);
        let identifier = match kind {
            KeyKind::EcdsaP256 => ecdsa(oid::SECP256R1),
            KeyKind::EcdsaP384 => ecdsa(oid::SECP384R1),
            KeyKind::EcdsaP521 => ecdsa(oid::SECP521R1),
            KeyKind::Ed25519 => asn1::sequence(&[&asn1::oid(oid::ED25519)]),
            KeyKind::Rsa => return Self::from_pkcs1_der(raw),
        };
        Self::from_der(&asn1::sequence(&[&identifier, &asn1::bit_string(raw)]))
    }

    /// Makes an RSA key of its two numbers, big-endian.
    ///
    /// # Errors
    /// `key.malformed`, `key.rsa-size`.
    pub fn from_rsa_numbers(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        Self::from_pkcs1_der(&asn1::sequence(&[
            &asn1::unsigned_integer(modulus),
            &asn1::unsigned_integer(exponent),
        ]))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, [redacted])", self.scheme.name())
    }
}

const PEM_LABEL: &str = "PRIVATE KEY";
const SIGN_FAILED: Error = Error::Backend { operation: "sign" };
const WRITE_FAILED: Error = Error::Backend {
    operation: "write a private key",
};

fn failed(_: aws_lc_rs::error::Unspecified) -> Error {
    Error::Backend {
        operation: "generate a key",
    }
}

const fn unsupported(scheme: SignatureScheme) -> Error {
    Error::UnsupportedSigningScheme {
        scheme: scheme.name(),
    }
}

/// AWS-LC's form of a digest, which must be of the scheme's hash.
fn backend_digest(
    scheme: SignatureScheme,
    digest: &Digest,
) -> Result<aws_lc_rs::digest::Digest, Error> {
    let hash = scheme
        .hash()
        .filter(|hash| hash.algorithm() == digest.algorithm())
        .ok_or_else(|| unsupported(scheme))?;
    aws_lc_rs::digest::Digest::import_less_safe(digest.as_bytes(), hash.backend())
        .map_err(|_| SIGN_FAILED)
}

pub(super) const fn ecdsa(
    scheme: SignatureScheme,
) -> Result<&'static EcdsaSigningAlgorithm, Error> {
    match scheme {
        SignatureScheme::EcdsaP256Sha256 => Ok(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        SignatureScheme::EcdsaP384Sha384 => Ok(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        SignatureScheme::EcdsaP521Sha512 => Ok(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        other => Err(unsupported(other)),
    }
}

/// PSS salts have the length of the hash.
fn rsa_padding(scheme: SignatureScheme) -> Option<&'static dyn signature::RsaEncoding> {
    Some(match scheme {
        SignatureScheme::RsaPkcs1Sha256 => &signature::RSA_PKCS1_SHA256,
        SignatureScheme::RsaPkcs1Sha384 => &signature::RSA_PKCS1_SHA384,
        SignatureScheme::RsaPkcs1Sha512 => &signature::RSA_PKCS1_SHA512,
        SignatureScheme::RsaPssSha256 => &signature::RSA_PSS_SHA256,
        SignatureScheme::RsaPssSha384 => &signature::RSA_PSS_SHA384,
        SignatureScheme::RsaPssSha512 => &signature::RSA_PSS_SHA512,
        _ => return None,
    })
}
