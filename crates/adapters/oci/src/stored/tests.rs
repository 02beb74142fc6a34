use sealwright_core::Diagnostic as _;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::fixture::SmallImage;
use crate::fixture::attestation;
use crate::fixture::bundle;
use crate::fixture::legacy;
use crate::fixture::sbom;
use crate::fixture::signature;

fn place() -> Place {
    Place::Repository("host/name".to_owned())
}

/// What is found in a manifest, each layer with its own content.
fn found(manifest: &Value, known: Option<LegacyKind>) -> Vec<Result<StoredEvidence, &'static str>> {
    let bytes = Bytes::from(manifest.to_string());
    let descriptor = Descriptor::of(MediaType::OCI_MANIFEST, &bytes);
    let manifest = Manifest::read(&place(), descriptor, bytes).unwrap();
    pieces(&place(), &manifest, known)
        .into_iter()
        .map(|piece| match piece {
            Ok(piece) => Ok(piece.with(Bytes::from_static(b"content")).1),
            Err(error) => Err(error.code().as_str()),
        })
        .collect()
}

fn json_of(image: &SmallImage) -> Value {
    serde_json::from_slice(&image.manifest).unwrap()
}

#[test]
fn reads_what_belongs_to_a_signature() {
    let manifest = json_of(&legacy("sig", None, &[signature(b"a"), signature(b"b")]));
    let wanted = StoredEvidence::LegacySignature {
        payload: Bytes::from_static(b"content"),
        signature: Base64(b"signature".to_vec()),
        annotations: CosignAnnotations {
            certificate: Some("certificate".to_owned()),
            // White space alone is nothing.
            chain: None,
            rekor_bundle: Some("promise".to_owned()),
            timestamp: None,
        },
    };
    let both = found(&manifest, Some(LegacyKind::Signatures));
    assert_eq!(both, [Ok(wanted.clone()), Ok(wanted)]);
}

#[test]
fn reads_attestations_and_documents() {
    let manifest = json_of(&legacy("att", None, &[attestation(b"a")]));
    let wanted = StoredEvidence::LegacyAttestation {
        envelope: Bytes::from_static(b"content"),
        predicate_type: Some("https://slsa.dev/provenance/v1".to_owned()),
        annotations: CosignAnnotations {
            timestamp: Some("timestamp".to_owned()),
            ..CosignAnnotations::default()
        },
    };
    assert_eq!(
        found(&manifest, Some(LegacyKind::Attestations)),
        [Ok(wanted)]
    );
    let manifest = json_of(&legacy("sbom", None, &[sbom(b"a")]));
    let wanted = StoredEvidence::Sbom {
        document: Bytes::from_static(b"content"),
        media_type: MediaType::new("text/spdx+json"),
        scope: Some("all".to_owned()),
    };
    assert_eq!(found(&manifest, Some(LegacyKind::Sbom)), [Ok(wanted)]);
}

#[test]
fn a_signature_must_be_there_and_be_base64() {
    let good = json_of(&legacy("sig", None, &[signature(b"a"), signature(b"b")]));
    let name = "dev.cosignproject.cosign/signature";
    for bad in [json!("no base64"), json!(" "), Value::Null] {
        let mut manifest = good.clone();
        let annotations = manifest["layers"][0]["annotations"]
            .as_object_mut()
            .unwrap();
        match bad {
            Value::Null => annotations.remove(name),
            bad => annotations.insert(name.to_owned(), bad),
        };
        let read = found(&manifest, Some(LegacyKind::Signatures));
        assert_eq!(read[0], Err("registry.malformed-answer"), "{manifest}");
        // The other is none the worse for it.
        assert!(read[1].is_ok());
    }
}

#[test]
fn a_manifest_is_what_its_place_or_type_says() {
    let subject = SmallImage::new(&[]).descriptor();
    let layers = [signature(b"a"), attestation(b"b"), sbom(b"c")];
    let kinds = |manifest: &Value, known| -> Vec<&str> {
        let kind = |evidence: &StoredEvidence| match evidence {
            StoredEvidence::Bundle { .. } => "bundle",
            StoredEvidence::LegacyAttestation { .. } => "att",
            StoredEvidence::LegacySignature { .. } => "sig",
            StoredEvidence::Sbom { .. } => "sbom",
        };
        let found = found(manifest, known);
        found
            .iter()
            .map(|one| kind(one.as_ref().unwrap()))
            .collect()
    };
    // Only layers of its own kind count; what is attached as an SBOM may have any format.
    for (kind, wanted) in
        LegacyKind::ALL
            .into_iter()
            .zip([&["sig"][..], &["att"], &["sbom", "sbom", "sbom"]])
    {
        let tagged = json_of(&legacy("", None, &layers));
        assert_eq!(kinds(&tagged, Some(kind)), wanted);
        assert_eq!(kinds(&tagged, None), [""; 0]);
        // A referrer, by the type of its configuration alone, and by its artifact type.
        let mut referrer = json_of(&legacy(kind.suffix(), Some(&subject), &layers));
        assert_eq!(kinds(&referrer, None), wanted);
        referrer["artifactType"] = referrer["config"]["mediaType"].take();
        referrer["config"]["mediaType"] = json!(MediaType::OCI_EMPTY);
        assert_eq!(kinds(&referrer, None), wanted);
        referrer["artifactType"] = json!("application/vnd.dev.cosign.artifact.x.v1+json");
        assert_eq!(kinds(&referrer, None), [""; 0]);
    }
    let encoded = bundle(1).encode(&subject).unwrap();
    let bundle = serde_json::from_slice(&encoded.manifest).unwrap();
    assert_eq!(kinds(&bundle, None), ["bundle"]);
}

#[test]
fn believes_only_types_that_say_something_else() {
    let mut referrer = SmallImage::new(&[]).descriptor();
    for (said, wanted) in [
        (None, true),
        (Some(""), true),
        (Some("application/vnd.oci.empty.v1+json"), true),
        (Some("application/vnd.dev.sigstore.bundle.v0.3+json"), true),
        (
            Some("application/vnd.dev.cosign.artifact.sig.v1+json"),
            true,
        ),
        (
            Some("application/vnd.dev.cosign.artifact.sig.v2+json"),
            false,
        ),
        (Some("text/x-note"), false),
    ] {
        referrer.artifact_type = said.map(MediaType::new);
        assert_eq!(may_hold_evidence(&referrer), wanted, "{said:?}");
    }
    referrer.artifact_type = None;
    referrer.media_type = MediaType::new("application/json");
    assert!(!may_hold_evidence(&referrer));
}

#[test]
fn a_budget_is_spent_once() {
    let limits = Limits {
        evidence_bytes: 10,
        evidence_pieces: 3,
        evidence_total_bytes: 4 * 15,
        ..Limits::default()
    };
    let budget = Budget::new(&limits);
    assert_eq!(budget.first(vec![1, 2]), (vec![1, 2], true));
    assert_eq!(budget.first(vec![3, 4]), (vec![3], false));
    assert_eq!(budget.first(vec![5]), (vec![], false));
    assert_eq!(budget.first(Vec::<u8>::new()), (vec![], true));
    let take = |size| {
        let mut layer = SmallImage::new(&[]).descriptor();
        layer.size = size;
        let form = Form::Bundle;
        budget.take(&Piece { layer, form }, &place(), &limits)
    };
    assert!(take(11).is_err());
    assert!(take(10).is_ok());
    assert_eq!(take(6).unwrap_err().code().as_str(), "image.too-large");
    assert!(take(5).is_ok());
    assert!(take(1).is_err());
}
