//! Image manifests and indexes (OCI image-spec v1.1, manifest.md and image-index.md; Docker image
//! manifest version 2, schema 2).
//!
//! What a document is follows from what it was announced as, what it says of itself and what it
//! holds, and all three must agree: bytes that one reader takes for an image and another for an
//! index have two meanings under one digest (CVE-2021-41190).

use std::collections::BTreeMap;

use bytes::Bytes;
use sealwright_core::MediaType;
use sealwright_core::canonical_json;
use serde::Deserialize;

use crate::Descriptor;
use crate::Error;
use crate::descriptor::null_as_default;
use crate::error::Place;

/// A manifest or index as it was stored, and what it says.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Media type, digest and size.
    pub descriptor: Descriptor,
    /// The bytes that have this digest.
    pub bytes: Bytes,
    /// What they say.
    pub content: ManifestContent,
}

/// What a manifest says.
#[derive(Clone, Debug)]
pub enum ManifestContent {
    /// It lists manifests.
    Index(Box<Index>),
    /// It describes one image or artifact.
    Image(Box<Image>),
}

/// A list of manifests, most often the same image for several platforms.
#[derive(Clone, Debug)]
pub struct Index {
    /// The manifests.
    pub manifests: Vec<Descriptor>,
    /// What this refers to.
    pub subject: Option<Descriptor>,
    /// Notes. Untrusted text.
    pub annotations: BTreeMap<String, String>,
}

/// One image or artifact.
#[derive(Clone, Debug)]
pub struct Image {
    /// What kind of artifact, when it is no image.
    pub artifact_type: Option<MediaType>,
    /// Its configuration.
    pub config: Descriptor,
    /// Its layers, the lowest first.
    pub layers: Vec<Descriptor>,
    /// What this refers to.
    pub subject: Option<Descriptor>,
    /// Notes. Untrusted text.
    pub annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads a manifest. `descriptor` is what it was asked for by; its digest has been checked.
    /// A media type that says nothing (`application/json`, …) is replaced by the one found.
    pub(crate) fn read(
        place: &Place,
        mut descriptor: Descriptor,
        bytes: Bytes,
    ) -> Result<Self, Error> {
        let malformed = |reason: String| Error::Malformed {
            place: place.clone(),
            what: format!("manifest {}", descriptor.digest),
            reason,
        };
        let raw: Raw =
            canonical_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
        let media_type = match (announced(&descriptor.media_type), raw.media_type) {
            (Some(announced), Some(own)) if *announced != own => {
                return Err(malformed(format!(
                    "it calls itself {:?}, was announced as {:?}",
                    own.as_str(),
                    announced.as_str()
                )));
            }
            (_, Some(own)) => own,
            (Some(announced), None) => announced.clone(),
            (None, None) if raw.manifests.is_some() => MediaType::OCI_INDEX,
            (None, None) if raw.layers.is_some() => MediaType::OCI_MANIFEST,
            (None, None) => descriptor.media_type.clone(),
        };
        let is_index = media_type.is_index();
        if !is_index && !media_type.is_manifest() {
            return Err(Error::Unsupported {
                place: place.clone(),
                digest: descriptor.digest.into(),
                media_type,
            });
        }
        let content = match (raw.manifests, raw.config, raw.layers) {
            (Some(manifests), None, None) if is_index => ManifestContent::Index(Box::new(Index {
                manifests,
                subject: raw.subject,
                annotations: raw.annotations,
            })),
            (None, Some(config), Some(layers)) if !is_index => {
                ManifestContent::Image(Box::new(Image {
                    artifact_type: raw.artifact_type,
                    config,
                    layers,
                    subject: raw.subject,
                    annotations: raw.annotations,
                }))
            }
            _ => {
                return Err(malformed(format!(
                    "it has not exactly the members of its type {:?}",
                    media_type.as_str()
                )));
            }
        };
        descriptor.media_type = media_type;
        Ok(Self {
            descriptor,
            bytes,
            content,
        })
    }

    /// What it refers to.
    pub fn subject(&self) -> Option<&Descriptor> {
        match &self.content {
            ManifestContent::Index(index) => index.subject.as_ref(),
            ManifestContent::Image(image) => image.subject.as_ref(),
        }
    }

    /// Whether it describes a container image, with a configuration and layers of files, and no
    /// other kind of artifact.
    pub fn is_container_image(&self) -> bool {
        self.image().is_some_and(|image| {
            matches!(
                image.config.media_type.as_str(),
                "application/vnd.oci.image.config.v1+json"
                    | "application/vnd.docker.container.image.v1+json"
            )
        })
    }

    /// The manifests it lists, when it is an index.
    pub fn children(&self) -> &[Descriptor] {
        match &self.content {
            ManifestContent::Index(index) => &index.manifests,
            ManifestContent::Image(_) => &[],
        }
    }

    /// The image it describes, when it is no index.
    pub fn image(&self) -> Option<&Image> {
        match &self.content {
            ManifestContent::Index(_) => None,
            ManifestContent::Image(image) => Some(image),
        }
    }
}

/// Media types in `Accept` when a manifest is asked for.
pub(crate) const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// A media type that says something.
fn announced(media_type: &MediaType) -> Option<&MediaType> {
    match media_type.as_str() {
        "" | "application/json" | "application/octet-stream" | "text/plain" => None,
        _ => Some(media_type),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    media_type: Option<MediaType>,
    artifact_type: Option<MediaType>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
    #[serde(default, deserialize_with = "null_as_default")]
    annotations: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests;
