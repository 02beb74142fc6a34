//! An image with everything attached to it: its platforms, what refers to any of them, what stands
//! under their tags, and what is attached to that in turn.
//!
//! One walk serves copying, showing and cleaning. It is bounded in every direction, and it ends
//! whatever a registry lists: each digest is looked into once, and what is listed as a referrer and
//! does not name its subject is passed over.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::future;
use futures_util::stream;
use sealwright_core::Digest;
use sealwright_core::MediaType;

use crate::Descriptor;
use crate::Error;
use crate::ImageStore;
use crate::LegacyKind;
use crate::Manifest;
use crate::Passed;
use crate::Platform;
use crate::evidence::bundle_layer;
use crate::referrer::ANNOTATION_CONTENT;
use crate::referrer::ANNOTATION_PREDICATE_TYPE;

/// Everything that was found, each manifest after what it belongs to.
#[derive(Debug)]
pub struct Graph {
    /// The manifests; the first is the one asked for. One that belongs to several others comes once
    /// for each.
    pub nodes: Vec<Node>,
    /// What is listed and no evidence: gone, of a kind that nobody reads, or about something else.
    pub passed: Vec<Passed>,
    /// Whether there is more than is read.
    pub truncated: bool,
}

/// A manifest and why it belongs here.
#[derive(Clone, Debug)]
pub struct Node {
    /// The manifest.
    pub manifest: Manifest,
    /// What an index says that it runs on.
    pub platform: Option<Platform>,
    /// Why it belongs here.
    pub role: Role,
}

/// Why a manifest belongs to an image.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Role {
    /// An index lists it.
    Child {
        /// The index.
        parent: Digest,
    },
    /// It says what it is about.
    Referrer {
        /// What that is.
        subject: Digest,
    },
    /// It is the image that was asked for.
    Root,
    /// It has a tag that is made of what it is about.
    Tag {
        /// What it holds.
        kind: LegacyKind,
        /// What it is about.
        subject: Digest,
        /// The tag.
        tag: String,
    },
}

/// What evidence is for, by what its manifest says of itself.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum EvidenceKind {
    /// A signed statement that is no mere signature.
    Attestation,
    /// Something that refers to the image and is none of the others.
    Other,
    /// A document that nobody signed.
    Sbom,
    /// A signature.
    Signature,
}

impl EvidenceKind {
    /// The name in JSON and on command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attestation => "attestation",
            Self::Other => "other",
            Self::Sbom => "sbom",
            Self::Signature => "signature",
        }
    }
}

impl Role {
    /// What the manifest is attached to.
    pub fn subject(&self) -> Option<&Digest> {
        match self {
            Self::Child { .. } | Self::Root => None,
            Self::Referrer { subject } | Self::Tag { subject, .. } => Some(subject),
        }
    }
}

impl Node {
    /// What kind of evidence it is; `None` for an image.
    pub fn kind(&self) -> Option<EvidenceKind> {
        match &self.role {
            Role::Child { .. } | Role::Root => None,
            Role::Tag { kind, .. } => Some((*kind).into()),
            Role::Referrer { .. } => Some(kind_of_referrer(&self.manifest)),
        }
    }
}

impl From<LegacyKind> for EvidenceKind {
    fn from(kind: LegacyKind) -> Self {
        match kind {
            LegacyKind::Attestations => Self::Attestation,
            LegacyKind::Sbom => Self::Sbom,
            LegacyKind::Signatures => Self::Signature,
        }
    }
}

impl Graph {
    /// Finds everything that belongs to an image.
    ///
    /// # Errors
    /// Any code of this crate that begins with `layout.` or `registry.`, `image.too-large`. Evidence
    /// that cannot be read as what it is listed as is no error.
    pub async fn of(store: &ImageStore, root: Manifest) -> Result<Self, Error> {
        let mut graph = Self {
            nodes: Vec::new(),
            passed: Vec::new(),
            truncated: false,
        };
        let mut bytes = 0_u64;
        let mut seen: BTreeMap<Digest, Manifest> = BTreeMap::new();
        let mut level = vec![Wanted {
            descriptor: root.descriptor.clone(),
            found: Some(root),
            role: Role::Root,
            depth: 0,
            hops: 0,
        }];
        while !level.is_empty() {
            let mut scheduled = BTreeSet::new();
            for wanted in &mut level {
                let digest = wanted.descriptor.digest;
                if let Some(known) = seen.get(&digest) {
                    wanted.found = Some(known.clone());
                    wanted.depth = usize::MAX;
                } else if !scheduled.insert(digest) {
                    // Its twin is looked into.
                    wanted.depth = usize::MAX;
                }
            }
            let mut looked = stream::iter(level)
                .map(|wanted| look(store, wanted))
                .buffered(AT_ONCE);
            let mut next = Vec::new();
            while let Some(looked) = looked.next().await {
                let looked = looked?;
                graph.truncated |= looked.truncated;
                graph.passed.extend(looked.passed);
                if let Some(node) = looked.node {
                    let digest = node.manifest.descriptor.digest;
                    if seen.insert(digest, node.manifest.clone()).is_none() {
                        bytes = bytes.saturating_add(node.manifest.bytes.len() as u64);
                    }
                    graph.nodes.push(node);
                }
                next.extend(looked.next);
                let limit = store.limits().listed_manifests;
                if graph.nodes.len().saturating_add(next.len()) > limit {
                    return Err(Error::TooMany {
                        place: store.place(),
                        what: "manifests attached to one image",
                        limit: limit as u64,
                    });
                }
                if bytes > MANIFEST_BYTES {
                    return Err(Error::TooMany {
                        place: store.place(),
                        what: "bytes in the manifests of one image",
                        limit: MANIFEST_BYTES,
                    });
                }
            }
            drop(looked);
            level = next;
        }
        Ok(graph)
    }
}

/// A manifest that is to be looked at.
struct Wanted {
    descriptor: Descriptor,
    found: Option<Manifest>,
    role: Role,
    /// Indexes above it; the greatest number for what is not to be looked into.
    depth: usize,
    /// Subjects below it.
    hops: usize,
}

/// What became of it.
#[derive(Default)]
struct Looked {
    node: Option<Node>,
    next: Vec<Wanted>,
    passed: Vec<Passed>,
    truncated: bool,
}

async fn look(store: &ImageStore, wanted: Wanted) -> Result<Looked, Error> {
    let Wanted {
        descriptor,
        found,
        role,
        depth,
        hops,
    } = wanted;
    let manifest = match found {
        Some(manifest) => Ok(manifest),
        None => store.manifest(&descriptor).await,
    };
    let pass = |referrer, error| {
        Ok(Looked {
            passed: vec![Passed { referrer, error }],
            ..Looked::default()
        })
    };
    let manifest = match (manifest, &role) {
        (Ok(manifest), Role::Referrer { subject })
            if manifest.subject().map(|said| said.digest) != Some(*subject) =>
        {
            return pass(descriptor, None);
        }
        (Ok(manifest), _) => manifest,
        // What is listed and gone, or nothing that is read here, is not evidence.
        (
            Err(
                error @ (Error::BlobMissing { .. }
                | Error::Malformed { .. }
                | Error::NotFound { .. }
                | Error::Unsupported { .. }),
            ),
            Role::Referrer { .. },
        ) => return pass(descriptor, Some(error)),
        (Err(error), _) => return Err(error),
    };
    let mut looked = Looked::default();
    if depth != usize::MAX {
        looked.next = children(store, &manifest, depth, hops)?;
        let digest = manifest.descriptor.digest;
        let (referrers, tagged) = attached(store, &digest).await;
        let (referrers, tagged) = (referrers?, tagged?);
        looked.truncated = referrers.truncated;
        let attached = referrers
            .found
            .into_iter()
            .map(|descriptor| (descriptor, None, Role::Referrer { subject: digest }))
            .chain(tagged.into_iter().map(|(kind, tag, manifest)| {
                let subject = digest;
                (
                    manifest.descriptor.clone(),
                    Some(manifest),
                    Role::Tag { kind, subject, tag },
                )
            }));
        for (descriptor, found, role) in attached {
            if hops == MOST_HOPS {
                looked.truncated = true;
                break;
            }
            looked.next.push(Wanted {
                descriptor,
                found,
                role,
                depth: 0,
                hops: hops + 1,
            });
        }
    }
    looked.node = Some(Node {
        manifest,
        platform: descriptor.platform,
        role,
    });
    Ok(looked)
}

fn children(
    store: &ImageStore,
    manifest: &Manifest,
    depth: usize,
    hops: usize,
) -> Result<Vec<Wanted>, Error> {
    let children = manifest.children().iter();
    let children: Vec<_> = children.filter(|child| child.is_manifest()).collect();
    let limit = store.limits().nesting;
    if !children.is_empty() && depth >= limit {
        return Err(Error::TooMany {
            place: store.place(),
            what: "indexes within indexes",
            limit: limit as u64,
        });
    }
    let parent = manifest.descriptor.digest;
    Ok(children
        .into_iter()
        .map(|child| Wanted {
            descriptor: child.clone(),
            found: None,
            role: Role::Child { parent },
            depth: depth + 1,
            hops,
        })
        .collect())
}

type Tagged = Vec<(LegacyKind, String, Manifest)>;

/// What is attached to a manifest, asked for at once.
async fn attached(
    store: &ImageStore,
    subject: &Digest,
) -> (Result<crate::Referrers, Error>, Result<Tagged, Error>) {
    let [signatures, attestations, sbom] = LegacyKind::ALL;
    let (referrers, (a, (b, c))) = future::join(
        store.referrers(subject),
        future::join(
            store.under_tag(subject, signatures),
            future::join(
                store.under_tag(subject, attestations),
                store.under_tag(subject, sbom),
            ),
        ),
    )
    .await;
    let tagged = [(signatures, a), (attestations, b), (sbom, c)];
    let tagged = tagged.into_iter().filter_map(|(kind, found)| match found {
        Ok(Some(manifest)) => Some(Ok((kind, kind.tag(subject), manifest))),
        Ok(None) => None,
        Err(error) => Some(Err(error)),
    });
    (referrers, tagged.collect())
}

fn kind_of_referrer(manifest: &Manifest) -> EvidenceKind {
    let Some(image) = manifest.image() else {
        return EvidenceKind::Other;
    };
    let note = |name: &str| image.annotations.get(name).map(String::as_str);
    if bundle_layer(manifest).is_some() {
        let is_signature = note(ANNOTATION_CONTENT) == Some("message-signature")
            || note(ANNOTATION_PREDICATE_TYPE) == Some(SIGNATURE);
        return match is_signature {
            true => EvidenceKind::Signature,
            false => EvidenceKind::Attestation,
        };
    }
    let said = [image.artifact_type.as_ref(), Some(&image.config.media_type)];
    let mut said = said.into_iter().flatten();
    if let Some(kind) = said.clone().find_map(LegacyKind::of_type) {
        return kind.into();
    }
    let layers = image.layers.iter().map(|layer| &layer.media_type);
    match said.any(is_sbom) || layers.into_iter().any(is_sbom) {
        true => EvidenceKind::Sbom,
        false => EvidenceKind::Other,
    }
}

fn is_sbom(media_type: &MediaType) -> bool {
    let text = media_type.as_str();
    ["spdx", "cyclonedx", "syft", "sbom"]
        .iter()
        .any(|name| text.contains(name))
}

impl Descriptor {
    /// Whether it is announced as a manifest or index.
    pub fn is_manifest(&self) -> bool {
        self.media_type.is_index() || self.media_type.is_manifest()
    }
}

/// The predicate type of what signs an image and says nothing more (cosign 3).
const SIGNATURE: &str = "https://sigstore.dev/cosign/sign/v1";
/// Manifests that are looked at together, each with what is attached to it.
const AT_ONCE: usize = 8;
/// Bytes of all manifests together.
const MANIFEST_BYTES: u64 = 256 << 20;
/// How often evidence about evidence is followed.
const MOST_HOPS: usize = 8;

#[cfg(test)]
mod tests;
