//! The last steps of a copy: what lists and names the manifests that are there by then.

use std::collections::BTreeMap;

use super::LayoutListing;
use super::Transfer;
use super::Transferred;
use crate::Descriptor;
use crate::Error;
use crate::ImageStore;
use crate::Layout;
use crate::LegacyKind;
use crate::Manifest;
use crate::Repository;
use crate::layout::receive::Listing;
use crate::referrer::fallback_tag;

impl Transfer<'_> {
    pub(super) async fn list(&self, outcome: &mut Transferred) -> Result<(), Error> {
        match self.destination {
            ImageStore::Layout(layout, _) => self.list_in_layout(layout, outcome).await,
            ImageStore::Registry(repository) => self.list_in_registry(repository, outcome).await,
        }
    }

    async fn list_in_registry(
        &self,
        repository: &Repository,
        outcome: &mut Transferred,
    ) -> Result<(), Error> {
        if let Some(subject) = self.referrers.keys().next()
            && !repository.has_referrers_api(subject).await?
        {
            for (subject, found) in &self.referrers {
                repository
                    .list_under_tag(&fallback_tag(subject), found)
                    .await?;
            }
        }
        for (tag, (subject, kind, manifest)) in &self.tags {
            let merged = self.merged(subject, *kind, manifest).await?;
            if let Some(merged) = merged {
                repository
                    .write_manifest(tag, &merged.media_type, merged.bytes)
                    .await?;
                outcome.tags.push(tag.clone());
            }
        }
        if self.with_image
            && let Some(tag) = &self.options.tag
            && let Some(root) = self.manifests.get(&self.root.digest)
        {
            let media_type = &root.descriptor.media_type;
            repository
                .write_manifest(tag, media_type, root.bytes.clone())
                .await?;
        }
        Ok(())
    }

    async fn list_in_layout(
        &self,
        layout: &Layout,
        outcome: &mut Transferred,
    ) -> Result<(), Error> {
        let mut listings: Vec<Listing> = self
            .referrers
            .iter()
            .map(|(subject, found)| Listing::Referrers {
                subject: *subject,
                found: found.clone(),
            })
            .collect();
        let is_saved = self.options.listing == LayoutListing::Saved;
        for (tag, (subject, kind, manifest)) in &self.tags {
            let Some(merged) = self.merged(subject, *kind, manifest).await? else {
                continue;
            };
            layout.write_manifest(&merged.descriptor.digest, &merged.bytes)?;
            let saved = match is_saved && *subject == self.root.digest {
                true => kind.saved(),
                false => None,
            };
            listings.push(Listing::Image {
                descriptor: merged.descriptor,
                tag: Some(tag.clone()),
                saved,
            });
            outcome.tags.push(tag.clone());
        }
        if self.with_image {
            let saved = match (is_saved, self.root.media_type.is_index()) {
                (false, _) => None,
                (true, true) => Some("dev.cosignproject.cosign/imageIndex"),
                (true, false) => Some("dev.cosignproject.cosign/image"),
            };
            listings.push(Listing::Image {
                descriptor: self.root.clone(),
                tag: self.options.tag.clone(),
                saved,
            });
        }
        layout.list_all(&listings)
    }

    /// What the destination is to have under an evidence tag; `None` when it has that.
    async fn merged(
        &self,
        subject: &sealwright_core::Digest,
        kind: LegacyKind,
        manifest: &Manifest,
    ) -> Result<Option<Merged>, Error> {
        let ours = || Merged {
            media_type: manifest.descriptor.media_type.clone(),
            descriptor: Descriptor {
                annotations: BTreeMap::new(),
                ..manifest.descriptor.bare()
            },
            bytes: manifest.bytes.clone(),
        };
        match self.destination.under_tag(subject, kind).await? {
            None => Ok(Some(ours())),
            Some(theirs) if theirs.descriptor.digest == manifest.descriptor.digest => {
                // A layout notes more of it than the tag.
                let is_layout = matches!(self.destination, ImageStore::Layout(..));
                Ok(is_layout.then(ours))
            }
            Some(theirs) => self.merge(&theirs, manifest).await,
        }
    }
}

/// A manifest to be stored under an evidence tag.
pub(super) struct Merged {
    pub(super) media_type: sealwright_core::MediaType,
    pub(super) descriptor: Descriptor,
    pub(super) bytes: bytes::Bytes,
}
