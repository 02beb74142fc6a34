use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::Referrers;
use serde_json::json;

use super::*;
use crate::Transfer;
use crate::TransferOptions;
use crate::TransferScope;
use crate::fixture;
use crate::fixture::MANIFEST;
use crate::fixture::NAME;
use crate::fixture::SmallImage;
use crate::fixture::bundle;
use crate::fixture::repository;
use crate::fixture::server;
use crate::referrer::fallback_tag;

fn small(text: &str) -> SmallImage {
    SmallImage::new(&[&[("file", text)]])
}

async fn graph(server: &FakeRegistry, directory: &std::path::Path) -> (ImageStore, Graph) {
    let repository = repository(server, fixture::options(directory), ":v1");
    let store = ImageStore::Registry(repository);
    let root = store.resolve().await.unwrap();
    let root = store.manifest(&root).await.unwrap();
    let graph = Graph::of(&store, root).await.unwrap();
    (store, graph)
}

#[tokio::test]
async fn passes_over_what_is_listed_and_about_something_else_or_gone() {
    let server = server(Referrers::None);
    let directory = tempfile::tempdir().unwrap();
    let (image, other) = (small("image"), small("other"));
    image.push(&server, Some("v1"));
    other.push(&server, None);
    let gone = Descriptor::of(MediaType::OCI_MANIFEST, b"gone");
    let list = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_INDEX,
        "manifests": [image.descriptor(), other.descriptor(), gone],
    });
    let tag = fallback_tag(&image.descriptor().digest);
    let index = MediaType::OCI_INDEX;
    let list = list.to_string().into_bytes();
    server.put_manifest(NAME, Some(&tag), index.as_str(), &list);
    let (_, graph) = graph(&server, directory.path()).await;
    assert_eq!(graph.nodes.len(), 1, "{:?}", graph.nodes);
    let passed: Vec<_> = graph
        .passed
        .iter()
        .map(|passed| (passed.referrer.digest, passed.error.is_some()))
        .collect();
    let digest = |image: &SmallImage| image.descriptor().digest;
    assert_eq!(
        passed,
        [
            (digest(&image), false),
            (digest(&other), false),
            (gone.digest, true)
        ]
    );
}

#[tokio::test]
async fn follows_evidence_about_evidence_so_far_and_copies_no_half_of_it() {
    let server = server(Referrers::QuietApi);
    let directory = tempfile::tempdir().unwrap();
    let image = small("image");
    image.push(&server, Some("v1"));
    let repository = repository(&server, fixture::options(directory.path()), ":v1");
    let mut subject = image.descriptor();
    for number in 0..=MOST_HOPS {
        let attached = repository.attach(&subject, &[bundle(number)]).await;
        subject = attached.unwrap().remove(0);
    }
    let (store, graph) = graph(&server, directory.path()).await;
    assert!(graph.truncated);
    assert_eq!(graph.nodes.len(), 1 + MOST_HOPS);
    let (_kept, layout) = fixture::layout();
    let destination = ImageStore::Layout(layout, crate::Selection::Only);
    let prepare = |scope| {
        let options = TransferOptions {
            scope,
            ..TransferOptions::default()
        };
        Transfer::prepare(&store, &destination, &graph, options)
    };
    let refused = prepare(TransferScope::Everything).await;
    assert!(matches!(refused, Err(Error::TooMany { .. })));
    let copied = prepare(TransferScope::Image).await.unwrap().run().await;
    assert_eq!(copied.unwrap().manifests_written, 1);
}

#[tokio::test]
async fn finds_what_stands_under_the_tags_of_platforms() {
    let server = server(Referrers::None);
    let directory = tempfile::tempdir().unwrap();
    let image = small("image");
    image.push(&server, None);
    let index = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_INDEX,
        "manifests": [image.descriptor(), image.descriptor()],
    });
    let media_type = MediaType::OCI_INDEX;
    let index = index.to_string().into_bytes();
    server.put_manifest(NAME, Some("v1"), media_type.as_str(), &index);
    let signatures = fixture::legacy("sig", None, &[fixture::signature(b"payload")]);
    for blob in signatures.layers.iter().chain([&signatures.config]) {
        server.put_blob(NAME, blob);
    }
    let tag = LegacyKind::Signatures.tag(&image.descriptor().digest);
    server.put_manifest(NAME, Some(&tag), MANIFEST, &signatures.manifest);
    let (_, graph) = graph(&server, directory.path()).await;
    let kinds: Vec<_> = graph.nodes.iter().map(Node::kind).collect();
    // The twin in the index is no second image to look into.
    assert_eq!(kinds, [None, None, None, Some(EvidenceKind::Signature)]);
}
