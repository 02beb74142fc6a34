//! TUF metadata, and updates in which one file was changed after it was signed.

use sealwright_core::Timestamp;
use sealwright_tuf::Answer;
use sealwright_tuf::Step;
use sealwright_tuf::Updater;
use sealwright_tuf::canonical_json;
use sealwright_tuf::inspect;
use serde_json::Value;

/// The repository as it was published: each file's name in the cache, its path, what it holds.
const FILES: &[(&str, &str, &[u8])] = &[
    (
        "root.json",
        "2.root.json",
        include_bytes!("../../fixtures/tuf/2.root.json"),
    ),
    (
        "timestamp.json",
        "timestamp.json",
        include_bytes!("../../fixtures/tuf/timestamp.json"),
    ),
    (
        "snapshot.json",
        "3.snapshot.json",
        include_bytes!("../../fixtures/tuf/3.snapshot.json"),
    ),
    (
        "targets.json",
        "3.targets.json",
        include_bytes!("../../fixtures/tuf/3.targets.json"),
    ),
    (
        "delegated.json",
        "2.delegated.json",
        include_bytes!("../../fixtures/tuf/2.delegated.json"),
    ),
];
const TRUSTED_ROOT: &[u8] = include_bytes!("../../fixtures/tuf/1.root.json");
/// Any moment before the files expire.
const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);

pub(super) fn metadata(data: &[u8]) {
    let Ok(found) = inspect(data) else {
        return;
    };
    assert!(found.version > 0);
    let file: Value = serde_json::from_slice(data).expect("JSON");
    assert_eq!(file["signed"]["_type"], found.kind);
    // The signed form is the same for any order of keys and any spaces.
    let signed = signed_form(data);
    assert_eq!(
        signed_form(&serde_json::to_vec_pretty(&file).expect("JSON")),
        signed
    );
    let _ = Updater::new(data, NOW);
}

/// The first byte chooses a file, whose bytes the others take the place of.
pub(super) fn update(data: &[u8]) {
    let Some((first, changed)) = data.split_first() else {
        return;
    };
    let chosen = FILES[usize::from(*first) % FILES.len()];
    let mut updater = Updater::new(TRUSTED_ROOT, NOW).expect("a root");
    updater.look_for("dir/file");
    loop {
        let answered = match updater.step() {
            Ok(Step::Fetch(wanted)) if wanted.path == chosen.1 => {
                updater.answer(Answer::Bytes(changed.to_vec()))
            }
            Ok(Step::Fetch(wanted)) => {
                let file = FILES.iter().find(|(_, path, _)| *path == wanted.path);
                let bytes = file.map(|(.., bytes)| bytes.to_vec());
                updater.answer(bytes.map_or(Answer::Absent, Answer::Bytes))
            }
            Ok(Step::Load(_)) => updater.answer(Answer::Absent),
            Ok(Step::Store { file, bytes }) => {
                if file == chosen.0 {
                    let same = signed_form(&bytes) == signed_form(chosen.2);
                    assert!(same, "kept, and says something else");
                }
                Ok(())
            }
            Ok(Step::Remove { .. }) => Ok(()),
            Ok(Step::Found(target)) => {
                target
                    .verify(b"content")
                    .expect("the target that was published");
                return;
            }
            Ok(Step::Done) => unreachable!("a target is looked for"),
            Err(_) => return,
        };
        if answered.is_err() {
            return;
        }
    }
}

fn signed_form(file: &[u8]) -> Vec<u8> {
    let file: Value = serde_json::from_slice(file).expect("JSON");
    canonical_json::to_vec(&file["signed"]).expect("a signed form")
}
