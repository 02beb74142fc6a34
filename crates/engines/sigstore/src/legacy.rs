//! Evidence as cosign 1 and 2 stored it, read as a [`Bundle`] so that there is one way to verify.
//!
//! Source: cosign `specs/SIGNATURE_SPEC.md`, `specs/ATTESTATION_SPEC.md` and
//! `pkg/cosign/bundle` (the log's promise), `pkg/cosign/fetch.go` (`LocalSignedPayload`: what
//! `sign-blob --bundle` wrote).
//!
//! What it lacks beside a bundle is a proof of inclusion: the promise of a log is all there is, as in
//! bundles of version 0.1, and so they count as that version. Root certificates, which cosign stored
//! along, are left out: a verifier takes them from its trusted root alone.

mod write;

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_core::dsse::Envelope;
use sealwright_crypto::Certificate;
use serde::Deserialize;

use crate::Bundle;
use crate::BundleVersion;
use crate::Content;
use crate::Error;
use crate::LogEntry;
use crate::LogId;
use crate::VerificationMaterial;
use crate::bundle::Limits;
use crate::entry;
use crate::error::BundleFault;

pub use self::write::Legacy;

/// What was stored beside a signature. Untrusted text.
#[derive(Clone, Copy, Debug, Default)]
pub struct LegacyParts<'a> {
    /// The signing certificate (PEM); without one, a key signed that a verifier must know.
    pub certificate: Option<&'a str>,
    /// The certificates above it (PEM).
    pub chain: Option<&'a str>,
    /// The log's promise: JSON with `SignedEntryTimestamp` and `Payload`.
    pub rekor_bundle: Option<&'a str>,
    /// A timestamp: JSON with `SignedRFC3161Timestamp`.
    pub timestamp: Option<&'a str>,
}

impl Bundle {
    /// A signature over a payload that names an image's digest.
    ///
    /// # Errors
    /// `bundle.malformed`, `bundle.too-large`, `bundle.duplicate-key`, `entry.malformed`.
    pub fn from_simple_signing(
        payload: &[u8],
        signature: Base64,
        parts: &LegacyParts<'_>,
    ) -> Result<Self, Error> {
        check_size(payload.len())?;
        let payload = payload.to_vec();
        parts.bundle(Content::SimpleSigning { payload, signature })
    }

    /// A statement in an envelope that was stored by itself.
    ///
    /// # Errors
    /// As [`Bundle::from_simple_signing`].
    pub fn from_envelope(json: &[u8], parts: &LegacyParts<'_>) -> Result<Self, Error> {
        check_size(json.len())?;
        let envelope: Envelope = canonical_json::from_slice(json).map_err(Error::bundle_json)?;
        let mut bundle = parts.bundle(Content::Dsse(envelope))?;
        bundle.stored_envelope = Some(Digest::sha256(json));
        Ok(bundle)
    }

    /// A signature over an artifact's bytes that was stored by itself.
    ///
    /// # Errors
    /// As [`Bundle::from_simple_signing`].
    pub fn from_detached(signature: Base64, parts: &LegacyParts<'_>) -> Result<Self, Error> {
        let digest = None;
        parts.bundle(Content::MessageSignature { digest, signature })
    }

    /// What `cosign sign-blob --bundle` wrote before version 3; `None` for JSON that is something
    /// else.
    ///
    /// # Errors
    /// As [`Bundle::from_simple_signing`].
    pub fn parse_signed_payload(json: &[u8]) -> Option<Result<Self, Error>> {
        if json.len() > Limits::DEFAULT.bytes {
            return None;
        }
        let stored: SignedPayload<'_> = canonical_json::from_slice(json).ok()?;
        Some(stored.into_bundle())
    }
}

impl LegacyParts<'_> {
    /// Whether they can be read; whether they belong to anything is not asked.
    ///
    /// # Errors
    /// As [`Bundle::from_simple_signing`].
    pub fn check(&self) -> Result<(), Error> {
        self.material()?;
        if let Some(json) = self.rekor_bundle {
            parse::<RekorBundle>(json)?.into_entry()?;
        }
        if let Some(json) = self.timestamp {
            parse::<StoredTimestamp>(json)?;
        }
        Ok(())
    }

    fn bundle(&self, content: Content) -> Result<Bundle, Error> {
        let bundle = Bundle {
            version: BundleVersion::V0_1,
            material: self.material()?,
            log_entries: match self.rekor_bundle {
                Some(json) => vec![parse::<RekorBundle>(json)?.into_entry()?],
                None => Vec::new(),
            },
            timestamps: match self.timestamp {
                Some(json) => vec![parse::<StoredTimestamp>(json)?.signed_rfc3161_timestamp],
                None => Vec::new(),
            },
            content,
            stored_envelope: None,
        };
        bundle.check()?;
        Ok(bundle)
    }

    fn material(&self) -> Result<VerificationMaterial, Error> {
        let Some(certificate) = self.certificate else {
            let hint = String::new();
            return Ok(VerificationMaterial::PublicKey { hint });
        };
        let mut given = certificates(certificate, 0)?;
        if let Some(chain) = self.chain {
            given.extend(certificates(chain, given.len())?);
        }
        let mut given = given.into_iter();
        let leaf = given.next().ok_or(BundleFault::Material)?;
        Ok(VerificationMaterial::Chain {
            leaf: Box::new(leaf),
            intermediates: given.filter(|one| !one.is_self_issued()).collect(),
        })
    }
}

fn certificates(pem: &str, before: usize) -> Result<Vec<Certificate>, Error> {
    Certificate::list_from_pem(pem).map_err(|source| {
        let index = before;
        BundleFault::Certificate { index, source }.into()
    })
}

fn check_size(found: usize) -> Result<(), Error> {
    let limit = Limits::DEFAULT.bytes;
    match found > limit {
        true => Err(Error::BundleTooLarge { found, limit }),
        false => Ok(()),
    }
}

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, Error> {
    check_size(json.len())?;
    canonical_json::from_slice(json.as_bytes()).map_err(Error::bundle_json)
}

/// `dev.sigstore.cosign/rfc3161timestamp`
#[derive(Deserialize)]
struct StoredTimestamp {
    #[serde(rename = "SignedRFC3161Timestamp")]
    signed_rfc3161_timestamp: Base64,
}

/// `dev.sigstore.cosign/bundle`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RekorBundle {
    signed_entry_timestamp: Base64,
    payload: RekorPayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RekorPayload {
    body: Base64,
    integrated_time: i64,
    log_index: u64,
    #[serde(rename = "logID")]
    log_id: String,
}

impl RekorBundle {
    fn into_entry(self) -> Result<LogEntry, Error> {
        let payload = self.payload;
        let mut log_id = [0; 32];
        let field = "Payload.logID";
        let decoded = Digest::from_hex(sealwright_core::DigestAlgorithm::Sha256, &payload.log_id)
            .map_err(|_| BundleFault::OutOfRange { field })?;
        log_id.copy_from_slice(decoded.as_bytes());
        Ok(LogEntry {
            log_index: payload.log_index,
            log_id: LogId(log_id),
            kind: entry::kind_of(payload.body.as_bytes())?,
            integrated_time: Some(Timestamp::from_seconds(payload.integrated_time)),
            inclusion_promise: Some(self.signed_entry_timestamp),
            inclusion_proof: None,
            canonicalized_body: payload.body,
        })
    }
}

/// What `cosign sign-blob --bundle` wrote.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedPayload<'a> {
    base64_signature: String,
    /// Base64 of the PEM of a certificate or a public key.
    #[serde(default)]
    cert: Option<Base64>,
    #[serde(borrow, default)]
    rekor_bundle: Option<&'a serde_json::value::RawValue>,
}

impl SignedPayload<'_> {
    fn into_bundle(self) -> Result<Bundle, Error> {
        let signature = Base64::decode(self.base64_signature.trim()).map_err(|_| {
            let field = "base64Signature";
            BundleFault::OutOfRange { field }
        })?;
        let cert = self.cert.unwrap_or_default();
        let pem = std::str::from_utf8(cert.as_bytes()).map_err(|_| BundleFault::Material)?;
        let rekor_bundle = self.rekor_bundle.map(serde_json::value::RawValue::get);
        Bundle::from_detached(
            signature,
            &LegacyParts {
                certificate: pem.contains("BEGIN CERTIFICATE").then_some(pem),
                rekor_bundle: rekor_bundle.filter(|json| *json != "null"),
                ..LegacyParts::default()
            },
        )
    }
}
