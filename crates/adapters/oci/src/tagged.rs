//! Manifests under cosign's tags, as a whole: replaced by another, or put together of two.

use bytes::Bytes;
use sealwright_core::Digest;
use sealwright_core::MediaType;

use crate::Descriptor;
use crate::Error;
use crate::ImageStore;
use crate::LegacyLayer;
use crate::Manifest;
use crate::layout::receive::Listing;
use crate::legacy::IMAGE_CONFIG;
use crate::legacy::LegacyManifest;

impl ImageStore {
    /// Puts a layer under the tag of its kind; what stood there goes: there is one SBOM at a time.
    /// Returns the tag.
    ///
    /// # Errors
    /// Any `registry.…`, `layout.…`, `files.…`.
    pub async fn replace_under_tag(
        &self,
        subject: &Digest,
        layer: &LegacyLayer,
    ) -> Result<String, Error> {
        let digest = Digest::sha256(&layer.content);
        self.store_blob(&digest, &layer.content).await?;
        let tag = layer.kind.tag(subject);
        let mut manifest = LegacyManifest::empty();
        manifest.add(layer);
        let (descriptor, content) = self.store_legacy(manifest).await?;
        match self {
            Self::Layout(layout, _) => layout.list_all(&[Listing::Image {
                descriptor,
                tag: Some(tag.clone()),
                saved: None,
            }])?,
            Self::Registry(repository) => {
                repository
                    .write_manifest(&tag, &descriptor.media_type, content)
                    .await?;
            }
        }
        Ok(tag)
    }

    /// Stores what another manifest has and one that is here lacks: the configuration, and in a
    /// layout the manifest. `None` when it lacks nothing.
    pub(crate) async fn merge_legacy(
        &self,
        here: &Manifest,
        other: &[serde_json::Value],
    ) -> Result<Option<(Descriptor, Bytes)>, Error> {
        let mut merged = LegacyManifest::read(&here.bytes).map_err(|reason| Error::Malformed {
            place: self.place(),
            what: format!("manifest {}", here.descriptor.digest),
            reason,
        })?;
        let mut added = false;
        for layer in other {
            added |= merged.add_as_it_is(layer);
        }
        match added {
            true => self.store_legacy(merged).await.map(Some),
            false => Ok(None),
        }
    }

    async fn store_legacy(
        &self,
        mut manifest: LegacyManifest,
    ) -> Result<(Descriptor, Bytes), Error> {
        let written = manifest.write(&MediaType::new(IMAGE_CONFIG));
        let config = Digest::sha256(&written.config);
        self.store_blob(&config, &written.config).await?;
        let descriptor = Descriptor::of(MediaType::OCI_MANIFEST, &written.manifest);
        if let Self::Layout(layout, _) = self {
            layout.write_manifest(&descriptor.digest, &written.manifest)?;
        }
        Ok((descriptor, written.manifest))
    }

    async fn store_blob(&self, digest: &Digest, content: &Bytes) -> Result<(), Error> {
        match self {
            Self::Layout(layout, _) => layout.write_manifest(digest, content),
            Self::Registry(repository) => repository.push_blob(digest, content.clone()).await,
        }
    }
}
