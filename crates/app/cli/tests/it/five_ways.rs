//! One image signed in every way at once, beside a stranger's signature and a broken one.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::Referrers;
use serde_json::Value;
use serde_json::json;

use crate::harness::Sandbox;
use crate::image::descriptor;
use crate::image::registry;

const SIGNATURE: &str = "application/vnd.dev.cosign.artifact.sig.v1+json";

/// A signature in the form of cosign 1: what is signed, and a layer that says so.
struct Legacy {
    payload: Vec<u8>,
    layer: Value,
}

fn signed(key: &SigningKey, subject: &Digest, about: &Digest) -> Legacy {
    let payload = |digest: &Digest| {
        let image = json!({ "docker-manifest-digest": digest.to_string() });
        let identity = json!({ "docker-reference": "app" });
        let kind = "cosign container image signature";
        json!({ "critical": { "identity": identity, "image": image, "type": kind }, "optional": null })
            .to_string()
            .into_bytes()
    };
    let signature = key.sign(&payload(about)).unwrap();
    let payload = payload(subject);
    let mut layer = descriptor("application/vnd.dev.cosign.simplesigning.v1+json", &payload);
    layer["annotations"] = json!({ "dev.cosignproject.cosign/signature": Base64::from(signature) });
    Legacy { payload, layer }
}

fn put(registry: &FakeRegistry, tag: Option<&str>, subject: Option<Value>, signatures: &[Legacy]) {
    let config = b"{}";
    registry.put_blob("app", config);
    for signature in signatures {
        registry.put_blob("app", &signature.payload);
    }
    let layers: Vec<&Value> = signatures
        .iter()
        .map(|signature| &signature.layer)
        .collect();
    let mut manifest = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", config),
        "layers": layers,
    });
    if let Some(subject) = subject {
        manifest["config"]["mediaType"] = SIGNATURE.into();
        manifest["artifactType"] = SIGNATURE.into();
        manifest["subject"] = subject;
    }
    let media_type = MediaType::OCI_MANIFEST;
    registry.put_manifest(
        "app",
        tag,
        media_type.as_str(),
        manifest.to_string().as_bytes(),
    );
}

#[test]
fn says_of_each_signature_whether_it_counts_and_why() {
    for referrers in [Referrers::Api { page: 2 }, Referrers::None] {
        let (registry, reference) = registry(referrers);
        let sandbox = Sandbox::new();
        let manifest = registry.tagged("app", "1").unwrap();
        let digest = Digest::sha256(&manifest);
        let tag = format!("{}.sig", digest.to_string().replace(':', "-"));
        let [release, stranger] = ["release", "stranger"].map(|name| {
            let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
            sandbox.write(
                &format!("{name}.key"),
                key.to_pkcs8_pem().unwrap().as_bytes(),
            );
            sandbox.write(&format!("{name}.pub"), key.public_key().to_pem());
            key
        });
        let other = Digest::sha256(b"another image");

        // Under a tag: a good one, a stranger's, and one that was made for another image.
        let under_tag = [
            signed(&release, &digest, &digest),
            signed(&stranger, &digest, &digest),
            signed(&release, &digest, &other),
        ];
        put(&registry, Some(&tag), None, &under_tag);
        // As cosign 2 did where there is an API, a bundle by an identity, bundles by two keys.
        let has_api = referrers != Referrers::None;
        if has_api {
            let subject = descriptor(MediaType::OCI_MANIFEST.as_str(), &manifest);
            put(
                &registry,
                None,
                Some(subject),
                &[signed(&release, &digest, &digest)],
            );
        }
        sandbox.seal(&reference);
        for name in ["release", "stranger"] {
            let run = sandbox.run(&[
                "sign",
                &reference,
                "--key",
                &format!("{name}.key"),
                "--no-tlog",
            ]);
            assert_eq!(run.code, 0, "{}", run.stderr);
        }

        let (identity, issuer) = sandbox.signer();
        let verify = |more: &[&str]| {
            let mut words = vec!["verify", &reference, "--insecure-ignore-tlog"];
            words.extend([
                "--identity",
                &identity,
                "--issuer",
                &issuer,
                "--key",
                "release.pub",
            ]);
            words.extend(more);
            sandbox.run(&words)
        };
        let run = verify(&["-o", "json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let document = run.json();
        assert_eq!(document["decision"], "accepted");
        let evidence = document["targets"][0]["evidence"].as_array().unwrap();
        let signatures = || evidence.iter().filter(|one| one["kind"] == "signature");
        let count = |what: &dyn Fn(&&Value) -> bool| signatures().filter(what).count();
        let accepted = |one: &&Value| one["decision"] == "accepted";
        let at_tag = |one: &&Value| one["location"].as_str().unwrap().contains(&tag);
        assert_eq!(
            count(&|one| accepted(one) && at_tag(one) && one["key"].is_string()),
            1
        );
        assert_eq!(
            count(&|one| accepted(one) && !at_tag(one) && one["key"].is_string()),
            if has_api { 2 } else { 1 }
        );
        assert_eq!(
            count(&|one| accepted(one) && one["identity"] == identity.as_str()),
            1
        );
        // The others are there, with their reasons, and stop nothing.
        let refused: Vec<&Value> = signatures().filter(|one| !accepted(one)).collect();
        assert_eq!(refused.len(), 3, "{refused:#?}");
        for one in &refused {
            assert_eq!(one["decision"], "rejected");
            assert!(
                one["failure"]["code"].as_str().unwrap().starts_with("sig."),
                "{one}"
            );
        }

        // In words, too, although the image is accepted.
        let run = verify(&[]);
        assert_eq!(run.code, 0);
        assert!(run.stdout.starts_with("accepted "), "{}", run.stdout);
        for one in signatures() {
            let location = one["location"].as_str().unwrap();
            assert!(run.stdout.contains(location), "{location}: {}", run.stdout);
        }
        for one in &refused {
            let reason = one["failure"]["message"].as_str().unwrap();
            assert!(run.stdout.contains(reason), "{reason}: {}", run.stdout);
        }

        // By the stranger's word alone, its two count; by nobody's that is here, none.
        let by = |key: &str| {
            sandbox.run(&["verify", &reference, "--insecure-ignore-tlog", "--key", key])
        };
        assert_eq!(by("stranger.pub").code, 0);
        let nobody = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
        sandbox.write("nobody.pub", nobody.public_key().to_pem());
        assert_eq!(by("nobody.pub").code, 1);
    }
}
