//! The predicate `https://slsa.dev/provenance/v1`, as it is written.
//!
//! Source: SLSA v1.2, "Build: Provenance", "Schema".

use std::collections::BTreeMap;

use sealwright_core::ResourceDescriptor;
use sealwright_core::Timestamp;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

/// That a builder made the subjects by running a build definition.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// What the build was asked to do.
    pub build_definition: BuildDefinition,
    /// This run of it.
    pub run_details: RunDetails,
}

/// What the build was asked to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildDefinition {
    /// How to read the parameters, a URI.
    pub build_type: String,
    /// What came from outside: must be complete, and must be checked by whoever relies on it.
    pub external_parameters: Map<String, Value>,
    /// What the builder set itself.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub internal_parameters: Map<String, Value>,
    /// What was needed to build, the source first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolved_dependencies: Vec<ResourceDescriptor>,
}

/// One run of a build.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunDetails {
    /// Who ran it.
    pub builder: Builder,
    /// Which run it was.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
    /// What else came out, such as logs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub byproducts: Vec<ResourceDescriptor>,
}

/// Who ran a build.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Builder {
    /// The builder, a URI. What it is trusted with depends on who signed.
    pub id: String,
    /// What the builder itself depends on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub builder_dependencies: Vec<ResourceDescriptor>,
    /// Versions of the builder's parts by their names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub version: BTreeMap<String, String>,
}

/// Which run of a build it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The run, by the builder's own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_id: Option<String>,
    /// When it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_on: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_on: Option<Timestamp>,
}

impl Metadata {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
