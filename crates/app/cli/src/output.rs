//! JSON contracts: what `-o json` prints. Changing one means a new schema version.

pub(crate) mod attach;
pub(crate) mod bundle;
pub(crate) mod clean;
pub(crate) mod copy;
pub(crate) mod download;
pub(crate) mod key;
pub(crate) mod log;
pub(crate) mod roots;
pub(crate) mod sbom;
pub(crate) mod seal;
pub(crate) mod tree;
pub(crate) mod up;
pub(crate) mod verify;

use serde::Serialize;

/// Writes a document as indented JSON with a newline at its end.
pub(crate) fn to_text<T: Serialize>(document: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use schemars::schema_for;

    use super::*;

    /// The committed schemas are the contract: a difference is a change of it. Run with
    /// `SEALWRIGHT_UPDATE_SCHEMAS=1` to write them anew.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch for whoever runs the tests"
    )]
    fn schemas_are_as_committed() {
        let folder =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../docs/reference/schemas");
        let schemas = [
            ("attest.v1", schema_for!(seal::AttestDocument)),
            ("key.v1", schema_for!(key::KeyDocument)),
            ("attach.v1", schema_for!(attach::AttachDocument)),
            ("bundle-inspect.v1", schema_for!(bundle::InspectDocument)),
            ("clean.v1", schema_for!(clean::CleanDocument)),
            ("copy.v1", schema_for!(copy::CopyDocument)),
            ("download.v1", schema_for!(download::DownloadDocument)),
            ("log-entry.v1", schema_for!(log::LogEntryDocument)),
            ("log-fsck.v1", schema_for!(log::FsckDocument)),
            ("roots.v1", schema_for!(roots::RootsDocument)),
            ("sbom.v1", schema_for!(sbom::SbomDocument)),
            ("seal.v1", schema_for!(seal::SealDocument)),
            ("up.v1", schema_for!(up::UpDocument)),
            ("sign.v1", schema_for!(seal::SignDocument)),
            ("tree.v1", schema_for!(tree::TreeDocument)),
            ("verify.v1", schema_for!(verify::VerifyDocument)),
        ];
        for (name, schema) in schemas {
            let path = folder.join(format!("{name}.schema.json"));
            let text = to_text(&schema).unwrap();
            if std::env::var_os("SEALWRIGHT_UPDATE_SCHEMAS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, text).unwrap();
            } else {
                let committed = std::fs::read_to_string(&path).unwrap_or_default();
                assert_eq!(committed, text, "{} differs", path.display());
            }
        }
    }
}
