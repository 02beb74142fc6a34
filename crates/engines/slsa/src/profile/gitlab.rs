//! Provenance in the form GitLab's control plane writes.
//!
//! Source: GitLab Docs, "SLSA provenance specification" (the build type's own page). The control
//! plane lists every variable of the job; here only those of [`crate::VARIABLES`] are.

use std::collections::BTreeMap;

use sealwright_core::RepositoryUrl;
use sealwright_core::uris;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Described;
use super::object;
use crate::CommitId;
use crate::Environment;
use crate::source::git_dependency;

/// One job, all of whose necessary variables are there.
pub(super) struct Run<'a> {
    environment: &'a Environment,
    project: RepositoryUrl,
    commit: CommitId,
    job: &'a str,
    job_id: &'a str,
    runner_id: &'a str,
}

impl<'a> Run<'a> {
    pub(super) fn read(environment: &'a Environment) -> Option<Self> {
        if environment.value("GITLAB_CI") != Some("true") {
            return None;
        }
        Some(Self {
            environment,
            project: RepositoryUrl::parse(environment.value("CI_PROJECT_URL")?).ok()?,
            commit: environment.value("CI_COMMIT_SHA")?.parse().ok()?,
            job: environment.value("CI_JOB_NAME")?,
            job_id: environment.value("CI_JOB_ID")?,
            runner_id: environment.value("CI_RUNNER_ID")?,
        })
    }

    pub(super) fn describe(&self) -> Described {
        let variables: Map<_, _> = self
            .environment
            .with_prefix("CI_")
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        let mut internal = Map::new();
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                internal.insert(name.to_owned(), value);
            }
        };
        let text = |name| self.environment.value(name).map(Value::from);
        add("architecture", self.architecture().map(Value::from));
        add("job", self.job_id.parse::<u64>().ok().map(Value::from));
        add("name", text("CI_RUNNER_DESCRIPTION"));
        let version = self.environment.value("CI_RUNNER_REVISION");
        let version = version.map(|value| ("gitlab-runner".to_owned(), value.to_owned()));
        let started_on = self.environment.value("CI_JOB_STARTED_AT");
        Described {
            build_type: BUILD_TYPE,
            external_parameters: object(json!({
                "source": self.project,
                "entryPoint": self.job,
                "variables": variables,
            })),
            internal_parameters: internal,
            dependency: Some(git_dependency(
                self.project.as_str().to_owned(),
                &self.commit,
            )),
            builder_id: uris::BUILDER_GITLAB_CLAIMED,
            builder_version: version.into_iter().collect::<BTreeMap<_, _>>(),
            claimed_builder_id: Some(format!("{}/-/runners/{}", self.project, self.runner_id)),
            invocation_id: Some(self.job_id.to_owned()),
            started_on: started_on.and_then(|time| time.parse().ok()),
        }
    }

    /// `amd64` of `linux/amd64`.
    fn architecture(&self) -> Option<&str> {
        let platform = self.environment.value("CI_RUNNER_EXECUTABLE_ARCH")?;
        platform.rsplit('/').next()
    }
}

const BUILD_TYPE: &str = "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1";
