//! `sealwright.dev/copy/v1`.

use schemars::JsonSchema;
use sealwright::Copied;
use serde::Serialize;

/// What `copy`, `save` and `load` print with `-o json`.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CopyDocument {
    /// Always `sealwright.dev/copy/v1`.
    schema: &'static str,
    /// The source as named.
    source: String,
    /// The destination, with the image's digest.
    destination: String,
    /// The tag that names the image there.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    digest: String,
    blobs: Counts,
    manifests: Counts,
    /// Bytes that were sent.
    bytes_sent: u64,
    /// Bytes of all blobs that were looked at.
    bytes: u64,
    /// Evidence tags that were written.
    evidence_tags: Vec<String>,
    /// What is listed at the source and was not copied.
    passed: Vec<PassedOver>,
}

/// What became of content.
#[derive(Debug, JsonSchema, Serialize)]
struct Counts {
    sent: usize,
    /// Taken by the registry from another of its repositories.
    mounted: usize,
    /// There before.
    there: usize,
}

/// Something that is listed and no evidence, or is gone.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct PassedOver {
    digest: String,
    reason: String,
}

impl PassedOver {
    pub(crate) fn list(passed: &[(sealwright_core::Digest, String)]) -> Vec<Self> {
        let passed = passed.iter().map(|(digest, reason)| Self {
            digest: digest.to_string(),
            reason: reason.clone(),
        });
        passed.collect()
    }
}

impl CopyDocument {
    pub(crate) fn new(copied: &Copied) -> Self {
        let done = &copied.transferred;
        Self {
            schema: "sealwright.dev/copy/v1",
            source: copied.source.clone(),
            destination: copied.destination.clone(),
            tag: copied.tag.clone(),
            digest: copied.digest.to_string(),
            blobs: Counts {
                sent: done.blobs_sent,
                mounted: done.blobs_mounted,
                there: done.blobs_there,
            },
            manifests: Counts {
                sent: done.manifests_written,
                mounted: 0,
                there: done.manifests_there,
            },
            bytes_sent: done.bytes_sent,
            bytes: copied.bytes,
            evidence_tags: done.tags.clone(),
            passed: PassedOver::list(&copied.passed),
        }
    }
}
