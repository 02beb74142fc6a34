//! Images signed with keys, kept in every form.

use std::process::Stdio;

use sealwright_crypto::SignatureScheme;
use sealwright_testkit::registry::Referrers;
use serde_json::Value;

use super::keys::with_key;
use crate::harness::Run;
use crate::harness::Sandbox;
use crate::image;
use crate::image::registry;

const FORMS: [&str; 3] = ["bundle", "tag", "legacy-referrer"];

fn sign(sandbox: &Sandbox, reference: &str, more: &[&str]) -> Run {
    let command = ["sign", reference, "--key", "release.key", "-o", "json"];
    sandbox.run(&[&command[..], more].concat())
}

fn verify(sandbox: &Sandbox, reference: &str, key: &str, more: &[&str]) -> Run {
    let command = ["verify", reference, "--key", key, "-o", "json"];
    sandbox.run(&[&command[..], more].concat())
}

/// What each accepted piece of evidence lies under.
fn accepted(run: &Run) -> Vec<String> {
    let said = run.json();
    let evidence = said["targets"][0]["evidence"].as_array().unwrap();
    let accepted = evidence.iter().filter(|one| one["decision"] == "accepted");
    accepted
        .map(|one| one["location"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_form_is_found_again() {
    for referrers in [Referrers::None, Referrers::Api { page: 10 }] {
        for form in FORMS {
            for scheme in [SignatureScheme::EcdsaP256Sha256, SignatureScheme::Ed25519] {
                let sandbox = with_key(scheme);
                let (_registry, reference) = registry(referrers);
                let run = sign(&sandbox, &reference, &["--form", form]);
                assert_eq!(run.code, 0, "{form} {}", run.stderr);
                let run = verify(&sandbox, &reference, "release.pub", &[]);
                assert_eq!(run.code, 0, "{form} {} {}", scheme.name(), run.stderr);
                let found = accepted(&run);
                assert_eq!(found.len(), 1);
                assert_eq!(found[0].contains(".sig"), form == "tag", "{found:?}");
                assert_eq!(verify(&sandbox, &reference, "other.pub", &[]).code, 1);
            }
        }
    }
}

#[test]
fn statements_in_every_form_are_found_and_replaced() {
    for form in FORMS {
        let sandbox = with_key(SignatureScheme::EcdsaP256Sha256);
        let (_registry, reference) = registry(Referrers::None);
        sandbox.write("review.json", r#"{"verdict": "fine"}"#);
        let attest = [
            "attest",
            &reference,
            "--key",
            "release.key",
            "--predicate",
            "review.json",
            "--type",
            "https://example.com/review/v1",
            "--form",
            form,
        ];
        for more in [&[][..], &[], &["--replace"]] {
            let run = sandbox.run(&[&attest[..], more].concat());
            assert_eq!(run.code, 0, "{}", run.stderr);
        }
        let require = ["--require", "https://example.com/review/v1"];
        let run = verify(&sandbox, &reference, "release.pub", &require);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(accepted(&run).len(), 1, "{form}");
    }
}

#[test]
fn what_processes_write_under_one_tag_at_once_all_stays() {
    let sandbox = with_key(SignatureScheme::EcdsaP256Sha256);
    let (_registry, reference) = registry(Referrers::None);
    // Another machine has other locks.
    let run = sign(&sandbox, &reference, &["--no-tlog", "--form", "tag"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let children: Vec<_> = (0..4)
        .map(|number| {
            let value = format!("number={number}");
            let home = sandbox.path(&format!("home-{}", number % 2));
            let mut command = sandbox.command(&[
                "sign",
                &reference,
                "--key",
                "release.key",
                "--form",
                "tag",
                "--no-tlog",
                "--annotation",
                &value,
            ]);
            command.env("SEALWRIGHT_HOME", home).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let run = verify(
        &sandbox,
        &reference,
        "release.pub",
        &["--insecure-ignore-tlog"],
    );
    assert_eq!(accepted(&run).len(), 5, "{}", run.stdout);
}

#[test]
fn layouts_hold_every_form() {
    for form in FORMS {
        let sandbox = with_key(SignatureScheme::EcdsaP256Sha256);
        image::layout(&sandbox, &[image::image("amd64")]);
        let target = "oci:layout:1";
        // Nothing is attached, and the bundle is all there is.
        let before = sandbox.work();
        let run = sign(&sandbox, target, &["--no-upload", "--bundle", "only.json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let mut after = sandbox.work();
        assert!(after.remove(&sandbox.path("only.json")).is_some());
        assert_eq!(after, before);
        let named = ["--bundle", "only.json"];
        assert_eq!(verify(&sandbox, target, "release.pub", &named).code, 0);

        let run = sign(
            &sandbox,
            target,
            &["--form", form, "--bundle", "bundle.json"],
        );
        assert_eq!(run.code, 0, "{form} {}", run.stderr);
        let run = verify(&sandbox, target, "release.pub", &["--offline"]);
        assert_eq!(run.code, 0, "{form} {}", run.stderr);
        let bundle: Value = serde_json::from_slice(&sandbox.read("bundle.json")).unwrap();
        assert!(bundle["verificationMaterial"]["publicKey"]["hint"].is_string());
        let newer = sign(&sandbox, target, &["--form", form, "--rekor-version", "2"]);
        match form {
            "bundle" => assert_eq!(newer.code, 0, "{}", newer.stderr),
            _ => newer.fails_with(2, "usage.old-form"),
        }
    }
}

#[test]
fn images_of_an_index_are_signed_when_told_to() {
    let sandbox = with_key(SignatureScheme::EcdsaP256Sha256);
    let (_registry, reference, images) = image::index();
    let subjects = |more: &[&str]| -> Vec<String> {
        let run = sign(&sandbox, &reference, more);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let said = run.json();
        let evidence = said["targets"][0]["evidence"].as_array().unwrap();
        let subjects = evidence.iter().map(|one| one["subject"].as_str().unwrap());
        subjects.map(str::to_owned).collect()
    };
    assert_eq!(subjects(&[]).len(), 1);
    let all = subjects(&["--recursive"]);
    assert_eq!(all.len(), 1 + images.len());
    assert!(images.iter().all(|image| all.contains(image)));
}
