//! The cosign personality, run through a symlink of that name.

mod sign;
mod verify;
mod verify_blob;

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::harness::Run;
use crate::harness::Sandbox;

/// The binary under cosign's name in a clean environment, to be completed.
pub(crate) fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let named = sandbox.home().with_file_name("bin").join("cosign");
    if std::fs::symlink_metadata(&named).is_err() {
        std::fs::create_dir_all(named.parent().unwrap()).unwrap();
        symlink(env!("CARGO_BIN_EXE_sealwright"), &named).unwrap();
    }
    let ours = sandbox.command(&[]);
    let mut command = Command::new(named);
    command.args(arguments).env_clear();
    for (name, value) in ours.get_envs() {
        command.env(name, value.unwrap());
    }
    command.current_dir(sandbox.path(""));
    command
}

pub(crate) fn cosign(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    Run::of(command(sandbox, arguments).output().unwrap())
}

/// The flags that name who sealed here.
pub(crate) fn signer(sandbox: &Sandbox) -> [String; 4] {
    let (identity, issuer) = sandbox.signer();
    [
        "--certificate-identity".to_owned(),
        identity,
        "--certificate-oidc-issuer".to_owned(),
        issuer,
    ]
}

/// A command line of parts.
pub(crate) fn line<'a>(verb: &'a str, parts: &[&'a [String]], rest: &[&'a str]) -> Vec<&'a str> {
    let mut line = vec![verb];
    line.extend(
        parts
            .iter()
            .flat_map(|part| part.iter())
            .map(String::as_str),
    );
    line.extend(rest);
    line
}

impl Run {
    /// Checks that it failed as cosign fails.
    #[track_caller]
    pub(crate) fn fails_as_cosign(&self, exit: i32, message: &str) {
        assert_eq!(self.code, exit, "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        assert!(
            self.stderr.contains("Error: ")
                && self.stderr.contains("\nerror during command execution: "),
            "{}",
            self.stderr
        );
        assert!(self.stderr.contains(message), "{}", self.stderr);
    }
}

#[test]
fn answers_to_its_name_and_as_a_command() {
    let sandbox = Sandbox::new();
    let named = cosign(&sandbox, &["version", "--json"]);
    assert_eq!(named.json()["gitVersion"], "v3.1.3");
    let compat = sandbox.run(&["compat", "cosign", "version", "--json"]);
    assert_eq!((compat.code, compat.stdout), (0, named.stdout));
    // Behind our own arguments, too.
    let after = sandbox.run(&["--verbose", "compat", "cosign", "version", "--json"]);
    assert_eq!(after.json()["gitVersion"], "v3.1.3");
    let help = cosign(&sandbox, &["verify", "--help"]);
    assert_eq!(help.code, 0);
    assert!(
        help.stdout.contains("--certificate-identity"),
        "{}",
        help.stdout
    );
    assert_eq!(
        sandbox
            .run(&["compat", "cosign", "verify", "--help"])
            .stdout,
        help.stdout
    );
}

#[test]
fn refuses_what_cosign_refuses_in_its_words() {
    let sandbox = Sandbox::new();
    for (arguments, message) in [
        (&["nope"][..], "unknown command \"nope\" for \"cosign\""),
        (&["verify", "--nope", "i"], "unknown flag: --nope"),
        (&["verify"], "requires at least 1 arg(s), only received 0"),
        (
            &["verify", "--max-workers", "0", "--key", "k", "i"],
            "loading public key",
        ),
        (
            &["dockerfile", "verify", "Dockerfile"],
            "Dockerfiles are not read yet",
        ),
        (&["verify", "--sct", "f", "--key", "k", "i"], "--sct: "),
        (&["piv-tool", "generate-key"], "hardware tokens"),
    ] {
        match message {
            "loading public key" => {
                assert_eq!(cosign(&sandbox, arguments).code, 1, "{arguments:?}");
            }
            _ => cosign(&sandbox, arguments).fails_as_cosign(1, message),
        }
    }
}

#[test]
fn prints_variables_without_their_secrets() {
    let sandbox = Sandbox::new();
    let env = |arguments: &[&str]| {
        let mut command = command(&sandbox, arguments);
        command
            .env("COSIGN_PASSWORD", "TEST ONLY")
            .env("COSIGN_EXPERIMENTAL", "1");
        Run::of(command.output().unwrap()).stdout
    };
    let hidden = env(&["env"]);
    assert!(hidden.contains("COSIGN_PASSWORD=******\n"), "{hidden}");
    assert!(hidden.contains("COSIGN_EXPERIMENTAL=1\n"), "{hidden}");
    let shown = env(&[
        "env",
        "--show-sensitive-values",
        "--show-descriptions=false",
    ]);
    assert!(shown.contains("COSIGN_PASSWORD=TEST ONLY\n"), "{shown}");
    assert!(!shown.contains('#'), "{shown}");
}

#[test]
fn writes_its_output_to_a_file() {
    let sandbox = Sandbox::new();
    let run = cosign(
        &sandbox,
        &["version", "--json", "--output-file", "out.json"],
    );
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert!(sandbox.read("out.json").starts_with(b"{"));
    let run = cosign(&sandbox, &["version", "--output-file", "absent/out"]);
    run.fails_as_cosign(1, "absent/out");
}
