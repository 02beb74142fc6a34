//! `cosign verify-blob` and `verify-blob-attestation` of what `seal` made.

use sealwright_core::Digest;
use serde_json::Value;

use super::cosign;
use super::line;
use super::signer;
use crate::harness::Run;
use crate::harness::Sandbox;
use crate::harness::flip;
use crate::up::Up;

/// A sealed file, its signature by itself beside it.
fn sealed() -> (Sandbox, [String; 4]) {
    let sandbox = Sandbox::new();
    sandbox.write("checksums.txt", "a release\n");
    sandbox.seal("checksums.txt");
    let bundle: Value =
        serde_json::from_slice(&sandbox.read("checksums.txt.sigstore.json")).unwrap();
    let signature = bundle["messageSignature"]["signature"].as_str().unwrap();
    sandbox.write("checksums.txt.sig", signature);
    let signer = signer(&sandbox);
    (sandbox, signer)
}

fn verified(run: &Run) {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(
        (run.stdout.as_str(), run.stderr.as_str()),
        ("", "Verified OK\n")
    );
}

#[test]
fn verifies_with_a_bundle_or_what_lies_beside() {
    let (sandbox, signer) = sealed();
    let verify = |rest: &[&str]| cosign(&sandbox, &line("verify-blob", &[&signer], rest));
    verified(&verify(&[
        "--bundle",
        "checksums.txt.sigstore.json",
        "checksums.txt",
    ]));
    verified(&verify(&["checksums.txt"]));
    let digest = Digest::sha256(b"a release\n").to_string();
    verified(&verify(&[
        "--bundle",
        "checksums.txt.sigstore.json",
        &digest,
    ]));
    let other = Digest::sha256(b"another release\n").to_string();
    verify(&["--bundle", "checksums.txt.sigstore.json", &other])
        .fails_as_cosign(1, "artifact.digest-mismatch");
    verify(&["--bundle", "absent.json", "checksums.txt"]).fails_as_cosign(1, "absent.json");
    verify(&["absent.txt"]).fails_as_cosign(1, "absent.txt");
}

/// The release script of the pages: a signature by itself, keyless, and no bundle named.
#[test]
fn item_six_a_signature_alone_finds_its_bundle() {
    let (sandbox, _) = sealed();
    let (_, issuer) = sandbox.signer();
    let arguments = [
        "verify-blob",
        "--certificate-identity-regexp",
        "^tester@",
        "--certificate-oidc-issuer",
        &issuer,
        "--signature",
        "checksums.txt.sig",
        "checksums.txt",
    ];
    let run = cosign(&sandbox, &arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.ends_with("Verified OK\n"), "{}", run.stderr);
    // A signature of somebody else is not excused by a good bundle beside the file.
    sandbox.write("other.txt", "another release\n");
    sandbox.seal("other.txt");
    let bundle: Value = serde_json::from_slice(&sandbox.read("other.txt.sigstore.json")).unwrap();
    let signature = bundle["messageSignature"]["signature"].as_str().unwrap();
    sandbox.write("checksums.txt.sig", signature);
    let run = cosign(&sandbox, &arguments);
    assert_eq!(run.code, 1, "{}", run.stderr);
    // Nothing beside the file: it says what is missing.
    std::fs::remove_file(sandbox.path("checksums.txt.sigstore.json")).unwrap();
    std::fs::remove_file(sandbox.path("checksums.txt.sigstore.jsonl")).unwrap();
    let offline = [&arguments[..], &["--offline"]].concat();
    cosign(&sandbox, &offline).fails_as_cosign(1, "checksums.txt.sigstore.json");
}

/// As cosign 1 did: the log holds signature and certificate.
#[test]
fn item_six_a_signature_alone_is_looked_up_in_the_log() {
    let (sandbox, signer) = sealed();
    let served = Up::start(&sandbox, &[]);
    let log = served.said["url"].as_str().unwrap();
    for name in [
        "checksums.txt.sigstore.json",
        "checksums.txt.sigstore.jsonl",
    ] {
        std::fs::remove_file(sandbox.path(name)).unwrap();
    }
    let verify = |rest: &[&str]| {
        let rest = [&["--signature", "checksums.txt.sig"], rest].concat();
        cosign(&sandbox, &line("verify-blob", &[&signer], &rest))
    };
    let run = verify(&["--rekor-url", log, "checksums.txt"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.ends_with("Verified OK\n"), "{}", run.stderr);
    assert!(run.stderr.contains(log), "{}", run.stderr);
    let missing = "checksums.txt.sig is a signature alone";
    verify(&["--rekor-url", log, "--offline", "checksums.txt"]).fails_as_cosign(1, missing);
    // Another file, which the log knows nothing of.
    sandbox.write("other.txt", "another release\n");
    verify(&["--rekor-url", log, "other.txt"]).fails_as_cosign(1, missing);
    // Another signature over the file.
    sandbox.write("checksums.txt.sig", "AAAA");
    verify(&["--rekor-url", log, "checksums.txt"]).fails_as_cosign(1, missing);
    // Whoever it was, it was not this one.
    let bundle = log_of(&sandbox);
    sandbox.write("checksums.txt.sig", &bundle);
    let (_, issuer) = sandbox.signer();
    let another = ["another@example.com".to_owned(), issuer];
    let another = [
        "--certificate-identity",
        &another[0],
        "--certificate-oidc-issuer",
        &another[1],
    ]
    .map(str::to_owned);
    let rest = [
        "--signature",
        "checksums.txt.sig",
        "--rekor-url",
        log,
        "checksums.txt",
    ];
    cosign(&sandbox, &line("verify-blob", &[&another], &rest))
        .fails_as_cosign(1, "sig.identity-mismatch");
    let url = log.to_owned();
    drop(served);
    verify(&["--rekor-url", &url, "checksums.txt"])
        .fails_as_cosign(1, "the log could not be asked");
}

/// The signature of a fresh seal, which the log then holds too.
fn log_of(sandbox: &Sandbox) -> String {
    sandbox.seal("checksums.txt");
    let bundle = sandbox.read("checksums.txt.sigstore.json");
    let bundle: Value = serde_json::from_slice(&bundle).unwrap();
    for name in [
        "checksums.txt.sigstore.json",
        "checksums.txt.sigstore.jsonl",
    ] {
        std::fs::remove_file(sandbox.path(name)).unwrap();
    }
    bundle["messageSignature"]["signature"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_changed_file_or_bundle_is_refused() {
    let (sandbox, signer) = sealed();
    let verify = |rest: &[&str]| cosign(&sandbox, &line("verify-blob", &[&signer], rest));
    flip(&sandbox.path("checksums.txt"), 2);
    verify(&["--bundle", "checksums.txt.sigstore.json", "checksums.txt"])
        .fails_as_cosign(1, "artifact.digest-mismatch");
    flip(&sandbox.path("checksums.txt"), 2);
    let bundle = sandbox.read("checksums.txt.sigstore.json");
    sandbox.write("half.json", &bundle[..bundle.len() / 2]);
    verify(&["--bundle", "half.json", "checksums.txt"]).fails_as_cosign(1, "bundle.malformed");
    sandbox.write("empty.json", "");
    verify(&["--bundle", "empty.json", "checksums.txt"]).fails_as_cosign(1, "bundle.malformed");
}

#[test]
fn attestations_about_files() {
    let (sandbox, signer) = sealed();
    let lines = String::from_utf8(sandbox.read("checksums.txt.sigstore.jsonl")).unwrap();
    let provenance = lines.lines().find(|line| {
        let bundle: Value = serde_json::from_str(line).unwrap();
        let payload = bundle["dsseEnvelope"]["payload"]
            .as_str()
            .unwrap_or_default();
        let payload = sealwright_core::Base64::decode(payload).unwrap();
        String::from_utf8_lossy(payload.as_bytes()).contains("slsa.dev/provenance/v1")
    });
    sandbox.write("att.json", provenance.unwrap());
    sandbox.write("other.txt", "another release\n");
    let verify = |rest: &[&str]| {
        let mut all = vec!["--bundle", "att.json"];
        all.extend(rest);
        cosign(&sandbox, &line("verify-blob-attestation", &[&signer], &all))
    };
    verified(&verify(&["--type", "slsaprovenance1", "checksums.txt"]));
    let digest = Digest::sha256(b"a release\n").to_hex();
    verified(&verify(&[
        "--type",
        "slsaprovenance1",
        "--digest",
        &digest,
        "--digestAlg",
        "sha256",
    ]));
    let run = verify(&["--type", "slsaprovenance1", "--check-claims=false"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stderr.matches("WARNING").count(), 1, "{}", run.stderr);
    verify(&["checksums.txt"]).fails_as_cosign(1, "invalid predicate type");
    verify(&["--type", "slsaprovenance1", "other.txt"])
        .fails_as_cosign(1, "artifact.digest-mismatch");
    verify(&["--type", "slsaprovenance1"]).fails_as_cosign(1, "give a file");
    let other = Digest::sha256(b"another release\n").to_hex();
    verify(&["--type", "slsaprovenance1", "--digest", &other]).fails_as_cosign(1, "digest");
}
