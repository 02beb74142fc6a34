//! One way to use images wherever they are kept.

use bytes::Bytes;
use sealwright_core::Digest;

use crate::Descriptor;
use crate::Error;
use crate::FoundStored;
use crate::ImageTree;
use crate::Layout;
use crate::LegacyLayer;
use crate::Limits;
use crate::Manifest;
use crate::ReferrerManifest;
use crate::Referrers;
use crate::Repository;
use crate::Selection;
use crate::error::Place;

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

    /// Reads a manifest and checks its digest.
    ///
    /// # Errors
    /// As [`ImageStore::resolve`], and `image.unsupported`.
    pub async fn manifest(&self, descriptor: &Descriptor) -> Result<Manifest, Error> {
        let manifest = match self {
            Self::Layout(layout, _) => layout.manifest(descriptor),
            Self::Registry(repository) => repository.manifest(descriptor).await,
        }?;
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
