//! The log on a real file system, from several threads and processes, and on one that forgets.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;

use sealwright_core::Base64;
use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::dsse::Envelope;
use sealwright_core::dsse::Signature;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_sigstore::KeyDetails;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::DsseEntry;
use sealwright_sigstore::entry::HashedRekord;
use sealwright_store::model::Fate;
use sealwright_store::model::Luck;
use sealwright_store::model::Model;
use sealwright_tlog::Hash;
use sealwright_tlog::leaf_hash;
use tempfile::TempDir;

use super::*;

const HOST: &str = "log.abc123.sealwright.invalid";
const NOW: Timestamp = Timestamp::from_milliseconds(1_795_000_000_789);

fn place() -> TempDir {
    TempDir::new().unwrap()
}

fn key() -> SigningKey {
    SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap()
}

fn record(key: &SigningKey, message: &str) -> HashedRekord {
    HashedRekord {
        digest: Digest::sha256(message.as_bytes()),
        signature: key.sign(message.as_bytes()).unwrap().into(),
        verifier: Verifier::from(key.public_key()),
        key_details: KeyDetails::of_key(key.public_key()),
    }
}

fn v1(key: &SigningKey, message: &str) -> ProposedEntry {
    ProposedEntry::HashedRekordV001(record(key, message))
}

fn envelope(key: &SigningKey, payload: &str) -> DsseEntry {
    let mut envelope = Envelope {
        payload: payload.as_bytes().into(),
        payload_type: MediaType::new("application/vnd.in-toto+json"),
        signatures: Vec::new(),
    };
    envelope.signatures.push(Signature {
        sig: key.sign(&envelope.signed_bytes()).unwrap().into(),
        keyid: String::new(),
    });
    DsseEntry {
        envelope,
        verifier: Verifier::from(key.public_key()),
        key_details: KeyDetails::of_key(key.public_key()),
    }
}

/// Checks an answer as a client would, with public keys alone.
fn check(public: &PublicLog, entry: &LogEntry) -> TreeHead {
    let version = entry.log_version();
    assert_eq!(entry.log_id, public.log_id(version));
    let proof = entry.inclusion_proof.as_ref().unwrap();
    let note = proof.checkpoint.as_ref().unwrap();
    let checkpoint = public.verify_checkpoint(note, version).unwrap();
    assert_eq!(checkpoint.size, proof.tree_size);
    assert_eq!(checkpoint.root, proof.root_hash);
    sealwright_tlog::InclusionProof {
        index: proof.log_index,
        tree_size: proof.tree_size,
        hashes: proof.hashes.clone(),
    }
    .verify(
        leaf_hash(entry.canonicalized_body.as_bytes()),
        &proof.root_hash,
    )
    .unwrap();
    match &entry.inclusion_promise {
        Some(promise) => {
            let key = public.key(LogVersion::V1);
            let payload = entry.promise_payload().unwrap();
            key.verify(key.default_scheme(), &payload, promise.as_bytes())
                .unwrap();
            assert_eq!(entry.integrated_time, Some(NOW.truncated_to_second()));
        }
        None => {
            assert_eq!(version, LogVersion::V2);
            assert_eq!(entry.integrated_time, None);
        }
    }
    checkpoint.head()
}

fn code(error: &Error) -> &'static str {
    error.code().as_str()
}

#[test]
fn answers_both_versions_from_one_tree() {
    let place = place();
    let log = Log::open(place.path(), HOST).unwrap();
    let key = key();
    let batch = [
        v1(&key, "a"),
        ProposedEntry::DsseV001(envelope(&key, "b")),
        ProposedEntry::IntotoV002(envelope(&key, "c")),
    ];
    let first = log.add(&batch, LogVersion::V1, NOW).unwrap();
    let batch = [
        ProposedEntry::HashedRekordV002(record(&key, "d")),
        ProposedEntry::DsseV002(envelope(&key, "e")),
    ];
    let second = log.add(&batch, LogVersion::V2, NOW).unwrap();
    let kinds: Vec<_> = first
        .iter()
        .chain(&second)
        .map(|entry| entry.kind.to_string())
        .collect();
    assert_eq!(
        kinds,
        [
            "hashedrekord 0.0.1",
            "dsse 0.0.1",
            "intoto 0.0.2",
            "hashedrekord 0.0.2",
            "dsse 0.0.2"
        ]
    );
    for (index, entry) in (0..).zip(first.iter().chain(&second)) {
        assert_eq!(entry.log_index, index);
        let head = check(log.public(), entry);
        assert_eq!(head.size, if index < 3 { 3 } else { 5 });
        let again = log.get(index).unwrap();
        assert_eq!(check(log.public(), &again), log.head().unwrap());
        assert_eq!(again.canonicalized_body, entry.canonicalized_body);
        assert_eq!(again.kind, entry.kind);
        assert_eq!(
            log.body(index).unwrap(),
            (entry.canonicalized_body.0.clone(), entry.integrated_time)
        );
    }
    assert_eq!(
        log.get(5).map_err(|error| code(&error)),
        Err("store.no-entry")
    );
    let (proof, head) = log.consistency(3).unwrap();
    let old = first[0].inclusion_proof.as_ref().unwrap().root_hash;
    proof.verify(&old, &head.root).unwrap();
}

#[test]
fn checkpoints_have_the_form_that_clients_tell_apart() {
    let place = place();
    let log = Log::open(place.path(), HOST).unwrap();
    let public = log.public();
    let tree_id = public.tree_id();
    assert!(tree_id > 0 && i64::try_from(tree_id).is_ok());
    assert_eq!(public.base_url(), format!("https://{HOST}"));
    for (version, origin) in [
        (LogVersion::V1, format!("{HOST} - {tree_id}")),
        (LogVersion::V2, HOST.to_owned()),
    ] {
        let note = log.checkpoint(version).unwrap();
        let lines: Vec<_> = note.split('\n').collect();
        let [first, size, root, blank, signature, last] = lines.as_slice() else {
            panic!("{note}");
        };
        assert_eq!(*first, origin);
        assert_eq!(*size, "0");
        assert_eq!(*root, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!((*blank, *last), ("", ""));
        let signature = signature
            .strip_prefix(&format!("\u{2014} {HOST} "))
            .unwrap();
        let bytes = Base64::decode(signature).unwrap().0;
        assert_eq!(bytes[..4], public.log_id(version).0[..4]);
        assert!(public.verify_checkpoint(&note, version).is_some());
    }
    let raw: [u8; 32] = public.key(LogVersion::V2).raw().try_into().unwrap();
    let mut named = HOST.as_bytes().to_vec();
    named.extend_from_slice(b"\n\x01");
    named.extend_from_slice(&raw);
    assert_eq!(
        public.log_id(LogVersion::V2).0,
        Digest::sha256(&named).first32()
    );
    let [one, two] = public.transparency_logs(NOW);
    assert_eq!(one.log_id.0, public.key(LogVersion::V1).key_id());
    assert_ne!(one.log_id, two.log_id);
    assert_eq!(one.key.details(), KeyDetails::PkixEcdsaP256Sha256);
    assert_eq!(two.key.details(), KeyDetails::PkixEd25519);
}

#[test]
fn a_checkpoint_with_one_thing_changed_is_not_the_log_s() {
    let place = place();
    let log = Log::open(place.path(), HOST).unwrap();
    let public = log.public();
    for version in [LogVersion::V1, LogVersion::V2] {
        let other = match version {
            LogVersion::V1 => LogVersion::V2,
            LogVersion::V2 => LogVersion::V1,
        };
        let good = log.checkpoint(version).unwrap();
        assert!(public.verify_checkpoint(&good, other).is_none());
        for (from, to) in [
            ("\n0\n", "\n1\n"),
            ("47DEQ", "57DEQ"),
            ("log.abc", "log.abd"),
            (" log.abc", " log.abd"),
            ("\n\n", "\nmore\n\n"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            assert!(public.verify_checkpoint(&bad, version).is_none(), "{from}");
        }
    }
}

#[test]
fn refuses_entries_whose_signature_does_not_fit() {
    let place = place();
    let log = Log::open(place.path(), HOST).unwrap();
    let key = key();
    let refused = |entry: ProposedEntry, version: LogVersion| {
        let batch = [v1_or_2(&key, version), entry];
        let error = log.add(&batch, version, NOW).unwrap_err();
        assert_eq!(log.head().unwrap().size, 0);
        code(&error)
    };
    let mut other_digest = record(&key, "a");
    other_digest.digest = Digest::sha256(b"b");
    let mut other_key = record(&key, "a");
    other_key.verifier = Verifier::from(self::key().public_key());
    let mut flipped = record(&key, "a");
    flipped.signature.0[20] ^= 1;
    let mut other_curve = record(&key, "a");
    other_curve.key_details = KeyDetails::PkixEcdsaP384Sha384;
    for bad in [other_digest, other_key, flipped, other_curve] {
        let one = ProposedEntry::HashedRekordV001(bad.clone());
        assert_eq!(refused(one, LogVersion::V1), "log.entry-refused");
        let two = ProposedEntry::HashedRekordV002(bad);
        assert_eq!(refused(two, LogVersion::V2), "log.entry-refused");
    }
    let mut other_payload = envelope(&key, "a");
    other_payload.envelope.payload = b"b".as_slice().into();
    let mut other_type = envelope(&key, "a");
    other_type.envelope.payload_type = MediaType::new("text/plain");
    for bad in [other_payload, other_type] {
        let one = ProposedEntry::DsseV001(bad.clone());
        assert_eq!(refused(one, LogVersion::V1), "log.entry-refused");
        let one = ProposedEntry::IntotoV002(bad.clone());
        assert_eq!(refused(one, LogVersion::V1), "log.entry-refused");
        let two = ProposedEntry::DsseV002(bad);
        assert_eq!(refused(two, LogVersion::V2), "log.entry-refused");
    }
    let mut unsigned = envelope(&key, "a");
    unsigned.envelope.signatures.clear();
    let unsigned = ProposedEntry::DsseV001(unsigned);
    assert_eq!(refused(unsigned, LogVersion::V1), "entry.malformed");
    let mut no_key = record(&key, "a");
    no_key.verifier = Verifier::PublicKey(b"none".to_vec());
    let no_key = ProposedEntry::HashedRekordV001(no_key);
    assert_eq!(refused(no_key, LogVersion::V1), "key.malformed");
    let mut no_certificate = record(&key, "a");
    no_certificate.verifier = Verifier::Certificate(b"none".to_vec());
    let no_certificate = ProposedEntry::HashedRekordV001(no_certificate);
    assert_eq!(
        refused(no_certificate, LogVersion::V1),
        "certificate.malformed"
    );
    let two = ProposedEntry::HashedRekordV002(record(&key, "a"));
    assert_eq!(refused(two, LogVersion::V1), "log.entry-other-version");
    assert_eq!(
        refused(v1(&key, "a"), LogVersion::V2),
        "log.entry-other-version"
    );
    let ed25519 = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let ed25519 = ProposedEntry::HashedRekordV001(record(&ed25519, "a"));
    assert_eq!(refused(ed25519, LogVersion::V1), "log.entry-unverifiable");
}

fn v1_or_2(key: &SigningKey, version: LogVersion) -> ProposedEntry {
    match version {
        LogVersion::V1 => v1(key, "good"),
        LogVersion::V2 => ProposedEntry::HashedRekordV002(record(key, "good")),
    }
}

#[test]
fn is_the_same_log_when_it_is_opened_again() {
    let place = place();
    assert!(Log::existing(place.path(), HOST).unwrap().is_none());
    assert!(PublicLog::existing(place.path(), HOST).unwrap().is_none());
    let key = key();
    let log = Log::open(place.path(), HOST).unwrap();
    log.add(&[v1(&key, "a")], LogVersion::V1, NOW).unwrap();
    let again = Log::open(place.path(), HOST).unwrap();
    assert_eq!(again.public(), log.public());
    assert_eq!(again.head().unwrap().size, 1);
    let public = PublicLog::existing(place.path(), HOST).unwrap().unwrap();
    assert_eq!(&public, log.public());
    check(&public, &again.get(0).unwrap());
    again.add(&[v1(&key, "b")], LogVersion::V1, NOW).unwrap();
    assert_eq!(log.head().unwrap().size, 2);
    assert_eq!(log.fsck().unwrap().faults, []);
}

#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    fn walk(path: &Path) {
        let metadata = std::fs::metadata(path).unwrap();
        let mode = metadata.permissions().mode() & 0o777;
        let wanted = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{}", path.display());
        if metadata.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                walk(&entry.unwrap().path());
            }
        }
    }

    let place = place();
    let log = Log::open(&place.path().join("log"), HOST).unwrap();
    let batch = vec![v1(&key(), "a"); 300];
    log.add(&batch, LogVersion::V1, NOW).unwrap();
    assert!(place.path().join("log/tree/tile/0/000").exists());
    walk(&place.path().join("log"));
}

#[test]
fn a_log_that_lost_its_keys_says_so() {
    let place = place();
    let key = key();
    let log = Log::open(place.path(), HOST).unwrap();
    log.add(&[v1(&key, "a")], LogVersion::V1, NOW).unwrap();
    let add = || -> Result<(), Error> {
        let log = Log::open(place.path(), HOST)?;
        log.add(&[v1(&key, "b")], LogVersion::V1, NOW).map(|_| ())
    };
    let path = |name: &str| place.path().join(name);
    let faults = || -> Vec<&str> {
        let log = Log::existing(place.path(), HOST).unwrap().unwrap();
        let faults = log.fsck().unwrap().faults;
        faults.iter().map(|fault| fault.code.as_str()).collect()
    };
    // Whichever version is added to: the stored checkpoint is version 2's.
    for (name, scheme, other_scheme) in [
        (
            "keys/v1.pem",
            SignatureScheme::EcdsaP256Sha256,
            SignatureScheme::Ed25519,
        ),
        (
            "keys/v2.pem",
            SignatureScheme::Ed25519,
            SignatureScheme::EcdsaP256Sha256,
        ),
    ] {
        let good = std::fs::read(path(name)).unwrap();
        let checkpoint = std::fs::read(path("tree/checkpoint")).unwrap();
        let other = |scheme| {
            let key = SigningKey::generate(scheme).unwrap();
            key.to_pkcs8_pem().unwrap().as_bytes().to_vec()
        };
        for (content, wanted) in [
            (None, "log.key-missing"),
            (Some(other(scheme)), "log.key-mismatch"),
            (Some(other(other_scheme)), "store.key-unusable"),
            (Some(b"nothing".to_vec()), "store.key-unusable"),
        ] {
            match content {
                None => std::fs::remove_file(path(name)).unwrap(),
                Some(content) => std::fs::write(path(name), content).unwrap(),
            }
            assert_eq!(code(&add().unwrap_err()), wanted, "{name}");
            assert_eq!(faults(), [wanted], "{name}");
            // Nor where it was opened without a look at the keys.
            let existing = Log::existing(place.path(), HOST).unwrap().unwrap();
            let error = existing.add(&[v1(&key, "b")], LogVersion::V1, NOW);
            assert_eq!(code(&error.unwrap_err()), wanted, "{name}");
            assert_eq!(existing.head().unwrap().size, log.head().unwrap().size);
            assert_eq!(std::fs::read(path("tree/checkpoint")).unwrap(), checkpoint);
        }
        std::fs::write(path(name), &good).unwrap();
        assert_eq!(faults(), [""; 0]);
        add().unwrap();
    }
    std::fs::remove_file(path("keys/v2.pem")).unwrap();
    std::fs::remove_file(path("log.json")).unwrap();
    assert_eq!(code(&add().unwrap_err()), "log.lost");
    assert!(!path("keys/v2.pem").exists(), "not made again");
    std::fs::write(path("log.json"), "{}").unwrap();
    assert_eq!(code(&add().unwrap_err()), "log.description-malformed");
}

#[test]
fn keys_and_description_of_another_log_do_not_fit_the_entries() {
    let (ours, theirs) = (place(), place());
    let key = key();
    for place in [&ours, &theirs] {
        let log = Log::open(place.path(), HOST).unwrap();
        log.add(&[v1(&key, "a")], LogVersion::V1, NOW).unwrap();
    }
    for name in ["log.json", "keys/v1.pem", "keys/v2.pem"] {
        std::fs::copy(theirs.path().join(name), ours.path().join(name)).unwrap();
    }
    let error = Log::open(ours.path(), HOST).unwrap_err();
    assert_eq!(code(&error), "log.key-mismatch");
    // Nor under another name.
    let error = Log::open(theirs.path(), "log.other.invalid").unwrap_err();
    assert_eq!(code(&error), "log.key-mismatch");
    let existing = Log::existing(ours.path(), HOST).unwrap().unwrap();
    let faults: Vec<_> = existing.fsck().unwrap().faults;
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code, crate::code::STORED_CHECKPOINT_INVALID);
}

#[test]
fn a_log_that_was_in_use_is_not_made_again() {
    let place = place();
    let key = key();
    let directory = place.path().join("log");
    assert_eq!(
        code(&Log::reopen(&directory, HOST).unwrap_err()),
        "log.lost"
    );
    assert!(!directory.exists() && !Log::is_in(&directory));

    // Nothing is expected of a log that never answered.
    Log::open(&directory, HOST).unwrap();
    assert!(Log::is_in(&directory));
    let log = Log::reopen(&directory, HOST).unwrap();
    assert_eq!(log.fsck().unwrap().faults, []);
    log.add(&[v1(&key, "a")], LogVersion::V1, NOW).unwrap();

    let tree = directory.join("tree");
    std::fs::rename(&tree, place.path().join("away")).unwrap();
    for opened in [Log::open(&directory, HOST), Log::reopen(&directory, HOST)] {
        assert_eq!(code(&opened.unwrap_err()), "log.lost");
    }
    let existing = Log::existing(&directory, HOST).unwrap().unwrap();
    let report = existing.fsck().unwrap();
    let faults: Vec<_> = report.faults.iter().map(|fault| fault.code).collect();
    assert_eq!(faults, [crate::code::LOST]);
    assert!(!tree.exists());

    std::fs::rename(place.path().join("away"), &tree).unwrap();
    let log = Log::reopen(&directory, HOST).unwrap();
    log.add(&[v1(&key, "b")], LogVersion::V1, NOW).unwrap();
    assert_eq!(log.fsck().unwrap().faults, []);
}

#[test]
fn refuses_a_name_that_is_no_host() {
    for name in ["", "a b", "a\nb", "https://a", "a+b", &"a".repeat(254)] {
        let place = place();
        let error = Log::open(place.path(), name).unwrap_err();
        assert_eq!(code(&error), "log.name-invalid", "{name}");
    }
}

#[test]
fn fsck_finds_each_thing_that_is_changed() {
    let place = place();
    let key = key();
    let log = Log::open(place.path(), HOST).unwrap();
    for number in 0..70 {
        let batch = [v1(&key, &format!("{number}"))];
        log.add(&batch, LogVersion::V1, NOW).unwrap();
    }
    let path = |name: &str| place.path().join("tree").join(name);
    let codes = || -> Vec<&str> {
        let log = Log::existing(place.path(), HOST).unwrap().unwrap();
        let report = log.fsck().unwrap();
        report
            .faults
            .iter()
            .map(|fault| fault.code.as_str())
            .collect()
    };
    assert_eq!(codes(), [""; 0]);
    let damage = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let good = std::fs::read(path(name)).unwrap();
        let mut bad = good.clone();
        change(&mut bad);
        std::fs::write(path(name), bad).unwrap();
        let found = codes();
        let opened = Log::open(place.path(), HOST).and_then(|log| log.head());
        std::fs::write(path(name), good).unwrap();
        assert_eq!(codes(), [""; 0]);
        (found, opened.map_err(|error| code(&error)).err())
    };
    let first = "segment/0000000000000000";
    let last = "segment/0000000000000001";
    assert_eq!(
        damage(last, &|bytes| bytes.truncate(bytes.len() - 1)),
        (vec!["store.log-truncated"], Some("store.log-truncated"))
    );
    assert_eq!(
        damage(last, &|bytes| bytes.clear()),
        (vec!["store.log-truncated"], Some("store.log-truncated"))
    );
    let middle = |bytes: &mut Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    };
    // The record, and the next segment's header, which continues another.
    let (found, opened) = damage(first, &middle);
    assert_eq!(found, ["store.log-damaged", "store.log-damaged"]);
    assert_eq!(opened, None);
    let (found, opened) = damage(last, &middle);
    assert_eq!(found, ["store.log-damaged", "store.log-truncated"]);
    assert_eq!(opened, Some("store.log-damaged"));
    // A signature that is not the log's; the size it gives is right.
    let signature = |bytes: &mut Vec<u8>| {
        let place = bytes.len() - 10;
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    };
    assert_eq!(
        damage("checkpoint", &signature).0,
        ["log.stored-checkpoint-invalid"]
    );
    let root = |bytes: &mut Vec<u8>| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let changed = text.replacen("\n70\n", "\n70\nA", 1);
        *bytes = changed.into_bytes();
        let start = HOST.len() + 4;
        bytes.remove(start + 1);
    };
    let (found, opened) = damage("checkpoint", &root);
    assert_eq!(found, ["store.log-forked", "log.stored-checkpoint-invalid"]);
    assert_eq!(opened, Some("store.log-forked"));
}

#[test]
fn adds_more_than_one_batch_at_once() {
    let place = place();
    let key = key();
    let log = Log::open(place.path(), HOST).unwrap();
    log.add(&[v1(&key, "first")], LogVersion::V1, NOW).unwrap();
    let mut many = vec![v1(&key, "a"); 4096];
    many.push(ProposedEntry::DsseV001(envelope(&key, "last")));
    let added = log.add(&many, LogVersion::V1, NOW).unwrap();
    assert_eq!(added.len(), 4097);
    assert!(added.iter().map(|entry| entry.log_index).eq(1..4098));
    assert_eq!(check(log.public(), &added[0]).size, 4097);
    assert_eq!(check(log.public(), &added[4095]).size, 4097);
    assert_eq!(check(log.public(), &added[4096]).size, 4098);
    assert_eq!(added[4096].kind.to_string(), "dsse 0.0.1");
    // What is wrong is noticed before anything is added.
    many.push(ProposedEntry::HashedRekordV002(record(&key, "b")));
    let error = log.add(&many, LogVersion::V1, NOW).unwrap_err();
    assert_eq!(code(&error), "log.entry-other-version");
    assert_eq!(log.head().unwrap().size, 4098);
    assert_eq!(log.fsck().unwrap().faults, []);
}

#[test]
fn tiles_that_are_missing_or_wrong_are_made_again() {
    let place = place();
    let log = Log::open(place.path(), HOST).unwrap();
    let batch = vec![v1(&key(), "a"); 300];
    for _ in 0..2 {
        log.add(&batch, LogVersion::V1, NOW).unwrap();
    }
    let tile = place.path().join("tree/tile/0/001");
    let good = std::fs::read(&tile).unwrap();
    let mut flipped = good.clone();
    flipped[100] ^= 1;
    for bad in [None, Some(Vec::new()), Some(flipped)] {
        match &bad {
            None => std::fs::remove_file(&tile).unwrap(),
            Some(bytes) => std::fs::write(&tile, bytes).unwrap(),
        }
        // A proof through it is right all the same.
        check(log.public(), &log.get(400).unwrap());
        check(log.public(), &log.get(3).unwrap());
        log.consistency(257).unwrap();
        let report = log.fsck().unwrap();
        assert_eq!(report.faults, []);
        assert_eq!((report.tiles, report.tiles_rebuilt), (2, 1));
        assert_eq!(std::fs::read(&tile).unwrap(), good);
        assert_eq!(log.fsck().unwrap().tiles_rebuilt, 0);
    }
}

#[test]
fn entries_it_did_not_write_itself_are_said_to_be_malformed() {
    for (body, note) in [
        (b"{}".as_slice(), b"\x02".as_slice()),
        (b"{}", b""),
        (b"{}", b"\x01\0\0"),
        (b"{}", b"\x02\0"),
        (b"{}", b"\x03"),
    ] {
        let place = place();
        let log = Log::open(place.path(), HOST).unwrap();
        let entry = Entry {
            body: body.to_vec(),
            note: note.to_vec(),
        };
        log.tree.append(vec![entry]).unwrap();
        let error = log.get(0).unwrap_err();
        assert_eq!(code(&error), "log.stored-entry-malformed");
        let faults = log.fsck().unwrap().faults;
        let codes: Vec<_> = faults.iter().map(|fault| fault.code.as_str()).collect();
        if note == b"\x02" {
            assert_eq!(codes, [""; 0]);
        } else {
            assert_eq!(codes, ["log.stored-entry-malformed"]);
        }
    }
}

#[test]
fn threads_add_at_once_and_lose_nothing() {
    let place = place();
    let log = Log::open(place.path(), HOST).unwrap();
    let answers = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let (log, answers) = (&log, &answers);
            scope.spawn(move || {
                let key = key();
                for number in 0..10 {
                    let batch = [v1(&key, &format!("{thread}-{number}")), v1(&key, "second")];
                    for entry in log.add(&batch, LogVersion::V1, NOW).unwrap() {
                        check(log.public(), &entry);
                        let before = answers.lock().unwrap().insert(entry.log_index, entry);
                        assert!(before.is_none());
                    }
                }
            });
        }
    });
    let answers = answers.into_inner().unwrap();
    assert_eq!(answers.len(), 120);
    for (index, entry) in answers {
        assert_eq!(log.body(index).unwrap().0, entry.canonicalized_body.0);
    }
    assert_eq!(log.fsck().unwrap().faults, []);
}

/// What [`add_and_say`] says of each acknowledged entry: index, tree size, root, body hash.
type Acknowledged = (u64, u64, Hash, Hash);

fn spawn_adding_process(directory: &Path) -> (Child, impl Iterator<Item = Acknowledged>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "log::tests::processes_killed_while_they_add_lose_nothing_they_acknowledged",
            "--nocapture",
        ])
        .env("SEALWRIGHT_TEST_LOG", directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let acknowledged = lines.map_while(Result::ok).filter_map(|line| {
        let mut fields = line.strip_prefix("ACK ")?.split(' ');
        let index = fields.next()?.parse().ok()?;
        let size = fields.next()?.parse().ok()?;
        let root = Base64::decode(fields.next()?).ok()?.0.try_into().ok()?;
        let leaf = Base64::decode(fields.next()?).ok()?.0.try_into().ok()?;
        Some((index, size, root, leaf))
    });
    (child, acknowledged)
}

/// What the processes do that the test below starts and kills.
fn add_and_say(directory: &Path) {
    let log = Log::open(directory, HOST).unwrap();
    let key = key();
    for number in 0..400 {
        let batch: Vec<_> = (0..1 + number % 3)
            .map(|part| v1(&key, &format!("{}-{number}-{part}", std::process::id())))
            .collect();
        for entry in log.add(&batch, LogVersion::V1, NOW).unwrap() {
            let head = check(log.public(), &entry);
            println!(
                "ACK {} {} {} {}",
                entry.log_index,
                head.size,
                Base64::encode(&head.root),
                Base64::encode(&leaf_hash(entry.canonicalized_body.as_bytes()))
            );
        }
    }
}

/// Starts itself: a child is told its directory, and only adds to the log there.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a child process is told its directory"
)]
fn processes_killed_while_they_add_lose_nothing_they_acknowledged() {
    if let Some(directory) = std::env::var_os("SEALWRIGHT_TEST_LOG") {
        return add_and_say(Path::new(&directory));
    }
    let place = place();
    let mut entries = BTreeMap::new();
    let mut roots = BTreeMap::new();
    for round in 0..12_usize {
        let mut adding: Vec<_> = (0..2).map(|_| spawn_adding_process(place.path())).collect();
        let mut seen = Vec::new();
        // The first is killed after some acknowledgements, the second after a few more.
        for (number, (child, acknowledged)) in adding.iter_mut().enumerate() {
            seen.extend(acknowledged.take(1 + round * 7 + number * 5));
            child.kill().unwrap();
            child.wait().unwrap();
            // What it said and we had not read yet counts as well.
            seen.extend(acknowledged);
        }
        for (index, size, root, leaf) in seen {
            assert!(
                entries.insert(index, leaf).is_none(),
                "index {index} was given twice"
            );
            let before = roots.insert(size, root);
            assert!(
                before.is_none_or(|before| before == root),
                "two roots for {size}"
            );
        }
        let log = Log::open(place.path(), HOST).unwrap();
        for (index, leaf) in &entries {
            assert_eq!(leaf_hash(&log.body(*index).unwrap().0), *leaf);
        }
        for (size, root) in &roots {
            let (proof, head) = log.consistency(*size).unwrap();
            proof.verify(root, &head.root).unwrap();
        }
        assert_eq!(log.fsck().unwrap().faults, []);
    }
    assert!(entries.len() > 500, "{}", entries.len());
}

#[test]
fn a_power_cut_at_any_step_loses_no_answer() {
    let place = place();
    let key = key();
    // The keys are made beforehand; only the tree is on the model. The description's write is durable
    // when it returns, so it is on the disk whatever the model forgets.
    Log::open(place.path(), HOST).unwrap();
    let description = place.path().join("log.json");
    let unused = std::fs::read(&description).unwrap();
    let open = |model: &Model, dies_at| {
        let fate = Fate {
            dies_at,
            ..Fate::default()
        };
        Log::on(place.path(), HOST, model.process(fate)).unwrap()
    };
    for step in 0..40 {
        for seed in 0..6 {
            let model = Model::new();
            std::fs::write(&description, &unused).unwrap();
            let log = open(&model, Some(step));
            let mut answers = Vec::new();
            for number in 0..6 {
                let batch = [v1(&key, &format!("{number}")), v1(&key, "second")];
                match log.add(&batch, LogVersion::V1, NOW) {
                    Ok(entries) => answers.extend(entries),
                    Err(error) => assert_eq!(code(&error), "store.io-failed"),
                }
            }
            model.cut_power(&mut Luck::Random(seed * 100 + step));
            let log = open(&model, None);
            for answer in &answers {
                let found = log.get(answer.log_index).unwrap();
                assert_eq!(found.canonicalized_body, answer.canonicalized_body);
                let head = check(log.public(), answer);
                let (proof, newest) = log.consistency(head.size).unwrap();
                proof.verify(&head.root, &newest.root).unwrap();
            }
            assert_eq!(log.fsck().unwrap().faults, []);
        }
    }
}
