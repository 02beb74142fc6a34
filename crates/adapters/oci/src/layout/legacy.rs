//! Evidence as cosign 1 and 2 wrote it, added to what a layout holds.

use sealwright_core::Digest;
use sealwright_core::MediaType;

use super::Layout;
use super::search;
use crate::Descriptor;
use crate::Error;
use crate::LegacyLayer;
use crate::legacy::IMAGE_CONFIG;
use crate::legacy::LegacyManifest;

impl Layout {
    /// Adds layers to the manifests under the tags of an artifact's signatures and statements.
    /// Statements of a predicate type that is replaced are taken away. Returns the tags, in the
    /// layers' order.
    ///
    /// # Errors
    /// `files.locked`, `layout.malformed`, `files.…` when something cannot be written.
    pub fn append_legacy(
        &self,
        subject: &Digest,
        layers: &[LegacyLayer],
        replaced: Option<&str>,
    ) -> Result<Vec<String>, Error> {
        let _lock = self.lock()?;
        let mut index = self.index()?;
        let mut replaced = replaced;
        let mut tags = Vec::with_capacity(layers.len());
        for layer in layers {
            let tag = layer.kind.tag(subject);
            let (entries, _) = index.entries();
            let found = entries.iter().find(|entry| search::has_tag(entry, &tag));
            let mut manifest = match found {
                Some(entry) => {
                    let bytes = self.blob(entry, self.limits().manifest_bytes)?;
                    LegacyManifest::read(&bytes)
                        .map_err(|reason| self.malformed(&format!("manifest {tag}"), reason))?
                }
                None => LegacyManifest::empty(),
            };
            if let Some(predicate_type) = replaced.take() {
                manifest.remove(predicate_type);
            }
            manifest.add(layer);
            if manifest.len() > self.limits().layers {
                return Err(Error::TooMany {
                    place: self.place(),
                    what: "pieces of evidence under one tag",
                    limit: self.limits().layers as u64,
                });
            }
            self.write_blob(&layer.content)?;
            let written = manifest.write(&MediaType::new(IMAGE_CONFIG));
            self.write_blob(&written.config)?;
            self.write_blob(&written.manifest)?;
            let descriptor = Descriptor::of(MediaType::OCI_MANIFEST, &written.manifest);
            self.point(&mut index, &tag, descriptor);
            tags.push(tag);
        }
        self.write_index(&index)?;
        Ok(tags)
    }

    /// Attaches layers as manifests of their own, as cosign's `oci-1-1` mode does.
    ///
    /// # Errors
    /// As [`Layout::attach`].
    pub fn attach_legacy(
        &self,
        subject: &Descriptor,
        layers: &[LegacyLayer],
    ) -> Result<Vec<Descriptor>, Error> {
        let encoded = layers.iter().map(|layer| layer.referrer(subject));
        self.attach_encoded(subject, encoded.collect())
    }
}
