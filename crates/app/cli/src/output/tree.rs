//! `sealwright.dev/tree/v1`.

use schemars::JsonSchema;
use sealwright::EvidenceKind;
use sealwright::ImageTree;
use sealwright::TreeNode;
use sealwright::TreePiece;
use serde::Serialize;

use super::copy::PassedOver;

/// What `tree -o json` prints. Nothing in it is verified.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct TreeDocument {
    /// Always `sealwright.dev/tree/v1`.
    schema: &'static str,
    /// The image as named.
    image: String,
    root: Node,
    /// What is listed and no evidence.
    passed: Vec<PassedOver>,
    /// Whether there is more than this.
    truncated: bool,
}

/// A manifest, what it lists and what is attached to it.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    digest: String,
    size: u64,
    media_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    /// `signature`, `attestation`, `sbom` or `other`; absent for images.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// `os/architecture[/variant]`, as an index says.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    /// The tag by which it is attached; without one it refers to its subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// What evidence holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pieces: Vec<Piece>,
    /// What is attached to it.
    attached: Vec<Self>,
    /// The images that an index lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    children: Vec<Self>,
}

/// A piece of evidence, by its own words: not verified.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct Piece {
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    size: u64,
    media_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_log_index: Option<u64>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_logged_at: Option<String>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl TreeDocument {
    pub(crate) fn new(tree: &ImageTree) -> Self {
        Self {
            schema: "sealwright.dev/tree/v1",
            image: tree.image.clone(),
            root: Node::new(&tree.root),
            passed: PassedOver::list(&tree.passed),
            truncated: tree.truncated,
        }
    }
}

impl Node {
    fn new(node: &TreeNode) -> Self {
        Self {
            digest: node.digest.to_string(),
            size: node.size,
            media_type: node.media_type.clone(),
            artifact_type: node.artifact_type.clone(),
            kind: node.kind.map(EvidenceKind::name),
            platform: node.platform.clone(),
            tag: node.tag.clone(),
            pieces: node.pieces.iter().map(Piece::new).collect(),
            attached: node.attached.iter().map(Self::new).collect(),
            children: node.children.iter().map(Self::new).collect(),
        }
    }
}

impl Piece {
    fn new(piece: &TreePiece) -> Self {
        Self {
            digest: piece.digest.map(|digest| digest.to_string()),
            size: piece.size,
            media_type: piece.media_type.clone(),
            predicate_type: piece.predicate_type.clone(),
            claimed_identity: piece.identity.clone(),
            claimed_issuer: piece.issuer.clone(),
            claimed_log_index: piece.log_index,
            claimed_logged_at: piece.logged_at.map(|time| time.to_string()),
            problem: piece.problem.clone(),
        }
    }
}
