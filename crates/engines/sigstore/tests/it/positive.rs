//! Good evidence is accepted, in every form.

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::BundleVersion;
use sealwright_sigstore::CheckName;
use sealwright_sigstore::CheckOutcome;
use sealwright_sigstore::Claim;
use sealwright_sigstore::Content;
use sealwright_sigstore::Expected;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::TextMatch;
use sealwright_sigstore::TrustProfile;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::VerificationMaterial;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::EntryKind;

use crate::authority::*;

#[test]
fn accepts_messages_and_statements_of_both_log_versions() {
    let world = World::new();
    for version in [LogVersion::V1, LogVersion::V2] {
        let signing = world.signing(version);
        for bundle in [signing.message(), signing.statement()] {
            let verdict = world.judge(&bundle);
            assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
            let verified = verdict.accepted().unwrap();
            assert_eq!(verified.identity().unwrap().value(), IDENTITY);
            assert_eq!(verified.issuer(), Some(ISSUER));
            assert_eq!(verified.log_entries()[0].log_index, 1);
            let wanted = if version == LogVersion::V1 { 2 } else { 1 };
            assert_eq!(verified.times().len(), wanted);
            assert!(verified.times().iter().all(|time| time.time == signed_at()));
        }
    }
}

/// The index beside the entry is vouched for by the promise alone; without one, the proof's counts.
#[test]
fn reports_the_index_that_the_log_vouches_for() {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V1).message();
    bundle.log_entries[0].inclusion_promise = None;
    bundle.log_entries[0].log_index = 77;
    let verdict = world.judge(&bundle);
    let verified = verdict.accepted().unwrap();
    assert_eq!(verified.log_entries()[0].log_index, 1);
}

#[test]
fn lists_every_check_in_order() {
    let world = World::new();
    let verdict = world.judge(&world.signing(LogVersion::V1).message());
    let names: Vec<CheckName> = verdict.trace.iter().map(|check| check.name).collect();
    assert_eq!(
        names,
        [
            CheckName::SigningTime,
            CheckName::CertificateChain,
            CheckName::SignedCertificateTimestamp,
            CheckName::Identity,
            CheckName::Issuer,
            CheckName::LogInclusion,
            CheckName::ArtifactDigest,
            CheckName::LogEntry,
            CheckName::Signature,
            CheckName::Claim,
        ]
    );
    assert!(
        verdict
            .trace
            .iter()
            .all(|check| check.outcome == CheckOutcome::Passed)
    );
}

#[test]
fn accepts_every_kind_of_entry_for_an_envelope() {
    let world = World::new();
    type Make = fn(sealwright_sigstore::entry::DsseEntry) -> ProposedEntry;
    let kinds: [(LogVersion, Make); 3] = [
        (LogVersion::V1, ProposedEntry::DsseV001),
        (LogVersion::V2, ProposedEntry::DsseV002),
        (LogVersion::V1, ProposedEntry::IntotoV002),
    ];
    for (version, make) in kinds {
        let signing = world.signing(version);
        let envelope = signing.sign_envelope(statement_about(&Digest::sha256(ARTIFACT)));
        let entry = make(signing.dsse(&envelope));
        let bundle = signing.bundle(&entry, Content::Dsse(envelope));
        let verdict = world.judge(&bundle);
        assert_eq!(code(&verdict), "accepted", "{:?}", entry.kind());
        assert!(matches!(
            verdict.into_accepted().unwrap().into_claim(),
            Claim::Statement(_)
        ));
    }
}

#[test]
fn accepts_what_was_written_and_read_again() {
    let world = World::new();
    let root = TrustRoot::parse(&world.trust_root().to_json()).unwrap();
    for version in [LogVersion::V1, LogVersion::V2] {
        let signing = world.signing(version);
        for bundle in [signing.message(), signing.statement()] {
            let json = bundle.to_json();
            let again = Bundle::parse(&json).unwrap();
            assert_eq!(code(&judge_by(&again, &root)), "accepted");
            assert_eq!(again.to_json(), json);
        }
    }
}

#[test]
fn accepts_older_versions_with_a_chain() {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    for version in [BundleVersion::V0_1, BundleVersion::V0_2] {
        let mut bundle = signing.message();
        bundle.version = version;
        bundle.material = VerificationMaterial::Chain {
            leaf: Box::new(signing.leaf.clone()),
            intermediates: vec![world.intermediate.clone()],
        };
        if version == BundleVersion::V0_1 {
            bundle.log_entries[0].inclusion_proof = None;
        }
        let bundle = Bundle::parse(&bundle.to_json()).unwrap();
        // The bundle brings the intermediate: the trusted root may know the root alone.
        let mut root = world.trust_root();
        root.certificate_authorities[0].chain.remove(0);
        assert_eq!(code(&judge_by(&bundle, &root)), "accepted");
    }
}

#[test]
fn accepts_a_managed_key_without_any_time() {
    let world = World::new();
    for version in [LogVersion::V1, LogVersion::V2] {
        let (bundle, key) = managed(&world, version, SignatureScheme::EcdsaP256Sha256);
        let artifact = Artifact::from_digest(Digest::sha256(ARTIFACT));
        let expected = Expected::Key(key.public_key().clone());
        let root = world.trust_root();
        let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, &expected, now());
        assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
        assert!(verdict.accepted().unwrap().identity().is_none());
    }
}

#[test]
fn accepts_ed25519_over_the_bytes_themselves() {
    let world = World::new();
    let (bundle, key) = managed(&world, LogVersion::V1, SignatureScheme::Ed25519);
    let expected = Expected::Key(key.public_key().clone());
    let artifact = Artifact::from_bytes(ARTIFACT);
    let verdict =
        sealwright_sigstore::verify(&bundle, &artifact, &world.trust_root(), &expected, now());
    assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
}

#[test]
fn accepts_larger_curves_with_their_own_hash() {
    let world = World::new();
    for (scheme, algorithm) in [
        (SignatureScheme::EcdsaP384Sha384, DigestAlgorithm::Sha384),
        (SignatureScheme::EcdsaP521Sha512, DigestAlgorithm::Sha512),
    ] {
        let mut signing = world.signing(LogVersion::V2);
        signing.key = SigningKey::generate(scheme).unwrap();
        signing.leaf = world.issue(signing.key.public_key());
        let digest = Digest::of(algorithm, ARTIFACT);
        let signature = signing.key.sign(ARTIFACT).unwrap();
        let entry = signing.hashed(digest, &signature);
        let content = Content::MessageSignature {
            digest: Some(digest),
            signature: signature.into(),
        };
        let bundle = signing.bundle(&entry, content);
        let artifact = Artifact::from_digest(digest);
        let root = world.trust_root();
        let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, &expected(), now());
        assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
    }
}

#[test]
fn accepts_patterns_for_identity_and_issuer() {
    let world = World::new();
    let bundle = world.signing(LogVersion::V2).message();
    let expected = Expected::Identity {
        identity: TextMatch::pattern(r".*@test\.sealwright\.invalid").unwrap(),
        issuer: TextMatch::pattern("https://issuer[.].*").unwrap(),
        claims: Vec::new(),
    };
    let artifact = Artifact::from_bytes(ARTIFACT);
    let root = world.trust_root();
    let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, &expected, now());
    assert_eq!(code(&verdict), "accepted");
}

#[test]
fn a_bundle_need_not_name_the_digest() {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V2).message();
    let Content::MessageSignature { digest, .. } = &mut bundle.content else {
        panic!("no message signature");
    };
    *digest = None;
    assert_eq!(code(&world.judge(&bundle)), "accepted");
}

#[test]
fn a_bundle_may_name_another_digest_than_the_signed_one() {
    let world = World::new();
    let mut bundle = world.signing(LogVersion::V2).message();
    let Content::MessageSignature { digest, .. } = &mut bundle.content else {
        panic!("no message signature");
    };
    *digest = Some(Digest::of(DigestAlgorithm::Sha512, ARTIFACT));
    let root = world.trust_root();
    let artifact = Artifact::from_bytes(ARTIFACT);
    let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, &expected(), now());
    assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
}

#[test]
fn extra_evidence_that_does_not_hold_is_not_counted() {
    let world = World::new();
    let stranger = World::new();
    let signing = world.signing(LogVersion::V2);
    let mut bundle = signing.message();
    bundle
        .timestamps
        .insert(0, stranger.stamp(bundle.signature(), signed_at()).into());
    bundle
        .timestamps
        .insert(0, b"no timestamp".as_slice().into());
    let mut elsewhere = bundle.log_entries[0].clone();
    elsewhere.log_id = stranger.log_id(LogVersion::V2);
    bundle.log_entries.insert(0, elsewhere);
    let unread = world.log(
        br#"{"apiVersion":"0.0.9","kind":"newer","spec":{}}"#,
        EntryKind::new("newer", "0.0.9"),
        LogVersion::V1,
        Some(signed_at()),
    );
    bundle.log_entries.push(unread);
    let verdict = world.judge(&bundle);
    assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
    let verified = verdict.accepted().unwrap();
    assert_eq!(verified.log_entries().len(), 1);
    // The timestamp alone: when the log took what cannot be read says nothing.
    assert_eq!(verified.times().len(), 1);
}

#[test]
fn a_profile_that_wants_nothing_is_met_by_a_certificate_that_holds_now() {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V2);
    signing.leaf = world.issue_with(signing.key.public_key(), now().plus_seconds(-10), None);
    let mut bundle = signing.message();
    bundle.log_entries.clear();
    bundle.timestamps.clear();
    let root = world.trust_root().with_profile(TrustProfile {
        log_threshold: 0,
        timestamp_threshold: 0,
        sct_threshold: 0,
        ..TrustProfile::DEFAULT
    });
    let verdict = judge_by(&bundle, &root);
    assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
}

#[test]
fn a_directory_tree_is_verified_by_its_own_digest() {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let tree = Digest::of(DigestAlgorithm::TreeV1, b"the encoding of a tree");
    let bundle = signing.envelope(signing.sign_envelope(statement_about(&tree)));
    let artifact = Artifact::from_digest(tree);
    let root = world.trust_root();
    let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, &expected(), now());
    assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
    // A file that happens to have the same SHA-256 is not that tree.
    let file = Artifact::from_digest(Digest::from_sha256(tree.first32()));
    let verdict = sealwright_sigstore::verify(&bundle, &file, &root, &expected(), now());
    assert_eq!(code(&verdict), "claim.subject-mismatch");
}

/// A signature by a key that verifiers know, logged.
pub(crate) fn managed(
    world: &World,
    version: LogVersion,
    scheme: SignatureScheme,
) -> (Bundle, SigningKey) {
    let mut signing = world.signing(version);
    signing.key = SigningKey::generate(scheme).unwrap();
    signing.promise = false;
    signing.stamped_at = None;
    let signature = signing.key.sign(ARTIFACT).unwrap();
    let mut entry = signing.hashed(Digest::sha256(ARTIFACT), &signature);
    match &mut entry {
        ProposedEntry::HashedRekordV001(record) | ProposedEntry::HashedRekordV002(record) => {
            record.verifier = Verifier::from(signing.key.public_key());
        }
        other => panic!("{:?}", other.kind()),
    }
    let mut bundle = signing.bundle(&entry, message_content(signature));
    bundle.material = VerificationMaterial::PublicKey {
        hint: "test only".to_owned(),
    };
    (bundle, signing.key)
}
