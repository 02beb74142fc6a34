//! Witnesses of logs: whoever cosigns a checkpoint vouches that it is consistent with all it has seen
//! of that log before.
//!
//! Source: C2SP `tlog-cosignature` (version 1, Ed25519) and, for the text form of keys,
//! `signed-note`. Trusted roots have no place for witnesses; they come with the policy.

use sealwright_core::Base64;
use sealwright_core::Timestamp;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;
use sealwright_tlog::Cosignature;
use sealwright_tlog::SignedNote;

use crate::Error;
use crate::error::TrustFault;

/// Somebody who watches logs and whose cosignature counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Witness {
    name: String,
    raw: [u8; 32],
    key: PublicKey,
}

impl Witness {
    /// A witness by its name and Ed25519 key.
    ///
    /// # Errors
    /// `trust.malformed` for another kind of key, and for a name that no signature can have.
    pub fn new(name: impl Into<String>, key: PublicKey) -> Result<Self, Error> {
        let name = name.into();
        let malformed = || TrustFault::Witness { name: name.clone() };
        let is_spelled =
            !name.is_empty() && !name.contains(|c: char| c == '+' || c.is_whitespace());
        let raw = <[u8; 32]>::try_from(key.raw())
            .ok()
            .filter(|_| is_spelled && key.kind() == KeyKind::Ed25519)
            .ok_or_else(malformed)?;
        Ok(Self { name, raw, key })
    }

    /// Reads the text form of a cosigner's key: name, key id in hexadecimal digits and key in
    /// base64, with `+` between them.
    ///
    /// # Errors
    /// `trust.malformed` when it is none, or its key id is that of another name or key.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let malformed = || TrustFault::Witness {
            name: text.to_owned(),
        };
        let (name, rest) = text.split_once('+').ok_or_else(malformed)?;
        let (hint, key) = rest.split_once('+').ok_or_else(malformed)?;
        let key = Base64::decode(key).map_err(|_| malformed())?;
        let raw = match key.as_bytes().split_first() {
            Some((&COSIGNATURE_V1, raw)) => <[u8; 32]>::try_from(raw).map_err(|_| malformed())?,
            _ => return Err(malformed().into()),
        };
        let id = sealwright_tlog::cosignature_key_id(name, &raw);
        let wanted = u32::from_be_bytes(sealwright_tlog::key_hint(&id));
        if hint.len() != 8 || u32::from_str_radix(hint, 16) != Ok(wanted) {
            return Err(malformed().into());
        }
        let der = [SPKI_ED25519.as_slice(), &raw].concat();
        Self::new(name, PublicKey::from_der(&der).map_err(|_| malformed())?)
    }

    /// The name its signatures bear.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its key.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether it cosigned a checkpoint, no later than `latest`.
    pub(crate) fn vouches_for(&self, note: &SignedNote, latest: Timestamp) -> bool {
        let check = |message: &[u8], signature: &[u8]| {
            self.key
                .verify(SignatureScheme::Ed25519, message, signature)
                .is_ok()
        };
        Cosignature::verify(note, &self.name, &self.raw, check)
            .ok()
            .and_then(|time| i64::try_from(time).ok())
            .is_some_and(|time| time <= latest.seconds())
    }
}

/// The type of cosigning keys in their text form.
const COSIGNATURE_V1: u8 = 0x04;
/// A SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410).
const SPKI_ED25519: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
