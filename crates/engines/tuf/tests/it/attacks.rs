//! Every attack that the specification means to withstand (section 1.5.2), one thing wrong at a
//! time. Extraneous dependencies are the application's concern: nothing here knows of any.

use serde_json::Value;
use serde_json::json;

use crate::client::Client;
use crate::repository::Listing;
use crate::repository::Repository;
use crate::repository::expired;
use crate::repository::key_id;

const FOUR: [&str; 4] = ["root", "timestamp", "snapshot", "targets"];

/// What the cache holds after an update to version 2 that fails at a role: all before it.
fn versions_before(role: &str) -> [u64; 4] {
    match role {
        "root" => [1, 1, 1, 1],
        "timestamp" => [2, 1, 1, 1],
        "snapshot" => [2, 2, 1, 1],
        _ => [2, 2, 2, 1],
    }
}

fn file_of(role: &str) -> String {
    match role {
        "timestamp" => "timestamp.json".to_owned(),
        role => format!("2.{role}.json"),
    }
}

/// A client of version 1 meets a version 2 in which one file was changed after it was signed.
fn check_changed(role: &str, change: impl Fn(&mut Value), code: &str) {
    let mut repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    repository.publish_all();
    let name = file_of(role);
    let mut file: Value = serde_json::from_slice(&repository.file(&name)).unwrap();
    change(&mut file);
    repository
        .files
        .insert(name, serde_json::to_vec(&file).unwrap());
    assert_eq!(client.refusal(&repository), code, "{role}");
    assert_eq!(client.versions(), versions_before(role), "{role}");
}

/// The same, changed before it was signed.
fn check_signed(role: &str, change: impl Fn(&mut Value), code: &str) {
    let mut repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    repository.publish_all();
    change(repository.signed(role));
    let bytes = repository.sign(role);
    repository.serve(role, 2, bytes);
    assert_eq!(client.refusal(&repository), code, "{role}");
    assert_eq!(client.versions(), versions_before(role), "{role}");
}

#[test]
fn arbitrary_software_is_not_signed() {
    for role in FOUR {
        let code = "tuf.bad-signature-threshold";
        check_changed(role, |file| file["signatures"] = json!([]), code);
        check_changed(role, |file| file["signed"]["later"] = json!(1), code);
        check_changed(
            role,
            |file| file["signatures"][0]["sig"] = json!("00"),
            code,
        );
        check_changed(
            role,
            |file| file["signatures"][0]["keyid"] = json!("00"),
            code,
        );
    }
}

#[test]
fn a_key_of_another_role_does_not_sign() {
    for role in FOUR {
        let mut repository = Repository::new();
        let mut client = Client::up_to_date(&repository);
        let other = if role == "root" { "timestamp" } else { "root" };
        repository.sign_with(role, &[other]);
        repository.publish_all();
        assert_eq!(client.refusal(&repository), "tuf.bad-signature-threshold");
        assert_eq!(client.versions(), versions_before(role));
    }
}

#[test]
fn fewer_keys_than_the_threshold_compromise_nothing() {
    for role in FOUR {
        let mut repository = Repository::new();
        repository.give_keys(role, &["a", "b", "c"], 2);
        let signers: &[&str] = if role == "root" {
            &["root", "a", "b"]
        } else {
            &["c", "a"]
        };
        repository.sign_with(role, signers);
        repository.publish_all();
        let mut client = Client::new(&repository);
        client.refresh(&repository).unwrap();

        repository.sign_with(role, &["b"]);
        repository.publish_all();
        assert_eq!(client.refusal(&repository), "tuf.bad-signature-threshold");
        assert_eq!(client.version(role), 2, "{role}");
    }
}

#[test]
fn one_key_reaches_no_threshold_of_two() {
    // Listed under two ids, in a role of two keys.
    let mut repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    repository.give_keys("timestamp", &["a"], 2);
    let root = repository.signed("root");
    root["keys"]["again"] = root["keys"][key_id("a")].clone();
    root["roles"]["timestamp"]["keyids"] = json!([key_id("a"), "again"]);
    repository.publish(&["root", "timestamp"]);
    let mut file: Value = serde_json::from_slice(&repository.file("timestamp.json")).unwrap();
    let mut again = file["signatures"][0].clone();
    again["keyid"] = json!("again");
    file["signatures"].as_array_mut().unwrap().push(again);
    repository.serve("timestamp", 2, serde_json::to_vec(&file).unwrap());
    assert_eq!(client.refusal(&repository), "tuf.bad-signature-threshold");
}

#[test]
fn ids_stand_once_among_signatures_and_in_a_role() {
    let twice = |file: &mut Value| {
        let signature = file["signatures"][0].clone();
        file["signatures"].as_array_mut().unwrap().push(signature);
    };
    for role in FOUR {
        check_changed(role, twice, "tuf.malformed");
    }
    let id = key_id("snapshot");
    let change = |root: &mut Value| root["roles"]["snapshot"]["keyids"] = json!([id, id]);
    check_signed("root", change, "tuf.malformed");
}

#[test]
fn a_bad_signature_beside_enough_good_ones_does_no_harm() {
    for sig in ["", "00", "no hexadecimal digits"] {
        let mut repository = Repository::new();
        repository.give_keys("timestamp", &["a", "b"], 1);
        repository.publish(&["root", "timestamp"]);
        let mut file: Value = serde_json::from_slice(&repository.file("timestamp.json")).unwrap();
        file["signatures"][0]["sig"] = json!(sig);
        repository.serve("timestamp", 2, serde_json::to_vec(&file).unwrap());
        Client::new(&repository).refresh(&repository).unwrap();
    }
}

#[test]
fn a_new_root_needs_the_old_keys_and_its_own() {
    // Old keys, new keys, who signs, and whether that is enough.
    for (old, new, signers, enough) in [
        (("a", 1), ("b", 1), "a b", true),
        (("a", 1), ("b", 1), "b", false),
        (("a", 1), ("b", 1), "a", false),
        (("a b c", 2), ("a b d", 2), "a b", true),
        (("a b c", 2), ("a b d", 2), "a c d", true),
        (("a b c", 2), ("a b d", 2), "a d", false),
        (("a b c", 2), ("a b d", 2), "a c", false),
        (("a b", 1), ("a b", 2), "a b", true),
        (("a b", 1), ("a b", 2), "b", false),
        (("a b", 2), ("a b", 1), "a b", true),
        (("a b", 2), ("a b", 1), "a", false),
    ] {
        let names = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        let mut repository = Repository::new();
        repository.give_keys("root", &names(old.0), old.1);
        repository.publish_as("root", 1);
        let mut client = Client::new(&repository);
        repository.give_keys("root", &names(new.0), new.1);
        repository.sign_with("root", &names(signers));
        repository.publish(&["root"]);
        let result = client.refresh(&repository);
        assert_eq!(result.is_ok(), enough, "{old:?} {new:?} {signers}");
        assert_eq!(client.version("root"), if enough { 2 } else { 1 });
    }
}

#[test]
fn a_first_root_that_did_not_sign_itself_is_not_used() {
    let mut repository = Repository::new();
    repository.sign_with("root", &["timestamp"]);
    repository.publish_as("root", 1);
    let mut client = Client::new(&repository);
    assert_eq!(client.refusal(&repository), "tuf.bad-signature-threshold");
    assert_eq!(client.fetched, [""; 0]);
}

#[test]
fn a_rollback_of_any_version_is_noticed() {
    // The timestamp itself.
    let mut repository = Repository::new();
    repository.publish(&["timestamp"]);
    let mut client = Client::up_to_date(&repository);
    repository.publish_as("timestamp", 1);
    assert_eq!(client.refusal(&repository), "tuf.rollback");
    assert_eq!(client.versions(), [1, 2, 1, 1]);

    for listing in [Listing::Versions, Listing::LengthsAndHashes] {
        // The snapshot, by a new timestamp.
        let mut repository = Repository::new();
        repository.listing = listing;
        repository.publish(&["snapshot", "timestamp"]);
        let mut client = Client::up_to_date(&repository);
        repository.publish_as("snapshot", 1);
        repository.publish(&["timestamp"]);
        assert_eq!(client.refusal(&repository), "tuf.rollback");
        assert_eq!(client.versions(), [1, 2, 2, 1]);

        // Targets, by a new snapshot.
        let mut repository = Repository::new();
        repository.listing = listing;
        repository.publish(&["targets", "snapshot", "timestamp"]);
        let mut client = Client::up_to_date(&repository);
        repository.publish_as("targets", 1);
        repository.publish(&["snapshot", "timestamp"]);
        assert_eq!(client.refusal(&repository), "tuf.rollback");
        assert_eq!(client.versions(), [1, 3, 2, 2]);
    }
}

#[test]
fn a_rollback_is_noticed_against_expired_metadata() {
    let mut repository = Repository::new();
    repository.publish(&["targets", "snapshot", "timestamp"]);
    let mut client = Client::up_to_date(&repository);
    for role in ["timestamp", "snapshot"] {
        let fresh = repository.signed(role)["expires"].clone();
        repository.signed(role)["expires"] = expired();
        let bytes = repository.sign(role);
        client.cache.insert(format!("{role}.json"), bytes);
        repository.signed(role)["expires"] = fresh;
    }
    repository.publish_as("targets", 1);
    repository.publish(&["snapshot", "timestamp"]);
    assert_eq!(client.refusal(&repository), "tuf.rollback");
    assert_eq!(client.version("snapshot"), 2);
    repository.publish_as("timestamp", 1);
    assert_eq!(client.refusal(&repository), "tuf.rollback");
}

#[test]
fn a_role_does_not_vanish_from_the_snapshot() {
    let mut repository = Repository::new();
    repository.delegate("targets", "a", json!({"paths": ["*"]}));
    repository.publish_all();
    let mut client = Client::up_to_date(&repository);
    let meta = &mut repository.signed("snapshot")["meta"];
    meta.as_object_mut().unwrap().remove("a.json").unwrap();
    repository.publish(&["snapshot", "timestamp"]);
    assert_eq!(client.refusal(&repository), "tuf.role-removed");
    assert_eq!(client.version("snapshot"), 2);
}

#[test]
fn a_root_of_another_version_than_the_next_is_refused() {
    for version in [1, 3] {
        check_signed(
            "root",
            |root| root["version"] = json!(version),
            "tuf.wrong-version",
        );
    }
}

#[test]
fn an_indefinite_freeze_ends_when_metadata_expires() {
    for role in FOUR {
        let mut repository = Repository::new();
        let mut client = Client::up_to_date(&repository);
        repository.signed(role)["expires"] = expired();
        repository.publish_all();
        assert_eq!(client.refusal(&repository), "tuf.expired");
        // A root is kept before its expiry is looked at.
        let versions = if role == "root" {
            [2, 1, 1, 1]
        } else {
            versions_before(role)
        };
        assert_eq!(client.versions(), versions);
    }
    // Nothing new at all, for too long.
    let repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    client.now = client.now.plus_seconds(31 * 24 * 60 * 60);
    assert_eq!(client.refusal(&repository), "tuf.expired");
}

#[test]
fn metadata_expires_the_moment_it_says() {
    let mut repository = Repository::new();
    let mut client = Client::new(&repository);
    repository.signed("timestamp")["expires"] = json!(client.now.to_string());
    repository.publish(&["timestamp"]);
    assert_eq!(client.refusal(&repository), "tuf.expired");
    client.now = client.now.plus_seconds(-1);
    client.refresh(&repository).unwrap();
}

#[test]
fn a_frozen_timestamp_of_the_same_version_is_noticed() {
    let mut repository = Repository::new();
    let mut client = Client::up_to_date(&repository);
    let timestamp = repository.file("timestamp.json");
    client.now = client.now.plus_seconds(31 * 24 * 60 * 60);
    repository.signed("root")["expires"] = json!(client.now.plus_seconds(60).to_string());
    repository.publish(&["root"]);
    assert_eq!(repository.file("timestamp.json"), timestamp);
    assert_eq!(client.refusal(&repository), "tuf.expired");
    assert_eq!(client.fetched.last().unwrap(), "timestamp.json");
}

#[test]
fn metadata_of_two_snapshots_does_not_mix() {
    // By version: what stands under the new name is older, or newer, than what is listed.
    for role in ["snapshot", "targets"] {
        for version in [1, 3] {
            check_signed(
                role,
                |signed| signed["version"] = json!(version),
                "tuf.wrong-version",
            );
        }
    }
    // By hash: one version, signed twice.
    for role in ["snapshot", "targets"] {
        let mut repository = Repository::new();
        repository.listing = Listing::LengthsAndHashes;
        let mut client = Client::up_to_date(&repository);
        repository.publish_all();
        let good = repository.file(&file_of(role));
        let mut longer = good.clone();
        longer.push(b' ');
        repository.files.insert(file_of(role), longer);
        assert_eq!(client.refusal(&repository), "tuf.length-exceeded");
        let shorter = good.get(..good.len() - 1).unwrap().to_vec();
        repository.files.insert(file_of(role), shorter);
        assert_eq!(client.refusal(&repository), "tuf.length-mismatch");
        // As long, with another order of the two members at the top.
        let file: Value = serde_json::from_slice(&good).unwrap();
        let (signed, signatures) = (&file["signed"], &file["signatures"]);
        let in_order = format!(r#"{{"signatures":{signatures},"signed":{signed}}}"#);
        let swapped = format!(r#"{{"signed":{signed},"signatures":{signatures}}}"#);
        assert_eq!(in_order.as_bytes(), good);
        assert_eq!(swapped.len(), good.len());
        repository.files.insert(file_of(role), swapped.into_bytes());
        assert_eq!(client.refusal(&repository), "tuf.hash-mismatch");
        assert_eq!(client.versions(), versions_before(role));
    }
}

#[test]
fn a_cached_file_of_another_snapshot_is_not_used() {
    let mut repository = Repository::new();
    repository.listing = Listing::LengthsAndHashes;
    repository.publish(&["targets", "snapshot", "timestamp"]);
    let mut client = Client::up_to_date(&repository);
    // The same version, signed again with another content: not what the timestamp lists.
    for role in ["snapshot", "targets"] {
        repository.signed(role)["later"] = json!(1);
        let other = repository.sign(role);
        client.cache.insert(format!("{role}.json"), other);
    }
    client.refresh(&repository).unwrap();
    assert_eq!(
        client.cache["snapshot.json"],
        repository.file("2.snapshot.json")
    );
    assert_eq!(
        client.cache["targets.json"],
        repository.file("2.targets.json")
    );
}

#[test]
fn one_role_does_not_pass_for_another() {
    // A snapshot that the timestamp's key signed too, with all that a timestamp needs.
    let mut repository = Repository::new();
    repository.give_keys("timestamp", &["snapshot"], 1);
    repository.signed("snapshot")["meta"]["snapshot.json"] = json!({"version": 1});
    repository.publish(&["root"]);
    let mut client = Client::new(&repository);
    let snapshot = repository.sign("snapshot");
    repository.serve("timestamp", 1, snapshot);
    assert_eq!(client.refusal(&repository), "tuf.wrong-type");
    assert_eq!(client.versions(), [2, 0, 0, 0]);
}

#[test]
fn wrong_software_is_not_what_was_asked_for() {
    let mut repository = Repository::new();
    repository.add_target("targets", "dir/wanted", b"wanted content");
    repository.add_target("targets", "dir/other", b"trusted, but not wanted");
    repository.publish_all();
    let mut client = Client::new(&repository);
    let wanted = repository
        .files
        .keys()
        .find(|name| name.ends_with(".wanted"))
        .unwrap()
        .clone();
    for (bytes, code) in [
        (&b"trusted, but not wanted"[..], "tuf.length-exceeded"),
        (b"wanted CONTENT", "tuf.hash-mismatch"),
        (b"wanted", "tuf.length-mismatch"),
    ] {
        repository.files.insert(wanted.clone(), bytes.to_vec());
        let error = client.download(&repository, "dir/wanted").unwrap_err();
        assert_eq!(sealwright_core::Diagnostic::code(&error).as_str(), code);
    }
}

#[test]
fn a_mirror_that_leaves_files_out_is_noticed() {
    for role in ["timestamp", "snapshot", "targets"] {
        let mut repository = Repository::new();
        let mut client = Client::up_to_date(&repository);
        repository.publish_all();
        let left_out = repository.files.remove(&file_of(role)).unwrap();
        assert_eq!(client.refusal(&repository), "tuf.missing-metadata");
        assert_eq!(client.versions(), versions_before(role));
        // And another mirror that has them does.
        repository.files.insert(file_of(role), left_out);
        client.refresh(&repository).unwrap();
        assert_eq!(client.versions(), [2, 2, 2, 2]);
    }
}

#[test]
fn malformed_metadata_is_refused() {
    for role in FOUR {
        let changed = |change: &dyn Fn(&mut Value), code: &str| check_signed(role, change, code);
        for field in ["_type", "spec_version", "version", "expires"] {
            changed(
                &|it| drop(it.as_object_mut().unwrap().remove(field)),
                "tuf.malformed",
            );
            changed(&|it| it[field] = json!([it[field]]), "tuf.malformed");
        }
        for (field, value) in [
            ("version", json!(0)),
            ("version", json!(-1)),
            ("version", json!("2")),
            ("expires", json!("tomorrow")),
        ] {
            changed(&|it| it[field] = value.clone(), "tuf.malformed");
        }
        // No fraction has a signed form.
        check_changed(
            role,
            |it| it["signed"]["version"] = json!(2.5),
            "tuf.malformed",
        );
        check_changed(
            role,
            |it| it["signed"]["later"] = json!(0.5),
            "tuf.malformed",
        );
        changed(
            &|it| it["spec_version"] = json!("2.0.0"),
            "tuf.unsupported-version",
        );
        changed(&|it| it["_type"] = json!("mirrors"), "tuf.wrong-type");
        check_changed(
            role,
            |it| it["signed"] = json!([it["signed"]]),
            "tuf.malformed",
        );
        check_changed(role, |it| it["signatures"] = json!({}), "tuf.malformed");
    }
    for (role, pointer, value) in [
        ("root", "/keys", json!([])),
        ("root", "/roles/timestamp", json!(null)),
        ("root", "/roles/root/threshold", json!(0)),
        ("root", "/consistent_snapshot", json!("yes")),
        ("timestamp", "/meta", json!({})),
        ("timestamp", "/meta/snapshot.json/version", json!(0)),
        ("snapshot", "/meta/targets.json", json!(2)),
        ("snapshot", "/meta/targets.json/version", json!("2")),
        ("targets", "/targets", json!([])),
        ("targets", "/targets", json!({"a": {"length": 1}})),
        (
            "targets",
            "/targets",
            json!({"a": {"length": 1, "hashes": {}}}),
        ),
        (
            "targets",
            "/targets",
            json!({"a": {"length": -1, "hashes": {"sha256": "00"}}}),
        ),
        (
            "targets",
            "/targets",
            json!({"a": {"length": 1, "hashes": {"sha256": "00"}}}),
        ),
    ] {
        let change = |it: &mut Value| *it.pointer_mut(pointer).unwrap() = value.clone();
        check_signed(role, change, "tuf.malformed");
    }
}

#[test]
fn text_that_two_readers_understand_differently_is_refused() {
    for role in FOUR {
        let mut repository = Repository::new();
        let mut client = Client::up_to_date(&repository);
        repository.publish_all();
        let text = String::from_utf8(repository.file(&file_of(role))).unwrap();
        for changed in [
            text.replacen("\"version\":2", "\"version\":2,\"version\":2", 1),
            format!("{text}{text}"),
            text.replacen('{', "[", 1),
            String::new(),
        ] {
            assert_ne!(changed, text);
            repository.files.insert(file_of(role), changed.into_bytes());
            assert_eq!(client.refusal(&repository), "tuf.malformed");
        }
        assert_eq!(client.versions(), versions_before(role));
    }
}
