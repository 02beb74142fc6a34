//! Bundle files.

use serde_json::Value;

use super::json;
use crate::harness::Sandbox;

fn sealed_file() -> (Sandbox, Value) {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let bundle = serde_json::from_slice(&sandbox.read("app.txt.sigstore.json")).unwrap();
    (sandbox, bundle)
}

#[test]
fn describes_a_bundle_in_words() {
    let (sandbox, bundle) = sealed_file();
    let described = json(&sandbox, &["bundle", "inspect", "app.txt.sigstore.json"]);
    assert_eq!(described["verified"], false);
    let one = &described["bundles"][0];
    let (identity, issuer) = sandbox.signer();
    assert_eq!(one["version"], "0.3");
    assert_eq!(one["certificates"][0]["identity"], identity.as_str());
    assert_eq!(one["certificates"][0]["issuer"], issuer.as_str());
    let entry = &bundle["verificationMaterial"]["tlogEntries"][0];
    let index = one["logEntries"][0]["logIndex"].as_u64().unwrap();
    assert_eq!(entry["logIndex"], index.to_string());
    assert!(one["logEntries"][0]["proof"]["treeSize"].as_u64().is_some());
    let run = sandbox.run(&["bundle", "inspect", "app.txt.sigstore.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("not verified"), "{}", run.stdout);
    sandbox.write("none.json", "{}");
    assert_eq!(sandbox.run(&["bundle", "inspect", "none.json"]).code, 3);
}

#[test]
fn makes_a_bundle_out_of_the_parts_of_another() {
    let (sandbox, bundle) = sealed_file();
    let material = &bundle["verificationMaterial"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    sandbox.write("app.sig", text(&bundle["messageSignature"]["signature"]));
    let certificate = text(&material["certificate"]["rawBytes"]);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    sandbox.write("app.pem", pem);
    sandbox.write("entry.json", material["tlogEntries"][0].to_string());
    let stamp = &material["timestampVerificationData"]["rfc3161Timestamps"][0]["signedTimestamp"];
    let mut arguments = vec![
        "bundle",
        "create",
        "--artifact",
        "app.txt",
        "--signature",
        "app.sig",
        "--certificate",
        "app.pem",
        "--log-entry",
        "entry.json",
        "--out",
        "made.json",
    ];
    if let Some(stamp) = stamp.as_str() {
        let json = format!(r#"{{"SignedRFC3161Timestamp":"{stamp}"}}"#);
        sandbox.write("time.json", json);
        arguments.extend(["--timestamp", "time.json"]);
    }
    let run = sandbox.run(&arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        sandbox.verify("app.txt", &["--bundle", "made.json"]).code,
        0
    );
    // A signature over something else is noticed at once.
    sandbox.write("app.txt", "changed");
    sandbox
        .run(&arguments)
        .fails_with(3, "bundle.not-upgradable");
}

#[test]
fn upgrades_what_has_what_the_new_version_requires() {
    let (sandbox, bundle) = sealed_file();
    let older = |version: &str| {
        let mut older = bundle.clone();
        let media_type = format!("application/vnd.dev.sigstore.bundle+json;version={version}");
        older["mediaType"] = Value::String(media_type);
        let material = older["verificationMaterial"].as_object_mut().unwrap();
        let certificate = material.remove("certificate").unwrap();
        let chain = serde_json::json!({"certificates": [certificate]});
        material.insert("x509CertificateChain".to_owned(), chain);
        older
    };
    for version in ["0.1", "0.2"] {
        sandbox.write("old.json", older(version).to_string());
        let run = sandbox.run(&["bundle", "upgrade", "old.json", "--out", "new.json"]);
        assert_eq!(run.code, 0, "{version}: {}", run.stderr);
        let described = json(&sandbox, &["bundle", "inspect", "new.json"]);
        assert_eq!(described["bundles"][0]["version"], "0.3");
        assert_eq!(sandbox.verify("app.txt", &["--bundle", "new.json"]).code, 0);
    }
    let mut lacking = older("0.1");
    let entry = &mut lacking["verificationMaterial"]["tlogEntries"][0];
    entry.as_object_mut().unwrap().remove("inclusionProof");
    sandbox.write("old.json", lacking.to_string());
    let run = sandbox.run(&["bundle", "upgrade", "old.json"]);
    run.fails_with(3, "bundle.not-upgradable");
    let same = sandbox.run(&["bundle", "upgrade", "app.txt.sigstore.json"]);
    let text = String::from_utf8(sandbox.read("app.txt.sigstore.json")).unwrap();
    assert_eq!(same.stdout.trim_end(), text.trim_end());
}
