use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;

use super::*;
use crate::mutation;

const SIGNING: [SignatureScheme; 5] = [
    SignatureScheme::EcdsaP256Sha256,
    SignatureScheme::EcdsaP384Sha384,
    SignatureScheme::EcdsaP521Sha512,
    SignatureScheme::Ed25519,
    SignatureScheme::Ed25519ph,
];
const RSA_SCHEMES: [SignatureScheme; 6] = [
    SignatureScheme::RsaPkcs1Sha256,
    SignatureScheme::RsaPkcs1Sha384,
    SignatureScheme::RsaPkcs1Sha512,
    SignatureScheme::RsaPssSha256,
    SignatureScheme::RsaPssSha384,
    SignatureScheme::RsaPssSha512,
];

/// A public 2048-bit RSA key and a PKCS#1 v1.5 and PSS signature by it over `MESSAGE`, made with
/// OpenSSL for this test; the private half was thrown away.
const MESSAGE: &[u8] = b"what ships is what was built";
const RSA_KEY: &str = include_str!("tests/rsa.pem");
const RSA_PKCS1: &str = include_str!("tests/rsa.pkcs1.hex");
const RSA_PSS: &str = include_str!("tests/rsa.pss.hex");

fn unhex(text: &str) -> Vec<u8> {
    let text = text.trim();
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

#[test]
fn what_a_key_signs_its_public_half_verifies() {
    for scheme in SIGNING {
        let key = SigningKey::generate(scheme).unwrap();
        let signature = key.sign(MESSAGE).unwrap();
        let public = PublicKey::from_der(key.public_key().der()).unwrap();
        assert_eq!(public.default_scheme().key_kind(), scheme.key_kind());
        assert_eq!(public.verify(scheme, MESSAGE, &signature), Ok(()));
        assert_eq!(
            public.verify(scheme, b"something else", &signature),
            Err(BadSignature::Mismatch { scheme })
        );
        let other = SigningKey::generate(scheme).unwrap();
        assert!(
            other
                .public_key()
                .verify(scheme, MESSAGE, &signature)
                .is_err()
        );
        for position in 0..signature.len() {
            let mut flipped = signature.clone();
            flipped[position] ^= 1;
            assert!(public.verify(scheme, MESSAGE, &flipped).is_err());
        }
    }
}

#[test]
fn digests_serve_where_the_scheme_hashes_first() {
    for scheme in SIGNING {
        let key = SigningKey::generate(scheme).unwrap();
        let Some(algorithm) = scheme.digest_algorithm() else {
            let digest = Digest::sha256(MESSAGE);
            assert!(key.sign_digest(&digest).is_err());
            assert_eq!(
                key.public_key().verify_digest(scheme, &digest, &[0; 64]),
                Err(BadSignature::NeedsMessage { scheme })
            );
            continue;
        };
        let digest = Digest::of(algorithm, MESSAGE);
        let signature = key.sign_digest(&digest).unwrap();
        assert_eq!(key.public_key().verify(scheme, MESSAGE, &signature), Ok(()));
        let signature = key.sign(MESSAGE).unwrap();
        assert_eq!(
            key.public_key().verify_digest(scheme, &digest, &signature),
            Ok(())
        );
        let other = Digest::of(algorithm, b"something else");
        assert!(
            key.public_key()
                .verify_digest(scheme, &other, &signature)
                .is_err()
        );
    }
}

#[test]
fn refuses_a_digest_of_another_hash() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let digest = Digest::of(DigestAlgorithm::Sha512, MESSAGE);
    assert!(key.sign_digest(&digest).is_err());
    assert_eq!(
        key.public_key()
            .verify_digest(SignatureScheme::EcdsaP256Sha256, &digest, &[]),
        Err(BadSignature::WrongDigest {
            scheme: SignatureScheme::EcdsaP256Sha256,
            found: DigestAlgorithm::Sha512,
        })
    );
    // A tree digest has the length of a SHA-256 and still is none.
    let tree = Digest::from_bytes(DigestAlgorithm::TreeV1, &[0; 32]).unwrap();
    assert!(key.sign_digest(&tree).is_err());
}

#[test]
fn refuses_a_scheme_of_another_kind_of_key() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let signature = key.sign(MESSAGE).unwrap();
    for scheme in [
        SignatureScheme::EcdsaP384Sha256,
        SignatureScheme::Ed25519,
        SignatureScheme::Ed25519ph,
        SignatureScheme::RsaPkcs1Sha256,
    ] {
        assert_eq!(
            key.public_key().verify(scheme, MESSAGE, &signature),
            Err(BadSignature::WrongKey {
                scheme,
                found: KeyKind::EcdsaP256,
            })
        );
    }
}

#[test]
fn agrees_with_p256() {
    use p256::ecdsa::signature::Signer as _;
    use p256::ecdsa::signature::Verifier as _;
    use p256::pkcs8::DecodePrivateKey as _;
    use p256::pkcs8::DecodePublicKey as _;
    use p256::pkcs8::EncodePublicKey as _;

    let ours = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let theirs = p256::ecdsa::SigningKey::from_pkcs8_der(&ours.to_pkcs8_der().unwrap()).unwrap();
    let signature: p256::ecdsa::DerSignature = theirs.sign(MESSAGE);
    assert_eq!(
        theirs
            .verifying_key()
            .to_public_key_der()
            .unwrap()
            .as_bytes(),
        ours.public_key().der()
    );
    assert_eq!(
        ours.public_key().verify(
            SignatureScheme::EcdsaP256Sha256,
            MESSAGE,
            signature.as_bytes()
        ),
        Ok(())
    );
    let verifying =
        p256::ecdsa::VerifyingKey::from_public_key_pem(&ours.public_key().to_pem()).unwrap();
    let signature = ours.sign(MESSAGE).unwrap();
    verifying
        .verify(
            MESSAGE,
            &p256::ecdsa::DerSignature::from_bytes(&signature).unwrap(),
        )
        .unwrap();
}

#[test]
fn agrees_with_p384() {
    use p384::ecdsa::signature::Signer as _;
    use p384::ecdsa::signature::Verifier as _;
    use p384::pkcs8::DecodePrivateKey as _;
    use p384::pkcs8::DecodePublicKey as _;

    let scheme = SignatureScheme::EcdsaP384Sha384;
    let ours = SigningKey::generate(scheme).unwrap();
    let theirs = p384::ecdsa::SigningKey::from_pkcs8_der(&ours.to_pkcs8_der().unwrap()).unwrap();
    let signature: p384::ecdsa::DerSignature = theirs.sign(MESSAGE);
    let public = ours.public_key();
    assert_eq!(public.verify(scheme, MESSAGE, signature.as_bytes()), Ok(()));
    let verifying = p384::ecdsa::VerifyingKey::from_public_key_pem(&public.to_pem()).unwrap();
    let signature = ours.sign(MESSAGE).unwrap();
    verifying
        .verify(
            MESSAGE,
            &p384::ecdsa::DerSignature::from_bytes(&signature).unwrap(),
        )
        .unwrap();
}

#[test]
fn agrees_with_ed25519_dalek() {
    use ed25519_dalek::Verifier as _;

    let ours = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let raw = <&[u8; 32]>::try_from(ours.public_key().raw()).unwrap();
    let theirs = ed25519_dalek::VerifyingKey::from_bytes(raw).unwrap();
    let signature = ours.sign(MESSAGE).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
    theirs.verify(MESSAGE, &signature).unwrap();
    assert!(theirs.verify(b"something else", &signature).is_err());
}

#[test]
fn signs_ed25519ph_as_rfc_8032_does() {
    // Section 7.3: the seed and the signature over "abc".
    let seed = unhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
    let der = asn1::sequence(&[
        &asn1::unsigned_integer(&[0]),
        &asn1::sequence(&[&asn1::oid(oid::ED25519)]),
        &asn1::element(
            Tag::OctetString,
            &[&asn1::element(Tag::OctetString, &[&seed])],
        ),
    ]);
    let scheme = SignatureScheme::Ed25519ph;
    let key = SigningKey::from_pkcs8_der(&der)
        .unwrap()
        .with_scheme(scheme)
        .unwrap();
    let wanted = unhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
         31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
    );
    let digest = Digest::of(DigestAlgorithm::Sha512, b"abc");
    assert_eq!(key.sign(b"abc").unwrap(), wanted);
    assert_eq!(key.sign_digest(&digest).unwrap(), wanted);
    assert_eq!(
        key.public_key().verify_digest(scheme, &digest, &wanted),
        Ok(())
    );
    let other = Digest::of(DigestAlgorithm::Sha512, b"abd");
    assert!(
        key.public_key()
            .verify_digest(scheme, &other, &wanted)
            .is_err()
    );
    assert!(key.sign_digest(&Digest::sha256(b"abc")).is_err());
}

#[test]
fn generated_rsa_keys_sign_with_every_padding_and_hash() {
    for (size, bytes) in [(RsaSize::Bits2048, 256), (RsaSize::Bits4096, 512)] {
        let key = SigningKey::generate_rsa(size, SignatureScheme::RsaPssSha384).unwrap();
        assert_eq!(key.scheme(), SignatureScheme::RsaPssSha384);
        let again = SigningKey::from_pkcs8_der(&key.to_pkcs8_der().unwrap()).unwrap();
        assert_eq!(again.public_key(), key.public_key());
        assert_eq!(
            format!("{key:?}"),
            "SigningKey(RSA PSS with SHA-384, [redacted])"
        );
        for scheme in RSA_SCHEMES {
            let digest = Digest::of(scheme.digest_algorithm().unwrap(), MESSAGE);
            for input in [
                SignatureInput::Message(MESSAGE),
                SignatureInput::Digest(&digest),
            ] {
                let signature = key.sign_with(scheme, input).unwrap();
                assert_eq!(signature.len(), bytes);
                assert_eq!(key.public_key().verify(scheme, MESSAGE, &signature), Ok(()));
                assert!(
                    key.public_key()
                        .verify(scheme, b"else", &signature)
                        .is_err()
                );
            }
            for wrong in [
                Digest::sha256(MESSAGE),
                Digest::of(DigestAlgorithm::Sha512, MESSAGE),
            ] {
                let refused = key
                    .sign_with(scheme, SignatureInput::Digest(&wrong))
                    .is_err();
                assert_eq!(refused, wrong.algorithm() != digest.algorithm());
            }
        }
    }
}

#[test]
fn a_key_signs_with_schemes_of_its_kind_alone() {
    let message = SignatureInput::Message(MESSAGE);
    let p256 = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let ed25519 = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    for scheme in [
        SignatureScheme::EcdsaP256Sha384,
        SignatureScheme::EcdsaP384Sha384,
        SignatureScheme::RsaPkcs1Sha256,
    ] {
        for key in [&p256, &ed25519] {
            assert!(!key.supports(scheme));
            let error = key.sign_with(scheme, message).unwrap_err();
            assert_eq!(error.code().as_str(), "key.unsupported");
        }
        assert!(
            SigningKey::generate_rsa(RsaSize::Bits2048, scheme).is_err()
                != (scheme == SignatureScheme::RsaPkcs1Sha256)
        );
    }
    assert!(p256.with_scheme(SignatureScheme::Ed25519).is_err());
    let ed25519ph = ed25519.with_scheme(SignatureScheme::Ed25519ph).unwrap();
    assert_eq!(ed25519ph.scheme(), SignatureScheme::Ed25519ph);
    assert!(SigningKey::generate(SignatureScheme::EcdsaP256Sha384).is_err());
}

#[test]
fn verifies_rsa() {
    let key = PublicKey::from_pem(RSA_KEY).unwrap();
    assert_eq!(key.kind(), KeyKind::Rsa);
    assert_eq!(key.to_pem(), RSA_KEY);
    assert_eq!(PublicKey::from_pkcs1_der(key.raw()).unwrap(), key);
    let digest = Digest::sha256(MESSAGE);
    for (scheme, signature) in [
        (SignatureScheme::RsaPkcs1Sha256, unhex(RSA_PKCS1)),
        (SignatureScheme::RsaPssSha256, unhex(RSA_PSS)),
    ] {
        assert_eq!(key.verify(scheme, MESSAGE, &signature), Ok(()));
        assert_eq!(key.verify_digest(scheme, &digest, &signature), Ok(()));
        assert!(key.verify(scheme, b"something else", &signature).is_err());
    }
    assert!(
        key.verify(SignatureScheme::RsaPssSha256, MESSAGE, &unhex(RSA_PKCS1))
            .is_err()
    );
}

#[test]
fn verifies_ed25519ph() {
    // RFC 8032 section 7.3.
    let raw = unhex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
    let signature = unhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
         31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
    );
    let key = PublicKey::from_der(&asn1::sequence(&[
        &asn1::sequence(&[&asn1::oid(oid::ED25519)]),
        &asn1::bit_string(&raw),
    ]))
    .unwrap();
    assert_eq!(
        key.verify(SignatureScheme::Ed25519ph, b"abc", &signature),
        Ok(())
    );
    assert!(
        key.verify(SignatureScheme::Ed25519ph, b"abd", &signature)
            .is_err()
    );
    assert!(
        key.verify(SignatureScheme::Ed25519, b"abc", &signature)
            .is_err()
    );
}

#[test]
fn private_keys_survive_pkcs8_and_stay_out_of_debug() {
    for scheme in SIGNING {
        let key = SigningKey::generate(scheme).unwrap();
        let pem = key.to_pkcs8_pem().unwrap();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        let again = SigningKey::from_pkcs8_pem(&pem).unwrap();
        assert_eq!(again.public_key(), key.public_key());
        assert_eq!(again.scheme(), key.public_key().default_scheme());
        assert_eq!(
            format!("{key:?}"),
            format!("SigningKey({}, [redacted])", scheme.name())
        );
    }
}

#[test]
fn private_keys_that_are_damaged_are_refused() {
    for scheme in SIGNING {
        let der = SigningKey::generate(scheme)
            .unwrap()
            .to_pkcs8_der()
            .unwrap();
        mutation::refuses_every_truncation(&der, SigningKey::from_pkcs8_der);
        mutation::each_bit_flipped(&der, |_, bytes| {
            let _ = SigningKey::from_pkcs8_der(bytes);
        });
    }
}

#[test]
fn public_keys_that_are_damaged_are_refused() {
    let rsa = PublicKey::from_pem(RSA_KEY).unwrap();
    for der in SIGNING
        .map(|scheme| {
            SigningKey::generate(scheme)
                .unwrap()
                .public_key()
                .der()
                .to_vec()
        })
        .into_iter()
        .chain([rsa.der().to_vec()])
    {
        mutation::refuses_every_truncation(&der, PublicKey::from_der);
        mutation::each_bit_flipped(&der, |_, bytes| {
            if let Ok(key) = PublicKey::from_der(bytes) {
                let _ = key.verify(key.default_scheme(), MESSAGE, &[0x30, 0]);
            }
        });
    }
}

#[test]
fn unsupported_keys_say_what_they_are() {
    // secp256k1
    let curve = der::asn1::ObjectIdentifier::new_unwrap("1.3.132.0.10");
    let key = asn1::sequence(&[
        &asn1::sequence(&[&asn1::oid(oid::EC_PUBLIC_KEY), &asn1::oid(curve)]),
        &asn1::bit_string(&[4; 65]),
    ]);
    let error = PublicKey::from_der(&key).unwrap_err();
    assert_eq!(error.code().as_str(), "key.unsupported");
    assert!(error.to_string().contains("1.3.132.0.10"), "{error}");

    let modulus = [0xff; 128];
    let small = asn1::sequence(&[
        &asn1::sequence(&[
            &asn1::oid(oid::RSA_ENCRYPTION),
            &asn1::element(Tag::Null, &[]),
        ]),
        &asn1::bit_string(&asn1::sequence(&[
            &asn1::unsigned_integer(&modulus),
            &asn1::unsigned_integer(&[1, 0, 1]),
        ])),
    ]);
    let error = PublicKey::from_der(&small).unwrap_err();
    assert_eq!(error.code().as_str(), "key.rsa-size");
    assert!(error.to_string().contains("1024 bits"), "{error}");
}

#[test]
fn pem_with_another_label_is_refused() {
    let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let text = key.public_key().to_pem();
    assert!(PublicKey::from_pem(&text).is_ok());
    let error = PublicKey::from_pem(&text.replace("PUBLIC KEY", "CERTIFICATE")).unwrap_err();
    assert_eq!(error.code().as_str(), "key.malformed");
    assert!(SigningKey::from_pkcs8_pem(&text).is_err());
    assert!(PublicKey::from_pem("").is_err());
}

#[test]
fn points_off_the_curve_verify_nothing() {
    let key = asn1::sequence(&[
        &asn1::sequence(&[&asn1::oid(oid::EC_PUBLIC_KEY), &asn1::oid(oid::SECP256R1)]),
        &asn1::bit_string(&[4; 65]),
    ]);
    let key = PublicKey::from_der(&key).unwrap();
    assert!(
        key.verify(SignatureScheme::EcdsaP256Sha256, MESSAGE, &[0x30, 0])
            .is_err()
    );
}
