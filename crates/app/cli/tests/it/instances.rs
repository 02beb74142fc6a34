//! `sealwright root init|update|list` and `--profile NAME`.

use std::process::Stdio;

use sealwright_tuf::editor::TopLevelRole;
use serde_json::Value;

use crate::harness::Run;
use crate::harness::Sandbox;
use crate::tuf_server::CENTURY;
use crate::tuf_server::TufServer;

/// What somebody else sealed: their data directory's root served by TUF, and the file that they
/// sealed in a sandbox that does not know them.
struct Corp {
    server: TufServer,
    identity: String,
    issuer: String,
    user: Sandbox,
}

impl Corp {
    fn new() -> Self {
        let corp = Sandbox::new();
        corp.write("app.txt", "hello");
        corp.seal("app.txt");
        let root = corp.run(&["root", "show"]).stdout;
        let (identity, issuer) = corp.signer();
        let user = Sandbox::new();
        for name in ["app.txt", "app.txt.sigstore.json"] {
            user.write(name, corp.read(name));
        }
        let signing = br#"{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}"#;
        let server = TufServer::new(&[
            ("trusted_root.json", root.as_bytes()),
            ("signing_config.v0.2.json", signing),
        ]);
        user.write("root.json", server.file("root.json"));
        Self {
            server,
            identity,
            issuer,
            user,
        }
    }

    fn arguments<'a>(&'a self, profile: &'a str) -> Vec<&'a str> {
        let verify = ["verify", "app.txt", "--offline", "--profile", profile];
        let signer = ["--identity", &self.identity, "--issuer", &self.issuer];
        verify.into_iter().chain(signer).collect()
    }

    fn verify(&self) -> Run {
        self.user.run(&self.arguments("corp"))
    }

    fn init(&self) -> Run {
        self.init_from(&self.server.url)
    }

    fn init_from(&self, mirror: &str) -> Run {
        let init = ["root", "init", "--name", "corp", "--mirror", mirror];
        self.user
            .run(&[&init[..], &["--root", "root.json"]].concat())
    }

    fn update(&self) -> Run {
        self.user.run(&["root", "update", "--profile", "corp"])
    }
}

#[test]
fn an_instance_becomes_a_profile() {
    let corp = Corp::new();
    corp.verify().fails_with(2, "usage.unknown-profile");
    let run = corp.init();
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("root 1, targets 1"), "{}", run.stdout);
    assert!(run.stderr.contains("--profile corp"), "{}", run.stderr);
    let run = corp.verify();
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    // Without being named it is not asked: it could speak for any issuer.
    let mut anybody = corp.arguments("corp");
    anybody.drain(3..5);
    corp.user.run(&anybody).fails_with(3, "trust.none");

    let list = corp.user.run(&["root", "list", "-o", "json"]).json();
    assert_eq!(list["schema"], "sealwright.dev/roots/v1");
    let sources: Vec<_> = list["roots"].as_array().unwrap().iter().collect();
    let of = |name: &str| {
        let found = sources.iter().find(|root| root["profile"] == name);
        (*found.unwrap()).clone()
    };
    assert_eq!(of("local")["failure"]["code"], "trust.no-root");
    assert_eq!(of("public")["source"], "embedded");
    assert_eq!(of("public")["signs"], true);
    assert_eq!(of("github")["signs"], false);
    let corps: Value = of("corp");
    assert_eq!(corps["source"], "tuf");
    assert_eq!(corps["mirror"], corp.server.url);
    assert_eq!(
        (&corps["rootVersion"], &corps["expired"]),
        (&1.into(), &false.into())
    );
    assert!(corp.user.run(&["root", "list"]).stdout.contains("corp"));

    let show = corp.user.run(&["root", "show", "--profile", "corp"]);
    assert!(
        show.stderr.contains("TUF repository http://127.0.0.1"),
        "{}",
        show.stderr
    );
    assert!(show.json()["tlogs"].is_array());
    let config = [
        "root",
        "show",
        "--profile",
        "corp",
        "--format",
        "trust-config",
    ];
    assert!(corp.user.run(&config).json()["signingConfig"].is_object());
}

/// A name beside the data directory's own things does not keep it from being made.
#[test]
fn a_data_directory_is_made_beside_instances() {
    let corp = Corp::new();
    assert_eq!(corp.init().code, 0);
    corp.user.write("own.txt", "own");
    corp.user.seal("own.txt");
    assert_eq!(corp.user.verify("own.txt", &[]).code, 0);
    assert_eq!(corp.verify().code, 0);
    let exported = ["root", "export", "backup.tar"];
    assert_eq!(corp.user.run(&exported).code, 0);
}

#[test]
fn what_was_revoked_passes_no_more() {
    let corp = Corp::new();
    assert_eq!(corp.init().code, 0);
    let stranger = Sandbox::new();
    stranger.write("x", "x");
    stranger.seal("x");
    let root = stranger.run(&["root", "show"]).stdout;
    let mut editor = corp.server.edit();
    editor.set_target("trusted_root.json", root.into_bytes(), None);
    corp.server.publish(editor, CENTURY);
    assert_eq!(corp.verify().code, 0);
    let run = corp.update();
    assert!(
        run.stdout.contains("the trusted root is a new one"),
        "{}",
        run.stdout
    );
    corp.verify().fails_with(3, "trust.none");
    // Nor when what is newer is damaged.
    let kept = corp.user.home().join("tuf/corp/kept.json");
    let text = std::fs::read_to_string(&kept).unwrap();
    std::fs::write(&kept, &text[..text.len() / 2]).unwrap();
    corp.verify().fails_with(3, "trust.kept-unusable");
    assert!(corp.update().stdout.contains("root 1, targets 2"));
    corp.verify().fails_with(3, "trust.none");
}

#[test]
fn what_has_expired_warns() {
    let corp = Corp::new();
    assert_eq!(corp.init().code, 0);
    // With a timestamp that nobody takes any more, as if time had passed.
    let editor = corp.server.edit();
    corp.server.publish(editor, 60);
    let expired = String::from_utf8(corp.server.file("timestamp.json")).unwrap();
    let kept = corp.user.home().join("tuf/corp/kept.json");
    let mut document: Value = serde_json::from_slice(&std::fs::read(&kept).unwrap()).unwrap();
    document["metadata"]["timestamp.json"] = expired.into();
    std::fs::write(&kept, document.to_string()).unwrap();
    let run = corp.verify();
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stderr.matches("warning").count(), 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("root update --profile corp"),
        "{}",
        run.stderr
    );
    let list = corp.user.run(&["root", "list"]).stdout;
    assert!(list.contains("expired"), "{list}");
    corp.update().fails_with(1, "tuf.expired");
    assert_eq!(corp.verify().code, 0);
}

#[test]
fn a_copy_on_the_disk_needs_no_network() {
    let corp = Corp::new();
    corp.server.copy_to(&corp.user.path("copy"));
    corp.server.files.lock().unwrap().clear();
    let mirror = format!("file://{}", corp.user.path("copy").display());
    let run = corp.init_from(&mirror);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(corp.verify().code, 0);
    assert_eq!(corp.update().code, 0);
}

#[test]
fn a_root_is_given_with_its_checksum_or_as_a_file() {
    let corp = Corp::new();
    let root = format!("{}/root.json", corp.server.url);
    let init = |more: &[&str]| {
        let base = ["root", "init", "--mirror", &corp.server.url];
        corp.user.run(&[&base[..], more].concat())
    };
    init(&["--name", "corp"]).fails_with(2, "usage.initial-root");
    init(&["--name", "corp", "--root", &root]).fails_with(2, "usage.initial-root");
    init(&["--root", "root.json"]).fails_with(2, "usage.initial-root");
    let zeros = "0".repeat(64);
    init(&["--name", "corp", "--root", &root, "--root-checksum", &zeros])
        .fails_with(1, "tuf.hash-mismatch");
    for bad in ["../corp", "public", "Corp"] {
        assert_eq!(init(&["--name", bad, "--root", "root.json"]).code, 2);
    }
    assert!(!corp.user.home().join("tuf/corp").exists());
    let digest = sealwright_core::Digest::sha256(&corp.server.file("root.json")).to_hex();
    let run = init(&[
        "--name",
        "corp",
        "--root",
        &root,
        "--root-checksum",
        &digest,
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_data_directory_that_cannot_be_written_serves_as_it_is() {
    let corp = Corp::new();
    assert_eq!(corp.init().code, 0);
    let home = corp.user.home();
    for path in ["tuf/corp/metadata", "tuf/corp", "tuf", ""] {
        let path = home.join(path);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o555);
        std::fs::set_permissions(path, mode).unwrap();
    }
    let run = corp.user.run_stoppable(&corp.arguments("corp"));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let run = corp
        .user
        .run_stoppable(&["root", "update", "--profile", "corp"]);
    run.fails_with(3, "files.write-failed");
    let run = corp.user.run_stoppable(&corp.arguments("corp"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    for path in ["", "tuf", "tuf/corp", "tuf/corp/metadata"] {
        let path = home.join(path);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(path, mode).unwrap();
    }
}

#[test]
fn a_killed_update_leaves_a_usable_state() {
    let corp = Corp::new();
    assert_eq!(corp.init().code, 0);
    for (round, file) in ["root", "timestamp", "snapshot", "targets"]
        .iter()
        .enumerate()
    {
        let mut editor = corp.server.edit();
        editor.renew(TopLevelRole::Root);
        editor.renew(TopLevelRole::Targets);
        corp.server.publish(editor, CENTURY);
        let path = match *file {
            "root" => format!("{}.root.json", round + 3),
            "timestamp" => "timestamp.json".to_owned(),
            role => format!("{}.{role}.json", round + 2),
        };
        let asked = corp.server.stop_at(&path);
        let mut child = corp
            .user
            .command(&["root", "update", "--profile", "corp"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        asked.recv().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let run = corp.verify();
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{path}");
    }
    assert!(corp.update().stdout.contains("root 5, targets 5"));
}

#[test]
fn processes_that_update_at_once_take_turns() {
    let corp = Corp::new();
    assert_eq!(corp.init().code, 0);
    let children: Vec<_> = (0..6)
        .map(|_| {
            corp.user
                .command(&["root", "update", "--profile", "corp"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    }
    assert_eq!(corp.verify().code, 0);
}

/// Updates on a file system at `$1` with `$2` KiB left, which is gone when it ends; `$3` is the binary,
/// and the repository at `$4` is the one at `$5` from then on.
const FULL: &str = r#"
mount -t tmpfs -o size=2m none "$1" || exit 77
export SEALWRIGHT_HOME="$1/home"
"$3" root init --name corp --mirror "file://$4" --root "$4/1.root.json" > /dev/null || exit 78
"$3" root show --profile corp 2> /dev/null | cksum
mv "$4" "$4.old" && mv "$5" "$4"
dd if=/dev/zero of="$1/fill" bs=1k 2> /dev/null
dd if=/dev/null of="$1/fill" bs=1k seek="$(($(stat -c %s "$1/fill") / 1024 - $2))" 2> /dev/null
"$3" root update --profile corp > /dev/null
echo "update $?"
"$3" root show --profile corp 2> /dev/null | cksum
rm "$1/fill"
"$3" root update --profile corp > /dev/null
echo "again $?"
"$3" root show --profile corp 2> /dev/null | cksum
"#;

#[test]
fn a_full_disk_leaves_what_was_there() {
    let corp = Corp::new();
    let stranger = Sandbox::new();
    stranger.write("x", "x");
    stranger.seal("x");
    let root = stranger.run(&["root", "show"]).stdout;
    let mut editor = corp.server.edit();
    editor.set_target("trusted_root.json", root.into_bytes(), None);
    corp.server.copy_to(&corp.user.path("old"));
    corp.server.publish(editor, CENTURY);
    corp.server.copy_to(&corp.user.path("new"));
    let mut failures = 0;
    for free in [0, 4, 8, 16, 64] {
        for (from, to) in [("old", "mirror"), ("new", "next")] {
            let to = corp.user.path(&format!("{to}{free}"));
            crate::harness::copy(&corp.user.path(from), &to);
        }
        let place = corp.user.path(&format!("full{free}"));
        std::fs::create_dir_all(&place).unwrap();
        let output = std::process::Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", FULL, "sh"])
            .arg(&place)
            .arg(free.to_string())
            .arg(env!("CARGO_BIN_EXE_sealwright"))
            .arg(corp.user.path(&format!("mirror{free}")))
            .arg(corp.user.path(&format!("next{free}")))
            .output()
            .unwrap();
        if matches!(output.status.code(), Some(1 | 77)) {
            println!("no file system of a test's own can be mounted here: nothing is tested");
            return;
        }
        let run = Run::of(output);
        let lines: Vec<&str> = run.stdout.lines().collect();
        let [first, update, kept, again, last] = lines[..] else {
            panic!("{free} KiB: {} {}", run.stdout, run.stderr);
        };
        assert_eq!(again, "again 0", "{free} KiB: {}", run.stderr);
        assert_ne!(first, last, "{free} KiB");
        match update {
            "update 0" => assert_eq!(kept, last, "{free} KiB"),
            _ => {
                assert_eq!((update, kept), ("update 3", first), "{free} KiB");
                assert!(
                    run.stderr.contains("error[files.no-space]"),
                    "{}",
                    run.stderr
                );
                failures += 1;
            }
        }
    }
    assert!(failures > 0);
}
