//! What refers to an artifact, and whether it may be evidence.

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

/// A referrer that yielded no evidence.
#[derive(Debug)]
pub struct Passed {
    /// The manifest.
    pub referrer: Descriptor,
    /// Why it could not be read; `None` when it holds no Sigstore bundle.
    pub error: Option<Error>,
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

/// The layer of a manifest that holds nothing but one Sigstore bundle.
pub(crate) fn bundle_layer(manifest: &Manifest) -> Option<&Descriptor> {
    match manifest.image()?.layers.as_slice() {
        [layer] if is_bundle(&layer.media_type) => Some(layer),
        _ => None,
    }
}

fn is_bundle(media_type: &MediaType) -> bool {
    media_type
        .as_str()
        .starts_with("application/vnd.dev.sigstore.bundle")
}
