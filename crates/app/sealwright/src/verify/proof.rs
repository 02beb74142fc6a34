//! What a piece of evidence holds, for those who show it in another tool's form.
//!
//! Nothing here says whether it was accepted: ask [`JudgedEvidence::problem`] first.

use std::collections::BTreeMap;

use sealwright_core::ResourceDescriptor;
use sealwright_core::Statement;
use sealwright_sigstore::Content;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::SimpleSigning;
use serde_json::Value;
use serde_json::json;

use crate::JudgedEvidence;

/// In which form evidence was stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EvidenceForm {
    /// A Sigstore bundle.
    Bundle,
    /// An envelope or a signature that cosign 1 or 2 stored by itself.
    Legacy,
    /// It could not be read.
    Unreadable,
}

impl JudgedEvidence {
    /// In which form it was stored.
    pub fn form(&self) -> EvidenceForm {
        match &self.bundle {
            None => EvidenceForm::Unreadable,
            Some(bundle) => match &bundle.content {
                Content::SimpleSigning { .. } => EvidenceForm::Legacy,
                _ if bundle.stored_envelope.is_some() => EvidenceForm::Legacy,
                _ => EvidenceForm::Bundle,
            },
        }
    }

    /// The statement; only of what was accepted.
    pub const fn statement(&self) -> Option<&Statement> {
        self.statement.as_ref()
    }

    /// The raw signature.
    pub fn signature(&self) -> Option<&[u8]> {
        self.bundle.as_ref().map(|bundle| bundle.signature())
    }

    /// The signer's certificate as DER.
    pub fn certificate_der(&self) -> Option<&[u8]> {
        let certificate = self.bundle.as_ref()?.certificate()?;
        Some(certificate.der())
    }

    /// The signer's certificate as PEM.
    pub fn certificate_pem(&self) -> Option<String> {
        let certificate = self.bundle.as_ref()?.certificate()?;
        Some(certificate.to_pem())
    }

    /// The envelope as JSON, or the payload that names an image.
    pub fn payload(&self) -> Option<Vec<u8>> {
        match &self.bundle.as_ref()?.content {
            Content::Dsse(envelope) => sealwright_core::canonical_json::to_vec(envelope).ok(),
            Content::SimpleSigning { payload, .. } => Some(payload.clone()),
            Content::MessageSignature { .. } => None,
        }
    }

    /// What the signer put beside the digest: of a statement, those of its first subject.
    pub fn annotations(&self) -> BTreeMap<String, Value> {
        let Some(bundle) = &self.bundle else {
            return BTreeMap::new();
        };
        match &bundle.content {
            Content::Dsse(envelope) => Statement::parse(envelope.payload.as_bytes())
                .ok()
                .and_then(|statement| statement.subject.into_iter().next())
                .map(|ResourceDescriptor { annotations, .. }| annotations)
                .unwrap_or_default(),
            Content::SimpleSigning { payload, .. } => SimpleSigning::parse(payload)
                .map(|payload| payload.optional)
                .unwrap_or_default(),
            Content::MessageSignature { .. } => BTreeMap::new(),
        }
    }

    /// The log's promise as cosign 1 and 2 stored it, of what they stored.
    pub fn rekor_bundle(&self) -> Option<Value> {
        let bundle = self.bundle.as_ref()?;
        bundle.log_entries.first().and_then(rekor_bundle)
    }
}

fn rekor_bundle(entry: &LogEntry) -> Option<Value> {
    Some(json!({
        "SignedEntryTimestamp": entry.inclusion_promise.as_ref()?,
        "Payload": {
            "body": entry.canonicalized_body,
            "integratedTime": entry.integrated_time?.seconds(),
            "logIndex": entry.log_index,
            "logID": entry.log_id.to_hex(),
        },
    }))
}
