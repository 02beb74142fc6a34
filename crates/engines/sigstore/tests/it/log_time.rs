//! The time of a log's promise is the time of what the log promised about, and of nothing else.

use sealwright_core::Digest;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TrustProfile;
use sealwright_sigstore::entry::EntryKind;

use crate::authority::*;

/// A bundle logged without a promise and never timestamped, with the entry of another signature
/// whose promise is of the right time.
fn with_borrowed_time(world: &World, change: impl FnOnce(&mut LogEntry)) -> Bundle {
    let mut borrowed = world
        .signing(LogVersion::V1)
        .message()
        .log_entries
        .remove(0);
    change(&mut borrowed);
    let mut signing = world.signing(LogVersion::V2);
    signing.stamped_at = None;
    let mut bundle = signing.message();
    bundle.log_entries.push(borrowed);
    bundle
}

#[test]
fn refuses_the_time_of_an_entry_whose_inclusion_does_not_hold() {
    let world = World::new();
    let bundle = with_borrowed_time(&world, |entry| {
        let proof = entry.inclusion_proof.as_mut().unwrap();
        proof.hashes[0][0] ^= 1;
    });
    assert_eq!(code(&world.judge(&bundle)), "log.entry-mismatch");
}

#[test]
fn refuses_the_time_of_an_entry_that_cannot_be_read() {
    let world = World::new();
    let body = br#"{"apiVersion":"0.0.1","kind":"rekord","spec":{}}"#;
    let kind = EntryKind::new("rekord", "0.0.1");
    let unread = world.log(body, kind, LogVersion::V1, Some(signed_at()));
    let bundle = with_borrowed_time(&world, |entry| *entry = unread);
    assert_eq!(code(&world.judge(&bundle)), "entry.unsupported");
}

#[test]
fn refuses_the_time_of_an_unread_entry_where_no_log_is_wanted() {
    let world = World::new();
    let body = br#"{"apiVersion":"0.0.1","kind":"rekord","spec":{}}"#;
    let kind = EntryKind::new("rekord", "0.0.1");
    let unread = world.log(body, kind, LogVersion::V1, Some(signed_at()));
    let mut bundle = with_borrowed_time(&world, |entry| *entry = unread);
    bundle.log_entries.remove(0);
    let root = world.trust_root().with_profile(TrustProfile {
        log_threshold: 0,
        ..TrustProfile::DEFAULT
    });
    assert_eq!(code(&judge_by(&bundle, &root)), "entry.unsupported");
}

/// Where the entry holds and is of another signature, that contradiction is what is reported.
#[test]
fn an_entry_of_another_signature_stays_a_contradiction() {
    let world = World::new();
    let mut bundle = with_borrowed_time(&world, |_| ());
    let stamp = world.stamp(bundle.signature(), signed_at());
    bundle.timestamps.push(stamp.into());
    assert_eq!(code(&world.judge(&bundle)), "log.entry-mismatch");
}

/// Its promise alone makes the time, whatever becomes of the proof.
#[test]
fn counts_the_time_of_the_signature_itself() {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V1);
    signing.stamped_at = None;
    for bundle in [signing.message(), signing.statement()] {
        assert_eq!(code(&world.judge(&bundle)), "accepted");
    }
    let signature = signing.key.sign(ARTIFACT).unwrap();
    let early = signing.message_signed(signature.clone());
    signing.log_version = LogVersion::V2;
    signing.promise = false;
    let entry = signing.hashed(Digest::sha256(ARTIFACT), &signature);
    let mut bundle = signing.bundle(&entry, message_content(signature));
    assert_eq!(code(&world.judge(&bundle)), "time.missing");
    bundle.log_entries.extend(early.log_entries);
    assert_eq!(code(&world.judge(&bundle)), "accepted");
}
