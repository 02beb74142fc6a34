//! Endless data, endless roots, endless delegations.

use sealwright_core::Diagnostic as _;
use sealwright_tuf::Answer;
use sealwright_tuf::Step;
use serde_json::json;

use crate::client::Client;
use crate::repository::Listing;
use crate::repository::Repository;

#[test]
fn endless_data_is_cut_off() {
    for file in [
        "2.root.json",
        "timestamp.json",
        "2.snapshot.json",
        "2.targets.json",
    ] {
        let mut repository = Repository::new();
        let mut client = Client::up_to_date(&repository);
        client.limits.root_bytes = 4000;
        client.limits.timestamp_bytes = 4000;
        client.limits.snapshot_bytes = 4000;
        client.limits.targets_bytes = 4000;
        repository.publish_all();
        let bytes = repository.files.get_mut(file).unwrap();
        bytes.resize(4000, b' ');
        client.refresh(&repository).unwrap();
        // White space at the end is fine, one byte beyond the limit is not.
        client = Client::new(&repository);
        client.limits.root_bytes = 4000;
        client.limits.timestamp_bytes = 4000;
        client.limits.snapshot_bytes = 4000;
        client.limits.targets_bytes = 4000;
        repository.files.get_mut(file).unwrap().push(b' ');
        assert_eq!(client.refusal(&repository), "tuf.length-exceeded", "{file}");
    }
}

#[test]
fn a_listed_length_is_the_limit() {
    let mut repository = Repository::new();
    repository.listing = Listing::LengthsAndHashes;
    repository.publish(&["targets", "snapshot", "timestamp"]);
    let mut client = Client::new(&repository);
    let mut updater = client.begin().unwrap();
    let mut limits = Vec::new();
    loop {
        match updater.step().unwrap() {
            Step::Fetch(wanted) => {
                let answer = match repository.files.get(&wanted.path) {
                    Some(bytes) => Answer::Bytes(bytes.clone()),
                    None => Answer::Absent,
                };
                limits.push((wanted.path, wanted.max_bytes));
                updater.answer(answer).unwrap();
            }
            Step::Load(_) => updater.answer(Answer::Absent).unwrap(),
            Step::Done => break,
            _ => {}
        }
    }
    let length = |name: &str| repository.file(name).len() as u64;
    assert_eq!(
        limits.get(2..).unwrap(),
        [
            ("2.snapshot.json".to_owned(), length("2.snapshot.json")),
            ("2.targets.json".to_owned(), length("2.targets.json")),
        ]
    );
}

#[test]
fn endless_roots_end() {
    let mut repository = Repository::new();
    for _ in 0..3 {
        repository.publish(&["root"]);
    }
    let mut client = Client::new(&repository);
    client.limits.root_rotations = 2;
    assert_eq!(client.refusal(&repository), "tuf.too-many-roots");
    assert_eq!(client.version("root"), 3);
    // What was read is kept, so the next run arrives.
    client.refresh(&repository).unwrap();
    assert_eq!(client.version("root"), 4);
}

#[test]
fn endless_delegations_end() {
    let mut repository = Repository::new();
    for number in 0..4 {
        let from = if number == 0 {
            "targets".to_owned()
        } else {
            format!("r{number}")
        };
        let to = format!("r{}", number + 1);
        repository.delegate(&from, &to, json!({"paths": ["*"]}));
    }
    repository.add_target("r4", "file", b"content");
    repository.publish_all();
    let mut client = Client::new(&repository);
    client.limits.visited_roles = 4;
    let error = client.download(&repository, "file").unwrap_err();
    assert_eq!(error.code().as_str(), "tuf.too-many-delegations");
    client.limits.visited_roles = 5;
    assert_eq!(client.download(&repository, "file").unwrap(), b"content");
}

#[test]
fn a_machine_driven_out_of_order_says_so() {
    let repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    let mut updater = client.begin().unwrap();
    client.drive(&mut updater, &repository).unwrap();
    let error = updater.answer(Answer::Absent).unwrap_err();
    assert_eq!(error.code().as_str(), "tuf.out-of-order");

    // An error of the update itself ends it.
    let mut updater = client.begin().unwrap();
    let answer = Answer::Bytes(b"{}".to_vec());
    assert_eq!(
        updater.answer(answer).unwrap_err().code().as_str(),
        "tuf.malformed"
    );
    assert_eq!(
        updater.step().unwrap_err().code().as_str(),
        "tuf.out-of-order"
    );
}
