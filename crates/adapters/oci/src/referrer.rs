//! Manifests that refer to others, and the lists they stand in.
//!
//! OCI image-spec v1.1, manifest.md ("Guidelines for Artifact Usage"), distribution-spec v1.1,
//! "Referrers Tag Schema"; the shape is the one cosign 3 writes.

use std::collections::BTreeMap;

use bytes::Bytes;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::Descriptor;

/// What a Sigstore bundle signs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BundleContent {
    /// A statement in a DSSE envelope.
    DsseEnvelope,
    /// A message's digest.
    MessageSignature,
}

/// A manifest to attach to another: one layer, an empty configuration, annotations.
#[derive(Clone, Debug)]
pub struct ReferrerManifest {
    /// What kind of artifact it is; also the type of its layer.
    pub artifact_type: MediaType,
    /// Notes on the manifest.
    pub annotations: BTreeMap<String, String>,
    /// The layer.
    pub payload: Bytes,
}

impl ReferrerManifest {
    /// Evidence as cosign 3 stores it: a Sigstore bundle, what it signs, the predicate type of its
    /// statement, and when it was made.
    pub fn sigstore_bundle(
        bundle: impl Into<Bytes>,
        content: BundleContent,
        predicate_type: Option<&str>,
        created: Timestamp,
    ) -> Self {
        let content = match content {
            BundleContent::DsseEnvelope => "dsse-envelope",
            BundleContent::MessageSignature => "message-signature",
        };
        let mut annotations = BTreeMap::from([
            (ANNOTATION_CONTENT.to_owned(), content.to_owned()),
            (
                ANNOTATION_CREATED.to_owned(),
                created.truncated_to_second().to_string(),
            ),
        ]);
        if let Some(predicate_type) = predicate_type {
            annotations.insert(
                ANNOTATION_PREDICATE_TYPE.to_owned(),
                predicate_type.to_owned(),
            );
        }
        Self {
            artifact_type: MediaType::SIGSTORE_BUNDLE_V03,
            annotations,
            payload: bundle.into(),
        }
    }

    /// The manifest's bytes and everything to be stored.
    pub(crate) fn encode(&self, subject: &Descriptor) -> Result<Encoded, serde_json::Error> {
        let empty = Bytes::from_static(EMPTY);
        let mut config = Descriptor::of(MediaType::OCI_EMPTY, &empty);
        config.artifact_type = Some(self.artifact_type.clone());
        let layer = Descriptor::of(self.artifact_type.clone(), &self.payload);
        let manifest = serde_json::to_vec(&Written {
            schema_version: 2,
            media_type: MediaType::OCI_MANIFEST,
            config: &config,
            layers: [&layer],
            annotations: &self.annotations,
            subject: subject.bare(),
            artifact_type: &self.artifact_type,
        })?;
        let mut descriptor = Descriptor::of(MediaType::OCI_MANIFEST, &manifest);
        descriptor.artifact_type = Some(self.artifact_type.clone());
        descriptor.annotations.clone_from(&self.annotations);
        Ok(Encoded {
            descriptor,
            manifest: manifest.into(),
            blobs: vec![(config.digest, empty), (layer.digest, self.payload.clone())],
        })
    }
}

/// A referrer as it is stored.
pub(crate) struct Encoded {
    /// As it stands in lists of referrers.
    pub(crate) descriptor: Descriptor,
    pub(crate) manifest: Bytes,
    pub(crate) blobs: Vec<(Digest, Bytes)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    schema_version: u8,
    media_type: MediaType,
    config: &'a Descriptor,
    layers: [&'a Descriptor; 1],
    annotations: &'a BTreeMap<String, String>,
    subject: Descriptor,
    artifact_type: &'a MediaType,
}

/// The tag that lists referrers where there is no API for it.
pub(crate) fn fallback_tag(subject: &Digest) -> String {
    let mut tag = subject.to_string().replace(':', "-");
    // A tag has at most 128 characters; a SHA-512 in hexadecimal has as many without its name.
    tag.truncate(128);
    tag
}

/// An index that lists referrers, kept as it was found but for what we add and remove: entries and
/// members that others wrote come back byte for byte in meaning.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ReferrerList {
    document: serde_json::Map<String, Value>,
}

impl ReferrerList {
    pub(crate) fn empty() -> Self {
        let mut document = serde_json::Map::new();
        document.insert("schemaVersion".to_owned(), json!(2));
        document.insert("mediaType".to_owned(), json!(MediaType::OCI_INDEX));
        document.insert("manifests".to_owned(), json!([]));
        Self { document }
    }

    /// Reads one.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut document: serde_json::Map<String, Value> =
            canonical_json::from_slice(bytes).map_err(|error| error.to_string())?;
        match document.get_mut("manifests") {
            Some(Value::Array(_)) => {}
            // Go writes a list that was never made as null.
            Some(null @ Value::Null) => *null = json!([]),
            _ => return Err("it has no list of manifests".to_owned()),
        }
        Ok(Self { document })
    }

    /// All entries that are descriptors; how many are none.
    pub(crate) fn entries(&self) -> (Vec<Descriptor>, usize) {
        let mut found = Vec::new();
        let mut unreadable = 0;
        for entry in self.values() {
            match Descriptor::deserialize_value(entry) {
                Some(descriptor) => found.push(descriptor),
                None => unreadable += 1,
            }
        }
        (found, unreadable)
    }

    pub(crate) fn contains(&self, digest: &Digest) -> bool {
        self.values().any(|entry| digest_of(entry) == Some(*digest))
    }

    pub(crate) fn has_all(&self, entries: &[Descriptor]) -> bool {
        entries.iter().all(|entry| self.contains(&entry.digest))
    }

    /// Adds an entry unless one of its digest stands there; says whether it did.
    pub(crate) fn add(&mut self, descriptor: &Descriptor) -> bool {
        if self.contains(&descriptor.digest) {
            return false;
        }
        let Some(Value::Array(list)) = self.document.get_mut("manifests") else {
            return false;
        };
        list.push(json!(descriptor));
        true
    }

    /// Removes the entries of these digests; says whether there were any.
    pub(crate) fn remove(&mut self, digests: &[Digest]) -> bool {
        let Some(Value::Array(list)) = self.document.get_mut("manifests") else {
            return false;
        };
        let before = list.len();
        list.retain(|entry| digest_of(entry).is_none_or(|digest| !digests.contains(&digest)));
        list.len() != before
    }

    pub(crate) fn len(&self) -> usize {
        self.values().count()
    }

    /// The bytes to store.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        Value::Object(self.document.clone())
            .to_string()
            .into_bytes()
    }

    /// The bytes to store under the fallback tag: cosign adds only to an index that names its own
    /// type.
    pub(crate) fn to_tagged_bytes(&self) -> Vec<u8> {
        let mut document = self.document.clone();
        document.insert("schemaVersion".to_owned(), json!(2));
        document.insert("mediaType".to_owned(), json!(MediaType::OCI_INDEX));
        Value::Object(document).to_string().into_bytes()
    }

    pub(crate) fn values_mut(&mut self) -> Option<&mut Vec<Value>> {
        match self.document.get_mut("manifests") {
            Some(Value::Array(list)) => Some(list),
            _ => None,
        }
    }

    fn values(&self) -> impl Iterator<Item = &Value> {
        match self.document.get("manifests") {
            Some(Value::Array(list)) => list.as_slice(),
            _ => &[],
        }
        .iter()
    }
}

impl Descriptor {
    fn deserialize_value(value: &Value) -> Option<Self> {
        serde::Deserialize::deserialize(value).ok()
    }
}

fn digest_of(entry: &Value) -> Option<Digest> {
    entry.get("digest")?.as_str()?.parse().ok()
}

/// The empty configuration.
pub(crate) const EMPTY: &[u8] = b"{}";
/// What the bundle in a referrer signs (cosign 3).
pub(crate) const ANNOTATION_CONTENT: &str = "dev.sigstore.bundle.content";
/// When it was made (OCI image-spec, annotations.md).
pub(crate) const ANNOTATION_CREATED: &str = "org.opencontainers.image.created";
/// The predicate type of its statement (cosign 3).
pub(crate) const ANNOTATION_PREDICATE_TYPE: &str = "dev.sigstore.bundle.predicateType";

#[cfg(test)]
mod tests;
