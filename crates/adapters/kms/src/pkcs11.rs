//! Keys in PKCS#11 tokens, by the helper program `sealwright-pkcs11`, which loads the maker's library.
//!
//! The helper is a process of its own that this one starts and talks to by lines of JSON; see
//! `docs/reference/pkcs11-helper.md`. It is believed no more than a service is.

mod process;
mod uri;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_crypto::Certificate;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureInput;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::ecdsa_der;
use serde_json::Value;
use serde_json::json;

use self::process::Helper;
use crate::Error;
use crate::reference::KeyService;

pub use self::uri::InvalidPkcs11Uri;
pub use self::uri::Pkcs11Uri;

/// A private key in a token we are logged in at.
pub struct Pkcs11Key {
    helper: Helper,
    public_key: PublicKey,
}

/// Where the helper program is.
#[derive(Clone, Debug, Default)]
pub struct HelperPlaces {
    /// The program itself, where somebody says so.
    pub named: Option<PathBuf>,
    /// The directory of the program that runs.
    pub beside: Option<PathBuf>,
    /// `PATH`
    pub path: Option<OsString>,
}

impl Pkcs11Key {
    /// Logs in and finds the key. Without a PIN only what a token shows to everybody is found.
    ///
    /// # Errors
    /// `pkcs11.helper-failed`, `pkcs11.pin`, `pkcs11.no-key`, `pkcs11.refused`; `key.…` for a public key
    /// that is none.
    pub fn open(
        uri: &Pkcs11Uri,
        module: &str,
        pin: Option<&str>,
        places: &HelperPlaces,
        patience: Duration,
    ) -> Result<Self, Error> {
        let mut helper = Helper::start(places, patience)?;
        let request = json!({
            "op": "open",
            "module": module,
            "token": uri.token,
            "slot": uri.slot,
            "object": uri.object,
            "id": uri.id.as_deref().map(hex),
            "pin": pin,
        });
        let answer = helper.ask(&request)?;
        let public_key = public_key(answer.get("key").unwrap_or(&Value::Null))?;
        Ok(Self { helper, public_key })
    }

    /// The public half.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The scheme it signs with unless something says otherwise.
    pub const fn scheme(&self) -> SignatureScheme {
        self.public_key.default_scheme()
    }

    /// Whether a token can sign with `scheme` with such a key.
    pub fn supports(&self, scheme: SignatureScheme) -> bool {
        match self.public_key.kind() {
            KeyKind::Rsa => scheme.key_kind() == KeyKind::Rsa,
            _ => scheme == self.scheme(),
        }
    }

    /// Lets the token sign, and verifies what it answers. ECDSA signatures are DER.
    ///
    /// # Errors
    /// As [`Pkcs11Key::open`]; `key.unsupported` for a scheme that the key does not have, or an input that
    /// does not fit it; `kms.wrong-signature`.
    pub fn sign(
        &self,
        scheme: SignatureScheme,
        input: SignatureInput<'_>,
    ) -> Result<Vec<u8>, Error> {
        let unsupported = || Error::Key {
            service: KeyService::Token,
            source: sealwright_crypto::Error::UnsupportedSigningScheme {
                scheme: scheme.name(),
            },
        };
        if !self.supports(scheme) {
            return Err(unsupported());
        }
        let digest = match (scheme.digest_algorithm(), input) {
            (Some(algorithm), SignatureInput::Message(message)) => {
                Some(Digest::of(algorithm, message))
            }
            (Some(algorithm), SignatureInput::Digest(digest))
                if digest.algorithm() == algorithm =>
            {
                Some(*digest)
            }
            (None, SignatureInput::Message(_)) => None,
            _ => return Err(unsupported()),
        };
        let (mechanism, handed) = match (&digest, input) {
            (Some(digest), _) => hashed(scheme, digest).ok_or_else(unsupported)?,
            (None, SignatureInput::Message(message)) => ("eddsa", message.to_vec()),
            (None, SignatureInput::Digest(_)) => return Err(unsupported()),
        };
        let request = json!({ "op": "sign", "mechanism": mechanism, "input": hex(&handed) });
        let answer = self.helper.ask_shared(&request)?;
        let signature = answer
            .get("signature")
            .and_then(Value::as_str)
            .and_then(from_hex)
            .ok_or(MALFORMED)?;
        let wrong = || Error::WrongSignature {
            service: KeyService::Token,
            scheme: scheme.name(),
        };
        let signature = match self.public_key.kind() {
            KeyKind::Ed25519 | KeyKind::Rsa => signature,
            kind => ecdsa_der(kind, &signature).ok_or_else(wrong)?,
        };
        let verified = match (&digest, input) {
            (Some(digest), _) => self.public_key.verify_digest(scheme, digest, &signature),
            (None, SignatureInput::Message(message)) => {
                self.public_key.verify(scheme, message, &signature)
            }
            (None, SignatureInput::Digest(_)) => return Err(unsupported()),
        };
        verified.map_err(|_| wrong())?;
        Ok(signature)
    }
}

impl fmt::Debug for Pkcs11Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkcs11Key({})", self.scheme().name())
    }
}

/// How a token signs a digest, and what it is handed for it.
fn hashed(scheme: SignatureScheme, digest: &Digest) -> Option<(&'static str, Vec<u8>)> {
    let bytes = digest.as_bytes().to_vec();
    Some(match scheme {
        SignatureScheme::RsaPssSha256 => ("rsa-pss-sha256", bytes),
        SignatureScheme::RsaPssSha384 => ("rsa-pss-sha384", bytes),
        SignatureScheme::RsaPssSha512 => ("rsa-pss-sha512", bytes),
        _ if scheme.key_kind() == KeyKind::Rsa => {
            let prefix = match digest.algorithm() {
                DigestAlgorithm::Sha256 => 1,
                DigestAlgorithm::Sha384 => 2,
                DigestAlgorithm::Sha512 => 3,
                DigestAlgorithm::TreeV1 => return None,
            };
            (
                "rsa-pkcs1",
                [&digest_info(prefix, bytes.len())?[..], &bytes].concat(),
            )
        }
        _ => ("ecdsa", bytes),
    })
}

/// The DER of a DigestInfo before the digest (RFC 8017 section 9.2, note 1): the hashes differ in the
/// last number of their name.
fn digest_info(hash: u8, length: usize) -> Option<[u8; 19]> {
    let length = u8::try_from(length).ok()?;
    Some([
        0x30,
        17 + length,
        0x30,
        13,
        6,
        9,
        0x60,
        0x86,
        0x48,
        1,
        0x65,
        3,
        4,
        2,
        hash,
        5,
        0,
        4,
        length,
    ])
}

fn public_key(answer: &Value) -> Result<PublicKey, Error> {
    let part = |name: &str| answer.get(name).and_then(Value::as_str).and_then(from_hex);
    let key = |source| Error::Key {
        service: KeyService::Token,
        source,
    };
    match answer.get("type").and_then(Value::as_str) {
        Some("certificate") => {
            let der = part("der").ok_or(MALFORMED)?;
            let certificate = Certificate::from_der(&der).map_err(key)?;
            Ok(certificate.public_key().clone())
        }
        Some("rsa") => {
            let modulus = part("modulus").ok_or(MALFORMED)?;
            let exponent = part("exponent").ok_or(MALFORMED)?;
            PublicKey::from_rsa_numbers(&modulus, &exponent).map_err(key)
        }
        Some("ec") => {
            let parameters = part("parameters").ok_or(MALFORMED)?;
            let point = part("point").ok_or(MALFORMED)?;
            let kind = CURVES
                .iter()
                .find(|(curve, ..)| *curve == parameters.as_slice())
                .map(|(_, kind, length)| (*kind, *length));
            let (kind, length) = kind.ok_or_else(|| Error::UnsupportedKey {
                service: KeyService::Token,
                found: "on another curve".into(),
                wanted: "one on P-256, P-384 or P-521, Ed25519, or RSA",
            })?;
            // An OCTET STRING around the point, which some libraries leave out.
            let raw = match point.len().checked_sub(length) {
                Some(0) => point.as_slice(),
                Some(2 | 3) if point.first() == Some(&4) => {
                    point.get(point.len() - length..).unwrap_or_default()
                }
                _ => return Err(MALFORMED),
            };
            PublicKey::from_raw(kind, raw).map_err(key)
        }
        _ => Err(MALFORMED),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let even = digits.len().is_multiple_of(2);
    even.then(|| digits.chunks(2))?
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// `CKA_EC_PARAMS` with what it means and how long a point is. Ed25519 goes by its name or by its number.
const CURVES: &[(&[u8], KeyKind, usize)] = &[
    (
        &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
        KeyKind::EcdsaP256,
        65,
    ),
    (&[6, 5, 0x2b, 0x81, 4, 0, 0x22], KeyKind::EcdsaP384, 97),
    (&[6, 5, 0x2b, 0x81, 4, 0, 0x23], KeyKind::EcdsaP521, 133),
    (&[6, 3, 0x2b, 0x65, 0x70], KeyKind::Ed25519, 32),
    (b"\x13\x0cedwards25519", KeyKind::Ed25519, 32),
];
const MALFORMED: Error = Error::HelperFailed {
    reason: "it answers something else than its protocol says",
};

#[cfg(test)]
mod tests;
