//! Writing canonical bodies.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::canonical_json;
use serde_json::Value;
use serde_json::json;

use super::DsseEntry;
use super::HashedRekord;
use super::ProposedEntry;
use super::Verifier;
use crate::Error;
use crate::algorithm::HashAlgorithm;
use crate::algorithm::KeyDetails;
use crate::error::EntryFault;

/// The canonical body of an entry: the bytes a log hashes as its leaf.
///
/// # Errors
/// `entry.malformed` when an envelope has not exactly one signature.
pub fn canonical_body(entry: &ProposedEntry) -> Result<Vec<u8>, Error> {
    let spec = match entry {
        ProposedEntry::DsseV001(entry) => dsse_v001(entry)?,
        ProposedEntry::DsseV002(entry) => dsse_v002(entry)?,
        ProposedEntry::HashedRekordV001(entry) => hashed_rekord_v001(entry),
        ProposedEntry::HashedRekordV002(entry) => hashed_rekord_v002(entry),
        ProposedEntry::IntotoV002(entry) => intoto_v002(entry)?,
    };
    let kind = entry.kind();
    let body = json!({"apiVersion": kind.version(), "kind": kind.kind(), "spec": spec});
    canonical_json::to_vec(&body).map_err(|error| EntryFault::Json(error).into())
}

fn hashed_rekord_v001(entry: &HashedRekord) -> Value {
    json!({
        "data": {"hash": hex_hash(&entry.digest)},
        "signature": {
            "content": entry.signature,
            "publicKey": {"content": pem(&entry.verifier)},
        },
    })
}

fn hashed_rekord_v002(entry: &HashedRekord) -> Value {
    json!({"hashedRekordV002": {
        "data": named_hash(&entry.digest),
        "signature": {
            "content": entry.signature,
            "verifier": verifier(&entry.verifier, entry.key_details),
        },
    }})
}

fn dsse_v001(entry: &DsseEntry) -> Result<Value, Error> {
    Ok(json!({
        "envelopeHash": hex_hash(&Digest::sha256(&entry.envelope_json())),
        "payloadHash": hex_hash(&Digest::sha256(entry.envelope.payload.as_bytes())),
        "signatures": [{
            "signature": only_signature(entry)?,
            "verifier": pem(&entry.verifier),
        }],
    }))
}

fn dsse_v002(entry: &DsseEntry) -> Result<Value, Error> {
    Ok(json!({"dsseV002": {
        "payloadHash": named_hash(&Digest::sha256(entry.envelope.payload.as_bytes())),
        "signatures": [{
            "content": only_signature(entry)?,
            "verifier": verifier(&entry.verifier, entry.key_details),
        }],
    }}))
}

/// The envelope hash is of the envelope as it was proposed, key included (rekor v1 keeps whatever
/// the client computed).
fn intoto_v002(entry: &DsseEntry) -> Result<Value, Error> {
    let signature = only_signature(entry)?;
    let mut recorded = json!({
        "publicKey": pem(&entry.verifier),
        // Base64 twice: the API's field is bytes, and holds the text of the envelope's field.
        "sig": Base64::encode(signature.to_string().as_bytes()),
    });
    let keyid = entry.envelope.signatures.first().map(|first| &first.keyid);
    if let Some(keyid) = keyid.filter(|keyid| !keyid.is_empty())
        && let Some(object) = recorded.as_object_mut()
    {
        object.insert("keyid".to_owned(), json!(keyid));
    }
    Ok(json!({"content": {
        "envelope": {
            "payloadType": entry.envelope.payload_type,
            "signatures": [recorded],
        },
        "hash": hex_hash(&Digest::sha256(&entry.envelope_json())),
        "payloadHash": hex_hash(&Digest::sha256(entry.envelope.payload.as_bytes())),
    }}))
}

fn only_signature(entry: &DsseEntry) -> Result<&Base64, Error> {
    match entry.envelope.signatures.as_slice() {
        [signature] => Ok(&signature.sig),
        several => Err(EntryFault::Signatures {
            found: several.len(),
        }
        .into()),
    }
}

fn hex_hash(digest: &Digest) -> Value {
    let algorithm = HashAlgorithm::of(digest.algorithm())
        .digest_algorithm()
        .unwrap_or_else(|| digest.algorithm());
    json!({"algorithm": algorithm.name(), "value": digest.to_hex()})
}

fn named_hash(digest: &Digest) -> Value {
    json!({
        "algorithm": HashAlgorithm::of(digest.algorithm()).name(),
        "digest": Base64::encode(digest.as_bytes()),
    })
}

fn pem(verifier: &Verifier) -> String {
    Base64::encode(verifier.to_pem().as_bytes())
}

fn verifier(verifier: &Verifier, details: KeyDetails) -> Value {
    let raw = json!({"rawBytes": Base64::encode(verifier.der())});
    match verifier {
        Verifier::Certificate(_) => json!({"keyDetails": details.name(), "x509Certificate": raw}),
        Verifier::PublicKey(_) => json!({"keyDetails": details.name(), "publicKey": raw}),
    }
}
