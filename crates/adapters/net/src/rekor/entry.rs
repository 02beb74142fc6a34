//! What a log answers.
//!
//! Version 1: an object whose one key is the entry's identifier (rekor v1 `LogEntry`). Version 2: the
//! entry as bundles carry it.

use std::collections::BTreeMap;

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_sigstore::InclusionProof;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogId;
use sealwright_sigstore::entry::EntryKind;
use serde::Deserialize;

use super::SERVICE;
use crate::Answer;
use crate::Error;
use crate::http_service::malformed;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEntry {
    body: Base64,
    integrated_time: i64,
    #[serde(rename = "logID")]
    log_id: String,
    log_index: u64,
    verification: Option<WireVerification>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireVerification {
    inclusion_proof: Option<WireProof>,
    signed_entry_timestamp: Option<Base64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireProof {
    checkpoint: Option<String>,
    #[serde(default)]
    hashes: Vec<String>,
    log_index: u64,
    root_hash: String,
    tree_size: u64,
}

/// What every body says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireKind {
    api_version: String,
    kind: String,
}

pub(super) fn read_v1(answer: &Answer) -> Result<LogEntry, Error> {
    const WANTED: &str = "one entry of a version 1 log";
    parse_v1(&answer.body).map_err(|found| malformed(SERVICE, answer, found, WANTED))
}

/// Reads what a version 1 log answers about one entry; says what it is when it is something else.
///
/// # Errors
/// What was found instead, in a few words.
pub fn parse_v1(json: &[u8]) -> Result<LogEntry, &'static str> {
    let entries: BTreeMap<String, WireEntry> =
        canonical_json::from_slice(json).map_err(|_| "something else")?;
    if entries.len() > 1 {
        return Err("several entries");
    }
    let (_, wire) = entries.into_iter().next().ok_or("no entry")?;
    let kind: WireKind =
        canonical_json::from_slice(wire.body.as_bytes()).map_err(|_| "an entry of no kind")?;
    let verification = wire.verification.unwrap_or_default();
    let proof = verification
        .inclusion_proof
        .map(|proof| read_proof(proof).ok_or("an entry with a proof that cannot be read"));
    Ok(LogEntry {
        log_index: wire.log_index,
        log_id: LogId(hash(&wire.log_id).ok_or("an entry of a log with no identifier")?),
        kind: EntryKind::new(&kind.kind, &kind.api_version),
        integrated_time: Some(Timestamp::from_seconds(wire.integrated_time)),
        inclusion_promise: verification.signed_entry_timestamp,
        inclusion_proof: proof.transpose()?,
        canonicalized_body: wire.body,
    })
}

pub(super) fn read_v2(answer: &Answer) -> Result<LogEntry, Error> {
    LogEntry::parse(&answer.body).map_err(|_| {
        let wanted = "one entry of a version 2 log";
        malformed(SERVICE, answer, "something else", wanted)
    })
}

fn read_proof(wire: WireProof) -> Option<InclusionProof> {
    if wire.hashes.len() > MAX_PROOF_HASHES {
        return None;
    }
    let hashes = wire.hashes.iter().map(|digits| hash(digits));
    Some(InclusionProof {
        log_index: wire.log_index,
        root_hash: hash(&wire.root_hash)?,
        tree_size: wire.tree_size,
        hashes: hashes.collect::<Option<_>>()?,
        checkpoint: wire.checkpoint,
    })
}

fn hash(digits: &str) -> Option<[u8; 32]> {
    let digest = Digest::from_hex(DigestAlgorithm::Sha256, digits).ok()?;
    Some(digest.first32())
}

/// As deep as a tree with 64-bit indexes can be.
const MAX_PROOF_HASHES: usize = 64;
