use sealwright_core::Diagnostic as _;
use sealwright_testkit::registry::Referrers;
use serde_json::json;

use super::*;
use crate::Layout;
use crate::Selection;
use crate::fixture;
use crate::fixture::Collector;
use crate::fixture::SmallImage;

fn image() -> SmallImage {
    SmallImage::new(&[
        &[("etc/a", "old"), ("etc/b", "b"), ("etc/c", "c")],
        &[("etc/a", "new"), ("etc/.wh.b", "")],
    ])
}

fn in_layout(image: &SmallImage) -> (tempfile::TempDir, Layout, ImageStore) {
    let (directory, layout) = fixture::layout();
    image.write(&layout, None);
    let store = ImageStore::Layout(layout.clone(), Selection::Only);
    (directory, layout, store)
}

async fn tree(store: &ImageStore) -> Result<ImageTree, Error> {
    let descriptor = store.resolve().await.unwrap();
    let manifest = store.manifest(&descriptor).await.unwrap();
    store.tree(&manifest).await
}

fn files(tree: &ImageTree) -> Result<Vec<String>, sealwright_archive::Error> {
    let mut collector = Collector::default();
    tree.scan(&mut collector)?;
    Ok(collector.0)
}

#[tokio::test]
async fn shows_the_same_files_from_layout_and_registry() {
    let image = image();
    let (directory, _, layout) = in_layout(&image);
    let server = fixture::server(Referrers::None);
    image.push(&server, Some("x"));
    let options = fixture::options(directory.path());
    let registry = ImageStore::Registry(fixture::repository(&server, options, ":x"));
    for store in [layout, registry] {
        let tree = tree(&store).await.unwrap();
        // Twice: a pass uses nothing up.
        for _ in 0..2 {
            assert_eq!(files(&tree).unwrap(), ["etc/a=new", "etc/c=c"]);
        }
        let config = tree.config();
        assert_eq!(config.created.unwrap().to_string(), "2026-01-02T03:04:05Z");
        assert_eq!(config.platform.as_ref().unwrap().to_string(), "linux/amd64");
    }
}

#[tokio::test]
async fn finds_a_flipped_byte_anywhere_in_a_layer() {
    let image = image();
    for layer in &image.layers {
        for position in [0, 12, layer.len() / 2, layer.len() - 1] {
            let (_directory, layout, store) = in_layout(&image);
            let tree = tree(&store).await.unwrap();
            let mut damaged = layer.clone();
            damaged[position] ^= 1;
            let path = layout.blob_path(&Digest::sha256(layer));
            std::fs::write(path, damaged).unwrap();
            let error = files(&tree).unwrap_err();
            assert_eq!(error.code().as_str(), "layer.digest-mismatch", "{error}");
        }
    }
}

#[tokio::test]
async fn finds_a_layer_that_the_configuration_does_not_name() {
    let good = image();
    let config = String::from_utf8(good.config.clone()).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&config).unwrap();
    config["rootfs"]["diff_ids"][0] = json!(Digest::sha256(b"other"));
    let image = SmallImage::of(config.to_string().into_bytes(), good.layers);
    let (_directory, _, store) = in_layout(&image);
    let error = files(&tree(&store).await.unwrap()).unwrap_err();
    assert_eq!(error.code().as_str(), "layer.diff-id-mismatch");
}

#[tokio::test]
async fn refuses_a_configuration_that_does_not_fit() {
    let good = image();
    for config in [
        r#"{"rootfs":{"diff_ids":[]}}"#,
        r#"{"rootfs":{"diff_ids":["sha256:00","sha256:00"]}}"#,
        "{}",
        "",
    ] {
        let image = SmallImage::of(config.into(), good.layers.clone());
        let (_directory, _, store) = in_layout(&image);
        let error = tree(&store).await.unwrap_err();
        assert_eq!(error.code().as_str(), "layout.malformed", "{config}");
    }
}

#[tokio::test]
async fn refuses_what_has_no_files() {
    let (_directory, layout) = fixture::layout();
    let subject = image();
    subject.write(&layout, Some("image"));
    let attached = layout
        .attach(&subject.descriptor(), &[fixture::bundle(1)])
        .unwrap();
    let index = json!({"schemaVersion": 2, "manifests": [subject.descriptor()]}).to_string();
    layout.write_blob(index.as_bytes()).unwrap();
    let index: Descriptor =
        serde_json::from_value(fixture::describe(fixture::INDEX, index.as_bytes())).unwrap();
    let store = ImageStore::Layout(layout, Selection::Only);
    for descriptor in [&attached[0], &index] {
        let manifest = store.manifest(descriptor).await.unwrap();
        let error = store.tree(&manifest).await.unwrap_err();
        assert_eq!(error.code().as_str(), "image.unsupported");
    }
}

#[tokio::test]
async fn refuses_more_than_is_read() {
    let image = image();
    let (directory, ..) = in_layout(&image);
    for limits in [
        crate::Limits {
            layers: 1,
            ..crate::Limits::default()
        },
        crate::Limits {
            layer_bytes: 100,
            ..crate::Limits::default()
        },
        crate::Limits {
            config_bytes: 10,
            ..crate::Limits::default()
        },
    ] {
        let layout = Layout::open(directory.path(), limits).unwrap();
        let store = ImageStore::Layout(layout, Selection::Only);
        let descriptor = store.resolve().await.unwrap();
        let error = match store.manifest(&descriptor).await {
            Ok(manifest) => store.tree(&manifest).await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.code().as_str(), "image.too-large");
    }
}

#[tokio::test]
async fn needs_a_place_for_layers() {
    let image = image();
    let server = fixture::server(Referrers::None);
    image.push(&server, Some("x"));
    let directory = tempfile::tempdir().unwrap();
    let mut options = fixture::options(directory.path());
    options.spool_directory = directory.path().join("missing");
    let store = ImageStore::Registry(fixture::repository(&server, options, ":x"));
    let error = tree(&store).await.unwrap_err();
    assert_eq!(error.code().as_str(), "image.spool-failed");
}
