//! `sealwright.dev/clean/v1`.

use schemars::JsonSchema;
use sealwright::Cleaned;
use sealwright::Failure;
use sealwright::RemovalOutcome;
use serde::Serialize;

/// What `clean -o json` prints.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct CleanDocument {
    /// Always `sealwright.dev/clean/v1`.
    schema: &'static str,
    /// The image as named.
    image: String,
    /// The image's digest; it stays.
    digest: String,
    evidence: Vec<Evidence>,
}

/// A piece of evidence and what became of it.
#[derive(Debug, JsonSchema, Serialize)]
struct Evidence {
    digest: String,
    /// `signature`, `attestation`, `sbom` or `other`.
    kind: &'static str,
    /// What it is attached to.
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// `removed`, `gone` when it was not there any more, `failed`.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl CleanDocument {
    pub(crate) fn new(cleaned: &Cleaned) -> Self {
        let evidence = cleaned.removals.iter().map(|(removal, outcome)| {
            let failure = match outcome {
                RemovalOutcome::Failed(failure) => Some(failure),
                RemovalOutcome::Gone | RemovalOutcome::Removed => None,
            };
            Evidence {
                digest: removal.digest.to_string(),
                kind: removal.kind.name(),
                subject: removal.subject.to_string(),
                tag: removal.tag.clone(),
                outcome: match outcome {
                    RemovalOutcome::Failed(_) => "failed",
                    RemovalOutcome::Gone => "gone",
                    RemovalOutcome::Removed => "removed",
                },
                code: failure.map(|failure| failure.code().to_string()),
                message: failure.map(Failure::to_string),
            }
        });
        Self {
            schema: "sealwright.dev/clean/v1",
            image: cleaned.image.clone(),
            digest: cleaned.digest.to_string(),
            evidence: evidence.collect(),
        }
    }
}
