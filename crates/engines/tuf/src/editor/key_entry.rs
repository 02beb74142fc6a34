//! A key as a root lists it, and its id (section 4.2.2).

use sealwright_core::Digest;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use serde_json::Value;
use serde_json::json;

use crate::Error;
use crate::canonical_json;

/// The id of a key, which is the SHA-256 of its entry's canonical form, and the entry.
pub(super) fn of(key: &PublicKey) -> Result<(String, Value), Error> {
    let (kind, scheme) = match key.kind() {
        KeyKind::EcdsaP256 => ("ecdsa", "ecdsa-sha2-nistp256"),
        KeyKind::EcdsaP384 => ("ecdsa", "ecdsa-sha2-nistp384"),
        KeyKind::Ed25519 => ("ed25519", "ed25519"),
        other => return Err(Error::UnsupportedKey { kind: other.name() }),
    };
    let public = match key.kind() {
        KeyKind::Ed25519 => hex::encode(key.raw()),
        _ => key.to_pem(),
    };
    let entry = json!({"keytype": kind, "scheme": scheme, "keyval": {"public": public}});
    // Strings alone have a canonical form.
    let canonical = canonical_json::to_vec(&entry).unwrap_or_default();
    Ok((Digest::sha256(&canonical).to_hex(), entry))
}
