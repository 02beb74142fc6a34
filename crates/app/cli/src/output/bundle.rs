//! `sealwright.dev/bundle-inspect/v1`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use sealwright::BundleDescription;
use sealwright::DescribedCertificate;
use sealwright::DescribedContent;
use sealwright::DescribedLogEntry;
use sealwright::DescribedTimestamp;
use serde::Serialize;

/// What `bundle inspect -o json` prints. Nothing in it is verified.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct InspectDocument {
    /// Always `sealwright.dev/bundle-inspect/v1`.
    schema: &'static str,
    /// Always false: `verify` verifies.
    verified: bool,
    bundles: Vec<Bundle>,
}

/// What a bundle says.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    location: String,
    /// Absent for what is older than bundles.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    content: Content,
    signature_bytes: usize,
    certificates: Vec<Certificate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_hint: Option<String>,
    log_entries: Vec<LogEntry>,
    timestamps: Vec<Timestamp>,
}

/// What was signed.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    /// `message`, `statement` or `simple-signing`.
    kind: &'static str,
    /// What the digest of what was signed is said to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    /// The name that a signer had for an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate_type: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<Subject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_bytes: Option<usize>,
}

/// What a statement is about.
#[derive(Debug, JsonSchema, Serialize)]
struct Subject {
    name: String,
    digests: Vec<String>,
}

/// What a certificate says.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    not_before: String,
    not_after: String,
    serial: String,
    /// SHA-256 of the certificate.
    fingerprint: String,
    key: String,
    /// SHA-256 of the key.
    key_id: String,
    is_authority: bool,
    /// By the names that `--require-claim` takes.
    claims: BTreeMap<&'static str, String>,
    scts: Vec<Sct>,
}

/// A certificate transparency log's promise.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sct {
    log_id: String,
    timestamp: String,
}

/// What a log entry says.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogEntry {
    log_index: u64,
    log_id: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    integrated_at: Option<String>,
    has_promise: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<Proof>,
}

/// What a proof of inclusion says.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    log_index: u64,
    tree_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint_origin: Option<String>,
    checkpoint_signers: Vec<String>,
}

/// What a timestamp says.
#[derive(Debug, JsonSchema, Serialize)]
struct Timestamp {
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl InspectDocument {
    pub(crate) fn new(bundles: &[BundleDescription]) -> Self {
        Self {
            schema: "sealwright.dev/bundle-inspect/v1",
            verified: false,
            bundles: bundles.iter().map(Bundle::new).collect(),
        }
    }
}

impl Bundle {
    fn new(found: &BundleDescription) -> Self {
        Self {
            location: found.location.clone(),
            version: found.version,
            content: Content::new(&found.content),
            signature_bytes: found.signature_bytes,
            certificates: found.certificates.iter().map(Certificate::new).collect(),
            key_hint: found.key_hint.clone(),
            log_entries: found.log_entries.iter().map(LogEntry::new).collect(),
            timestamps: found.timestamps.iter().map(Timestamp::new).collect(),
        }
    }
}

impl Content {
    fn new(content: &DescribedContent) -> Self {
        let empty = |kind| Self {
            kind,
            digest: None,
            reference: None,
            payload_type: None,
            predicate_type: None,
            subjects: Vec::new(),
            payload_bytes: None,
        };
        match content {
            DescribedContent::Message { digest } => Self {
                digest: digest.map(|digest| digest.to_string()),
                ..empty("message")
            },
            DescribedContent::Statement {
                payload_type,
                predicate_type,
                subjects,
                bytes,
            } => Self {
                payload_type: Some(payload_type.clone()),
                predicate_type: predicate_type.clone(),
                subjects: subjects
                    .iter()
                    .map(|(name, digests)| Subject {
                        name: name.clone(),
                        digests: digests.clone(),
                    })
                    .collect(),
                payload_bytes: Some(*bytes),
                ..empty("statement")
            },
            DescribedContent::SimpleSigning { digest, reference } => Self {
                digest: digest.map(|digest| digest.to_string()),
                reference: reference.clone(),
                ..empty("simple-signing")
            },
        }
    }
}

impl Certificate {
    fn new(found: &DescribedCertificate) -> Self {
        Self {
            identity: found.identity.clone(),
            issuer: found.issuer.clone(),
            not_before: found.not_before.to_string(),
            not_after: found.not_after.to_string(),
            serial: found.serial.clone(),
            fingerprint: found.fingerprint.to_string(),
            key: found.key.clone(),
            key_id: found.key_id.to_string(),
            is_authority: found.is_authority,
            claims: found.claims.iter().cloned().collect(),
            scts: found
                .scts
                .iter()
                .map(|(log_id, timestamp)| Sct {
                    log_id: log_id.clone(),
                    timestamp: timestamp.to_string(),
                })
                .collect(),
        }
    }
}

impl LogEntry {
    fn new(found: &DescribedLogEntry) -> Self {
        Self {
            log_index: found.log_index,
            log_id: found.log_id.clone(),
            kind: found.kind.clone(),
            integrated_at: found.integrated_at.map(|time| time.to_string()),
            has_promise: found.has_promise,
            proof: found.proof.map(|(log_index, tree_size)| Proof {
                log_index,
                tree_size,
                root_hash: found.root_hash.clone(),
                checkpoint_origin: found.checkpoint_origin.clone(),
                checkpoint_signers: found.checkpoint_signers.clone(),
            }),
        }
    }
}

impl Timestamp {
    fn new(found: &DescribedTimestamp) -> Self {
        Self {
            time: found.time.map(|time| time.to_string()),
            imprint: found.imprint.map(|digest| digest.to_string()),
            serial: found.serial.clone(),
            problem: found.problem.clone(),
        }
    }
}
