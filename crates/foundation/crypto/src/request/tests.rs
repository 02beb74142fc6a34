use sealwright_core::Diagnostic as _;
use sealwright_core::IdentityKind;

use super::*;
use crate::RsaSize;
use crate::SignatureScheme;
use crate::mutation;

const OPENSSL: [(&str, &str); 5] = [
    (
        include_str!("../../../../../fixtures/crypto/requests/p256.pem"),
        include_str!("../../../../../fixtures/crypto/keys/p256.pub.pem"),
    ),
    (
        include_str!("../../../../../fixtures/crypto/requests/p384.pem"),
        include_str!("../../../../../fixtures/crypto/keys/p384.pub.pem"),
    ),
    (
        include_str!("../../../../../fixtures/crypto/requests/p521.pem"),
        include_str!("../../../../../fixtures/crypto/keys/p521.pub.pem"),
    ),
    (
        include_str!("../../../../../fixtures/crypto/requests/rsa2048.pem"),
        include_str!("../../../../../fixtures/crypto/keys/rsa2048.pub.pem"),
    ),
    (
        include_str!("../../../../../fixtures/crypto/requests/ed25519.pem"),
        include_str!("../../../../../fixtures/crypto/keys/ed25519.pub.pem"),
    ),
];

#[test]
fn reads_what_openssl_wrote() {
    for (request, key) in OPENSSL {
        let request = CertificateRequest::from_pem(request).unwrap();
        let key = PublicKey::from_pem(key).unwrap();
        assert_eq!(request.proven_key(), Ok(&key));
        let old = request.to_pem().replace("CERTIFICATE", "NEW CERTIFICATE");
        assert_eq!(
            CertificateRequest::from_pem(&old).unwrap().der(),
            request.der()
        );
    }
}

#[test]
fn what_is_made_is_read_back() {
    let identity = Identity::new(IdentityKind::Email, "alice@test.sealwright.invalid");
    let mut keys: Vec<SigningKey> = [
        SignatureScheme::EcdsaP256Sha256,
        SignatureScheme::EcdsaP384Sha384,
        SignatureScheme::EcdsaP521Sha512,
        SignatureScheme::Ed25519,
    ]
    .map(|scheme| SigningKey::generate(scheme).unwrap())
    .into();
    for scheme in [
        SignatureScheme::RsaPkcs1Sha512,
        SignatureScheme::RsaPssSha384,
    ] {
        keys.push(SigningKey::generate_rsa(RsaSize::Bits2048, scheme).unwrap());
    }
    for key in keys {
        for identity in [None, Some(&identity)] {
            let request = CertificateRequest::new(&key, identity).unwrap();
            let again = CertificateRequest::from_pem(&request.to_pem()).unwrap();
            assert_eq!(again.proven_key(), Ok(key.public_key()), "{key:?}");
        }
    }
}

#[test]
fn what_cannot_stand_in_a_request_is_refused() {
    let key = SigningKey::generate(SignatureScheme::Ed25519ph).unwrap();
    let error = CertificateRequest::new(&key, None).unwrap_err();
    assert_eq!(error.code().as_str(), "crypto.unwritable");
    let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let empty = Identity::new(IdentityKind::Email, "");
    let error = CertificateRequest::new(&key, Some(&empty)).unwrap_err();
    assert_eq!(error.code().as_str(), "crypto.unwritable");
}

#[test]
fn another_key_in_a_request_is_not_proven() {
    let ours = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let theirs = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let request = CertificateRequest::new(&ours, None).unwrap();
    let mut changed = request.der().to_vec();
    let key = ours.public_key().der();
    let place = changed
        .windows(key.len())
        .position(|part| part == key)
        .unwrap();
    changed[place..place + key.len()].copy_from_slice(theirs.public_key().der());
    let changed = CertificateRequest::from_der(&changed).unwrap();
    let error = changed.proven_key().unwrap_err();
    assert_eq!(error.code().as_str(), "crypto.signature-mismatch");
}

#[test]
fn damaged_requests_are_refused_or_prove_nothing() {
    let (text, _) = OPENSSL[0];
    let request = CertificateRequest::from_pem(text).unwrap();
    mutation::refuses_every_truncation(request.der(), CertificateRequest::from_der);
    mutation::each_bit_flipped(request.der(), |position, bytes| {
        if let Ok(request) = CertificateRequest::from_der(bytes) {
            assert!(request.proven_key().is_err(), "byte {position}");
        }
    });
    for (from, to) in [("BEGIN CERT", "BEGIN OTHER CERT"), ("MII", "***")] {
        let error = CertificateRequest::from_pem(&text.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.code().as_str(), "csr.malformed");
    }
    let error = CertificateRequest::from_der(&vec![0x30; MAX_REQUEST_BYTES + 1]).unwrap_err();
    assert_eq!(error.code().as_str(), "csr.malformed");
}
