//! The public conformance suite's bundles, each judged as its folder's name says, by path and by
//! digest, and the ones that must fail for the reason they were made for.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_crypto::PublicKey;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Expected;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::verify;
use sealwright_testkit::corpus;

const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// Some time after all of them were made.
const NOW: &str = "2026-08-01T00:00:00Z";

/// Why each case that must fail does.
const REASONS: &[(&str, &str)] = &[
    ("bundle-empty-certificate-chain_fail", "bundle.malformed"),
    ("bundle-from-wrong-instance_fail", "trust.none"),
    ("bundle-invalid-base64-signature_fail", "bundle.malformed"),
    ("bundle-malformed-json_fail", "bundle.malformed"),
    ("bundle-negative-log-index_fail", "bundle.malformed"),
    ("bundle-unknown-version_fail", "bundle.unsupported"),
    ("bundle-with-root-cert_fail", "bundle.malformed"),
    ("checkpoint-bad-keyhint_fail", "log.checkpoint-invalid"),
    ("checkpoint-wrong-roothash_fail", "log.checkpoint-invalid"),
    ("dsse-invalid-sig_fail", "log.entry-mismatch"),
    ("dsse-mismatch-envelope_fail", "log.entry-mismatch"),
    ("dsse-mismatch-sig_fail", "log.entry-mismatch"),
    (
        "inclusion-proof-corrupted-hash_fail",
        "log.inclusion-invalid",
    ),
    ("incorrect-public-key_fail", "log.set-invalid"),
    ("integrated-time-in-future_fail", "cert.expired-at-signing"),
    ("intoto-expired-certificate_fail", "cert.expired-at-signing"),
    ("intoto-log-entry-mismatch_fail", "log.entry-mismatch"),
    ("intoto-missing-inclusion-proof_fail", "bundle.malformed"),
    (
        "intoto-set-outside-signing-cert-validity_fail",
        "cert.expired-at-signing",
    ),
    (
        "intoto-tsa-timestamp-outside-cert-validity_fail",
        "cert.expired-at-signing",
    ),
    (
        "invalid-checkpoint-signature_fail",
        "log.checkpoint-invalid",
    ),
    ("invalid-ct-key_fail", "sct.invalid"),
    ("invalid-inclusion-proof_fail", "bundle.malformed"),
    ("managed-key-no-key_fail", "sig.key-required"),
    ("managed-key-wrong-key_fail", "key.malformed"),
    ("message-digest-mismatch_fail", "artifact.digest-mismatch"),
    (
        "rekor2-checkpoint-missing-log-signature_fail",
        "log.checkpoint-invalid",
    ),
    (
        "rekor2-checkpoint-missing-origin_fail",
        "log.checkpoint-invalid",
    ),
    (
        "rekor2-checkpoint-missing-root-hash_fail",
        "log.checkpoint-invalid",
    ),
    (
        "rekor2-checkpoint-missing-size_fail",
        "log.checkpoint-invalid",
    ),
    (
        "rekor2-checkpoint-no-matching-signature_fail",
        "log.checkpoint-invalid",
    ),
    ("rekor2-dsse-invalid-sig_fail", "log.entry-mismatch"),
    ("rekor2-dsse-mismatch-envelope_fail", "log.entry-mismatch"),
    ("rekor2-dsse-mismatch-sig_fail", "log.entry-mismatch"),
    ("rekor2-no-inclusion-proof_fail", "bundle.malformed"),
    ("rekor2-no-timestamp_fail", "time.missing"),
    (
        "rekor2-timestamp-outside-trust-root-tsa-validity_fail",
        "timestamp.invalid",
    ),
    (
        "rekor2-timestamp-outside-tsa-cert-validity_fail",
        "timestamp.invalid",
    ),
    (
        "rekor2-timestamp-payload-mismatch_fail",
        "timestamp.invalid",
    ),
    (
        "rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail",
        "timestamp.invalid",
    ),
    (
        "rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail",
        "timestamp.invalid",
    ),
    (
        "rekor2-timestamp-with-incorrect-time_fail",
        "bundle.malformed",
    ),
    ("set-invalid-signature_fail", "log.set-invalid"),
    ("signature-mismatch_fail", "log.entry-mismatch"),
    (
        "trust-root-tlog-missing-validity-start_fail",
        "trust.malformed",
    ),
    ("wrong-hashedrekord-artifact_fail", "log.entry-mismatch"),
    ("wrong-hashedrekord-cert-and-sig_fail", "log.entry-mismatch"),
    ("wrong-hashedrekord-entry_fail", "log.entry-mismatch"),
    ("wrong-material_fail", "artifact.digest-mismatch"),
];

#[test]
fn judges_every_case_as_the_suite_does() {
    let Some(cases) = corpus("sigstore-conformance") else {
        return;
    };
    let cases = cases.join("test/assets/bundle-verify");
    let mut names: Vec<String> = fs::read_dir(&cases)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 70, "only {} cases", names.len());
    let mut wrong = Vec::new();
    for name in names {
        for by in [By::Path, By::Digest] {
            let found = judge(&cases, &name, by);
            let expected = REASONS
                .iter()
                .find(|(case, _)| *case == name)
                .map(|(_, code)| *code);
            if name.ends_with("_fail") != found.is_some() || found.as_deref() != expected {
                wrong.push(format!("{name} by {by:?}: {found:?}, wanted {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[derive(Clone, Copy, Debug)]
enum By {
    Digest,
    Path,
}

/// The code of why a case was not accepted.
fn judge(cases: &Path, name: &str, by: By) -> Option<String> {
    let folder = cases.join(name);
    let optional = |file: &str| fs::read(folder.join(file)).ok();
    let text = |file: &str, default: &str| {
        optional(file).map_or_else(
            || default.to_owned(),
            |bytes| String::from_utf8(bytes).unwrap().trim().to_owned(),
        )
    };
    let root = match optional("trusted_root.json") {
        Some(json) => TrustRoot::parse(&json),
        None => TrustRoot::parse(&public_good()),
    };
    let root = match root {
        Ok(root) => root,
        Err(error) => return Some(error.code().to_string()),
    };
    let bytes = optional("artifact").unwrap_or_else(|| fs::read(cases.join("a.txt")).unwrap());
    let artifact = match by {
        By::Path => Artifact::from_bytes(&bytes),
        By::Digest => Artifact::from_digest(Digest::sha256(&bytes)),
    };
    let expected = match optional("key.pub") {
        Some(pem) => match PublicKey::from_pem(std::str::from_utf8(&pem).unwrap()) {
            Ok(key) => Expected::Key(key),
            Err(error) => return Some(error.code().to_string()),
        },
        None => Expected::exactly(text("identity", IDENTITY), text("issuer", ISSUER)),
    };
    let bundle = match Bundle::parse(&optional("bundle.sigstore.json").unwrap()) {
        Ok(bundle) => bundle,
        Err(error) => return Some(error.code().to_string()),
    };
    let now: Timestamp = NOW.parse().unwrap();
    let verdict = verify(&bundle, &artifact, &root, &expected, now);
    verdict.code().map(|code| code.to_string())
}

fn public_good() -> Vec<u8> {
    let targets: PathBuf = corpus("tuf-root-signing").unwrap().join("targets");
    fs::read(targets.join("trusted_root.json")).unwrap()
}
