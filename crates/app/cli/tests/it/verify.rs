//! `sealwright verify`.

use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use serde_json::Value;

use crate::harness::Sandbox;

fn sealed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    sandbox
}

#[test]
fn accepts_what_was_sealed() {
    let run = sealed().verify(
        "app.txt",
        &["--require", "signature,provenance,sbom", "-o", "json"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let document = run.json();
    assert_eq!(document["schema"], "sealwright.dev/verify/v1");
    assert_eq!(document["decision"], "accepted");
    assert_eq!(
        document["targets"][0]["evidence"].as_array().unwrap().len(),
        3
    );
}

#[test]
fn rejects_a_changed_artifact_with_exactly_one_code() {
    let sandbox = sealed();
    sandbox.write("app.txt", "hellp");
    sandbox
        .verify("app.txt", &[])
        .fails_with(1, "artifact.digest-mismatch");
}

#[test]
fn rejects_another_identity() {
    let sandbox = sealed();
    let (_, issuer) = sandbox.signer();
    sandbox
        .run(&[
            "verify",
            "app.txt",
            "--identity",
            "other@example.com",
            "--issuer",
            &issuer,
        ])
        .fails_with(1, "sig.identity-mismatch");
}

#[test]
fn rejects_another_issuer() {
    let sandbox = sealed();
    let (identity, _) = sandbox.signer();
    sandbox
        .run(&[
            "verify",
            "app.txt",
            "--identity",
            &identity,
            "--issuer",
            "https://example.com",
        ])
        .fails_with(1, "sig.issuer-mismatch");
}

#[test]
fn matches_patterns_against_the_whole_identity() {
    let sandbox = sealed();
    let (identity, issuer) = sandbox.signer();
    let verify = |pattern: &str| {
        sandbox.run(&[
            "verify",
            "app.txt",
            "--identity-regexp",
            pattern,
            "--issuer",
            &issuer,
        ])
    };
    assert_eq!(verify(r"tester@.*\.sealwright\.invalid").code, 0);
    verify("tester").fails_with(1, "sig.identity-mismatch");
    verify(&identity[1..]).fails_with(1, "sig.identity-mismatch");
    verify("(").fails_with(2, "usage.invalid-regexp");
}

#[test]
fn wants_an_identity_and_says_which_it_found() {
    let sandbox = sealed();
    let (identity, issuer) = sandbox.signer();
    let run = sandbox.run(&["verify", "app.txt"]);
    run.fails_with(2, "usage.identity-required");
    assert!(
        run.stderr
            .contains(&format!("--identity {identity} --issuer {issuer}")),
        "{}",
        run.stderr
    );
    sandbox
        .run(&["verify", "app.txt", "--identity", &identity])
        .fails_with(2, "usage.issuer-required");
}

#[test]
fn rejects_an_artifact_without_evidence() {
    let sandbox = sealed();
    sandbox.write("bare.txt", "x");
    sandbox
        .verify("bare.txt", &[])
        .fails_with(1, "evidence.missing");
}

#[test]
fn rejects_when_a_required_claim_is_not_made() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    assert_eq!(sandbox.run(&["seal", "app.txt", "--sbom", "none"]).code, 0);
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
    sandbox
        .verify("app.txt", &["--require", "sbom"])
        .fails_with(1, "claim.missing");
}

#[test]
fn rejects_the_bundle_of_another_artifact() {
    let sandbox = sealed();
    sandbox.write("other.txt", "other");
    sandbox
        .verify("other.txt", &["--bundle", "app.txt.sigstore.json"])
        .fails_with(1, "artifact.digest-mismatch");
}

/// Rewrites the signature's bundle, the only evidence left.
fn with_bundle_changed(change: impl FnOnce(&mut Value)) -> Sandbox {
    let sandbox = sealed();
    let mut bundle: Value = serde_json::from_slice(&sandbox.read("app.txt.sigstore.json")).unwrap();
    change(&mut bundle);
    sandbox.write("app.txt.sigstore.json", bundle.to_string());
    std::fs::remove_file(sandbox.path("app.txt.sigstore.jsonl")).unwrap();
    sandbox
}

#[test]
fn rejects_a_signature_of_something_else() {
    let sandbox = with_bundle_changed(|bundle| {
        let signature = bundle["messageSignature"]["signature"]
            .as_str()
            .unwrap()
            .to_owned();
        bundle["messageSignature"]["signature"] = signature.replacen("MEU", "MEQ", 1).into();
        if bundle["messageSignature"]["signature"] == signature {
            bundle["messageSignature"]["signature"] =
                format!("{}AA", &signature[..signature.len() - 2]).into();
        }
    });
    let run = sandbox.verify("app.txt", &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
}

#[test]
fn cannot_decide_about_malformed_evidence() {
    let sandbox = sealed();
    std::fs::remove_file(sandbox.path("app.txt.sigstore.jsonl")).unwrap();
    let good = String::from_utf8(sandbox.read("app.txt.sigstore.json")).unwrap();
    let verify_with = |content: String, code: &str| {
        sandbox.write("app.txt.sigstore.json", content);
        sandbox.verify("app.txt", &[]).fails_with(3, code);
    };
    verify_with(good[..good.len() / 2].to_owned(), "bundle.malformed");
    verify_with(
        good.replacen('{', r#"{"mediaType":"x","#, 1),
        "bundle.duplicate-key",
    );
    verify_with(String::new(), "bundle.malformed");
}

#[test]
fn cannot_decide_without_a_root() {
    let sandbox = sealed();
    let (identity, issuer) = sandbox.signer();
    let elsewhere = Sandbox::new();
    for name in ["app.txt", "app.txt.sigstore.json"] {
        elsewhere.write(name, sandbox.read(name));
    }
    let verify = [
        "verify",
        "app.txt",
        "--identity",
        &identity,
        "--issuer",
        &issuer,
    ];
    elsewhere.run(&verify).fails_with(3, "trust.none");
    assert!(!elsewhere.home().exists(), "verify makes no data directory");

    // A data directory of its own does not help, nor does it reject.
    elsewhere.write("mine.txt", "mine");
    elsewhere.seal("mine.txt");
    elsewhere.run(&verify).fails_with(3, "trust.none");

    let root = sandbox.run(&["root", "show"]);
    elsewhere.write("root.json", root.stdout);
    let mut with_root = verify.to_vec();
    with_root.extend(["--trusted-root", "root.json"]);
    assert_eq!(elsewhere.run(&with_root).code, 0);
}

/// A root that knows the log but another authority, or the authority but another log.
#[test]
fn rejects_a_foreign_authority_or_log_beside_a_known_one() {
    let sandbox = sealed();
    let other = Sandbox::new();
    other.write("x", "x");
    other.seal("x");
    let ours = sandbox.run(&["root", "show"]).json();
    let theirs = other.run(&["root", "show"]).json();
    for (part, code) in [
        ("certificateAuthorities", "cert.untrusted"),
        ("tlogs", "log.untrusted"),
    ] {
        let mut mixed = ours.clone();
        mixed[part] = theirs[part].clone();
        sandbox.write("mixed.json", mixed.to_string());
        sandbox
            .verify("app.txt", &["--trusted-root", "mixed.json"])
            .fails_with(1, code);
    }
}

/// `name.d/file` could be a registry's name and a repository.
#[test]
fn a_missing_file_is_not_looked_for_in_a_registry() {
    let sandbox = sealed();
    sandbox.write("name.d/there.txt", "hello");
    for (target, help) in [
        ("name.d/missing", "./name.d/missing always is one"),
        (
            "name.d/there.txt/missing",
            "name.d/there.txt/missing:latest",
        ),
        ("missing/file", "docker.io/missing/file:latest"),
        ("./name.d/missing", ""),
        ("missing.txt", ""),
    ] {
        // Without a socket, in case one is wanted.
        for more in [&["--offline"][..], &[]] {
            let run = sandbox.verify(target, more);
            let code = match target.contains("there.txt") {
                true => "files.not-a-directory",
                false => "files.not-found",
            };
            run.fails_with(3, code);
            assert!(run.stderr.contains(help), "{}", run.stderr);
            assert_eq!(
                run.stderr.contains("help"),
                !help.is_empty(),
                "{}",
                run.stderr
            );
        }
    }
    for image in ["name.d/missing:1", "missing.d/file"] {
        sandbox
            .verify(image, &["--offline"])
            .fails_with(2, "usage.offline-registry");
    }
}

/// A public bundle needs no file: its root comes with the program.
#[test]
fn accepts_what_the_public_instance_signed() {
    let Some(corpus) = sealwright_testkit::corpus("sigstore-conformance") else {
        return;
    };
    let sandbox = Sandbox::new();
    let assets = corpus.join("test/assets/bundle-verify");
    let bundle = assets.join("happy-path-v0.3/bundle.sigstore.json");
    sandbox.write("a.txt", std::fs::read(assets.join("a.txt")).unwrap());
    sandbox.write("a.txt.sigstore.json", std::fs::read(bundle).unwrap());
    let verify = |extra: &[&str]| {
        let identity = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
        let issuer = "https://token.actions.githubusercontent.com";
        let arguments = [
            "verify",
            "a.txt",
            "--identity",
            identity,
            "--issuer",
            issuer,
        ];
        sandbox.run(&[&arguments[..], extra].concat())
    };
    let run = verify(&["-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let evidence = &run.json()["targets"][0]["evidence"][0];
    assert_eq!(evidence["profile"], "public");
    assert_eq!(
        evidence["certificateClaims"]["source-repository-ref"],
        "refs/heads/main"
    );
    assert_eq!(verify(&["--profile", "public"]).code, 0);
    let repository = "source-repository-uri=https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon";
    let branch = "source-repository-ref=refs/heads/main";
    let both = ["--require-claim", repository, "--require-claim", branch];
    assert_eq!(verify(&both).code, 0);
    let tag = "source-repository-ref=refs/tags/v1";
    verify(&[&both[..], &["--require-claim", tag]].concat()).fails_with(1, "cert.claim-mismatch");
    let absent = "deployment-environment=production";
    verify(&["--require-claim", absent]).fails_with(1, "cert.claim-mismatch");
    for wrong in ["source-repository-ref", "branch=main"] {
        assert_eq!(verify(&["--require-claim", wrong]).code, 2);
    }
    verify(&["--profile", "github"]).fails_with(3, "trust.none");
    verify(&["--profile", "local"]).fails_with(3, "trust.no-root");
    assert!(!sandbox.home().exists());
}

/// Whoever holds a key needs no authority to say who that is.
#[test]
fn accepts_what_the_holder_of_a_key_signed() {
    let Some(corpus) = sealwright_testkit::corpus("sigstore-conformance") else {
        return;
    };
    let sandbox = Sandbox::new();
    let assets = corpus.join("test/assets/bundle-verify");
    let case = assets.join("managed-key-happy-path");
    for (name, from) in [
        ("a.txt", assets.join("a.txt")),
        ("a.txt.sigstore.json", case.join("bundle.sigstore.json")),
        ("key.pub", case.join("key.pub")),
        ("bad.pub", assets.join("managed-key-wrong-key_fail/key.pub")),
    ] {
        sandbox.write(name, std::fs::read(from).unwrap());
    }
    let other = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    sandbox.write("other.pub", other.public_key().to_pem());
    let verify = |key: &str, extra: &[&str]| {
        sandbox.run(&[&["verify", "a.txt", "--key", key][..], extra].concat())
    };
    let run = verify("key.pub", &["-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let evidence = &run.json()["targets"][0]["evidence"][0];
    assert_eq!(evidence["profile"], "public");
    assert!(evidence["key"].as_str().unwrap().starts_with("sha256:"));
    verify("other.pub", &[]).fails_with(1, "sig.key-mismatch");
    verify("bad.pub", &[]).fails_with(3, "key.malformed");
    verify("a.txt", &[]).fails_with(3, "key.malformed");
    verify("missing.pub", &[]).fails_with(3, "files.not-found");
    verify("key.pub", &["--require", "sbom"]).fails_with(1, "claim.missing");
    verify("key.pub", &["--require", "https://openvex.dev/ns"]).fails_with(1, "claim.missing");
    assert_eq!(verify("key.pub", &["--identity", "somebody"]).code, 2);
    sandbox
        .run(&["verify", "a.txt"])
        .fails_with(2, "usage.identity-required");
}

#[test]
fn looks_at_logs_unless_told_not_to() {
    let Some(corpus) = sealwright_testkit::corpus("sigstore-conformance") else {
        return;
    };
    let sandbox = Sandbox::new();
    let assets = corpus.join("test/assets/bundle-verify");
    let case = assets.join("managed-key-happy-path");
    sandbox.write("a.txt", std::fs::read(assets.join("a.txt")).unwrap());
    sandbox.write("key.pub", std::fs::read(case.join("key.pub")).unwrap());
    let bundle = std::fs::read(case.join("bundle.sigstore.json")).unwrap();
    let mut bundle: Value = serde_json::from_slice(&bundle).unwrap();
    let material = bundle["verificationMaterial"].as_object_mut().unwrap();
    material.remove("tlogEntries");
    sandbox.write("a.txt.sigstore.json", bundle.to_string());
    let verify = |extra: &[&str]| {
        sandbox.run(&[&["verify", "a.txt", "--key", "key.pub"][..], extra].concat())
    };
    verify(&[]).fails_with(1, "log.missing");
    // GitHub's instance has no log, and no keys either.
    verify(&["--profile", "github"]).fails_with(3, "trust.none");
    let run = verify(&["--insecure-ignore-tlog", "-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("warning: --insecure-ignore-tlog"));
    let evidence = &run.json()["targets"][0]["evidence"][0];
    assert_eq!(evidence["weakenings"], serde_json::json!(["logs-ignored"]));
}
