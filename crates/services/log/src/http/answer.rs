//! What is answered, as JSON.

use std::collections::BTreeMap;

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_sigstore::LogEntry;
use sealwright_tlog::Hash;
use sealwright_tlog::leaf_hash;
use serde::Serialize;

use crate::public::PublicLog;

/// Entries of version 1 by their ids. Always one.
pub(super) type EntryMap = BTreeMap<String, EntryV1>;

/// `LogEntry` of Rekor v1's `openapi.yaml`.
#[derive(Serialize)]
pub(super) struct EntryV1 {
    body: Base64,
    #[serde(rename = "integratedTime")]
    integrated_time: i64,
    #[serde(rename = "logID")]
    log_id: String,
    #[serde(rename = "logIndex")]
    log_index: u64,
    verification: Verification,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    inclusion_proof: Option<ProofV1>,
    signed_entry_timestamp: Option<Base64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProofV1 {
    checkpoint: Option<String>,
    hashes: Vec<String>,
    log_index: u64,
    root_hash: String,
    tree_size: u64,
}

/// `LogInfo`.
#[derive(Serialize)]
pub(super) struct Info {
    #[serde(rename = "inactiveShards")]
    pub(super) inactive_shards: [(); 0],
    #[serde(rename = "rootHash")]
    pub(super) root_hash: String,
    #[serde(rename = "signedTreeHead")]
    pub(super) signed_tree_head: String,
    #[serde(rename = "treeID")]
    pub(super) tree_id: String,
    #[serde(rename = "treeSize")]
    pub(super) tree_size: u64,
}

/// `ConsistencyProof`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Consistency {
    pub(super) hashes: Vec<String>,
    pub(super) root_hash: String,
}

/// An entry under the id that Rekor v1 gives it; also the id.
pub(super) fn entry(public: &PublicLog, entry: LogEntry) -> (String, EntryMap) {
    let id = id(public, &leaf_hash(entry.canonicalized_body.as_bytes()));
    let proof = entry.inclusion_proof.map(|proof| ProofV1 {
        checkpoint: proof.checkpoint,
        hashes: proof.hashes.iter().map(hex).collect(),
        log_index: proof.log_index,
        root_hash: hex(&proof.root_hash),
        tree_size: proof.tree_size,
    });
    let answer = EntryV1 {
        body: entry.canonicalized_body,
        integrated_time: entry.integrated_time.map_or(0, |time| time.seconds()),
        log_id: entry.log_id.to_hex(),
        log_index: entry.log_index,
        verification: Verification {
            inclusion_proof: proof,
            signed_entry_timestamp: entry.inclusion_promise,
        },
    };
    (id.clone(), EntryMap::from([(id, answer)]))
}

/// Tree id and leaf hash, which is how Rekor v1 names an entry.
pub(super) fn id(public: &PublicLog, leaf: &Hash) -> String {
    format!("{:016x}{}", public.tree_id(), hex(leaf))
}

/// The path of an entry.
pub(super) fn location(id: &str) -> String {
    format!("/api/v1/log/entries/{id}")
}

pub(super) fn hex(hash: &Hash) -> String {
    Digest::from_sha256(*hash).to_hex()
}
