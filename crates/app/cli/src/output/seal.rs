//! `sealwright.dev/seal/v1`.

use schemars::JsonSchema;
use sealwright::SealedTarget;
use serde::Serialize;

/// What `seal -o json` prints.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct SealDocument {
    /// Always `sealwright.dev/seal/v1`.
    pub(crate) schema: &'static str,
    /// One element per target, in the order they were named.
    pub(crate) targets: Vec<SealTarget>,
}

/// What `sign -o json` prints.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct SignDocument {
    /// Always `sealwright.dev/sign/v1`.
    pub(crate) schema: &'static str,
    /// One element per target, in the order they were named.
    pub(crate) targets: Vec<SealTarget>,
}

/// What `attest -o json` prints.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct AttestDocument {
    /// Always `sealwright.dev/attest/v1`.
    pub(crate) schema: &'static str,
    /// One element per target, in the order they were named.
    pub(crate) targets: Vec<SealTarget>,
}

/// One target.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SealTarget {
    /// The target as named.
    target: String,
    /// The digest that was sealed.
    digest: String,
    /// `sealed`, `unchanged`, `replaced` or `dry-run`.
    outcome: &'static str,
    /// Under which identity; absent when a key signs, and in a dry run before it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    /// Who vouches for it, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    /// The SHA-256 of the key, when a key signed that verifiers must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// True for the local profile: nobody checked the identity.
    self_asserted: bool,
    /// What was made, or found when unchanged.
    evidence: Vec<SealEvidence>,
    /// What the user should know.
    warnings: Vec<String>,
    /// The command that verifies it; absent in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    verify_command: Option<String>,
}

/// One piece of evidence.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SealEvidence {
    /// `signature`, `provenance`, `sbom` or `other`.
    kind: &'static str,
    /// Predicate type of a statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate_type: Option<String>,
    /// Digest of the artifact it is about.
    subject: String,
    /// Platform of an image of an index.
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    /// Index in the log; absent when nothing is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_index: Option<u64>,
    /// Path, or reference with digest.
    location: String,
}

impl SealTarget {
    pub(crate) fn new(target: &SealedTarget, verify_command: Option<String>) -> Self {
        Self {
            target: target.target.clone(),
            digest: target.digest.to_string(),
            outcome: target.outcome.name(),
            identity: target.identity.as_ref().map(ToString::to_string),
            issuer: target.issuer.clone(),
            key: target.key.map(|key| key.to_string()),
            self_asserted: target.self_asserted,
            evidence: target
                .evidence
                .iter()
                .map(|made| SealEvidence {
                    kind: made.kind.name(),
                    predicate_type: made.predicate_type.clone(),
                    subject: made.subject.to_string(),
                    platform: made.platform.clone(),
                    log_index: made.log_index,
                    location: made.location.clone(),
                })
                .collect(),
            warnings: target.warnings.clone(),
            verify_command,
        }
    }
}
