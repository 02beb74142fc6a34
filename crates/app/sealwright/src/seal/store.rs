//! Putting evidence beside its artifact: files, or what a registry or layout lists for an image.

mod files_beside;
mod image;

use sealwright_core::Base64;
use sealwright_files as files;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::VerificationMaterial;

use super::Making;
use super::PlannedClaim;
use super::Run;
use crate::Attach;
use crate::BundleForm;
use crate::ClaimKind;
use crate::Failure;
use crate::MadeEvidence;
use crate::file_evidence::FileEvidence;
use crate::file_evidence::FoundBundle;
use crate::target::Subject;

/// A claim with its bundle, as it will be stored.
pub(super) struct Made<'a> {
    pub(super) claim: &'a PlannedClaim,
    pub(super) bundle: &'a Bundle,
    pub(super) json: Vec<u8>,
}

impl<'a> Made<'a> {
    pub(super) fn new(claim: &'a PlannedClaim, bundle: &'a Bundle) -> Self {
        Self {
            claim,
            bundle,
            json: bundle.to_json(),
        }
    }

    /// The evidence as whoever verifies will read it.
    pub(super) fn read_back(&self) -> FoundBundle {
        let location = String::new();
        match &self.claim.payload {
            None => FoundBundle::new(location, &self.json),
            Some(payload) => {
                let legacy = self.bundle.legacy();
                let signature = Base64(self.bundle.signature().to_vec());
                FoundBundle {
                    location,
                    bundle: Bundle::from_simple_signing(payload, signature, &legacy.parts()),
                }
            }
        }
    }

    fn evidence(&self, location: String) -> MadeEvidence {
        evidence(self.claim, Some(self.bundle), location)
    }
}

/// What would be stored, for a dry run.
pub(super) fn intended(
    subject: &Subject,
    claims: &[PlannedClaim],
    making: &Making<'_>,
) -> Vec<MadeEvidence> {
    let files = subject.file_evidence(making.storage.out.as_deref());
    claims
        .iter()
        .map(|claim| {
            let location = match &files {
                Some(files) => file_location(files, claim),
                None => format!("a referrer of {}", claim.digest),
            };
            evidence(claim, None, location)
        })
        .collect()
}

/// Whether evidence could be stored: asked before anything is signed, since what is logged stays.
pub(super) fn check(
    subject: &Subject,
    claims: &[PlannedClaim],
    making: &Making<'_>,
) -> Result<(), Failure> {
    let storage = making.storage;
    let named = [&storage.bundle, &storage.signature, &storage.certificate];
    for path in named.into_iter().flatten() {
        files::check_writable(path)?;
    }
    let Some(evidence) = subject.file_evidence(storage.out.as_deref()) else {
        return match subject {
            Subject::Image(image) if storage.attach == Attach::Yes => {
                Ok(image.store.check_writable()?)
            }
            Subject::Image(_) | Subject::Blob(_) | Subject::Tree { .. } => Ok(()),
        };
    };
    if storage.bundle.is_some() {
        return Ok(());
    }
    files::check_writable(&evidence.all_bundles())?;
    for claim in claims {
        match claim.kind {
            ClaimKind::Signature => files::check_writable(&evidence.signature())?,
            ClaimKind::Sbom => {
                if let Some(format) = making.sbom() {
                    files::check_writable(&evidence.sbom(format))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Stores what was made and says where.
pub(super) fn store(
    run: &Run<'_>,
    subject: &Subject,
    made: &[Made<'_>],
) -> Result<Vec<MadeEvidence>, Failure> {
    let storage = run.making.storage;
    let named = write_named(run, made)?;
    match (subject, subject.file_evidence(storage.out.as_deref())) {
        (Subject::Image(image), _) if storage.attach == Attach::Yes => {
            image::attach(run, image, subject, made)
        }
        (Subject::Blob(_) | Subject::Tree { .. }, Some(files)) if storage.bundle.is_none() => {
            files_beside::write(run, &files, subject, made)
        }
        _ => Ok(made.iter().map(|one| one.evidence(named.clone())).collect()),
    }
}

/// Writes the files that were named, and gives the name of the one that has the bundles.
fn write_named(run: &Run<'_>, made: &[Made<'_>]) -> Result<String, Failure> {
    let storage = run.making.storage;
    let mut bundles = Vec::new();
    for one in made {
        match storage.bundle_form {
            BundleForm::Sigstore => bundles.extend_from_slice(&one.json),
            BundleForm::Legacy => bundles.extend(one.bundle.to_signed_payload()),
        }
        if made.len() > 1 {
            bundles.push(b'\n');
        }
    }
    let first = made.first().map(|one| one.bundle);
    let signature = first.map(|bundle| Base64::encode(bundle.signature()));
    let certificate = match (
        first.map(|bundle| &bundle.material),
        &run.making.signing.key,
    ) {
        (Some(VerificationMaterial::Certificate(leaf)), _) => Some(leaf.to_pem()),
        (_, Some(key)) => Some(key.public_key().to_pem()),
        _ => None,
    };
    let mut contents: Vec<(&std::path::Path, &[u8])> = Vec::new();
    if let Some(path) = &storage.bundle {
        contents.push((path, &bundles));
    }
    if let (Some(path), Some(text)) = (&storage.signature, &signature) {
        contents.push((path, text.as_bytes()));
    }
    if let (Some(path), Some(pem)) = (&storage.certificate, &certificate) {
        contents.push((path, pem.as_bytes()));
    }
    if !contents.is_empty() {
        files::write_all_atomic(&contents, files::PUBLIC_FILE)?;
    }
    let path = storage
        .bundle
        .as_ref()
        .map(|path| path.display().to_string());
    Ok(path.unwrap_or_default())
}

fn evidence(claim: &PlannedClaim, bundle: Option<&Bundle>, location: String) -> MadeEvidence {
    MadeEvidence {
        kind: claim.kind,
        predicate_type: claim.predicate_type.clone(),
        subject: claim.digest,
        platform: claim.platform.clone(),
        log_index: bundle
            .and_then(|bundle| bundle.log_entries.first())
            .map(|entry| entry.log_index),
        location,
    }
}

fn file_location(files: &FileEvidence, claim: &PlannedClaim) -> String {
    let path = match claim.kind {
        ClaimKind::Signature => files.signature(),
        _ => files.all_bundles(),
    };
    path.display().to_string()
}
