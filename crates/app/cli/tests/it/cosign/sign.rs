//! `cosign sign-blob`, `attest-blob` and the commands about keys.

use std::process::Command;

use serde_json::Value;

use super::command;
use super::cosign;
use crate::harness::Run;
use crate::harness::Sandbox;

fn with_password(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let mut command: Command = command(sandbox, arguments);
    command.env("COSIGN_PASSWORD", "TEST ONLY");
    Run::of(command.output().unwrap())
}

/// A file and a key pair.
fn with_key() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("checksums.txt", "a release\n");
    let run = with_password(&sandbox, &["generate-key-pair"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr.contains("Private key written to cosign.key"),
        "{}",
        run.stderr
    );
    sandbox
}

const ALONE: [&str; 4] = ["--yes", "--key", "cosign.key", "--tlog-upload=false"];

fn sign(sandbox: &Sandbox, verb: &str, rest: &[&str]) -> Run {
    let mut line = vec![verb];
    line.extend(ALONE);
    line.extend(rest);
    with_password(sandbox, &line)
}

fn verify(sandbox: &Sandbox, key: &str, rest: &[&str]) -> Run {
    let mut line = vec!["verify-blob", "--key", key, "--insecure-ignore-tlog"];
    line.extend(rest);
    cosign(sandbox, &line)
}

#[test]
fn what_a_key_signs_verifies_with_it_and_no_other() {
    let sandbox = with_key();
    let run = with_password(
        &sandbox,
        &["generate-key-pair", "--output-key-prefix", "other"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = sign(
        &sandbox,
        "sign-blob",
        &["--bundle", "b.json", "checksums.txt"],
    );
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("Wrote bundle to file b.json"),
        "{}",
        run.stderr
    );
    let good = verify(
        &sandbox,
        "cosign.pub",
        &["--bundle", "b.json", "checksums.txt"],
    );
    assert_eq!(good.code, 0, "{}", good.stderr);
    verify(
        &sandbox,
        "other.pub",
        &["--bundle", "b.json", "checksums.txt"],
    )
    .fails_as_cosign(1, "sig.");
    // Without being told so, nothing that no log holds is accepted.
    cosign(
        &sandbox,
        &[
            "verify-blob",
            "--key",
            "cosign.pub",
            "--bundle",
            "b.json",
            "checksums.txt",
        ],
    )
    .fails_as_cosign(1, "log");
}

#[test]
fn a_signature_without_files_goes_to_standard_output() {
    let sandbox = with_key();
    let run = sign(&sandbox, "sign-blob", &["checksums.txt"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let signature = run.stdout.trim_end().to_owned();
    assert!(
        sandbox
            .files()
            .contains(&"checksums.txt.sigstore.json".to_owned())
    );
    let run = verify(
        &sandbox,
        "cosign.pub",
        &["--signature", &signature, "checksums.txt"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = sign(
        &sandbox,
        "sign-blob",
        &["--output-signature", "raw", "--b64=false", "checksums.txt"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(sandbox.read("raw")[0], 0x30);
    let run = verify(
        &sandbox,
        "cosign.pub",
        &["--signature", "raw", "checksums.txt"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_file_is_attested() {
    let sandbox = with_key();
    sandbox.write("predicate.json", r#"{"buildType": "x"}"#);
    let attest = ["--predicate", "predicate.json", "--type", "slsaprovenance1"];
    let run = sign(
        &sandbox,
        "attest-blob",
        &[&attest[..], &["checksums.txt"]].concat(),
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let envelope: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    let run = sign(
        &sandbox,
        "attest-blob",
        &[&attest[..], &["--bundle", "a.json", "checksums.txt"]].concat(),
    );
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let line = [
        "verify-blob-attestation",
        "--key",
        "cosign.pub",
        "--insecure-ignore-tlog",
    ];
    let rest = [
        "--type",
        "slsaprovenance1",
        "--bundle",
        "a.json",
        "checksums.txt",
    ];
    let run = cosign(&sandbox, &[&line[..], &rest].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    sign(
        &sandbox,
        "attest-blob",
        &["--statement", "x", "checksums.txt"],
    )
    .fails_as_cosign(1, "--statement: ");
}

#[test]
fn nothing_is_published_or_made_unasked() {
    let sandbox = with_key();
    let before = sandbox.work();
    for arguments in [
        &["sign-blob", "--key", "cosign.key", "checksums.txt"][..],
        &["sign-blob", "checksums.txt"],
        &["sign", "registry.invalid/app:1"],
    ] {
        with_password(&sandbox, arguments).fails_as_cosign(1, "--yes");
    }
    for (arguments, message) in [
        (
            &["sign-blob", "--yes", "--sk", "checksums.txt"][..],
            "--sk: ",
        ),
        (
            &[
                "sign-blob",
                "--yes",
                "--issue-certificate",
                "--key",
                "cosign.key",
                "checksums.txt",
            ],
            "--issue-certificate: ",
        ),
        (
            &[
                "sign-blob",
                "--yes",
                "--signing-algorithm",
                "rsa-sign-pkcs1-4096-sha256",
                "checksums.txt",
            ],
            "--signing-algorithm: ",
        ),
        (
            &[
                "sign-blob",
                "--yes",
                "--fulcio-auth-flow",
                "token",
                "checksums.txt",
            ],
            "needs --identity-token",
        ),
        (&["generate-key-pair"], "cosign.key"),
    ] {
        with_password(&sandbox, arguments).fails_as_cosign(1, message);
    }
    for (name, value) in [
        ("TUF_MIRROR", "https://tuf.invalid"),
        ("TUF_ROOT_JSON", "root.json"),
    ] {
        let mut other = command(
            &sandbox,
            &["verify-blob", "--key", "cosign.pub", "checksums.txt"],
        );
        other.env(name, value);
        Run::of(other.output().unwrap()).fails_as_cosign(1, name);
    }
    let mut elsewhere = command(
        &sandbox,
        &["verify", "--key", "cosign.pub", "registry.invalid/a:1"],
    );
    elsewhere.env("COSIGN_REPOSITORY", "registry.invalid/b");
    Run::of(elsewhere.output().unwrap()).fails_as_cosign(1, "COSIGN_REPOSITORY");
    assert_eq!(sandbox.work(), before);
}

/// The command lines of the pages, as they stand there: each is understood.
#[test]
fn the_command_lines_of_the_pages_are_understood() {
    let Some(pages) = sealwright_testkit::corpus("pages") else {
        return;
    };
    let sandbox = Sandbox::new();
    let mut count = 0;
    for entry in std::fs::read_dir(pages).unwrap() {
        let Ok(text) = std::fs::read_to_string(entry.unwrap().path()) else {
            continue;
        };
        for line in command_lines(&text) {
            let mut words: Vec<&str> = line.iter().map(String::as_str).collect();
            words.push("--help");
            let run = cosign(&sandbox, &words);
            assert_eq!(run.code, 0, "{line:?}: {}", run.stderr);
            count += 1;
        }
    }
    assert!(count >= 5, "only {count} command lines were found");
}

/// The words after `cosign` of each command line, continued lines joined.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    lines
        .filter_map(|line| line.strip_prefix("cosign "))
        .filter(|rest| {
            ["sign", "verify", "attach", "attest"]
                .iter()
                .any(|verb| rest.starts_with(verb))
        })
        .filter(|rest| rest.contains("--"))
        .map(|rest| {
            let mut rest = rest.to_owned();
            while let Some((before, after)) = rest.clone().split_once("${{") {
                let after = after.split_once("}}").map_or("", |(_, after)| after);
                rest = format!("{before}x{after}");
            }
            let words = rest.split_whitespace();
            words
                .map(|word| word.trim_matches('"').to_owned())
                .collect()
        })
        .collect()
}
