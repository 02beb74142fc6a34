//! Which roles are asked for a target, in which order, and with whose keys.

use sealwright_core::Diagnostic as _;
use serde_json::Value;
use serde_json::json;

use crate::client::Client;
use crate::repository::Repository;
use crate::repository::expired;
use crate::repository::key_id;

fn any() -> Value {
    json!({"paths": ["*", "*/*", "*/*/*"]})
}

fn terminating() -> Value {
    json!({"paths": ["*", "*/*"], "terminating": true})
}

fn only(pattern: &str) -> Value {
    json!({"paths": [pattern]})
}

/// The delegated roles that a search for a missing target asks for.
fn check(delegations: &[(&str, &str, Value)], wanted: &[&str]) {
    let mut repository = Repository::new();
    for (from, to, fields) in delegations {
        repository.delegate(from, to, fields.clone());
    }
    repository.publish_all();
    let mut client = Client::new(&repository);
    let error = client.download(&repository, "missing").unwrap_err();
    assert_eq!(error.code().as_str(), "tuf.missing-target");
    let visited = client.fetched.get(5..).unwrap();
    let name = |file: &String| file.split('.').nth(1).unwrap().to_owned();
    assert_eq!(visited.iter().map(name).collect::<Vec<_>>(), wanted);
}

#[test]
fn roles_are_visited_in_order_of_appearance_depth_first() {
    check(&[], &[]);
    check(
        &[("targets", "a", any()), ("targets", "b", any())],
        &["a", "b"],
    );
    check(
        &[
            ("targets", "a", any()),
            ("targets", "b", any()),
            ("a", "c", any()),
            ("a", "d", any()),
            ("c", "e", any()),
        ],
        &["a", "c", "e", "d", "b"],
    );
}

#[test]
fn a_terminating_delegation_is_the_last_one_heard() {
    check(
        &[
            ("targets", "a", any()),
            ("targets", "b", any()),
            ("a", "c", terminating()),
            ("a", "d", any()),
            ("c", "e", any()),
        ],
        &["a", "c", "e"],
    );
    // Only for paths that it matches.
    let elsewhere = json!({"paths": ["x/*"], "terminating": true});
    check(
        &[("targets", "a", elsewhere), ("targets", "b", any())],
        &["b"],
    );
    // Those before it are heard.
    check(
        &[
            ("targets", "a", any()),
            ("targets", "b", terminating()),
            ("targets", "c", any()),
        ],
        &["a", "b"],
    );
}

#[test]
fn a_role_is_visited_once() {
    check(
        &[
            ("targets", "a", any()),
            ("targets", "b", any()),
            ("b", "c", any()),
            ("c", "d", any()),
            ("d", "b", any()),
        ],
        &["a", "b", "c", "d"],
    );
    check(
        &[
            ("targets", "a", only("*.py")),
            ("targets", "b", any()),
            ("a", "c", any()),
        ],
        &["b"],
    );
}

#[test]
fn a_path_is_delegated_by_every_role_on_the_way() {
    let mut repository = Repository::new();
    repository.delegate("targets", "a", json!({"paths": ["*.doc", "foo-?.tgz"]}));
    repository.delegate("targets", "b", only("releases/*/*"));
    repository.delegate("b", "c", only("releases/x/*"));
    repository.delegate("b", "d", only("releases/y/*.zip"));
    for (role, path) in [
        ("targets", "file"),
        ("a", "readme.doc"),
        ("a", "releases/readme.doc"),
        ("a", "foo-alpha.tgz"),
        ("c", "releases/x/v1"),
        ("d", "releases/y/v1.zip"),
        ("d", "releases/z/v1.zip"),
        ("c", "other"),
    ] {
        repository.add_target(role, path, path.as_bytes());
    }
    repository.publish_all();
    let mut client = Client::new(&repository);
    for path in ["file", "readme.doc", "releases/x/v1", "releases/y/v1.zip"] {
        assert_eq!(client.download(&repository, path).unwrap(), path.as_bytes());
    }
    for path in [
        "releases/readme.doc",
        "foo-alpha.tgz",
        "releases/z/v1.zip",
        "README.DOC",
        "other",
    ] {
        let error = client.download(&repository, path).unwrap_err();
        assert_eq!(error.code().as_str(), "tuf.missing-target", "{path}");
    }
}

#[test]
fn the_first_role_that_lists_a_target_is_believed() {
    let mut repository = Repository::new();
    repository.delegate("targets", "a", any());
    repository.delegate("targets", "b", any());
    repository.add_target("a", "dir/file", b"by a");
    repository.add_target("b", "dir/file", b"by b");
    repository.publish_all();
    let mut client = Client::new(&repository);
    assert_eq!(client.download(&repository, "dir/file").unwrap(), b"by a");
    repository.add_target("targets", "dir/file", b"by the top");
    repository.publish_all();
    assert_eq!(
        client.download(&repository, "dir/file").unwrap(),
        b"by the top"
    );
}

#[test]
fn hash_bins_are_found_by_name() {
    // sha256("file") begins with 3b.
    let mut repository = Repository::new();
    repository.delegate("targets", "bin-3b", json!({}));
    repository.delegate(
        "targets",
        "prefixed",
        json!({"path_hash_prefixes": ["00", "3b"]}),
    );
    let delegations = &mut repository.signed("targets")["delegations"];
    let prefixed = delegations["roles"][1].take();
    delegations
        .as_object_mut()
        .unwrap()
        .remove("roles")
        .unwrap();
    delegations["succinct_roles"] = json!({
        "keyids": [key_id("bin-3b")], "threshold": 1, "bit_length": 8, "name_prefix": "bin"});
    repository.add_target("bin-3b", "file", b"in a bin");
    repository.publish_all();
    let mut client = Client::new(&repository);
    assert_eq!(client.download(&repository, "file").unwrap(), b"in a bin");
    assert_eq!(client.fetched.last().unwrap(), "1.bin-3b.json");

    let delegations = &mut repository.signed("targets")["delegations"];
    delegations
        .as_object_mut()
        .unwrap()
        .remove("succinct_roles")
        .unwrap();
    delegations["roles"] = json!([prefixed]);
    repository.add_target("prefixed", "file", b"by a prefix");
    repository.publish_all();
    assert_eq!(
        client.download(&repository, "file").unwrap(),
        b"by a prefix"
    );
}

#[test]
fn delegated_metadata_is_kept_and_used_again() {
    let mut repository = Repository::new();
    repository.delegate("targets", "../a", any());
    repository.add_target("../a", "file", b"content");
    repository.publish(&["../a", "targets", "snapshot", "timestamp"]);
    let bytes = repository.files.remove("1.../a.json").unwrap();
    repository.files.insert("1...%2Fa.json".to_owned(), bytes);
    let mut client = Client::new(&repository);
    assert_eq!(client.download(&repository, "file").unwrap(), b"content");
    assert_eq!(client.fetched.last().unwrap(), "1...%2Fa.json");
    assert_eq!(client.written.last().unwrap(), "..%2Fa.json");
    assert_eq!(client.download(&repository, "file").unwrap(), b"content");
    assert_eq!(client.fetched, ["2.root.json", "timestamp.json"]);
}

/// A delegated role that is wrong in one way ends the search.
fn check_refused(change: impl Fn(&mut Repository), code: &str) {
    let mut repository = Repository::new();
    repository.delegate("targets", "a", any());
    repository.add_target("a", "file", b"content");
    repository.add_target("targets", "top", b"top");
    change(&mut repository);
    let mut client = Client::new(&repository);
    let mut updater = client.begin().unwrap();
    let found = client.download_with(&mut updater, &repository, "file");
    assert_eq!(found.unwrap_err().code().as_str(), code);
    assert_eq!(client.version("a"), 0);
    // The update itself is whole.
    let top = client.download_with(&mut updater, &repository, "top");
    assert_eq!(top.unwrap(), b"top");
}

#[test]
fn delegated_metadata_is_checked_like_any_other() {
    let all = |repository: &mut Repository| repository.publish_all();
    check_refused(
        |repository| {
            repository.sign_with("a", &["targets"]);
            all(repository);
        },
        "tuf.bad-signature-threshold",
    );
    check_refused(
        |repository| {
            repository.signed("a")["expires"] = expired();
            all(repository);
        },
        "tuf.expired",
    );
    check_refused(
        |repository| {
            all(repository);
            repository.signed("snapshot")["meta"]["a.json"]["version"] = json!(7);
            repository.publish(&["snapshot", "timestamp"]);
            let a = repository.sign("a");
            repository.serve("a", 7, a);
        },
        "tuf.wrong-version",
    );
    check_refused(
        |repository| {
            all(repository);
            repository.files.remove("1.a.json").unwrap();
        },
        "tuf.missing-metadata",
    );
    check_refused(
        |repository| repository.publish(&["targets", "snapshot", "timestamp"]),
        "tuf.not-in-snapshot",
    );
    check_refused(
        |repository| {
            all(repository);
            let targets = repository.file("2.targets.json");
            repository.serve("a", 1, targets);
        },
        "tuf.bad-signature-threshold",
    );
}

#[test]
fn authority_does_not_pass_from_one_path_to_another() {
    // Two roles delegate to one name with different keys; it is signed with the first one's alone.
    let mut repository = Repository::new();
    repository.delegate("targets", "parent-a", only("a/*"));
    repository.delegate("targets", "parent-b", only("b/*"));
    repository.delegate_with_key("parent-a", "release", "key-a", only("a/*"));
    repository.delegate_with_key("parent-b", "release", "key-b", only("b/*"));
    repository.sign_with("release", &["key-a"]);
    repository.add_target("release", "a/file", b"by a");
    repository.add_target("release", "b/file", b"by a too");
    repository.publish_all();
    let mut client = Client::new(&repository);
    let mut updater = client.begin().unwrap();
    let found = client.download_with(&mut updater, &repository, "a/file");
    assert_eq!(found.unwrap(), b"by a");
    let found = client.download_with(&mut updater, &repository, "b/file");
    assert_eq!(
        found.unwrap_err().code().as_str(),
        "tuf.bad-signature-threshold"
    );
    let found = client.download_with(&mut updater, &repository, "a/file");
    assert_eq!(found.unwrap(), b"by a");

    // With both keys' signatures it is both roles'.
    repository.sign_with("release", &["key-a", "key-b"]);
    repository.publish_all();
    assert_eq!(client.download(&repository, "b/file").unwrap(), b"by a too");
}

#[test]
fn targets_are_named_by_any_of_their_hashes() {
    let content = b"content";
    let digest = |algorithm| sealwright_core::Digest::of(algorithm, content).to_hex();
    let sha256 = digest(sealwright_core::DigestAlgorithm::Sha256);
    let sha512 = digest(sealwright_core::DigestAlgorithm::Sha512);
    for (hashes, name) in [
        (json!({"sha256": sha256}), &sha256),
        (json!({"sha512": sha512}), &sha512),
        (
            json!({"sha512": sha512, "sha256": sha256, "later": "00"}),
            &sha256,
        ),
    ] {
        let mut repository = Repository::new();
        repository.signed("targets")["targets"]["dir/file"] =
            json!({"length": content.len(), "hashes": hashes, "custom": {"a": 1}});
        repository.publish_all();
        let path = format!("targets/dir/{name}.file");
        repository.files.insert(path, content.to_vec());
        let mut client = Client::new(&repository);
        assert_eq!(client.download(&repository, "dir/file").unwrap(), content);
    }
    let mut repository = Repository::new();
    repository.signed("targets")["targets"]["file"] =
        json!({"length": content.len(), "hashes": {"later": "00"}});
    repository.publish_all();
    repository
        .files
        .insert("targets/file".to_owned(), content.to_vec());
    let error = Client::new(&repository)
        .download(&repository, "file")
        .unwrap_err();
    assert_eq!(error.code().as_str(), "tuf.unknown-hash");
}
