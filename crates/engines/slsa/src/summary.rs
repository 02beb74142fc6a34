//! What provenance of any version says, in few words, for people and for policies.
//!
//! Real builders spell some members differently from the specification (`buildInvocationID`), put
//! numbers where strings belong and commits under the wrong algorithm. For display such things are
//! read, never corrected: the values here are the document's own words.

use std::collections::BTreeMap;

use sealwright_core::canonical_json;
use sealwright_core::uris;
use serde_json::Value;

use crate::Error;

/// The version of a provenance predicate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Version {
    /// `https://slsa.dev/provenance/v0.2`.
    V02,
    /// `https://slsa.dev/provenance/v1`.
    V1,
}

/// Whether the fields are more than the signer's word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claims {
    /// The document itself says that nobody checked them (Sealwright writes so).
    Unverified,
    /// The document does not say; what it is worth depends on who signed.
    Unstated,
}

/// The gist of a provenance predicate. Every text is untrusted: escape it before showing it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Summary {
    /// The predicate's version.
    pub version: Version,
    /// Who is said to have built. Empty where the builder says nothing.
    pub builder_id: String,
    /// How the parameters are to be read.
    pub build_type: String,
    /// Where the source is.
    pub source: Option<Material>,
    /// What was run: a workflow's path, a job's name.
    pub entry_point: Option<String>,
    /// Which run of the builder.
    pub invocation_id: Option<String>,
    /// When the build started, as written.
    pub started_on: Option<String>,
    /// When the build ended, as written.
    pub finished_on: Option<String>,
    /// Everything the build needed, the source included.
    pub materials: Vec<Material>,
    /// Whether the document disowns its own fields.
    pub claims: Claims,
}

/// Something a build needed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Material {
    /// Its URI, or its name where it has none.
    pub uri: String,
    /// Its digests by algorithm.
    pub digest: BTreeMap<String, String>,
}

impl Summary {
    /// Reads a predicate of the given type.
    ///
    /// # Errors
    /// `slsa.unsupported-provenance` for other types; `slsa.malformed-provenance` for what is no
    /// JSON object, repeats a key, or lacks the build type or the builder.
    pub fn parse(predicate_type: &str, predicate: &[u8]) -> Result<Self, Error> {
        let read = match predicate_type {
            uris::PREDICATE_SLSA_PROVENANCE_V1 => v1,
            uris::PREDICATE_SLSA_PROVENANCE_V02 => v02,
            other => {
                let found = other.to_owned();
                return Err(Error::Unsupported { found });
            }
        };
        read(&canonical_json::from_slice(predicate).map_err(Error::Json)?)
    }
}

fn v1(predicate: &Value) -> Result<Summary, Error> {
    let definition = object(predicate.get("buildDefinition"), "buildDefinition")?;
    let details = object(predicate.get("runDetails"), "runDetails")?;
    let metadata = details.get("metadata");
    let materials = materials(definition.get("resolvedDependencies"));
    let external = definition.get("externalParameters");
    let own = definition.pointer("/internalParameters/sealwright/claimsVerified");
    Ok(Summary {
        version: Version::V1,
        builder_id: string(details.pointer("/builder/id"), "runDetails.builder.id")?,
        build_type: string(definition.get("buildType"), "buildDefinition.buildType")?,
        source: v1_source(&materials, external),
        entry_point: [
            "/workflow/path",
            "/configSource/path",
            "/entryPoint",
            "/configPath",
            "/source/path",
        ]
        .iter()
        .find_map(|path| text(external?.pointer(path))),
        invocation_id: first(metadata, &["invocationId", "invocationID"]),
        started_on: first(metadata, &["startedOn"]),
        finished_on: first(metadata, &["finishedOn"]),
        materials,
        claims: if own == Some(&Value::Bool(false)) {
            Claims::Unverified
        } else {
            Claims::Unstated
        },
    })
}

/// By the specification's advice the first dependency that is a commit; else what the parameters
/// name as source.
fn v1_source(materials: &[Material], external: Option<&Value>) -> Option<Material> {
    let commit = |material: &&Material| {
        material.digest.contains_key("gitCommit")
            || material.digest.contains_key("sha1")
            || material.uri.starts_with("git+")
    };
    materials.iter().find(commit).cloned().or_else(|| {
        let uri = ["/source", "/source/uri", "/source/repository"]
            .iter()
            .find_map(|path| text(external?.pointer(path)))?;
        Some(Material {
            uri,
            ..Material::default()
        })
    })
}

fn v02(predicate: &Value) -> Result<Summary, Error> {
    let config = predicate.pointer("/invocation/configSource");
    let materials = materials(predicate.get("materials"));
    let metadata = predicate.get("metadata");
    let source = config
        .map(material)
        .filter(|material| !material.uri.is_empty());
    Ok(Summary {
        version: Version::V02,
        builder_id: string(predicate.pointer("/builder/id"), "builder.id")?,
        build_type: string(predicate.get("buildType"), "buildType")?,
        source: source.or_else(|| materials.first().cloned()),
        entry_point: first(config, &["entryPoint"]),
        invocation_id: first(metadata, &["buildInvocationId", "buildInvocationID"]),
        started_on: first(metadata, &["buildStartedOn"]),
        finished_on: first(metadata, &["buildFinishedOn"]),
        materials,
        claims: Claims::Unstated,
    })
}

fn object<'a>(value: Option<&'a Value>, field: &'static str) -> Result<&'a Value, Error> {
    value.filter(|value| value.is_object()).ok_or(Error::Field {
        field,
        wanted: "object",
    })
}

fn string(value: Option<&Value>, field: &'static str) -> Result<String, Error> {
    value
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or(Error::Field {
            field,
            wanted: "string",
        })
}

/// The first of some members that is there and not empty.
fn first(object: Option<&Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| text(object?.get(name)))
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn materials(value: Option<&Value>) -> Vec<Material> {
    let list = value.and_then(Value::as_array);
    list.into_iter().flatten().map(material).collect()
}

fn material(value: &Value) -> Material {
    let digests = value.get("digest").and_then(Value::as_object);
    Material {
        uri: first(Some(value), &["uri", "name"]).unwrap_or_default(),
        digest: digests
            .into_iter()
            .flatten()
            .filter_map(|(name, digits)| Some((name.clone(), digits.as_str()?.to_owned())))
            .collect(),
    }
}

#[cfg(test)]
mod tests;
