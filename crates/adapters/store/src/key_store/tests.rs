use std::os::unix::fs::PermissionsExt as _;

use sealwright_core::Diagnostic as _;

use super::*;

const P256: SignatureScheme = SignatureScheme::EcdsaP256Sha256;

#[test]
fn a_key_is_made_once_and_for_its_owner_alone() {
    let place = tempfile::tempdir().unwrap();
    let keys = KeyStore::at(place.path().join("keys"));
    assert!(keys.existing("ca", P256).unwrap().is_none());
    let made = keys.signing_key("ca", P256).unwrap();
    let again = keys.signing_key("ca", P256).unwrap();
    assert_eq!(made.public_key(), again.public_key());
    let other = keys.signing_key("ct", P256).unwrap();
    assert_ne!(made.public_key(), other.public_key());
    let mode = |name: &str| {
        let metadata = std::fs::metadata(place.path().join(name)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    assert_eq!((mode("keys"), mode("keys/ca.pem")), (0o700, 0o600));
}

#[test]
fn threads_that_make_it_at_once_get_one_key() {
    let place = tempfile::tempdir().unwrap();
    let keys = KeyStore::at(place.path().join("keys"));
    let made: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| keys.signing_key("ca", P256).unwrap()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for key in &made {
        assert_eq!(key.public_key(), made[0].public_key());
    }
}

#[test]
fn refuses_what_is_no_key_of_the_role() {
    let place = tempfile::tempdir().unwrap();
    let keys = KeyStore::at(place.path());
    let code = |role: &str| keys.signing_key(role, P256).unwrap_err().code().as_str();
    let ed25519 = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let pem = ed25519.to_pkcs8_pem().unwrap();
    std::fs::write(place.path().join("other.pem"), pem.as_bytes()).unwrap();
    assert_eq!(code("other"), "store.key-unusable");
    std::fs::write(place.path().join("cut.pem"), &pem.as_bytes()[..80]).unwrap();
    assert_eq!(code("cut"), "store.key-unusable");
    std::fs::write(place.path().join("large.pem"), vec![b'a'; 70_000]).unwrap();
    assert_eq!(code("large"), "files.too-large");
    for role in ["", "../ca", "CA", "a.b"] {
        assert_eq!(code(role), "store.key-unusable", "{role}");
    }
}
