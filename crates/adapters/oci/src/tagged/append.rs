//! Adding signatures, attestations and SBOMs under cosign's tags.
//!
//! The protocol offers no compare-and-swap: processes on one machine take turns by a lock, the tag is
//! read back after writing, and what others overwrote is written again (see
//! [`crate::registry`] on lists of referrers, which have the same difficulty).

use bytes::Bytes;
use sealwright_core::Digest;
use serde_json::Value;
use serde_json::json;

use super::TaggedManifest;
use crate::CosignAnnotations;
use crate::Descriptor;
use crate::Error;
use crate::ImageStore;
use crate::LegacyKind;
use crate::Manifest;
use crate::layout::receive::Listing;
use crate::stored;

/// What is put under a tag: a layer, with what belongs to it in its annotations.
#[derive(Clone, Debug)]
pub struct TaggedLayer {
    content: Bytes,
    layer: Value,
}

/// What becomes of layers that are there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OldLayers {
    /// They stay.
    Keep,
    /// They go: there is one SBOM at a time.
    Replace,
}

impl TaggedLayer {
    /// A signature over a payload that names the image's digest.
    pub fn signature(payload: impl Into<Bytes>, base64: &str, parts: &CosignAnnotations) -> Self {
        let notes = [(stored::SIGNATURE, Some(base64.to_owned()))];
        Self::of(stored::SIMPLE_SIGNING, payload.into(), parts, notes)
    }

    /// A statement in an envelope.
    pub fn attestation(
        envelope: impl Into<Bytes>,
        predicate_type: Option<&str>,
        parts: &CosignAnnotations,
    ) -> Self {
        let notes = [
            (stored::SIGNATURE, Some(String::new())),
            (stored::PREDICATE_TYPE, predicate_type.map(str::to_owned)),
        ];
        Self::of(stored::DSSE, envelope.into(), parts, notes)
    }

    /// A document that nobody signed.
    pub fn sbom(document: impl Into<Bytes>, media_type: &str) -> Self {
        let parts = CosignAnnotations::default();
        Self::of(media_type, document.into(), &parts, [])
    }

    fn of<const N: usize>(
        media_type: &str,
        content: Bytes,
        parts: &CosignAnnotations,
        notes: [(&str, Option<String>); N],
    ) -> Self {
        let mut annotations = serde_json::Map::new();
        let known = [
            (stored::CERTIFICATE, &parts.certificate),
            (stored::CHAIN, &parts.chain),
            (stored::REKOR_BUNDLE, &parts.rekor_bundle),
            (stored::TIMESTAMP, &parts.timestamp),
        ];
        let known = known.map(|(name, value)| (name, value.clone()));
        for (name, value) in notes.into_iter().chain(known) {
            if let Some(value) = value {
                annotations.insert(name.to_owned(), Value::String(value));
            }
        }
        let mut layer = json!({
            "mediaType": media_type,
            "size": content.len(),
            "digest": Digest::sha256(&content),
        });
        if !annotations.is_empty()
            && let Value::Object(layer) = &mut layer
        {
            layer.insert("annotations".to_owned(), Value::Object(annotations));
        }
        Self { content, layer }
    }
}

impl ImageStore {
    /// Puts layers under one of the tags that are made of an artifact's digest; what others put
    /// there stays, unless told otherwise. Returns the manifest that the tag names then.
    ///
    /// # Errors
    /// Any `registry.…`, `layout.…`, `files.…`.
    pub async fn append_under_tag(
        &self,
        subject: &Digest,
        kind: LegacyKind,
        layers: &[TaggedLayer],
        old: OldLayers,
    ) -> Result<Descriptor, Error> {
        for layer in layers {
            self.store_blob(&Digest::sha256(&layer.content), &layer.content)
                .await?;
        }
        let tag = kind.tag(subject);
        let mut seen = None;
        for _ in 0..ATTEMPTS {
            let turn = match self {
                Self::Layout(layout, _) => Turn::Layout(layout.turn()?),
                Self::Registry(repository) => Turn::Registry(repository.turn(&tag).await?),
            };
            let there = self.under_tag(subject, kind).await?;
            if let Some(there) = &there
                && seen == Some(there.descriptor.digest)
            {
                return Ok(there.descriptor.bare());
            }
            let mut wanted = match (&there, old) {
                (Some(there), OldLayers::Keep) => self.read_tagged(there).await?,
                _ => TaggedManifest::empty(),
            };
            let mut added = false;
            for layer in layers {
                added |= wanted.add(layer.layer.clone());
            }
            if let (false, Some(there)) = (added, &there) {
                return Ok(there.descriptor.bare());
            }
            let written = wanted.write();
            self.store_blob(&written.config_digest, &written.config)
                .await?;
            self.point_tag(&tag, &written.descriptor, written.manifest)
                .await?;
            seen = Some(written.descriptor.digest);
            drop(turn);
        }
        Err(Error::ReferrersContended {
            place: self.place(),
            tag,
            attempts: ATTEMPTS,
        })
    }

    /// A manifest under a tag with its configuration.
    pub(crate) async fn read_tagged(&self, manifest: &Manifest) -> Result<TaggedManifest, Error> {
        let config = match manifest.image() {
            Some(image) => self.blob(&image.config, self.limits().config_bytes).await?,
            None => Bytes::from_static(b"{}"),
        };
        TaggedManifest::read(&manifest.bytes, &config).map_err(|reason| Error::Malformed {
            place: self.place(),
            what: format!("manifest {}", manifest.descriptor.digest),
            reason,
        })
    }

    pub(crate) async fn store_blob(&self, digest: &Digest, content: &Bytes) -> Result<(), Error> {
        match self {
            Self::Layout(layout, _) => layout.write_manifest(digest, content),
            Self::Registry(repository) => repository.push_blob(digest, content.clone()).await,
        }
    }

    async fn point_tag(
        &self,
        tag: &str,
        descriptor: &Descriptor,
        content: Bytes,
    ) -> Result<(), Error> {
        match self {
            Self::Layout(layout, _) => {
                layout.write_manifest(&descriptor.digest, &content)?;
                layout.list_all(&[Listing::Image {
                    descriptor: descriptor.clone(),
                    tag: Some(tag.to_owned()),
                    saved: None,
                }])
            }
            Self::Registry(repository) => {
                repository
                    .write_manifest(tag, &descriptor.media_type, content)
                    .await
            }
        }
    }
}

/// Held while a tag is changed.
#[expect(dead_code, reason = "what is held is not looked at")]
enum Turn {
    Layout(std::fs::File),
    Registry(Option<sealwright_files::LockFile>),
}

/// How often a tag is written before others are believed to undo it.
const ATTEMPTS: usize = 8;
