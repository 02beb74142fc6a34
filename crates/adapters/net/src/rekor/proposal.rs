//! What is sent to propose an entry.
//!
//! Sources: rekor v1 `pkg/types/{hashedrekord/v0.0.1,dsse/v0.0.1,intoto/v0.0.2}`; rekor-tiles
//! `entry.proto`. A version 1 hashedrekord is proposed as what it becomes; an envelope is proposed
//! whole.

use sealwright_core::Base64;
use sealwright_sigstore::Error;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::DsseEntry;
use sealwright_sigstore::entry::HashedRekord;
use serde_json::Value;
use serde_json::json;

/// The body of the request.
pub(super) fn body(entry: &ProposedEntry) -> Result<Vec<u8>, Error> {
    // Says whether the entry can be one at all.
    let canonical = entry.canonical_body()?;
    let proposed = match entry {
        ProposedEntry::HashedRekordV001(_) => return Ok(canonical),
        ProposedEntry::HashedRekordV002(record) => hashed_rekord_v002(record),
        ProposedEntry::DsseV001(dsse) => dsse_v001(dsse),
        ProposedEntry::DsseV002(dsse) => dsse_v002(dsse),
        ProposedEntry::IntotoV002(dsse) => intoto_v002(dsse, &canonical),
    };
    Ok(proposed.to_string().into_bytes())
}

fn hashed_rekord_v002(record: &HashedRekord) -> Value {
    json!({"hashedRekordRequestV002": {
        "digest": Base64::encode(record.digest.as_bytes()),
        "signature": {
            "content": record.signature,
            "verifier": verifier(&record.verifier, record.key_details.name()),
        },
    }})
}

fn dsse_v001(dsse: &DsseEntry) -> Value {
    let envelope = dsse.envelope_json();
    json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": {"proposedContent": {
        // The text whose hash the log records.
        "envelope": String::from_utf8_lossy(&envelope),
        "verifiers": [Base64::encode(dsse.verifier.to_pem().as_bytes())],
    }}})
}

fn dsse_v002(dsse: &DsseEntry) -> Value {
    json!({"dsseRequestV002": {
        "envelope": dsse.envelope,
        "verifiers": [verifier(&dsse.verifier, dsse.key_details.name())],
    }})
}

/// The canonical form with the payload, in base64 twice as the signature is.
fn intoto_v002(dsse: &DsseEntry, canonical: &[u8]) -> Value {
    let mut proposed: Value = serde_json::from_slice(canonical).unwrap_or_default();
    let payload = dsse.envelope.payload.to_string();
    let place = proposed
        .pointer_mut("/spec/content/envelope")
        .and_then(Value::as_object_mut);
    if let Some(envelope) = place {
        envelope.insert(
            "payload".to_owned(),
            json!(Base64::encode(payload.as_bytes())),
        );
    }
    proposed
}

fn verifier(verifier: &Verifier, key_details: &str) -> Value {
    let raw = json!({"rawBytes": Base64::encode(verifier.der())});
    match verifier {
        Verifier::Certificate(_) => json!({"x509Certificate": raw, "keyDetails": key_details}),
        Verifier::PublicKey(_) => json!({"publicKey": raw, "keyDetails": key_details}),
    }
}
