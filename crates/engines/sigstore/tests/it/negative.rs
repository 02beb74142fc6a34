//! One thing is wrong at a time: every code this crate has is reached by changing one thing in a
//! good input, and by nothing else than that.

use std::collections::BTreeSet;

use sealwright_core::Base64;
use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::SignatureScheme;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::BundleVersion;
use sealwright_sigstore::CODES;
use sealwright_sigstore::CheckOutcome;
use sealwright_sigstore::Expected;
use sealwright_sigstore::Limits;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TextMatch;
use sealwright_sigstore::TrustProfile;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Validity;
use sealwright_sigstore::VerificationMaterial;
use sealwright_sigstore::entry::EntryKind;

use crate::authority::*;
use crate::claims;
use crate::positive::managed;
use crate::signing;
use crate::witnesses;

/// What is wrong, the code it gives, and how to make it so.
type Case = (&'static str, &'static str, fn() -> String);

const CASES: &[Case] = &[
    (
        "only a digest for Ed25519",
        "artifact.bytes-needed",
        digest_alone_for_ed25519,
    ),
    (
        "another artifact",
        "artifact.digest-mismatch",
        another_artifact,
    ),
    (
        "another digest named",
        "artifact.digest-mismatch",
        another_digest_named,
    ),
    (
        "another artifact, no digest named",
        "artifact.digest-mismatch",
        another_artifact_unnamed,
    ),
    ("a key twice", "bundle.duplicate-key", a_key_twice),
    ("half a bundle", "bundle.malformed", half_a_bundle),
    ("an unknown field", "bundle.malformed", an_unknown_field),
    (
        "the same timestamp twice",
        "bundle.malformed",
        the_same_timestamp_twice,
    ),
    (
        "the same entry twice",
        "bundle.malformed",
        the_same_entry_twice,
    ),
    ("two signatures", "bundle.malformed", two_signatures),
    (
        "a chain in version 0.3",
        "bundle.malformed",
        a_chain_in_version_3,
    ),
    (
        "a root in the chain",
        "bundle.malformed",
        a_root_in_the_chain,
    ),
    (
        "no proof in version 0.2",
        "bundle.malformed",
        no_proof_in_version_2,
    ),
    (
        "no promise in version 0.1",
        "bundle.malformed",
        no_promise_in_version_1,
    ),
    ("a negative index", "bundle.malformed", a_negative_index),
    (
        "more bytes than the limit",
        "bundle.too-large",
        more_bytes_than_the_limit,
    ),
    ("33 timestamps", "bundle.too-large", too_many_timestamps),
    ("version 0.4", "bundle.unsupported", version_4),
    (
        "certificate's signature flipped",
        "cert.chain-invalid",
        certificate_flipped,
    ),
    (
        "a code signer without that usage",
        "cert.chain-invalid",
        a_ca_as_leaf,
    ),
    (
        "another source repository",
        "cert.claim-mismatch",
        claims::another_source_repository,
    ),
    (
        "timestamp after expiry",
        "cert.expired-at-signing",
        stamped_after_expiry,
    ),
    (
        "timestamp before validity",
        "cert.expired-at-signing",
        stamped_before_validity,
    ),
    (
        "promise after expiry",
        "cert.expired-at-signing",
        promised_after_expiry,
    ),
    ("authority removed", "cert.untrusted", authority_removed),
    ("authority ended before", "cert.untrusted", authority_ended),
    ("no statement", "claim.malformed", no_statement),
    (
        "another payload type",
        "claim.malformed",
        another_payload_type,
    ),
    (
        "statement about another subject",
        "claim.subject-mismatch",
        another_subject,
    ),
    ("entry body is garbage", "entry.malformed", entry_garbage),
    (
        "entry of an unknown kind",
        "entry.unsupported",
        entry_unknown,
    ),
    (
        "checkpoint signature flipped",
        "log.checkpoint-invalid",
        checkpoint_flipped,
    ),
    (
        "checkpoint of another size",
        "log.checkpoint-invalid",
        checkpoint_of_another_size,
    ),
    (
        "checkpoint under another name",
        "log.checkpoint-invalid",
        checkpoint_renamed,
    ),
    (
        "entry about another signature",
        "log.entry-mismatch",
        entry_of_another_signature,
    ),
    (
        "entry about another certificate",
        "log.entry-mismatch",
        entry_of_another_certificate,
    ),
    (
        "a second entry that contradicts",
        "log.entry-mismatch",
        a_second_entry_contradicts,
    ),
    (
        "checkpoint under a name that is not the log's",
        "log.checkpoint-invalid",
        checkpoint_of_an_unnamed_log,
    ),
    (
        "entry about another digest",
        "log.entry-mismatch",
        entry_of_another_digest,
    ),
    (
        "entry about another envelope",
        "log.entry-mismatch",
        entry_of_another_envelope,
    ),
    (
        "entry of another version than named",
        "log.entry-mismatch",
        entry_of_another_version,
    ),
    (
        "entry under another index",
        "log.entry-mismatch",
        entry_of_another_index,
    ),
    (
        "entry naming another algorithm",
        "log.entry-mismatch",
        entry_of_another_algorithm,
    ),
    ("proof hash flipped", "log.inclusion-invalid", proof_flipped),
    (
        "proof for another index",
        "log.inclusion-invalid",
        proof_of_another_index,
    ),
    ("no log entry", "log.missing", no_log_entry),
    ("one log, two wanted", "log.missing", one_log_two_wanted),
    ("promise flipped", "log.set-invalid", promise_flipped),
    (
        "promise outside the log's validity",
        "log.set-invalid",
        promise_after_the_log_ended,
    ),
    (
        "a cosignature flipped",
        "log.witness-missing",
        witnesses::a_cosignature_flipped,
    ),
    ("log removed", "log.untrusted", log_removed),
    ("log started later", "log.untrusted", log_started_later),
    ("an open bracket", "pattern.invalid", an_open_bracket),
    (
        "another certificate log",
        "sct.invalid",
        another_certificate_log,
    ),
    (
        "certificate log ended before",
        "sct.invalid",
        certificate_log_ended,
    ),
    ("no certificate log asked", "sct.missing", no_sct),
    (
        "another identity",
        "sig.identity-mismatch",
        another_identity,
    ),
    ("another issuer", "sig.issuer-mismatch", another_issuer),
    (
        "another key's signature",
        "sig.invalid",
        another_keys_signature,
    ),
    (
        "another managed key",
        "sig.key-mismatch",
        another_managed_key,
    ),
    (
        "a certificate for a key",
        "sig.key-mismatch",
        a_certificate_for_a_key,
    ),
    (
        "a key for an identity",
        "sig.key-required",
        a_key_for_an_identity,
    ),
    (
        "answer about another key",
        "signing.bad-answer",
        signing::certificate_of_another_key,
    ),
    (
        "a signing configuration without a selector",
        "signing-config.malformed",
        signing::services_without_a_selector,
    ),
    (
        "a signing configuration of the past",
        "signing-config.no-service",
        signing::services_of_the_past,
    ),
    (
        "a signing configuration of another version",
        "signing-config.unsupported",
        signing::a_configuration_of_another_version,
    ),
    (
        "expired again and again",
        "signing.expired",
        signing::expired_again_and_again,
    ),
    (
        "a pure Ed25519 key and a digest",
        "signing.key-unsupported",
        signing::ed25519_and_a_digest,
    ),
    (
        "signatures before a key",
        "signing.out-of-order",
        signing::signatures_before_a_key,
    ),
    (
        "verified before it was signed",
        "time.in-future",
        verified_before_signed,
    ),
    ("no timestamp", "time.missing", no_timestamp),
    (
        "one source of time, two wanted",
        "time.missing",
        one_time_two_wanted,
    ),
    (
        "timestamp over something else",
        "timestamp.invalid",
        timestamp_over_something_else,
    ),
    (
        "timestamp of a stranger",
        "timestamp.invalid",
        timestamp_of_a_stranger,
    ),
    (
        "timestamp authority ended before",
        "timestamp.invalid",
        timestamp_authority_ended,
    ),
    (
        "a log without start",
        "trust.malformed",
        a_log_without_start,
    ),
    ("half a root", "trust.malformed", half_a_root),
    ("a root of strangers", "trust.none", a_root_of_strangers),
    ("an empty root", "trust.none", an_empty_root),
    (
        "an unknown hash in the root",
        "trust.unsupported",
        an_unknown_hash,
    ),
    (
        "an unknown key type in the root",
        "trust.unsupported",
        an_unknown_key_type,
    ),
    (
        "a root of another version",
        "trust.unsupported",
        a_root_of_another_version,
    ),
];

#[test]
fn each_wrong_thing_gives_its_code() {
    let wrong: Vec<String> = CASES
        .iter()
        .map(|(name, wanted, make)| (name, wanted, make()))
        .filter(|(_, wanted, found)| *wanted != found)
        .map(|(name, wanted, found)| format!("{name}: {found}, wanted {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_case() {
    let all: BTreeSet<&str> = CODES.iter().map(|code| code.as_str()).collect();
    assert_eq!(all.len(), CODES.len(), "a code is listed twice");
    let tested: BTreeSet<&str> = CASES.iter().map(|(_, code, _)| *code).collect();
    assert_eq!(all, tested);
}

#[test]
fn every_code_has_a_page() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/codes");
    for code in CODES {
        let page = std::fs::read_to_string(pages.join(format!("{code}.md"))).unwrap_or_default();
        assert!(
            page.starts_with(&format!("# {code}\n")),
            "no page for {code}"
        );
    }
}

#[test]
fn the_check_that_failed_is_the_last_one_listed() {
    let world = World::new();
    let bundle = world.signing(LogVersion::V1).message();
    let artifact = Artifact::from_digest(Digest::sha256(b"another"));
    let root = world.trust_root();
    let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, &expected(), now());
    let (last, before) = verdict.trace.split_last().unwrap();
    assert_eq!(last.outcome, CheckOutcome::Failed);
    assert_eq!(last.name.name(), "artifact-digest");
    assert!(
        before
            .iter()
            .all(|check| check.outcome == CheckOutcome::Passed)
    );
}

fn judged_message(version: LogVersion, change: impl FnOnce(&World, &mut Bundle)) -> String {
    let world = World::new();
    let mut bundle = world.signing(version).message();
    change(&world, &mut bundle);
    code(&world.judge(&bundle))
}

fn judged_root(version: LogVersion, change: impl FnOnce(&mut TrustRoot)) -> String {
    let world = World::new();
    let bundle = world.signing(version).message();
    let mut root = world.trust_root();
    change(&mut root);
    code(&judge_by(&bundle, &root))
}

fn judged_as(artifact: &Artifact<'_>, expected: &Expected, at: Timestamp) -> String {
    let world = World::new();
    let bundle = world.signing(LogVersion::V2).message();
    code(&sealwright_sigstore::verify(
        &bundle,
        artifact,
        &world.trust_root(),
        expected,
        at,
    ))
}

fn the_artifact() -> Artifact<'static> {
    Artifact::from_digest(Digest::sha256(ARTIFACT))
}

/// What reading says to a bundle that was written and then changed as text.
fn read(version: BundleVersion, change: impl FnOnce(String) -> String) -> String {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).message();
    bundle.version = version;
    read_json(change(String::from_utf8(bundle.to_json()).unwrap()).as_bytes())
}

fn read_json(json: &[u8]) -> String {
    match Bundle::parse(json) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.code().to_string(),
    }
}

fn flip(bytes: &mut Base64) {
    let middle = bytes.0.len() / 2;
    bytes.0[middle] ^= 1;
}

fn digest_alone_for_ed25519() -> String {
    let world = World::new();
    let (bundle, key) = managed(&world, LogVersion::V1, SignatureScheme::Ed25519);
    let expected = Expected::Key(key.public_key().clone());
    let root = world.trust_root();
    code(&sealwright_sigstore::verify(
        &bundle,
        &the_artifact(),
        &root,
        &expected,
        now(),
    ))
}

fn another_artifact() -> String {
    judged_as(&Artifact::from_bytes(b"changed"), &expected(), now())
}

fn another_digest_named() -> String {
    judged_message(LogVersion::V1, |_, bundle| {
        bundle.content = match bundle.content.clone() {
            sealwright_sigstore::Content::MessageSignature { signature, .. } => {
                sealwright_sigstore::Content::MessageSignature {
                    digest: Some(Digest::sha256(b"changed")),
                    signature,
                }
            }
            other => other,
        };
    })
}

fn another_artifact_unnamed() -> String {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).message();
    if let sealwright_sigstore::Content::MessageSignature { digest, .. } = &mut bundle.content {
        *digest = None;
    }
    let artifact = Artifact::from_bytes(b"changed");
    let root = world.trust_root();
    code(&sealwright_sigstore::verify(
        &bundle,
        &artifact,
        &root,
        &expected(),
        now(),
    ))
}

fn a_key_twice() -> String {
    read(BundleVersion::V0_3, |json| {
        json.replacen("{\"mediaType\"", "{\"mediaType\":\"x\",\"mediaType\"", 1)
    })
}

fn half_a_bundle() -> String {
    read(BundleVersion::V0_3, |json| {
        json[..json.len() / 2].to_owned()
    })
}

fn an_unknown_field() -> String {
    read(BundleVersion::V0_3, |json| {
        json.replacen('{', "{\"extra\":1,", 1)
    })
}

fn the_same_timestamp_twice() -> String {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).message();
    bundle.timestamps.push(bundle.timestamps[0].clone());
    read_json(&bundle.to_json())
}

fn the_same_entry_twice() -> String {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).message();
    bundle.log_entries.push(bundle.log_entries[0].clone());
    read_json(&bundle.to_json())
}

fn two_signatures() -> String {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).statement();
    if let sealwright_sigstore::Content::Dsse(envelope) = &mut bundle.content {
        envelope.signatures.push(envelope.signatures[0].clone());
    }
    read_json(&bundle.to_json())
}

fn with_chain(version: BundleVersion, last: fn(&World) -> Certificate) -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let mut bundle = signing.message();
    bundle.version = version;
    bundle.material = VerificationMaterial::Chain {
        leaf: Box::new(signing.leaf),
        intermediates: vec![last(&world)],
    };
    read_json(&bundle.to_json())
}

fn a_chain_in_version_3() -> String {
    with_chain(BundleVersion::V0_3, |world| world.intermediate.clone())
}

fn a_root_in_the_chain() -> String {
    with_chain(BundleVersion::V0_2, |world| {
        let root = world.trust_root();
        root.certificate_authorities[0].chain[1].clone()
    })
}

fn no_proof_in_version_2() -> String {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).message();
    bundle.version = BundleVersion::V0_2;
    bundle.log_entries[0].inclusion_proof = None;
    read_json(&bundle.to_json())
}

fn no_promise_in_version_1() -> String {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).message();
    bundle.version = BundleVersion::V0_1;
    bundle.log_entries[0].inclusion_promise = None;
    read_json(&bundle.to_json())
}

fn a_negative_index() -> String {
    read(BundleVersion::V0_3, |json| {
        json.replacen("\"logIndex\":\"1\"", "\"logIndex\":\"-1\"", 1)
    })
}

fn more_bytes_than_the_limit() -> String {
    let world = World::new();
    let json = world.signing(LogVersion::V1).message().to_json();
    let limits = Limits {
        bytes: json.len() - 1,
        ..Limits::DEFAULT
    };
    Bundle::parse_within(&json, &limits)
        .unwrap_err()
        .code()
        .to_string()
}

fn too_many_timestamps() -> String {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).message();
    bundle.timestamps = (0..33_u8).map(|number| vec![number].into()).collect();
    read_json(&bundle.to_json())
}

fn version_4() -> String {
    read(BundleVersion::V0_3, |json| {
        json.replacen("bundle.v0.3", "bundle.v0.4", 1)
    })
}

fn certificate_flipped() -> String {
    judged_message(LogVersion::V1, |_, bundle| {
        let mut der = bundle.certificate().unwrap().der().to_vec();
        *der.last_mut().unwrap() ^= 1;
        let flipped = Certificate::from_der(&der).unwrap();
        bundle.material = VerificationMaterial::Certificate(Box::new(flipped));
    })
}

fn a_ca_as_leaf() -> String {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V1);
    signing.leaf = world.intermediate.clone();
    code(&world.judge(&signing.message()))
}

fn stamped_after_expiry() -> String {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V2);
    signing.stamped_at = Some(signing.leaf.not_after().plus_seconds(1));
    code(&world.judge(&signing.message()))
}

fn stamped_before_validity() -> String {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V2);
    signing.stamped_at = Some(signing.leaf.not_before().plus_seconds(-1));
    code(&world.judge(&signing.message()))
}

fn promised_after_expiry() -> String {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V1);
    signing.logged_at = signing.leaf.not_after().plus_seconds(1);
    code(&world.judge(&signing.message()))
}

fn authority_removed() -> String {
    judged_root(LogVersion::V1, |root| root.certificate_authorities.clear())
}

fn authority_ended() -> String {
    judged_root(LogVersion::V1, |root| {
        root.certificate_authorities[0].valid_for.end = Some(signed_at().plus_seconds(-1));
    })
}

fn no_statement() -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let envelope = signing.sign_envelope(b"{\"_type\":\"other\"}".to_vec());
    code(&world.judge(&signing.envelope(envelope)))
}

fn another_payload_type() -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let mut envelope = signing.sign_envelope(statement_about(&Digest::sha256(ARTIFACT)));
    envelope.payload_type = MediaType::SPDX_JSON;
    signing.sign_again(&mut envelope);
    code(&world.judge(&signing.envelope(envelope)))
}

fn another_subject() -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let envelope = signing.sign_envelope(statement_about(&Digest::sha256(b"another")));
    code(&world.judge(&signing.envelope(envelope)))
}

/// A bundle whose log entry has another body, which the log holds all the same.
fn with_body(change: impl FnOnce(Vec<u8>) -> (Vec<u8>, EntryKind)) -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let signature = signing.key.sign(ARTIFACT).unwrap();
    let entry = signing.hashed(Digest::sha256(ARTIFACT), &signature);
    let (body, kind) = change(entry.canonical_body().unwrap());
    let logged = world.log(&body, kind, LogVersion::V1, Some(signed_at()));
    code(&world.judge(&signing.bundle_logged(logged, message_content(signature))))
}

fn entry_garbage() -> String {
    with_body(|mut body| {
        body.truncate(100);
        (body, EntryKind::HashedRekordV001)
    })
}

fn entry_unknown() -> String {
    with_body(|body| {
        let body = String::from_utf8(body)
            .unwrap()
            .replacen("hashedrekord", "rekord", 1);
        (body.into_bytes(), EntryKind::new("rekord", "0.0.1"))
    })
}

fn entry_of_another_version() -> String {
    with_body(|body| (body, EntryKind::IntotoV002))
}

fn checkpoint_of(bundle: &mut Bundle) -> &mut String {
    let proof = bundle.log_entries[0].inclusion_proof.as_mut().unwrap();
    proof.checkpoint.as_mut().unwrap()
}

fn checkpoint_flipped() -> String {
    judged_message(LogVersion::V2, |_, bundle| {
        let checkpoint = checkpoint_of(bundle);
        let line = checkpoint.trim_end().rsplit(' ').next().unwrap().to_owned();
        let mut signature = Base64::decode(&line).unwrap();
        flip(&mut signature);
        *checkpoint = checkpoint.replacen(&line, &signature.to_string(), 1);
    })
}

fn checkpoint_of_another_size() -> String {
    judged_message(LogVersion::V2, |world, bundle| {
        let proof = bundle.log_entries[0].inclusion_proof.as_mut().unwrap();
        let head = sealwright_tlog::TreeHead {
            size: 4,
            root: proof.root_hash,
        };
        proof.checkpoint = Some(world.checkpoint(&head, LogVersion::V2));
    })
}

fn checkpoint_renamed() -> String {
    judged_message(LogVersion::V1, |_, bundle| {
        let checkpoint = checkpoint_of(bundle);
        *checkpoint = checkpoint.replacen("\u{2014} log.test", "\u{2014} log.tent", 1);
    })
}

fn entry_of_another_signature() -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V2);
    let logged = signing.message().log_entries.remove(0);
    let mut bundle = signing.message();
    bundle.log_entries = vec![logged];
    code(&world.judge(&bundle))
}

/// The first entry alone would do; what the second one says makes the bundle a lie.
fn a_second_entry_contradicts() -> String {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V1);
    let other = signing.message().log_entries.remove(0);
    signing.log_version = LogVersion::V2;
    signing.promise = false;
    let mut bundle = signing.message();
    bundle.log_entries.push(other);
    code(&world.judge(&bundle))
}

/// An ECDSA key's id is the same under any name, so the name must be that of the log's URL.
fn checkpoint_of_an_unnamed_log() -> String {
    let mut world = World::new();
    world.log_v2 = p256();
    let bundle = world.signing(LogVersion::V2).message();
    let mut root = world.trust_root();
    assert_eq!(code(&judge_by(&bundle, &root)), "accepted");
    root.logs[1].base_url = "https://elsewhere.test.sealwright.invalid".to_owned();
    code(&judge_by(&bundle, &root))
}

fn entry_of_another_certificate() -> String {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V1);
    let signature = signing.key.sign(ARTIFACT).unwrap();
    let logged = signing
        .message_signed(signature.clone())
        .log_entries
        .remove(0);
    signing.leaf = world.issue(signing.key.public_key());
    let mut bundle = signing.message_signed(signature);
    bundle.log_entries = vec![logged];
    code(&world.judge(&bundle))
}

fn entry_of_another_digest() -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V2);
    let signature = signing.key.sign(ARTIFACT).unwrap();
    let entry = signing.hashed(Digest::sha256(b"another"), &signature);
    code(&world.judge(&signing.bundle(&entry, message_content(signature))))
}

fn entry_of_another_envelope() -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let about = statement_about(&Digest::sha256(ARTIFACT));
    let mut bundle = signing.statement();
    let mut spaced = signing.sign_envelope([about.as_slice(), b" "].concat());
    // The signature that was logged, over a payload that was not.
    spaced.signatures[0].sig = bundle.signature().into();
    bundle.content = sealwright_sigstore::Content::Dsse(spaced);
    code(&world.judge(&bundle))
}

fn entry_of_another_index() -> String {
    judged_message(LogVersion::V2, |_, bundle| {
        bundle.log_entries[0].log_index = 2
    })
}

fn entry_of_another_algorithm() -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V2);
    let signature = signing.key.sign(ARTIFACT).unwrap();
    let mut entry = signing.hashed(Digest::sha256(ARTIFACT), &signature);
    if let sealwright_sigstore::ProposedEntry::HashedRekordV002(record) = &mut entry {
        record.key_details = sealwright_sigstore::KeyDetails::PkixEd25519;
    }
    code(&world.judge(&signing.bundle(&entry, message_content(signature))))
}

fn proof_flipped() -> String {
    judged_message(LogVersion::V2, |_, bundle| {
        let proof = bundle.log_entries[0].inclusion_proof.as_mut().unwrap();
        proof.hashes[0][7] ^= 1;
    })
}

fn proof_of_another_index() -> String {
    judged_message(LogVersion::V1, |_, bundle| {
        let proof = bundle.log_entries[0].inclusion_proof.as_mut().unwrap();
        proof.log_index = 0;
    })
}

fn no_log_entry() -> String {
    judged_message(LogVersion::V2, |_, bundle| bundle.log_entries.clear())
}

fn one_log_two_wanted() -> String {
    judged_root(LogVersion::V2, |root| {
        root.profile = TrustProfile {
            log_threshold: 2,
            ..TrustProfile::DEFAULT
        };
    })
}

fn promise_flipped() -> String {
    judged_message(LogVersion::V1, |_, bundle| {
        flip(bundle.log_entries[0].inclusion_promise.as_mut().unwrap());
    })
}

fn promise_after_the_log_ended() -> String {
    judged_root(LogVersion::V1, |root| {
        root.logs[0].valid_for.end = Some(signed_at().plus_seconds(-1));
    })
}

fn log_removed() -> String {
    judged_root(LogVersion::V2, |root| root.logs.truncate(1))
}

fn log_started_later() -> String {
    judged_root(LogVersion::V2, |root| {
        root.logs[1].valid_for = Validity::since(signed_at().plus_seconds(1));
    })
}

fn an_open_bracket() -> String {
    TextMatch::pattern("(").unwrap_err().code().to_string()
}

fn another_certificate_log() -> String {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V1);
    let promise = sealwright_crypto::issue::TransparencyLog {
        key: &p256(),
        now: signed_at(),
        extensions: &[],
    };
    let not_before = signing.leaf.not_before();
    signing.leaf = world.issue_with(signing.key.public_key(), not_before, Some(promise));
    code(&world.judge(&signing.message()))
}

fn certificate_log_ended() -> String {
    judged_root(LogVersion::V1, |root| {
        root.ct_logs[0].valid_for.end = Some(signed_at().plus_seconds(-11));
    })
}

fn no_sct() -> String {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V1);
    let not_before = signing.leaf.not_before();
    signing.leaf = world.issue_with(signing.key.public_key(), not_before, None);
    code(&world.judge(&signing.message()))
}

fn another_identity() -> String {
    let expected = Expected::exactly("another@test.sealwright.invalid", ISSUER);
    judged_as(&the_artifact(), &expected, now())
}

fn another_issuer() -> String {
    let expected = Expected::exactly(IDENTITY, format!("{ISSUER}/"));
    judged_as(&the_artifact(), &expected, now())
}

fn another_keys_signature() -> String {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    code(&world.judge(&signing.message_signed(p256().sign(ARTIFACT).unwrap())))
}

fn another_managed_key() -> String {
    let world = World::new();
    let (bundle, _) = managed(&world, LogVersion::V2, SignatureScheme::EcdsaP256Sha256);
    let expected = Expected::Key(p256().public_key().clone());
    let root = world.trust_root();
    code(&sealwright_sigstore::verify(
        &bundle,
        &the_artifact(),
        &root,
        &expected,
        now(),
    ))
}

fn a_certificate_for_a_key() -> String {
    judged_as(
        &the_artifact(),
        &Expected::Key(p256().public_key().clone()),
        now(),
    )
}

fn a_key_for_an_identity() -> String {
    let world = World::new();
    let (bundle, _) = managed(&world, LogVersion::V2, SignatureScheme::EcdsaP256Sha256);
    code(&world.judge(&bundle))
}

fn verified_before_signed() -> String {
    judged_as(&the_artifact(), &expected(), signed_at().plus_seconds(-61))
}

fn no_timestamp() -> String {
    judged_message(LogVersion::V2, |_, bundle| bundle.timestamps.clear())
}

fn one_time_two_wanted() -> String {
    judged_root(LogVersion::V2, |root| {
        root.profile = TrustProfile {
            timestamp_threshold: 2,
            ..TrustProfile::DEFAULT
        };
    })
}

fn timestamp_over_something_else() -> String {
    judged_message(LogVersion::V2, |world, bundle| {
        bundle.timestamps = vec![world.stamp(b"something else", signed_at()).into()];
    })
}

fn timestamp_of_a_stranger() -> String {
    judged_message(LogVersion::V2, |_, bundle| {
        let stamp = World::new().stamp(bundle.signature(), signed_at());
        bundle.timestamps = vec![stamp.into()];
    })
}

fn timestamp_authority_ended() -> String {
    judged_root(LogVersion::V2, |root| {
        root.timestamp_authorities[0].valid_for.end = Some(signed_at().plus_seconds(-1));
    })
}

fn read_root(change: impl FnOnce(String) -> String) -> String {
    let json = String::from_utf8(World::new().trust_root().to_json()).unwrap();
    let changed = change(json.clone());
    assert_ne!(changed, json, "nothing was changed");
    match TrustRoot::parse(changed.as_bytes()) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.code().to_string(),
    }
}

fn a_log_without_start() -> String {
    read_root(|json| {
        json.replacen(
            "\"validFor\":{\"start\":\"2026-03-01T11:51:40Z\"}",
            "\"validFor\":{}",
            1,
        )
    })
}

fn half_a_root() -> String {
    read_root(|json| json[..json.len() / 2].to_owned())
}

fn a_root_of_strangers() -> String {
    let bundle = World::new().signing(LogVersion::V1).message();
    code(&World::new().judge(&bundle))
}

fn an_empty_root() -> String {
    let world = World::new();
    let bundle = world.signing(LogVersion::V1).message();
    code(&judge_by(&bundle, &TrustRoot::default()))
}

fn an_unknown_hash() -> String {
    read_root(|json| json.replacen("SHA2_256", "SHA4_256", 1))
}

fn an_unknown_key_type() -> String {
    read_root(|json| json.replacen("PKIX_ED25519", "PKIX_ED448", 1))
}

fn a_root_of_another_version() -> String {
    read_root(|json| json.replacen("version=0.1", "version=9.1", 1))
}
