//! An entry of a transparency log as a bundle carries it.
//!
//! Source: sigstore protobuf-specs, `sigstore_rekor.proto` (`TransparencyLogEntry`).

use std::fmt;

use sealwright_core::Base64;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use serde::Serialize;

use crate::Error;
use crate::bundle::WireEntry;
use crate::entry::EntryKind;
use crate::entry::LogVersion;

/// How a trusted root and a log entry name a log: for Rekor v1 the SHA-256 of its DER public key,
/// for Rekor v2 the C2SP key id of its checkpoints before truncation.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LogId(pub [u8; 32]);

impl LogId {
    /// Lower-case hexadecimal digits, as Rekor v1 writes it.
    pub fn to_hex(&self) -> String {
        sealwright_core::Digest::from_sha256(self.0).to_hex()
    }
}

impl fmt::Display for LogId {
    /// Base64, as bundles and trusted roots write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Base64::encode(&self.0))
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}

/// A log entry with the log's evidence that it holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogEntry {
    /// The index in the whole log; for a sharded log not the one in the proof.
    pub log_index: u64,
    /// Which log.
    pub log_id: LogId,
    /// What the bundle says the body is.
    pub kind: EntryKind,
    /// When a Rekor v1 log took it; not proven unless the promise verifies.
    pub integrated_time: Option<Timestamp>,
    /// The signed entry timestamp of a Rekor v1 log.
    pub inclusion_promise: Option<Base64>,
    /// The Merkle proof with the checkpoint it leads to.
    pub inclusion_proof: Option<InclusionProof>,
    /// The entry itself: what the log hashed as its leaf.
    pub canonicalized_body: Base64,
}

/// A Merkle proof of inclusion.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InclusionProof {
    /// The index in the tree.
    pub log_index: u64,
    /// The root the proof leads to.
    pub root_hash: [u8; 32],
    /// How many leaves the tree has.
    pub tree_size: u64,
    /// The siblings, leaf to root.
    pub hashes: Vec<[u8; 32]>,
    /// The signed note over size and root.
    pub checkpoint: Option<String>,
}

impl LogEntry {
    /// Reads one entry in the form bundles have it, which is also the answer of Rekor v2.
    ///
    /// # Errors
    /// `bundle.malformed`, `bundle.duplicate-key`.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let wire: WireEntry = canonical_json::from_slice(json).map_err(Error::bundle_json)?;
        wire.into_entry()
    }

    /// Writes the entry in the form bundles have it.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&WireEntry::from_entry(self)).unwrap_or_default()
    }

    /// Which generation of log this entry comes from, by the version of its kind.
    pub fn log_version(&self) -> LogVersion {
        self.kind.log_version()
    }

    /// The bytes a Rekor v1 log signs as its promise, or `None` when there is no integrated time.
    pub fn promise_payload(&self) -> Option<Vec<u8>> {
        let time = self.integrated_time?;
        Some(promise_payload(
            self.canonicalized_body.as_bytes(),
            time,
            &self.log_id,
            self.log_index,
        ))
    }
}

/// The bytes a Rekor v1 log signs when it promises inclusion: RFC 8785 JSON of body, integrated
/// time, log id and index (rekor v1, `pkg/api/entries.go`).
pub fn promise_payload(
    body: &[u8],
    integrated_time: Timestamp,
    log_id: &LogId,
    log_index: u64,
) -> Vec<u8> {
    #[derive(Serialize)]
    struct Payload {
        body: String,
        #[serde(rename = "integratedTime")]
        integrated_time: i64,
        #[serde(rename = "logID")]
        log_id: String,
        #[serde(rename = "logIndex")]
        log_index: u64,
    }
    // Written by hand the fields already stand in canonical order; the canonicalizer would write
    // numbers above 2^53 in floating point notation, which no log signs.
    let payload = Payload {
        body: Base64::encode(body),
        integrated_time: integrated_time.seconds(),
        log_id: log_id.to_hex(),
        log_index,
    };
    serde_json::to_vec(&payload).unwrap_or_default()
}
