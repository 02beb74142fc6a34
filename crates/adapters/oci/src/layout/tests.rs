use std::fs;

use futures_util::FutureExt as _;
use sealwright_core::Diagnostic as _;

use super::*;
use crate::ImageStore;
use crate::StoredEvidence;
use crate::fixture;
use crate::fixture::SmallImage;
use crate::fixture::bundle;

mod stored;

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.unwrap_err().code().as_str()
}

fn image(number: usize) -> SmallImage {
    let content = number.to_string();
    SmallImage::new(&[&[("etc/number", &content)]])
}

fn tag(name: &str) -> Selection {
    Selection::Tag(name.to_owned())
}

#[test]
fn opens_layouts_alone() {
    let (directory, _) = fixture::layout();
    let open = || Layout::open(directory.path(), Limits::default());
    assert!(open().is_ok());
    for (text, wanted) in [
        (r#"{"imageLayoutVersion":"2.0.0"}"#, "layout.malformed"),
        ("{}", "layout.malformed"),
        ("", "layout.malformed"),
    ] {
        fs::write(directory.path().join("oci-layout"), text).unwrap();
        assert_eq!(code(open()), wanted, "{text}");
    }
    fs::remove_file(directory.path().join("oci-layout")).unwrap();
    assert_eq!(code(open()), "layout.malformed");
    let missing = directory.path().join("missing");
    assert_eq!(
        code(Layout::open(missing, Limits::default())),
        "files.not-found"
    );
}

#[test]
fn finds_images_by_tag_digest_and_alone() {
    let (_directory, layout) = fixture::layout();
    let (one, two) = (image(1), image(2));
    one.write(&layout, Some("one"));
    let digest = one.descriptor().digest;
    assert_eq!(layout.resolve(&Selection::Only).unwrap().digest, digest);
    two.write(&layout, Some("two"));
    assert_eq!(layout.resolve(&tag("one")).unwrap(), one.descriptor());
    assert_eq!(layout.resolve(&tag("two")).unwrap(), two.descriptor());
    let by_digest = layout.resolve(&Selection::Digest(digest)).unwrap();
    assert_eq!(by_digest, one.descriptor());
    assert_eq!(code(layout.resolve(&Selection::Only)), "layout.ambiguous");
    let error = layout.resolve(&tag("three")).unwrap_err();
    assert_eq!(error.code().as_str(), "layout.tag-missing");
    assert!(error.to_string().contains("one, two"), "{error}");
}

#[test]
fn moves_a_tag() {
    let (_directory, layout) = fixture::layout();
    image(1).write(&layout, Some("x"));
    image(2).write(&layout, Some("x"));
    assert_eq!(layout.resolve(&tag("x")).unwrap(), image(2).descriptor());
}

#[test]
fn finds_tags_and_digests_in_nested_indexes() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    image.write(&layout, Some("x"));
    let index = fs::read(layout.index_path()).unwrap();
    layout.write_blob(&index).unwrap();
    let outer = Descriptor::of(MediaType::OCI_INDEX, &index);
    fs::write(
        layout.index_path(),
        json!({"schemaVersion": 2, "manifests": [outer]}).to_string(),
    )
    .unwrap();
    assert_eq!(layout.resolve(&tag("x")).unwrap(), image.descriptor());
    let digest = image.descriptor().digest;
    let found = layout.resolve(&Selection::Digest(digest)).unwrap();
    assert_eq!(found, image.descriptor());
    assert_eq!(layout.resolve(&Selection::Only).unwrap(), outer);
}

#[test]
fn refuses_two_images_of_one_tag() {
    let (_directory, layout) = fixture::layout();
    image(1).write(&layout, Some("x"));
    let other = image(2);
    layout.write_blob(&other.manifest).unwrap();
    let mut index: Value = serde_json::from_slice(&fs::read(layout.index_path()).unwrap()).unwrap();
    let mut entry = json!(other.descriptor());
    entry["annotations"] = json!({ANNOTATION_TAG: "x"});
    index["manifests"].as_array_mut().unwrap().push(entry);
    fs::write(layout.index_path(), index.to_string()).unwrap();
    assert_eq!(code(layout.resolve(&tag("x"))), "layout.ambiguous");
}

#[test]
fn refuses_a_broken_index() {
    let (_directory, layout) = fixture::layout();
    image(1).write(&layout, None);
    let good = fs::read_to_string(layout.index_path()).unwrap();
    let broken = [
        good.replacen('{', r#"{"manifests":[],"#, 1),
        good[..good.len() - 1].to_owned(),
        "{}".to_owned(),
    ];
    for text in broken {
        fs::write(layout.index_path(), text).unwrap();
        assert_eq!(code(layout.resolve(&Selection::Only)), "layout.malformed");
    }
    fs::remove_file(layout.index_path()).unwrap();
    assert_eq!(code(layout.resolve(&Selection::Only)), "layout.malformed");
}

#[test]
fn checks_blobs_by_digest_and_size() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    image.write(&layout, None);
    let descriptor = image.descriptor();
    let path = layout.blob_path(&descriptor.digest);
    assert!(layout.manifest(&descriptor).is_ok());
    let mut flipped = image.manifest.clone();
    flipped[5] ^= 1;
    let mut longer = image.manifest.clone();
    longer.push(b' ');
    let shorter = image.manifest[1..].to_vec();
    for content in [flipped, longer, shorter] {
        fs::write(&path, content).unwrap();
        assert_eq!(code(layout.manifest(&descriptor)), "layout.digest-mismatch");
    }
    // The right bytes under a descriptor that says another size.
    fs::write(&path, &image.manifest).unwrap();
    let mut wrong = descriptor.clone();
    wrong.size += 1;
    assert_eq!(code(layout.manifest(&wrong)), "layout.digest-mismatch");
    fs::remove_file(&path).unwrap();
    assert_eq!(code(layout.manifest(&descriptor)), "layout.blob-missing");
    assert_eq!(code(layout.blob(&descriptor, 3)), "image.too-large");
}

#[test]
fn attaches_evidence_where_everybody_looks() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    image.write(&layout, Some("x"));
    let subject = image.descriptor();
    let attached = layout.attach(&subject, &[bundle(1), bundle(2)]).unwrap();
    assert_eq!(attached.len(), 2);
    assert_eq!(layout.referrers(&subject.digest).unwrap().found, attached);
    let found = layout.stored_evidence(&subject.digest).unwrap();
    let bundles = found.found.iter().map(|one| match &one.evidence {
        StoredEvidence::Bundle { bundle, .. } => &bundle[..],
        other => panic!("{other:?}"),
    });
    let bundles: Vec<_> = bundles.collect();
    assert_eq!(bundles, [br#"{"number":1}"#, br#"{"number":2}"#]);
    assert_eq!(found.found[0].manifest, attached[0]);
    assert!(found.passed.is_empty());
    // The image is still the only one, and the fallback tag lists the same.
    assert_eq!(layout.resolve(&Selection::Only).unwrap(), subject);
    let fallback = layout
        .resolve(&tag(&fallback_tag(&subject.digest)))
        .unwrap();
    assert_eq!(layout.manifest(&fallback).unwrap().children(), attached);
    // Attaching the same again changes nothing.
    let before = fs::read(layout.index_path()).unwrap();
    layout.attach(&subject, &[bundle(1)]).unwrap();
    assert_eq!(fs::read(layout.index_path()).unwrap(), before);
}

#[test]
fn detaches_evidence() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    image.write(&layout, None);
    let subject = image.descriptor();
    let attached = layout.attach(&subject, &[bundle(1), bundle(2)]).unwrap();
    layout
        .detach(&subject.digest, &[attached[0].digest])
        .unwrap();
    let left = layout.referrers(&subject.digest).unwrap().found;
    assert_eq!(left, &attached[1..]);
}

#[test]
fn loses_no_evidence_of_parallel_sealers() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    image.write(&layout, Some("x"));
    let subject = image.descriptor();
    std::thread::scope(|scope| {
        for number in 0..16 {
            let (layout, subject) = (&layout, &subject);
            scope.spawn(move || layout.attach(subject, &[bundle(number)]).unwrap());
        }
    });
    let evidence = layout.stored_evidence(&subject.digest).unwrap();
    assert_eq!((evidence.found.len(), evidence.passed.len()), (16, 0));
    let fallback = layout
        .resolve(&tag(&fallback_tag(&subject.digest)))
        .unwrap();
    assert_eq!(layout.manifest(&fallback).unwrap().children().len(), 16);
}

#[test]
fn passes_over_rubbish_among_evidence() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    image.write(&layout, None);
    let subject = image.descriptor();
    let attached = layout.attach(&subject, &[bundle(1), bundle(2)]).unwrap();
    let other = ReferrerManifest {
        artifact_type: MediaType::new("text/x-note"),
        annotations: std::collections::BTreeMap::new(),
        payload: Bytes::from_static(b"note"),
    };
    layout.attach(&subject, &[other]).unwrap();
    let payload = bundle(1).payload;
    fs::remove_file(layout.blob_path(&Digest::sha256(&payload))).unwrap();
    let found = layout.stored_evidence(&subject.digest).unwrap();
    assert_eq!(found.found.len(), 1);
    assert_eq!(found.passed.len(), 2);
    assert_eq!(found.passed[0].referrer, attached[0]);
    let error = found.passed[0].error.as_ref().unwrap();
    assert_eq!(error.code().as_str(), "layout.blob-missing");
    assert!(found.passed[1].error.is_none());
}

#[test]
fn reads_no_more_evidence_than_allowed() {
    let (directory, layout) = fixture::layout();
    let image = image(1);
    image.write(&layout, None);
    let subject = image.descriptor();
    layout
        .attach(&subject, &[bundle(1), bundle(2), bundle(3)])
        .unwrap();
    let limits = Limits {
        referrers: 2,
        // A quarter of it is for referrers: one bundle and a half.
        evidence_total_bytes: 80,
        ..Limits::default()
    };
    let layout = Layout::open(directory.path(), limits).unwrap();
    let found = layout.stored_evidence(&subject.digest).unwrap();
    assert!(found.truncated);
    assert_eq!((found.found.len(), found.passed.len()), (1, 1));
    let error = found.passed[0].error.as_ref().unwrap();
    assert_eq!(error.code().as_str(), "image.too-large");
}

#[test]
fn needs_no_runtime() {
    let (_directory, layout) = fixture::layout();
    let image = image(1);
    image.write(&layout, None);
    let store = ImageStore::Layout(layout, Selection::Only);
    let subject = store.resolve().now_or_never().unwrap().unwrap();
    let manifest = store.manifest(&subject).now_or_never().unwrap().unwrap();
    let tree = store.tree(&manifest).now_or_never().unwrap().unwrap();
    assert_eq!(tree.layers().len(), 1);
    store
        .attach(&subject, &[bundle(1)])
        .now_or_never()
        .unwrap()
        .unwrap();
    let found = store
        .stored_evidence(&subject.digest)
        .now_or_never()
        .unwrap();
    assert_eq!(found.unwrap().found.len(), 1);
}

#[test]
fn needs_a_directory_it_may_write() {
    let (directory, layout) = fixture::layout();
    let image = image(1);
    layout.check_writable().unwrap();
    image.write(&layout, None);
    layout.check_writable().unwrap();
    // A file stands where a directory of blobs is to be.
    fs::remove_dir_all(directory.path().join("blobs")).unwrap();
    fs::write(directory.path().join("blobs"), "").unwrap();
    let before = fs::read(layout.index_path()).unwrap();
    assert_eq!(code(layout.check_writable()), "files.write-failed");
    let attached = layout.attach(&image.descriptor(), &[bundle(1)]);
    assert_eq!(code(attached), "files.write-failed");
    assert_eq!(fs::read(layout.index_path()).unwrap(), before);
}
