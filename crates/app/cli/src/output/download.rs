//! `sealwright.dev/download/v1`.

use schemars::JsonSchema;
use sealwright::DownloadedEvidence;
use sealwright::DownloadedForm;
use serde::Serialize;
use serde_json::Value;

/// What `download … -o json` prints. Nothing in it is verified.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct DownloadDocument {
    /// Always `sealwright.dev/download/v1`.
    schema: &'static str,
    /// The image as named.
    image: String,
    evidence: Vec<Evidence>,
}

/// A piece of evidence.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct Evidence {
    location: String,
    /// `signature`, `attestation` or `sbom`.
    kind: &'static str,
    /// `bundle`, or `legacy` for what cosign 1 and 2 wrote.
    form: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    /// The evidence: JSON, or text where it is none.
    content: Value,
}

impl DownloadDocument {
    pub(crate) fn new(image: &str, found: &[DownloadedEvidence]) -> Self {
        let evidence = found.iter().map(|piece| Evidence {
            location: piece.location.clone(),
            kind: piece.kind.name(),
            form: match piece.form {
                DownloadedForm::Bundle => "bundle",
                DownloadedForm::Legacy => "legacy",
            },
            predicate_type: piece.predicate_type.clone(),
            media_type: piece.media_type.clone(),
            content: serde_json::from_slice(&piece.content).unwrap_or_else(|_| {
                Value::String(String::from_utf8_lossy(&piece.content).into_owned())
            }),
        });
        Self {
            schema: "sealwright.dev/download/v1",
            image: image.to_owned(),
            evidence: evidence.collect(),
        }
    }
}
