//! Copying an image with everything attached to it, between registries and layouts.
//!
//! Nothing is written that is there already, so an interrupted copy goes on where it stopped when it
//! is run again. Content goes before what names it: blobs, manifests, lists of referrers, evidence
//! tags, and the image's own tag last, so that whoever sees the tag finds all of it. Every blob and
//! manifest is checked against its digest on the way.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;
use futures_util::stream;
use sealwright_core::Digest;
use sealwright_files::ByteCount;

use crate::Descriptor;
use crate::Error;
use crate::EvidenceKind;
use crate::Graph;
use crate::ImageStore;
use crate::LegacyKind;
use crate::Manifest;
use crate::Node;
use crate::Role;

mod blobs;
mod listing;
mod merge;

/// What is copied, and how.
#[derive(Clone, Debug, Default)]
pub struct TransferOptions {
    /// What is copied.
    pub scope: TransferScope,
    /// The tag that the image gets; none leaves it to its digest.
    pub tag: Option<String>,
    /// What becomes of a tag that names something else.
    pub taken: TakenTag,
    /// How a layout lists the image.
    pub listing: LayoutListing,
    /// Counts the bytes that are done.
    pub done: ByteCount,
}

/// What is copied.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum TransferScope {
    /// The image and everything attached.
    #[default]
    Everything,
    /// Evidence of these kinds, and the image not.
    Evidence(BTreeSet<EvidenceKind>),
    /// The image alone.
    Image,
}

/// What becomes of a tag that names something else at the destination. Evidence under cosign's tags
/// is never replaced by less: what stands there and what comes are put together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TakenTag {
    /// It is refused.
    Refuse,
    /// It names the copy from now on.
    #[default]
    Replace,
}

/// How a layout lists an image.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LayoutListing {
    /// By its tag.
    #[default]
    Plain,
    /// So that `cosign load` finds it.
    Saved,
}

/// What a copy did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Transferred {
    /// Blobs that were sent.
    pub blobs_sent: usize,
    /// Blobs that the registry took from another of its repositories.
    pub blobs_mounted: usize,
    /// Blobs that were there.
    pub blobs_there: usize,
    /// Bytes that were sent.
    pub bytes_sent: u64,
    /// Manifests that were written.
    pub manifests_written: usize,
    /// Manifests that were there.
    pub manifests_there: usize,
    /// Evidence tags that were written.
    pub tags: Vec<String>,
}

/// A copy that is ready to begin.
#[derive(Debug)]
pub struct Transfer<'a> {
    source: &'a ImageStore,
    destination: &'a ImageStore,
    options: TransferOptions,
    root: Descriptor,
    /// Whether the image itself is copied.
    with_image: bool,
    /// What is written, by digest.
    manifests: BTreeMap<Digest, Manifest>,
    /// Those that are there.
    there: BTreeSet<Digest>,
    blobs: Vec<Descriptor>,
    /// By subject.
    referrers: BTreeMap<Digest, Vec<Descriptor>>,
    tags: BTreeMap<String, (Digest, LegacyKind, Manifest)>,
}

impl<'a> Transfer<'a> {
    /// Finds out what is to be copied. The graph is that of the source.
    ///
    /// # Errors
    /// Any `registry.…` and `layout.…`; `image.tag-taken`; `image.too-large` when not all of what
    /// is attached could be found.
    pub async fn prepare(
        source: &'a ImageStore,
        destination: &'a ImageStore,
        graph: &Graph,
        options: TransferOptions,
    ) -> Result<Self, Error> {
        let Some(root) = graph.nodes.first() else {
            return Err(Error::TooMany {
                place: source.place(),
                what: "manifests asked for",
                limit: 0,
            });
        };
        if graph.truncated && options.scope != TransferScope::Image {
            return Err(Error::TooMany {
                place: source.place(),
                what: "pieces of evidence attached to one image",
                limit: source.limits().referrers as u64,
            });
        }
        let mut transfer = Self {
            source,
            destination,
            root: root.manifest.descriptor.bare(),
            with_image: !matches!(options.scope, TransferScope::Evidence(_)),
            options,
            manifests: BTreeMap::new(),
            there: BTreeSet::new(),
            blobs: Vec::new(),
            referrers: BTreeMap::new(),
            tags: BTreeMap::new(),
        };
        transfer.select(graph);
        transfer.check_tag().await?;
        transfer.find_what_is_there().await?;
        transfer.collect_blobs();
        Ok(transfer)
    }

    /// How many bytes of blobs are looked at.
    pub fn bytes(&self) -> u64 {
        let sizes = self.blobs.iter().map(|blob| blob.size);
        sizes.fold(0, u64::saturating_add)
    }

    /// Copies.
    ///
    /// # Errors
    /// Any `registry.…`, `layout.…`, `files.…`, `image.spool-failed`. What was copied before stays,
    /// and no tag names it.
    pub async fn run(self) -> Result<Transferred, Error> {
        let mut outcome = Transferred {
            manifests_there: self.there.len(),
            ..Transferred::default()
        };
        self.copy_blobs(&mut outcome).await?;
        for rank in self.ranks() {
            outcome.manifests_written += rank.len();
            stream::iter(rank)
                .map(|manifest| self.write_manifest(manifest))
                .buffer_unordered(MANIFESTS_AT_ONCE)
                .try_collect::<Vec<()>>()
                .await?;
        }
        self.list(&mut outcome).await?;
        Ok(outcome)
    }

    /// Takes from the graph what is wanted. Evidence about evidence comes with it, and so do the
    /// images of an index.
    fn select(&mut self, graph: &Graph) {
        let mut taken = BTreeSet::new();
        for node in &graph.nodes {
            if !self.wants(node, &taken) {
                continue;
            }
            let digest = node.manifest.descriptor.digest;
            match &node.role {
                // Not written, but what is attached to it may be.
                Role::Root | Role::Child { .. }
                    if self.is_image(node, &taken) && !self.with_image =>
                {
                    continue;
                }
                _ => {}
            }
            taken.insert(digest);
            self.manifests.insert(digest, node.manifest.clone());
            match &node.role {
                Role::Referrer { subject } => {
                    let listed = crate::layout::search::listed(&node.manifest);
                    self.referrers.entry(*subject).or_default().push(listed);
                }
                Role::Tag { kind, subject, tag } => {
                    let value = (*subject, *kind, node.manifest.clone());
                    self.tags.insert(tag.clone(), value);
                }
                Role::Root | Role::Child { .. } => {}
            }
        }
    }

    fn is_image(&self, node: &Node, taken: &BTreeSet<Digest>) -> bool {
        match &node.role {
            Role::Root => true,
            Role::Child { parent } => !taken.contains(parent),
            Role::Referrer { .. } | Role::Tag { .. } => false,
        }
    }

    fn wants(&self, node: &Node, taken: &BTreeSet<Digest>) -> bool {
        let Some(subject) = node.role.subject() else {
            return match &node.role {
                // A platform of the image, or of an index that is evidence.
                Role::Child { parent } => self.with_image || taken.contains(parent),
                _ => true,
            };
        };
        match &self.options.scope {
            TransferScope::Everything => true,
            TransferScope::Image => false,
            TransferScope::Evidence(kinds) => {
                node.kind().is_some_and(|kind| kinds.contains(&kind)) || taken.contains(subject)
            }
        }
    }

    async fn check_tag(&self) -> Result<(), Error> {
        if self.options.taken == TakenTag::Replace || !self.with_image {
            return Ok(());
        }
        let Some(tag) = &self.options.tag else {
            return Ok(());
        };
        match self.destination.tagged(tag).await? {
            Some(found) if found != self.root.digest => Err(Error::TagTaken {
                place: self.destination.place(),
                tag: tag.clone(),
                found: found.into(),
                wanted: self.root.digest.into(),
            }),
            _ => Ok(()),
        }
    }

    /// Of a registry that has a manifest it is believed that it has what that names; of a layout
    /// nothing is.
    async fn find_what_is_there(&mut self) -> Result<(), Error> {
        let ImageStore::Registry(repository) = self.destination else {
            return Ok(());
        };
        let digests: Vec<Digest> = self.manifests.keys().copied().collect();
        let found: Vec<(Digest, bool)> = stream::iter(digests)
            .map(async |digest| Ok::<_, Error>((digest, repository.has_manifest(&digest).await?)))
            .buffer_unordered(MANIFESTS_AT_ONCE)
            .try_collect()
            .await?;
        let there = found.into_iter().filter(|(_, there)| *there);
        self.there = there.map(|(digest, _)| digest).collect();
        Ok(())
    }

    fn collect_blobs(&mut self) {
        let mut seen = BTreeSet::new();
        for (digest, manifest) in &self.manifests {
            if self.there.contains(digest) {
                continue;
            }
            let others = manifest.children().iter();
            let others = others.filter(|child| !child.is_manifest());
            let image = manifest.image();
            let named = image
                .into_iter()
                .flat_map(|image| std::iter::once(&image.config).chain(image.layers.iter()));
            for blob in named.chain(others) {
                if !is_foreign(blob) && seen.insert(blob.digest) {
                    self.blobs.push(blob.bare());
                }
            }
        }
    }

    /// Manifests that are not there, in groups: each group names only what stands in those before.
    fn ranks(&self) -> Vec<Vec<&Manifest>> {
        let mut left: Vec<&Manifest> = self
            .manifests
            .iter()
            .filter(|(digest, _)| !self.there.contains(digest))
            .map(|(_, manifest)| manifest)
            .collect();
        let mut written: BTreeSet<Digest> = BTreeSet::new();
        let mut ranks = Vec::new();
        while !left.is_empty() {
            let is_ready = |manifest: &&Manifest| {
                manifest.children().iter().all(|child| {
                    let digest = &child.digest;
                    written.contains(digest)
                        || self.there.contains(digest)
                        || !self.manifests.contains_key(digest)
                })
            };
            let (ready, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
            if ready.is_empty() {
                // No hash is in a circle; this ends all the same.
                ranks.push(waiting);
                break;
            }
            written.extend(ready.iter().map(|manifest| manifest.descriptor.digest));
            ranks.push(ready);
            left = waiting;
        }
        ranks
    }

    async fn write_manifest(&self, manifest: &Manifest) -> Result<(), Error> {
        let digest = &manifest.descriptor.digest;
        match self.destination {
            ImageStore::Layout(layout, _) => layout.write_manifest(digest, &manifest.bytes),
            ImageStore::Registry(repository) => {
                let name = digest.to_string();
                let media_type = &manifest.descriptor.media_type;
                repository
                    .write_manifest(&name, media_type, manifest.bytes.clone())
                    .await
            }
        }
    }
}

/// What must not be passed on, and is fetched from elsewhere.
fn is_foreign(blob: &Descriptor) -> bool {
    let text = blob.media_type.as_str();
    text.contains(".foreign.") || text.contains(".nondistributable.")
}

const MANIFESTS_AT_ONCE: usize = 8;
