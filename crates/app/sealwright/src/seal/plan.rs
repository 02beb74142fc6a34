//! The claims that are made about a target, as values, before anything is signed.

use std::collections::BTreeMap;

use sealwright_core::Digest;
use sealwright_core::ResourceDescriptor;
use sealwright_core::Statement;
use sealwright_core::uris;
use sealwright_sigstore::ClaimInput;
use sealwright_sigstore::SimpleSigning;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Children;
use super::Claims;
use super::Run;
use crate::ClaimKind;
use crate::Failure;
use crate::provenance;
use crate::provenance::Checkout;
use crate::sbom;
use crate::target::Subject;
use crate::target::platform_of;

/// A claim about one artifact.
pub(super) struct PlannedClaim {
    pub(super) kind: ClaimKind,
    /// The target, or one image of it.
    pub(super) digest: Digest,
    pub(super) platform: Option<String>,
    /// Predicate type of a statement; `None` for a signature over the artifact itself.
    pub(super) predicate_type: Option<String>,
    /// What is signed.
    signed: ClaimInput,
    /// The payload that cosign signed for images before version 3, when that is signed.
    pub(super) payload: Option<Vec<u8>>,
    /// The SBOM as a document of its own.
    pub(super) document: Option<Vec<u8>>,
}

/// An artifact that claims are made about: the target itself or one image of an index.
pub(super) struct Manifest<'a> {
    pub(super) digest: Digest,
    /// The image's descriptor; `None` for what is no image.
    pub(super) descriptor: Option<&'a sealwright_oci::Descriptor>,
    /// Whether it has contents to list: an index has not, nor has what a build attached.
    pub(super) has_sbom: bool,
}

impl PlannedClaim {
    pub(super) fn input(&self) -> ClaimInput {
        self.signed.clone()
    }

    /// How much is held for it.
    pub(super) fn bytes(&self) -> usize {
        let signed = match &self.signed {
            ClaimInput::Message(_) => 0,
            ClaimInput::Statement(statement) => statement.len(),
        };
        signed + self.document.as_ref().map_or(0, Vec::len)
    }
}

/// Everything claims are made about.
pub(super) fn manifests(subject: &Subject) -> Vec<Manifest<'_>> {
    let Subject::Image(image) = subject else {
        return vec![Manifest {
            digest: subject.digest(),
            descriptor: None,
            has_sbom: true,
        }];
    };
    let children = image.children().iter().map(|child| Manifest {
        digest: child.digest,
        descriptor: Some(child),
        has_sbom: child.media_type.is_manifest() && !child.is_buildkit_attestation(),
    });
    std::iter::once(Manifest {
        digest: image.descriptor.digest,
        descriptor: Some(&image.descriptor),
        has_sbom: image.manifest.image().is_some(),
    })
    .chain(children)
    .collect()
}

/// Makes all claims about a target, the signatures first.
pub(super) fn claims(
    run: &Run<'_>,
    subject: &Subject,
    warnings: &mut Vec<String>,
) -> Result<Vec<PlannedClaim>, Failure> {
    let manifests = manifests(subject);
    match run.making.claims {
        Claims::Seal { sbom, provenance } => {
            let checkout = Checkout::of(subject, warnings);
            let mut claims = Vec::new();
            for manifest in &manifests {
                claims.push(signature(run, subject, manifest)?);
                if provenance {
                    let predicate = provenance::describe(run.context, checkout.as_ref());
                    let predicate_type = uris::PREDICATE_SLSA_PROVENANCE_V1;
                    let about = about(run, subject, manifest);
                    claims.push(manifest.stated(about, predicate_type, &predicate)?);
                }
                if let (Some(format), true) = (sbom, manifest.has_sbom) {
                    let committed = checkout.as_ref().and_then(|checkout| checkout.committed);
                    let made = sbom::make(
                        run.context,
                        subject,
                        manifest.descriptor,
                        &run.images,
                        committed,
                        format,
                    )?;
                    warnings.extend(made.warnings);
                    let predicate = raw(&made.document)?;
                    let about = about(run, subject, manifest);
                    let mut claim = manifest.stated(about, format.predicate_type(), &predicate)?;
                    claim.document = Some(made.document);
                    claims.push(claim);
                }
            }
            claims.sort_by_key(|claim| claim.kind);
            Ok(claims)
        }
        Claims::Signature(children) => {
            let count = match children {
                Children::Leave => 1,
                Children::Sign => manifests.len(),
            };
            let signed = manifests.iter().take(count);
            signed
                .map(|manifest| signature(run, subject, manifest))
                .collect()
        }
        Claims::Statement(predicate) => {
            let Some(manifest) = manifests.first() else {
                return Ok(Vec::new());
            };
            let about = about(run, subject, manifest);
            let claim = manifest.stated(about, &predicate.predicate_type, &predicate.json)?;
            Ok(vec![claim])
        }
    }
}

impl Manifest<'_> {
    fn claim(&self, kind: ClaimKind, signed: ClaimInput) -> PlannedClaim {
        PlannedClaim {
            kind,
            digest: self.digest,
            platform: self.descriptor.and_then(platform_of),
            predicate_type: None,
            signed,
            payload: None,
            document: None,
        }
    }

    fn stated<P: Serialize>(
        &self,
        about: ResourceDescriptor,
        predicate_type: &str,
        predicate: &P,
    ) -> Result<PlannedClaim, Failure> {
        let statement = Statement::new(vec![about], predicate_type, predicate);
        let json = serde_json::to_vec(&statement).map_err(crate::Error::Encode)?;
        let kind = ClaimKind::of_predicate(predicate_type);
        let mut claim = self.claim(kind, ClaimInput::Statement(json));
        claim.predicate_type = Some(predicate_type.to_owned());
        Ok(claim)
    }
}

/// A signature: over the bytes themselves where there are some. What is no plain bytes is signed as
/// cosign signs images: by an empty statement, or by a payload that names it.
fn signature(
    run: &Run<'_>,
    subject: &Subject,
    manifest: &Manifest<'_>,
) -> Result<PlannedClaim, Failure> {
    let algorithm = run.session.message_digest();
    if let Subject::Blob(blob) = subject {
        let digest = blob.digest_by(algorithm, run.context)?;
        return Ok(manifest.claim(ClaimKind::Signature, ClaimInput::Message(digest)));
    }
    let about = about(run, subject, manifest);
    if run.making.storage.form.is_legacy()
        && let Subject::Image(image) = subject
    {
        let payload = SimpleSigning {
            manifest_digest: manifest.digest,
            docker_reference: image.name.clone(),
            optional: about.annotations,
        };
        let payload = payload.to_json();
        let signed = ClaimInput::Message(Digest::of(algorithm, &payload));
        let mut claim = manifest.claim(ClaimKind::Signature, signed);
        claim.payload = Some(payload);
        return Ok(claim);
    }
    let nameless = ResourceDescriptor {
        name: String::new(),
        ..about
    };
    let empty = BTreeMap::<(), ()>::new();
    manifest.stated(nameless, uris::PREDICATE_COSIGN_SIGN, &empty)
}

fn about(run: &Run<'_>, subject: &Subject, manifest: &Manifest<'_>) -> ResourceDescriptor {
    let mut about = ResourceDescriptor::named(subject.name(), &manifest.digest);
    about.annotations = run
        .making
        .annotations
        .iter()
        .map(|(key, value)| (key.clone(), value.clone().into()))
        .collect();
    about
}

fn raw(document: &[u8]) -> Result<Box<RawValue>, Failure> {
    serde_json::from_slice(document).map_err(|source| crate::Error::Encode(source).into())
}
