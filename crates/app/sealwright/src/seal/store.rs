//! Putting evidence beside its artifact: files, or referrers of an image.

use std::path::Path;

use sealwright_core::Digest;
use sealwright_files as files;
use sealwright_files::LockFile;
use sealwright_oci::BundleContent;
use sealwright_oci::Descriptor;
use sealwright_oci::ReferrerManifest;
use sealwright_sigstore::Bundle;

use super::PlannedClaim;
use super::Run;
use super::SealOptions;
use super::existing;
use super::plan;
use crate::ClaimKind;
use crate::Failure;
use crate::MadeEvidence;
use crate::file_evidence::FileEvidence;
use crate::target::ImageSubject;
use crate::target::Subject;

/// What would be stored, for a dry run.
pub(super) fn intended(
    subject: &Subject,
    claims: &[PlannedClaim],
    options: &SealOptions,
) -> Vec<MadeEvidence> {
    let files = subject.file_evidence(options.out.as_deref());
    claims
        .iter()
        .map(|claim| {
            let location = match &files {
                Some(files) => file_location(files, claim),
                None => format!("a referrer of {}", claim.digest),
            };
            made(claim, None, location)
        })
        .collect()
}

/// Whether evidence could be stored: asked before anything is signed, since what is logged stays.
pub(super) fn check(
    subject: &Subject,
    claims: &[PlannedClaim],
    options: &SealOptions,
) -> Result<(), Failure> {
    let Some(evidence) = subject.file_evidence(options.out.as_deref()) else {
        return match subject {
            Subject::Image(image) => Ok(image.store.check_writable()?),
            Subject::Blob(_) | Subject::Tree { .. } => Ok(()),
        };
    };
    files::check_writable(&evidence.all_bundles())?;
    for claim in claims {
        match claim.kind {
            ClaimKind::Signature => files::check_writable(&evidence.signature())?,
            ClaimKind::Sbom => {
                if let Some(format) = options.sbom {
                    files::check_writable(&evidence.sbom(format))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Stores bundles and says where.
pub(super) fn store(
    run: &Run<'_>,
    subject: &Subject,
    claims: &[PlannedClaim],
    bundles: &[Bundle],
    written: &[Vec<u8>],
) -> Result<Vec<MadeEvidence>, Failure> {
    match (subject, subject.file_evidence(run.options.out.as_deref())) {
        (Subject::Image(image), _) => attach(run, image, subject, claims, bundles, written),
        (_, Some(files)) => write(run, &files, &subject.digest(), claims, bundles, written),
        (_, None) => Ok(Vec::new()),
    }
}

fn write(
    run: &Run<'_>,
    evidence: &FileEvidence,
    digest: &Digest,
    claims: &[PlannedClaim],
    bundles: &[Bundle],
    written: &[Vec<u8>],
) -> Result<Vec<MadeEvidence>, Failure> {
    // Sealers of one file at once take turns, so that none overwrites another's lines.
    let locks = run.context.home.join("locks");
    files::create_private_directory(&locks)?;
    let path = evidence.all_bundles();
    let key = Digest::sha256(path.as_os_str().as_encoded_bytes()).to_hex();
    let _turn = LockFile::exclusive(&locks.join(key), run.context.timeout)?;

    let mut lines = Vec::new();
    // Read in this process's turn: another may have written since the target was looked at.
    let kept = existing::about(evidence, digest)?;
    let kept: Vec<Vec<u8>> = kept.iter().map(Bundle::to_json).collect();
    for json in written.iter().chain(&kept) {
        lines.extend_from_slice(json);
        lines.push(b'\n');
    }
    let signature = claims
        .iter()
        .zip(written)
        .find(|(claim, _)| claim.kind == ClaimKind::Signature)
        .map(|(_, json)| json.as_slice());
    let document = claims.iter().find_map(|claim| claim.document.as_deref());
    let sbom_path = run.options.sbom.map(|format| evidence.sbom(format));
    let signature_path = evidence.signature();
    let mut contents: Vec<(&Path, &[u8])> = Vec::new();
    contents.extend(sbom_path.as_deref().zip(document));
    contents.extend(signature.map(|json| (signature_path.as_path(), json)));
    contents.push((&path, &lines));
    files::write_all_atomic(&contents, files::PUBLIC_FILE)?;
    Ok(claims
        .iter()
        .zip(bundles)
        .map(|(claim, bundle)| made(claim, Some(bundle), file_location(evidence, claim)))
        .collect())
}

fn attach(
    run: &Run<'_>,
    image: &ImageSubject,
    subject: &Subject,
    claims: &[PlannedClaim],
    bundles: &[Bundle],
    written: &[Vec<u8>],
) -> Result<Vec<MadeEvidence>, Failure> {
    let now = run.context.clock.now();
    let total = written.iter().map(|json| json.len() as u64).sum();
    let _shown = run.context.show("attaching evidence", Some(total));
    let mut evidence = Vec::new();
    for manifest in plan::manifests(subject) {
        let Some(descriptor) = manifest.descriptor else {
            continue;
        };
        let here: Vec<_> = claims
            .iter()
            .zip(bundles)
            .zip(written)
            .filter(|((claim, _), _)| claim.digest == manifest.digest)
            .collect();
        let referrers: Vec<ReferrerManifest> = here
            .iter()
            .map(|((claim, _), json)| {
                ReferrerManifest::sigstore_bundle(
                    (*json).clone(),
                    BundleContent::DsseEnvelope,
                    claim.predicate_type,
                    now,
                )
            })
            .collect();
        let attach = image.store.attach(descriptor, &referrers);
        let stored: Vec<Descriptor> = run.images.run(&image.store, attach)?;
        for (((claim, bundle), _), referrer) in here.into_iter().zip(&stored) {
            evidence.push(made(claim, Some(bundle), image.location(referrer)));
        }
    }
    Ok(evidence)
}

fn made(claim: &PlannedClaim, bundle: Option<&Bundle>, location: String) -> MadeEvidence {
    MadeEvidence {
        kind: claim.kind,
        predicate_type: claim.predicate_type.map(str::to_owned),
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
