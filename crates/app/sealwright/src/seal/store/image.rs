//! Evidence of images: what a registry or layout lists for them.

use sealwright_core::Base64;
use sealwright_oci::BundleContent;
use sealwright_oci::CosignAnnotations;
use sealwright_oci::Descriptor;
use sealwright_oci::EvidenceSource;
use sealwright_oci::LegacyLayer;
use sealwright_oci::ReferrerManifest;
use sealwright_oci::StoredEvidence;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Content;

use super::Made;
use super::Run;
use crate::Error;
use crate::Failure;
use crate::MadeEvidence;
use crate::Previous;
use crate::StorageForm;
use crate::failure::About as _;
use crate::seal::existing;
use crate::seal::plan;
use crate::target::ImageSubject;
use crate::target::Subject;

pub(super) fn attach(
    run: &Run<'_>,
    image: &ImageSubject,
    subject: &Subject,
    made: &[Made<'_>],
) -> Result<Vec<MadeEvidence>, Failure> {
    let total = made.iter().map(|one| one.json.len() as u64).sum();
    let _shown = run.context.show("attaching evidence", Some(total));
    let mut evidence = Vec::new();
    for manifest in plan::manifests(subject) {
        let Some(descriptor) = manifest.descriptor else {
            continue;
        };
        let here: Vec<&Made<'_>> = made
            .iter()
            .filter(|one| one.claim.digest == manifest.digest)
            .collect();
        if here.is_empty() {
            continue;
        }
        let locations = match run.making.storage.form {
            StorageForm::Bundle => bundles(run, image, descriptor, &here)?,
            form => legacy(run, image, descriptor, &here, form)?,
        };
        for (one, location) in here.into_iter().zip(locations) {
            evidence.push(one.evidence(location));
        }
    }
    Ok(evidence)
}

fn bundles(
    run: &Run<'_>,
    image: &ImageSubject,
    descriptor: &Descriptor,
    made: &[&Made<'_>],
) -> Result<Vec<String>, Failure> {
    let now = run.context.clock.now();
    let referrers: Vec<ReferrerManifest> = made
        .iter()
        .map(|one| {
            ReferrerManifest::sigstore_bundle(
                one.json.clone(),
                BundleContent::DsseEnvelope,
                one.claim.predicate_type.as_deref(),
                now,
            )
        })
        .collect();
    let attach = image.store.attach(descriptor, &referrers);
    let stored: Vec<Descriptor> = run.images.run(&image.store, attach)?;
    replace(run, image, descriptor, made, &stored)?;
    Ok(stored.iter().map(|one| image.location(one)).collect())
}

fn legacy(
    run: &Run<'_>,
    image: &ImageSubject,
    descriptor: &Descriptor,
    made: &[&Made<'_>],
    form: StorageForm,
) -> Result<Vec<String>, Failure> {
    let layers: Vec<LegacyLayer> = made
        .iter()
        .map(|one| layer(one))
        .collect::<Result<_, _>>()?;
    if form == StorageForm::LegacyReferrer {
        let attach = image.store.attach_legacy(descriptor, &layers);
        let stored: Vec<Descriptor> = run.images.run(&image.store, attach)?;
        replace(run, image, descriptor, made, &stored)?;
        return Ok(stored.iter().map(|one| image.location(one)).collect());
    }
    let replaced = match run.making.storage.previous {
        Previous::Keep => None,
        Previous::Replace => made
            .iter()
            .find_map(|one| one.claim.predicate_type.as_deref()),
    };
    let append = image
        .store
        .append_legacy(&descriptor.digest, &layers, replaced);
    let tags = run.images.run(&image.store, append)?;
    Ok(tags.iter().map(|tag| image.tagged(tag)).collect())
}

/// Takes earlier statements of the same type away, those that refer to the image: last, so that there
/// is always one.
fn replace(
    run: &Run<'_>,
    image: &ImageSubject,
    descriptor: &Descriptor,
    made: &[&Made<'_>],
    fresh: &[Descriptor],
) -> Result<(), Failure> {
    if run.making.storage.previous == Previous::Keep {
        return Ok(());
    }
    let subject = &descriptor.digest;
    let stored = run
        .images
        .run(&image.store, image.store.stored_evidence(subject))?;
    for old in stored.found {
        let stated = match &old.evidence {
            StoredEvidence::Bundle { bundle, .. } => Bundle::parse_without_root(bundle)
                .ok()
                .and_then(|bundle| existing::predicate_type(&bundle)),
            StoredEvidence::LegacyAttestation { predicate_type, .. } => predicate_type.clone(),
            _ => None,
        };
        let is_old = old.source == EvidenceSource::Referrer
            && fresh.iter().all(|one| one.digest != old.manifest.digest);
        let is_replaced = |one: &&Made<'_>| one.claim.predicate_type == stated;
        if is_old && stated.is_some() && made.iter().any(is_replaced) {
            let remove = image.store.remove_referrer(subject, &old.manifest.digest);
            run.images
                .run(&image.store, remove)
                .about(image.location(&old.manifest))?;
        }
    }
    Ok(())
}

fn layer(made: &Made<'_>) -> Result<LegacyLayer, Failure> {
    let legacy = made.bundle.legacy();
    let annotations = CosignAnnotations {
        certificate: legacy.certificate,
        chain: None,
        rekor_bundle: legacy.rekor_bundle,
        timestamp: legacy.timestamp,
    };
    Ok(match (&made.claim.payload, &made.bundle.content) {
        (Some(payload), _) => {
            let signature = Base64(made.bundle.signature().to_vec());
            LegacyLayer::signature(payload.clone(), &signature, &annotations)
        }
        (None, Content::Dsse(envelope)) => {
            let json = serde_json::to_vec(envelope).map_err(Error::Encode)?;
            let predicate_type = made.claim.predicate_type.as_deref();
            LegacyLayer::attestation(json, predicate_type, &annotations)
        }
        // Images are signed by a statement or a payload.
        (None, _) => return Err(Error::SigningStuck(0).into()),
    })
}
