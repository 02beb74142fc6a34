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
        let mut merged = self.destination.read_tagged(theirs).await?;
        let layers: Layers =
            canonical_json::from_slice(&ours.bytes).map_err(|error| Error::Malformed {
                place: self.source.place(),
                what: format!("manifest {}", ours.descriptor.digest),
                reason: error.to_string(),
            })?;
        let mut added = false;
        for layer in layers.layers {
            added |= merged.add(layer);
        }
        if !added {
            return Ok(None);
        }
        let written = merged.write();
        self.destination
            .store_blob(&written.config_digest, &written.config)
            .await?;
        Ok(Some(Merged {
            media_type: written.descriptor.media_type.clone(),
            descriptor: written.descriptor,
            bytes: written.manifest,
        }))
    }
}

#[derive(serde::Deserialize)]
struct Layers {
    layers: Vec<Value>,
}
