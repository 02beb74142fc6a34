//! Key ids of note signatures (C2SP `signed-note`, "Signatures"; `tlog-cosignature`; and what
//! Sigstore's logs use for ECDSA and RSA keys).
//!
//! The full 32 bytes are the log id Sigstore's trust roots give; the first four stand in the note.

use sealwright_core::Digest;

/// The first four bytes of a key id, as they stand before a signature in a note.
pub type KeyHint = [u8; 4];

/// The first four bytes of a key id.
pub fn key_hint(key_id: &[u8; 32]) -> KeyHint {
    let [a, b, c, d, ..] = *key_id;
    [a, b, c, d]
}

/// The id of an ECDSA key: SHA-256 of its SubjectPublicKeyInfo in DER, the name left out.
pub fn ecdsa_key_id(spki_der: &[u8]) -> [u8; 32] {
    Digest::sha256(spki_der).first32()
}

/// The id of an Ed25519 key under a name (signature type 0x01).
pub fn ed25519_key_id(name: &str, public_key: &[u8; 32]) -> [u8; 32] {
    named(name, &[0x01], public_key)
}

/// The id of a witness's Ed25519 key under its name, for cosignatures (signature type 0x04).
pub fn cosignature_key_id(name: &str, public_key: &[u8; 32]) -> [u8; 32] {
    named(name, &[0x04], public_key)
}

/// The id of an RSA key under a name, as Sigstore's logs derive it (signature type 0xff with its
/// own label).
pub fn rsa_key_id(name: &str, spki_der: &[u8]) -> [u8; 32] {
    named(name, b"\xffPKIX-RSA-PKCS#1v1.5", spki_der)
}

fn named(name: &str, kind: &[u8], key: &[u8]) -> [u8; 32] {
    let mut input = Vec::with_capacity(name.len() + 1 + kind.len() + key.len());
    input.extend_from_slice(name.as_bytes());
    input.push(b'\n');
    input.extend_from_slice(kind);
    input.extend_from_slice(key);
    Digest::sha256(&input).first32()
}
