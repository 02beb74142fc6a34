//! Images in registries and layouts, and everything a registry can do wrong.

use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_testkit::registry::Access;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::FaultKind;
use sealwright_testkit::registry::Referrers;
use serde_json::Value;
use serde_json::json;

use crate::harness::Sandbox;

const STATUS: &str = "Package: tiny\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2.3-4\nMaintainer: Someone <someone@example.com>\nDescription: small\n";

/// A layer with a package database, as a tar.
fn layer() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in [
        (
            "etc/os-release",
            "ID=debian\nVERSION_ID=\"12\"\nNAME=\"Debian GNU/Linux\"\n",
        ),
        ("var/lib/dpkg/status", STATUS),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder
            .append_data(&mut header, path, content.as_bytes())
            .unwrap();
    }
    builder.into_inner().unwrap()
}

/// The blobs and manifests of an image, the image itself last.
struct Parts {
    blobs: Vec<Vec<u8>>,
    manifest: Vec<u8>,
}

fn image(architecture: &str) -> Parts {
    let layer = layer();
    let config = json!({
        "architecture": architecture,
        "os": "linux",
        "created": "2026-01-02T03:04:05Z",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": [Digest::sha256(&layer).to_string()] },
    })
    .to_string()
    .into_bytes();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", &layer)],
    })
    .to_string()
    .into_bytes();
    Parts {
        blobs: vec![layer, config],
        manifest,
    }
}

fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({
        "mediaType": media_type,
        "digest": Digest::sha256(content).to_string(),
        "size": content.len(),
    })
}

fn push(registry: &FakeRegistry, parts: &Parts, tag: &str) {
    for blob in &parts.blobs {
        registry.put_blob("app", blob);
    }
    let media_type = MediaType::OCI_MANIFEST;
    registry.put_manifest("app", media_type.as_str(), &parts.manifest, Some(tag));
}

fn registry(referrers: Referrers) -> (FakeRegistry, String) {
    let registry = FakeRegistry::start(referrers, Access::Open);
    push(&registry, &image("amd64"), "1");
    let reference = format!("{}/app:1", registry.host());
    (registry, reference)
}

const EVERYTHING: [&str; 2] = ["--require", "signature,provenance,sbom"];

#[test]
fn seals_and_verifies_an_image_whatever_the_registry_knows_of_referrers() {
    for referrers in [
        Referrers::None,
        Referrers::Api { page: 2 },
        Referrers::QuietApi,
    ] {
        let (_registry, reference) = registry(referrers);
        let sandbox = Sandbox::new();
        let sealed = sandbox.seal(&reference);
        assert_eq!(sealed["outcome"], "sealed");
        assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
        assert_eq!(sandbox.seal(&reference)["outcome"], "unchanged");
        let shown = sandbox.run(&["sbom", "show", &reference]);
        assert!(
            shown
                .stdout
                .starts_with("tiny\t1:2.3-4\tpkg:deb/debian/tiny@1:2.3-4"),
            "{}",
            shown.stdout
        );
    }
}

#[test]
fn rejects_an_image_that_nobody_sealed() {
    let (registry, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    push(&registry, &image("arm64"), "1");
    sandbox
        .verify(&reference, &[])
        .fails_with(1, "evidence.missing");
}

#[test]
fn signs_an_index_and_every_image_in_it() {
    let registry = FakeRegistry::start(Referrers::None, Access::Open);
    let children: Vec<Value> = ["amd64", "arm64"]
        .iter()
        .map(|architecture| {
            let parts = image(architecture);
            push(&registry, &parts, architecture);
            let mut descriptor = descriptor(MediaType::OCI_MANIFEST.as_str(), &parts.manifest);
            descriptor["platform"] = json!({ "os": "linux", "architecture": architecture });
            descriptor
        })
        .collect();
    let index = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_INDEX,
        "manifests": children,
    })
    .to_string();
    let media_type = MediaType::OCI_INDEX;
    registry.put_manifest("app", media_type.as_str(), index.as_bytes(), Some("all"));
    let reference = format!("{}/app:all", registry.host());

    let sandbox = Sandbox::new();
    let sealed = sandbox.seal(&reference);
    let evidence = sealed["evidence"].as_array().unwrap();
    let count = |kind: &str| evidence.iter().filter(|made| made["kind"] == kind).count();
    assert_eq!(
        (count("signature"), count("provenance"), count("sbom")),
        (3, 3, 2)
    );
    assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
    for child in children {
        let child = format!(
            "{}/app@{}",
            registry.host(),
            child["digest"].as_str().unwrap()
        );
        assert_eq!(sandbox.verify(&child, &EVERYTHING).code, 0);
    }
}

#[test]
fn seals_an_image_in_a_layout() {
    let sandbox = Sandbox::new();
    let parts = image("amd64");
    for content in parts.blobs.iter().chain([&parts.manifest]) {
        let name = format!("layout/blobs/sha256/{}", Digest::sha256(content).to_hex());
        sandbox.write(&name, content);
    }
    let mut listed = descriptor(MediaType::OCI_MANIFEST.as_str(), &parts.manifest);
    listed["annotations"] = json!({ "org.opencontainers.image.ref.name": "1" });
    let index = json!({ "schemaVersion": 2, "manifests": [listed] }).to_string();
    sandbox.write("layout/index.json", index);
    sandbox.write("layout/oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);

    sandbox.seal("oci:layout:1");
    assert_eq!(sandbox.verify("oci:layout:1", &EVERYTHING).code, 0);
    assert_eq!(sandbox.verify("oci:layout:1", &["--offline"]).code, 0);
    sandbox
        .verify("oci:layout:2", &[])
        .fails_with(3, "layout.tag-missing");

    let blob = format!(
        "layout/blobs/sha256/{}",
        Digest::sha256(&parts.manifest).to_hex()
    );
    let mut damaged = parts.manifest.clone();
    damaged[20] ^= 1;
    sandbox.write(&blob, damaged);
    sandbox
        .verify("oci:layout:1", &[])
        .fails_with(3, "layout.digest-mismatch");
}

#[test]
fn cannot_decide_when_the_registry_does_not_answer_well() {
    let faults: [(FaultKind, i32, &str); 6] = [
        (
            FaultKind::error(401, "UNAUTHORIZED"),
            4,
            "registry.unauthorized",
        ),
        (FaultKind::error(403, "DENIED"), 4, "registry.forbidden"),
        (
            FaultKind::error(404, "MANIFEST_UNKNOWN"),
            3,
            "registry.not-found",
        ),
        (
            FaultKind::error(429, "TOOMANYREQUESTS"),
            3,
            "registry.rate-limited",
        ),
        (FaultKind::error(500, "UNKNOWN"), 3, "registry.unavailable"),
        (FaultKind::Hang, 3, "registry.timeout"),
    ];
    let (registry, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    for (fault, exit, code) in faults {
        registry.fail("", "/manifests/1", 1000, fault);
        sandbox
            .verify(&reference, &["--timeout", "3s"])
            .fails_with(exit, code);
        let run = sandbox.run(&["seal", &reference, "--again", "--timeout", "3s"]);
        run.fails_with(exit, code);
        registry.heal();
    }
    assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
}

#[test]
fn opens_no_socket_offline() {
    let (registry, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    let before = registry.requests().len();
    sandbox
        .verify(&reference, &["--offline"])
        .fails_with(2, "usage.offline-registry");
    assert_eq!(registry.requests().len(), before);
}
