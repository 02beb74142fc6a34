//! `sealwright.dev/sbom/v1`.

use schemars::JsonSchema;
use sealwright::ListedPackage;
use serde::Serialize;

/// What `sbom show -o json` prints.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct SbomDocument {
    /// Always `sealwright.dev/sbom/v1`.
    schema: &'static str,
    /// The target as named.
    target: String,
    /// Sorted by name, then version.
    packages: Vec<Package>,
}

/// One package.
#[derive(Debug, JsonSchema, Serialize)]
struct Package {
    name: String,
    version: String,
    /// Package URL, when the SBOM gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
}

impl SbomDocument {
    pub(crate) fn new(target: &str, packages: &[ListedPackage]) -> Self {
        Self {
            schema: "sealwright.dev/sbom/v1",
            target: target.to_owned(),
            packages: packages
                .iter()
                .map(|package| Package {
                    name: package.name.clone(),
                    version: package.version.clone(),
                    purl: package.purl.clone(),
                })
                .collect(),
        }
    }
}
