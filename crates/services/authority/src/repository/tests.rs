use sealwright_core::Diagnostic as _;
use sealwright_tuf::Answer;
use sealwright_tuf::Step;
use sealwright_tuf::Updater;
use tempfile::TempDir;

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

struct Fixture {
    directory: TempDir,
    repository: UpdateRepository,
}

impl Fixture {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let repository = UpdateRepository::at(directory.path().join("tuf"));
        Self {
            directory,
            repository,
        }
    }

    fn publish(&self, content: &str, now: Timestamp) -> Result<Publication, Error> {
        self.repository.publish(&[target("a.json", content)], now)
    }

    fn metadata(&self, name: &str) -> PathBuf {
        self.directory.path().join("tuf/metadata").join(name)
    }

    /// What a client that begins with a root gets.
    fn download(&self, root: &[u8], name: &str, now: Timestamp) -> Result<Vec<u8>, &'static str> {
        let code = |error: sealwright_tuf::Error| error.code().as_str();
        let mut updater = Updater::new(root, now).map_err(code)?;
        updater.look_for(name);
        loop {
            match updater.step().map_err(code)? {
                Step::Fetch(wanted) => {
                    let file = self.repository.file(&wanted.path).unwrap();
                    let answer = file.map_or(Answer::Absent, Answer::Bytes);
                    updater.answer(answer).map_err(code)?;
                }
                Step::Load(_) => updater.answer(Answer::Absent).map_err(code)?,
                Step::Found(target) => {
                    let path = format!("targets/{}", updater.location(&target).path);
                    let bytes = self.repository.file(&path).unwrap().unwrap();
                    target.verify(&bytes).map_err(code)?;
                    return Ok(bytes);
                }
                Step::Done => return Err("absent"),
                _ => {}
            }
        }
    }
}

fn target(name: &'static str, content: &str) -> UpdateTarget {
    UpdateTarget {
        name,
        bytes: content.as_bytes().to_vec(),
        usage: None,
    }
}

#[test]
fn clients_of_the_first_root_get_what_is_published_last() {
    let fixture = Fixture::new();
    assert_eq!(fixture.publish("one", NOW).unwrap(), Publication::New);
    let root = fixture.repository.first_root().unwrap();
    assert_eq!(fixture.download(&root, "a.json", NOW).unwrap(), b"one");
    assert_eq!(fixture.publish("one", NOW).unwrap(), Publication::Current);
    assert_eq!(fixture.publish("two", NOW).unwrap(), Publication::New);
    assert_eq!(fixture.download(&root, "a.json", NOW).unwrap(), b"two");
    // What is gone from the list is gone for clients.
    fixture
        .repository
        .publish(&[target("b.json", "three")], NOW)
        .unwrap();
    let gone = fixture.download(&root, "a.json", NOW);
    assert_eq!(gone.unwrap_err(), "tuf.missing-target");
    assert_eq!(fixture.download(&root, "b.json", NOW).unwrap(), b"three");
    assert_eq!(fixture.repository.first_root().unwrap(), root);
}

#[test]
fn renews_what_has_lived_half_of_its_life() {
    let fixture = Fixture::new();
    fixture.publish("one", NOW).unwrap();
    let root = fixture.repository.first_root().unwrap();
    let later = NOW.plus_seconds(44 * DAY);
    assert_eq!(fixture.publish("one", later).unwrap(), Publication::Current);
    let later = NOW.plus_seconds(46 * DAY);
    assert_eq!(fixture.publish("one", later).unwrap(), Publication::New);
    // Long after everything has expired, the root too.
    let late = NOW.plus_seconds(4000 * DAY);
    let expired = fixture.download(&root, "a.json", late).unwrap_err();
    assert_eq!(expired, "tuf.expired");
    assert_eq!(fixture.publish("one", late).unwrap(), Publication::New);
    assert_eq!(fixture.download(&root, "a.json", late).unwrap(), b"one");
}

#[test]
fn goes_on_from_where_a_crash_left_it() {
    let fixture = Fixture::new();
    fixture.publish("one", NOW).unwrap();
    let root = fixture.repository.first_root().unwrap();
    let timestamp = std::fs::read(fixture.metadata("timestamp.json")).unwrap();
    fixture.publish("two", NOW).unwrap();
    // Everything is written but the last file.
    std::fs::write(fixture.metadata("timestamp.json"), timestamp).unwrap();
    assert_eq!(fixture.download(&root, "a.json", NOW).unwrap(), b"one");
    assert_eq!(fixture.publish("three", NOW).unwrap(), Publication::New);
    assert_eq!(fixture.download(&root, "a.json", NOW).unwrap(), b"three");

    // The first publication, cut short before its end.
    let fixture = Fixture::new();
    fixture.publish("one", NOW).unwrap();
    std::fs::remove_file(fixture.metadata("timestamp.json")).unwrap();
    assert_eq!(fixture.publish("one", NOW).unwrap(), Publication::New);
    let root = fixture.repository.first_root().unwrap();
    assert_eq!(fixture.download(&root, "a.json", NOW).unwrap(), b"one");
}

#[test]
fn signs_nothing_over_what_others_changed() {
    let fixture = Fixture::new();
    fixture.publish("one", NOW).unwrap();
    let path = fixture.metadata("1.targets.json");
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, good.replace("\"a.json\"", "\"b.json\"")).unwrap();
    let code = fixture.publish("two", NOW).unwrap_err().code();
    assert_eq!(code.as_str(), "tuf.bad-signature-threshold");
    std::fs::write(&path, &good[..good.len() / 2]).unwrap();
    let code = fixture.publish("two", NOW).unwrap_err().code();
    assert_eq!(code.as_str(), "tuf.malformed");
    std::fs::remove_file(&path).unwrap();
    let code = fixture.publish("two", NOW).unwrap_err().code();
    assert_eq!(code.as_str(), "files.not-found");
    // A lost key is not replaced by another.
    std::fs::write(&path, good).unwrap();
    std::fs::remove_file(fixture.directory.path().join("tuf/keys/snapshot.pem")).unwrap();
    let code = fixture.publish("two", NOW).unwrap_err().code();
    assert_eq!(code.as_str(), "authority.key-missing");
}

#[test]
fn serves_nothing_but_its_files() {
    let fixture = Fixture::new();
    fixture.publish("one", NOW).unwrap();
    std::fs::write(fixture.metadata(".hidden"), "").unwrap();
    for path in [
        "",
        ".",
        "..",
        "targets",
        "targets/",
        "targets/..",
        "../keys/root.pem",
        "targets/../../keys/root.pem",
        "/etc/passwd",
        ".hidden",
        "a/b",
        "1.root.json\0",
    ] {
        assert_eq!(fixture.repository.file(path).unwrap(), None, "{path:?}");
    }
    assert!(fixture.repository.file("1.root.json").unwrap().is_some());
}
