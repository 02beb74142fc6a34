//! Evidence in every form, in layout directories.

use super::*;
use crate::fixture::attestation;
use crate::fixture::legacy;
use crate::fixture::sbom;
use crate::fixture::signature;
use crate::stored::EvidenceSource;
use crate::stored::FoundStored;
use crate::stored::LegacyKind;
use crate::stored::StoredEvidence;

/// What was found: by which way, and in which form.
fn shown(found: &FoundStored) -> Vec<(&'static str, &'static str)> {
    let found = found.found.iter().map(|one| {
        let way = match one.source {
            EvidenceSource::Referrer => "referrer",
            EvidenceSource::Saved => "saved",
            EvidenceSource::Tag(_) => "tag",
        };
        let form = match one.evidence {
            StoredEvidence::Bundle { .. } => "bundle",
            StoredEvidence::LegacyAttestation { .. } => "attestation",
            StoredEvidence::LegacySignature { .. } => "signature",
            StoredEvidence::Sbom { .. } => "sbom",
        };
        (way, form)
    });
    found.collect()
}

/// Writes an entry into the index with this annotation `kind`, as `cosign save` does.
fn save(layout: &Layout, image: &SmallImage, kind: &str) {
    image.write(layout, None);
    let mut index: Value = serde_json::from_slice(&fs::read(layout.index_path()).unwrap()).unwrap();
    let entries = index["manifests"].as_array_mut().unwrap();
    entries.last_mut().unwrap()["annotations"] =
        json!({ANNOTATION_KIND: format!("dev.cosignproject.cosign/{kind}")});
    fs::write(layout.index_path(), index.to_string()).unwrap();
}

#[test]
fn finds_tags_and_referrers() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    image.write(&layout, Some("x"));
    let subject = image.descriptor();
    layout.attach(&subject, &[bundle(1)]).unwrap();
    legacy("sig", Some(&subject), &[signature(b"1")]).write(&layout, None);
    for (kind, suffix, layer) in [
        (LegacyKind::Signatures, "sig", signature(b"2")),
        (LegacyKind::Attestations, "att", attestation(b"3")),
        (LegacyKind::Sbom, "sbom", sbom(b"4")),
    ] {
        let tag = kind.tag(&subject.digest);
        legacy(suffix, None, &[layer]).write(&layout, Some(&tag));
    }
    let found = layout.stored_evidence(&subject.digest).unwrap();
    let wanted = [
        ("referrer", "bundle"),
        ("referrer", "signature"),
        ("tag", "signature"),
        ("tag", "attestation"),
        ("tag", "sbom"),
    ];
    assert_eq!(shown(&found), wanted);
    assert!(found.passed.is_empty() && !found.truncated);
    let other = Digest::sha256(b"other");
    assert!(layout.stored_evidence(&other).unwrap().found.is_empty());
    // By the way that needs no runtime.
    let store = ImageStore::Layout(layout, Selection::Only);
    let found = store.stored_evidence(&subject.digest).now_or_never();
    assert_eq!(found.unwrap().unwrap().found.len(), 5);
}

#[test]
fn reads_what_cosign_saved() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    save(&layout, &image, "image");
    let signatures = [signature(b"1"), signature(b"2")];
    save(&layout, &legacy("sig", None, &signatures), "sigs");
    save(&layout, &legacy("att", None, &[attestation(b"3")]), "atts");
    // The image is the only one.
    let subject = layout.resolve(&Selection::Only).unwrap();
    assert_eq!(subject.digest, image.descriptor().digest);
    let found = layout.stored_evidence(&subject.digest).unwrap();
    let wanted = [
        ("saved", "signature"),
        ("saved", "signature"),
        ("saved", "attestation"),
    ];
    assert_eq!(shown(&found), wanted);
    // Whatever else is in the directory was not saved with it.
    let other = fixture::SmallImage::new(&[&[("other", "")]]);
    other.write(&layout, Some("other"));
    let other = other.descriptor().digest;
    assert!(layout.stored_evidence(&other).unwrap().found.is_empty());
}

#[test]
fn passes_over_what_is_damaged_or_missing() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    save(&layout, &image, "image");
    let signatures = [signature(b"1"), signature(b"2"), signature(b"3")];
    save(&layout, &legacy("sig", None, &signatures), "sigs");
    let attestations = legacy("att", None, &[attestation(b"4")]);
    save(&layout, &attestations, "atts");
    let path = |content: &[u8]| layout.blob_path(&Digest::sha256(content));
    fs::write(path(b"1"), "!").unwrap();
    fs::remove_file(path(b"3")).unwrap();
    fs::remove_file(path(&attestations.manifest)).unwrap();
    let subject = image.descriptor().digest;
    let found = layout.stored_evidence(&subject).unwrap();
    assert_eq!(shown(&found), [("saved", "signature")]);
    assert_eq!(found.found[0].layer, Digest::sha256(b"2"));
    let codes: Vec<_> = found
        .passed
        .iter()
        .map(|passed| passed.error.as_ref().unwrap().code().as_str())
        .collect();
    let missing = "layout.blob-missing";
    assert_eq!(codes, ["layout.digest-mismatch", missing, missing]);
    fs::remove_file(layout.index_path()).unwrap();
    let found = layout.stored_evidence(&subject);
    assert_eq!(code(found), "layout.malformed");
}

#[test]
fn reads_no_more_pieces_than_allowed() {
    let (directory, layout) = fixture::layout();
    let image = image(1);
    save(&layout, &image, "image");
    let signatures = [signature(b"1"), signature(b"22"), signature(b"3")];
    save(&layout, &legacy("sig", None, &signatures), "sigs");
    let subject = image.descriptor().digest;
    let read = |limits| {
        let layout = Layout::open(directory.path(), limits).unwrap();
        let found = layout.stored_evidence(&subject).unwrap();
        (found.found.len(), found.passed.len(), found.truncated)
    };
    let default = Limits::default;
    let evidence_pieces = 2;
    let pieces = Limits {
        evidence_pieces,
        ..default()
    };
    assert_eq!(read(pieces), (2, 0, true));
    let evidence_bytes = 1;
    let bytes = Limits {
        evidence_bytes,
        ..default()
    };
    assert_eq!(read(bytes), (2, 1, false));
    let evidence_total_bytes = 4 * 3;
    let total = Limits {
        evidence_total_bytes,
        ..default()
    };
    assert_eq!(read(total), (2, 1, false));
    assert_eq!(read(default()), (3, 0, false));
}
