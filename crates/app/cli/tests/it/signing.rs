//! `sign`, `attest` and `seal` with services over HTTP and with keys.

mod images;
mod instance;
mod keys;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use serde_json::Value;
use serde_json::json;

use self::instance::Fate;
use self::instance::ISSUER;
use self::instance::Instance;
use self::instance::PERSON;
use self::instance::proxy;
use crate::harness::Run;
use crate::harness::Sandbox;

const WITH: [&str; 4] = [
    "--trust-config",
    "trust_config.json",
    "--identity-token-file",
    "token",
];

fn sign(client: &Sandbox, more: &[&str]) -> Run {
    let command = ["sign", "app.txt", "-o", "json"];
    client.run(&[&command[..], &WITH, more].concat())
}

fn verify(client: &Sandbox, more: &[&str]) -> Run {
    let command = [
        "verify",
        "app.txt",
        "--trusted-root",
        "trusted_root.json",
        "--identity",
        PERSON,
        "--issuer",
        ISSUER,
    ];
    client.run(&[&command[..], more].concat())
}

/// Nothing but what a client begins with.
fn is_untouched(client: &Sandbox) {
    assert_eq!(
        client.files(),
        [
            "app.txt",
            "signing_config.json",
            "token",
            "trust_config.json",
            "trusted_root.json"
        ]
    );
}

#[test]
fn signs_as_whom_a_token_is_about() {
    let instance = Instance::start();
    for (more, kind) in [
        (&[][..], "0.0.2"),
        (&["--rekor-version", "2"], "0.0.2"),
        (&["--rekor-version", "1"], "0.0.1"),
    ] {
        let client = instance.client();
        let run = sign(&client, more);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains("recorded by"), "{}", run.stderr);
        let said = run.json();
        assert_eq!(said["schema"], "sealwright.dev/sign/v1");
        let target = &said["targets"][0];
        assert_eq!(
            (&target["identity"], &target["issuer"]),
            (&json!(PERSON), &json!(ISSUER))
        );
        assert_eq!(target["selfAsserted"], false);
        let bundle: Value = serde_json::from_slice(&client.read("app.txt.sigstore.json")).unwrap();
        let entry = &bundle["verificationMaterial"]["tlogEntries"][0];
        assert_eq!(entry["kindVersion"]["version"], kind);
        assert_eq!(verify(&client, &[]).code, 0);
        client.write("app.txt", "other");
        verify(&client, &[]).fails_with(1, "artifact.digest-mismatch");
        // Nothing of the local profile is made.
        assert!(!client.home().join("authority").exists());
    }
}

#[test]
fn seals_and_attests_in_one_go_each() {
    let instance = Instance::start();
    let client = instance.client();
    let run = client.run(&[&["seal", "app.txt"][..], &WITH].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        verify(&client, &["--require", "signature,provenance,sbom"]).code,
        0
    );
    client.write("review.json", r#"{"verdict": "fine"}"#);
    let review = "https://example.com/review/v1";
    let attest = [
        "attest",
        "app.txt",
        "--predicate",
        "review.json",
        "--type",
        review,
    ];
    for more in [&[][..], &["--replace"]] {
        let run = client.run(&[&attest[..], &WITH, more].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    assert_eq!(verify(&client, &["--require", review]).code, 0);
    let lines = String::from_utf8(client.read("app.txt.sigstore.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 4);
    client.write("review.json", "[]");
    client
        .run(&[&attest[..], &WITH].concat())
        .fails_with(2, "usage.invalid-predicate");
}

#[test]
fn signing_config_and_trusted_root_may_be_two_files() {
    let instance = Instance::start();
    let client = instance.client();
    let config = ["sign", "app.txt", "--signing-config", "signing_config.json"];
    let token = ["--identity-token-file", "token"];
    client
        .run(&[&config[..], &token].concat())
        .fails_with(2, "usage.signing-incomplete");
    is_untouched(&client);
    let root = [
        "--trusted-root",
        "trusted_root.json",
        "--bundle",
        "out.json",
    ];
    let run = client.run(&[&config[..], &token, &root].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(verify(&client, &["--bundle", "out.json"]).code, 0);
    assert!(!client.path("app.txt.sigstore.json").exists());
}

#[test]
fn refuses_tokens_that_are_not_in_order() {
    let instance = Instance::start();
    let client = instance.client();
    for (changed, exit, code) in [
        (json!({"aud": "somebody else"}), 4, "service.denied"),
        (json!({"exp": 1_000}), 4, "token.expired"),
        (json!({"iss": "https://other.example"}), 4, "service.denied"),
    ] {
        client.write("token", instance.token(&changed));
        sign(&client, &[]).fails_with(exit, code);
        client.write("token", "x");
        is_untouched(&client);
    }
    sign(&client, &[]).fails_with(4, "token.malformed");
    let without = ["sign", "app.txt", "--trust-config", "trust_config.json"];
    client.run(&without).fails_with(4, "token.missing");
}

#[test]
fn a_token_in_the_environment_is_taken() {
    let instance = Instance::start();
    let client = instance.client();
    let mut command = client.command(&["sign", "app.txt", "--trust-config", "trust_config.json"]);
    let output = command
        .env("SIGSTORE_ID_TOKEN", instance.token(&json!({})))
        .output();
    assert_eq!(Run::of(output.unwrap()).code, 0);
    // In a CI system it says that signing is meant to be public.
    let mut command = client.command(&["sign", "app.txt"]);
    command
        .env("CI", "true")
        .env("SIGSTORE_ID_TOKEN", instance.token(&json!({"exp": 1_000})));
    let run = Run::of(command.output().unwrap());
    run.fails_with(4, "token.expired");
    assert!(
        run.stderr.contains("the public profile signs"),
        "{}",
        run.stderr
    );
    let mut command = client.command(&["sign", "app.txt", "--profile", "local"]);
    command.env("CI", "true").env("SIGSTORE_ID_TOKEN", "x");
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stderr.contains("public"));
}

#[test]
fn believes_no_answer() {
    let instance = Arc::new(Instance::start());
    let clients: Vec<(Sandbox, i32, &str)> = vec![
        {
            // The proxy outlives the test, and the services must not.
            let authority = Arc::downgrade(&instance);
            let url = proxy(&instance.url(), move |passing| {
                match passing.path.as_str() {
                    "/api/v2/signingCert" => {
                        let request = serde_json::from_slice(&passing.body).unwrap();
                        let authority = authority.upgrade().unwrap();
                        Fate::Answer(201, authority.certificate_of_a_stranger(&request))
                    }
                    _ => Fate::Pass,
                }
            });
            (instance.client_by(&url), 3, "signing.other-identity")
        },
        (
            replaying(&instance, "/api/v2/signingCert"),
            3,
            "service.malformed-answer",
        ),
        (
            replaying(&instance, "/api/v2/log/entries"),
            3,
            "signing.bad-answer",
        ),
        (
            replaying(&instance, "/api/v1/timestamp"),
            3,
            "service.malformed-answer",
        ),
    ];
    for (client, exit, code) in clients {
        let before = client.work();
        sign(&client, &[]).fails_with(exit, code);
        assert_eq!(client.work(), before);
    }
}

/// A client who gets, of one service, what somebody else got before.
fn replaying(instance: &Instance, path: &'static str) -> Sandbox {
    let url = proxy(&instance.url(), move |passing| match passing.path == path {
        true => Fate::Replay,
        false => Fate::Pass,
    });
    let other = instance.client_by(&url);
    assert_eq!(sign(&other, &[]).code, 0);
    instance.client_by(&url)
}

#[test]
fn rides_out_an_outage() {
    let instance = Instance::start();
    let asked = AtomicUsize::new(0);
    let url = proxy(&instance.url(), move |passing| {
        match passing.path.as_str() {
            "/api/v2/log/entries" if asked.fetch_add(1, Ordering::SeqCst) < 3 => {
                Fate::Answer(503, Vec::new())
            }
            _ => Fate::Pass,
        }
    });
    let client = instance.client_by(&url);
    let run = sign(&client, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(verify(&client, &[]).code, 0);
}

#[test]
fn all_logs_means_all() {
    let instance = Instance::start();
    let down = proxy(&instance.url(), |passing| {
        match passing.path.contains("/log/") {
            true => Fate::Answer(503, Vec::new()),
            false => Fate::Pass,
        }
    });
    let configured = |selector: Value| {
        let client = instance.client();
        let mut config: Value = serde_json::from_slice(&client.read("trust_config.json")).unwrap();
        let signing = &mut config["signingConfig"];
        let mut other = signing["rekorTlogUrls"][0].clone();
        other["url"] = json!(down);
        other["operator"] = json!("another");
        signing["rekorTlogUrls"].as_array_mut().unwrap().push(other);
        signing["rekorTlogConfig"] = selector;
        client.write("trust_config.json", config.to_string());
        client
    };
    assert_eq!(
        sign(
            &configured(json!({"selector": "ANY"})),
            &["--timeout", "2s"]
        )
        .code,
        0
    );
    for selector in [
        json!({"selector": "ALL"}),
        json!({"selector": "EXACT", "count": 2}),
    ] {
        let client = configured(selector);
        sign(&client, &["--timeout", "2s"]).fails_with(3, "service.unavailable");
        is_untouched(&client);
    }
    let client = configured(json!({"selector": "EXACT", "count": 3}));
    sign(&client, &[]).fails_with(3, "signing-config.no-service");
    is_untouched(&client);
}

#[test]
fn signs_without_a_log_when_told_to() {
    let instance = Instance::start();
    let client = instance.client();
    let run = sign(&client, &["--no-tlog"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("--insecure-ignore-tlog"));
    verify(&client, &[]).fails_with(1, "log.missing");
    assert_eq!(verify(&client, &["--insecure-ignore-tlog"]).code, 0);
}

#[test]
fn signs_for_the_conformance_suite() {
    let instance = Instance::start();
    let client = instance.client();
    let token = instance.token(&json!({}));
    let digest = sealwright_core::Digest::sha256(b"hello").to_hex();
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "app.txt", "digest": {"sha256": digest}}],
        "predicateType": "https://example.com/x", "predicate": {},
    });
    client.write("statement.json", statement.to_string());
    for (in_toto, file) in [(&[][..], "app.txt"), (&["--in-toto"], "statement.json")] {
        let mut arguments = vec!["conformance", "sign-bundle"];
        arguments.extend(in_toto);
        arguments.extend(["--identity-token", &token, "--bundle", "bundle.json"]);
        arguments.extend(["--trusted-root", "trusted_root.json"]);
        arguments.extend(["--signing-config", "signing_config.json", file]);
        let run = client.run(&arguments);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let run = client.run(&[
            "conformance",
            "verify-bundle",
            "--bundle",
            "bundle.json",
            "--certificate-identity",
            PERSON,
            "--certificate-oidc-issuer",
            ISSUER,
            "--trusted-root",
            "trusted_root.json",
            "app.txt",
        ]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
}
