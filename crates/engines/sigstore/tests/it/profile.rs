//! How much evidence the trust profiles want: no more passes than they say, and no less does.

use sealwright_core::Digest;
use sealwright_crypto::SignatureScheme;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::CheckName;
use sealwright_sigstore::CheckOutcome;
use sealwright_sigstore::Expected;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TrustProfile;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Weakening;

use crate::authority::*;
use crate::positive::managed;

/// A bundle with a timestamp, a log entry and a log promise of the certificate, or without some.
struct Evidence {
    timestamp: bool,
    entry: Option<LogVersion>,
    sct: bool,
}

const ALL: Evidence = Evidence {
    timestamp: true,
    entry: Some(LogVersion::V1),
    sct: true,
};

fn bundle(world: &World, evidence: &Evidence) -> Bundle {
    let mut signing = world.signing(evidence.entry.unwrap_or_default());
    if !evidence.sct {
        let not_before = signing.leaf.not_before();
        signing.leaf = world.issue_with(signing.key.public_key(), not_before, None);
    }
    signing.stamped_at = evidence.timestamp.then(signed_at);
    let mut bundle = signing.message();
    if evidence.entry.is_none() {
        bundle.log_entries.clear();
    }
    bundle
}

fn judge(profile: TrustProfile, evidence: &Evidence) -> String {
    let world = World::new();
    let root = world.trust_root().with_profile(profile);
    code(&judge_by(&bundle(&world, evidence), &root))
}

#[test]
fn the_public_instance_wants_a_log_a_time_and_a_certificate_log() {
    let profile = TrustProfile::PUBLIC_GOOD;
    let entry = Some(LogVersion::V2);
    for (evidence, wanted) in [
        (ALL, "accepted"),
        (Evidence { entry, ..ALL }, "accepted"),
        // The log's promise is a time, too.
        (
            Evidence {
                timestamp: false,
                ..ALL
            },
            "accepted",
        ),
        (
            Evidence {
                timestamp: false,
                entry,
                ..ALL
            },
            "time.missing",
        ),
        (Evidence { entry: None, ..ALL }, "log.missing"),
        (Evidence { sct: false, ..ALL }, "sct.missing"),
    ] {
        assert_eq!(judge(profile, &evidence), wanted);
    }
}

#[test]
fn githubs_instance_wants_a_timestamp_and_nothing_else() {
    let profile = TrustProfile::GITHUB;
    let bare = Evidence {
        timestamp: true,
        entry: None,
        sct: false,
    };
    assert_eq!(judge(profile, &bare), "accepted");
    assert_eq!(judge(profile, &ALL), "accepted");
    // A log's time is none of a timestamp authority.
    let logged = Evidence {
        timestamp: false,
        ..ALL
    };
    assert_eq!(judge(profile, &logged), "time.missing");
    let nothing = Evidence {
        timestamp: false,
        ..bare
    };
    assert_eq!(judge(profile, &nothing), "time.missing");
}

#[test]
fn two_timestamps_of_one_authority_are_one_source() {
    let world = World::new();
    let mut bundle = bundle(&world, &ALL);
    let again = world.stamp(bundle.signature(), signed_at().plus_seconds(1));
    bundle.timestamps.push(again.into());
    let judge = |timestamp_threshold, timestamp_authority_threshold| {
        let root = world.trust_root().with_profile(TrustProfile {
            timestamp_threshold,
            timestamp_authority_threshold,
            ..TrustProfile::DEFAULT
        });
        code(&judge_by(&bundle, &root))
    };
    assert_eq!(judge(2, 1), "accepted");
    assert_eq!(judge(3, 1), "time.missing");
    assert_eq!(judge(2, 2), "time.missing");
}

#[test]
fn what_ignored_the_certificate_logs_says_so() {
    let world = World::new();
    let profile = TrustProfile::DEFAULT.ignoring_scts_unsafe();
    for evidence in [Evidence { sct: false, ..ALL }, ALL] {
        let bundle = bundle(&world, &evidence);
        let verdict = judge_by(&bundle, &world.trust_root().with_profile(profile));
        assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
        let skipped = verdict
            .trace
            .iter()
            .find(|check| check.outcome == CheckOutcome::Skipped);
        let skipped = skipped.map(|check| check.name);
        assert_eq!(skipped, Some(CheckName::SignedCertificateTimestamp));
        let verified = verdict.into_accepted().unwrap();
        assert_eq!(verified.weakenings(), [Weakening::SctsIgnored]);
    }
}

#[test]
fn a_timestamp_authority_can_be_wanted_beside_the_log() {
    let world = World::new();
    let without = Evidence {
        timestamp: false,
        ..ALL
    };
    let judge = |evidence: &Evidence, profile| {
        let root = world.trust_root().with_profile(profile);
        code(&judge_by(&bundle(&world, evidence), &root))
    };
    let profile = TrustProfile::DEFAULT.requiring_timestamp_authority();
    assert_eq!(judge(&without, TrustProfile::DEFAULT), "accepted");
    assert_eq!(judge(&without, profile), "time.missing");
    assert_eq!(judge(&ALL, profile), "accepted");
    assert_eq!(
        TrustProfile::GITHUB.requiring_timestamp_authority(),
        TrustProfile::GITHUB
    );
}

const IGNORING: TrustProfile = TrustProfile::DEFAULT.ignoring_logs_unsafe();

#[test]
fn what_ignored_the_logs_says_so() {
    let world = World::new();
    let unlogged = bundle(&world, &Evidence { entry: None, ..ALL });
    let mut broken = bundle(&world, &ALL);
    let proof = broken.log_entries[0].inclusion_proof.as_mut().unwrap();
    proof.root_hash[0] ^= 1;
    for bundle in [unlogged, broken, bundle(&world, &ALL)] {
        let verdict = judge_by(&bundle, &world.trust_root().with_profile(IGNORING));
        assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
        let skipped: Vec<CheckName> = verdict
            .trace
            .iter()
            .filter(|check| check.outcome == CheckOutcome::Skipped)
            .map(|check| check.name)
            .collect();
        assert_eq!(skipped, [CheckName::LogInclusion, CheckName::LogEntry]);
        let verified = verdict.into_accepted().unwrap();
        assert_eq!(verified.weakenings(), [Weakening::LogsIgnored]);
        assert!(verified.log_entries().is_empty());
    }
    let verdict = judge_by(&bundle(&world, &ALL), &world.trust_root());
    assert!(verdict.accepted().unwrap().weakenings().is_empty());
}

#[test]
fn ignoring_the_logs_leaves_every_other_check() {
    let world = World::new();
    let root = world.trust_root().with_profile(IGNORING);
    let untimed = Evidence {
        timestamp: false,
        ..ALL
    };
    assert_eq!(judge(IGNORING, &untimed), "time.missing");
    assert_eq!(
        judge(IGNORING, &Evidence { sct: false, ..ALL }),
        "sct.missing"
    );
    let good = bundle(&world, &ALL);
    let judge = |artifact: &[u8], expected: &Expected| {
        let artifact = Artifact::from_bytes(artifact);
        code(&sealwright_sigstore::verify(
            &good,
            &artifact,
            &root,
            expected,
            now(),
        ))
    };
    assert_eq!(judge(ARTIFACT, &expected()), "accepted");
    assert_eq!(judge(b"another", &expected()), "artifact.digest-mismatch");
    let another = Expected::exactly("another", ISSUER);
    assert_eq!(judge(ARTIFACT, &another), "sig.identity-mismatch");
    let signing = world.signing(LogVersion::V1);
    let other = signing.message_signed(p256().sign(ARTIFACT).unwrap());
    assert_eq!(code(&judge_by(&other, &root)), "sig.invalid");
}

/// A key is all that is trusted then: no root is needed, and another key is still another.
#[test]
fn a_key_alone_is_enough_where_the_logs_are_ignored() {
    let world = World::new();
    let (bundle, key) = managed(&world, LogVersion::V1, SignatureScheme::EcdsaP256Sha256);
    let artifact = Artifact::from_digest(Digest::sha256(ARTIFACT));
    let judge = |root: &TrustRoot, expected: &Expected| {
        code(&sealwright_sigstore::verify(
            &bundle,
            &artifact,
            root,
            expected,
            now(),
        ))
    };
    let holder = Expected::Key(key.public_key().clone());
    assert_eq!(judge(&TrustRoot::new(IGNORING), &holder), "accepted");
    assert_eq!(judge(&TrustRoot::default(), &holder), "trust.none");
    let another = Expected::Key(p256().public_key().clone());
    assert_eq!(judge(&TrustRoot::new(IGNORING), &another), "sig.invalid");
    assert_eq!(
        judge(&TrustRoot::new(IGNORING), &expected()),
        "sig.key-required"
    );
}
