//! A bundle as the texts that cosign 1 and 2 stored beside a signature.
//!
//! They have a place for the promise of one log of version 1 and for one timestamp. What else a bundle
//! holds, proofs of inclusion above all, is left out.

use sealwright_core::Base64;
use serde_json::Value;
use serde_json::json;

use super::LegacyParts;
use crate::Bundle;
use crate::LogEntry;

/// The texts; see [`LegacyParts`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Legacy {
    /// The signing certificate (PEM).
    pub certificate: Option<String>,
    /// The log's promise.
    pub rekor_bundle: Option<String>,
    /// A timestamp.
    pub timestamp: Option<String>,
}

impl Legacy {
    /// The same, borrowed.
    pub fn parts(&self) -> LegacyParts<'_> {
        LegacyParts {
            certificate: self.certificate.as_deref(),
            chain: None,
            rekor_bundle: self.rekor_bundle.as_deref(),
            timestamp: self.timestamp.as_deref(),
        }
    }
}

impl Bundle {
    /// What of it the older forms have a place for.
    pub fn legacy(&self) -> Legacy {
        Legacy {
            certificate: self.certificate().map(|leaf| leaf.to_pem()),
            rekor_bundle: promise(self).map(|promise| promise.to_string()),
            timestamp: self
                .timestamps
                .first()
                .map(|der| json!({"SignedRFC3161Timestamp": der}).to_string()),
        }
    }

    /// What `cosign sign-blob --bundle` wrote before version 3.
    pub fn to_signed_payload(&self) -> Vec<u8> {
        let mut document = json!({"base64Signature": Base64::encode(self.signature())});
        if let Some(object) = document.as_object_mut() {
            if let Some(leaf) = self.certificate() {
                let pem = Base64::encode(leaf.to_pem().as_bytes());
                object.insert("cert".to_owned(), json!(pem));
            }
            if let Some(promise) = promise(self) {
                object.insert("rekorBundle".to_owned(), promise);
            }
        }
        document.to_string().into_bytes()
    }
}

fn promise(bundle: &Bundle) -> Option<Value> {
    bundle.log_entries.iter().find_map(|entry: &LogEntry| {
        let promise = entry.inclusion_promise.as_ref()?;
        let log_id: String = entry
            .log_id
            .0
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Some(json!({
            "SignedEntryTimestamp": promise,
            "Payload": {
                "body": entry.canonicalized_body,
                "integratedTime": entry.integrated_time?.seconds(),
                "logIndex": entry.log_index,
                "logID": log_id,
            },
        }))
    })
}
