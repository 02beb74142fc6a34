//! Recovery from fast-forward attacks: versions start again when online keys are replaced (5.3.11).

use crate::client::Client;
use crate::repository::Repository;

#[test]
fn a_replaced_timestamp_key_lets_its_version_start_again() {
    let mut repository = Repository::new();
    repository.publish_as("timestamp", 100);
    let mut client = Client::up_to_date(&repository);
    repository.give_keys("timestamp", &["new"], 1);
    repository.publish(&["root"]);
    repository.publish_as("timestamp", 1);
    client.refresh(&repository).unwrap();
    assert_eq!(client.versions(), [2, 1, 1, 1]);
    assert_eq!(
        client.written,
        [
            "-timestamp.json",
            "-snapshot.json",
            "root.json",
            "timestamp.json",
            "snapshot.json"
        ]
    );
}

#[test]
fn a_replaced_snapshot_key_lets_all_versions_below_start_again() {
    let mut repository = Repository::new();
    repository.delegate("targets", "a", serde_json::json!({"paths": ["*"]}));
    repository.publish(&["a"]);
    repository.publish_as("targets", 100);
    repository.publish_as("snapshot", 100);
    repository.publish_as("timestamp", 100);
    let mut client = Client::up_to_date(&repository);
    // The timestamp's key is kept: its cached file goes all the same, for it names snapshot 100.
    repository.give_keys("snapshot", &["new"], 1);
    repository.publish(&["root"]);
    repository.publish_as("targets", 2);
    let meta = &mut repository.signed("snapshot")["meta"];
    meta.as_object_mut().unwrap().remove("a.json").unwrap();
    repository.publish_as("snapshot", 2);
    repository.publish_as("timestamp", 101);
    client.refresh(&repository).unwrap();
    assert_eq!(client.versions(), [2, 101, 2, 2]);
}

#[test]
fn a_key_that_is_only_added_resets_nothing() {
    let mut repository = Repository::new();
    repository.publish_as("timestamp", 100);
    let mut client = Client::up_to_date(&repository);
    repository.give_keys("timestamp", &["timestamp", "another"], 1);
    repository.publish(&["root"]);
    repository.publish_as("timestamp", 1);
    assert_eq!(client.refusal(&repository), "tuf.rollback");
    assert_eq!(client.versions(), [2, 100, 1, 1]);
}

#[test]
fn a_change_of_other_keys_resets_nothing() {
    let mut repository = Repository::new();
    repository.publish_as("timestamp", 100);
    let mut client = Client::up_to_date(&repository);
    repository.give_keys("targets", &["new"], 1);
    repository.publish(&["root", "targets", "snapshot"]);
    repository.publish_as("timestamp", 1);
    assert_eq!(client.refusal(&repository), "tuf.rollback");
}

#[test]
fn recovery_needs_no_cache_that_can_be_written() {
    let mut repository = Repository::new();
    repository.publish_as("targets", 100);
    repository.publish_as("snapshot", 100);
    repository.publish_as("timestamp", 100);
    let mut client = Client::up_to_date(&repository);
    repository.give_keys("snapshot", &["new"], 1);
    repository.publish(&["root"]);
    repository.publish_as("targets", 2);
    repository.publish_as("snapshot", 2);
    repository.publish_as("timestamp", 101);
    client.read_only = true;
    client.refresh(&repository).unwrap();
    assert_eq!(client.versions(), [1, 100, 100, 100]);
}
