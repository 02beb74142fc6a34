//! `copy`, `save`, `load`, `tree`, `clean`, `attach`, `download` and `bundle`.

mod bundles;
mod evidence;

use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_testkit::registry::Access;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::FaultKind;
use sealwright_testkit::registry::Referrers;
use serde_json::Value;
use serde_json::json;

use crate::harness::Sandbox;
use crate::harness::case;
use crate::image::EVERYTHING;
use crate::image::descriptor;
use crate::image::image;
use crate::image::push;
use crate::image::registry;

const KINDS: [Referrers; 3] = [
    Referrers::None,
    Referrers::Api { page: 2 },
    Referrers::QuietApi,
];

/// A sealed image, and a registry to copy it to.
fn sealed(from: Referrers, to: Referrers) -> (Sandbox, FakeRegistry, String, FakeRegistry, String) {
    let (source, reference) = registry(from);
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    let destination = FakeRegistry::start(to, Access::Open);
    let copy = format!("{}/mirror:1", destination.host());
    (sandbox, source, reference, destination, copy)
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let run = sandbox.run(&[arguments, &["-o", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json()
}

/// A layer's digest, as URLs have it.
fn layer() -> String {
    Digest::sha256(&image("amd64").blobs[0]).to_string()
}

#[test]
fn copies_everything_between_registries_and_then_nothing_more() {
    for from in KINDS {
        for to in KINDS {
            case(&format!("{from:?} to {to:?}"));
            let (sandbox, _source, reference, _destination, copy) = sealed(from, to);
            let first = json(&sandbox, &["copy", &reference, &copy]);
            assert_eq!(first["manifests"]["sent"], 4, "{first}");
            assert_eq!(first["tag"], "1");
            assert_eq!(sandbox.verify(&copy, &EVERYTHING).code, 0);
            let second = json(&sandbox, &["copy", &reference, &copy]);
            assert_eq!(second["manifests"]["sent"], 0, "{second}");
            assert_eq!(second["blobs"]["sent"], 0, "{second}");
        }
    }
}

#[test]
fn mounts_blobs_within_a_registry() {
    let (source, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    let copy = format!("{}/other:1", source.host());
    let copied = json(&sandbox, &["copy", &reference, &copy]);
    assert_eq!(
        copied["blobs"],
        json!({"sent": 0, "mounted": 2, "there": 0})
    );
    assert!(source.tagged("other", "1").is_some());
}

#[test]
fn saves_and_loads_with_everything() {
    let (sandbox, _source, reference, _destination, copy) =
        sealed(Referrers::None, Referrers::QuietApi);
    json(&sandbox, &["save", &reference, "saved"]);
    let offline = [&EVERYTHING[..], &["--offline"]].concat();
    assert_eq!(sandbox.verify("oci:saved", &offline).code, 0);
    // Again it is the same, and another image does not go there.
    json(&sandbox, &["save", &reference, "saved"]);
    let (_other, other) = registry_of("arm64");
    let run = sandbox.run(&["save", &other, "saved"]);
    run.fails_with(2, "usage.layout-occupied");
    json(&sandbox, &["load", "saved", &copy]);
    assert_eq!(sandbox.verify(&copy, &EVERYTHING).code, 0);
    // By way of a plain layout, too.
    json(&sandbox, &["copy", &copy, "oci:plain:v1"]);
    assert_eq!(sandbox.verify("oci:plain:v1", &offline).code, 0);
}

fn registry_of(architecture: &str) -> (FakeRegistry, String) {
    let registry = FakeRegistry::start(Referrers::None, Access::Open);
    push(&registry, &image(architecture), "1");
    let reference = format!("{}/app:1", registry.host());
    (registry, reference)
}

#[test]
fn names_the_copy_last_and_only_when_all_of_it_is_there() {
    let unauthorized = || FaultKind::error(403, "DENIED");
    for (what, method, path) in [
        ("a blob", "PUT", "/blobs/uploads/"),
        ("a manifest", "PUT", "/manifests/sha256:"),
        ("the list of referrers", "PUT", "/manifests/sha256-"),
    ] {
        case(what);
        let (sandbox, _source, reference, destination, copy) =
            sealed(Referrers::None, Referrers::None);
        destination.fail(method, path, usize::MAX, unauthorized());
        let run = sandbox.run(&["copy", &reference, &copy]);
        run.fails_with(4, "registry.forbidden");
        assert_eq!(destination.tagged("mirror", "1"), None);
        destination.heal();
        json(&sandbox, &["copy", &reference, &copy]);
        assert_eq!(sandbox.verify(&copy, &EVERYTHING).code, 0);
    }
}

#[test]
fn rides_out_what_passes() {
    let later = |status| FaultKind::Answer {
        status,
        headers: vec![("Retry-After", "0".to_owned())],
        body: Vec::new(),
    };
    for (what, at_source, method, path, fault) in [
        (
            "a broken read",
            true,
            "GET",
            "/blobs/",
            FaultKind::Truncate(9),
        ),
        ("a busy read", true, "GET", "/blobs/", later(429)),
        ("a busy upload", false, "PUT", "/blobs/uploads/", later(429)),
        (
            "a failed upload",
            false,
            "PUT",
            "/blobs/uploads/",
            later(503),
        ),
        (
            "a failed start",
            false,
            "POST",
            "/blobs/uploads/",
            later(503),
        ),
        ("a busy manifest", false, "PUT", "/manifests/", later(429)),
    ] {
        for to_layout in [false, true] {
            if to_layout && !at_source {
                continue;
            }
            case(what);
            let (sandbox, source, reference, destination, copy) =
                sealed(Referrers::None, Referrers::None);
            let server = if at_source { &source } else { &destination };
            server.fail(method, path, 1, fault.clone());
            let to = if to_layout { "oci:layout:1" } else { &copy };
            json(&sandbox, &["copy", &reference, to]);
            assert_eq!(sandbox.verify(to, &EVERYTHING).code, 0);
        }
    }
}

#[test]
fn copies_nothing_whose_digest_is_wrong() {
    let wrong = || FaultKind::Body(b"{}".to_vec());
    let manifest = Digest::sha256(&image("amd64").manifest).to_string();
    for (what, path) in [("a layer", layer()), ("the manifest", manifest.clone())] {
        for to in ["registry", "layout"] {
            case(&format!("{what} to a {to}"));
            let (source, reference) = registry(Referrers::None);
            // What a tag names has the digest of whatever the registry gives.
            let reference = format!("{reference}@{manifest}");
            let sandbox = Sandbox::new();
            let destination = FakeRegistry::start(Referrers::None, Access::Open);
            let copy = format!("{}/mirror:1", destination.host());
            source.fail("GET", &path, usize::MAX, wrong());
            let to = if to == "layout" {
                "oci:layout:1"
            } else {
                &copy
            };
            let run = sandbox.run(&["copy", &reference, to]);
            run.fails_with(3, "registry.digest-mismatch");
            assert_eq!(destination.tagged("mirror", "1"), None);
            source.heal();
            json(&sandbox, &["copy", &reference, to]);
        }
    }
}

#[test]
fn notices_a_damaged_layout() {
    let (_source, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    json(&sandbox, &["copy", &reference, "oci:layout:1"]);
    let hex = layer().replace("sha256:", "");
    crate::harness::flip(&sandbox.path(&format!("layout/blobs/sha256/{hex}")), 3);
    let destination = FakeRegistry::start(Referrers::None, Access::Open);
    for to in [&format!("{}/mirror:1", destination.host()), "oci:other:1"] {
        let run = sandbox.run(&["copy", "oci:layout:1", to]);
        run.fails_with(1, "layout.digest-mismatch");
    }
    assert_eq!(destination.tagged("mirror", "1"), None);
}

#[test]
fn goes_on_with_half_a_blob_and_throws_away_what_is_none() {
    let (source, reference) = registry(Referrers::None);
    let content = image("amd64").blobs[0].clone();
    let hex = layer().replace("sha256:", "");
    let longer = [&content[..], b"more"].concat();
    for (what, left) in [
        ("a half", &content[..content.len() / 2]),
        ("all of it", &content[..]),
        ("something else", b"something else".as_slice()),
        ("more than there is", &longer),
    ] {
        case(what);
        let sandbox = Sandbox::new();
        sandbox.write("layout/oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
        sandbox.write("layout/index.json", r#"{"schemaVersion":2,"manifests":[]}"#);
        sandbox.write(&format!("layout/.partial/{hex}"), left);
        json(&sandbox, &["copy", &reference, "oci:layout:1"]);
        assert_eq!(sandbox.read(&format!("layout/blobs/sha256/{hex}")), content);
        assert!(!sandbox.path("layout/.partial").exists());
    }
    let ranged = source.requests().len();
    assert!(ranged > 0);
}

#[test]
fn says_when_the_disk_is_full() {
    let (_source, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    let place = sandbox.path("full");
    std::fs::create_dir_all(&place).unwrap();
    let script = r#"
mount -t tmpfs -o size=16k none "$1" || exit 77
export SEALWRIGHT_HOME="$1/home" TMPDIR="$1"
"$2" copy "$3" "oci:$1/layout:1" > /dev/null
echo "first $?"
mount -o remount,size=8m none "$1" || exit 77
"$2" copy "$3" "oci:$1/layout:1" > /dev/null
echo "again $?"
"$2" tree "oci:$1/layout:1" > /dev/null
echo "tree $?"
"#;
    // A layer that does not fit.
    let large = crate::image::registry_with_layer(vec![7; 64 << 10]);
    drop(reference);
    let output = std::process::Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(&place)
        .args([env!("CARGO_BIN_EXE_sealwright"), &large.1])
        .output()
        .unwrap();
    if matches!(output.status.code(), Some(1 | 77)) {
        println!("no file system of a test's own can be mounted here: nothing is tested");
        return;
    }
    let run = crate::harness::Run::of(output);
    assert_eq!(run.stdout, "first 3\nagain 0\ntree 0\n", "{}", run.stderr);
    assert!(
        run.stderr.contains("error[files.no-space]"),
        "{}",
        run.stderr
    );
}

#[test]
fn leaves_a_taken_tag_alone_when_told() {
    let (sandbox, _source, reference, destination, copy) = sealed(Referrers::None, Referrers::None);
    let (_other, other) = registry_of("arm64");
    json(&sandbox, &["copy", &other, &copy]);
    let before = destination.tagged("mirror", "1");
    let run = sandbox.run(&["copy", &reference, &copy, "--keep-tag"]);
    run.fails_with(2, "image.tag-taken");
    assert_eq!(destination.tagged("mirror", "1"), before);
    json(&sandbox, &["copy", &reference, &copy]);
    assert_ne!(destination.tagged("mirror", "1"), before);
}

#[test]
fn refuses_a_destination_of_another_digest_and_a_platform_that_is_not_there() {
    let (sandbox, _source, reference, _destination, copy) =
        sealed(Referrers::None, Referrers::None);
    let digest = Digest::sha256(b"another");
    let run = sandbox.run(&["copy", &reference, &format!("{copy}@{digest}")]);
    run.fails_with(2, "usage.wrong-destination");
    for verb in [&["copy", &reference, &copy][..], &["tree", &reference]] {
        let run = sandbox.run(&[verb, &["--platform", "linux/s390x"]].concat());
        run.fails_with(2, "usage.no-platform");
    }
}

/// An index of two images under the tag `multi`.
fn index() -> (FakeRegistry, String, [Digest; 3]) {
    let server = FakeRegistry::start(Referrers::None, Access::Open);
    let mut entries = Vec::new();
    let mut digests = Vec::new();
    for architecture in ["amd64", "arm64"] {
        let parts = image(architecture);
        push(&server, &parts, architecture);
        let mut entry = descriptor(MediaType::OCI_MANIFEST.as_str(), &parts.manifest);
        entry["platform"] = json!({"os": "linux", "architecture": architecture});
        entries.push(entry);
        digests.push(Digest::sha256(&parts.manifest));
    }
    let document = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_INDEX,
        "manifests": entries,
    });
    let document = document.to_string().into_bytes();
    let media_type = MediaType::OCI_INDEX;
    let top = server.put_manifest("app", Some("multi"), media_type.as_str(), &document);
    let reference = format!("{}/app:multi", server.host());
    (server, reference, [top, digests[0], digests[1]])
}

#[test]
fn copies_all_platforms_or_the_one_that_is_named() {
    let (_server, reference, [top, _, arm64]) = index();
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    let destination = FakeRegistry::start(Referrers::None, Access::Open);
    let copy = format!("{}/mirror:multi", destination.host());
    assert_eq!(
        json(&sandbox, &["copy", &reference, &copy])["digest"],
        top.to_string()
    );
    assert_eq!(
        sandbox.verify(&copy, &["--require", "signature,sbom"]).code,
        0
    );
    let one = format!("{}/mirror:arm", destination.host());
    let copied = json(
        &sandbox,
        &["copy", &reference, &one, "--platform", "linux/arm64"],
    );
    assert_eq!(copied["digest"], arm64.to_string());
    let tree = json(&sandbox, &["tree", &copy]);
    let children = tree["root"]["children"].as_array().unwrap();
    assert_eq!(children.len(), 2);
    assert_eq!(children[1]["platform"], "linux/arm64");
    for node in [&tree["root"], &children[0], &children[1]] {
        assert!(!node["attached"].as_array().unwrap().is_empty(), "{node}");
    }
}

#[test]
fn copies_evidence_alone() {
    let (sandbox, _source, reference, destination, copy) = sealed(Referrers::None, Referrers::None);
    let copied = json(
        &sandbox,
        &["copy", &reference, &copy, "--only", "signature"],
    );
    assert_eq!(copied["manifests"]["sent"], 1, "{copied}");
    assert_eq!(destination.tagged("mirror", "1"), None);
    // The image by itself, and its signature is there.
    let parts = image("amd64");
    for blob in &parts.blobs {
        destination.put_blob("mirror", blob);
    }
    let media_type = MediaType::OCI_MANIFEST;
    destination.put_manifest("mirror", Some("1"), media_type.as_str(), &parts.manifest);
    assert_eq!(sandbox.verify(&copy, &["--require", "signature"]).code, 0);
    assert_eq!(sandbox.verify(&copy, &["--require", "sbom"]).code, 1);
}
