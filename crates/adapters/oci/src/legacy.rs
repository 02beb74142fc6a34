//! Evidence as cosign 1 and 2 wrote it: one manifest, a layer for each signature or statement.
//!
//! Source: cosign `specs/SIGNATURE_SPEC.md` and `specs/ATTESTATION_SPEC.md`. The manifest stands under a
//! tag that is made of the artifact's digest and grows by a layer with each piece of evidence, or by
//! itself as a referrer (cosign's `oci-1-1` mode). What others wrote into it is kept as it is.

use std::collections::BTreeMap;

use bytes::Bytes;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::canonical_json;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::CosignAnnotations;
use crate::Descriptor;
use crate::referrer::Encoded;
use crate::stored;
use crate::stored::LegacyKind;

/// A piece of evidence as a layer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LegacyLayer {
    pub(crate) kind: LegacyKind,
    pub(crate) media_type: MediaType,
    pub(crate) content: Bytes,
    pub(crate) annotations: BTreeMap<String, String>,
}

impl LegacyLayer {
    /// A signature over a payload that names the image's digest.
    pub fn signature(
        payload: impl Into<Bytes>,
        signature: &Base64,
        annotations: &CosignAnnotations,
    ) -> Self {
        Self {
            kind: LegacyKind::Signatures,
            media_type: MediaType::new(stored::SIMPLE_SIGNING),
            content: payload.into(),
            annotations: annotations.write(&signature.to_string()),
        }
    }

    /// A statement in a DSSE envelope.
    pub fn attestation(
        envelope: impl Into<Bytes>,
        predicate_type: Option<&str>,
        annotations: &CosignAnnotations,
    ) -> Self {
        let mut written = annotations.write("");
        if let Some(predicate_type) = predicate_type {
            let name = stored::PREDICATE_TYPE.to_owned();
            written.insert(name, predicate_type.to_owned());
        }
        Self {
            kind: LegacyKind::Attestations,
            media_type: MediaType::new(stored::DSSE),
            content: envelope.into(),
            annotations: written,
        }
    }

    /// A document that nobody signed.
    pub fn sbom(document: impl Into<Bytes>, media_type: MediaType) -> Self {
        Self {
            kind: LegacyKind::Sbom,
            media_type,
            content: document.into(),
            annotations: BTreeMap::new(),
        }
    }

    fn descriptor(&self) -> Descriptor {
        let mut descriptor = Descriptor::of(self.media_type.clone(), &self.content);
        descriptor.annotations.clone_from(&self.annotations);
        descriptor
    }

    /// A manifest of this layer alone that refers to an artifact.
    pub(crate) fn referrer(&self, subject: &Descriptor) -> Encoded {
        let media_type = self.kind.media_type();
        let mut manifest = LegacyManifest::empty();
        manifest.add(self);
        let written = manifest.write(&media_type);
        let mut document = manifest.document;
        document.insert("artifactType".to_owned(), json!(media_type));
        document.insert("subject".to_owned(), json!(subject.bare()));
        let bytes: Bytes = Value::Object(document).to_string().into();
        let mut descriptor = Descriptor::of(MediaType::OCI_MANIFEST, &bytes);
        descriptor.artifact_type = Some(media_type);
        Encoded {
            descriptor,
            manifest: bytes,
            blobs: vec![
                (Digest::sha256(&written.config), written.config),
                (Digest::sha256(&self.content), self.content.clone()),
            ],
        }
    }
}

impl CosignAnnotations {
    fn write(&self, signature: &str) -> BTreeMap<String, String> {
        let all = [
            (stored::SIGNATURE, Some(signature.to_owned())),
            (stored::CERTIFICATE, self.certificate.clone()),
            (stored::CHAIN, self.chain.clone()),
            (stored::REKOR_BUNDLE, self.rekor_bundle.clone()),
            (stored::TIMESTAMP, self.timestamp.clone()),
        ];
        all.into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), text?)))
            .collect()
    }
}

/// A manifest that grows.
#[derive(Clone, Debug)]
pub(crate) struct LegacyManifest {
    document: Map<String, Value>,
}

/// A manifest as it is stored.
pub(crate) struct WrittenLegacy {
    pub(crate) config: Bytes,
    pub(crate) manifest: Bytes,
}

impl LegacyManifest {
    pub(crate) fn empty() -> Self {
        let mut document = Map::new();
        document.insert("schemaVersion".to_owned(), json!(2));
        document.insert("mediaType".to_owned(), json!(MediaType::OCI_MANIFEST));
        document.insert("layers".to_owned(), json!([]));
        Self { document }
    }

    /// Reads one that is there.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let document: Map<String, Value> =
            canonical_json::from_slice(bytes).map_err(|error| error.to_string())?;
        match document.get("layers") {
            Some(Value::Array(_)) => Ok(Self { document }),
            _ => Err("it has no list of layers".to_owned()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.layers().len()
    }

    pub(crate) fn has_all(&self, layers: &[LegacyLayer]) -> bool {
        layers.iter().all(|layer| self.has(layer))
    }

    fn has(&self, layer: &LegacyLayer) -> bool {
        let digest = Digest::sha256(&layer.content).to_string();
        self.layers().iter().any(|known| {
            known.get("digest").and_then(Value::as_str) == Some(&digest)
                && known.get("annotations") == Some(&json!(layer.annotations))
        })
    }

    /// Adds a layer, unless it is there.
    pub(crate) fn add(&mut self, layer: &LegacyLayer) {
        if self.has(layer) {
            return;
        }
        if let Some(Value::Array(layers)) = self.document.get_mut("layers") {
            layers.push(json!(layer.descriptor()));
        }
    }

    /// Adds a layer of another manifest as it stands there, unless it is here; says whether it did.
    pub(crate) fn add_as_it_is(&mut self, layer: &Value) -> bool {
        let same = |known: &Value, name: &str| known.get(name) == layer.get(name);
        if self
            .layers()
            .iter()
            .any(|known| same(known, "digest") && same(known, "annotations"))
        {
            return false;
        }
        if let Some(Value::Array(layers)) = self.document.get_mut("layers") {
            layers.push(layer.clone());
        }
        true
    }

    /// Takes statements of a predicate type away.
    pub(crate) fn remove(&mut self, predicate_type: &str) {
        if let Some(Value::Array(layers)) = self.document.get_mut("layers") {
            layers.retain(|layer| {
                let annotations = layer.get("annotations");
                let stated = annotations.and_then(|all| all.get(stored::PREDICATE_TYPE));
                stated.and_then(Value::as_str) != Some(predicate_type)
            });
        }
    }

    /// The manifest with a configuration that fits its layers.
    pub(crate) fn write(&mut self, config_type: &MediaType) -> WrittenLegacy {
        let layers = self.layers();
        let diff_ids: Vec<&Value> = layers
            .iter()
            .filter_map(|layer| layer.get("digest"))
            .collect();
        let history = vec![json!({"created": NEVER}); layers.len()];
        let config = json!({
            "architecture": "", "created": NEVER, "history": history, "os": "",
            "rootfs": {"type": "layers", "diff_ids": diff_ids}, "config": {},
        });
        let config: Bytes = config.to_string().into();
        let descriptor = Descriptor::of(config_type.clone(), &config);
        self.document.insert("config".to_owned(), json!(descriptor));
        WrittenLegacy {
            config,
            manifest: Value::Object(self.document.clone()).to_string().into(),
        }
    }

    fn layers(&self) -> &[Value] {
        match self.document.get("layers") {
            Some(Value::Array(layers)) => layers,
            _ => &[],
        }
    }
}

/// What cosign writes for a time that means nothing.
const NEVER: &str = "0001-01-01T00:00:00Z";
/// The configuration's type of what stands under a tag.
pub(crate) const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(text: &'static str) -> LegacyLayer {
        let annotations = CosignAnnotations::default();
        LegacyLayer::attestation(text, Some(text), &annotations)
    }

    #[test]
    fn keeps_what_others_wrote() {
        let other = r#"{"schemaVersion":2,"config":{"mediaType":"x"},"annotations":{"a":"b"},"layers":[{"digest":"sha256:00","size":1,"mediaType":"y","unknown":[1]}]}"#;
        let mut manifest = LegacyManifest::read(other.as_bytes()).unwrap();
        manifest.add(&layer("one"));
        manifest.add(&layer("one"));
        let written = manifest.write(&MediaType::new(IMAGE_CONFIG));
        let value: Value = serde_json::from_slice(&written.manifest).unwrap();
        assert_eq!(value["layers"][0]["unknown"][0], 1);
        assert_eq!(value["annotations"]["a"], "b");
        assert_eq!(value["layers"].as_array().unwrap().len(), 2);
        let config: Value = serde_json::from_slice(&written.config).unwrap();
        assert_eq!(config["rootfs"]["diff_ids"][0], "sha256:00");
        assert_eq!(
            value["config"]["digest"],
            Digest::sha256(&written.config).to_string()
        );
    }

    #[test]
    fn replaces_statements_of_a_type() {
        let mut manifest = LegacyManifest::empty();
        manifest.add(&layer("one"));
        manifest.add(&layer("two"));
        manifest.remove("one");
        assert!(!manifest.has_all(&[layer("one")]) && manifest.has_all(&[layer("two")]));
    }

    #[test]
    fn refuses_what_is_no_manifest() {
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"layers":{}}"#,
            r#"{"layers":[],"layers":[]}"#,
        ] {
            assert!(LegacyManifest::read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
