//! A log that is gone while its authority is there: no other one takes its place, and how to go on
//! is said. What a crash can leave is no such case.

use std::path::Path;

use crate::harness::Sandbox;

/// A sandbox in which the first seal issued a certificate and could not log what it signed.
fn issued_and_not_logged() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    let tree = sandbox.home().join("log/tree");
    let lock = tree.join("lock");
    for directory in [&sandbox.home(), &sandbox.home().join("log"), &tree, &lock] {
        std::fs::create_dir(directory).unwrap();
    }
    sandbox
        .run(&["seal", "app.txt"])
        .fails_with(3, "store.io-failed");
    std::fs::remove_dir(lock).unwrap();
    assert!(length(&sandbox.home().join("authority/issued.pem")) > 0);
    sandbox
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}

#[test]
fn goes_on_where_a_certificate_was_issued_and_nothing_logged_yet() {
    let sandbox = issued_and_not_logged();
    assert_eq!(sandbox.log_size(), 0);
    let root = sandbox.run(&["root", "show"]).stdout;
    sandbox.seal("app.txt");
    assert_eq!(sandbox.log_size(), 3);
    assert_eq!(sandbox.run(&["root", "show"]).stdout, root);
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
}

#[test]
fn makes_no_other_log_where_a_certificate_was_issued() {
    let sandbox = issued_and_not_logged();
    std::fs::remove_dir_all(sandbox.home().join("log")).unwrap();
    let before = sandbox.everything();
    for arguments in [
        &["seal", "app.txt"][..],
        &["root", "show"],
        &["log", "fsck"],
    ] {
        let run = sandbox.run(arguments);
        run.fails_with(3, "log.lost");
        assert!(run.stderr.contains("move the whole data directory away"));
    }
    // Not even a directory for it. The lock that writers hold may stand there.
    assert_eq!(sandbox.everything(), before);
}

#[test]
fn makes_a_log_where_an_authority_has_issued_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    // As a process leaves it that died between making the one and the other.
    let home = sandbox.home();
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("log"), "in the way").unwrap();
    sandbox
        .run(&["seal", "app.txt"])
        .fails_with(3, "files.not-a-directory");
    assert!(home.join("authority/instance.json").exists());
    std::fs::remove_file(home.join("log")).unwrap();
    sandbox.seal("app.txt");
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
}

#[test]
fn begins_a_new_instance_when_the_whole_data_directory_was_moved_away() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let (identity, _) = sandbox.signer();
    std::fs::rename(sandbox.home(), sandbox.path("../old")).unwrap();
    sandbox.write("other.txt", "other");
    assert_ne!(sandbox.seal("other.txt")["identity"], identity.as_str());
    assert_eq!(sandbox.log_size(), 3);
}
