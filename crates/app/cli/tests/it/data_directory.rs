//! A data directory that cannot be used, or in which something is damaged: `seal` refuses and says
//! why, `log fsck` says it too, and what was sealed before can be verified for as long as the
//! trusted root can be told.

mod damages;

use self::damages::DAMAGES;
use crate::harness::Run;
use crate::harness::Sandbox;
use crate::harness::copy;
use crate::harness::flip;

const SEGMENT: &str = "log/tree/segment/0000000000000000";
const CHECKPOINT: &str = "log/tree/checkpoint";
const INSTANCE: &str = "authority/instance.json";

#[test]
fn refuses_to_go_on_with_what_is_damaged() {
    let sandbox = Sandbox::new();
    for name in ["app.txt", "other.txt"] {
        sandbox.write(name, name);
        sandbox.seal(name);
    }
    let (identity, issuer) = sandbox.signer();
    let good = sandbox.path("../good");
    copy(&sandbox.home(), &good);
    for (what, damage, outcomes) in DAMAGES {
        println!("case: {what}");
        damage(&sandbox.home());
        sandbox.write("new.txt", "new");
        let before = sandbox.work();
        let commands: [&[&str]; 3] = [
            &[
                "verify",
                "app.txt",
                "--identity",
                &identity,
                "--issuer",
                &issuer,
            ],
            &["seal", "new.txt"],
            &["log", "fsck"],
        ];
        // The log is looked at before something is sealed, which may mend it.
        for which in [0, 2, 1] {
            let (arguments, outcome) = (commands[which], &outcomes[which]);
            println!("{arguments:?}");
            let run = sandbox.run(arguments);
            match outcome {
                None => assert_eq!(run.code, 0, "{}", run.stderr),
                Some(code) => {
                    run.fails_with(3, code);
                    assert_eq!(sandbox.work(), before);
                }
            }
        }
        // A refused seal adds nothing to the log; one that went through adds its three entries.
        if outcomes[1].is_none() || outcomes[2].is_none() {
            let wanted = if outcomes[1].is_none() { 9 } else { 6 };
            assert_eq!(sandbox.log_size(), wanted);
        }
        let remove = match sandbox.home().is_dir() {
            true => std::fs::remove_dir_all(sandbox.home()),
            false => std::fs::remove_file(sandbox.home()),
        };
        remove.unwrap();
        copy(&good, &sandbox.home());
        for name in sandbox.files() {
            if name.starts_with("new.txt") {
                std::fs::remove_file(sandbox.path(&name)).unwrap();
            }
        }
    }
}

/// What is damaged long before the end does not stop what comes after it, but is not hidden.
#[test]
fn finds_damage_anywhere_in_the_log() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..22).map(|number| format!("{number}.txt")).collect();
    for name in &names {
        sandbox.write(name, name);
    }
    let mut arguments = vec!["seal"];
    arguments.extend(names.iter().map(String::as_str));
    let run = sandbox.run(&arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    sandbox.write("last.txt", "last");
    sandbox.seal("last.txt");
    assert_eq!(sandbox.log_size(), 69);
    assert!(
        sandbox
            .home()
            .join("log/tree/segment/0000000000000001")
            .exists()
    );
    for place in [200, 20_000] {
        flip(&sandbox.home().join(SEGMENT), place);
        sandbox
            .run(&["log", "fsck"])
            .fails_with(3, "store.log-damaged");
        flip(&sandbox.home().join(SEGMENT), place);
    }
    assert_eq!(sandbox.log_size(), 69);
}

#[test]
fn does_not_believe_a_clock_that_was_set_back() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let path = sandbox.home().join(INSTANCE);
    let text = std::fs::read_to_string(&path).unwrap();
    let created = text.find(r#""created": ""#).unwrap() + r#""created": ""#.len();
    let mut later = text.clone();
    later.replace_range(created..created + 4, "2999");
    std::fs::write(&path, later).unwrap();
    sandbox
        .run(&["seal", "app.txt", "--again"])
        .fails_with(3, "authority.clock-behind");
    std::fs::write(&path, text).unwrap();
    assert_eq!(sandbox.log_size(), 3);
}

#[test]
fn waits_for_whoever_holds_the_data_directory_and_no_longer_than_it_may() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let before = sandbox.work();
    let lock = std::fs::File::open(sandbox.home().join("lock")).unwrap();
    lock.lock().unwrap();
    let again = ["seal", "app.txt", "--again", "--timeout", "1s"];
    sandbox.run(&again).fails_with(3, "files.locked");
    // Looking needs no lock.
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
    assert_eq!(sandbox.work(), before);
    lock.unlock().unwrap();
    assert_eq!(sandbox.run(&again).code, 0);
}

/// Keys are not put wherever the process happens to stand.
#[test]
fn makes_no_data_directory_where_nobody_said_so() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    sandbox.write("root.json", sandbox.run(&["root", "show"]).stdout);
    assert_eq!(sandbox.run(&["root", "export", "backup.tar"]).code, 0);
    let (identity, issuer) = sandbox.signer();
    let before = sandbox.everything();
    let homeless = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env_remove("SEALWRIGHT_HOME").env_remove("HOME");
        Run::of(command.output().unwrap())
    };
    for arguments in [
        &["seal", "app.txt", "--again"][..],
        &["seal", "app.txt", "--dry-run"],
        &["root", "show"],
        &["root", "import", "backup.tar"],
        &["log", "fsck"],
    ] {
        println!("case: {arguments:?}");
        homeless(arguments).fails_with(2, "files.no-data-directory");
        assert_eq!(sandbox.everything(), before);
    }
    let verify = [
        "verify",
        "app.txt",
        "--identity",
        &identity,
        "--issuer",
        &issuer,
    ];
    homeless(&verify).fails_with(3, "trust.none");
    homeless(&[&verify[..], &["--profile", "local"]].concat())
        .fails_with(2, "files.no-data-directory");
    // What needs none works.
    for arguments in [
        &["explain"][..],
        &["sbom", "generate", "app.txt"],
        &[
            "verify",
            "app.txt",
            "--trusted-root",
            "root.json",
            "--identity",
            &identity,
            "--issuer",
            &issuer,
        ],
    ] {
        let run = homeless(arguments);
        assert_eq!(run.code, 0, "{arguments:?} {}", run.stderr);
    }
    assert_eq!(sandbox.everything(), before);
}

#[test]
fn refuses_a_data_directory_that_others_may_write_to() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let before = sandbox.work();
    sandbox.with_mode(&sandbox.home(), 0o777, || {
        sandbox
            .run(&["seal", "app.txt", "--again"])
            .fails_with(3, "files.not-private");
        sandbox
            .run(&["root", "show"])
            .fails_with(3, "files.not-private");
    });
    assert_eq!(sandbox.work(), before);
}

#[test]
fn says_that_the_data_directory_cannot_be_read() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let (identity, issuer) = sandbox.signer();
    let verify = [
        "verify",
        "app.txt",
        "--identity",
        &identity,
        "--issuer",
        &issuer,
    ];
    let before = sandbox.work();
    sandbox.with_mode(&sandbox.home(), 0o000, || {
        for arguments in [
            &verify[..],
            &["seal", "app.txt", "--again"],
            &["root", "show"],
            &["log", "fsck"],
        ] {
            sandbox
                .run_stoppable(arguments)
                .fails_with(3, "files.unreadable");
        }
    });
    let instance = sandbox.home().join(INSTANCE);
    sandbox.with_mode(&instance, 0o000, || {
        sandbox
            .run_stoppable(&verify)
            .fails_with(3, "files.unreadable");
    });
    assert_eq!(sandbox.work(), before);
    let run = sandbox.run_stoppable(&verify);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn verifies_but_does_not_seal_with_a_data_directory_that_cannot_be_written() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let (identity, issuer) = sandbox.signer();
    let verify = [
        "verify",
        "app.txt",
        "--identity",
        &identity,
        "--issuer",
        &issuer,
    ];
    sandbox.with_mode(&sandbox.home(), 0o500, || {
        sandbox.with_mode(&sandbox.home().join("authority"), 0o500, || {
            let before = sandbox.work();
            let run = sandbox.run_stoppable(&verify);
            assert_eq!(run.code, 0, "{}", run.stderr);
            let run = sandbox.run_stoppable(&["log", "fsck"]);
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert_eq!(sandbox.work(), before);
        });
    });
    let segment = sandbox.home().join(SEGMENT);
    sandbox.with_mode(&segment, 0o400, || {
        let again = ["seal", "app.txt", "--again"];
        sandbox
            .run_stoppable(&again)
            .fails_with(3, "store.io-failed");
    });
    assert_eq!(sandbox.log_size(), 3);
    sandbox.with_mode(&sandbox.path(".."), 0o500, || {
        let nowhere = Sandbox::new();
        nowhere.write("app.txt", "hello");
        let run = nowhere.run_stoppable(&["seal", "app.txt", "--home", "/proc/sealwright"]);
        run.fails_with(3, "files.write-failed");
        assert_eq!(nowhere.files(), ["app.txt"]);
    });
}

#[test]
fn leaves_nothing_where_evidence_cannot_be_written() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.write("evidence/.keep", "");
    sandbox.seal("app.txt");
    sandbox.write("app.txt", "changed");
    let before = sandbox.work();
    let logged = sandbox.log_size();
    sandbox.with_mode(&sandbox.path(""), 0o555, || {
        sandbox
            .run_stoppable(&["seal", "app.txt"])
            .fails_with(3, "files.write-failed");
    });
    sandbox.with_mode(&sandbox.path("evidence"), 0o555, || {
        sandbox
            .run_stoppable(&["seal", "app.txt", "--out", "evidence"])
            .fails_with(3, "files.write-failed");
    });
    sandbox.with_mode(&sandbox.path("app.txt"), 0o000, || {
        sandbox
            .run_stoppable(&["seal", "app.txt"])
            .fails_with(3, "files.unreadable");
    });
    assert_eq!(sandbox.work(), before);
    assert_eq!(
        sandbox.log_size(),
        logged,
        "asked before anything was signed"
    );
    let run = sandbox.run_stoppable(&["seal", "app.txt"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// Without permissions, which do not stop everybody.
#[test]
fn signs_nothing_when_something_stands_in_the_place_of_evidence() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.write("tree/a.txt", "hello");
    sandbox.seal("app.txt");
    sandbox.seal("dir:tree");
    sandbox.write("app.txt", "changed");
    sandbox.write("tree/a.txt", "changed");
    sandbox.write("in/app.txt.spdx.json/x", "");
    let logged = sandbox.log_size();
    for arguments in [
        &["seal", "app.txt", "--out", "in"][..],
        &["seal", "dir:tree", "--out", "/proc/self"],
        &["seal", "app.txt", "--out", "/proc/self"],
    ] {
        let before = sandbox.work();
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 3, "{arguments:?} {}", run.stderr);
        assert!(run.stderr.starts_with("error[files."), "{}", run.stderr);
        assert_eq!(sandbox.work(), before);
        assert_eq!(sandbox.log_size(), logged, "{arguments:?}");
    }
    let mut piped = sandbox.command(&["seal", "-", "--out", "/proc/self"]);
    let output = piped.stdin(std::process::Stdio::null()).output().unwrap();
    Run::of(output).fails_with(3, "files.write-failed");
    assert_eq!(sandbox.log_size(), logged);
    // The others are sealed all the same.
    let run = sandbox.run(&[
        "seal", "app.txt", "dir:tree", "--sbom", "none", "--out", "in",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}
