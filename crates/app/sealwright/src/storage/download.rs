//! `download`: evidence as it is stored, in the shapes in which `cosign download` prints it; and
//! `triangulate`: where cosign 1 and 2 keep it.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Target;
use sealwright_core::dsse::Envelope;
use sealwright_oci::CosignAnnotations;
use sealwright_oci::EvidenceKind;
use sealwright_oci::EvidenceSource;
use sealwright_oci::LegacyKind;
use sealwright_oci::StoredEvidence;
use serde_json::Value;
use serde_json::json;

use super::platform;
use crate::ClaimKind;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::target::Images;
use crate::verify::attached::bundle_of;
use crate::verify::judge::said;

/// What is downloaded.
#[derive(Clone, Debug, Default)]
pub struct DownloadOptions {
    /// Evidence of this kind; `None` for all of it.
    pub kind: Option<EvidenceKind>,
    /// Evidence that is stored in this form; `None` for either.
    pub form: Option<DownloadedForm>,
    /// Statements of this predicate type alone.
    pub predicate_type: Option<String>,
    /// One image of an index, as `os/architecture[/variant]`.
    pub platform: Option<String>,
}

/// How evidence is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DownloadedForm {
    /// A Sigstore bundle.
    Bundle,
    /// As cosign 1 and 2 wrote it.
    Legacy,
}

/// A piece of evidence. Nothing of it is verified.
#[derive(Clone, Debug)]
pub struct DownloadedEvidence {
    /// How it is stored.
    pub form: DownloadedForm,
    /// What it is.
    pub kind: EvidenceKind,
    /// Where it was found.
    pub location: String,
    /// The predicate type of its statement.
    pub predicate_type: Option<String>,
    /// The media type of a document that nobody signed.
    pub media_type: Option<String>,
    /// Of a bundle its JSON as stored; of a legacy signature and attestation the JSON that cosign
    /// prints, on one line; of an SBOM the document.
    pub content: Vec<u8>,
}

/// Reads what is attached to an image.
///
/// # Errors
/// `evidence.missing` when there is nothing of the kind; any `registry.…`, `layout.…`, `image.…`;
/// `usage.no-image`, `usage.no-platform`.
pub fn download(
    context: &Context<'_>,
    image: &Target,
    options: &DownloadOptions,
) -> Result<Vec<DownloadedEvidence>, Failure> {
    let images = Images::new(context);
    let subject = platform::resolve(&images, image, options.platform.as_deref())?;
    let _shown = context.show(&format!("reading evidence of {image}"), None);
    let stored = images.run(
        &subject.store,
        subject.store.stored_evidence(&subject.descriptor.digest),
    )?;
    if stored.truncated {
        let found = stored.found.len() + stored.passed.len();
        return Err(Error::TooManyBundles { found }.into());
    }
    if let Some((_, error)) = stored.unanswered.into_iter().next() {
        return Err(error.into());
    }
    let mut found = Vec::new();
    for piece in stored.found {
        let location = match &piece.source {
            EvidenceSource::Tag(tag) => format!("{} {}", subject.tagged(tag), piece.layer),
            EvidenceSource::Referrer | EvidenceSource::Saved => subject.location(&piece.manifest),
        };
        found.extend(read(piece.evidence, location));
    }
    found.retain(|piece| {
        options.kind.is_none_or(|kind| kind == piece.kind)
            && options.form.is_none_or(|form| form == piece.form)
            && options
                .predicate_type
                .as_ref()
                .is_none_or(|wanted| piece.predicate_type.as_ref() == Some(wanted))
    });
    if found.is_empty() {
        // An answer that could not be had is not the same as no evidence.
        if let Some(error) = stored.passed.into_iter().find_map(|passed| passed.error) {
            return Err(error.into());
        }
        let looked_at = subject.location(&subject.descriptor);
        return Err(Error::EvidenceMissing(looked_at).into());
    }
    found.sort_by(|a, b| a.location.cmp(&b.location));
    Ok(found)
}

/// The names under which cosign 1 and 2 keep what belongs to an image: `REPOSITORY:sha256-….sig`.
///
/// # Errors
/// Any `registry.…`, `layout.…`; `usage.no-image`, `usage.no-platform`.
pub fn triangulate(
    context: &Context<'_>,
    image: &Target,
    platform: Option<&str>,
) -> Result<Triangulated, Failure> {
    let images = Images::new(context);
    let subject = platform::resolve(&images, image, platform)?;
    let digest = subject.descriptor.digest;
    Ok(Triangulated {
        digest,
        image: subject.location(&subject.descriptor),
        tags: LegacyKind::ALL.map(|kind| (kind, subject.tagged(&kind.tag(&digest)))),
    })
}

/// Where evidence of an image is kept.
#[derive(Clone, Debug)]
pub struct Triangulated {
    /// The image's digest.
    pub digest: Digest,
    /// The image by its digest.
    pub image: String,
    /// The tag of each kind, with the repository.
    pub tags: [(LegacyKind, String); 3],
}

fn read(evidence: StoredEvidence, location: String) -> Option<DownloadedEvidence> {
    let said = match bundle_of(&evidence) {
        Some(Ok(bundle)) => Some(said(&bundle)),
        _ => None,
    };
    let mut predicate_type = said.as_ref().and_then(|said| said.predicate_type.clone());
    let is_signature = said.is_some_and(|said| said.kind == ClaimKind::Signature);
    let (form, kind, media_type, content) = match evidence {
        StoredEvidence::Bundle { bundle, .. } => {
            let kind = match is_signature {
                true => EvidenceKind::Signature,
                false => EvidenceKind::Attestation,
            };
            (DownloadedForm::Bundle, kind, None, bundle.to_vec())
        }
        StoredEvidence::LegacyAttestation {
            envelope,
            predicate_type: noted,
            ..
        } => {
            predicate_type = predicate_type.or(noted);
            let kind = EvidenceKind::Attestation;
            (DownloadedForm::Legacy, kind, None, attestation(&envelope))
        }
        StoredEvidence::LegacySignature {
            payload,
            signature,
            annotations,
        } => {
            let line = signature_line(&payload, &signature, &annotations);
            let kind = EvidenceKind::Signature;
            (DownloadedForm::Legacy, kind, None, line)
        }
        StoredEvidence::Sbom {
            document,
            media_type,
            ..
        } => {
            let media_type = Some(media_type.as_str().to_owned());
            let kind = EvidenceKind::Sbom;
            (DownloadedForm::Legacy, kind, media_type, document.to_vec())
        }
        _ => return None,
    };
    Some(DownloadedEvidence {
        form,
        kind,
        location,
        predicate_type,
        media_type,
        content,
    })
}

/// The envelope as cosign prints it; as it is when it is none.
fn attestation(envelope: &[u8]) -> Vec<u8> {
    let Ok(read) = sealwright_core::canonical_json::from_slice::<Envelope>(envelope) else {
        return envelope.to_vec();
    };
    let signatures = read
        .signatures
        .iter()
        .map(|signature| json!({"keyid": signature.keyid, "sig": signature.sig}));
    json!({
        "payloadType": read.payload_type,
        "payload": read.payload,
        "signatures": signatures.collect::<Vec<_>>(),
    })
    .to_string()
    .into_bytes()
}

/// `SignedPayload` of cosign's `pkg/cosign/fetch.go`.
fn signature_line(payload: &[u8], signature: &Base64, parts: &CosignAnnotations) -> Vec<u8> {
    let parsed = |text: &Option<String>| -> Value {
        let text = text.as_deref().unwrap_or("null");
        serde_json::from_str(text).unwrap_or_default()
    };
    let certificates = |pem: &Option<String>| -> Vec<Value> {
        let pem = pem.as_deref().unwrap_or_default();
        let found = sealwright_crypto::Certificate::list_from_pem(pem).unwrap_or_default();
        found.iter().map(certificate).collect()
    };
    let chain = certificates(&parts.chain);
    json!({
        "Base64Signature": signature,
        "Payload": Base64::encode(payload),
        "Cert": certificates(&parts.certificate).into_iter().next(),
        "Chain": if chain.is_empty() { Value::Null } else { Value::Array(chain) },
        "Bundle": parsed(&parts.rekor_bundle),
        "RFC3161Timestamp": parsed(&parts.timestamp),
    })
    .to_string()
    .into_bytes()
}

/// As much of Go's `x509.Certificate` as says the rest.
fn certificate(certificate: &sealwright_crypto::Certificate) -> Value {
    json!({
        "Raw": Base64::encode(certificate.der()),
        "RawTBSCertificate": Base64::encode(certificate.tbs_der()),
        "RawSubject": Base64::encode(certificate.subject_der()),
        "RawIssuer": Base64::encode(certificate.issuer_der()),
        "NotBefore": certificate.not_before().to_string(),
        "NotAfter": certificate.not_after().to_string(),
    })
}
