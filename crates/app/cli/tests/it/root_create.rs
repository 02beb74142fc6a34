//! `sealwright root create` and `root signing-config create`.

use serde_json::Value;

use crate::harness::Run;
use crate::harness::Sandbox;

/// A sealed file, and the parts of its data directory's root in files.
fn with_parts() -> (Sandbox, Value) {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let root = sandbox.run(&["root", "show"]).json();
    let chain = |of: &str| -> String {
        let certificates = root[of][0]["certChain"]["certificates"].as_array().unwrap();
        let block = |certificate: &Value| pem("CERTIFICATE", &certificate["rawBytes"]);
        certificates.iter().map(block).collect()
    };
    sandbox.write("fulcio.pem", chain("certificateAuthorities"));
    sandbox.write("tsa.pem", chain("timestampAuthorities"));
    let key = |of: &str, index: usize| pem("PUBLIC KEY", &root[of][index]["publicKey"]["rawBytes"]);
    sandbox.write("ct.pem", key("ctlogs", 0));
    sandbox.write("log1.pem", key("tlogs", 0));
    sandbox.write("log2.pem", key("tlogs", 1));
    (sandbox, root)
}

fn pem(label: &str, base64: &Value) -> String {
    let lines: Vec<&str> = base64
        .as_str()
        .unwrap()
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

fn create(sandbox: &Sandbox, services: &[&str]) -> Run {
    sandbox.run(&[&["root", "create"], services].concat())
}

#[test]
fn a_root_of_parts_is_the_root() {
    let (sandbox, root) = with_parts();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let log = |of: &str, index: usize, file: &str| {
        let log = &root[of][index];
        let start = text(&log["publicKey"]["validFor"]["start"]);
        format!("{}={file},start-time={start}", text(&log["baseUrl"]))
    };
    let authority = |of: &str, file: &str| {
        let authority = &root[of][0];
        let start = text(&authority["validFor"]["start"]);
        let uri = text(&authority["uri"]);
        format!("url={uri},certificate-chain={file},start-time={start}")
    };
    let origin = text(&root["tlogs"][1]["baseUrl"]).replace("https://", "");
    let run = create(
        &sandbox,
        &[
            "--fulcio",
            &authority("certificateAuthorities", "fulcio.pem"),
            "--tsa",
            &authority("timestampAuthorities", "tsa.pem"),
            "--ctfe",
            &log("ctlogs", 0, "ct.pem"),
            "--rekor",
            &log("tlogs", 0, "log1.pem"),
            "--rekor",
            &format!("{},origin={origin}", log("tlogs", 1, "log2.pem")),
            "--out",
            "made.json",
        ],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut made: Value = serde_json::from_slice(&sandbox.read("made.json")).unwrap();
    let mut wanted = root.clone();
    // Who runs a service is not among what cosign's form can say, and an authority's name is its root's.
    for document in [&mut made, &mut wanted] {
        for of in [
            "tlogs",
            "ctlogs",
            "certificateAuthorities",
            "timestampAuthorities",
        ] {
            for service in document[of].as_array_mut().unwrap() {
                let service = service.as_object_mut().unwrap();
                service.remove("operator");
                service.remove("subject");
            }
        }
    }
    assert_eq!(made, wanted);
    let elsewhere = Sandbox::new();
    for name in ["app.txt", "app.txt.sigstore.json", "made.json"] {
        elsewhere.write(name, sandbox.read(name));
    }
    let (identity, issuer) = sandbox.signer();
    let verify = ["verify", "app.txt", "--trusted-root", "made.json"];
    let signer = ["--identity", &identity, "--issuer", &issuer];
    assert_eq!(elsewhere.run(&[&verify[..], &signer].concat()).code, 0);
}

#[test]
fn parts_that_are_none_are_refused() {
    let (sandbox, _) = with_parts();
    let swapped = {
        let text = String::from_utf8(sandbox.read("fulcio.pem")).unwrap();
        let (first, second) = text.split_at(text.rfind("-----BEGIN").unwrap());
        format!("{second}{first}")
    };
    sandbox.write("swapped.pem", swapped);
    sandbox.write("text.pem", "no certificate");
    let unusable =
        |services: &[&str]| create(&sandbox, services).fails_with(2, "root.part-unusable");
    unusable(&[]);
    unusable(&["--fulcio", "https://f=swapped.pem"]);
    assert_ne!(
        create(&sandbox, &["--fulcio", "https://f=log1.pem"]).code,
        0
    );
    // An authority signs no timestamps itself.
    unusable(&["--tsa", "https://t=fulcio.pem"]);
    create(&sandbox, &["--fulcio", "https://f=none.pem"]).fails_with(3, "files.not-found");
    let key = "https://l=text.pem,start-time=2024-01-01T00:00:00Z";
    assert_ne!(create(&sandbox, &["--rekor", key]).code, 0);
    assert_eq!(create(&sandbox, &["--rekor", "https://l=log1.pem"]).code, 2);
}

#[test]
fn a_root_begins_with_what_is_known() {
    let (sandbox, _) = with_parts();
    let run = create(
        &sandbox,
        &[
            "--with-default-services",
            "--no-default-rekor",
            "--fulcio",
            "https://f=fulcio.pem",
        ],
    );
    let made = run.json();
    let public = sandbox.run(&["root", "show", "--profile", "public"]).json();
    let count = |root: &Value, of: &str| root[of].as_array().map_or(0, Vec::len);
    let authorities = "certificateAuthorities";
    assert_eq!(count(&made, authorities), count(&public, authorities) + 1);
    assert_eq!(count(&made, "tlogs"), 0);
    assert_eq!(count(&made, "ctlogs"), count(&public, "ctlogs"));
}

#[test]
fn a_signing_configuration_of_parts() {
    let sandbox = Sandbox::new();
    let create = |services: &[&str]| {
        sandbox.run(&[&["root", "signing-config", "create"], services].concat())
    };
    let service = |url: &str| {
        format!("url={url},api-version=1,start-time=2024-01-01T00:00:00Z,operator=corp")
    };
    let (fulcio, rekor) = (service("https://f"), service("https://r"));
    let run = create(&[
        "--fulcio",
        &fulcio,
        "--rekor",
        &rekor,
        "--rekor-config",
        "EXACT:1",
    ]);
    let made = run.json();
    assert_eq!(made["caUrls"][0]["url"], "https://f");
    assert_eq!(made["rekorTlogUrls"][0]["majorApiVersion"], 1);
    assert_eq!(made["rekorTlogConfig"]["selector"], "EXACT");
    assert_eq!(made["rekorTlogConfig"]["count"], 1);
    assert_eq!(create(&["--rekor", &rekor]).code, 2);

    sandbox.write("base.json", &run.stdout);
    let other = service("https://g");
    let run = create(&["--base-config", "base.json", "--fulcio", &other]);
    let made = run.json();
    assert_eq!(made["caUrls"].as_array().unwrap().len(), 1);
    assert_eq!(made["caUrls"][0]["url"], "https://g");
    assert_eq!(made["rekorTlogUrls"][0]["url"], "https://r");
    let made = create(&["--with-default-services", "--no-default-rekor"]).json();
    assert!(
        made["caUrls"][0]["url"]
            .as_str()
            .unwrap()
            .contains("sigstore")
    );
    assert!(made["rekorTlogUrls"].as_array().is_none_or(Vec::is_empty));
    create(&["--with-default-services", "--profile", "github"])
        .fails_with(2, "usage.no-signing-config");
}
