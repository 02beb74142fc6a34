use sealwright_crypto::SignatureScheme;

use super::*;
use crate::Answer;
use crate::Step;
use crate::Updater;

const NOW: Time = Time::from_seconds(1_800_000_000);

/// What a web server would serve.
#[derive(Default)]
struct Served(BTreeMap<String, Vec<u8>>);

impl Served {
    fn write(&mut self, files: Vec<PublishedFile>) {
        self.0
            .extend(files.into_iter().map(|it| (it.path, it.bytes)));
    }

    fn open(&self) -> Result<Editor, Error> {
        let latest = |role: &str| {
            let of_role = |it: &u64| self.0.contains_key(&format!("{it}.{role}.json"));
            let version = (1..100).take_while(of_role).last().unwrap();
            &self.0[&format!("{version}.{role}.json")]
        };
        Editor::open(CurrentMetadata {
            root: &self.0["root.json"],
            targets: latest("targets"),
            snapshot: latest("snapshot"),
            timestamp: &self.0["timestamp.json"],
        })
    }

    /// What a client that trusts `root` gets, and the paths it asked for.
    fn download(
        &self,
        root: &[u8],
        path: &str,
        now: Time,
    ) -> Result<(Vec<u8>, Vec<String>), Error> {
        let mut updater = Updater::new(root, now)?;
        updater.look_for(path);
        let mut asked = Vec::new();
        loop {
            match updater.step()? {
                Step::Fetch(wanted) => {
                    let file = self.0.get(&wanted.path).cloned();
                    asked.push(wanted.path);
                    updater.answer(file.map_or(Answer::Absent, Answer::Bytes))?;
                }
                Step::Load(_) => updater.answer(Answer::Absent)?,
                Step::Found(target) => {
                    let path = updater.location(&target).path;
                    let bytes = self.0[&format!("targets/{path}")].clone();
                    target.verify(&bytes)?;
                    return Ok((bytes, asked));
                }
                Step::Store { .. } | Step::Remove { .. } => {}
                Step::Done => unreachable!("a target is looked for"),
            }
        }
    }
}

fn key(scheme: SignatureScheme) -> SigningKey {
    SigningKey::generate(scheme).unwrap()
}

fn paths(files: &[PublishedFile]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}

/// An offline key for root and targets, an online one for the others.
fn published() -> (Served, SigningKey, SigningKey) {
    let offline = key(SignatureScheme::EcdsaP256Sha256);
    let online = key(SignatureScheme::Ed25519);
    let mut editor = Editor::create();
    for (role, key) in [
        (TopLevelRole::Root, &offline),
        (TopLevelRole::Targets, &offline),
        (TopLevelRole::Snapshot, &online),
        (TopLevelRole::Timestamp, &online),
    ] {
        editor.set_keys(role, &[key.public_key()], 1).unwrap();
    }
    editor.set_target("trusted_root.json", b"{}".to_vec(), None);
    editor.set_target("dir/file", b"content".to_vec(), Some(json!({"a": 1})));
    let files = editor
        .publish(&[&offline, &online], Lifetimes::default(), NOW)
        .unwrap();
    let digest = |bytes| Digest::sha256(bytes).to_hex();
    assert_eq!(
        paths(&files),
        [
            &format!("targets/dir/{}.file", digest(b"content")),
            &format!("targets/{}.trusted_root.json", digest(b"{}")),
            "1.targets.json",
            "1.snapshot.json",
            "1.root.json",
            "timestamp.json",
            "root.json",
        ]
    );
    let mut served = Served::default();
    served.write(files);
    (served, offline, online)
}

#[test]
fn clients_find_what_was_published() {
    let (served, ..) = published();
    let root = &served.0["1.root.json"];
    for (path, content) in [("dir/file", &b"content"[..]), ("trusted_root.json", b"{}")] {
        let (found, asked) = served.download(root, path, NOW).unwrap();
        assert_eq!(found, content);
        let wanted = [
            "2.root.json",
            "timestamp.json",
            "1.snapshot.json",
            "1.targets.json",
        ];
        assert_eq!(asked, wanted);
    }
}

#[test]
fn a_change_raises_what_lists_it_and_a_renewal_the_timestamp_alone() {
    let (mut served, offline, online) = published();
    let first = served.0["1.root.json"].clone();
    let mut editor = served.open().unwrap();
    editor.set_target("dir/file", b"changed".to_vec(), None);
    editor.remove_target("trusted_root.json");
    let files = editor
        .publish(&[&offline, &online], Lifetimes::default(), NOW)
        .unwrap();
    let changed = ["2.targets.json", "2.snapshot.json", "timestamp.json"];
    assert_eq!(paths(&files).get(1..).unwrap(), changed);
    served.write(files);
    let (found, _) = served.download(&first, "dir/file", NOW).unwrap();
    assert_eq!(found, b"changed");
    assert!(served.download(&first, "trusted_root.json", NOW).is_err());

    // The online key alone keeps the repository alive, as long as nobody wants to change it.
    let later = NOW.plus_seconds(20 * 24 * 60 * 60);
    assert!(served.download(&first, "dir/file", later).is_err());
    let mut editor = served.open().unwrap();
    editor.renew(TopLevelRole::Snapshot);
    let files = editor
        .publish(&[&online], Lifetimes::default(), later)
        .unwrap();
    assert_eq!(paths(&files), ["3.snapshot.json", "timestamp.json"]);
    served.write(files);
    served.download(&first, "dir/file", later).unwrap();
    let files = served.open().unwrap();
    let files = files
        .publish(&[&online], Lifetimes::default(), later)
        .unwrap();
    assert_eq!(paths(&files), ["timestamp.json"]);
}

#[test]
fn keys_are_replaced_by_a_root_that_old_and_new_ones_sign() {
    let (mut served, offline, online) = published();
    let first = served.0["1.root.json"].clone();
    let next = key(SignatureScheme::EcdsaP384Sha384);
    let edited = || {
        let mut editor = served.open().unwrap();
        editor
            .set_keys(TopLevelRole::Root, &[next.public_key()], 1)
            .unwrap();
        editor
    };
    for too_few in [[&offline, &online], [&next, &online]] {
        let error = edited()
            .publish(&too_few, Lifetimes::default(), NOW)
            .unwrap_err();
        assert!(matches!(error, Error::Threshold { .. }), "{error}");
    }
    let signers = [&offline, &next, &online];
    let files = edited()
        .publish(&signers, Lifetimes::default(), NOW)
        .unwrap();
    assert_eq!(
        paths(&files),
        ["2.root.json", "timestamp.json", "root.json"]
    );
    served.write(files);
    let (_, asked) = served.download(&first, "dir/file", NOW).unwrap();
    assert_eq!(asked.get(..2).unwrap(), ["2.root.json", "3.root.json"]);
    // Targets are still the old key's; the root is not.
    let mut editor = served.open().unwrap();
    editor.renew(TopLevelRole::Root);
    let files = editor
        .publish(&[&next, &online], Lifetimes::default(), NOW)
        .unwrap();
    assert_eq!(
        paths(&files),
        ["3.root.json", "timestamp.json", "root.json"]
    );
    served.write(files);
    served.download(&first, "dir/file", NOW).unwrap();
}

#[test]
fn what_others_changed_is_not_signed_again() {
    for file in [
        "root.json",
        "timestamp.json",
        "1.snapshot.json",
        "1.targets.json",
    ] {
        let (mut served, ..) = published();
        let text = String::from_utf8(served.0[file].clone()).unwrap();
        let changed = text.replacen("\"version\": 1", "\"version\": 2", 1);
        assert_ne!(changed, text);
        served.0.insert(file.to_owned(), changed.into_bytes());
        let error = served.open().unwrap_err();
        assert!(matches!(error, Error::Threshold { .. }), "{file}: {error}");
    }
}

#[test]
fn without_enough_keys_nothing_is_published() {
    let (served, offline, online) = published();
    let edited = || {
        let mut editor = served.open().unwrap();
        editor.set_target("new", b"new".to_vec(), None);
        editor
    };
    for signer in [&offline, &online] {
        let error = edited()
            .publish(&[signer], Lifetimes::default(), NOW)
            .unwrap_err();
        assert!(matches!(error, Error::Threshold { .. }), "{error}");
    }
    let other = key(SignatureScheme::EcdsaP521Sha512);
    let error = edited()
        .set_keys(TopLevelRole::Root, &[other.public_key()], 1)
        .unwrap_err();
    assert_eq!(
        sealwright_core::Diagnostic::code(&error).as_str(),
        "tuf.unsupported-key"
    );
}

#[test]
fn a_key_that_no_role_has_is_not_listed() {
    let (served, ..) = published();
    let mut editor = served.open().unwrap();
    let next = key(SignatureScheme::Ed25519);
    let keys = |editor: &Editor| editor.root.signed()["keys"].as_object().unwrap().len();
    assert_eq!(keys(&editor), 2);
    for role in [TopLevelRole::Snapshot, TopLevelRole::Timestamp] {
        editor.set_keys(role, &[next.public_key()], 1).unwrap();
    }
    assert_eq!(keys(&editor), 2);
}
