//! `cosign verify` and `verify-attestation` of what `seal` made, in a registry.

use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::Referrers;
use serde_json::Value;

use super::cosign;
use super::line;
use super::signer;
use crate::harness::Run;
use crate::harness::Sandbox;
use crate::image::image;
use crate::image::push;
use crate::image::registry;

/// An image, sealed in a registry of its own.
fn sealed(sandbox: &Sandbox) -> (FakeRegistry, String) {
    let (registry, reference) = registry(Referrers::Api { page: 2 });
    sandbox.seal(&reference);
    (registry, reference)
}

fn ok(run: &Run) {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn verifies_an_image_and_says_what_was_checked() {
    let sandbox = Sandbox::new();
    let (_registry, reference) = sealed(&sandbox);
    let run = cosign(
        &sandbox,
        &line("verify", &[&signer(&sandbox)], &[&reference]),
    );
    ok(&run);
    assert!(run.stdout.starts_with("\n["), "{}", run.stdout);
    let types: Vec<Value> = run
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["critical"]["type"].clone())
        .collect();
    assert!(
        types.contains(&"https://sigstore.dev/cosign/sign/v1".into()),
        "{types:?}"
    );
    assert_eq!(
        run.json()[0]["critical"]["identity"]["docker-reference"],
        reference
    );
    for wanted in [
        "\nVerification for ",
        "\nThe following checks were performed on each of these signatures:\n",
        "\n  - The cosign claims were validated\n",
        "\n  - Existence of the claims in the transparency log was verified offline\n",
        "\n  - The code-signing certificate was verified using trusted certificate authority certificates\n",
    ] {
        assert!(run.stderr.contains(wanted), "{wanted:?} in {}", run.stderr);
    }
    assert!(!run.stderr.contains("WARNING"), "{}", run.stderr);
}

#[test]
fn item_six_patterns_are_unanchored_and_warned_of_once() {
    let sandbox = Sandbox::new();
    let (_registry, reference) = sealed(&sandbox);
    let (_, issuer) = sandbox.signer();
    let run = cosign(
        &sandbox,
        &[
            "verify",
            "--certificate-identity-regexp",
            "tester@.*sealwright",
            "--certificate-oidc-issuer",
            &issuer,
            &reference,
        ],
    );
    ok(&run);
    assert_eq!(run.stderr.matches("WARNING").count(), 1, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("--certificate-identity-regexp '^tester@.*sealwright$'"),
        "{}",
        run.stderr
    );
    let anchored = [
        "verify",
        "--certificate-identity-regexp",
        "^tester@.*sealwright$",
        "--certificate-oidc-issuer",
        &issuer,
        &reference,
    ];
    let run = cosign(&sandbox, &anchored);
    run.fails_as_cosign(1, "sig.identity-mismatch");
    assert!(!run.stderr.contains("WARNING"), "{}", run.stderr);
}

#[test]
fn exits_tell_why_nothing_was_accepted() {
    let sandbox = Sandbox::new();
    let (registry, reference) = sealed(&sandbox);
    push(&registry, &image("arm64"), "bare");
    let bare = format!("{}/app:bare", registry.host());
    let absent = format!("{}/app:absent", registry.host());
    let signer = signer(&sandbox);
    let verify = |rest: &[&str]| cosign(&sandbox, &line("verify", &[&signer], rest));
    verify(&[&bare]).fails_as_cosign(10, "no signatures found");
    verify(&[&absent]).fails_as_cosign(11, "image tag not found");
    verify(&["-a", "team=core", &reference]).fails_as_cosign(1, "missing or incorrect annotation");
    verify(&[&reference, &bare, &reference]).fails_after_something(10);
    let other = [
        "--certificate-identity",
        "nobody@example.com",
        &signer[2],
        &signer[3],
    ];
    let mut arguments = vec!["verify"];
    arguments.extend(other);
    arguments.push(&reference);
    cosign(&sandbox, &arguments).fails_as_cosign(1, "sig.identity-mismatch");
}

impl Run {
    #[track_caller]
    fn fails_after_something(&self, exit: i32) {
        assert_eq!(self.code, exit, "{}", self.stderr);
        assert!(!self.stdout.is_empty());
    }
}

#[test]
fn a_signer_must_be_named_and_only_one() {
    let sandbox = Sandbox::new();
    for (arguments, message) in [
        (
            &["verify", "i"][..],
            "--certificate-identity or --certificate-identity-regexp is required",
        ),
        (
            &["verify", "--certificate-identity", "a", "i"],
            "--certificate-oidc-issuer or",
        ),
        (
            &["verify", "--key", "k", "--certificate-identity", "a", "i"],
            "one alone of",
        ),
        (
            &[
                "verify",
                "--certificate-identity",
                "a",
                "--certificate-identity-regexp",
                "a",
                "i",
            ],
            "one alone of",
        ),
        (
            &[
                "verify",
                "--key",
                "k",
                "--certificate-oidc-issuer",
                "u",
                "i",
            ],
            "a key says nothing",
        ),
        (
            &[
                "verify",
                "--key",
                "k",
                "--certificate-github-workflow-ref",
                "main",
                "i",
            ],
            "a key says nothing",
        ),
        (
            &[
                "verify",
                "--certificate-identity-regexp",
                "(",
                "--certificate-oidc-issuer",
                "u",
                "i",
            ],
            "no regular expression",
        ),
    ] {
        cosign(&sandbox, arguments).fails_as_cosign(1, message);
    }
}

#[test]
fn attestations_are_chosen_by_their_type() {
    let sandbox = Sandbox::new();
    let (_registry, reference) = sealed(&sandbox);
    let signer = signer(&sandbox);
    let verify = |rest: &[&str]| cosign(&sandbox, &line("verify-attestation", &[&signer], rest));
    for kind in ["slsaprovenance1", "https://slsa.dev/provenance/v1"] {
        let run = verify(&["--type", kind, &reference]);
        ok(&run);
        let envelope: Value = serde_json::from_str(run.stdout.lines().next().unwrap()).unwrap();
        assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
        assert!(envelope["signatures"][0]["sig"].is_string());
    }
    verify(&[&reference]).fails_as_cosign(
        1,
        "none of the attestations matched the predicate type: custom",
    );
    verify(&["--type", "nonsense", &reference]).fails_as_cosign(1, "invalid predicate type");
}

#[test]
fn every_attestation_of_the_type_must_satisfy_the_policies() {
    let sandbox = Sandbox::new();
    let (_registry, reference) = sealed(&sandbox);
    let signer = signer(&sandbox);
    let policed = |policy: &str| {
        sandbox.write("policy.cue", policy);
        let rest = ["--type", "slsaprovenance1", "--policy", "policy.cue"];
        let rest = [&rest[..], &[&reference]].concat();
        cosign(&sandbox, &line("verify-attestation", &[&signer], &rest))
    };
    ok(&policed("predicate: buildDefinition: buildType: string\n"));
    let violated = "1 validation errors occurred";
    policed("predicate: buildDefinition: buildType: \"another\"\n").fails_as_cosign(1, violated);
    // What cannot be decided does not pass.
    policed("predicate: {\n").fails_as_cosign(1, "policy.cue");
    let absent = [
        "--type",
        "slsaprovenance1",
        "--policy",
        "absent.cue",
        &reference,
    ];
    cosign(&sandbox, &line("verify-attestation", &[&signer], &absent))
        .fails_as_cosign(1, "absent.cue");
}

#[test]
fn what_weakens_a_check_is_warned_of_once_and_what_narrows_is_kept() {
    let sandbox = Sandbox::new();
    let (_registry, reference) = sealed(&sandbox);
    let signer = signer(&sandbox);
    let verify = |rest: &[&str]| cosign(&sandbox, &line("verify", &[&signer], rest));
    for flag in [
        "--insecure-ignore-tlog",
        "--insecure-ignore-sct",
        "--private-infrastructure",
    ] {
        let run = verify(&[flag, &reference]);
        ok(&run);
        assert_eq!(run.stderr.matches("WARNING").count(), 1, "{}", run.stderr);
    }
    ok(&verify(&["--use-signed-timestamps", &reference]));
    // Another authority than the one that signed: nothing of it is trusted any more.
    let root = sandbox.run(&["root", "show"]).stdout;
    let root: Value = serde_json::from_str(&root).unwrap();
    let chain = |name: &str| {
        let certificates = root[name][0]["certChain"]["certificates"]
            .as_array()
            .unwrap();
        let pem = certificates.iter().map(|one| {
            let body = one["rawBytes"].as_str().unwrap();
            format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
        });
        pem.collect::<String>()
    };
    sandbox.write("ca.pem", chain("certificateAuthorities"));
    sandbox.write("tsa.pem", chain("timestampAuthorities"));
    sandbox.write("empty.pem", "nothing");
    sandbox.write("root.json", root.to_string());
    let same = verify(&["--trusted-root", "root.json", &reference]);
    ok(&same);
    // With parts named one by one the rest is the public instance's, which holds none of this.
    for flags in [
        &["--certificate-chain", "ca.pem"][..],
        &["--ca-roots", "ca.pem"],
        &["--timestamp-certificate-chain", "tsa.pem"],
    ] {
        let mut rest = flags.to_vec();
        rest.push(&reference);
        let run = verify(&rest);
        run.fails_as_cosign(1, "no matching attestations");
    }
    // With everything that would be the public instance's left out, the named parts suffice.
    ok(&verify(&[
        "--certificate-chain",
        "ca.pem",
        "--timestamp-certificate-chain",
        "tsa.pem",
        "--insecure-ignore-tlog",
        "--insecure-ignore-sct",
        &reference,
    ]));
    verify(&["--certificate-chain", "empty.pem", &reference])
        .fails_as_cosign(1, "empty.pem: certificate is not a PEM block");
    verify(&[
        "--trusted-root",
        "root.json",
        "--ca-roots",
        "ca.pem",
        &reference,
    ])
    .fails_as_cosign(1, "--trusted-root says all there is");
    verify(&["--ca-intermediates", "ca.pem", &reference]).fails_as_cosign(1, "needs --ca-roots");
}

#[test]
fn variables_stand_for_flags() {
    let sandbox = Sandbox::new();
    let (_registry, reference) = sealed(&sandbox);
    let (identity, issuer) = sandbox.signer();
    let mut command = super::command(&sandbox, &["verify", &reference]);
    command
        .env("COSIGN_CERTIFICATE_IDENTITY", identity)
        .env("COSIGN_CERTIFICATE_OIDC_ISSUER", issuer)
        .env("COSIGN_EXPERIMENTAL", "1");
    ok(&Run::of(command.output().unwrap()));
}
