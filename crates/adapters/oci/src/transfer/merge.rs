//! Putting together what two places have under the same evidence tag: no signature is lost by a
//! copy.

use sealwright_core::canonical_json;
use serde_json::Value;

use super::Transfer;
use super::listing::Merged;
use crate::Error;
use crate::Manifest;

impl Transfer<'_> {
    /// The destination's manifest with the layers that it lacks; `None` when it lacks none.
    pub(super) async fn merge(
        &self,
        theirs: &Manifest,
        ours: &Manifest,
    ) -> Result<Option<Merged>, Error> {
        let layers: Layers =
            canonical_json::from_slice(&ours.bytes).map_err(|error| Error::Malformed {
                place: self.source.place(),
                what: format!("manifest {}", ours.descriptor.digest),
                reason: error.to_string(),
            })?;
        let merged = self
            .destination
            .merge_legacy(theirs, &layers.layers)
            .await?;
        Ok(merged.map(|(descriptor, bytes)| Merged {
            media_type: descriptor.media_type.clone(),
            descriptor,
            bytes,
        }))
    }
}

#[derive(serde::Deserialize)]
struct Layers {
    layers: Vec<Value>,
}
