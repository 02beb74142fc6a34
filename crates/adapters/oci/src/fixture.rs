//! Small images for tests, in layouts and in a registry on loopback.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Reference;
use sealwright_core::Timestamp;
use sealwright_core::file_tree::Entry;
use sealwright_core::file_tree::EntryKind;
use sealwright_core::file_tree::ScanError;
use sealwright_core::file_tree::Visitor;
use sealwright_files::ByteCount;
use sealwright_testkit::registry::Access;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::Referrers;
use serde_json::Value;
use serde_json::json;

use crate::BundleContent;
use crate::Descriptor;
use crate::Layout;
use crate::Limits;
use crate::ReferrerManifest;
use crate::Registry;
use crate::RegistryOptions;
use crate::Repository;

pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// An image of one layer per list of files.
pub(crate) struct SmallImage {
    pub(crate) config: Vec<u8>,
    pub(crate) layers: Vec<Vec<u8>>,
    pub(crate) manifest: Vec<u8>,
}

impl SmallImage {
    pub(crate) fn new(layers: &[&[(&str, &str)]]) -> Self {
        let tars: Vec<_> = layers.iter().map(|files| tar_of(files)).collect();
        let diff_ids: Vec<_> = tars.iter().map(|tar| Digest::sha256(tar)).collect();
        let config = json!({
            "architecture": "amd64",
            "created": "2026-01-02T03:04:05Z",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let layers = tars.iter().map(|tar| gzip(tar)).collect();
        Self::of(config.to_string().into_bytes(), layers)
    }

    pub(crate) fn of(config: Vec<u8>, layers: Vec<Vec<u8>>) -> Self {
        let described: Vec<_> = layers.iter().map(|layer| describe(LAYER, layer)).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "config": describe(CONFIG, &config),
            "layers": described,
        });
        Self {
            config,
            layers,
            manifest: manifest.to_string().into_bytes(),
        }
    }

    pub(crate) fn descriptor(&self) -> Descriptor {
        serde_json::from_value(describe(MANIFEST, &self.manifest)).unwrap()
    }

    pub(crate) fn write(&self, layout: &Layout, tag: Option<&str>) {
        layout.write_blob(&self.config).unwrap();
        for layer in &self.layers {
            layout.write_blob(layer).unwrap();
        }
        layout.write_blob(&self.manifest).unwrap();
        layout.list(&self.descriptor(), tag).unwrap();
    }

    pub(crate) fn push(&self, registry: &FakeRegistry, tag: Option<&str>) {
        self.push_to(registry, NAME, tag);
    }

    pub(crate) fn push_to(&self, registry: &FakeRegistry, name: &str, tag: Option<&str>) {
        registry.put_blob(name, &self.config);
        for layer in &self.layers {
            registry.put_blob(name, layer);
        }
        registry.put_manifest(name, tag, MANIFEST, &self.manifest);
    }
}

pub(crate) fn describe(media_type: &str, content: &[u8]) -> Value {
    json!({
        "mediaType": media_type,
        "digest": Digest::sha256(content),
        "size": content.len(),
    })
}

fn tar_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, content.as_bytes())
            .unwrap();
    }
    tar.into_inner().unwrap()
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A referrer that differs by number.
pub(crate) fn bundle(number: usize) -> ReferrerManifest {
    ReferrerManifest::sigstore_bundle(
        format!(r#"{{"number":{number}}}"#).into_bytes(),
        BundleContent::DsseEnvelope,
        Some("https://sigstore.dev/cosign/sign/v1"),
        Timestamp::from_seconds(1_800_000_000),
    )
}

/// A layer as cosign writes it: media type, content, annotations.
pub(crate) type LegacyLayer = (&'static str, Vec<u8>, Value);

/// A signature, each annotation with a text that tells it from the others.
pub(crate) fn signature(payload: &[u8]) -> LegacyLayer {
    let annotations = json!({
        "dev.cosignproject.cosign/signature": Base64::encode(b"signature"),
        "dev.sigstore.cosign/certificate": "certificate",
        "dev.sigstore.cosign/chain": "\n",
        "dev.sigstore.cosign/bundle": "promise",
    });
    let media_type = "application/vnd.dev.cosign.simplesigning.v1+json";
    (media_type, payload.to_vec(), annotations)
}

pub(crate) fn attestation(envelope: &[u8]) -> LegacyLayer {
    let annotations = json!({
        "dev.cosignproject.cosign/signature": "",
        "dev.sigstore.cosign/rfc3161timestamp": "timestamp",
        "predicateType": "https://slsa.dev/provenance/v1",
    });
    let media_type = "application/vnd.dsse.envelope.v1+json";
    (media_type, envelope.to_vec(), annotations)
}

pub(crate) fn sbom(document: &[u8]) -> LegacyLayer {
    let annotations = json!({"dev.sigstore.sbom.scope": "all"});
    ("text/spdx+json", document.to_vec(), annotations)
}

/// A manifest of cosign 1 or 2: as under a tag, or with a subject as in its `oci-1-1` mode, where
/// only the configuration's type says what it is.
pub(crate) fn legacy(
    suffix: &str,
    subject: Option<&Descriptor>,
    layers: &[LegacyLayer],
) -> SmallImage {
    let described = layers.iter().map(|(media_type, content, annotations)| {
        let mut layer = describe(media_type, content);
        layer["annotations"] = annotations.clone();
        layer
    });
    let config = match subject {
        Some(_) => format!("application/vnd.dev.cosign.artifact.{suffix}.v1+json"),
        None => CONFIG.to_owned(),
    };
    let mut manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": describe(&config, b"{}"),
        "layers": described.collect::<Vec<_>>(),
    });
    if let Some(subject) = subject {
        manifest["subject"] = json!(subject);
    }
    SmallImage {
        config: b"{}".to_vec(),
        layers: layers
            .iter()
            .map(|(_, content, _)| content.clone())
            .collect(),
        manifest: manifest.to_string().into_bytes(),
    }
}

/// A layout in a directory that is removed with the first value.
pub(crate) fn layout() -> (tempfile::TempDir, Layout) {
    let directory = tempfile::tempdir().unwrap();
    let layout = Layout::create(directory.path(), Limits::default()).unwrap();
    (directory, layout)
}

/// The repository all tests use.
pub(crate) const NAME: &str = "team/app";

pub(crate) fn server(referrers: Referrers) -> FakeRegistry {
    FakeRegistry::start(referrers, Access::Open)
}

/// Options with little patience and everything below a directory.
pub(crate) fn options(directory: &Path) -> RegistryOptions {
    RegistryOptions {
        credential_files: vec![directory.join("config.json")],
        http: sealwright_net::Options {
            max_retries: 2,
            retry_wait: Duration::from_millis(1),
            timeout: Duration::from_secs(20),
            ..sealwright_net::Options::default()
        },
        limits: Limits::default(),
        lock_directory: Some(directory.join("locks")),
        spool_directory: directory.to_owned(),
        transferred: ByteCount::default(),
    }
}

/// A new client for an image: `:TAG` or `@DIGEST`.
pub(crate) fn repository(
    server: &FakeRegistry,
    options: RegistryOptions,
    image: &str,
) -> Repository {
    let reference = format!("{}/{NAME}{image}", server.host());
    let reference: Reference = reference.parse().unwrap();
    Registry::new(options).repository(&reference)
}

/// Collects the files of a tree as `path=content`, sorted.
#[derive(Default)]
pub(crate) struct Collector(pub(crate) Vec<String>);

impl Visitor for Collector {
    fn wants(&mut self, entry: &Entry<'_>) -> bool {
        matches!(entry.kind, EntryKind::File { .. })
    }

    fn content(
        &mut self,
        entry: &Entry<'_>,
        content: &mut dyn std::io::Read,
    ) -> Result<(), ScanError> {
        let mut text = String::new();
        content
            .read_to_string(&mut text)
            .map_err(|source| ScanError::Read {
                path: entry.path.to_owned(),
                source,
            })?;
        self.0.push(format!("{}={text}", entry.path));
        self.0.sort();
        Ok(())
    }
}
