use sealwright_core::Diagnostic as _;

use super::*;
use crate::PublicKey;
use crate::SignatureScheme;

const COSIGN_KEY: &str = include_str!("../../../../../../fixtures/crypto/cosign/cosign.key");
const COSIGN_PUB: &str = include_str!("../../../../../../fixtures/crypto/cosign/cosign.pub");
const PASSWORD: &[u8] = b"sealwright";

fn json(pem_text: &str) -> Vec<u8> {
    let blocks = pem::blocks(pem_text).unwrap();
    assert_eq!(blocks.len(), 1);
    blocks[0].bytes.as_ref().unwrap().to_vec()
}

/// The block again with `change` made to its JSON.
fn changed(change: impl Fn(&str) -> String) -> Vec<u8> {
    let before = String::from_utf8(json(COSIGN_KEY)).unwrap();
    let after = change(&before);
    assert_ne!(after, before);
    pem::encode(LABEL, after.as_bytes()).into_bytes()
}

fn code(file: &[u8], password: Option<&[u8]>) -> &'static str {
    SigningKey::import(file, password)
        .unwrap_err()
        .code()
        .as_str()
}

#[test]
fn reads_what_cosign_wrote() {
    let key = SigningKey::import(COSIGN_KEY.as_bytes(), Some(PASSWORD)).unwrap();
    assert_eq!(key.scheme(), SignatureScheme::EcdsaP256Sha256);
    assert_eq!(*key.public_key(), PublicKey::from_pem(COSIGN_PUB).unwrap());
}

#[test]
fn reads_the_older_label() {
    let older = COSIGN_KEY.replace("SIGSTORE", "COSIGN");
    let key = SigningKey::import(older.as_bytes(), Some(PASSWORD)).unwrap();
    assert_eq!(*key.public_key(), PublicKey::from_pem(COSIGN_PUB).unwrap());
}

#[test]
fn writes_the_bytes_that_cosign_writes() {
    let theirs = json(COSIGN_KEY);
    let file: File = serde_json::from_slice(&theirs).unwrap();
    let key = SigningKey::import(COSIGN_KEY.as_bytes(), Some(PASSWORD)).unwrap();
    let ours = encrypt(
        &key.to_pkcs8_der().unwrap(),
        PASSWORD,
        Cost::COSIGN,
        file.kdf.salt.as_bytes(),
        file.cipher.nonce.as_bytes().try_into().unwrap(),
    )
    .unwrap();
    assert_eq!(ours, theirs);
    let block = COSIGN_KEY.split_once('\n').unwrap().1;
    assert_eq!(pem::encode(LABEL, &ours), block);
}

#[test]
fn what_is_written_is_read_back_with_the_password_alone() {
    let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let text = key.to_cosign_pem(b"").unwrap();
    let again = SigningKey::import(text.as_bytes(), Some(b"")).unwrap();
    assert_eq!(again.public_key(), key.public_key());
    assert_ne!(key.to_cosign_pem(b"").unwrap(), text);
    assert_eq!(code(text.as_bytes(), Some(b"x")), "key.wrong-password");
    assert_eq!(code(text.as_bytes(), None), "key.password-needed");
}

#[test]
fn lower_costs_are_read() {
    let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let der = key.to_pkcs8_der().unwrap();
    for (n, r, p) in [(2, 1, 1), (32768, 8, 1)] {
        let cost = Cost::new(n, r, p).unwrap();
        let json = encrypt(&der, PASSWORD, cost, b"salt", [7; NONCE_BYTES]).unwrap();
        let file = pem::encode(LABEL, &json);
        let again = SigningKey::import(file.as_bytes(), Some(PASSWORD)).unwrap();
        assert_eq!(again.public_key(), key.public_key());
    }
}

#[test]
fn a_changed_byte_opens_nothing() {
    let file: File = serde_json::from_slice(&json(COSIGN_KEY)).unwrap();
    let mut sealed = file.ciphertext.as_bytes().to_vec();
    let nonce: [u8; NONCE_BYTES] = file.cipher.nonce.as_bytes().try_into().unwrap();
    let key = derive(Cost::COSIGN, PASSWORD, file.kdf.salt.as_bytes()).unwrap();
    assert!(open(&key, nonce, &sealed).is_some());
    for position in 0..sealed.len() {
        sealed[position] ^= 1;
        assert!(open(&key, nonce, &sealed).is_none(), "byte {position}");
        sealed[position] ^= 1;
    }
    for length in 0..sealed.len() {
        assert!(open(&key, nonce, &sealed[..length]).is_none());
    }
}

#[test]
fn secretbox_is_that_of_nacl() {
    // The first test of NaCl itself (tests/secretbox.c): firstkey, nonce, and the first bytes.
    let key = hex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
    let nonce = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
    let plain = hex(
        "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc\
         e5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb31\
         0e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde\
         048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f93776384864\
         5e0705",
    );
    let sealed = seal(
        key.as_slice().try_into().unwrap(),
        nonce.as_slice().try_into().unwrap(),
        &plain,
    );
    assert_eq!(sealed[..16], hex("f3ffc7703f9400e52a7dfb4b3d3305d9")[..]);
    assert_eq!(sealed[16..24], hex("8e993b9f48681273")[..]);
}

#[test]
fn other_and_dear_costs_are_refused_before_they_are_paid() {
    for (from, to) in [
        ("\"N\":65536", "\"N\":1073741824"),
        ("\"N\":65536", "\"N\":65537"),
        ("\"N\":65536", "\"N\":0"),
        ("\"r\":8", "\"r\":4294967296"),
        ("\"p\":1", "\"p\":1000"),
        ("\"scrypt\"", "\"argon2\""),
        ("nacl/secretbox", "aes-gcm"),
    ] {
        let file = changed(|json| json.replace(from, to));
        assert_eq!(code(&file, None), "key.encryption-unsupported", "{to}");
    }
}

#[test]
fn malformed_files_are_told_from_wrong_passwords() {
    for (from, to) in [
        ("\"N\":65536", "\"N\":-1"),
        ("\"nonce\":\"", "\"nonce\":\"AAAA"),
        ("\"salt\"", "\"pepper\""),
        ("{\"kdf\"", "[\"kdf\""),
        ("\"salt\":\"", "\"salt\":\"*"),
    ] {
        let file = changed(|json| json.replacen(from, to, 1));
        assert_eq!(code(&file, None), "key.malformed", "{to}");
    }
    let file = changed(|json| json.replace("\"ciphertext\":\"", "\"ciphertext\":\"AAAA"));
    assert_eq!(code(&file, Some(PASSWORD)), "key.wrong-password");
}

fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2)
        .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}
