use std::os::unix::fs::PermissionsExt as _;

use sealwright_crypto::SigningKey;

use super::*;
use crate::testing::MESSAGE;
use crate::testing::code;

/// A helper that answers these lines, whatever it is asked.
fn helper(answers: &[&str]) -> (tempfile::TempDir, HelperPlaces) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sealwright-pkcs11");
    let mut script = String::from("#!/bin/sh\n");
    for answer in answers {
        script.push_str(&format!("read -r line\nprintf '%s\\n' '{answer}'\n"));
    }
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let places = HelperPlaces {
        beside: Some(directory.path().to_owned()),
        ..HelperPlaces::default()
    };
    (directory, places)
}

fn open(answers: &[&str]) -> (tempfile::TempDir, Result<Pkcs11Key, Error>) {
    let (directory, places) = helper(answers);
    let uri = "pkcs11:object=a".parse().unwrap();
    let opened = Pkcs11Key::open(&uri, "/x.so", Some("1"), &places, Duration::from_secs(20));
    (directory, opened)
}

fn described(key: &SigningKey) -> String {
    let point = key.public_key().raw();
    let point = [&[4, u8::try_from(point.len()).unwrap()], point].concat();
    let parameters = hex(CURVES[0].0);
    json!({ "key": { "type": "ec", "parameters": parameters, "point": hex(&point) } }).to_string()
}

#[test]
fn a_token_is_not_believed() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    for (answer, wanted) in [
        (
            json!({ "signature": "00".repeat(64) }).to_string(),
            "kms.wrong-signature",
        ),
        (
            json!({ "signature": "00" }).to_string(),
            "kms.wrong-signature",
        ),
        (
            json!({ "signature": "0" }).to_string(),
            "pkcs11.helper-failed",
        ),
        ("{}".to_owned(), "pkcs11.helper-failed"),
        ("signed".to_owned(), "pkcs11.helper-failed"),
        ("x".repeat(100_000), "pkcs11.helper-failed"),
        (
            json!({ "error": { "kind": "refused", "message": "no" } }).to_string(),
            "pkcs11.refused",
        ),
    ] {
        let (_directory, opened) = open(&[&described(&key), &answer]);
        let opened = opened.unwrap();
        assert_eq!(opened.public_key(), key.public_key());
        let signed = opened.sign(key.scheme(), SignatureInput::Message(MESSAGE));
        assert_eq!(code(signed), wanted, "{answer:.80}");
        // It has ended.
        let signed = opened.sign(key.scheme(), SignatureInput::Message(MESSAGE));
        assert_eq!(code(signed), "pkcs11.helper-failed");
    }
}

#[test]
fn says_what_stands_in_the_way() {
    for (kind, wanted) in [
        ("pin", "pkcs11.pin"),
        ("key", "pkcs11.no-key"),
        ("token", "pkcs11.refused"),
        ("module", "pkcs11.refused"),
    ] {
        let answer = json!({ "error": { "kind": kind, "message": "no" } }).to_string();
        let (_directory, opened) = open(&[&answer]);
        assert_eq!(code(opened), wanted);
    }
    let (_directory, opened) = open(&[]);
    assert_eq!(code(opened), "pkcs11.helper-failed");
    let uri = "pkcs11:object=a".parse().unwrap();
    let nowhere = HelperPlaces::default();
    let opened = Pkcs11Key::open(&uri, "/x.so", None, &nowhere, Duration::from_secs(1));
    assert_eq!(code(opened), "pkcs11.helper-failed");
}

#[test]
fn what_is_signed_with_rsa_is_a_digest_info() {
    for (algorithm, wanted) in [
        (
            DigestAlgorithm::Sha256,
            "3031300d060960864801650304020105000420",
        ),
        (
            DigestAlgorithm::Sha384,
            "3041300d060960864801650304020205000430",
        ),
        (
            DigestAlgorithm::Sha512,
            "3051300d060960864801650304020305000440",
        ),
    ] {
        let scheme = match algorithm {
            DigestAlgorithm::Sha256 => SignatureScheme::RsaPkcs1Sha256,
            DigestAlgorithm::Sha384 => SignatureScheme::RsaPkcs1Sha384,
            _ => SignatureScheme::RsaPkcs1Sha512,
        };
        let digest = Digest::of(algorithm, MESSAGE);
        let (mechanism, handed) = hashed(scheme, &digest).unwrap();
        assert_eq!(mechanism, "rsa-pkcs1");
        assert_eq!(hex(&handed), format!("{wanted}{}", digest.to_hex()));
    }
}
