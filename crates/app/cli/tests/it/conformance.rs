//! `sealwright conformance`: the command line that the conformance suite of Sigstore drives.

use serde_json::Value;
use serde_json::json;

use crate::harness::Run;
use crate::harness::Sandbox;

/// Something sealed, its bundle and the root that vouches for it.
struct Sealed {
    sandbox: Sandbox,
    identity: String,
    issuer: String,
    digest: String,
}

impl Sealed {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("app.txt", "hello");
        let digest = sandbox.seal("app.txt")["digest"]
            .as_str()
            .unwrap()
            .to_owned();
        sandbox.write("root.json", sandbox.run(&["root", "show"]).stdout);
        let (identity, issuer) = sandbox.signer();
        Self {
            sandbox,
            identity,
            issuer,
            digest,
        }
    }

    fn verify(&self, artifact: &str) -> Run {
        self.verify_as(&self.identity, &["--trusted-root", "root.json", artifact])
    }

    fn verify_as(&self, identity: &str, rest: &[&str]) -> Run {
        let first = [
            "conformance",
            "verify-bundle",
            "--bundle",
            "app.txt.sigstore.json",
            "--certificate-identity",
            identity,
            "--certificate-oidc-issuer",
            &self.issuer,
        ];
        self.sandbox.run(&[&first[..], rest].concat())
    }
}

#[test]
fn takes_a_file_or_its_digest() {
    let sealed = Sealed::new();
    for artifact in ["app.txt", &sealed.digest] {
        let run = sealed.verify(artifact);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{artifact}");
    }
    sealed.sandbox.write("other.txt", "hello, too");
    let other = sealed.digest.replacen(':', ":0", 1);
    let other = other.get(..sealed.digest.len()).unwrap();
    for artifact in ["other.txt", other] {
        sealed
            .verify(artifact)
            .fails_with(1, "artifact.digest-mismatch");
    }
    // Neither a file nor a digest.
    for artifact in ["sha256:0", "absent.txt"] {
        sealed.verify(artifact).fails_with(3, "files.not-found");
    }
    // What exists is a file, whatever its name looks like.
    sealed.sandbox.write(&sealed.digest, "hello, too");
    sealed
        .verify(&sealed.digest)
        .fails_with(1, "artifact.digest-mismatch");
}

#[test]
fn wants_the_signer_and_the_root_that_were_named() {
    let sealed = Sealed::new();
    sealed
        .verify_as("somebody", &["--trusted-root", "root.json", "app.txt"])
        .fails_with(1, "sig.identity-mismatch");
    // The data directory here is nobody's whom the suite trusts.
    sealed
        .verify_as(&sealed.identity, &["app.txt"])
        .fails_with(3, "trust.none");
    let staging = ["--staging", "--trusted-root", "root.json", "app.txt"];
    assert_eq!(sealed.verify_as(&sealed.identity, &staging).code, 0);
    for (rest, wanted) in [
        (
            &["--staging", "app.txt"][..],
            "--staging wants --trusted-root",
        ),
        (&["--key", "k.pub", "app.txt"], "cannot be used with"),
    ] {
        let run = sealed.verify_as(&sealed.identity, rest);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(wanted), "{}", run.stderr);
    }
    let nobody = [
        "conformance",
        "verify-bundle",
        "--bundle",
        "app.txt.sigstore.json",
        "app.txt",
    ];
    assert_eq!(sealed.sandbox.run(&nobody).code, 2);
}

/// A chain of version 0.1 with the root in it, as early builders wrote: `verify` leaves the root out.
#[test]
fn refuses_a_root_in_the_chain_which_verify_leaves_out() {
    let sealed = Sealed::new();
    let json =
        |name: &str| -> Value { serde_json::from_slice(&sealed.sandbox.read(name)).unwrap() };
    let name = "app.txt.sigstore.json";
    let mut bundle = json(name);
    bundle["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.1");
    let root = json("root.json");
    let mut issuers = root["certificateAuthorities"][0]["certChain"]["certificates"]
        .as_array()
        .unwrap()
        .clone();
    let material = bundle["verificationMaterial"].as_object_mut().unwrap();
    let mut chain = vec![material.remove("certificate").unwrap()];
    chain.append(&mut issuers);
    let mut write = |chain: &[Value]| {
        bundle["verificationMaterial"]["x509CertificateChain"] = json!({ "certificates": chain });
        sealed.sandbox.write(name, bundle.to_string());
    };
    let verify = || sealed.sandbox.verify("app.txt", &["--bundle", name]);

    write(&chain);
    assert_eq!(verify().code, 0, "{}", verify().stderr);
    sealed.verify("app.txt").fails_with(3, "bundle.malformed");

    // The root that is left out vouches for nothing.
    let stranger = Sealed::new();
    stranger.sandbox.write(name, sealed.sandbox.read(name));
    stranger
        .sandbox
        .run(&[
            "verify",
            "app.txt",
            "--identity",
            &sealed.identity,
            "--issuer",
            &sealed.issuer,
            "--bundle",
            name,
        ])
        .fails_with(3, "trust.none");

    chain.pop();
    write(&chain);
    assert_eq!(sealed.verify("app.txt").code, 0);
}

/// Without a trusted root, by the one that is built in.
#[test]
fn judges_the_suites_own_cases() {
    let Some(corpus) = sealwright_testkit::corpus("sigstore-conformance") else {
        return;
    };
    let assets = corpus.join("test/assets/bundle-verify");
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", std::fs::read(assets.join("a.txt")).unwrap());
    let verify = |case: &str, signer: &[&str]| {
        let bundle = assets.join(case).join("bundle.sigstore.json");
        let bundle = bundle.to_str().unwrap();
        let first = ["conformance", "verify-bundle", "--bundle", bundle];
        sandbox.run(&[&first[..], signer, &["a.txt"]].concat())
    };
    let beacon = [
        "--certificate-identity",
        "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main",
        "--certificate-oidc-issuer",
        "https://token.actions.githubusercontent.com",
    ];
    let run = verify("happy-path-v0.3", &beacon);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    verify("bundle-with-root-cert_fail", &beacon).fails_with(3, "bundle.malformed");
    let case = |name: &str| assets.join(name).join("key.pub");
    let key = case("managed-key-happy-path");
    let run = verify("managed-key-happy-path", &["--key", key.to_str().unwrap()]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    verify("managed-key-happy-path", &beacon).fails_with(1, "sig.key-required");
}

#[test]
fn it_is_not_among_the_verbs() {
    let help = Sandbox::new().run(&["--help"]).stdout;
    assert!(!help.contains("conformance"), "{help}");
}
