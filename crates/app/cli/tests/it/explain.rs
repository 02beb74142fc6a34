//! `sealwright explain`.

use crate::harness::Sandbox;

#[test]
fn prints_the_page_of_a_code() {
    let run = Sandbox::new().run(&["explain", "artifact.digest-mismatch"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.starts_with("# artifact.digest-mismatch"));
    assert!(run.stdout.contains("## What to do"));
}

#[test]
fn suggests_codes_of_the_same_area() {
    let run = Sandbox::new().run(&["explain", "artifact.digest-missmatch"]);
    run.fails_with(2, "usage.unknown-code");
    assert!(run.stderr.contains("artifact.digest-mismatch"));
}

#[test]
fn lists_all_codes() {
    let run = Sandbox::new().run(&["explain"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.lines().count() > 30, "{}", run.stdout);
}
