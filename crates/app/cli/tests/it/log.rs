//! `sealwright log …`.

use crate::harness::Sandbox;

#[test]
fn checks_and_shows_what_was_logged() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let checked = sandbox.run(&["log", "fsck", "-o", "json"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert_eq!(checked.json()["size"], 3);
    let entry = sandbox.run(&["log", "show", "0", "-o", "json"]);
    assert_eq!(entry.json()["body"]["kind"], "hashedrekord");
    sandbox
        .run(&["log", "show", "3"])
        .fails_with(2, "store.no-entry");
}

#[test]
fn has_nothing_to_check_before_the_first_seal() {
    Sandbox::new()
        .run(&["log", "fsck"])
        .fails_with(3, "log.absent");
}
