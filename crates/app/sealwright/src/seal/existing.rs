//! The evidence a target has before it is sealed.

use std::collections::BTreeMap;

use sealwright_core::Digest;
use sealwright_core::Statement;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Content;
use sealwright_sigstore::SimpleSigning;

use super::Claims;
use super::Making;
use super::Run;
use super::plan;
use crate::ClaimKind;
use crate::Context;
use crate::Failure;
use crate::JudgedEvidence;
use crate::MadeEvidence;
use crate::SbomFormat;
use crate::file_evidence::FileEvidence;
use crate::file_evidence::FoundBundle;
use crate::signing::SignedBy;
use crate::target::Subject;
use crate::target::platform_of;
use crate::verify::Association;
use crate::verify::Judge;
use crate::verify::attached;

/// The evidence a target has.
#[derive(Default)]
pub(super) struct Existing {
    /// What this data directory's own identity proved about the target as it is now.
    ours: Vec<JudgedEvidence>,
    /// Platforms of the images that `ours` is about.
    platforms: BTreeMap<Digest, String>,
    /// How many bundles in files are about the target as it is now, by whomever.
    kept: usize,
    /// Bundles in files that are about something else: what the target was before.
    outdated: usize,
}

impl Existing {
    /// Finds and judges what there is.
    pub(super) fn look(
        run: &Run<'_>,
        subject: &Subject,
        by: Option<&SignedBy>,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Failure> {
        let mut existing = Self::default();
        let mut found: Vec<(FoundBundle, Digest)> = Vec::new();
        match subject {
            Subject::Image(image) => {
                // Without an identity of our own nothing attached can be ours.
                if by.is_none() || run.making.again {
                    return Ok(existing);
                }
                for manifest in std::iter::once(&image.descriptor).chain(image.children()) {
                    if let Some(platform) = platform_of(manifest) {
                        existing.platforms.insert(manifest.digest, platform);
                    }
                    let attached = attached(image, manifest, &run.images)?;
                    let bundles = attached.bundles.into_iter();
                    found.extend(bundles.map(|one| (one, manifest.digest)));
                }
            }
            Subject::Blob(_) | Subject::Tree { .. } => {
                let files = subject.file_evidence(run.making.storage.out.as_deref());
                for one in files
                    .map(|files| files.find())
                    .transpose()?
                    .unwrap_or_default()
                {
                    match &one.bundle {
                        Ok(bundle) if is_about(bundle, subject, run.context) => {
                            existing.kept += 1;
                            found.push((one, subject.digest()));
                        }
                        Ok(_) => existing.outdated += 1,
                        Err(error) => {
                            existing.outdated += 1;
                            warnings.push(format!(
                                "{} was no bundle ({error}) and is replaced",
                                one.location
                            ));
                        }
                    }
                }
            }
        }
        if let Some(by) = by {
            let judge = Judge {
                trust: &by.trust,
                signer: &by.signer,
                now: run.context.clock.now(),
            };
            existing.ours = found
                .into_iter()
                .map(|(one, digest)| judge.judge(one, subject, digest, Association::ByDigest))
                .filter(|judged| judged.problem.is_none())
                .collect();
        }
        Ok(existing)
    }

    /// Whether everything the options ask for is there already.
    pub(super) fn covers(&self, subject: &Subject, making: &Making<'_>) -> bool {
        let Claims::Seal { sbom, provenance } = making.claims else {
            return false;
        };
        let sbom = sbom.map(SbomFormat::predicate_type);
        plan::manifests(subject).into_iter().all(|manifest| {
            let has = |wanted: &dyn Fn(&JudgedEvidence) -> bool| {
                self.ours
                    .iter()
                    .any(|judged| judged.subject == manifest.digest && wanted(judged))
            };
            has(&|judged| judged.kind == ClaimKind::Signature)
                && (!provenance || has(&|judged| judged.kind == ClaimKind::Provenance))
                && sbom.is_none_or(|predicate_type| {
                    !manifest.has_sbom
                        || has(&|judged| judged.predicate_type.as_deref() == Some(predicate_type))
                })
                && (making.annotations.is_empty()
                    || has(&|judged| is_annotated(judged, making.annotations)))
        })
    }

    /// Whether all there is was about what the target was before.
    pub(super) fn is_outdated(&self) -> bool {
        self.outdated > 0 && self.kept == 0
    }

    /// What is there, to be shown.
    pub(super) fn evidence(&self) -> Vec<MadeEvidence> {
        self.ours
            .iter()
            .map(|judged| MadeEvidence {
                kind: judged.kind,
                predicate_type: judged.predicate_type.clone(),
                subject: judged.subject,
                platform: self.platforms.get(&judged.subject).cloned(),
                log_index: judged.log_index,
                location: judged.location.clone(),
            })
            .collect()
    }
}

/// The bundles in files that are about a subject, by whomever: those that stay.
pub(super) fn about(
    files: &FileEvidence,
    subject: &Subject,
    context: &Context<'_>,
) -> Result<Vec<Bundle>, Failure> {
    let found = files.find()?.into_iter();
    Ok(found
        .filter_map(|one| one.bundle.ok())
        .filter(|bundle| is_about(bundle, subject, context))
        .collect())
}

/// The predicate type a bundle says its statement has.
pub(super) fn predicate_type(bundle: &Bundle) -> Option<String> {
    match &bundle.content {
        Content::Dsse(envelope) => Statement::parse(envelope.payload.as_bytes())
            .ok()
            .map(|statement| statement.predicate_type),
        Content::MessageSignature { .. } | Content::SimpleSigning { .. } => None,
    }
}

/// Whether a bundle says that it is about a subject. Proves nothing: it only decides what is kept.
fn is_about(bundle: &Bundle, subject: &Subject, context: &Context<'_>) -> bool {
    let digest = &subject.digest();
    match &bundle.content {
        Content::MessageSignature { digest: named, .. } => {
            named.is_none_or(|named| match subject {
                // Keys of other kinds than P-256 and RSA sign another hash of the same bytes.
                Subject::Blob(blob) if named.algorithm() != digest.algorithm() => {
                    let same = blob.digest_by(named.algorithm(), context);
                    // What cannot be told apart is kept.
                    same.map_or(true, |same| same == named)
                }
                _ => named == *digest,
            })
        }
        Content::Dsse(envelope) => Statement::parse(envelope.payload.as_bytes())
            .is_ok_and(|statement| statement.is_about(digest)),
        Content::SimpleSigning { payload, .. } => {
            SimpleSigning::parse(payload).is_ok_and(|signed| signed.manifest_digest == *digest)
        }
    }
}

fn is_annotated(judged: &JudgedEvidence, annotations: &BTreeMap<String, String>) -> bool {
    let Some(statement) = &judged.statement else {
        return false;
    };
    statement.subject.iter().any(|subject| {
        annotations.iter().all(|(key, value)| {
            subject
                .annotations
                .get(key)
                .and_then(|found| found.as_str())
                == Some(value)
        })
    })
}
