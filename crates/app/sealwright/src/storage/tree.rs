//! `tree`: everything that is attached to an image, and to what is attached to it.

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::stream;
use sealwright_core::Digest;
use sealwright_core::Target;
use sealwright_core::Timestamp;
use sealwright_oci::Descriptor;
use sealwright_oci::EvidenceKind;
use sealwright_oci::Graph;
use sealwright_oci::ImageStore;
use sealwright_oci::Node;
use sealwright_oci::Role;
use sealwright_oci::StoredEvidence;

use super::platform;
use crate::Context;
use crate::Failure;
use crate::target::Images;
use crate::target::platform_of;
use crate::verify::attached::bundle_of;
use crate::verify::judge::said;

/// An image with everything attached to it.
#[derive(Clone, Debug)]
pub struct ImageTree {
    /// The image as it was named.
    pub image: String,
    /// The image.
    pub root: TreeNode,
    /// What is listed and no evidence: its digest, and why.
    pub passed: Vec<(Digest, String)>,
    /// Whether there is more than is shown.
    pub truncated: bool,
}

/// A manifest, what it lists and what is attached to it.
#[derive(Clone, Debug)]
pub struct TreeNode {
    /// Its digest.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// What kind of artifact it says it is.
    pub artifact_type: Option<String>,
    /// What kind of evidence it is; `None` for images.
    pub kind: Option<EvidenceKind>,
    /// What it runs on, as an index says.
    pub platform: Option<String>,
    /// The tag that associates it with what it is attached to; without one it refers to it.
    pub tag: Option<String>,
    /// What it holds, when it is evidence.
    pub pieces: Vec<TreePiece>,
    /// What is attached to it.
    pub attached: Vec<Self>,
    /// The images that it lists, when it is an index.
    pub children: Vec<Self>,
}

/// A piece of evidence, as it describes itself. Nothing of this is verified.
#[derive(Clone, Debug, Default)]
pub struct TreePiece {
    /// The digest of its content.
    pub digest: Option<Digest>,
    /// Its length in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// The predicate type of its statement.
    pub predicate_type: Option<String>,
    /// Whom its certificate names.
    pub identity: Option<String>,
    /// Who issued that, as the certificate says.
    pub issuer: Option<String>,
    /// Its place in a log, as it says.
    pub log_index: Option<u64>,
    /// When a log took it, as it says.
    pub logged_at: Option<Timestamp>,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// Shows an image with everything attached to it.
///
/// # Errors
/// Any `registry.…`, `layout.…`, `image.…`; `usage.no-image`, `usage.no-platform`.
pub fn tree(
    context: &Context<'_>,
    image: &Target,
    platform: Option<&str>,
) -> Result<ImageTree, Failure> {
    let images = Images::new(context);
    let subject = platform::resolve(&images, image, platform)?;
    let _shown = context.show(&format!("looking at {image}"), None);
    let graph = images.drive(Graph::of(&subject.store, subject.manifest.clone()))?;
    let pieces =
        images.drive(async { Ok::<_, Failure>(read_all(&subject.store, &graph).await) })?;
    let passed = graph.passed.iter().map(|passed| {
        let reason = match &passed.error {
            Some(error) => error.to_string(),
            None => "it does not name what it is listed for".to_owned(),
        };
        (passed.referrer.digest, reason)
    });
    Ok(ImageTree {
        image: image.to_string(),
        passed: passed.collect(),
        truncated: graph.truncated,
        root: Arranged {
            graph: &graph,
            pieces: &pieces,
            shown: BTreeSet::new(),
        }
        .node(0)
        .unwrap_or_else(|| bare(&subject.descriptor)),
    })
}

async fn read_all(store: &ImageStore, graph: &Graph) -> Vec<Vec<TreePiece>> {
    stream::iter(&graph.nodes)
        .map(async |node| match node.kind() {
            None => Vec::new(),
            Some(_) => read(store, node).await,
        })
        .buffered(AT_ONCE)
        .collect()
        .await
}

async fn read(store: &ImageStore, node: &Node) -> Vec<TreePiece> {
    let known = match &node.role {
        Role::Tag { kind, .. } => Some(*kind),
        _ => None,
    };
    let pieces = store.pieces(&node.manifest, known).await;
    if pieces.is_empty()
        && let Some(image) = node.manifest.image()
    {
        // Something of which nothing is known but how it is packed.
        return image.layers.iter().map(of_layer).collect();
    }
    pieces
        .into_iter()
        .map(|piece| match piece {
            Ok((layer, evidence)) => describe(&layer, &evidence),
            Err(error) => TreePiece {
                problem: Some(error.to_string()),
                ..TreePiece::default()
            },
        })
        .collect()
}

fn of_layer(layer: &Descriptor) -> TreePiece {
    TreePiece {
        digest: Some(layer.digest),
        size: layer.size,
        media_type: layer.media_type.as_str().to_owned(),
        ..TreePiece::default()
    }
}

fn describe(layer: &Descriptor, evidence: &StoredEvidence) -> TreePiece {
    let mut piece = of_layer(layer);
    match bundle_of(evidence) {
        None => {}
        Some(Err(error)) => piece.problem = Some(error.to_string()),
        Some(Ok(bundle)) => {
            let said = said(&bundle);
            piece.predicate_type = said.predicate_type;
            piece.identity = said.identity;
            piece.issuer = said.issuer;
            let entry = bundle.log_entries.first();
            piece.log_index = entry.map(|entry| entry.log_index);
            piece.logged_at = entry.and_then(|entry| entry.integrated_time);
        }
    }
    if let StoredEvidence::LegacyAttestation { predicate_type, .. } = evidence {
        piece.predicate_type = piece.predicate_type.or_else(|| predicate_type.clone());
    }
    piece
}

/// The nodes of a graph below one another.
struct Arranged<'a> {
    graph: &'a Graph,
    pieces: &'a [Vec<TreePiece>],
    /// What is below these is shown: an index may list the same a thousand times.
    shown: BTreeSet<Digest>,
}

impl Arranged<'_> {
    fn node(&mut self, index: usize) -> Option<TreeNode> {
        let graph = self.graph;
        let node = graph.nodes.get(index)?;
        let digest = node.manifest.descriptor.digest;
        let mut shown = TreeNode {
            artifact_type: node
                .manifest
                .image()
                .and_then(|image| image.artifact_type.as_ref())
                .map(|media_type| media_type.as_str().to_owned()),
            kind: node.kind(),
            platform: node.platform.as_ref().map(ToString::to_string),
            tag: match &node.role {
                Role::Tag { tag, .. } => Some(tag.clone()),
                _ => None,
            },
            pieces: self.pieces.get(index).cloned().unwrap_or_default(),
            ..bare(&node.manifest.descriptor)
        };
        if !self.shown.insert(digest) {
            return Some(shown);
        }
        for (below, other) in graph.nodes.iter().enumerate() {
            match &other.role {
                Role::Child { parent } if *parent == digest => {
                    shown.children.extend(self.node(below));
                }
                Role::Referrer { subject } | Role::Tag { subject, .. } if *subject == digest => {
                    shown.attached.extend(self.node(below));
                }
                _ => {}
            }
        }
        shown.attached.sort_by(|a, b| {
            let key = |node: &TreeNode| (order(node.kind), node.tag.clone(), node.digest);
            key(a).cmp(&key(b))
        });
        Some(shown)
    }
}

fn bare(descriptor: &Descriptor) -> TreeNode {
    TreeNode {
        digest: descriptor.digest,
        size: descriptor.size,
        media_type: descriptor.media_type.as_str().to_owned(),
        artifact_type: None,
        kind: None,
        platform: platform_of(descriptor),
        tag: None,
        pieces: Vec::new(),
        attached: Vec::new(),
        children: Vec::new(),
    }
}

/// Signatures first.
fn order(kind: Option<EvidenceKind>) -> u8 {
    match kind {
        Some(EvidenceKind::Signature) => 0,
        Some(EvidenceKind::Attestation) => 1,
        Some(EvidenceKind::Sbom) => 2,
        Some(EvidenceKind::Other) | None => 3,
    }
}

/// Manifests whose evidence is read together.
const AT_ONCE: usize = 4;
