//! Provenance of an artifact sealed outside a CI system: where it stood, and no more.
//!
//! The build type is Sealwright's own; docs/concepts/provenance.md describes it.

use std::collections::BTreeMap;

use sealwright_core::uris;
use serde_json::Map;
use serde_json::Value;

use super::Described;
use crate::Source;

pub(super) fn describe(source: Option<&Source>) -> Described {
    Described {
        build_type: uris::BUILD_TYPE_LOCAL,
        external_parameters: source.map(external_parameters).unwrap_or_default(),
        internal_parameters: Map::new(),
        dependency: source.map(Source::descriptor),
        builder_id: uris::BUILDER_LOCAL,
        builder_version: BTreeMap::new(),
        claimed_builder_id: None,
        invocation_id: None,
        started_on: None,
    }
}

fn external_parameters(source: &Source) -> Map<String, Value> {
    let mut inner = Map::new();
    if let Some(repository) = &source.repository {
        inner.insert("repository".to_owned(), repository.as_str().into());
    }
    if let Some(reference) = &source.reference {
        inner.insert("ref".to_owned(), reference.as_str().into());
    }
    let mut parameters = Map::new();
    if !inner.is_empty() {
        parameters.insert("source".to_owned(), inner.into());
    }
    parameters
}
