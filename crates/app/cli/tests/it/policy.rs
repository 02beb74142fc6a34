//! `sealwright verify --policy`.

use serde_json::Value;

use crate::harness::Run;
use crate::harness::Sandbox;

const PROVENANCE: &str = "https://slsa.dev/provenance/v1";

fn sealed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    sandbox
}

fn judge(sandbox: &Sandbox, name: &str, policy: &str) -> Run {
    sandbox.write(name, policy);
    sandbox.verify(
        "app.txt",
        &[
            "--require",
            "signature,provenance",
            "--policy",
            name,
            "-o",
            "json",
        ],
    )
}

fn provenance(document: &Value) -> Value {
    let evidence = document["targets"][0]["evidence"].as_array().unwrap();
    let of_kind = |one: &&Value| one["kind"] == "provenance";
    evidence.iter().find(of_kind).unwrap().clone()
}

#[test]
fn accepts_provenance_that_satisfies_a_policy_and_records_it() {
    let run = judge(
        &sealed(),
        "p.cue",
        &format!(
            "predicateType: \"{PROVENANCE}\"\npredicate: buildDefinition: buildType: string\n"
        ),
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let judged = &provenance(&run.json())["policies"];
    assert_eq!(judged.as_array().unwrap().len(), 1);
    assert_eq!(judged[0]["policy"], "p.cue");
    assert_eq!(judged[0]["language"], "cue");
    assert_eq!(judged[0]["outcome"], "passed");
}

#[test]
fn rejects_provenance_that_violates_a_policy_and_says_why() {
    let sandbox = sealed();
    let run = judge(
        &sandbox,
        "p.cue",
        "predicate: buildDefinition: buildType: \"other\"\n",
    );
    run.fails_with(1, "policy.violated");
    let judged = provenance(&run.json());
    assert_eq!(judged["decision"], "rejected");
    assert_eq!(judged["policies"][0]["outcome"], "failed");
    let reason = judged["policies"][0]["reasons"][0].as_str().unwrap();
    assert!(
        reason.starts_with("predicate.buildDefinition.buildType: found"),
        "{reason}"
    );
    assert!(reason.ends_with("wanted \"other\" (line 1:40)"), "{reason}");
    // A field that is not there is not as it is wanted.
    judge(&sandbox, "q.cue", "predicate: reviewed: true\n").fails_with(1, "policy.violated");
    // Each of several has its say.
    sandbox.write(
        "good.cue",
        "predicate: buildDefinition: buildType: string\n",
    );
    sandbox
        .verify(
            "app.txt",
            &[
                "--require",
                "provenance",
                "--policy",
                "good.cue",
                "--policy",
                "p.cue",
            ],
        )
        .fails_with(1, "policy.violated");
}

#[test]
fn a_policy_that_cannot_be_evaluated_never_passes() {
    let sandbox = sealed();
    judge(&sandbox, "a.cue", "predicate: {\n").fails_with(3, "policy.malformed");
    judge(&sandbox, "b.cue", "predicate: size: 1 + 1\n").fails_with(3, "policy.unsupported");
    judge(
        &sandbox,
        "c.cue",
        "predicate: buildDefinition: _\nx: predicate.no\n",
    )
    .fails_with(3, "policy.undecidable");
    judge(&sandbox, "d.cue", &"a: {b: 1} | {c: 1}\n".repeat(40)).fails_with(3, "policy.limit");
    judge(&sandbox, "e.cue", &" ".repeat((1 << 20) + 1)).fails_with(3, "files.too-large");
    #[cfg(not(feature = "rego"))]
    judge(&sandbox, "f.rego", "package signature\n").fails_with(3, "policy.unsupported");
    judge(&sandbox, "g.json", "{}").fails_with(2, "usage.policy-language");
    sandbox
        .verify(
            "app.txt",
            &["--require", "provenance", "--policy", "no.cue"],
        )
        .fails_with(3, "files.not-found");
}

#[test]
fn a_policy_wants_a_claim_that_says_something() {
    let sandbox = sealed();
    sandbox.write("p.cue", "predicate: _\n");
    sandbox
        .verify("app.txt", &["--policy", "p.cue"])
        .fails_with(2, "usage.policy-without-claim");
    sandbox
        .verify("app.txt", &["--require", "signature", "--policy", "p.cue"])
        .fails_with(2, "usage.policy-without-claim");
    // A bundle that was named is judged whatever it claims, but a bare signature claims nothing.
    sandbox
        .verify(
            "app.txt",
            &["--bundle", "app.txt.sigstore.json", "--policy", "p.cue"],
        )
        .fails_with(1, "policy.violated");
}

#[cfg(feature = "rego")]
#[test]
fn judges_by_policies_in_rego() {
    let sandbox = sealed();
    let policy = |uri: &str| {
        format!(
            "package signature\n\ndefault allow = false\n\nallow {{\n  input.predicateType == \"{uri}\"\n}}\n"
        )
    };
    let run = judge(&sandbox, "p.rego", &policy(PROVENANCE));
    assert_eq!(run.code, 0, "{}", run.stderr);
    judge(&sandbox, "q.rego", &policy("https://example.com")).fails_with(1, "policy.violated");
    judge(
        &sandbox,
        "r.rego",
        "package signature\nallow { http.send({}) }",
    )
    .fails_with(3, "policy.undecidable");
}

#[test]
fn any_of_several_signers_will_do() {
    let sandbox = sealed();
    let key = sealwright_crypto::SigningKey::generate(
        sealwright_crypto::SignatureScheme::EcdsaP256Sha256,
    )
    .unwrap();
    let stranger = key.public_key().to_pem();
    sandbox.write("stranger.pub", stranger);
    let (identity, issuer) = sandbox.signer();
    let by = |identity: &str| {
        sandbox.run(&[
            "verify",
            "app.txt",
            "--key",
            "stranger.pub",
            "--identity",
            identity,
            "--issuer",
            &issuer,
        ])
    };
    assert_eq!(by(&identity).code, 0);
    // What fits the bundle's kind says why it is refused.
    by("other@example.com").fails_with(1, "sig.identity-mismatch");
    // An identity without its issuer is no signer, whatever stands beside it.
    sandbox
        .run(&[
            "verify",
            "app.txt",
            "--key",
            "stranger.pub",
            "--identity",
            &identity,
        ])
        .fails_with(2, "usage.issuer-required");
}
