//! What reaches a terminal, a pipe, a shell or a program that reads JSON.

use std::process::Stdio;

use sealwright_testkit::registry::Access;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::FaultKind;
use sealwright_testkit::registry::Referrers;
use serde_json::Value;

use crate::harness::Run;
use crate::harness::Sandbox;

const ESCAPE: char = '\u{1b}';
/// A name that clears the screen, turns text around and holds a quote and a backslash.
const EVIL: &str = "a\u{1b}[2Jb\u{202e}c\u{9b}31m'\\d";
const EVIL_PARTS: [&str; 3] = ["\u{1b}[2J", "\u{202e}", "\u{9b}"];

fn sealed(name: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(name, "hello");
    sandbox.seal(name);
    sandbox
}

fn run_with(sandbox: &Sandbox, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let mut command = sandbox.command(arguments);
    Run::of(command.envs(environment.iter().copied()).output().unwrap())
}

#[test]
fn styles_reach_terminals_alone() {
    let sandbox = sealed("app.txt");
    let all: [&[&str]; 9] = [
        &["seal", "app.txt"],
        &["verify", "app.txt"],
        &["verify", "app.txt", "--identity", "x", "--issuer", "y"],
        &["verify", "missing"],
        &["log", "fsck"],
        &["log", "show", "0"],
        &["--help"],
        &["seal", "--help"],
        &["nonsense"],
    ];
    let mut styled = 0;
    for arguments in all {
        for environment in [
            &[][..],
            &[("NO_COLOR", "1")],
            &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
            &[("TERM", "dumb")],
        ] {
            let run = run_with(&sandbox, arguments, environment);
            let both = format!("{}{}", run.stdout, run.stderr);
            assert!(
                !both.contains(ESCAPE),
                "{arguments:?} {environment:?} {both:?}"
            );
        }
        let run = run_with(&sandbox, arguments, &[("CLICOLOR_FORCE", "1")]);
        styled += usize::from(run.stdout.contains(ESCAPE) || run.stderr.contains(ESCAPE));
    }
    assert!(styled >= 5, "{styled}");
}

/// Whatever strangers write is shown as text. Styles are forced: else everything would be taken out.
#[test]
fn strangers_do_not_write_to_the_terminal() {
    let sandbox = sealed(EVIL);
    let lock = "version = 4\n[[package]]\nname = \"a\\u001b[2Jb\\u202e\"\nversion = \"1\\u009b\"\n";
    sandbox.write("tree/Cargo.lock", lock);
    sandbox.seal("dir:tree");
    sandbox.write("empty", "");
    let registry = FakeRegistry::start(Referrers::None, Access::Open);
    registry.fail("", "", 1000, FaultKind::error(403, EVIL));
    let image = format!("{}/app:1", registry.host());
    let root = sandbox.run(&["root", "show"]).stdout;
    sandbox.write(
        "root.json",
        root.replace(
            "https://log.",
            &format!("https://{EVIL}log.")
                .replace('\\', "\\\\")
                .replace(ESCAPE, "\\u001b"),
        ),
    );
    let broken = root.replacen("\"certChain\"", "\"\\u001b[2J\\u202e\"", 1);
    sandbox.write("broken.json", broken);
    let missing = format!("missing{EVIL}");
    let exported = format!("{EVIL}.tar");
    let home = format!("{EVIL}-home");
    let annotation = format!("{EVIL}={EVIL}");
    let manual = format!("empty/{EVIL}");
    let (identity, issuer) = sandbox.signer();
    let signer = ["--identity", &identity, "--issuer", &issuer];
    let mut cases: Vec<Vec<&str>> = [
        &["seal", EVIL][..],
        &["seal", EVIL, "--again", "--annotation", &annotation],
        &["seal", EVIL, "--dry-run", "--again"],
        &["seal", EVIL, "--sbom", "cyclonedx", "-v"],
        &["seal", "dir:tree", "--again"],
        &["seal", &missing],
        &["seal", "empty", "--out", &missing],
        &["seal", &image],
        &["verify", EVIL],
        &["verify", EVIL, "--identity", EVIL, "--issuer", EVIL],
        &[
            "verify",
            EVIL,
            "--identity-regexp",
            EVIL,
            "--issuer-regexp",
            EVIL,
        ],
        &[
            "verify",
            EVIL,
            "--identity-regexp",
            "(\u{1b}[2J",
            "--issuer",
            "x",
        ],
        &["sbom", "show", "dir:tree"],
        &["sbom", "show", &missing],
        &["explain", EVIL],
        &["root", "export", &exported],
        &["root", "export", &missing, "--home", &missing],
        &["root", "import", &exported, "--home", &home],
        &["root", "show", "--home", &missing],
        &["log", "show", "0"],
        &["log", "fsck", "--home", &missing],
        &["man", &manual],
    ]
    .iter()
    .map(|arguments| arguments.to_vec())
    .collect();
    for more in [
        &["verify", EVIL, "-v"][..],
        &["verify", "empty", "--bundle", EVIL],
        &["verify", &missing],
        &["verify", &image],
        &["verify", EVIL, "--trusted-root", &missing],
        &["verify", EVIL, "--trusted-root", "root.json", "-v"],
        &["verify", EVIL, "--trusted-root", "broken.json"],
    ] {
        cases.push([more, &signer].concat());
    }
    for arguments in cases {
        let run = run_with(&sandbox, &arguments, &[("CLICOLOR_FORCE", "1")]);
        for part in EVIL_PARTS {
            for stream in [&run.stdout, &run.stderr] {
                assert!(!stream.contains(part), "{arguments:?} {stream:?}");
            }
        }
    }
}

#[test]
fn a_command_with_strange_names_works_as_pasted() {
    let sandbox = sealed(EVIL);
    let run = sandbox.run(&["seal", EVIL]);
    let command = run
        .stdout
        .lines()
        .find(|line| line.contains(" verify "))
        .unwrap();
    let mut bash = std::process::Command::new("bash");
    bash.args(["-c", command])
        .env("SEALWRIGHT_HOME", sandbox.home())
        .current_dir(sandbox.path(""));
    let pasted = Run::of(bash.output().unwrap());
    assert_eq!(pasted.code, 0, "{command} {}", pasted.stderr);
}

/// Every command below another, each as its words.
fn commands(sandbox: &Sandbox, words: &[String]) -> Vec<Vec<String>> {
    let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
    arguments.push("--help");
    let run = sandbox.run(&arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    let below: Vec<Vec<String>> = run
        .stdout
        .split("\nCommands:\n")
        .nth(1)
        .unwrap_or_default()
        .lines()
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(|name| [words, &[name.to_owned()]].concat())
        .collect();
    if words == ["compat", "cosign"] {
        assert!(run.stdout.contains("Usage:\ncosign "), "{}", run.stdout);
        return vec![words.to_vec()];
    }
    if below.is_empty() {
        assert!(run.stdout.contains("Examples:\n  sealwright "), "{words:?}");
        return vec![words.to_vec()];
    }
    below
        .iter()
        .flat_map(|words| commands(sandbox, words))
        .collect()
}

#[test]
fn every_command_has_help_with_an_example_and_a_manual_page() {
    let sandbox = Sandbox::new();
    let commands = commands(&sandbox, &[]);
    assert!(commands.len() >= 12, "{commands:?}");
    let run = sandbox.run(&["man", "manual/man1"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    for words in commands {
        let page = format!("manual/man1/sealwright-{}.1", words.join("-"));
        let page = String::from_utf8(sandbox.read(&page)).unwrap();
        assert!(page.contains("Examples"), "{words:?}");
    }
    assert!(sandbox.path("manual/man1/sealwright.1").exists());
}

#[test]
fn completes_in_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = sandbox.run(&["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        for word in ["sealwright", "verify", "trusted-root"] {
            assert!(run.stdout.contains(word), "{shell} {word}");
        }
    }
    let script = sandbox.run(&["completions", "bash"]).stdout;
    sandbox.write("completions.bash", script);
    let mut bash = std::process::Command::new("bash");
    bash.args(["-n", "completions.bash"])
        .current_dir(sandbox.path(""));
    assert!(bash.status().unwrap().success());
}

#[test]
fn quiet_says_nothing_but_errors() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    let ci: &[(&str, &str)] = &[("CI", "true")];
    let loud = run_with(&sandbox, &["seal", "app.txt"], ci);
    assert!(loud.stderr.contains("warning"), "{}", loud.stderr);
    let (identity, issuer) = sandbox.signer();
    let verify = [
        "verify",
        "app.txt",
        "--identity",
        &identity,
        "--issuer",
        &issuer,
        "-q",
    ];
    for arguments in [
        &["seal", "app.txt", "-q", "--again"][..],
        &verify,
        &["root", "export", "backup.tar", "-q"],
        &["root", "import", "backup.tar", "-q", "--home", "elsewhere"],
        &["log", "fsck", "-q"],
    ] {
        let run = run_with(&sandbox, arguments, ci);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    }
    let run = run_with(&sandbox, &["verify", "app.txt", "-q"], ci);
    run.fails_with(2, "usage.identity-required");
    let talk = |line: &&str| !line.starts_with("error[") && !line.starts_with("  help: ");
    assert_eq!(run.stderr.lines().find(talk), None);
}

#[test]
fn a_reader_that_had_enough_is_no_failure() {
    let sandbox = sealed("app.txt");
    let (identity, issuer) = sandbox.signer();
    let verify = [
        "verify",
        "app.txt",
        "--identity",
        &identity,
        "--issuer",
        &issuer,
    ];
    for arguments in [
        &["explain"][..],
        &["--help"],
        &["seal", "app.txt", "--again"],
        &["seal", "app.txt", "-o", "json"],
        &verify,
        &["completions", "bash"],
        &["root", "show"],
        &["sbom", "generate", "app.txt"],
        &["sbom", "show", "app.txt"],
        &["log", "fsck"],
        &["log", "show", "0", "-o", "json"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = sandbox.command(arguments);
        let output = command
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let run = Run::of(output);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn json_is_as_its_schema_says() {
    let sandbox = sealed("app.txt");
    sandbox.write("bare.txt", "x");
    sandbox.write("broken.txt", "x");
    sandbox.write("broken.txt.sigstore.json", "{}");
    let (identity, issuer) = sandbox.signer();
    let signer = ["--identity", &identity, "--issuer", &issuer, "-o", "json"];
    let verify = |targets: &[&'static str]| {
        let mut arguments = vec!["verify"];
        arguments.extend(targets);
        arguments.extend(signer);
        arguments
    };
    let everything = ["app.txt", "bare.txt", "broken.txt", "missing.txt"];
    for (arguments, exit, name) in [
        (vec!["seal", "app.txt", "-o", "json"], 0, "seal"),
        (vec!["seal", "app.txt", "--again", "-o", "json"], 0, "seal"),
        (
            vec!["seal", "bare.txt", "--dry-run", "-o", "json"],
            0,
            "seal",
        ),
        (vec!["seal", "missing.txt", "-o", "json"], 3, "seal"),
        (verify(&["app.txt"]), 0, "verify"),
        (verify(&["bare.txt"]), 1, "verify"),
        (verify(&["broken.txt"]), 3, "verify"),
        (verify(&everything), 1, "verify"),
        (vec!["verify", "app.txt", "-o", "json"], 2, "verify"),
        (vec!["log", "fsck", "-o", "json"], 0, "log-fsck"),
        (vec!["log", "show", "0", "-o", "json"], 0, "log-entry"),
        (vec!["sbom", "show", "app.txt", "-o", "json"], 0, "sbom"),
    ] {
        let run = sandbox.run(&arguments);
        assert_eq!(run.code, exit, "{arguments:?} {}", run.stderr);
        let document = run.json();
        assert_eq!(document["schema"], format!("sealwright.dev/{name}/v1"));
        let path = format!(
            "{}/../../../docs/reference/schemas/{name}.v1.schema.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let problems: Vec<_> = validator
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(problems, Vec::<String>::new(), "{arguments:?}");
    }
}

/// It is answered before the arguments are parsed, and as they would be.
#[test]
fn says_its_version() {
    let sandbox = Sandbox::new();
    let wanted = format!("sealwright {}\n", env!("CARGO_PKG_VERSION"));
    for arguments in [&["--version"][..], &["-V"], &["--quiet", "--version"]] {
        let run = sandbox.run(arguments);
        assert_eq!((run.code, &run.stdout, &*run.stderr), (0, &wanted, ""));
    }
}
