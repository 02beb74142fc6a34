//! Sigstore bundles found attached to an artifact.

use bytes::Bytes;
use sealwright_core::MediaType;

use crate::Descriptor;
use crate::Error;
use crate::Manifest;

/// What refers to an artifact.
#[derive(Clone, Debug, Default)]
pub struct Referrers {
    /// The referring manifests, as listed: artifact types and annotations may be missing or wrong.
    pub found: Vec<Descriptor>,
    /// Whether there are more than are read.
    pub truncated: bool,
    /// Entries of the list that are no descriptors.
    pub unreadable: usize,
}

/// One piece of evidence, not verified.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The manifest it came in, with the annotations of the manifest itself.
    pub referrer: Descriptor,
    /// The media type it is stored under.
    pub media_type: MediaType,
    /// The bundle.
    pub bundle: Bytes,
}

/// A referrer that yielded no evidence.
#[derive(Debug)]
pub struct Passed {
    /// The manifest.
    pub referrer: Descriptor,
    /// Why it could not be read; `None` when it holds no Sigstore bundle.
    pub error: Option<Error>,
}

/// All evidence of an artifact that could be read, and what could not: whoever may push could
/// otherwise make an image unverifiable by attaching rubbish.
#[derive(Debug, Default)]
pub struct FoundEvidence {
    /// The bundles.
    pub evidence: Vec<Evidence>,
    /// The others.
    pub passed: Vec<Passed>,
    /// Whether there is more than is read.
    pub truncated: bool,
    /// Entries in the list of referrers that are no descriptors.
    pub unreadable: usize,
}

impl FoundEvidence {
    pub(crate) fn new(referrers: &Referrers) -> Self {
        Self {
            truncated: referrers.truncated,
            unreadable: referrers.unreadable,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, referrer: Descriptor, read: Result<Option<Evidence>, Error>) {
        match read {
            Ok(Some(evidence)) => self.evidence.push(evidence),
            Ok(None) => self.passed.push(Passed {
                referrer,
                error: None,
            }),
            Err(error) => self.passed.push(Passed {
                referrer,
                error: Some(error),
            }),
        }
    }
}

/// Whether a listed referrer may hold a bundle. Some registries list the configuration's type where
/// the artifact's belongs, and cosign's fallback lists leave out what they like: only a type that
/// says something else is believed.
pub(crate) fn may_hold_bundle(referrer: &Descriptor) -> bool {
    if !referrer.media_type.is_manifest() {
        return false;
    }
    referrer.artifact_type.as_ref().is_none_or(|artifact_type| {
        is_bundle(artifact_type) || *artifact_type == MediaType::OCI_EMPTY
    })
}

/// The layer of a manifest that holds nothing but one Sigstore bundle, and how the manifest stands
/// in a list.
pub(crate) fn bundle_layer(manifest: &Manifest) -> Option<(Descriptor, Descriptor)> {
    let image = manifest.image()?;
    let [layer] = image.layers.as_slice() else {
        return None;
    };
    if !is_bundle(&layer.media_type) {
        return None;
    }
    let mut referrer = manifest.descriptor.bare();
    referrer.artifact_type.clone_from(&image.artifact_type);
    referrer.annotations.clone_from(&image.annotations);
    Some((referrer, layer.clone()))
}

fn is_bundle(media_type: &MediaType) -> bool {
    media_type
        .as_str()
        .starts_with("application/vnd.dev.sigstore.bundle")
}
