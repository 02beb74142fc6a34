use std::collections::BTreeMap;

use super::*;
use crate::Claims;
use crate::Summary;
use crate::WorkTree;
use sealwright_core::RepositoryUrl;
use sealwright_core::canonical_json;
use sealwright_core::uris;

const COMMIT: &str = "7230f96544f64dc348e63549a122ace163d0f625";

#[test]
fn github_writes_the_fields_of_its_build_type_and_its_own_builder_only_as_a_claim() {
    let provenance = describe(&environment(GITHUB), None);
    assert_eq!(
        serde_json::to_value(provenance).unwrap(),
        json!({
            "buildDefinition": {
                "buildType": "https://actions.github.io/buildtypes/workflow/v1",
                "externalParameters": {
                    "workflow": {
                        "ref": "refs/heads/main",
                        "repository": "https://github.com/octo/app",
                        "path": ".github/workflows/release.yml",
                    }
                },
                "internalParameters": {
                    "github": {
                        "event_name": "push",
                        "repository_id": "11",
                        "repository_owner_id": "22",
                        "runner_environment": "github-hosted",
                    },
                    "sealwright": {
                        "claimsVerified": false,
                        "claimedBuilderId":
                            "https://github.com/octo/app/.github/workflows/release.yml@refs/heads/main",
                    },
                },
                "resolvedDependencies": [{
                    "uri": "git+https://github.com/octo/app@refs/heads/main",
                    "digest": { "gitCommit": COMMIT },
                }],
            },
            "runDetails": {
                "builder": {
                    "id": "https://sealwright.dev/builders/github-actions-claimed/v1",
                    "version": { "sealwright": "0.1.0" },
                },
                "metadata": {
                    "invocationId": "https://github.com/octo/app/actions/runs/77/attempts/2",
                },
            },
        })
    );
}

#[test]
fn gitlab_writes_the_fields_of_its_control_plane() {
    let provenance = describe(&environment(GITLAB), None);
    assert_eq!(
        serde_json::to_value(provenance).unwrap(),
        json!({
            "buildDefinition": {
                "buildType": "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
                "externalParameters": {
                    "source": "https://gitlab.example/group/app",
                    "entryPoint": "build-job",
                    "variables": {
                        "CI_COMMIT_SHA": COMMIT,
                        "CI_JOB_ID": "412",
                        "CI_JOB_NAME": "build-job",
                        "CI_JOB_STARTED_AT": "2026-06-05T01:33:18Z",
                        "CI_PROJECT_URL": "https://gitlab.example/group/app",
                        "CI_RUNNER_EXECUTABLE_ARCH": "linux/arm64",
                        "CI_RUNNER_ID": "32",
                        "CI_RUNNER_REVISION": "4d7093e1",
                    },
                },
                "internalParameters": {
                    "architecture": "arm64",
                    "job": 412,
                    "sealwright": {
                        "claimsVerified": false,
                        "claimedBuilderId": "https://gitlab.example/group/app/-/runners/32",
                    },
                },
                "resolvedDependencies": [{
                    "uri": "https://gitlab.example/group/app",
                    "digest": { "gitCommit": COMMIT },
                }],
            },
            "runDetails": {
                "builder": {
                    "id": "https://sealwright.dev/builders/gitlab-ci-claimed/v1",
                    "version": { "gitlab-runner": "4d7093e1", "sealwright": "0.1.0" },
                },
                "metadata": {
                    "invocationId": "412",
                    "startedOn": "2026-06-05T01:33:18Z",
                },
            },
        })
    );
}

#[test]
fn a_local_seal_names_the_commit_and_whether_files_differ_from_it() {
    let source = Source {
        commit: COMMIT.parse().unwrap(),
        repository: Some(RepositoryUrl::parse("https://u:secret@host.example/o/app.git").unwrap()),
        reference: Some("refs/heads/main".to_owned()),
        work_tree: WorkTree::Modified,
    };
    let material = ResourceDescriptor {
        uri: "pkg:generic/compiler@1".to_owned(),
        ..ResourceDescriptor::default()
    };
    let provenance = Provenance::describe(Inputs {
        environment: &Environment::default(),
        source: Some(&source),
        materials: &[material],
        started_on: None,
        finished_on: Some(Timestamp::from_seconds(1_800_000_000)),
        version: "0.1.0",
    });
    assert_eq!(
        serde_json::to_value(provenance).unwrap(),
        json!({
            "buildDefinition": {
                "buildType": "https://sealwright.dev/buildtypes/local/v1",
                "externalParameters": {
                    "source": {
                        "repository": "https://host.example/o/app.git",
                        "ref": "refs/heads/main",
                    }
                },
                "internalParameters": {
                    "sealwright": {
                        "claimsVerified": false,
                        "workTree": { "commit": COMMIT, "state": "modified" },
                    },
                },
                "resolvedDependencies": [
                    {
                        "uri": "git+https://host.example/o/app.git@refs/heads/main",
                        "digest": { "gitCommit": COMMIT },
                    },
                    { "uri": "pkg:generic/compiler@1" },
                ],
            },
            "runDetails": {
                "builder": {
                    "id": "https://sealwright.dev/builders/local/v1",
                    "version": { "sealwright": "0.1.0" },
                },
                "metadata": { "finishedOn": "2027-01-15T08:00:00Z" },
            },
        })
    );
}

#[test]
fn knowing_nothing_still_gives_every_required_field() {
    let provenance = describe(&Environment::default(), None);
    let value = serde_json::to_value(provenance).unwrap();
    assert_eq!(value["buildDefinition"]["externalParameters"], json!({}));
    assert!(value["buildDefinition"]["resolvedDependencies"].is_null());
    assert!(value["runDetails"]["metadata"].is_null());
}

#[test]
fn each_missing_variable_makes_it_local() {
    for (all, profile) in [(GITHUB, Profile::GitHub), (GITLAB, Profile::GitLab)] {
        assert_eq!(Profile::detect(&environment(all)), profile);
        for (missing, _) in all.iter().filter(|(name, _)| !OPTIONAL.contains(name)) {
            let rest =
                Environment::from_lookup(|name| value(all, name).filter(|_| name != *missing));
            assert_eq!(Profile::detect(&rest), Profile::Local, "{missing}");
        }
    }
}

#[test]
fn what_is_on_the_machine_stands_beside_what_the_variables_claim() {
    let source = Source {
        commit: "0123456789012345678901234567890123456789".parse().unwrap(),
        repository: None,
        reference: None,
        work_tree: WorkTree::Unknown,
    };
    let provenance = describe(&environment(GITHUB), Some(&source));
    let own = &provenance.build_definition.internal_parameters["sealwright"];
    assert_eq!(
        own["workTree"],
        json!({ "commit": source.commit.as_str(), "state": "unknown" })
    );
    let dependencies = &provenance.build_definition.resolved_dependencies;
    assert_eq!(dependencies.len(), 1);
    assert_eq!(dependencies[0].digest["gitCommit"], COMMIT);
}

#[test]
fn no_credential_in_a_url_gets_through() {
    for (all, name, url) in [
        (
            GITHUB,
            "GITHUB_SERVER_URL",
            "https://user:hunter2@github.com",
        ),
        (
            GITLAB,
            "CI_PROJECT_URL",
            "https://user:hunter2@gitlab.example/g/a",
        ),
    ] {
        let environment = Environment::from_lookup(|asked| {
            value(all, asked).map(|value| if asked == name { url.to_owned() } else { value })
        });
        assert_ne!(Profile::detect(&environment), Profile::Local);
        let text = serde_json::to_string(&describe(&environment, None)).unwrap();
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes_and_a_readable_summary() {
    for (all, builder) in [
        (GITHUB, uris::BUILDER_GITHUB_CLAIMED),
        (GITLAB, uris::BUILDER_GITLAB_CLAIMED),
        (&[], uris::BUILDER_LOCAL),
    ] {
        let bytes = || canonical_json::to_vec(&describe(&environment(all), None)).unwrap();
        assert_eq!(bytes(), bytes());
        let summary = Summary::parse(uris::PREDICATE_SLSA_PROVENANCE_V1, &bytes()).unwrap();
        assert_eq!(summary.builder_id, builder);
        assert_eq!(summary.claims, Claims::Unverified);
        let commit = summary.source.map(|source| source.digest);
        let wanted = BTreeMap::from([("gitCommit".to_owned(), COMMIT.to_owned())]);
        assert_eq!(commit, (!all.is_empty()).then_some(wanted));
    }
}

fn describe(environment: &Environment, source: Option<&Source>) -> Provenance {
    Provenance::describe(Inputs {
        environment,
        source,
        materials: &[],
        started_on: None,
        finished_on: None,
        version: "0.1.0",
    })
}

fn environment(all: &[(&str, &str)]) -> Environment {
    Environment::from_lookup(|name| value(all, name))
}

fn value(all: &[(&str, &str)], name: &str) -> Option<String> {
    all.iter()
        .find(|(found, _)| *found == name)
        .map(|(_, value)| (*value).to_owned())
}

const GITHUB: &[(&str, &str)] = &[
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_EVENT_NAME", "push"),
    ("GITHUB_REF", "refs/heads/main"),
    ("GITHUB_REPOSITORY", "octo/app"),
    ("GITHUB_REPOSITORY_ID", "11"),
    ("GITHUB_REPOSITORY_OWNER_ID", "22"),
    ("GITHUB_RUN_ATTEMPT", "2"),
    ("GITHUB_RUN_ID", "77"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("GITHUB_SHA", COMMIT),
    (
        "GITHUB_WORKFLOW_REF",
        "octo/app/.github/workflows/release.yml@refs/heads/main",
    ),
    ("RUNNER_ENVIRONMENT", "github-hosted"),
];

const GITLAB: &[(&str, &str)] = &[
    ("CI_COMMIT_SHA", COMMIT),
    ("CI_JOB_ID", "412"),
    ("CI_JOB_NAME", "build-job"),
    ("CI_JOB_STARTED_AT", "2026-06-05T01:33:18Z"),
    ("CI_PROJECT_URL", "https://gitlab.example/group/app"),
    ("CI_RUNNER_EXECUTABLE_ARCH", "linux/arm64"),
    ("CI_RUNNER_ID", "32"),
    ("CI_RUNNER_REVISION", "4d7093e1"),
    ("GITLAB_CI", "true"),
];

const OPTIONAL: &[&str] = &[
    "CI_JOB_STARTED_AT",
    "CI_RUNNER_EXECUTABLE_ARCH",
    "CI_RUNNER_REVISION",
];
