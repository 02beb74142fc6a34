//! `sealwright log …`.

use std::process::Child;
use std::process::Stdio;

use crate::harness::Run;
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

/// An export copies the data directory while it holds its lock alone, and looking at the log may
/// write: the checkpoint that a crash took, tiles.
#[test]
fn writes_nothing_while_the_data_directory_is_exported() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let checkpoint = sandbox.home().join("log/tree/checkpoint");
    let path = sandbox.home().join("lock");
    std::fs::remove_file(&checkpoint).unwrap();
    for arguments in [&["log", "fsck"][..], &["log", "show", "0"]] {
        let lock = std::fs::File::open(&path).unwrap();
        lock.lock().unwrap();
        let mut command = sandbox.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while !has_open(&child, &path) {
            assert!(child.try_wait().unwrap().is_none(), "did not wait");
            std::thread::yield_now();
        }
        assert!(!checkpoint.exists());
        lock.unlock().unwrap();
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    assert!(checkpoint.exists(), "made again by the second");
    // Where no lock can be had because nothing can be written, nothing is written.
    sandbox.with_mode(&path, 0o400, || {
        let run = sandbox.run_stoppable(&["log", "fsck"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    });
}

fn has_open(child: &Child, path: &std::path::Path) -> bool {
    let files = std::fs::read_dir(format!("/proc/{}/fd", child.id()));
    files
        .into_iter()
        .flatten()
        .flatten()
        .any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target == path))
}
