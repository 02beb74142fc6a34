//! Which form provenance takes: that of the CI system at hand, or the local one.
//!
//! All of it is what the environment claims. The signer is this machine, which could have set the
//! variables itself, so the builder id never is the CI system's own: it says that the fields are
//! claimed. What the CI system's own attestation would have named as builder stands beside it.

use std::collections::BTreeMap;

use sealwright_core::ResourceDescriptor;
use sealwright_core::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::BuildDefinition;
use crate::Builder;
use crate::Environment;
use crate::Metadata;
use crate::Provenance;
use crate::RunDetails;
use crate::Source;

mod github;
mod gitlab;
mod local;

/// Where an artifact is sealed, by the variables a CI system sets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Profile {
    /// In a GitHub Actions job.
    GitHub,
    /// In a GitLab job.
    GitLab,
    /// Anywhere else, or in a job whose variables are incomplete.
    Local,
}

impl Profile {
    /// The profile that fits an environment.
    pub fn detect(environment: &Environment) -> Self {
        if github::Run::read(environment).is_some() {
            Self::GitHub
        } else if gitlab::Run::read(environment).is_some() {
            Self::GitLab
        } else {
            Self::Local
        }
    }

    /// What it is called in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github-actions",
            Self::GitLab => "gitlab-ci",
            Self::Local => "local",
        }
    }
}

/// Everything provenance is made from. The same inputs give the same provenance.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The CI system's variables.
    pub environment: &'a Environment,
    /// The repository the artifact stands in.
    pub source: Option<&'a Source>,
    /// What else it was made from.
    pub materials: &'a [ResourceDescriptor],
    /// When the build started, if somebody knows.
    pub started_on: Option<Timestamp>,
    /// When it ended, if somebody knows.
    pub finished_on: Option<Timestamp>,
    /// Sealwright's version.
    pub version: &'a str,
}

impl Provenance {
    /// Describes how an artifact came to be, in the form of [`Profile::detect`].
    pub fn describe(inputs: Inputs<'_>) -> Self {
        let described = if let Some(run) = github::Run::read(inputs.environment) {
            run.describe()
        } else if let Some(run) = gitlab::Run::read(inputs.environment) {
            run.describe()
        } else {
            local::describe(inputs.source)
        };
        described.complete(inputs)
    }
}

/// What a profile knows; the rest is the same for all.
struct Described {
    build_type: &'static str,
    external_parameters: Map<String, Value>,
    internal_parameters: Map<String, Value>,
    dependency: Option<ResourceDescriptor>,
    builder_id: &'static str,
    builder_version: BTreeMap<String, String>,
    /// What the CI system's own provenance would name as builder.
    claimed_builder_id: Option<String>,
    invocation_id: Option<String>,
    started_on: Option<Timestamp>,
}

impl Described {
    fn complete(mut self, inputs: Inputs<'_>) -> Provenance {
        let mut own = object(json!({ "claimsVerified": false }));
        if let Some(builder) = self.claimed_builder_id {
            own.insert("claimedBuilderId".to_owned(), builder.into());
        }
        if let Some(source) = inputs.source {
            own.insert("workTree".to_owned(), work_tree(source));
        }
        self.internal_parameters
            .insert("sealwright".to_owned(), own.into());
        self.builder_version
            .insert("sealwright".to_owned(), inputs.version.to_owned());
        let dependencies = self.dependency.into_iter();
        Provenance {
            build_definition: BuildDefinition {
                build_type: self.build_type.to_owned(),
                external_parameters: self.external_parameters,
                internal_parameters: self.internal_parameters,
                resolved_dependencies: dependencies
                    .chain(inputs.materials.iter().cloned())
                    .collect(),
            },
            run_details: RunDetails {
                builder: Builder {
                    id: self.builder_id.to_owned(),
                    builder_dependencies: Vec::new(),
                    version: self.builder_version,
                },
                metadata: Metadata {
                    invocation_id: self.invocation_id,
                    started_on: inputs.started_on.or(self.started_on),
                    finished_on: inputs.finished_on,
                },
                byproducts: Vec::new(),
            },
        }
    }
}

/// What was found on the machine itself, which in a CI job need not be what the variables claim.
fn work_tree(source: &Source) -> Value {
    json!({
        "commit": source.commit.as_str(),
        "state": source.work_tree.name(),
    })
}

/// The members of a JSON object.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
