//! The workflow where nothing is wrong: what is asked for, what is kept, what is not fetched again.

use sealwright_tuf::Answer;
use sealwright_tuf::Step;
use sealwright_tuf::inspect;
use serde_json::json;

use crate::client::Client;
use crate::repository::Listing;
use crate::repository::NOW;
use crate::repository::Repository;
use crate::repository::expired;
use crate::repository::key_id;

#[test]
fn fetches_the_four_roles_in_order_and_keeps_them() {
    let repository = Repository::new();
    let mut client = Client::new(&repository);
    client.refresh(&repository).unwrap();
    let fetched = [
        "2.root.json",
        "timestamp.json",
        "1.snapshot.json",
        "1.targets.json",
    ];
    assert_eq!(client.fetched, fetched);
    assert_eq!(
        client.written,
        ["timestamp.json", "snapshot.json", "targets.json"]
    );
    assert_eq!(
        client.cache["timestamp.json"],
        repository.file("timestamp.json")
    );
    assert_eq!(
        client.cache["snapshot.json"],
        repository.file("1.snapshot.json")
    );
}

#[test]
fn what_is_unchanged_is_not_fetched_again() {
    let mut repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    client.refresh(&repository).unwrap();
    assert_eq!(client.fetched, ["2.root.json", "timestamp.json"]);
    assert_eq!(client.written, [""; 0]);

    repository.publish(&["timestamp"]);
    client.refresh(&repository).unwrap();
    assert_eq!(client.fetched, ["2.root.json", "timestamp.json"]);
    assert_eq!(client.written, ["timestamp.json"]);

    repository.publish(&["snapshot", "timestamp"]);
    client.refresh(&repository).unwrap();
    let fetched = ["2.root.json", "timestamp.json", "2.snapshot.json"];
    assert_eq!(client.fetched, fetched);
    assert_eq!(client.versions(), [1, 3, 2, 1]);
}

#[test]
fn without_consistent_snapshots_names_have_no_version_or_hash() {
    let mut repository = Repository::new();
    repository.signed("root")["consistent_snapshot"] = json!(false);
    repository.add_target("targets", "dir/file", b"content");
    repository.publish_all();
    repository
        .files
        .insert("targets/dir/file".to_owned(), b"content".to_vec());
    let mut client = Client::new(&repository);
    let fetched = [
        "2.root.json",
        "3.root.json",
        "timestamp.json",
        "snapshot.json",
        "targets.json",
    ];
    assert_eq!(
        client.download(&repository, "dir/file").unwrap(),
        b"content"
    );
    assert_eq!(client.fetched, fetched);
}

#[test]
fn lengths_and_hashes_of_metadata_are_checked_where_given() {
    let mut repository = Repository::new();
    repository.listing = Listing::LengthsAndHashes;
    repository.publish(&["targets", "snapshot", "timestamp"]);
    let mut client = Client::new(&repository);
    client.refresh(&repository).unwrap();
    assert_eq!(client.versions(), [1, 2, 2, 2]);
}

#[test]
fn an_implicit_update_precedes_a_search() {
    let mut repository = Repository::new();
    repository.add_target("targets", "dir/file", b"content");
    repository.publish(&["targets", "snapshot", "timestamp"]);
    let mut client = Client::new(&repository);
    assert_eq!(
        client.download(&repository, "dir/file").unwrap(),
        b"content"
    );
    assert_eq!(client.versions(), [1, 2, 2, 2]);
}

#[test]
fn walks_through_all_roots_and_stores_each() {
    let mut repository = Repository::new();
    for _ in 0..3 {
        repository.publish(&["root"]);
    }
    let mut client = Client::new(&repository);
    client.refresh(&repository).unwrap();
    assert_eq!(
        client.fetched.get(..4).unwrap(),
        ["2.root.json", "3.root.json", "4.root.json", "5.root.json"]
    );
    assert_eq!(client.written.get(..3).unwrap(), ["root.json"; 3]);
    assert_eq!(client.cache["root.json"], repository.file("4.root.json"));
}

#[test]
fn an_expired_root_may_lead_to_one_that_is_not() {
    let mut repository = Repository::new();
    let fresh = repository.signed("root")["expires"].clone();
    repository.signed("root")["expires"] = expired();
    repository.publish(&["root"]);
    repository.signed("root")["expires"] = fresh;
    repository.publish(&["root"]);
    let mut client = Client::with_root(repository.file("2.root.json"));
    client.refresh(&repository).unwrap();
    assert_eq!(client.version("root"), 3);
}

#[test]
fn expired_cached_metadata_is_replaced() {
    let mut repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    let later = NOW.plus_seconds(40 * 24 * 60 * 60);
    let expires = json!(later.plus_seconds(60).to_string());
    for role in ["root", "timestamp", "snapshot", "targets"] {
        repository.signed(role)["expires"] = expires.clone();
    }
    repository.publish_all();
    client.now = later;
    client.refresh(&repository).unwrap();
    assert_eq!(client.versions(), [2, 2, 2, 2]);
}

#[test]
fn unknown_fields_are_part_of_what_is_signed() {
    let mut repository = Repository::new();
    let root = repository.signed("root");
    root["later"] = json!({"b": [1, null, "line\nfeed"], "a": true});
    root["roles"]["root"]["later"] = json!("x");
    root["roles"]["mirrors"] = json!({"keyids": [], "threshold": 1});
    root["keys"][key_id("root")]["x-tuf-on-ci-keyowner"] = json!("@somebody");
    root["keys"]["later"] = json!({"keytype": "later", "scheme": "later", "keyval": {}});
    repository.signed("timestamp")["later"] = json!(-1);
    repository.publish_all();
    let mut client = Client::new(&repository);
    client.refresh(&repository).unwrap();
    assert_eq!(client.versions(), [2, 2, 2, 2]);
}

#[test]
fn a_timestamp_of_the_same_version_is_discarded() {
    let mut repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    let before = client.cache["timestamp.json"].clone();
    repository.signed("timestamp")["meta"]["snapshot.json"]["version"] = json!(100);
    repository.publish_as("timestamp", 1);
    client.refresh(&repository).unwrap();
    assert_eq!(client.fetched, ["2.root.json", "timestamp.json"]);
    assert_eq!(client.cache["timestamp.json"], before);
}

#[test]
fn a_damaged_cache_is_fetched_anew() {
    let repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    let whole = client.cache.clone();
    for role in ["timestamp", "snapshot", "targets"] {
        let file = client.cache.get_mut(&format!("{role}.json")).unwrap();
        file.truncate(file.len() / 2);
    }
    client.refresh(&repository).unwrap();
    assert_eq!(client.cache, whole);
}

#[test]
fn the_same_step_comes_until_it_is_answered() {
    let repository = Repository::new();
    let mut client = Client::new(&repository);
    let mut updater = client.begin().unwrap();
    assert_eq!(updater.root_version(), 1);
    let first = updater.step().unwrap();
    assert_eq!(updater.step().unwrap(), first);
    updater.answer(Answer::Absent).unwrap();
    assert_ne!(updater.step().unwrap(), first);
    assert!(matches!(updater.step().unwrap(), Step::Load(_)));
}

#[test]
fn inspection_shows_what_a_file_says() {
    let repository = Repository::new();
    for (file, kind) in [
        ("1.root.json", "root"),
        ("timestamp.json", "timestamp"),
        ("1.snapshot.json", "snapshot"),
        ("1.targets.json", "targets"),
    ] {
        let found = inspect(&repository.file(file)).unwrap();
        assert_eq!((found.kind, found.version), (kind, 1));
        assert_eq!(found.signed_by, [key_id(kind)]);
    }
}
