//! `sealwright.dev/attach/v1`.

use schemars::JsonSchema;
use sealwright::Attached;
use serde::Serialize;

/// What `attach … -o json` prints.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct AttachDocument {
    /// Always `sealwright.dev/attach/v1`.
    schema: &'static str,
    /// The image as named.
    image: String,
    /// What the evidence is attached to.
    digest: String,
    /// Where it is.
    locations: Vec<String>,
}

impl AttachDocument {
    pub(crate) fn new(attached: &Attached) -> Self {
        Self {
            schema: "sealwright.dev/attach/v1",
            image: attached.image.clone(),
            digest: attached.digest.to_string(),
            locations: attached.locations.clone(),
        }
    }
}
