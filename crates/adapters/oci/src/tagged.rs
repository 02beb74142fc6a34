//! Manifests under cosign's tags, written: a layer for each signature, and a configuration that
//! lists them (cosign specs/SIGNATURE_SPEC.md, ATTESTATION_SPEC.md, SBOM_SPEC.md).
//!
//! What others wrote stays: a manifest is read as JSON, gets layers it lacks, and is written again.

use bytes::Bytes;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::canonical_json;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::Descriptor;

mod append;

pub use self::append::OldLayers;
pub use self::append::TaggedLayer;

/// A manifest under one of cosign's tags.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TaggedManifest {
    manifest: Map<String, Value>,
    config: Map<String, Value>,
}

/// A manifest as it is stored, with its configuration.
pub(crate) struct Written {
    pub(crate) manifest: Bytes,
    pub(crate) descriptor: Descriptor,
    pub(crate) config: Bytes,
    pub(crate) config_digest: Digest,
}

impl TaggedManifest {
    /// One without layers.
    pub(crate) fn empty() -> Self {
        let config = json!({
            "architecture": "",
            "created": "0001-01-01T00:00:00Z",
            "history": [],
            "os": "",
            "rootfs": {"type": "layers", "diff_ids": []},
            "config": {},
        });
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MediaType::OCI_MANIFEST,
            "config": {"mediaType": CONFIG},
            "layers": [],
        });
        Self {
            manifest: object(manifest),
            config: object(config),
        }
    }

    /// Reads one that is stored.
    pub(crate) fn read(manifest: &[u8], config: &[u8]) -> Result<Self, String> {
        let read = |bytes: &[u8]| -> Result<Map<String, Value>, String> {
            canonical_json::from_slice(bytes).map_err(|error| error.to_string())
        };
        let read = Self {
            manifest: read(manifest)?,
            config: read(config)?,
        };
        match read.manifest.get("layers") {
            Some(Value::Array(_)) => Ok(read),
            _ => Err("it has no list of layers".to_owned()),
        }
    }

    /// The layers, as they stand there.
    pub(crate) fn layers(&self) -> &[Value] {
        match self.manifest.get("layers") {
            Some(Value::Array(layers)) => layers,
            _ => &[],
        }
    }

    /// Whether it has a layer with the same content and notes.
    pub(crate) fn has(&self, layer: &Value) -> bool {
        let same = |found: &Value, name: &str| found.get(name) == layer.get(name);
        self.layers()
            .iter()
            .any(|found| same(found, "digest") && same(found, "annotations"))
    }

    /// Adds a layer unless it is there; says whether it did.
    pub(crate) fn add(&mut self, layer: Value) -> bool {
        if self.has(&layer) {
            return false;
        }
        let digest = layer.get("digest").cloned().unwrap_or_default();
        if let Some(Value::Array(layers)) = self.manifest.get_mut("layers") {
            layers.push(layer);
        }
        // Layers are not compressed: the content's digest is the layer's.
        if let Some(Value::Array(diff_ids)) = self
            .config
            .get_mut("rootfs")
            .and_then(|rootfs| rootfs.get_mut("diff_ids"))
        {
            diff_ids.push(digest);
        }
        if let Some(Value::Array(history)) = self.config.get_mut("history") {
            history.push(json!({"created": "0001-01-01T00:00:00Z"}));
        }
        true
    }

    /// Everything to be stored.
    pub(crate) fn write(mut self) -> Written {
        let config = Value::Object(self.config).to_string().into_bytes();
        let config_digest = Digest::sha256(&config);
        let entry = self.manifest.entry("config").or_insert_with(|| json!({}));
        if !entry.is_object() {
            *entry = json!({});
        }
        if let Value::Object(entry) = entry {
            entry
                .entry("mediaType")
                .or_insert_with(|| Value::String(CONFIG.to_owned()));
            entry.insert("size".to_owned(), json!(config.len()));
            entry.insert("digest".to_owned(), json!(config_digest));
        }
        let media_type = match self.manifest.get("mediaType") {
            Some(Value::String(text)) => MediaType::new(text.clone()),
            _ => MediaType::OCI_MANIFEST,
        };
        let manifest = Value::Object(self.manifest).to_string().into_bytes();
        Written {
            descriptor: Descriptor::of(media_type, &manifest),
            manifest: manifest.into(),
            config: config.into(),
            config_digest,
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

#[cfg(test)]
mod tests;
