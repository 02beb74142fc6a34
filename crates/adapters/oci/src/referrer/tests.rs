use super::*;
use crate::fixture;

#[test]
fn writes_what_cosign_writes() {
    let subject = Descriptor::of(MediaType::OCI_MANIFEST, b"image");
    let encoded = fixture::bundle(1).encode(&subject).unwrap();
    let text = String::from_utf8(encoded.manifest.to_vec()).unwrap();
    let wanted = concat!(
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","#,
        r#""config":{"mediaType":"application/vnd.oci.empty.v1+json","size":2,"#,
        r#""digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","#,
        r#""artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"},"#,
        r#""layers":[{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","size":12,"#,
        r#""digest":"sha256:1e6a3f9ecd3d1d8c9e9d4c7a3e2c5a7c8d2f9a1d2a6a7e9b0a8b7a5c3d2e1f00"}],"#,
        r#""annotations":{"dev.sigstore.bundle.content":"dsse-envelope","#,
        r#""dev.sigstore.bundle.predicateType":"https://sigstore.dev/cosign/sign/v1","#,
        r#""org.opencontainers.image.created":"2027-01-15T08:00:00Z"},"#,
        r#""subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":5,"#,
        r#""digest":"sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d"},"#,
        r#""artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"}"#,
    );
    let layer = Digest::sha256(br#"{"number":1}"#).to_string();
    let wanted = wanted.replace(
        "sha256:1e6a3f9ecd3d1d8c9e9d4c7a3e2c5a7c8d2f9a1d2a6a7e9b0a8b7a5c3d2e1f00",
        &layer,
    );
    let subject = Digest::sha256(b"image").to_string();
    let wanted = wanted.replace(
        "sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d",
        &subject,
    );
    assert_eq!(text, wanted);
    assert_eq!(encoded.descriptor.digest, Digest::sha256(text.as_bytes()));
    assert_eq!(encoded.blobs.len(), 2);
}

#[test]
fn names_the_fallback_tag() {
    let digest = Digest::sha256(b"x");
    assert_eq!(fallback_tag(&digest), format!("sha256-{}", digest.to_hex()));
    let long = Digest::of(sealwright_core::DigestAlgorithm::Sha512, b"x");
    assert_eq!(fallback_tag(&long).len(), 128);
}

#[test]
fn keeps_what_others_wrote() {
    let foreign = json!({"digest": "blake3:00", "mediaType": "x/y", "size": 1, "extra": [1]});
    let text = json!({"schemaVersion": 2, "manifests": [foreign], "own": {"a": 1}});
    let mut list = ReferrerList::read(text.to_string().as_bytes()).unwrap();
    let mine = Descriptor::of(MediaType::OCI_MANIFEST, b"mine");
    assert!(list.add(&mine));
    assert!(!list.add(&mine), "added twice");
    assert_eq!(list.entries(), (vec![mine.clone()], 1));
    let written: Value = serde_json::from_slice(&list.to_tagged_bytes()).unwrap();
    assert_eq!(written["manifests"][0], foreign);
    assert_eq!(written["own"], json!({"a": 1}));
    assert_eq!(written["mediaType"], json!(MediaType::OCI_INDEX));
    assert!(list.remove(&[mine.digest]));
    assert!(!list.remove(&[mine.digest]));
    assert_eq!(list.len(), 1);
}

#[test]
fn reads_a_list_that_go_left_empty() {
    let mut list = ReferrerList::read(br#"{"schemaVersion":2,"manifests":null}"#).unwrap();
    assert_eq!(list.len(), 0);
    assert!(list.add(&Descriptor::of(MediaType::OCI_MANIFEST, b"mine")));
}

#[test]
fn refuses_what_is_no_list() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"manifests":{}}"#,
        r#"{"manifests":[],"manifests":[]}"#,
    ] {
        assert!(ReferrerList::read(text.as_bytes()).is_err(), "{text}");
    }
}
