//! What is proposed and asked for, read strictly.
//!
//! Sources: rekor v1 `pkg/types/{hashedrekord,dsse,intoto}/…_schema.json`; rekor-tiles
//! `api/proto/rekor/v2/{entry,hashedrekord,dsse,verifier}.proto` in protobuf's JSON form, whose field
//! names may be in either case.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::MediaType;
use sealwright_core::canonical_json;
use sealwright_core::dsse::Envelope;
use sealwright_core::dsse::Signature;
use sealwright_crypto::Certificate;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;
use sealwright_sigstore::KeyDetails;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::DsseEntry;
use sealwright_sigstore::entry::EntrySubject;
use sealwright_sigstore::entry::HashedRekord;
use sealwright_sigstore::entry::parse_body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::error::Refusal;

/// An entry as a client proposes it.
pub(super) struct Proposal {
    pub(super) entry: ProposedEntry,
    /// The hash of the envelope as the client wrote it, which version 1 records.
    pub(super) envelope_hash: Option<Digest>,
}

/// Reads a text of a client.
pub(super) fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Refusal> {
    canonical_json::from_slice(text).map_err(|error| malformed(&error))
}

fn malformed(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::bad(format!("error processing entry: {error}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    kind: String,
    api_version: String,
    spec: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DsseSpec {
    proposed_content: ProposedContent,
}

#[derive(Deserialize)]
struct ProposedContent {
    envelope: String,
    verifiers: Vec<Base64>,
}

#[derive(Deserialize)]
struct IntotoSpec {
    content: IntotoContent,
}

#[derive(Deserialize)]
struct IntotoContent {
    envelope: IntotoEnvelope,
    hash: Option<HexHash>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IntotoEnvelope {
    payload_type: String,
    payload: Base64,
    signatures: Vec<IntotoSignature>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IntotoSignature {
    #[serde(default)]
    keyid: String,
    public_key: Base64,
    sig: Base64,
}

#[derive(Deserialize)]
struct HexHash {
    algorithm: String,
    value: String,
}

/// Whether what is proposed is of a kind that version 1 takes here: of others the log has none.
pub(super) fn is_taken(text: &[u8]) -> Result<bool, Refusal> {
    let head: Head = read(text)?;
    Ok(TAKEN.contains(&(head.kind.as_str(), head.api_version.as_str())))
}

/// Reads what is proposed to version 1.
pub(super) fn version_1(text: &[u8]) -> Result<Proposal, Refusal> {
    let head: Head = read(text)?;
    let part = |spec: &RawValue| spec.get().as_bytes().to_vec();
    match (head.kind.as_str(), head.api_version.as_str()) {
        // It is proposed in the form it is recorded in.
        ("hashedrekord", "0.0.1") => {
            let body = parse_body(text).map_err(|error| malformed(&error))?;
            let EntrySubject::Message(digest) = body.subject else {
                return Err(malformed(&"no digest"));
            };
            let key = key(&body.verifier)?;
            Ok(Proposal {
                entry: ProposedEntry::HashedRekordV001(HashedRekord {
                    digest,
                    signature: body.signature,
                    key_details: details(&key, Some(digest.algorithm())),
                    verifier: body.verifier,
                }),
                envelope_hash: None,
            })
        }
        ("dsse", "0.0.1") => {
            let spec: DsseSpec = read(&part(&head.spec))?;
            let ProposedContent {
                envelope: text,
                verifiers,
            } = spec.proposed_content;
            let envelope: Envelope = read(text.as_bytes())?;
            let [pem] = verifiers.as_slice() else {
                return Err(malformed(&"wanted one verifier"));
            };
            let entry = dsse(envelope, verifier(pem)?)?;
            Ok(Proposal {
                entry: ProposedEntry::DsseV001(entry),
                envelope_hash: Some(Digest::sha256(text.as_bytes())),
            })
        }
        ("intoto", "0.0.2") => {
            let spec: IntotoSpec = read(&part(&head.spec))?;
            intoto(spec.content)
        }
        (kind, version) => Err(malformed(&format_args!(
            "entries of kind {kind} {version} are not taken"
        ))),
    }
}

/// Base64 twice: the API's field is bytes, and holds the text of the envelope's field.
fn intoto(content: IntotoContent) -> Result<Proposal, Refusal> {
    let twice = |bytes: &Base64| {
        let text = std::str::from_utf8(bytes.as_bytes()).map_err(|error| malformed(&error))?;
        Base64::decode(text).map_err(|error| malformed(&error))
    };
    let [signature] = content.envelope.signatures.as_slice() else {
        return Err(malformed(&"wanted one signature"));
    };
    let envelope = Envelope {
        payload: twice(&content.envelope.payload)?,
        payload_type: MediaType::new(content.envelope.payload_type),
        signatures: vec![Signature {
            sig: twice(&signature.sig)?,
            keyid: signature.keyid.clone(),
        }],
    };
    let envelope_hash = match content.hash {
        Some(hash) if hash.algorithm == "sha256" => Some(
            Digest::from_hex(DigestAlgorithm::Sha256, &hash.value)
                .map_err(|error| malformed(&error))?,
        ),
        Some(_) => return Err(malformed(&"the envelope's hash is no SHA-256")),
        None => None,
    };
    Ok(Proposal {
        entry: ProposedEntry::IntotoV002(dsse(envelope, verifier(&signature.public_key)?)?),
        envelope_hash,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequestV2 {
    #[serde(alias = "hashed_rekord_request_v002")]
    hashed_rekord_request_v002: Option<HashedRekordV2>,
    #[serde(alias = "dsse_request_v002")]
    dsse_request_v002: Option<DsseV2>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HashedRekordV2 {
    digest: Base64,
    signature: SignatureV2,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureV2 {
    content: Base64,
    verifier: VerifierV2,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DsseV2 {
    envelope: Envelope,
    verifiers: Vec<VerifierV2>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerifierV2 {
    #[serde(alias = "x509_certificate")]
    x509_certificate: Option<RawBytes>,
    #[serde(alias = "public_key")]
    public_key: Option<RawBytes>,
    #[serde(alias = "key_details")]
    key_details: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawBytes {
    #[serde(alias = "raw_bytes")]
    raw_bytes: Base64,
}

/// Reads what is proposed to version 2.
pub(super) fn version_2(text: &[u8]) -> Result<ProposedEntry, Refusal> {
    let request: RequestV2 = read(text)?;
    match (
        request.hashed_rekord_request_v002,
        request.dsse_request_v002,
    ) {
        (Some(record), None) => {
            let (verifier, key_details) = record.signature.verifier.read()?;
            let algorithm = key_details
                .scheme()
                .and_then(SignatureScheme::digest_algorithm)
                .ok_or_else(|| malformed(&"such keys sign no digest"))?;
            let digest = Digest::from_bytes(algorithm, record.digest.as_bytes())
                .map_err(|error| malformed(&error))?;
            Ok(ProposedEntry::HashedRekordV002(HashedRekord {
                digest,
                signature: record.signature.content,
                verifier,
                key_details,
            }))
        }
        (None, Some(record)) => {
            let [verifier] = record.verifiers.as_slice() else {
                return Err(malformed(&"wanted one verifier"));
            };
            let (verifier, key_details) = verifier.read()?;
            Ok(ProposedEntry::DsseV002(DsseEntry {
                envelope: record.envelope,
                verifier,
                key_details,
            }))
        }
        _ => Err(malformed(
            &"wanted one hashedRekordRequestV002 or dsseRequestV002",
        )),
    }
}

impl VerifierV2 {
    fn read(&self) -> Result<(Verifier, KeyDetails), Refusal> {
        let details = KeyDetails::from_name(&self.key_details)
            .ok_or_else(|| malformed(&"keyDetails is no name of a kind of key"))?;
        let verifier = match (&self.x509_certificate, &self.public_key) {
            (Some(certificate), None) => {
                Verifier::Certificate(certificate.raw_bytes.as_bytes().to_vec())
            }
            (None, Some(key)) => Verifier::PublicKey(key.raw_bytes.as_bytes().to_vec()),
            _ => return Err(malformed(&"wanted one certificate or public key")),
        };
        Ok((verifier, details))
    }
}

fn dsse(envelope: Envelope, verifier: Verifier) -> Result<DsseEntry, Refusal> {
    let key = key(&verifier)?;
    Ok(DsseEntry {
        envelope,
        verifier,
        key_details: details(&key, None),
    })
}

/// A certificate or a key in PEM.
pub(super) fn verifier(pem: &Base64) -> Result<Verifier, Refusal> {
    let text = std::str::from_utf8(pem.as_bytes()).map_err(|error| malformed(&error))?;
    if text.contains("-----BEGIN CERTIFICATE-----") {
        Certificate::from_pem(text).map(|certificate| Verifier::from(&certificate))
    } else {
        PublicKey::from_pem(text).map(|key| Verifier::from(&key))
    }
    .map_err(|error| malformed(&error))
}

fn key(verifier: &Verifier) -> Result<PublicKey, Refusal> {
    match verifier {
        Verifier::Certificate(der) => {
            Certificate::from_der(der).map(|certificate| certificate.public_key().clone())
        }
        Verifier::PublicKey(der) => PublicKey::from_der(der),
    }
    .map_err(|error| malformed(&error))
}

/// How a key signed a digest of this kind, which version 1 does not say.
fn details(key: &PublicKey, digest: Option<DigestAlgorithm>) -> KeyDetails {
    let scheme = match (key.kind(), digest) {
        (KeyKind::EcdsaP384, Some(DigestAlgorithm::Sha256)) => SignatureScheme::EcdsaP384Sha256,
        (KeyKind::EcdsaP521, Some(DigestAlgorithm::Sha256)) => SignatureScheme::EcdsaP521Sha256,
        (KeyKind::Ed25519, Some(_)) => SignatureScheme::Ed25519ph,
        _ => key.default_scheme(),
    };
    KeyDetails::of(key, scheme).unwrap_or_else(|| KeyDetails::of_key(key))
}

const TAKEN: [(&str, &str); 3] = [
    ("dsse", "0.0.1"),
    ("hashedrekord", "0.0.1"),
    ("intoto", "0.0.2"),
];
