//! The claims that are made about a target, as values, before anything is signed.

use std::collections::BTreeMap;

use sealwright_core::Digest;
use sealwright_core::ResourceDescriptor;
use sealwright_core::Statement;
use sealwright_core::uris;
use sealwright_sigstore::ClaimInput;
use serde::Serialize;
use serde_json::value::RawValue;

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
    pub(super) predicate_type: Option<&'static str>,
    /// The statement; empty for a signature over the artifact itself.
    statement: Vec<u8>,
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
        if self.statement.is_empty() {
            ClaimInput::Message(self.digest)
        } else {
            ClaimInput::Statement(self.statement.clone())
        }
    }

    /// How much is held for it.
    pub(super) fn bytes(&self) -> usize {
        self.statement.len() + self.document.as_ref().map_or(0, Vec::len)
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
    let checkout = Checkout::of(subject, warnings);
    let mut claims = Vec::new();
    for manifest in &manifests {
        let new = |kind, predicate_type| PlannedClaim {
            kind,
            digest: manifest.digest,
            platform: manifest.descriptor.and_then(platform_of),
            predicate_type,
            statement: Vec::new(),
            document: None,
        };
        let about = about(run, subject, manifest);
        let mut signature = new(ClaimKind::Signature, None);
        if !matches!(subject, Subject::Blob(_)) {
            // What is no plain bytes is signed as cosign signs images: an empty statement.
            signature.predicate_type = Some(uris::PREDICATE_COSIGN_SIGN);
            let nameless = ResourceDescriptor {
                name: String::new(),
                ..about.clone()
            };
            signature.statement = statement(
                nameless,
                uris::PREDICATE_COSIGN_SIGN,
                &BTreeMap::<(), ()>::new(),
            )?;
        }
        claims.push(signature);
        if run.options.provenance {
            let mut claim = new(
                ClaimKind::Provenance,
                Some(uris::PREDICATE_SLSA_PROVENANCE_V1),
            );
            let predicate = provenance::describe(run.context, checkout.as_ref());
            claim.statement = statement(
                about.clone(),
                uris::PREDICATE_SLSA_PROVENANCE_V1,
                &predicate,
            )?;
            claims.push(claim);
        }
        if let (Some(format), true) = (run.options.sbom, manifest.has_sbom) {
            let predicate_type = format.predicate_type();
            let mut claim = new(ClaimKind::Sbom, Some(predicate_type));
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
            claim.statement = statement(about, predicate_type, &predicate)?;
            claim.document = Some(made.document);
            claims.push(claim);
        }
    }
    claims.sort_by_key(|claim| claim.kind);
    Ok(claims)
}

fn about(run: &Run<'_>, subject: &Subject, manifest: &Manifest<'_>) -> ResourceDescriptor {
    let mut about = ResourceDescriptor::named(subject.name(), &manifest.digest);
    about.annotations = run
        .options
        .annotations
        .iter()
        .map(|(key, value)| (key.clone(), value.clone().into()))
        .collect();
    about
}

fn statement<P: Serialize>(
    about: ResourceDescriptor,
    predicate_type: &str,
    predicate: &P,
) -> Result<Vec<u8>, Failure> {
    let statement = Statement::new(vec![about], predicate_type, predicate);
    serde_json::to_vec(&statement).map_err(|source| crate::Error::Encode(source).into())
}

fn raw(document: &[u8]) -> Result<Box<RawValue>, Failure> {
    serde_json::from_slice(document).map_err(|source| crate::Error::Encode(source).into())
}
