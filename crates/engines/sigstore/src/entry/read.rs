//! Reading canonical bodies.
//!
//! Unknown fields are left alone here, unlike in bundles: a body is fixed by its hash in the log,
//! logs of different ages write different optional fields, and everything that matters is compared.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::canonical_json;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::EntryBody;
use super::EntryKind;
use super::EntrySubject;
use super::Verifier;
use crate::Error;
use crate::algorithm::HashAlgorithm;
use crate::algorithm::KeyDetails;
use crate::error::EntryFault;

/// Reads the canonical body of a log entry.
///
/// # Errors
/// `entry.unsupported` for a kind or version that is not known, `entry.malformed` for anything that
/// is not what its kind wants.
pub fn parse_body(body: &[u8]) -> Result<EntryBody, Error> {
    let head: Head = canonical_json::from_slice(body).map_err(EntryFault::Json)?;
    let kind = EntryKind::new(&head.kind, &head.api_version);
    match &kind {
        EntryKind::DsseV001 => spec::<DsseV001>(&head)?.read(kind),
        EntryKind::DsseV002 => spec::<DsseV002>(&head)?.dsse_v002.read(kind),
        EntryKind::HashedRekordV001 => spec::<HashedRekordV001>(&head)?.read(kind),
        EntryKind::HashedRekordV002 => spec::<HashedRekordV002>(&head)?
            .hashed_rekord_v002
            .read(kind),
        EntryKind::IntotoV001 => spec::<IntotoV001>(&head)?.read(kind),
        EntryKind::IntotoV002 => spec::<IntotoV002>(&head)?.content.read(kind),
        EntryKind::Other { .. } => Err(Error::EntryUnsupported {
            kind: head.kind,
            version: head.api_version,
        }),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    kind: String,
    api_version: String,
    spec: Box<RawValue>,
}

fn spec<T: DeserializeOwned>(head: &Head) -> Result<T, EntryFault> {
    canonical_json::from_part(&head.spec).map_err(EntryFault::Json)
}

#[derive(Deserialize)]
struct HexHash {
    algorithm: String,
    value: String,
}

impl HexHash {
    fn digest(&self) -> Result<Digest, EntryFault> {
        let algorithm = match self.algorithm.as_str() {
            name @ ("sha256" | "sha384" | "sha512") => name.parse().map_err(EntryFault::Digest)?,
            other => {
                return Err(EntryFault::Digest(
                    sealwright_core::InvalidDigest::Algorithm(other.to_owned()),
                ));
            }
        };
        Digest::from_hex(algorithm, &self.value).map_err(EntryFault::Digest)
    }
}

#[derive(Deserialize)]
struct NamedHash {
    algorithm: String,
    digest: Base64,
}

impl NamedHash {
    fn digest(&self) -> Result<Digest, EntryFault> {
        let algorithm = HashAlgorithm::from_name(&self.algorithm)
            .and_then(HashAlgorithm::digest_algorithm)
            .ok_or(EntryFault::Encoding {
                field: "hash algorithm",
            })?;
        Digest::from_bytes(algorithm, self.digest.as_bytes()).map_err(EntryFault::Digest)
    }
}

#[derive(Deserialize)]
struct HashedRekordV001 {
    data: HashedData,
    signature: HashedSignature,
}

#[derive(Deserialize)]
struct HashedData {
    hash: HexHash,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HashedSignature {
    content: Base64,
    public_key: PemContent,
}

#[derive(Deserialize)]
struct PemContent {
    content: Base64,
}

impl HashedRekordV001 {
    fn read(self, kind: EntryKind) -> Result<EntryBody, Error> {
        Ok(EntryBody {
            kind,
            subject: EntrySubject::Message(self.data.hash.digest()?),
            signature: self.signature.content,
            verifier: from_pem(&self.signature.public_key.content)?,
            key_details: None,
        })
    }
}

#[derive(Deserialize)]
struct HashedRekordV002 {
    #[serde(rename = "hashedRekordV002")]
    hashed_rekord_v002: Hashed,
}

#[derive(Deserialize)]
struct Hashed {
    data: NamedHash,
    signature: SignatureV2,
}

#[derive(Deserialize)]
struct SignatureV2 {
    content: Base64,
    verifier: VerifierV2,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifierV2 {
    key_details: String,
    #[serde(default)]
    x509_certificate: Option<Raw>,
    #[serde(default)]
    public_key: Option<Raw>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    raw_bytes: Base64,
}

impl VerifierV2 {
    fn read(&self) -> Result<(Verifier, KeyDetails), EntryFault> {
        let details = KeyDetails::from_name(&self.key_details).ok_or(EntryFault::Encoding {
            field: "keyDetails",
        })?;
        let verifier = match (&self.x509_certificate, &self.public_key) {
            (Some(raw), None) => Verifier::Certificate(raw.raw_bytes.0.clone()),
            (None, Some(raw)) => Verifier::PublicKey(raw.raw_bytes.0.clone()),
            _ => return Err(EntryFault::Verifier),
        };
        Ok((verifier, details))
    }
}

impl Hashed {
    fn read(self, kind: EntryKind) -> Result<EntryBody, Error> {
        let (verifier, details) = self.signature.verifier.read()?;
        Ok(EntryBody {
            kind,
            subject: EntrySubject::Message(self.data.digest()?),
            signature: self.signature.content,
            verifier,
            key_details: Some(details),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DsseV001 {
    payload_hash: HexHash,
    signatures: Vec<DsseSignatureV001>,
}

#[derive(Deserialize)]
struct DsseSignatureV001 {
    signature: Base64,
    verifier: Base64,
}

impl DsseV001 {
    fn read(self, kind: EntryKind) -> Result<EntryBody, Error> {
        let signature = only(self.signatures)?;
        Ok(EntryBody {
            kind,
            subject: EntrySubject::Payload(self.payload_hash.digest()?),
            signature: signature.signature,
            verifier: from_pem(&signature.verifier)?,
            key_details: None,
        })
    }
}

#[derive(Deserialize)]
struct DsseV002 {
    #[serde(rename = "dsseV002")]
    dsse_v002: Dsse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dsse {
    payload_hash: NamedHash,
    signatures: Vec<SignatureV2>,
}

impl Dsse {
    fn read(self, kind: EntryKind) -> Result<EntryBody, Error> {
        let signature = only(self.signatures)?;
        let (verifier, details) = signature.verifier.read()?;
        Ok(EntryBody {
            kind,
            subject: EntrySubject::Payload(self.payload_hash.digest()?),
            signature: signature.content,
            verifier,
            key_details: Some(details),
        })
    }
}

/// What kind of body it is, by its own words.
///
/// # Errors
/// `entry.malformed`.
pub(crate) fn kind_of(body: &[u8]) -> Result<EntryKind, Error> {
    let head: Head = canonical_json::from_slice(body).map_err(EntryFault::Json)?;
    Ok(EntryKind::new(&head.kind, &head.api_version))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IntotoV001 {
    content: IntotoHash,
    public_key: Base64,
}

#[derive(Deserialize)]
struct IntotoHash {
    hash: HexHash,
}

impl IntotoV001 {
    fn read(self, kind: EntryKind) -> Result<EntryBody, Error> {
        Ok(EntryBody {
            kind,
            subject: EntrySubject::Envelope(self.content.hash.digest()?),
            signature: Base64::default(),
            verifier: from_pem(&self.public_key)?,
            key_details: None,
        })
    }
}

#[derive(Deserialize)]
struct IntotoV002 {
    content: Intoto,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Intoto {
    envelope: IntotoEnvelope,
    payload_hash: HexHash,
}

#[derive(Deserialize)]
struct IntotoEnvelope {
    signatures: Vec<IntotoSignature>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IntotoSignature {
    sig: Base64,
    public_key: Base64,
}

impl Intoto {
    fn read(self, kind: EntryKind) -> Result<EntryBody, Error> {
        let signature = only(self.envelope.signatures)?;
        // Base64 twice: the API's field is bytes, and holds the text of the envelope's field. What
        // is not text was recorded by someone who encoded once; comparing tells what it is worth.
        let inner = std::str::from_utf8(signature.sig.as_bytes())
            .ok()
            .and_then(|text| Base64::decode(text).ok())
            .unwrap_or(signature.sig);
        Ok(EntryBody {
            kind,
            subject: EntrySubject::Payload(self.payload_hash.digest()?),
            signature: inner,
            verifier: from_pem(&signature.public_key)?,
            key_details: None,
        })
    }
}

fn only<T>(signatures: Vec<T>) -> Result<T, EntryFault> {
    let found = signatures.len();
    match (signatures.into_iter().next(), found) {
        (Some(signature), 1) => Ok(signature),
        _ => Err(EntryFault::Signatures { found }),
    }
}

fn from_pem(pem: &Base64) -> Result<Verifier, EntryFault> {
    std::str::from_utf8(pem.as_bytes())
        .ok()
        .and_then(Verifier::from_pem)
        .ok_or(EntryFault::Verifier)
}
