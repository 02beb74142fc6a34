//! The evidence attached to an image, in whichever form it is stored.

use sealwright_oci::CosignAnnotations;
use sealwright_oci::Descriptor;
use sealwright_oci::EvidenceSource;
use sealwright_oci::Stored;
use sealwright_oci::StoredEvidence;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::LegacyParts;

use crate::Error;
use crate::Failure;
use crate::file_evidence::FoundBundle;
use crate::target::ImageSubject;
use crate::target::Images;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) bundles: Vec<FoundBundle>,
    /// Why there may be more than that.
    pub(crate) incomplete: Option<Failure>,
}

/// Finds what is attached to an image. What is attached and cannot be read is passed over: whoever
/// may push could otherwise block the image with rubbish.
pub(crate) fn attached(
    image: &ImageSubject,
    descriptor: &Descriptor,
    images: &Images<'_>,
) -> Result<Found, Failure> {
    let fetched = match descriptor.digest == image.descriptor.digest {
        true => image.fetched.take(),
        false => None,
    };
    let stored = images.run(&image.store, async {
        match fetched {
            Some(fetched) => fetched,
            None => image.store.stored_evidence(&descriptor.digest).await,
        }
    })?;
    let mut found = Found::default();
    if stored.truncated {
        let read = stored.found.len() + stored.passed.len();
        found.incomplete = Some(Error::TooManyBundles { found: read }.into());
    }
    if let Some((source, error)) = stored.unanswered.into_iter().next() {
        let failure = match source {
            EvidenceSource::Tag(tag) => Failure::from(error).about(image.tagged(&tag)),
            EvidenceSource::Referrer | EvidenceSource::Saved => error.into(),
        };
        found.incomplete.get_or_insert(failure);
    }
    found.bundles = stored
        .found
        .into_iter()
        .filter_map(|piece| read(image, piece))
        .collect();
    // An answer that could not be had is not the same as no evidence.
    if found.bundles.is_empty() {
        for passed in stored.passed {
            if let Some(error) = passed.error {
                return Err(Failure::from(error).about(image.location(&passed.referrer)));
            }
        }
    }
    found.bundles.sort_by(|a, b| a.location.cmp(&b.location));
    Ok(found)
}

/// A piece of evidence as a bundle; `None` for what nobody signed.
fn read(image: &ImageSubject, stored: Stored) -> Option<FoundBundle> {
    let location = match stored.source {
        EvidenceSource::Referrer | EvidenceSource::Saved => image.location(&stored.manifest),
        // A manifest under a tag grows by a layer with each signature.
        EvidenceSource::Tag(tag) => format!("{} {}", image.tagged(&tag), stored.layer),
    };
    let bundle = bundle_of(&stored.evidence)?;
    Some(FoundBundle { location, bundle })
}

/// A piece of evidence as a bundle; `None` for what nobody signed.
pub(crate) fn bundle_of(
    evidence: &StoredEvidence,
) -> Option<Result<Bundle, sealwright_sigstore::Error>> {
    Some(match evidence {
        // As beside files: builders of the first version put their root into the chain.
        StoredEvidence::Bundle { bundle, .. } => Bundle::parse_without_root(bundle),
        StoredEvidence::LegacyAttestation {
            envelope,
            annotations,
            ..
        } => Bundle::from_envelope(envelope, &parts(annotations)),
        StoredEvidence::LegacySignature {
            payload,
            signature,
            annotations,
        } => Bundle::from_simple_signing(payload, signature.clone(), &parts(annotations)),
        _ => return None,
    })
}

fn parts(annotations: &CosignAnnotations) -> LegacyParts<'_> {
    LegacyParts {
        certificate: annotations.certificate.as_deref(),
        chain: annotations.chain.as_deref(),
        rekor_bundle: annotations.rekor_bundle.as_deref(),
        timestamp: annotations.timestamp.as_deref(),
    }
}
