//! Images in registries and layouts.

use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_testkit::registry::Access;
use sealwright_testkit::registry::FakeRegistry;
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

/// The blobs of an image (layer, then configuration) and its manifest.
pub(crate) struct Parts {
    pub(crate) blobs: Vec<Vec<u8>>,
    pub(crate) manifest: Vec<u8>,
}

pub(crate) fn image(architecture: &str) -> Parts {
    let layer = layer();
    let diff_id = Digest::sha256(&layer);
    image_of(architecture, layer, diff_id, 1)
}

/// An image of one layer, listed so many times.
fn image_of(architecture: &str, layer: Vec<u8>, diff_id: Digest, layers: usize) -> Parts {
    let config = json!({
        "architecture": architecture,
        "os": "linux",
        "created": "2026-01-02T03:04:05Z",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": vec![diff_id.to_string(); layers] },
    })
    .to_string()
    .into_bytes();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": vec![descriptor("application/vnd.oci.image.layer.v1.tar", &layer); layers],
    })
    .to_string()
    .into_bytes();
    Parts {
        blobs: vec![layer, config],
        manifest,
    }
}

pub(crate) fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({
        "mediaType": media_type,
        "digest": Digest::sha256(content).to_string(),
        "size": content.len(),
    })
}

pub(crate) fn push(registry: &FakeRegistry, parts: &Parts, tag: &str) {
    for blob in &parts.blobs {
        registry.put_blob("app", blob);
    }
    let media_type = MediaType::OCI_MANIFEST;
    registry.put_manifest("app", Some(tag), media_type.as_str(), &parts.manifest);
}

pub(crate) fn registry(referrers: Referrers) -> (FakeRegistry, String) {
    let registry = FakeRegistry::start(referrers, Access::Open);
    push(&registry, &image("amd64"), "1");
    let reference = format!("{}/app:1", registry.host());
    (registry, reference)
}

pub(crate) const EVERYTHING: [&str; 2] = ["--require", "signature,provenance,sbom"];

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

/// An index of two images; its reference, and the images' digests.
pub(crate) fn index() -> (FakeRegistry, String, Vec<String>) {
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
    registry.put_manifest("app", Some("all"), media_type.as_str(), index.as_bytes());
    let reference = format!("{}/app:all", registry.host());
    let digests = children
        .iter()
        .map(|child| child["digest"].as_str().unwrap().to_owned())
        .collect();
    (registry, reference, digests)
}

#[test]
fn signs_an_index_and_every_image_in_it() {
    let (registry, reference, children) = index();
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
        let child = format!("{}/app@{child}", registry.host());
        assert_eq!(sandbox.verify(&child, &EVERYTHING).code, 0);
    }
}

/// Writes images into a layout, each under the tag of its place, from 1.
pub(crate) fn layout(sandbox: &Sandbox, images: &[Parts]) {
    let mut listed = Vec::new();
    for (number, parts) in (1..).zip(images) {
        for content in parts.blobs.iter().chain([&parts.manifest]) {
            write_blob(sandbox, content);
        }
        let mut descriptor = descriptor(MediaType::OCI_MANIFEST.as_str(), &parts.manifest);
        let tag = format!("{number}");
        descriptor["annotations"] = json!({ "org.opencontainers.image.ref.name": tag });
        listed.push(descriptor);
    }
    let index = json!({ "schemaVersion": 2, "manifests": listed }).to_string();
    sandbox.write("layout/index.json", index);
    sandbox.write("layout/oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
}

fn blob_path(digest: &str) -> String {
    format!(
        "layout/blobs/sha256/{}",
        digest.trim_start_matches("sha256:")
    )
}

fn write_blob(sandbox: &Sandbox, content: &[u8]) {
    let digest = Digest::sha256(content).to_string();
    sandbox.write(&blob_path(&digest), content);
}

#[test]
fn signs_nothing_when_a_layout_cannot_be_written() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    layout(&sandbox, &[image("amd64")]);
    let logged = sandbox.log_size();
    for part in ["layout", "layout/blobs/sha256", "layout/oci-layout"] {
        let mode = if part.ends_with("oci-layout") {
            0o444
        } else {
            0o555
        };
        let before = sandbox.work();
        sandbox.with_mode(&sandbox.path(part), mode, || {
            sandbox
                .run_stoppable(&["seal", "oci:layout:1"])
                .fails_with(3, "files.write-failed");
        });
        assert_eq!(sandbox.work(), before);
        assert_eq!(sandbox.log_size(), logged, "{part}");
    }
    let run = sandbox.run_stoppable(&["seal", "oci:layout:1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn seals_an_image_in_a_layout() {
    let sandbox = Sandbox::new();
    let parts = image("amd64");
    layout(&sandbox, std::slice::from_ref(&parts));
    sandbox.seal("oci:layout:1");
    assert_eq!(sandbox.verify("oci:layout:1", &EVERYTHING).code, 0);
    assert_eq!(sandbox.verify("oci:layout:1", &["--offline"]).code, 0);
    sandbox
        .verify("oci:layout:2", &[])
        .fails_with(2, "layout.tag-missing");

    let blob = blob_path(&Digest::sha256(&parts.manifest).to_string());
    let mut damaged = parts.manifest;
    damaged[20] ^= 1;
    sandbox.write(&blob, damaged);
    sandbox
        .verify("oci:layout:1", &[])
        .fails_with(1, "layout.digest-mismatch");
}

/// Evidence of one image that somebody attaches to another one.
#[test]
fn rejects_evidence_about_another_image() {
    let sandbox = Sandbox::new();
    let (ours, theirs) = (image("amd64"), image("arm64"));
    let subject = descriptor(MediaType::OCI_MANIFEST.as_str(), &ours.manifest);
    layout(&sandbox, &[ours, theirs]);
    let sealed = sandbox.seal("oci:layout:2");
    let read = |path: &str| -> Value { serde_json::from_slice(&sandbox.read(path)).unwrap() };
    let mut index = read("layout/index.json");
    for made in sealed["evidence"].as_array().unwrap() {
        let (_, digest) = made["location"].as_str().unwrap().split_once('@').unwrap();
        let mut referrer = read(&blob_path(digest));
        referrer["subject"] = subject.clone();
        let referrer = referrer.to_string().into_bytes();
        write_blob(&sandbox, &referrer);
        let listed = descriptor(MediaType::OCI_MANIFEST.as_str(), &referrer);
        index["manifests"].as_array_mut().unwrap().push(listed);
    }
    sandbox.write("layout/index.json", index.to_string());
    assert_eq!(sandbox.verify("oci:layout:2", &EVERYTHING).code, 0);
    let before = sandbox.everything();
    sandbox
        .verify("oci:layout:1", &[])
        .fails_with(1, "claim.subject-mismatch");
    assert_eq!(sandbox.everything(), before);
}

#[test]
fn cannot_decide_by_a_layout_that_is_not_whole() {
    let sandbox = Sandbox::new();
    let parts = image("amd64");
    let manifest = blob_path(&Digest::sha256(&parts.manifest).to_string());
    let layer = blob_path(&Digest::sha256(&parts.blobs[0]).to_string());
    layout(&sandbox, &[parts, image("arm64")]);
    let before = sandbox.everything();
    sandbox
        .run(&["seal", "oci:layout"])
        .fails_with(2, "layout.ambiguous");
    for (path, content, exit, code) in [
        ("layout/index.json", Some("{"), 3, "layout.malformed"),
        ("layout/index.json", None, 3, "layout.malformed"),
        ("layout/oci-layout", None, 3, "layout.malformed"),
        (&manifest, None, 3, "layout.blob-missing"),
        (&manifest, Some("{}"), 1, "layout.digest-mismatch"),
        (&layer, None, 3, "layout.blob-missing"),
        (&layer, Some("short"), 1, "layout.digest-mismatch"),
    ] {
        println!("case: {path} {content:?}");
        let good = sandbox.read(path);
        match content {
            Some(content) => sandbox.write(path, content),
            None => std::fs::remove_file(sandbox.path(path)).unwrap(),
        }
        sandbox
            .run(&["seal", "oci:layout:1"])
            .fails_with(exit, code);
        sandbox.write(path, good);
        assert_eq!(sandbox.everything(), before, "nothing was written");
    }
    sandbox.seal("oci:layout:1");
}

#[test]
fn cannot_decide_about_images_that_are_none() {
    let tar_of = |path: &str| {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        builder.append_data(&mut header, path, &b""[..]).unwrap();
        builder.into_inner().unwrap()
    };
    let whole = |layer: Vec<u8>| {
        let diff_id = Digest::sha256(&layer);
        image_of("amd64", layer, diff_id, 1)
    };
    let sandbox = Sandbox::new();
    let mut index = image("amd64");
    index.manifest = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_INDEX,
        "manifests": [],
    })
    .to_string()
    .into_bytes();
    let images = [
        whole(b"this is no tar archive".repeat(100)),
        image_of("amd64", layer(), Digest::sha256(b"other"), 1),
        whole(tar_of(&"a/".repeat(2000))),
        image_of("amd64", layer(), Digest::sha256(&layer()), 1001),
        index,
    ];
    layout(&sandbox, &images);
    let list = String::from_utf8(sandbox.read("layout/index.json")).unwrap();
    let mut list: Value = serde_json::from_str(&list).unwrap();
    list["manifests"][4]["mediaType"] = json!(MediaType::OCI_INDEX);
    let old = "application/vnd.docker.distribution.manifest.v1+json";
    let manifest = json!({ "schemaVersion": 1, "mediaType": old }).to_string();
    write_blob(&sandbox, manifest.as_bytes());
    let mut unknown = descriptor(old, manifest.as_bytes());
    unknown["annotations"] = json!({ "org.opencontainers.image.ref.name": "6" });
    list["manifests"].as_array_mut().unwrap().push(unknown);
    sandbox.write("layout/index.json", list.to_string());
    let before = sandbox.everything();
    for (tag, exit, code) in [
        (1, 3, "tree.malformed"),
        (2, 1, "layer.diff-id-mismatch"),
        (3, 3, "tree.limit"),
        (4, 3, "image.too-large"),
        (5, 2, "usage.no-image"),
        (6, 3, "image.unsupported"),
    ] {
        println!("case: {tag}");
        let target = format!("oci:layout:{tag}");
        let generate = ["sbom", "generate", &target];
        sandbox.run(&generate).fails_with(exit, code);
        if code != "usage.no-image" {
            sandbox.run(&["seal", &target]).fails_with(exit, code);
        }
        assert_eq!(sandbox.everything(), before, "nothing was written");
    }
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

/// A registry with an image of this layer.
pub(crate) fn registry_with_layer(layer: Vec<u8>) -> (FakeRegistry, String) {
    let registry = FakeRegistry::start(Referrers::None, Access::Open);
    let diff_id = Digest::sha256(&layer);
    push(&registry, &image_of("amd64", layer, diff_id, 1), "1");
    let reference = format!("{}/app:1", registry.host());
    (registry, reference)
}
