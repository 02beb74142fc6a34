//! Signing with keys that verifiers know.

use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use serde_json::Value;

use crate::harness::Sandbox;

const ALL: [SignatureScheme; 5] = [
    SignatureScheme::EcdsaP256Sha256,
    SignatureScheme::EcdsaP384Sha384,
    SignatureScheme::EcdsaP521Sha512,
    SignatureScheme::Ed25519,
    SignatureScheme::RsaPkcs1Sha256,
];

pub(super) fn with_key(scheme: SignatureScheme) -> Sandbox {
    let sandbox = Sandbox::new();
    for name in ["release", "other"] {
        let key = SigningKey::generate(scheme).unwrap();
        sandbox.write(
            &format!("{name}.key"),
            key.to_pkcs8_pem().unwrap().as_bytes(),
        );
        sandbox.write(&format!("{name}.pub"), key.public_key().to_pem());
    }
    sandbox.write("app.txt", "hello");
    sandbox
}

#[test]
fn every_kind_of_key_signs_files_and_statements_for_both_logs() {
    for scheme in ALL {
        for version in ["1", "2"] {
            let sandbox = with_key(scheme);
            let seal = [
                "seal",
                "app.txt",
                "--key",
                "release.key",
                "--rekor-version",
                version,
            ];
            let run = sandbox.run(&seal);
            assert_eq!(run.code, 0, "{} {version} {}", scheme.name(), run.stderr);
            assert!(run.stdout.contains("--key release.pub"), "{}", run.stdout);
            let verify = |key: &str| {
                let kinds = "signature,provenance,sbom";
                sandbox.run(&["verify", "app.txt", "--key", key, "--require", kinds])
            };
            let run = verify("release.pub");
            assert_eq!(run.code, 0, "{} {version} {}", scheme.name(), run.stderr);
            assert_eq!(verify("other.pub").code, 1);
            // Sealed by this key already.
            let run = sandbox.run(&[&seal[..], &["-o", "json"]].concat());
            assert_eq!(run.json()["targets"][0]["outcome"], "unchanged");
        }
    }
}

#[test]
fn a_key_alone_needs_nothing_else() {
    for scheme in ALL {
        let sandbox = with_key(scheme);
        let sign = [
            "sign",
            "app.txt",
            "--key",
            "release.key",
            "--no-tlog",
            "-o",
            "json",
        ];
        let mut command = sandbox.command(&sign);
        // Not even a data directory.
        command.env_remove("SEALWRIGHT_HOME").env_remove("HOME");
        let run = crate::harness::Run::of(command.output().unwrap());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let target = &run.json()["targets"][0];
        assert!(target["identity"].is_null() && target["key"].is_string());
        let command = target["verifyCommand"].as_str().unwrap();
        assert!(command.contains("--insecure-ignore-tlog"), "{command}");
        let verify = ["verify", "app.txt", "--key", "release.pub"];
        sandbox.run(&verify).fails_with(1, "log.missing");
        let ignoring = [&verify[..], &["--insecure-ignore-tlog"]].concat();
        assert_eq!(sandbox.run(&ignoring).code, 0);
        sandbox.write("app.txt", "other");
        assert_eq!(sandbox.run(&ignoring).code, 1);
    }
}

#[test]
fn the_parts_of_a_signature_can_be_had_in_files() {
    let sandbox = with_key(SignatureScheme::EcdsaP256Sha256);
    let run = sandbox.run(&[
        "sign",
        "app.txt",
        "--key",
        "release.key",
        "--bundle",
        "b.json",
        "--output-signature",
        "app.txt.sig",
        "--output-certificate",
        "key.pem",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(sandbox.read("key.pem"), sandbox.read("release.pub"));
    let bundle: Value = serde_json::from_slice(&sandbox.read("b.json")).unwrap();
    let signature = bundle["messageSignature"]["signature"].as_str().unwrap();
    assert_eq!(sandbox.read("app.txt.sig"), signature.as_bytes());
    let verify = [
        "verify",
        "app.txt",
        "--key",
        "release.pub",
        "--insecure-ignore-tlog",
    ];
    assert_eq!(sandbox.run(&verify).code, 0);
    sandbox.write("b.txt", "b");
    sandbox
        .run(&[
            "sign",
            "app.txt",
            "b.txt",
            "--key",
            "release.key",
            "--bundle",
            "c.json",
        ])
        .fails_with(2, "usage.one-file");
    assert!(!sandbox.path("c.json").exists());
}

#[test]
fn a_key_that_is_none_signs_nothing() {
    let sandbox = with_key(SignatureScheme::EcdsaP256Sha256);
    for (key, code) in [
        ("release.pub", "key.wrong-kind"),
        ("app.txt", "key.malformed"),
        ("absent.key", "files.not-found"),
    ] {
        let run = sandbox.run(&["sign", "app.txt", "--key", key]);
        assert_ne!(run.code, 0);
        assert!(run.stderr.contains(code), "{}", run.stderr);
    }
    assert!(!sandbox.path("app.txt.sigstore.json").exists());
}
