//! `bundle create`: a bundle out of a signature and what belongs to it, from files.

use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Base64;
use sealwright_core::canonical_json;
use sealwright_crypto::Certificate;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::TimestampToken;
use sealwright_files as files;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::BundleVersion;
use sealwright_sigstore::Content;
use sealwright_sigstore::LegacyParts;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::VerificationMaterial;
use serde::Deserialize;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::KeyReference;
use crate::failure::About as _;
use crate::file_evidence::MAX_BUNDLES_SIZE;
use crate::open_public_key;
use crate::target::Blob;

/// The files a bundle is made of.
#[derive(Clone, Debug, Default)]
pub struct BundleParts {
    /// What was signed; of an attestation it is not needed.
    pub artifact: Option<PathBuf>,
    /// The signature, raw or in Base64.
    pub signature: Option<PathBuf>,
    /// A statement in an envelope, instead of a signature.
    pub attestation: Option<PathBuf>,
    /// The signer's certificate: PEM, DER, or PEM in Base64 as cosign writes it.
    pub certificate: Option<PathBuf>,
    /// The signer's public key, when there is no certificate.
    pub key: Option<KeyReference>,
    /// What `cosign sign-blob --bundle` wrote before version 3: signature, certificate and the
    /// log's promise in one.
    pub old_bundle: Option<PathBuf>,
    /// The log entry: as bundles have it, or as a log of version 1 answers.
    pub log_entry: Option<PathBuf>,
    /// An RFC 3161 timestamp response: DER, or the JSON that cosign writes.
    pub timestamp: Option<PathBuf>,
}

/// Makes a bundle of version 0.3, on one line. It is not verified, but for one mistake that is
/// easily made: a P-256 signature must be by the key that is given, over what is given.
///
/// # Errors
/// `bundle.not-upgradable` when something is missing that version 0.3 requires, or does not fit;
/// `bundle.malformed`, `key.…`, `files.…`.
pub fn bundle_create(context: &Context<'_>, parts: &BundleParts) -> Result<Vec<u8>, Failure> {
    let old = match &parts.old_bundle {
        Some(path) => {
            let json = read(path)?;
            let parsed = Bundle::parse_signed_payload(&json).ok_or_else(|| {
                wanted("the old bundle is no JSON with base64Signature").about(path.display())
            })?;
            Some(parsed.about(path.display())?)
        }
        None => None,
    };
    let blob = parts.artifact.as_deref();
    let blob = blob.map(|path| Blob::file(path, context)).transpose()?;
    let content = match (&parts.attestation, &parts.signature, &old) {
        (Some(path), None, None) => {
            let json = read(path)?;
            Bundle::from_envelope(&json, &LegacyParts::default())
                .about(path.display())?
                .content
        }
        (None, Some(path), None) => Content::MessageSignature {
            digest: blob.as_ref().map(|blob| blob.digest),
            signature: signature(&read(path)?),
        },
        (None, None, Some(old)) => old.content.clone(),
        (None, None, None) => return Err(wanted("a signature, an attestation or an old bundle")),
        _ => {
            return Err(wanted(
                "one of signature, attestation and old bundle, and not several",
            ));
        }
    };
    let certificate = match (&parts.certificate, &old) {
        (Some(path), _) => Some(certificate(path)?),
        (None, Some(old)) => old.certificate().cloned(),
        (None, None) => None,
    };
    let (material, key) = match (certificate, &parts.key) {
        (Some(leaf), _) => {
            let key = leaf.public_key().clone();
            (VerificationMaterial::Certificate(Box::new(leaf)), key)
        }
        (None, Some(reference)) => {
            let key = open_public_key(context, reference)?;
            let hint = Base64::encode(&key.key_id());
            (VerificationMaterial::PublicKey { hint }, key)
        }
        (None, None) => return Err(wanted("a certificate or a public key")),
    };
    check_signature(&key, &content, blob.as_ref())?;
    let log_entries = match (&parts.log_entry, old) {
        (Some(path), _) => vec![log_entry(path)?],
        (None, Some(old)) => old.log_entries,
        (None, None) => Vec::new(),
    };
    let timestamps = match &parts.timestamp {
        Some(path) => vec![timestamp(path)?],
        None => Vec::new(),
    };
    let bundle = Bundle {
        version: BundleVersion::V0_3,
        material,
        log_entries,
        timestamps,
        content,
        stored_envelope: None,
    };
    let bundle = bundle
        .upgraded(blob.map(|blob| blob.digest))
        .map_err(|fault| wanted(&fault.to_string()))?;
    Ok(bundle.to_json())
}

fn check_signature(key: &PublicKey, content: &Content, blob: Option<&Blob>) -> Result<(), Failure> {
    // Other keys sign in several ways.
    if key.kind() != KeyKind::EcdsaP256 {
        return Ok(());
    }
    let scheme = key.default_scheme();
    let fits = match (content, blob) {
        (Content::Dsse(envelope), _) => envelope.signatures.iter().all(|signature| {
            key.verify(scheme, &envelope.signed_bytes(), signature.sig.as_bytes())
                .is_ok()
        }),
        (Content::MessageSignature { signature, .. }, Some(blob)) => key
            .verify_digest(scheme, &blob.digest, signature.as_bytes())
            .is_ok(),
        _ => true,
    };
    match fits {
        true => Ok(()),
        false => Err(wanted(
            "the signature is not by this key or certificate over what was given",
        )),
    }
}

fn signature(content: &[u8]) -> Base64 {
    let text = std::str::from_utf8(content).ok().map(str::trim);
    let decoded = text.and_then(|text| Base64::decode(text).ok());
    decoded.unwrap_or_else(|| Base64::from(content.to_vec()))
}

fn certificate(path: &Path) -> Result<Certificate, Failure> {
    let content = read(path)?;
    let decoded = std::str::from_utf8(&content)
        .ok()
        .and_then(|text| Base64::decode(text.trim()).ok());
    let content = decoded.map_or(content, |decoded| decoded.as_bytes().to_vec());
    let read = match std::str::from_utf8(&content) {
        Ok(pem) if pem.contains("-----BEGIN") => {
            Certificate::list_from_pem(pem).map(|found| found.into_iter().next())
        }
        _ => Certificate::from_der(&content).map(Some),
    };
    read.about(path.display())?
        .ok_or_else(|| wanted("a certificate").about(path.display()))
}

fn log_entry(path: &Path) -> Result<LogEntry, Failure> {
    let json = read(path)?;
    match sealwright_net::parse_rekor_v1_entry(&json) {
        Ok(entry) => Ok(entry),
        Err(_) => LogEntry::parse(&json).about(path.display()),
    }
}

fn timestamp(path: &Path) -> Result<Base64, Failure> {
    #[derive(Deserialize)]
    struct Stored {
        #[serde(rename = "SignedRFC3161Timestamp")]
        signed: Base64,
    }
    let content = read(path)?;
    let response = match canonical_json::from_slice::<Stored>(&content) {
        Ok(stored) => stored.signed,
        Err(_) => Base64::from(content),
    };
    TimestampToken::from_response_der(response.as_bytes()).about(path.display())?;
    Ok(response)
}

fn wanted(reason: &str) -> Failure {
    Error::NotUpgradable {
        reason: reason.to_owned(),
    }
    .into()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(files::read_limited_or_pipe(path, MAX_BUNDLES_SIZE)?)
}
