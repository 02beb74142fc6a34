//! ECDSA signatures written as r and s alone (IEEE P1363): taken of the signer, and of nobody else.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_sigstore::Content;
use sealwright_sigstore::LogVersion;

use crate::authority::*;

/// Takes DER apart by hand: r and s, each of the curve's length.
fn fixed(der: &[u8], field: usize) -> Vec<u8> {
    let mut rest = match der[1] {
        0x81 => &der[3..],
        _ => &der[2..],
    };
    let mut out = Vec::new();
    for _ in 0..2 {
        let (value, after) = rest[2..].split_at(usize::from(rest[1]));
        let value = value.strip_prefix(&[0]).unwrap_or(value);
        out.extend(std::iter::repeat_n(0, field - value.len()));
        out.extend_from_slice(value);
        rest = after;
    }
    out
}

#[test]
fn takes_r_and_s_alone_of_the_signer() {
    let world = World::new();
    for (scheme, field) in [
        (SignatureScheme::EcdsaP256Sha256, 32),
        (SignatureScheme::EcdsaP384Sha384, 48),
        (SignatureScheme::EcdsaP521Sha512, 66),
    ] {
        let mut signing = world.signing(LogVersion::V1);
        signing.key = SigningKey::generate(scheme).unwrap();
        signing.leaf = world.issue(signing.key.public_key());
        let mut envelope = signing.sign_envelope(statement_about(&Digest::sha256(ARTIFACT)));
        let signature = fixed(envelope.signatures[0].sig.as_bytes(), field);
        let judge = |signature: &[u8]| {
            let mut envelope = envelope.clone();
            envelope.signatures[0].sig = signature.into();
            code(&world.judge(&signing.envelope(envelope)))
        };
        assert_eq!(judge(&signature), "accepted", "{scheme:?}");
        let mut swapped = signature.clone();
        swapped.rotate_left(field);
        let padded = [&[0], &signature[..field], &[0], &signature[field..]].concat();
        for bad in [
            &swapped,
            &padded,
            &signature[1..].to_vec(),
            &vec![0; 2 * field],
        ] {
            assert_eq!(judge(bad), "sig.invalid", "{scheme:?}");
        }
        envelope.payload = statement_about(&Digest::sha256(b"another")).into();
        let mut bundle = signing.envelope(envelope.clone());
        assert_eq!(code(&world.judge(&bundle)), "sig.invalid");
        envelope.signatures[0].sig = signature.into();
        bundle.content = Content::Dsse(envelope);
        assert_ne!(code(&world.judge(&bundle)), "accepted");
    }
}

#[test]
fn takes_der_alone_of_a_log() {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).message();
    let promise = bundle.log_entries[0].inclusion_promise.as_mut().unwrap();
    *promise = Base64(fixed(promise.as_bytes(), 32));
    assert_eq!(code(&world.judge(&bundle)), "log.set-invalid");

    let mut bundle = world.signing(LogVersion::V1).message();
    let proof = bundle.log_entries[0].inclusion_proof.as_mut().unwrap();
    let checkpoint = proof.checkpoint.as_mut().unwrap();
    let line = checkpoint.trim_end().rsplit(' ').next().unwrap().to_owned();
    let signature = Base64::decode(&line).unwrap();
    let (hint, der) = signature.as_bytes().split_at(4);
    let changed = Base64([hint, &fixed(der, 32)].concat());
    *checkpoint = checkpoint.replacen(&line, &changed.to_string(), 1);
    assert_eq!(code(&world.judge(&bundle)), "log.checkpoint-invalid");
}
