//! The root history of the public-good Sigstore: fifteen real rotations by two generations of tools.

use std::collections::BTreeMap;
use std::path::Path;

use sealwright_core::Diagnostic as _;
use sealwright_core::Timestamp;
use sealwright_testkit::corpus;
use sealwright_tuf::Answer;
use sealwright_tuf::Error;
use sealwright_tuf::Step;
use sealwright_tuf::Updater;
use sealwright_tuf::inspect;

const LATEST: u64 = 15;
/// Between the publication of the timestamp and its expiry.
const WHEN: &str = "2026-08-25T00:00:00Z";

fn root(corpus: &Path, version: u64) -> Vec<u8> {
    std::fs::read(corpus.join(format!("metadata/root_history/{version}.root.json"))).unwrap()
}

/// Follows the roots and then the timestamp, as far as the corpus goes.
fn follow(
    corpus: &Path,
    from: u64,
    now: Timestamp,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<u64, Error> {
    let mut updater = Updater::new(&root(corpus, from), now)?;
    loop {
        match updater.step()? {
            Step::Fetch(wanted) => {
                let version = wanted.path.strip_suffix(".root.json");
                let bytes = match version.map(|it| it.parse().unwrap()) {
                    Some(version) if version <= LATEST => Some(root(corpus, version)),
                    Some(_) => None,
                    None => std::fs::read(corpus.join("metadata").join(&wanted.path)).ok(),
                };
                updater.answer(bytes.map_or(Answer::Absent, Answer::Bytes))?;
            }
            Step::Load(_) => updater.answer(Answer::Absent)?,
            Step::Store { file, bytes } => drop(files.insert(file, bytes)),
            Step::Remove { file } => drop(files.remove(&file)),
            _ => return Ok(updater.root_version()),
        }
    }
}

#[test]
fn every_root_leads_to_the_latest() {
    let Some(corpus) = corpus("tuf-root-signing") else {
        return;
    };
    for from in 1..=LATEST {
        let mut files = BTreeMap::new();
        // The corpus ends with the timestamp.
        let end = follow(&corpus, from, WHEN.parse().unwrap(), &mut files).unwrap_err();
        assert_eq!(end.code().as_str(), "tuf.missing-metadata");
        assert_eq!(end.to_string(), "repository has no 165.snapshot.json");
        let timestamp = inspect(&files["timestamp.json"]).unwrap();
        assert_eq!(timestamp.version, 762);
        if from < LATEST {
            assert_eq!(files["root.json"], root(&corpus, LATEST));
        }
    }
}

#[test]
fn the_latest_root_expires() {
    let Some(corpus) = corpus("tuf-root-signing") else {
        return;
    };
    for (now, code) in [
        ("2026-08-28T19:25:55Z", "tuf.missing-metadata"),
        ("2026-08-28T19:25:56Z", "tuf.expired"),
        ("2026-11-20T13:58:18Z", "tuf.expired"),
    ] {
        let mut files = BTreeMap::new();
        let error = follow(&corpus, 1, now.parse().unwrap(), &mut files).unwrap_err();
        assert_eq!(error.code().as_str(), code, "{now}");
    }
}

#[test]
fn a_root_that_is_left_out_breaks_the_chain() {
    let Some(corpus) = corpus("tuf-root-signing") else {
        return;
    };
    for from in 1..LATEST - 1 {
        let mut updater = Updater::new(&root(&corpus, from), WHEN.parse().unwrap()).unwrap();
        updater.step().unwrap();
        let skipped = Answer::Bytes(root(&corpus, from + 2));
        assert!(updater.answer(skipped).is_err(), "{from}");
    }
}

#[test]
fn no_flipped_bit_of_what_is_signed_goes_unnoticed() {
    let Some(corpus) = corpus("tuf-root-signing") else {
        return;
    };
    let good = root(&corpus, LATEST);
    let start = good.windows(8).position(|it| it == b"\"signed\"").unwrap();
    for place in (start..good.len()).step_by(37) {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        // White space is not signed: only what stands for another value is a change.
        let same = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
        if same(&bytes) == same(&good) {
            continue;
        }
        let mut updater = Updater::new(&root(&corpus, LATEST - 1), WHEN.parse().unwrap()).unwrap();
        updater.step().unwrap();
        assert!(
            updater.answer(Answer::Bytes(bytes)).is_err(),
            "byte {place}"
        );
    }
}
