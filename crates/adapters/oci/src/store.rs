//! One way to use images wherever they are kept.

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use sealwright_core::Digest;

use crate::Descriptor;
use crate::Error;
use crate::FoundStored;
use crate::ImageTree;
use crate::Layout;
use crate::LegacyKind;
use crate::LegacyLayer;
use crate::Limits;
use crate::Manifest;
use crate::ReferrerManifest;
use crate::Referrers;
use crate::Repository;
use crate::Selection;
use crate::StoredEvidence;
use crate::error::Place;
use crate::stored::Budget;
use crate::stored::pieces;

/// An image and where it is kept.
///
/// The futures of a [`ImageStore::Layout`] are ready when first polled: they need no runtime, only
/// something that polls them once (`FutureExt::now_or_never`).
#[derive(Clone, Debug)]
pub enum ImageStore {
    /// In a layout directory.
    Layout(Layout, Selection),
    /// In a registry.
    Registry(Repository),
}

impl ImageStore {
    /// Finds the image that was named. This is done once per operation; everything else goes by
    /// the digest it yields.
    ///
    /// # Errors
    /// Any code of this crate that begins with `layout.` or `registry.`.
    pub async fn resolve(&self) -> Result<Descriptor, Error> {
        match self {
            Self::Layout(layout, selection) => layout.resolve(selection),
            Self::Registry(repository) => repository.resolve().await,
        }
    }

    /// Finds the image that was named and reads its manifest, in one request.
    ///
    /// # Errors
    /// As [`ImageStore::manifest`].
    pub async fn find(&self) -> Result<Manifest, Error> {
        match self {
            Self::Layout(layout, selection) => {
                let found = layout.resolve(selection)?;
                self.manifest(&found).await
            }
            Self::Registry(repository) => self.limited(repository.find().await?),
        }
    }

    /// Reads a manifest and checks its digest.
    ///
    /// # Errors
    /// As [`ImageStore::resolve`], and `image.unsupported`.
    pub async fn manifest(&self, descriptor: &Descriptor) -> Result<Manifest, Error> {
        let manifest = match self {
            Self::Layout(layout, _) => layout.manifest(descriptor),
            Self::Registry(repository) => repository.manifest(descriptor).await,
        }?;
        self.limited(manifest)
    }

    /// The manifest, when it names no more than may be.
    fn limited(&self, manifest: Manifest) -> Result<Manifest, Error> {
        let limits = self.limits();
        let layers = manifest.image().map_or(0, |image| image.layers.len());
        for (what, found, limit) in [
            ("children", manifest.children().len(), limits.children),
            ("layers", layers, limits.layers),
        ] {
            if found > limit {
                return Err(Error::TooMany {
                    place: self.place(),
                    what,
                    limit: limit as u64,
                });
            }
        }
        Ok(manifest)
    }

    /// Reads a blob of at most `limit` bytes and checks its digest.
    ///
    /// # Errors
    /// As [`ImageStore::resolve`], and `image.too-large`.
    pub async fn blob(&self, descriptor: &Descriptor, limit: u64) -> Result<Bytes, Error> {
        match self {
            Self::Layout(layout, _) => layout.blob(descriptor, limit),
            Self::Registry(repository) => repository.blob(descriptor, limit).await,
        }
    }

    /// Lists what refers to an artifact.
    ///
    /// # Errors
    /// As [`ImageStore::resolve`].
    pub async fn referrers(&self, subject: &Digest) -> Result<Referrers, Error> {
        match self {
            Self::Layout(layout, _) => layout.referrers(subject),
            Self::Registry(repository) => repository.referrers(subject).await,
        }
    }

    /// Reads what cosign 1 and 2 keep under a tag that is made of an artifact's digest, if there is
    /// such a tag.
    ///
    /// # Errors
    /// As [`ImageStore::manifest`].
    pub async fn under_tag(
        &self,
        subject: &Digest,
        kind: LegacyKind,
    ) -> Result<Option<Manifest>, Error> {
        match self {
            Self::Layout(layout, _) => layout.under_tag(subject, kind),
            Self::Registry(repository) => repository.tagged_manifest(&kind.tag(subject)).await,
        }
    }

    /// What a tag of the same repository or layout names, if there is such a tag.
    ///
    /// # Errors
    /// As [`ImageStore::resolve`].
    pub async fn tagged(&self, tag: &str) -> Result<Option<Digest>, Error> {
        match self {
            Self::Layout(layout, _) => match layout.resolve(&Selection::Tag(tag.to_owned())) {
                Ok(found) => Ok(Some(found.digest)),
                Err(Error::TagMissing { .. }) => Ok(None),
                Err(error) => Err(error),
            },
            Self::Registry(repository) => {
                let found = repository.tagged_manifest(tag).await?;
                Ok(found.map(|manifest| manifest.descriptor.digest))
            }
        }
    }

    /// Reads the pieces of evidence in a manifest, as many as may be read; `known` is what it must
    /// hold by its place.
    pub async fn pieces(
        &self,
        manifest: &Manifest,
        known: Option<LegacyKind>,
    ) -> Vec<Result<(Descriptor, StoredEvidence), Error>> {
        let place = self.place();
        let budget = Budget::new(self.limits());
        let (pieces, _) = budget.first(pieces(&place, manifest, known));
        stream::iter(pieces)
            .map(async |piece| {
                let piece = piece?;
                budget.take(&piece, &place, self.limits())?;
                let layer = piece.layer.clone();
                let content = self.blob(&layer, layer.size).await?;
                Ok((layer, piece.with(content).1))
            })
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    /// Removes evidence: manifests that refer to an artifact, or that one of its tags names. Says
    /// whether any was there.
    ///
    /// # Errors
    /// `registry.deletion-refused`, any other `registry.…`, `layout.…`, `files.…`.
    pub async fn remove_referrer(
        &self,
        subject: &Digest,
        referrer: &Digest,
    ) -> Result<bool, Error> {
        match self {
            Self::Layout(layout, _) => layout.remove(subject, referrer),
            Self::Registry(repository) => {
                let deleted = repository.delete_manifest(referrer).await?;
                let listed = repository.unlist(subject, &[*referrer]).await?;
                Ok(deleted || listed)
            }
        }
    }

    /// Removes what one of the tags names that are made of an artifact's digest. Says whether it was
    /// there.
    ///
    /// # Errors
    /// As [`ImageStore::remove_referrer`].
    pub async fn remove_tag(&self, tag: &str, manifest: &Digest) -> Result<bool, Error> {
        match self {
            Self::Layout(layout, _) => layout.remove_tagged(manifest),
            Self::Registry(repository) => {
                let deleted = repository.delete_manifest(manifest).await;
                // Some let go of tags alone, and some keep them when what they name is gone.
                match repository.delete_tag(tag).await {
                    Ok(untagged) => Ok(untagged || deleted.unwrap_or_default()),
                    Err(_) if deleted.is_ok() && self.tagged(tag).await?.is_none() => deleted,
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// Reads all evidence of an artifact in every form in which it may be stored here.
    ///
    /// # Errors
    /// As [`ImageStore::resolve`], when nothing was found and some place gave no answer; a piece
    /// that cannot be read is no error.
    pub async fn stored_evidence(&self, subject: &Digest) -> Result<FoundStored, Error> {
        match self {
            Self::Layout(layout, _) => layout.stored_evidence(subject),
            Self::Registry(repository) => repository.stored_evidence(subject).await,
        }
    }

    /// Attaches manifests to one that is there, and makes sure that they are listed. Returns their
    /// descriptors.
    ///
    /// # Errors
    /// As [`ImageStore::resolve`], and `files.…`.
    pub async fn attach(
        &self,
        subject: &Descriptor,
        referrers: &[ReferrerManifest],
    ) -> Result<Vec<Descriptor>, Error> {
        match self {
            Self::Layout(layout, _) => layout.attach(subject, referrers),
            Self::Registry(repository) => repository.attach(subject, referrers).await,
        }
    }

    /// Adds evidence as cosign 1 and 2 kept it under tags, and makes sure that it stays there;
    /// statements of a predicate type that is replaced are taken away. Returns the tags, in the
    /// layers' order.
    ///
    /// # Errors
    /// As [`ImageStore::attach`].
    pub async fn append_legacy(
        &self,
        subject: &Digest,
        layers: &[LegacyLayer],
        replaced: Option<&str>,
    ) -> Result<Vec<String>, Error> {
        match self {
            Self::Layout(layout, _) => layout.append_legacy(subject, layers, replaced),
            Self::Registry(repository) => repository.append_legacy(subject, layers, replaced).await,
        }
    }

    /// Attaches evidence as cosign 2 did where there is the referrers API.
    ///
    /// # Errors
    /// As [`ImageStore::attach`].
    pub async fn attach_legacy(
        &self,
        subject: &Descriptor,
        layers: &[LegacyLayer],
    ) -> Result<Vec<Descriptor>, Error> {
        match self {
            Self::Layout(layout, _) => layout.attach_legacy(subject, layers),
            Self::Registry(repository) => repository.attach_legacy(subject, layers).await,
        }
    }

    /// Whether evidence can be attached, as far as can be told without doing it. Of a registry
    /// nothing is asked: only a write shows whether it would be allowed.
    ///
    /// # Errors
    /// `files.…` when a layout cannot be written.
    pub fn check_writable(&self) -> Result<(), Error> {
        match self {
            Self::Layout(layout, _) => layout.check_writable(),
            Self::Registry(_) => Ok(()),
        }
    }

    /// Makes an image's files readable: its configuration is read, and its compressed layers are
    /// brought onto this machine where they are not. Reading the tree itself is blocking work for
    /// a thread of its own.
    ///
    /// # Errors
    /// As [`ImageStore::resolve`], and `image.spool-failed`, `image.too-large`,
    /// `image.unsupported` when the manifest is an index.
    pub async fn tree(&self, manifest: &Manifest) -> Result<ImageTree, Error> {
        crate::image::open(self, manifest).await
    }

    /// Where the image is kept.
    pub fn place(&self) -> Place {
        match self {
            Self::Layout(layout, _) => layout.place(),
            Self::Registry(repository) => repository.place(),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        match self {
            Self::Layout(layout, _) => layout.limits(),
            Self::Registry(repository) => repository.limits(),
        }
    }
}

/// Pieces of one manifest that are read together.
const AT_ONCE: usize = 8;
