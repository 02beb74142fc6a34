//! Evidence in every form in which cosign 1 to 3 stored it.
//!
//! - Sigstore bundles as referrers: what cosign 3 and Sealwright write (see [`crate::evidence`]).
//! - Tags `sha256-<hex>.sig`, `.att` and `.sbom`: one manifest each, a layer per signature, what
//!   belongs to a signature in the layer's annotations (cosign specs/SIGNATURE_SPEC.md and
//!   ATTESTATION_SPEC.md; SBOM_SPEC.md).
//! - The same manifests as referrers (cosign's `oci-1-1` mode), told by their artifact type or, as
//!   versions before July 2026 wrote them, by the type of their configuration alone.
//! - The same manifests in a directory that `cosign save` wrote, told by the annotation `kind`.
//!
//! Nothing here is verified but digests. An SBOM is not signed at all in the form that is read here.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::MediaType;

use crate::Descriptor;
use crate::Error;
use crate::Limits;
use crate::Manifest;
use crate::error::Place;
use crate::evidence::Passed;
use crate::evidence::bundle_layer;
use crate::evidence::may_hold_bundle;
use crate::referrer::fallback_tag;

/// A piece of evidence, not verified.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoredEvidence {
    /// A Sigstore bundle.
    Bundle {
        /// The media type it is stored under.
        media_type: MediaType,
        /// The bundle as JSON.
        bundle: Bytes,
    },
    /// A statement in a DSSE envelope, with what belongs to its signature beside it.
    LegacyAttestation {
        /// The envelope as JSON.
        envelope: Bytes,
        /// What it says of itself beside the envelope. Untrusted text.
        predicate_type: Option<String>,
        /// What belongs to the signature.
        annotations: CosignAnnotations,
    },
    /// A signature over a payload that names the image's digest.
    LegacySignature {
        /// The bytes that are signed ("simple signing" JSON).
        payload: Bytes,
        /// The signature over them.
        signature: Base64,
        /// What belongs to the signature.
        annotations: CosignAnnotations,
    },
    /// A document that anybody may have put there: it is not signed.
    Sbom {
        /// The document.
        document: Bytes,
        /// Its format, as its writer called it.
        media_type: MediaType,
        /// What part of the image it is about, as its writer said: `all`, `layer=…`, `path=…`.
        scope: Option<String>,
    },
}

/// What belongs to a signature, as cosign writes it into a layer's annotations. Untrusted text;
/// white space alone counts as nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CosignAnnotations {
    /// The signer's certificate (PEM).
    pub certificate: Option<String>,
    /// The certificates above it (PEM).
    pub chain: Option<String>,
    /// The promise of a Rekor log: JSON with `SignedEntryTimestamp` and `Payload`.
    pub rekor_bundle: Option<String>,
    /// An RFC 3161 timestamp: JSON with `SignedRFC3161Timestamp`.
    pub timestamp: Option<String>,
}

/// How evidence is associated with the artifact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EvidenceSource {
    /// It refers to the artifact.
    Referrer,
    /// It was saved into the same directory by `cosign save`.
    Saved,
    /// It has a tag that is made of the artifact's digest.
    Tag(String),
}

/// A piece of evidence and where it was found.
#[derive(Clone, Debug)]
pub struct Stored {
    /// How it is associated.
    pub source: EvidenceSource,
    /// The manifest it came in.
    pub manifest: Descriptor,
    /// The layer that holds it.
    pub layer: Digest,
    /// What it is.
    pub evidence: StoredEvidence,
}

/// All evidence of an artifact that could be read, and what could not: whoever may push could
/// otherwise make an image unverifiable by attaching rubbish.
#[derive(Debug, Default)]
pub struct FoundStored {
    /// The evidence.
    pub found: Vec<Stored>,
    /// What holds none, or cannot be read.
    pub passed: Vec<Passed>,
    /// Where it could not be looked at all. WARNING: evidence may be there.
    pub unanswered: Vec<(EvidenceSource, Error)>,
    /// Whether there is more than is read.
    pub truncated: bool,
    /// Entries in the list of referrers that are no descriptors.
    pub unreadable: usize,
}

impl FoundStored {
    /// What was found in several places. When nothing was, and one of them gave no answer, that is
    /// an error: it is not the same as no evidence.
    pub(crate) fn gather(
        parts: impl IntoIterator<Item = Result<Self, (EvidenceSource, Error)>>,
    ) -> Result<Self, Error> {
        let mut all = Self::default();
        for part in parts {
            match part {
                Ok(part) => {
                    all.found.extend(part.found);
                    all.passed.extend(part.passed);
                    all.truncated |= part.truncated;
                    all.unreadable += part.unreadable;
                }
                Err(unanswered) => all.unanswered.push(unanswered),
            }
        }
        match all.unanswered.is_empty() {
            false if all.found.is_empty() => Err(all.unanswered.swap_remove(0).1),
            _ => Ok(all),
        }
    }

    /// Adds what became of a manifest: a result for each piece in it.
    pub(crate) fn add(
        &mut self,
        source: &EvidenceSource,
        manifest: &Descriptor,
        pieces: Vec<Result<(Digest, StoredEvidence), Error>>,
    ) {
        if pieces.is_empty() {
            self.pass(manifest, None);
        }
        for piece in pieces {
            match piece {
                Ok((layer, evidence)) => self.found.push(Stored {
                    source: source.clone(),
                    manifest: manifest.clone(),
                    layer,
                    evidence,
                }),
                Err(error) => self.pass(manifest, Some(error)),
            }
        }
    }

    /// Adds a manifest that yielded nothing.
    pub(crate) fn pass(&mut self, manifest: &Descriptor, error: Option<Error>) {
        self.passed.push(Passed {
            referrer: manifest.clone(),
            error,
        });
    }
}

/// What a manifest holds that cosign 1 and 2 kept under a tag of its own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum LegacyKind {
    /// `.att`: statements in envelopes.
    Attestations,
    /// `.sbom`: a document that nobody signed.
    Sbom,
    /// `.sig`: signatures over simple signing payloads.
    Signatures,
}

impl LegacyKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Signatures, Self::Attestations, Self::Sbom];

    /// How its tag ends: `sig`, `att`, `sbom`.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Attestations => "att",
            Self::Sbom => "sbom",
            Self::Signatures => "sig",
        }
    }

    /// The tag under which an artifact's is found: `sha256-….sig`.
    pub fn tag(self, subject: &Digest) -> String {
        format!("{}.{}", fallback_tag(subject), self.suffix())
    }

    /// The artifact type of a manifest that is a referrer.
    pub(crate) fn media_type(self) -> MediaType {
        let suffix = self.suffix();
        MediaType::new(format!(
            "application/vnd.dev.cosign.artifact.{suffix}.v1+json"
        ))
    }

    /// By the artifact type of a manifest, or the type of its configuration.
    pub(crate) fn of_type(media_type: &MediaType) -> Option<Self> {
        let name = media_type
            .as_str()
            .strip_prefix("application/vnd.dev.cosign.artifact.")?
            .strip_suffix(".v1+json")?;
        Self::ALL.into_iter().find(|kind| kind.suffix() == name)
    }

    /// What `cosign save` notes of it in the annotation `kind`; of an SBOM it saves nothing.
    pub(crate) const fn saved(self) -> Option<&'static str> {
        match self {
            Self::Attestations => Some("dev.cosignproject.cosign/atts"),
            Self::Sbom => None,
            Self::Signatures => Some("dev.cosignproject.cosign/sigs"),
        }
    }

    /// By the annotation `kind` in a directory that cosign saved.
    pub(crate) fn of_saved(kind: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|found| found.saved() == Some(kind))
    }
}

/// Whether a listed referrer may hold evidence.
pub(crate) fn may_hold_evidence(referrer: &Descriptor) -> bool {
    let said = referrer.artifact_type.as_ref();
    may_hold_bundle(referrer)
        || (referrer.media_type.is_manifest()
            && said.is_some_and(|said| {
                said.as_str().is_empty() || LegacyKind::of_type(said).is_some()
            }))
}

/// A layer that holds a piece of evidence, and what the manifest says of it.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) layer: Descriptor,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Attestation(Option<String>, CosignAnnotations),
    Bundle,
    Sbom(Option<String>),
    Signature(Base64, CosignAnnotations),
}

impl Piece {
    pub(crate) fn with(self, content: Bytes) -> (Digest, StoredEvidence) {
        let evidence = match self.form {
            Form::Attestation(predicate_type, annotations) => StoredEvidence::LegacyAttestation {
                envelope: content,
                predicate_type,
                annotations,
            },
            Form::Bundle => StoredEvidence::Bundle {
                media_type: self.layer.media_type,
                bundle: content,
            },
            Form::Sbom(scope) => StoredEvidence::Sbom {
                document: content,
                media_type: self.layer.media_type,
                scope,
            },
            Form::Signature(signature, annotations) => StoredEvidence::LegacySignature {
                payload: content,
                signature,
                annotations,
            },
        };
        (self.layer.digest, evidence)
    }
}

/// The pieces of evidence in a manifest; an error for each that cannot be one. `known` is what it
/// must hold by its place.
pub(crate) fn pieces(
    place: &Place,
    manifest: &Manifest,
    known: Option<LegacyKind>,
) -> Vec<Result<Piece, Error>> {
    let Some(image) = manifest.image() else {
        return Vec::new();
    };
    if let Some(layer) = bundle_layer(manifest) {
        let (layer, form) = (layer.clone(), Form::Bundle);
        return vec![Ok(Piece { layer, form })];
    }
    let said = image.artifact_type.as_ref().and_then(LegacyKind::of_type);
    let kind = known
        .or(said)
        .or_else(|| LegacyKind::of_type(&image.config.media_type));
    let Some(kind) = kind else {
        return Vec::new();
    };
    let layers = image.layers.iter();
    layers
        .filter_map(|layer| {
            let form = match (kind, layer.media_type.as_str()) {
                (LegacyKind::Signatures, SIMPLE_SIGNING) => signature(&layer.annotations),
                (LegacyKind::Attestations, DSSE) => Ok(attestation(&layer.annotations)),
                (LegacyKind::Sbom, _) => Ok(Form::Sbom(text(&layer.annotations, SCOPE))),
                _ => return None,
            };
            let layer = layer.clone();
            Some(match form {
                Ok(form) => Ok(Piece { layer, form }),
                Err(reason) => Err(Error::Malformed {
                    place: place.clone(),
                    what: format!("signature {}", layer.digest),
                    reason,
                }),
            })
        })
        .collect()
}

fn signature(annotations: &BTreeMap<String, String>) -> Result<Form, String> {
    let encoded = text(annotations, SIGNATURE).ok_or("it lacks the annotation that is signed")?;
    let signature = Base64::decode(encoded.trim()).map_err(|error| error.to_string())?;
    Ok(Form::Signature(
        signature,
        CosignAnnotations::of(annotations),
    ))
}

fn attestation(annotations: &BTreeMap<String, String>) -> Form {
    let predicate_type = text(annotations, PREDICATE_TYPE);
    Form::Attestation(predicate_type, CosignAnnotations::of(annotations))
}

impl CosignAnnotations {
    fn of(annotations: &BTreeMap<String, String>) -> Self {
        Self {
            certificate: text(annotations, CERTIFICATE),
            chain: text(annotations, CHAIN),
            rekor_bundle: text(annotations, REKOR_BUNDLE),
            timestamp: text(annotations, TIMESTAMP),
        }
    }
}

/// cosign writes blank annotations where it has nothing to say.
fn text(annotations: &BTreeMap<String, String>, name: &str) -> Option<String> {
    let text = annotations.get(name)?;
    (!text.trim().is_empty()).then(|| text.clone())
}

/// What may still be read of an artifact's evidence in one place. Each place has its own, so that
/// whoever floods one does not hide what is in the others.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: AtomicU64,
    pieces: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            bytes: AtomicU64::new(limits.evidence_total_bytes / PLACES),
            pieces: AtomicUsize::new(limits.evidence_pieces),
        }
    }

    /// As many of the pieces as may be read; says whether that is all.
    pub(crate) fn first<T>(&self, mut pieces: Vec<T>) -> (Vec<T>, bool) {
        let wanted = pieces.len();
        let take = |left: usize| Some(left.saturating_sub(wanted));
        let left = self
            .pieces
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .unwrap_or_default();
        pieces.truncate(left);
        (pieces, wanted <= left)
    }

    /// Takes the bytes of a piece out of what is left.
    pub(crate) fn take(&self, piece: &Piece, place: &Place, limits: &Limits) -> Result<(), Error> {
        let wanted = piece.layer.size;
        let spend = |left: u64| left.checked_sub(wanted);
        let spent = || {
            self.bytes
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend)
        };
        let (what, limit) = if wanted > limits.evidence_bytes {
            ("bytes in one piece of evidence", limits.evidence_bytes)
        } else if spent().is_err() {
            (
                "bytes of evidence in one place",
                limits.evidence_total_bytes / PLACES,
            )
        } else {
            return Ok(());
        };
        Err(Error::TooMany {
            place: place.clone(),
            what,
            limit,
        })
    }
}

/// The referrers and three tags.
const PLACES: u64 = 4;

pub(crate) const DSSE: &str = "application/vnd.dsse.envelope.v1+json";
pub(crate) const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

pub(crate) const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
pub(crate) const CHAIN: &str = "dev.sigstore.cosign/chain";
pub(crate) const PREDICATE_TYPE: &str = "predicateType";
pub(crate) const REKOR_BUNDLE: &str = "dev.sigstore.cosign/bundle";
const SCOPE: &str = "dev.sigstore.sbom.scope";
pub(crate) const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
pub(crate) const TIMESTAMP: &str = "dev.sigstore.cosign/rfc3161timestamp";

#[cfg(test)]
mod tests;
