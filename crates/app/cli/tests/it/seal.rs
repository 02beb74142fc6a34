//! `sealwright seal`.

use serde_json::Value;

use crate::harness::Sandbox;

#[test]
fn seals_a_file_and_says_how_to_verify_it() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    let run = sandbox.run(&["seal", "app.txt"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        sandbox.files(),
        [
            "app.txt",
            "app.txt.sigstore.json",
            "app.txt.sigstore.jsonl",
            "app.txt.spdx.json"
        ]
    );
    let command = run
        .stdout
        .lines()
        .find(|line| line.contains(" verify "))
        .unwrap();
    let pasted = sandbox
        .command(&[])
        .args(["-c", command])
        .get_args()
        .map(|argument| argument.to_str().unwrap().to_owned())
        .collect::<Vec<_>>();
    let mut shell = std::process::Command::new("sh");
    shell
        .args(pasted)
        .env("SEALWRIGHT_HOME", sandbox.home())
        .current_dir(sandbox.path(""));
    let output = shell.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn says_unchanged_and_does_nothing_the_second_time() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let before = sandbox.read("app.txt.sigstore.jsonl");
    assert_eq!(sandbox.seal("app.txt")["outcome"], "unchanged");
    assert_eq!(sandbox.read("app.txt.sigstore.jsonl"), before);
}

#[test]
fn adds_evidence_when_asked_to_seal_again() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let run = sandbox.run(&["seal", "app.txt", "--again"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let lines = String::from_utf8(sandbox.read("app.txt.sigstore.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 6);
}

#[test]
fn replaces_the_evidence_of_a_changed_file() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    sandbox.write("app.txt", "changed");
    assert_eq!(sandbox.seal("app.txt")["outcome"], "replaced");
    let lines = String::from_utf8(sandbox.read("app.txt.sigstore.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 3);
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
}

#[test]
fn makes_nothing_in_a_dry_run() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    let run = sandbox.run(&["seal", "app.txt", "--dry-run", "-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.json()["targets"][0]["outcome"], "dry-run");
    assert_eq!(sandbox.files(), ["app.txt"]);
}

#[test]
fn leaves_nothing_behind_when_the_file_is_missing() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["seal", "missing.txt"])
        .fails_with(3, "files.not-found");
    assert_eq!(sandbox.files(), Vec::<String>::new());
}

#[test]
fn seals_other_targets_when_one_fails() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox
        .run(&["seal", "missing.txt", "app.txt"])
        .fails_with(3, "files.not-found");
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
}

#[test]
fn puts_evidence_where_it_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.write("evidence/.keep", "");
    let run = sandbox.run(&["seal", "app.txt", "--out", "evidence", "-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(sandbox.files(), ["app.txt", "evidence"]);
    let bundle = "evidence/app.txt.sigstore.jsonl";
    assert_eq!(sandbox.verify("app.txt", &["--bundle", bundle]).code, 0);
}

#[test]
fn seals_a_directory_as_one_artifact() {
    let sandbox = Sandbox::new();
    sandbox.write("tree/a.txt", "a");
    sandbox.write("tree/sub/b.txt", "b");
    let sealed = sandbox.seal("dir:tree");
    assert!(
        sealed["digest"]
            .as_str()
            .unwrap()
            .starts_with("sealwrightTreeV1:")
    );
    assert_eq!(
        sandbox
            .verify("dir:tree", &["--require", "signature,provenance,sbom"])
            .code,
        0
    );
    sandbox.write("tree/sub/b.txt", "c");
    sandbox
        .verify("dir:tree", &[])
        .fails_with(1, "artifact.digest-mismatch");
}

#[test]
fn seals_standard_input() {
    use std::io::Write as _;
    let sandbox = Sandbox::new();
    let pipe = |arguments: &[&str], input: &str| {
        let mut child = sandbox
            .command(arguments)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        crate::harness::Run::of(child.wait_with_output().unwrap())
    };
    let sealed = pipe(&["seal", "-", "-o", "json"], "piped");
    assert_eq!(sealed.code, 0, "{}", sealed.stderr);
    let (identity, issuer) = sandbox.signer();
    let verify = ["verify", "-", "--identity", &identity, "--issuer", &issuer];
    assert_eq!(pipe(&verify, "piped").code, 0);
    pipe(&verify, "other").fails_with(1, "evidence.missing");
}

#[test]
fn writes_the_same_sbom_twice() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let first = sandbox.read("app.txt.spdx.json");
    assert_eq!(sandbox.run(&["seal", "app.txt", "--again"]).code, 0);
    assert_eq!(sandbox.read("app.txt.spdx.json"), first);
}

#[test]
fn writes_version_2_entries_when_asked() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    let run = sandbox.run(&["seal", "app.txt", "--rekor-version", "2"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let bundle: Value = serde_json::from_slice(&sandbox.read("app.txt.sigstore.json")).unwrap();
    let kind = &bundle["verificationMaterial"]["tlogEntries"][0]["kindVersion"];
    assert_eq!(kind["version"], "0.0.2");
    assert_eq!(
        sandbox
            .verify("app.txt", &["--require", "signature,provenance,sbom"])
            .code,
        0
    );
}

/// Seals many files at once; gives the run.
fn seal_many(sandbox: &Sandbox, names: &[String]) -> crate::harness::Run {
    let mut arguments = vec!["seal", "-o", "json"];
    arguments.extend(names.iter().map(String::as_str));
    sandbox.run(&arguments)
}

fn write_many(sandbox: &Sandbox, count: usize) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|number| format!("{number}.txt")).collect();
    for name in &names {
        sandbox.write(name, name);
    }
    names
}

/// More entries than one batch of the log takes.
#[test]
fn seals_more_targets_than_fit_into_one_batch() {
    let sandbox = Sandbox::new();
    let names = write_many(&sandbox, 1400);
    let run = seal_many(&sandbox, &names);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = run.json();
    let targets = run["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 1400);
    let mut indexes: Vec<u64> = targets
        .iter()
        .flat_map(|target| target["evidence"].as_array().unwrap())
        .map(|evidence| evidence["logIndex"].as_u64().unwrap())
        .collect();
    indexes.sort_unstable();
    assert!(indexes.into_iter().eq(0..4200));
    assert_eq!(sandbox.log_size(), 4200);
    for name in ["0.txt", "333.txt", "334.txt", "1399.txt"] {
        assert_eq!(sandbox.verify(name, &[]).code, 0, "{name}");
    }
}

#[test]
fn what_was_sealed_stays_sealed_when_the_log_fails_later_in_the_run() {
    let sandbox = Sandbox::new();
    sandbox.write("first.txt", "first");
    sandbox.seal("first.txt");
    let names = write_many(&sandbox, 400);
    // Where the log would go on after a thousand entries something stands in the way.
    let obstacle = sandbox
        .home()
        .join("log/tree/segment")
        .join(format!("{:016}", 1005 / 64));
    std::fs::create_dir(&obstacle).unwrap();
    let run = seal_many(&sandbox, &names);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let sealed = run.json()["targets"].as_array().unwrap().len();
    assert_eq!(sealed, 334);
    assert_eq!(run.stderr.matches("error[store.io-failed]").count(), 66);
    std::fs::remove_dir(&obstacle).unwrap();

    for (place, name) in names.iter().enumerate() {
        let evidence = sandbox.path(&format!("{name}.sigstore.jsonl"));
        assert_eq!(evidence.exists(), place < sealed, "{name}");
    }
    assert_eq!(sandbox.verify("333.txt", &[]).code, 0);
    assert_eq!(sandbox.log_size(), 3 + 334 * 3);
    let run = seal_many(&sandbox, &names);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = run.json();
    let outcomes = run["targets"].as_array().unwrap().iter();
    let unchanged = outcomes.filter(|target| target["outcome"] == "unchanged");
    assert_eq!(unchanged.count(), sealed);
    assert_eq!(sandbox.log_size(), 3 + 400 * 3);
}
