//! Cosignatures of witnesses: as many trusted ones as the profile wants, each counted once.

use sealwright_core::Diagnostic as _;
use sealwright_core::Timestamp;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TrustProfile;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Witness;
use sealwright_tlog::Cosignature;
use sealwright_tlog::NoteSignature;
use sealwright_tlog::SignedNote;
use sealwright_tlog::cosignature_key_id;
use sealwright_tlog::key_hint;

use crate::authority::*;

const ONE: &str = "one.witness.test.sealwright.invalid";
const TWO: &str = "two.witness.test.sealwright.invalid";

fn ed25519() -> SigningKey {
    SigningKey::generate(SignatureScheme::Ed25519).unwrap()
}

fn witness(name: &str, key: &SigningKey) -> Witness {
    Witness::new(name, key.public_key().clone()).unwrap()
}

/// Adds a cosignature to the bundle's checkpoint.
fn cosign(bundle: &mut Bundle, name: &str, key: &SigningKey, at: Timestamp) {
    let proof = bundle.log_entries[0].inclusion_proof.as_mut().unwrap();
    let mut note = SignedNote::parse(proof.checkpoint.as_ref().unwrap()).unwrap();
    let time = u64::try_from(at.seconds()).unwrap();
    let signature = key.sign(&Cosignature::message(note.text(), time)).unwrap();
    let raw = key.public_key().raw().try_into().unwrap();
    note.add(NoteSignature {
        name: name.to_owned(),
        key_hint: key_hint(&cosignature_key_id(name, raw)),
        signature: Cosignature {
            time,
            signature: signature.try_into().unwrap(),
        }
        .to_bytes(),
    })
    .unwrap();
    proof.checkpoint = Some(note.to_string());
}

fn wanting(world: &World, threshold: usize, witnesses: Vec<Witness>) -> TrustRoot {
    let mut root = world.trust_root().with_profile(TrustProfile {
        witness_threshold: threshold,
        ..TrustProfile::DEFAULT
    });
    root.witnesses = witnesses;
    root
}

#[test]
fn counts_each_trusted_witness_once() {
    for version in [LogVersion::V1, LogVersion::V2] {
        let world = World::new();
        let (one, two) = (ed25519(), ed25519());
        let mut bundle = world.signing(version).message();
        cosign(&mut bundle, ONE, &one, signed_at());
        cosign(&mut bundle, TWO, &two, signed_at());
        cosign(&mut bundle, TWO, &one, signed_at());
        let both = || vec![witness(ONE, &one), witness(TWO, &two)];
        let judge = |threshold, witnesses| {
            let verdict = judge_by(&bundle, &wanting(&world, threshold, witnesses));
            let names = verdict
                .accepted()
                .map(|verified| verified.log_entries()[0].witnesses.clone());
            (code(&verdict), names.unwrap_or_default())
        };
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let accepted = |by: &[&str]| ("accepted".to_owned(), names(by));
        let missing = ("log.witness-missing".to_owned(), Vec::new());
        assert_eq!(judge(2, both()), accepted(&[ONE, TWO]));
        assert_eq!(judge(0, both()), accepted(&[ONE, TWO]));
        assert_eq!(judge(1, vec![witness(TWO, &two)]), accepted(&[TWO]));
        assert_eq!(judge(3, both()), missing);
        assert_eq!(judge(2, vec![witness(ONE, &one)]), missing);
        // One key under two names, and one witness named twice.
        assert_eq!(
            judge(2, vec![witness(ONE, &one), witness(TWO, &one)]),
            missing
        );
        assert_eq!(
            judge(2, vec![witness(ONE, &one), witness(ONE, &one)]),
            missing
        );
        // Trusted by another name, and another key of that name.
        assert_eq!(judge(1, vec![witness(ONE, &two)]), missing);
        assert_eq!(judge(1, vec![witness(ONE, &ed25519())]), missing);
        assert_eq!(judge(1, Vec::new()), missing);
    }
}

#[test]
fn the_logs_own_signature_is_no_cosignature() {
    let world = World::new();
    let bundle = world.signing(LogVersion::V2).message();
    let log = witness("log.test.sealwright.invalid", &world.log_v2);
    assert_eq!(
        code(&judge_by(&bundle, &wanting(&world, 1, vec![log]))),
        "log.witness-missing"
    );
}

#[test]
fn a_cosignature_of_the_future_or_of_another_checkpoint_does_not_count() {
    let world = World::new();
    let one = ed25519();
    let root = wanting(&world, 1, vec![witness(ONE, &one)]);
    for (seconds, wanted) in [
        (0, "accepted"),
        (60, "accepted"),
        (61, "log.witness-missing"),
    ] {
        let mut bundle = world.signing(LogVersion::V2).message();
        cosign(&mut bundle, ONE, &one, now().plus_seconds(seconds));
        assert_eq!(code(&judge_by(&bundle, &root)), wanted, "{seconds}");
    }
    let mut other = world.signing(LogVersion::V2).message();
    cosign(&mut other, ONE, &one, signed_at());
    let checkpoint = other.log_entries[0]
        .inclusion_proof
        .take()
        .unwrap()
        .checkpoint
        .unwrap();
    let line = checkpoint.lines().last().unwrap();
    let mut bundle = world.signing(LogVersion::V2).message();
    let proof = bundle.log_entries[0].inclusion_proof.as_mut().unwrap();
    proof
        .checkpoint
        .as_mut()
        .unwrap()
        .push_str(&format!("{line}\n"));
    assert_eq!(code(&judge_by(&bundle, &root)), "log.witness-missing");
}

/// Version 0.1 may come without a checkpoint, and then nobody cosigned one.
#[test]
fn no_checkpoint_is_no_cosignature() {
    let world = World::new();
    let one = ed25519();
    let mut bundle = world.signing(LogVersion::V1).message();
    bundle.version = sealwright_sigstore::BundleVersion::V0_1;
    bundle.log_entries[0].inclusion_proof = None;
    assert_eq!(code(&world.judge(&bundle)), "accepted");
    let root = wanting(&world, 1, vec![witness(ONE, &one)]);
    assert_eq!(code(&judge_by(&bundle, &root)), "log.witness-missing");
}

pub(crate) fn a_cosignature_flipped() -> String {
    let world = World::new();
    let one = ed25519();
    let mut bundle = world.signing(LogVersion::V2).message();
    cosign(&mut bundle, ONE, &one, signed_at());
    let root = wanting(&world, 1, vec![witness(ONE, &one)]);
    assert_eq!(code(&judge_by(&bundle, &root)), "accepted");
    let proof = bundle.log_entries[0].inclusion_proof.as_mut().unwrap();
    let checkpoint = proof.checkpoint.as_mut().unwrap();
    let line = checkpoint.trim_end().rsplit(' ').next().unwrap().to_owned();
    let mut signature = sealwright_core::Base64::decode(&line).unwrap();
    *signature.0.last_mut().unwrap() ^= 1;
    *checkpoint = checkpoint.replacen(&line, &signature.to_string(), 1);
    code(&judge_by(&bundle, &root))
}

#[test]
fn reads_the_text_form_of_a_key_and_nothing_else() {
    let key = ed25519();
    let raw: &[u8; 32] = key.public_key().raw().try_into().unwrap();
    let text = |name: &str, kind: u8, raw: &[u8]| {
        let bytes = <[u8; 32]>::try_from(raw).unwrap_or_default();
        let hint = u32::from_be_bytes(key_hint(&cosignature_key_id(name, &bytes)));
        let encoded = sealwright_core::Base64::encode(&[&[kind], raw].concat());
        format!("{name}+{hint:08x}+{encoded}")
    };
    let good = text(ONE, 4, raw);
    assert_eq!(Witness::parse(&good).unwrap(), witness(ONE, &key));
    let other_hint = good.replacen(&good[ONE.len() + 1..ONE.len() + 9], "00000000", 1);
    for bad in [
        text("", 4, raw),
        text("two words", 4, raw),
        text(ONE, 1, raw),
        text(ONE, 6, raw),
        text(ONE, 4, &raw[1..]),
        good.replacen(ONE, TWO, 1),
        other_hint,
        good[..good.len() - 4].to_owned(),
        ONE.to_owned(),
        String::new(),
    ] {
        let error = Witness::parse(&bad).unwrap_err();
        assert_eq!(error.code().as_str(), "trust.malformed", "{bad}");
    }
    let error = Witness::new(ONE, p256().public_key().clone()).unwrap_err();
    assert_eq!(error.code().as_str(), "trust.malformed");
}
