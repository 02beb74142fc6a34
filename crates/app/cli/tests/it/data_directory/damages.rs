//! Damages to a data directory.

use std::path::Path;

use super::CHECKPOINT;
use super::INSTANCE;
use super::SEGMENT;
use crate::harness::flip;

/// What a command gives: 0, or the code it fails with.
pub(super) type Outcome = Option<&'static str>;

/// What is damaged; what `verify`, `seal` and `log fsck` give then.
pub(super) type Case = (&'static str, fn(&Path), [Outcome; 3]);

const fn all(code: &'static str) -> [Outcome; 3] {
    [Some(code); 3]
}

const fn seal_alone(code: &'static str) -> [Outcome; 3] {
    [None, Some(code), None]
}

const fn log_alone(code: &'static str) -> [Outcome; 3] {
    [None, Some(code), Some(code)]
}

pub(super) const DAMAGES: &[Case] = &[
    ("nothing", |_| {}, [None; 3]),
    (
        "a file in its place",
        |home| {
            std::fs::remove_dir_all(home).unwrap();
            std::fs::write(home, "x").unwrap();
        },
        all("files.not-a-directory"),
    ),
    (
        "half a description",
        |home| cut(home, INSTANCE, 300),
        all("authority.instance-malformed"),
    ),
    (
        "an empty description",
        |home| cut(home, INSTANCE, 0),
        all("authority.instance-malformed"),
    ),
    (
        "no description",
        |home| remove(home, INSTANCE),
        [
            Some("trust.none"),
            Some("authority.instance-missing"),
            Some("log.absent"),
        ],
    ),
    (
        "no key of the authority",
        |home| {
            remove(home, "authority/keys/ca-intermediate-1.pem");
        },
        seal_alone("authority.key-missing"),
    ),
    (
        "half a key of the authority",
        |home| {
            cut(home, "authority/keys/ca-intermediate-1.pem", 100);
        },
        seal_alone("authority.key-unreadable"),
    ),
    (
        "another key of the authority",
        |home| {
            swap(
                home,
                "authority/keys/tsa-1.pem",
                "authority/keys/ca-intermediate-1.pem",
            );
        },
        seal_alone("authority.key-mismatch"),
    ),
    (
        "no key of the certificate log",
        |home| {
            remove(home, "authority/keys/ct-log.pem");
        },
        seal_alone("authority.key-missing"),
    ),
    (
        "no key of the timestamp authority",
        |home| {
            remove(home, "authority/keys/tsa-1.pem");
        },
        seal_alone("authority.key-missing"),
    ),
    (
        "no key of the log's version 1",
        |home| remove(home, "log/keys/v1.pem"),
        log_alone("log.key-missing"),
    ),
    (
        "no key of the log's version 2",
        |home| remove(home, "log/keys/v2.pem"),
        log_alone("log.key-missing"),
    ),
    (
        "no keys of the log",
        |home| std::fs::remove_dir_all(home.join("log/keys")).unwrap(),
        log_alone("log.key-missing"),
    ),
    (
        "half a key of the log's version 1",
        |home| cut(home, "log/keys/v1.pem", 100),
        log_alone("store.key-unusable"),
    ),
    (
        "half a key of the log's version 2",
        |home| cut(home, "log/keys/v2.pem", 60),
        log_alone("store.key-unusable"),
    ),
    (
        "another key of the log's version 1",
        |home| swap(home, "authority/keys/tsa-1.pem", "log/keys/v1.pem"),
        log_alone("log.key-mismatch"),
    ),
    (
        "another key of the log's version 2",
        |home| std::fs::write(home.join("log/keys/v2.pem"), OTHER_ED25519).unwrap(),
        log_alone("log.key-mismatch"),
    ),
    (
        "a key of another kind for the log's version 2",
        |home| swap(home, "log/keys/v1.pem", "log/keys/v2.pem"),
        log_alone("store.key-unusable"),
    ),
    (
        "no text in a key of the log",
        |home| std::fs::write(home.join("log/keys/v1.pem"), [0xff]).unwrap(),
        log_alone("files.not-text"),
    ),
    (
        "half a description of the log",
        |home| {
            cut(home, "log/log.json", 50);
        },
        all("log.description-malformed"),
    ),
    (
        "no log",
        |home| std::fs::remove_dir_all(home.join("log")).unwrap(),
        all("log.lost"),
    ),
    (
        "nothing in the directory of the log",
        |home| {
            std::fs::remove_dir_all(home.join("log")).unwrap();
            std::fs::create_dir(home.join("log")).unwrap();
        },
        all("log.lost"),
    ),
    (
        "no description of the log",
        |home| remove(home, "log/log.json"),
        all("log.lost"),
    ),
    (
        "no tree of the log",
        |home| std::fs::remove_dir_all(home.join("log/tree")).unwrap(),
        log_alone("log.lost"),
    ),
    (
        "neither entries nor checkpoint of the log",
        |home| {
            remove(home, SEGMENT);
            remove(home, CHECKPOINT);
        },
        log_alone("log.lost"),
    ),
    (
        "no authority beside the log",
        |home| std::fs::remove_dir_all(home.join("authority")).unwrap(),
        [
            Some("trust.none"),
            Some("authority.instance-missing"),
            Some("log.absent"),
        ],
    ),
    (
        "the end of the log's entries cut off",
        |home| {
            let length = std::fs::metadata(home.join(SEGMENT)).unwrap().len();
            cut(home, SEGMENT, length - 1);
        },
        log_alone("store.log-truncated"),
    ),
    (
        "no entries of the log",
        |home| remove(home, SEGMENT),
        log_alone("store.log-truncated"),
    ),
    (
        "a turned bit in the entries",
        |home| flip(&home.join(SEGMENT), 1000),
        log_alone("store.log-damaged"),
    ),
    (
        "a turned bit in the entries and no checkpoint",
        |home| {
            flip(&home.join(SEGMENT), 1000);
            remove(home, CHECKPOINT);
        },
        log_alone("store.log-damaged"),
    ),
    (
        "a turned bit in the entries and half a checkpoint",
        |home| {
            flip(&home.join(SEGMENT), 1000);
            cut(home, CHECKPOINT, 50);
        },
        log_alone("store.log-damaged"),
    ),
    (
        "a turned bit in the newest entry",
        |home| {
            let length = std::fs::metadata(home.join(SEGMENT)).unwrap().len();
            flip(&home.join(SEGMENT), usize::try_from(length).unwrap() - 40);
        },
        log_alone("store.log-truncated"),
    ),
    (
        "another root in the log's checkpoint",
        |home| {
            let text = std::fs::read_to_string(home.join(CHECKPOINT)).unwrap();
            let root = text.lines().nth(2).unwrap();
            let other = "A".repeat(43) + "=";
            std::fs::write(home.join(CHECKPOINT), text.replacen(root, &other, 1)).unwrap();
        },
        log_alone("store.log-forked"),
    ),
    (
        "one entry less than the checkpoint says",
        |home| {
            let text = std::fs::read_to_string(home.join(CHECKPOINT)).unwrap();
            std::fs::write(home.join(CHECKPOINT), text.replacen("\n6\n", "\n7\n", 1)).unwrap();
        },
        log_alone("store.log-truncated"),
    ),
    (
        "a turned bit in the checkpoint's signature",
        |home| {
            // One letter of base64 becomes another.
            let mut text = std::fs::read(home.join(CHECKPOINT)).unwrap();
            let place = text.len() - 20;
            text[place] = if text[place] == b'A' { b'B' } else { b'A' };
            std::fs::write(home.join(CHECKPOINT), text).unwrap();
        },
        [None, None, Some("log.stored-checkpoint-invalid")],
    ),
    // A crash may take the checkpoint, which is written without a sync; the entries are enough.
    ("no checkpoint", |home| remove(home, CHECKPOINT), [None; 3]),
    (
        "half a checkpoint",
        |home| cut(home, CHECKPOINT, 50),
        [None; 3],
    ),
    (
        "half a record behind the last one",
        |home| {
            let mut content = std::fs::read(home.join(SEGMENT)).unwrap();
            content.extend_from_within(..100);
            std::fs::write(home.join(SEGMENT), content).unwrap();
        },
        [None; 3],
    ),
];

/// The example of RFC 8410 section 10.3: TEST ONLY.
const OTHER_ED25519: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

fn cut(home: &Path, name: &str, length: u64) {
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(home.join(name));
    file.unwrap().set_len(length).unwrap();
}

fn remove(home: &Path, name: &str) {
    std::fs::remove_file(home.join(name)).unwrap();
}

fn swap(home: &Path, from: &str, to: &str) {
    std::fs::copy(home.join(from), home.join(to)).unwrap();
}
