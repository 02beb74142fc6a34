use std::path::Path;

use sealwright_core::Diagnostic as _;

use super::*;
use crate::KeyKind;
use crate::SignatureInput;
use crate::mutation;

const PASSWORD: Option<&[u8]> = Some(b"sealwright");
const KINDS: [(&str, SignatureScheme); 7] = [
    ("p256", SignatureScheme::EcdsaP256Sha256),
    ("p384", SignatureScheme::EcdsaP384Sha384),
    ("p521", SignatureScheme::EcdsaP521Sha512),
    ("rsa2048", SignatureScheme::RsaPkcs1Sha256),
    ("rsa3072", SignatureScheme::RsaPkcs1Sha256),
    ("rsa4096", SignatureScheme::RsaPkcs1Sha256),
    ("ed25519", SignatureScheme::Ed25519),
];

/// A file below `fixtures/crypto`.
fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/crypto");
    std::fs::read(path.join(name)).unwrap()
}

fn public(name: &str) -> PublicKey {
    PublicKey::import(&fixture(&format!("keys/{name}.pub.pem"))).unwrap()
}

/// The bytes of a file's block with this label.
fn block(file: &[u8], label: &str) -> Vec<u8> {
    let text = str::from_utf8(file).unwrap();
    let blocks = pem::blocks(text).unwrap();
    let block = blocks.iter().find(|block| block.label == label).unwrap();
    block.bytes.as_ref().unwrap().to_vec()
}

fn code(file: &[u8]) -> &'static str {
    let error = SigningKey::import(file, PASSWORD).unwrap_err();
    assert!(!error.to_string().is_empty());
    error.code().as_str()
}

fn public_code(file: &[u8]) -> &'static str {
    PublicKey::import(file).unwrap_err().code().as_str()
}

#[test]
fn private_keys_are_read_in_every_form() {
    for (name, scheme) in KINDS {
        let mut files = vec![(fixture(&format!("keys/{name}.pem")), "PRIVATE KEY")];
        match scheme.key_kind() {
            KeyKind::Rsa => files.push((
                fixture(&format!("keys/{name}.pkcs1.pem")),
                "RSA PRIVATE KEY",
            )),
            KeyKind::Ed25519 => {}
            _ => files.push((fixture(&format!("keys/{name}.sec1.pem")), "EC PRIVATE KEY")),
        }
        for (file, label) in files {
            let der = block(&file, label);
            for bytes in [&file, &der] {
                let key = SigningKey::import(bytes, None).unwrap();
                assert_eq!(key.scheme(), scheme, "{name}");
                assert_eq!(*key.public_key(), public(name), "{name}");
                assert!(format!("{key:?}").ends_with(", [redacted])"));
                let again = SigningKey::from_pkcs8_pem(&key.to_pkcs8_pem().unwrap()).unwrap();
                assert_eq!(again.public_key(), key.public_key());
            }
        }
    }
}

#[test]
fn public_keys_are_read_in_every_form() {
    for (name, _) in KINDS {
        let file = fixture(&format!("keys/{name}.pub.pem"));
        let key = PublicKey::import(&file).unwrap();
        assert_eq!(key.to_pem().as_bytes(), file, "{name}");
        assert_eq!(PublicKey::import(&block(&file, "PUBLIC KEY")).unwrap(), key);
        let bits = name.strip_prefix("rsa").map(|bits| bits.parse().unwrap());
        assert_eq!(key.rsa_bits(), bits);
    }
    for name in ["rsa2048", "rsa3072", "rsa4096"] {
        let file = fixture(&format!("keys/{name}.pkcs1.pub.pem"));
        assert_eq!(PublicKey::import(&file).unwrap(), public(name));
        let der = block(&file, "RSA PUBLIC KEY");
        assert_eq!(PublicKey::import(&der).unwrap(), public(name));
    }
    let file = fixture("keys/p256.certificate.pem");
    assert_eq!(PublicKey::import(&file).unwrap(), public("p256"));
    let der = block(&file, "CERTIFICATE");
    assert_eq!(PublicKey::import(&der).unwrap(), public("p256"));
}

#[test]
fn openssl_s_signatures_verify() {
    let message = fixture("message");
    let mut signatures = vec![
        ("p256", "sha256", SignatureScheme::EcdsaP256Sha256),
        ("p384", "sha384", SignatureScheme::EcdsaP384Sha384),
        ("p521", "sha512", SignatureScheme::EcdsaP521Sha512),
        // Not what such a key signs with today, but what old evidence holds.
        ("p384", "sha256", SignatureScheme::EcdsaP384Sha256),
        ("p521", "sha256", SignatureScheme::EcdsaP521Sha256),
    ];
    for name in ["rsa2048", "rsa3072", "rsa4096"] {
        signatures.extend([
            (name, "pkcs1-sha256", SignatureScheme::RsaPkcs1Sha256),
            (name, "pkcs1-sha384", SignatureScheme::RsaPkcs1Sha384),
            (name, "pkcs1-sha512", SignatureScheme::RsaPkcs1Sha512),
            (name, "pss-sha256", SignatureScheme::RsaPssSha256),
            (name, "pss-sha384", SignatureScheme::RsaPssSha384),
            (name, "pss-sha512", SignatureScheme::RsaPssSha512),
        ]);
    }
    for (name, suffix, scheme) in signatures {
        let signature = fixture(&format!("keys/{name}.{suffix}.sig"));
        let key = public(name);
        assert_eq!(
            key.verify(scheme, &message, &signature),
            Ok(()),
            "{name} {suffix}"
        );
        assert!(key.verify(scheme, b"another", &signature).is_err());
    }
    let signature = fixture("keys/ed25519.sig");
    let key = public("ed25519");
    assert_eq!(
        key.verify(SignatureScheme::Ed25519, &message, &signature),
        Ok(())
    );
}

#[test]
fn deterministic_signatures_are_openssl_s() {
    let message = fixture("message");
    let import = |name: &str| SigningKey::import(&fixture(name), None).unwrap();
    let ed25519 = import("keys/ed25519.pem").sign(&message).unwrap();
    assert_eq!(ed25519, fixture("keys/ed25519.sig"));
    for name in ["rsa2048", "rsa3072", "rsa4096"] {
        let key = import(&format!("keys/{name}.pem"));
        for (suffix, scheme) in [
            ("sha256", SignatureScheme::RsaPkcs1Sha256),
            ("sha384", SignatureScheme::RsaPkcs1Sha384),
            ("sha512", SignatureScheme::RsaPkcs1Sha512),
        ] {
            let signature = key
                .sign_with(scheme, SignatureInput::Message(&message))
                .unwrap();
            assert_eq!(
                signature,
                fixture(&format!("keys/{name}.pkcs1-{suffix}.sig"))
            );
        }
    }
}

#[test]
fn cosign_s_imported_keys_and_signatures_are_understood() {
    let message = fixture("message");
    for (name, scheme) in [
        ("p384", SignatureScheme::EcdsaP384Sha384),
        ("p521", SignatureScheme::EcdsaP521Sha512),
        ("rsa2048", SignatureScheme::RsaPkcs1Sha256),
        ("ed25519", SignatureScheme::Ed25519),
        ("cosign", SignatureScheme::EcdsaP256Sha256),
    ] {
        let key = SigningKey::import(&fixture(&format!("cosign/{name}.key")), PASSWORD).unwrap();
        let public = PublicKey::import(&fixture(&format!("cosign/{name}.pub"))).unwrap();
        assert_eq!(*key.public_key(), public, "{name}");
        let signature = fixture(&format!("cosign/{name}.sig"));
        let signature =
            sealwright_core::Base64::decode(str::from_utf8(&signature).unwrap()).unwrap();
        assert_eq!(
            public.verify(scheme, &message, signature.as_bytes()),
            Ok(()),
            "{name}"
        );
    }
}

#[test]
fn encrypted_pkcs8_is_opened() {
    for name in [
        "aes256-sha256",
        "aes128-sha512",
        "aes192-sha1",
        "aes256-scrypt",
    ] {
        let file = fixture(&format!("encrypted/{name}.pem"));
        let key = SigningKey::import(&file, PASSWORD).unwrap();
        assert_eq!(*key.public_key(), public("p256"), "{name}");
        let der = block(&file, "ENCRYPTED PRIVATE KEY");
        let key = SigningKey::import(&der, PASSWORD).unwrap();
        assert_eq!(*key.public_key(), public("p256"), "{name}");
        let open = |password| SigningKey::import(&file, password).unwrap_err();
        assert_eq!(open(None).code().as_str(), "key.password-needed");
        for wrong in [&b"sealwrigh"[..], b"sealwright ", b""] {
            assert_eq!(
                open(Some(wrong)).code().as_str(),
                "key.wrong-password",
                "{name}"
            );
        }
    }
    let key = SigningKey::import(&fixture("encrypted/rsa2048.pem"), PASSWORD).unwrap();
    assert_eq!(*key.public_key(), public("rsa2048"));
}

#[test]
fn encrypted_pkcs8_is_written_as_it_is_read() {
    for name in ["p256", "ed25519", "rsa2048"] {
        let key = SigningKey::import(&fixture(&format!("keys/{name}.pem")), None).unwrap();
        let first = key.to_encrypted_pkcs8_pem(b"open").unwrap();
        assert_eq!(
            KeyForm::of(first.as_bytes()).unwrap(),
            KeyForm::EncryptedPkcs8
        );
        let opened = SigningKey::import(first.as_bytes(), Some(b"open")).unwrap();
        assert_eq!(opened.public_key(), key.public_key());
        let wrong = SigningKey::import(first.as_bytes(), Some(b"opem")).unwrap_err();
        assert_eq!(wrong, Error::WrongPassword);
        let second = key.to_encrypted_pkcs8_pem(b"open").unwrap();
        assert_ne!(first, second, "salt and vector are fresh");
    }
}

#[test]
fn other_encryption_is_named() {
    assert_eq!(
        code(&fixture("encrypted/des3.pem")),
        "key.encryption-unsupported"
    );
    assert_eq!(
        code(&fixture("encrypted/legacy.pem")),
        "key.encryption-unsupported"
    );
    let der = block(
        &fixture("encrypted/aes256-sha256.pem"),
        "ENCRYPTED PRIVATE KEY",
    );
    for (id, other) in [(oid::PBES2, 3), (oid::PBKDF2, 99), (oid::HMAC_SHA256, 99)] {
        let mut changed = der.clone();
        let place = position(&changed, id.as_bytes()) + id.as_bytes().len() - 1;
        changed[place] = other;
        assert_eq!(code(&changed), "key.encryption-unsupported", "{id}");
    }
}

#[test]
fn iterations_of_pbkdf2_are_bounded() {
    let id = |oid| asn1::oid(oid);
    let octets = |bytes: &[u8]| asn1::element(Tag::OctetString, &[bytes]);
    let file = |iterations: &[u8]| {
        let derivation = asn1::sequence(&[
            &id(oid::PBKDF2),
            &asn1::sequence(&[
                &octets(&[1; 8]),
                &asn1::unsigned_integer(iterations),
                &asn1::sequence(&[&id(oid::HMAC_SHA256)]),
            ]),
        ]);
        let cipher = asn1::sequence(&[&id(oid::AES256_CBC), &octets(&[0; 16])]);
        let parameters = asn1::sequence(&[&derivation, &cipher]);
        asn1::sequence(&[
            &asn1::sequence(&[&id(oid::PBES2), &parameters]),
            &octets(&[7; 32]),
        ])
    };
    assert_eq!(code(&file(&[1])), "key.wrong-password");
    for iterations in [&[0][..], &[0x10, 0, 0, 0], &[1, 0, 0, 0, 0]] {
        assert_eq!(code(&file(iterations)), "key.encryption-unsupported");
    }
}

fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes
        .windows(part.len())
        .position(|window| window == part)
        .unwrap()
}

#[test]
fn a_second_version_of_pkcs8_carries_its_public_half() {
    for name in ["p256", "rsa2048", "ed25519"] {
        let der = block(&fixture(&format!("keys/{name}.pem")), "PRIVATE KEY");
        let fields = Element::only(&der, "x").unwrap().value().to_vec();
        // The version is the first element, of three bytes.
        let with = |key: &[u8]| {
            let public = asn1::element(asn1::primitive(1), &[&[0], key]);
            asn1::sequence(&[&[2, 1, 1], &fields[3..], &public])
        };
        let key = SigningKey::import(&with(public(name).raw()), None).unwrap();
        assert_eq!(*key.public_key(), public(name), "{name}");
        let mut other = public(name).raw().to_vec();
        other[20] ^= 1;
        assert_eq!(code(&with(&other)), "key.malformed", "{name}");
        let unversioned = asn1::sequence(&[
            &[2, 1, 0],
            &fields[3..],
            &asn1::element(asn1::primitive(1), &[&[0], public(name).raw()]),
        ]);
        assert_eq!(code(&unversioned), "key.malformed", "{name}");
    }
}

#[test]
fn rsa_keys_of_the_wrong_size_are_refused() {
    assert_eq!(code(&fixture("keys/rsa1024.pem")), "key.rsa-size");
    assert_eq!(
        public_code(&fixture("keys/rsa1024.pub.pem")),
        "key.rsa-size"
    );
    let modulus = |bytes: usize| asn1::unsigned_integer(&vec![0xff; bytes]);
    let one = asn1::unsigned_integer(&[1]);
    for (bytes, signs, verifies) in [
        (255, false, false),
        (513, false, true),
        (1024, false, true),
        (1025, false, false),
    ] {
        let private = asn1::sequence(&[
            &asn1::unsigned_integer(&[0]),
            &modulus(bytes),
            &one,
            &one,
            &one,
            &one,
            &one,
            &one,
            &one,
        ]);
        assert!(!signs);
        assert_eq!(code(&private), "key.rsa-size", "{bytes}");
        let public = asn1::sequence(&[&modulus(bytes), &asn1::unsigned_integer(&[1, 0, 1])]);
        match PublicKey::import(&public) {
            Ok(_) => assert!(verifies, "{bytes}"),
            Err(error) => {
                assert!(!verifies, "{bytes}");
                assert_eq!(error.code().as_str(), "key.rsa-size");
            }
        }
    }
}

#[test]
fn other_kinds_of_key_are_named() {
    for name in ["secp256k1.pem", "secp256k1.sec1.pem", "x25519.pem"] {
        assert_eq!(
            code(&fixture(&format!("keys/{name}"))),
            "key.unsupported",
            "{name}"
        );
    }
}

#[test]
fn several_keys_in_one_file_are_refused() {
    let both = |one: &str, two: &str| [fixture(one), fixture(two)].concat();
    assert_eq!(code(&both("keys/p256.pem", "keys/p256.pem")), "key.several");
    assert_eq!(
        code(&both("keys/p256.pem", "cosign/cosign.key")),
        "key.several"
    );
    assert_eq!(
        public_code(&both("keys/p256.pub.pem", "keys/p384.pub.pem")),
        "key.several"
    );
    let certificate = "keys/p256.certificate.pem";
    assert_eq!(public_code(&both(certificate, certificate)), "key.several");
    // Beside a key, what describes it is passed over.
    let described = both(certificate, "keys/p256.pem");
    assert_eq!(
        *SigningKey::import(&described, None).unwrap().public_key(),
        public("p256")
    );
    let parameters = fixture("keys/p256.parameters.pem");
    assert_eq!(
        *SigningKey::import(&parameters, None).unwrap().public_key(),
        public("p256")
    );
    let named = both("keys/p384.pub.pem", certificate);
    assert_eq!(PublicKey::import(&named).unwrap(), public("p384"));
}

#[test]
fn a_public_key_is_no_private_key_nor_the_other_way() {
    for name in [
        "keys/p256.pub.pem",
        "keys/p256.certificate.pem",
        "requests/p256.pem",
    ] {
        assert_eq!(code(&fixture(name)), "key.wrong-kind", "{name}");
    }
    let public_halves = [
        ("keys/p256.pub.pem", "PUBLIC KEY"),
        ("keys/rsa2048.pkcs1.pub.pem", "RSA PUBLIC KEY"),
        ("keys/p256.certificate.pem", "CERTIFICATE"),
        ("requests/p256.pem", "CERTIFICATE REQUEST"),
    ];
    for (name, label) in public_halves {
        assert_eq!(
            code(&block(&fixture(name), label)),
            "key.wrong-kind",
            "{name}"
        );
    }
    for name in [
        "keys/p256.pem",
        "keys/p256.sec1.pem",
        "keys/rsa2048.pkcs1.pem",
        "encrypted/aes256-sha256.pem",
        "cosign/cosign.key",
        "requests/p256.pem",
    ] {
        assert_eq!(public_code(&fixture(name)), "key.wrong-kind", "{name}");
    }
    let together = [fixture("keys/p256.pem"), fixture("keys/p256.pub.pem")].concat();
    assert_eq!(public_code(&together), "key.wrong-kind");
    let other = pem::encode("PGP MESSAGE", b"x");
    assert_eq!(code(other.as_bytes()), "key.wrong-kind");
}

#[test]
fn what_is_neither_pem_nor_der_is_malformed() {
    let good = String::from_utf8(fixture("keys/p256.pem")).unwrap();
    for text in [
        String::new(),
        "ssh-ed25519 AAAA".to_owned(),
        good.replace("-----END PRIVATE KEY-----", ""),
        good.replace("-----END PRIVATE", "-----END PUBLIC"),
        good.replace("MIGH", "*IGH"),
        good.replace("MIGH", "MIG"),
        good.replace("MIGH", "MIGI"),
    ] {
        assert_eq!(code(text.as_bytes()), "key.malformed", "{text}");
    }
    assert!(SigningKey::import(good.replace('\n', "\r\n").as_bytes(), None).is_ok());
    assert_eq!(code(&vec![b'x'; 300 * 1024]), "key.malformed");
    assert_eq!(public_code(&vec![b'x'; 300 * 1024]), "key.malformed");
    let long = asn1::sequence(&[&[2, 1, 0], &asn1::sequence(&[]), &[4, 0], &vec![0; 9000]]);
    assert_eq!(code(&long), "key.malformed");
}

#[test]
fn damaged_files_are_refused_or_another_key() {
    for (name, label) in [
        ("keys/p256.pem", "PRIVATE KEY"),
        ("keys/p256.sec1.pem", "EC PRIVATE KEY"),
        ("keys/rsa2048.pkcs1.pem", "RSA PRIVATE KEY"),
        ("keys/ed25519.pem", "PRIVATE KEY"),
    ] {
        let der = block(&fixture(name), label);
        mutation::refuses_every_truncation(&der, |bytes| SigningKey::import(bytes, PASSWORD));
        if label != "RSA PRIVATE KEY" {
            mutation::each_bit_flipped(&der, |_, bytes| {
                let _ = SigningKey::import(bytes, None);
            });
        }
    }
}
