//! JSON contracts: what `-o json` prints. Changing one means a new schema version.

pub(crate) mod log;
pub(crate) mod sbom;
pub(crate) mod seal;
pub(crate) mod verify;

use serde::Serialize;

/// Writes a document as indented JSON with a newline at its end.
pub(crate) fn to_text<T: Serialize>(document: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    Ok(text)
}
