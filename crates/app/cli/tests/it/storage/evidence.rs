//! Evidence shown, removed, downloaded and attached.

use sealwright_testkit::registry::Access;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::FaultKind;
use sealwright_testkit::registry::Referrers;

use super::KINDS;
use super::index;
use super::json;
use super::registry_of;
use super::sealed;
use crate::harness::Sandbox;
use crate::harness::case;
use crate::image::EVERYTHING;
use crate::image::image;
use crate::image::push;
use crate::image::registry;

#[test]
fn shows_what_is_attached_and_believes_nothing_of_it() {
    let (sandbox, _source, reference, _destination, _) = sealed(Referrers::None, Referrers::None);
    let tree = json(&sandbox, &["tree", &reference]);
    let attached = tree["root"]["attached"].as_array().unwrap();
    let kinds: Vec<_> = attached
        .iter()
        .map(|node| node["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["signature", "attestation", "attestation"]);
    let (identity, issuer) = sandbox.signer();
    for node in attached {
        let piece = &node["pieces"][0];
        assert_eq!(piece["claimedIdentity"], identity.as_str());
        assert_eq!(piece["claimedIssuer"], issuer.as_str());
    }
    let run = sandbox.run(&["tree", &reference]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("(unverified)"), "{}", run.stdout);
    assert!(
        run.stdout.lines().all(|line| line.chars().count() < 140),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("verify"), "{}", run.stderr);
    let (_bare, bare) = registry_of("arm64");
    assert!(
        sandbox
            .run(&["tree", &bare])
            .stdout
            .contains("nothing is attached")
    );
}

#[test]
fn cleans_and_leaves_the_image() {
    for referrers in KINDS {
        case(&format!("{referrers:?}"));
        let (source, reference) = registry(referrers);
        let sandbox = Sandbox::new();
        sandbox.seal(&reference);
        let run = sandbox.run(&["clean", &reference]);
        run.fails_with(2, "usage.confirmation-missing");
        let cleaned = json(
            &sandbox,
            &["clean", &reference, "--yes", "--type", "signature"],
        );
        assert_eq!(cleaned["evidence"].as_array().unwrap().len(), 1);
        assert_eq!(
            sandbox.verify(&reference, &["--require", "signature"]).code,
            1
        );
        assert_eq!(sandbox.verify(&reference, &["--require", "sbom"]).code, 0);
        json(&sandbox, &["clean", &reference, "--yes"]);
        let tree = json(&sandbox, &["tree", &reference]);
        assert_eq!(
            tree["root"]["attached"].as_array().unwrap().len(),
            0,
            "{tree}"
        );
        assert_eq!(source.tagged("app", "1"), Some(image("amd64").manifest));
        let again = json(&sandbox, &["clean", &reference, "--yes"]);
        assert_eq!(again["evidence"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn cleans_a_layout_with_its_platforms() {
    let (_server, reference, _) = index();
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    json(&sandbox, &["save", &reference, "saved"]);
    let cleaned = json(&sandbox, &["clean", "oci:saved", "--yes"]);
    assert!(
        cleaned["evidence"].as_array().unwrap().len() > 3,
        "{cleaned}"
    );
    let run = sandbox.run(&["tree", "oci:saved"]);
    assert!(run.stdout.contains("nothing is attached"), "{}", run.stdout);
    let destination = FakeRegistry::start(Referrers::None, Access::Open);
    let copy = format!("{}/mirror:1", destination.host());
    json(&sandbox, &["load", "saved", &copy]);
}

#[test]
fn says_when_a_registry_deletes_nothing() {
    let (source, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    source.fail(
        "DELETE",
        "/manifests/",
        usize::MAX,
        FaultKind::error(405, "UNSUPPORTED"),
    );
    let run = sandbox.run(&["clean", &reference, "--yes"]);
    run.fails_with(3, "registry.deletion-refused");
    assert!(run.stdout.contains("not removed"), "{}", run.stdout);
    // What is still there is still found.
    assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
    source.heal();
    source.fail(
        "DELETE",
        "/manifests/",
        usize::MAX,
        FaultKind::error(403, "DENIED"),
    );
    let run = sandbox.run(&["clean", &reference, "--yes"]);
    run.fails_with(4, "registry.forbidden");
}

#[test]
fn never_removes_an_image_that_an_evidence_tag_names() {
    let (source, reference) = registry(Referrers::None);
    let parts = image("amd64");
    let digest = sealwright_core::Digest::sha256(&parts.manifest);
    push(&source, &parts, &format!("sha256-{}.sig", digest.to_hex()));
    let sandbox = Sandbox::new();
    let cleaned = json(&sandbox, &["clean", &reference, "--yes"]);
    assert_eq!(cleaned["evidence"].as_array().unwrap().len(), 0);
    assert!(source.tagged("app", "1").is_some());
}

#[test]
fn what_is_downloaded_can_be_attached_elsewhere() {
    let (sandbox, _source, reference, destination, copy) =
        sealed(Referrers::None, Referrers::Api { page: 2 });
    let bundles = sandbox.run(&["download", "bundle", &reference]);
    assert_eq!(bundles.stdout.lines().count(), 3);
    sandbox.write("bundles.jsonl", &bundles.stdout);
    let parts = image("amd64");
    for blob in &parts.blobs {
        destination.put_blob("mirror", blob);
    }
    let media_type = sealwright_core::MediaType::OCI_MANIFEST;
    destination.put_manifest("mirror", Some("1"), media_type.as_str(), &parts.manifest);
    json(&sandbox, &["attach", "bundle", "bundles.jsonl", &copy]);
    assert_eq!(sandbox.verify(&copy, &EVERYTHING).code, 0);
    let signature = sandbox.run(&["download", "signature", &copy]);
    assert_eq!(signature.stdout.lines().count(), 1);
    let provenance = ["--predicate-type", "https://slsa.dev/provenance/v1"];
    let found = sandbox.run(&[&["download", "attestation", &copy][..], &provenance].concat());
    assert_eq!(found.stdout.lines().count(), 1);
    let none = sandbox.run(&["download", "sbom", &copy]);
    none.fails_with(1, "evidence.missing");
    // Not to what it is not about.
    let (_other, other) = registry_of("arm64");
    let run = sandbox.run(&["attach", "bundle", "bundles.jsonl", &other]);
    run.fails_with(2, "usage.evidence-of-another");
    sandbox.write("half.json", bundles.stdout.get(..500).unwrap());
    let run = sandbox.run(&["attach", "bundle", "half.json", &copy]);
    assert_eq!(run.code, 3, "{}", run.stderr);
}

#[test]
fn attaches_an_sbom_and_gives_it_back_byte_for_byte() {
    let (_source, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    sandbox.write("one.json", "{\"one\": 1}\n");
    sandbox.write("two.json", "{\"two\": 2}\n");
    json(&sandbox, &["attach", "sbom", "one.json", &reference]);
    json(&sandbox, &["attach", "sbom", "two.json", &reference]);
    let found = sandbox.run(&["download", "sbom", &reference]);
    assert_eq!(found.stdout, "{\"two\": 2}\n");
    json(&sandbox, &["clean", &reference, "--yes", "--type", "sbom"]);
    let none = sandbox.run(&["download", "sbom", &reference]);
    none.fails_with(1, "evidence.missing");
}
