//! Public and private keys, PEM and DER.

use sealwright_crypto::PublicKey;
use sealwright_crypto::SigningKey;

pub(super) fn key(data: &[u8]) {
    if let Ok(key) = PublicKey::from_der(data) {
        public(&key);
    }
    if let Ok(key) = SigningKey::from_pkcs8_der(data) {
        private(&key);
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(key) = PublicKey::from_pem(text) {
        public(&key);
    }
    if let Ok(key) = SigningKey::from_pkcs8_pem(text) {
        private(&key);
    }
}

fn public(key: &PublicKey) {
    let again = PublicKey::from_pem(&key.to_pem()).expect("reads what it wrote");
    assert_eq!(again.der(), key.der());
    assert_eq!(again.key_id(), key.key_id());
    assert!(
        key.verify(key.default_scheme(), b"message", b"signature")
            .is_err()
    );
}

fn private(key: &SigningKey) {
    let text = key
        .to_pkcs8_pem()
        .expect("a key that was read can be written");
    let again = SigningKey::from_pkcs8_pem(&text).expect("reads what it wrote");
    assert_eq!(again.public_key().der(), key.public_key().der());
    assert!(!format!("{key:?}").contains("PRIVATE"));
}
