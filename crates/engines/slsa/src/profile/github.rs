//! Provenance in the form GitHub's own attestations have.
//!
//! Source: the build type's page <https://actions.github.io/buildtypes/workflow/v1>, and what the
//! action `attest-build-provenance` writes. That action takes its values from a token GitHub
//! signed; here they come from environment variables.

use std::collections::BTreeMap;

use sealwright_core::RepositoryUrl;
use sealwright_core::uris;
use serde_json::json;

use super::Described;
use super::object;
use crate::CommitId;
use crate::Environment;
use crate::source::git_dependency;

/// One run of a workflow, all of whose variables are there.
pub(super) struct Run<'a> {
    /// The repository's URL; `name` is its end, `owner/name`.
    repository: RepositoryUrl,
    name: &'a str,
    repository_id: &'a str,
    owner_id: &'a str,
    reference: &'a str,
    commit: CommitId,
    event: &'a str,
    workflow: &'a str,
    runner: &'a str,
    id: &'a str,
    attempt: &'a str,
}

impl<'a> Run<'a> {
    pub(super) fn read(environment: &'a Environment) -> Option<Self> {
        if environment.value("GITHUB_ACTIONS") != Some("true") {
            return None;
        }
        let server = environment.value("GITHUB_SERVER_URL")?;
        let name = environment.value("GITHUB_REPOSITORY")?;
        Some(Self {
            repository: RepositoryUrl::parse(&format!("{server}/{name}")).ok()?,
            name,
            repository_id: environment.value("GITHUB_REPOSITORY_ID")?,
            owner_id: environment.value("GITHUB_REPOSITORY_OWNER_ID")?,
            reference: environment.value("GITHUB_REF")?,
            commit: environment.value("GITHUB_SHA")?.parse().ok()?,
            event: environment.value("GITHUB_EVENT_NAME")?,
            workflow: environment.value("GITHUB_WORKFLOW_REF")?,
            runner: environment.value("RUNNER_ENVIRONMENT")?,
            id: environment.value("GITHUB_RUN_ID")?,
            attempt: environment.value("GITHUB_RUN_ATTEMPT")?,
        })
    }

    pub(super) fn describe(&self) -> Described {
        let repository = self.repository.as_str();
        let server = repository.strip_suffix(self.name).unwrap_or_default();
        let reference = self.reference;
        Described {
            build_type: BUILD_TYPE,
            external_parameters: object(json!({
                "workflow": {
                    "ref": reference,
                    "repository": repository,
                    "path": self.workflow_path(),
                }
            })),
            internal_parameters: object(json!({
                "github": {
                    "event_name": self.event,
                    "repository_id": self.repository_id,
                    "repository_owner_id": self.owner_id,
                    "runner_environment": self.runner,
                }
            })),
            dependency: Some(git_dependency(
                self.repository.locator(Some(reference)),
                &self.commit,
            )),
            builder_id: uris::BUILDER_GITHUB_CLAIMED,
            builder_version: BTreeMap::new(),
            // A token would tell a reusable workflow (`job_workflow_ref`); variables name the caller.
            claimed_builder_id: Some(format!("{server}{}", self.workflow)),
            invocation_id: Some(format!(
                "{repository}/actions/runs/{}/attempts/{}",
                self.id, self.attempt
            )),
            started_on: None,
        }
    }

    /// `.github/workflows/x.yml` of `owner/name/.github/workflows/x.yml@refs/heads/main`.
    fn workflow_path(&self) -> &str {
        let path = self.workflow.split('@').next().unwrap_or_default();
        path.strip_prefix(self.name)
            .and_then(|path| path.strip_prefix('/'))
            .unwrap_or(path)
    }
}

const BUILD_TYPE: &str = "https://actions.github.io/buildtypes/workflow/v1";
