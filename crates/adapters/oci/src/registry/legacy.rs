//! Evidence as cosign 1 and 2 wrote it, added to what a registry holds.
//!
//! A tag is read, changed and written, and the protocol offers no compare-and-swap for that: as with
//! the fallback tag, processes on one machine take turns, and what was written is read back until it
//! stays (see [`super::attach`]).

use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_net::Repeat;
use tokio::time::Instant;

use super::Repository;
use super::attach::ATTEMPTS;
use super::attach::is_passing;
use super::attach::pause;
use crate::Descriptor;
use crate::Error;
use crate::LegacyLayer;
use crate::legacy::IMAGE_CONFIG;
use crate::legacy::LegacyManifest;

impl Repository {
    /// Adds layers to the manifests under the tags of an artifact's signatures and statements, and
    /// makes sure that they stay there. Statements of a predicate type that is replaced are taken
    /// away. Returns the tags, in the layers' order.
    ///
    /// # Errors
    /// Any `registry.…`, `files.locked`.
    pub async fn append_legacy(
        &self,
        subject: &Digest,
        layers: &[LegacyLayer],
        replaced: Option<&str>,
    ) -> Result<Vec<String>, Error> {
        let mut tags: Vec<String> = layers.iter().map(|layer| layer.kind.tag(subject)).collect();
        let in_order = tags.clone();
        tags.sort();
        tags.dedup();
        for tag in tags {
            let here: Vec<LegacyLayer> = layers
                .iter()
                .filter(|layer| layer.kind.tag(subject) == tag)
                .cloned()
                .collect();
            self.append_under_tag(&tag, &here, replaced).await?;
        }
        Ok(in_order)
    }

    /// Attaches layers as manifests of their own, as cosign's `oci-1-1` mode does.
    ///
    /// # Errors
    /// As [`Repository::attach`].
    pub async fn attach_legacy(
        &self,
        subject: &Descriptor,
        layers: &[LegacyLayer],
    ) -> Result<Vec<Descriptor>, Error> {
        let encoded = layers.iter().map(|layer| layer.referrer(subject));
        self.attach_encoded(subject, encoded.collect()).await
    }

    async fn append_under_tag(
        &self,
        tag: &str,
        layers: &[LegacyLayer],
        replaced: Option<&str>,
    ) -> Result<(), Error> {
        for layer in layers {
            let digest = Digest::sha256(&layer.content);
            self.push_blob(&digest, layer.content.clone()).await?;
        }
        // Replaced once, and not again what others state meanwhile.
        let mut replaced = replaced;
        let mut failure = None;
        for _ in 0..ATTEMPTS {
            let started = Instant::now();
            match self.write_legacy(tag, layers, replaced).await {
                Ok(Wrote::Nothing) => return Ok(()),
                Ok(Wrote::Manifest) => {
                    replaced = None;
                    failure = None;
                }
                Err(error @ (Error::Transport { .. } | Error::Unavailable { .. })) => {
                    failure = Some(error);
                }
                Err(error) if is_passing(&error) => failure = Some(error),
                Err(error) => return Err(error),
            }
            // As long as our own turn took, so will that of one who read before we wrote.
            pause(started.elapsed()).await;
        }
        Err(failure.unwrap_or_else(|| Error::ReferrersContended {
            place: self.place(),
            tag: tag.to_owned(),
            attempts: ATTEMPTS,
        }))
    }

    async fn write_legacy(
        &self,
        tag: &str,
        layers: &[LegacyLayer],
        replaced: Option<&str>,
    ) -> Result<Wrote, Error> {
        let _turn = self.turn(tag).await?;
        let mut manifest = match self.tagged_manifest(tag).await? {
            Some(found) => {
                LegacyManifest::read(&found.bytes).map_err(|reason| Error::Malformed {
                    place: self.place(),
                    what: format!("manifest {tag}"),
                    reason,
                })?
            }
            None => LegacyManifest::empty(),
        };
        if manifest.has_all(layers) && replaced.is_none() {
            return Ok(Wrote::Nothing);
        }
        if let Some(predicate_type) = replaced {
            manifest.remove(predicate_type);
        }
        for layer in layers {
            manifest.add(layer);
        }
        let written = manifest.write(&MediaType::new(IMAGE_CONFIG));
        let limit = self.limits().manifest_bytes;
        if manifest.len() > self.limits().layers || written.manifest.len() as u64 > limit {
            return Err(Error::TooMany {
                place: self.place(),
                what: "pieces of evidence under one tag",
                limit: self.limits().layers as u64,
            });
        }
        let config = Digest::sha256(&written.config);
        self.push_blob(&config, written.config).await?;
        // Never repeated blindly: a late repetition could undo what others wrote meanwhile.
        self.put_manifest(
            tag,
            &MediaType::OCI_MANIFEST,
            written.manifest,
            Repeat::Never,
        )
        .await?;
        Ok(Wrote::Manifest)
    }
}

enum Wrote {
    Manifest,
    /// Everything was there.
    Nothing,
}
