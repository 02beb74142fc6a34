//! How much evidence the trust profiles want: no more passes than they say, and no less does.

use sealwright_sigstore::Bundle;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TrustProfile;

use crate::authority::*;

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
