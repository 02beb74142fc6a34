//! The few variables of a CI system that may appear in provenance.
//!
//! Provenance is published. Variables are therefore asked for by name from a fixed list, and what
//! is not on it (tokens, passwords, messages, people's addresses) is never even looked at.

use std::collections::BTreeMap;

/// The variables this crate may look at, all others being none of its business.
///
/// Source: GitHub Docs, "Variables reference", "Default environment variables"; GitLab Docs,
/// "Predefined CI/CD variables reference".
pub const VARIABLES: &[&str] = &[
    "GITHUB_ACTIONS",
    "GITHUB_EVENT_NAME",
    "GITHUB_REF",
    "GITHUB_REPOSITORY",
    "GITHUB_REPOSITORY_ID",
    "GITHUB_REPOSITORY_OWNER_ID",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_RUN_ID",
    "GITHUB_SERVER_URL",
    "GITHUB_SHA",
    "GITHUB_WORKFLOW_REF",
    "RUNNER_ENVIRONMENT",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_REF_NAME",
    "CI_COMMIT_REF_PROTECTED",
    "CI_COMMIT_SHA",
    "CI_COMMIT_TAG",
    "CI_CONFIG_PATH",
    "CI_JOB_ID",
    "CI_JOB_NAME",
    "CI_JOB_STAGE",
    "CI_JOB_STARTED_AT",
    "CI_JOB_URL",
    "CI_PIPELINE_ID",
    "CI_PIPELINE_SOURCE",
    "CI_PIPELINE_URL",
    "CI_PROJECT_ID",
    "CI_PROJECT_PATH",
    "CI_PROJECT_URL",
    "CI_RUNNER_DESCRIPTION",
    "CI_RUNNER_EXECUTABLE_ARCH",
    "CI_RUNNER_ID",
    "CI_RUNNER_REVISION",
    "CI_RUNNER_VERSION",
    "CI_SERVER_URL",
    "CI_SERVER_VERSION",
    "GITLAB_CI",
];

/// What a CI system's variables say, from [`VARIABLES`] only. Untrusted text throughout.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Environment(BTreeMap<&'static str, String>);

impl Environment {
    /// Asks for each of [`VARIABLES`]. Empty values count as unset; longer ones than 1024 bytes and
    /// ones with control characters, which no CI system writes, do so too. A user and password in a
    /// URL are dropped.
    pub fn from_lookup(mut lookup: impl FnMut(&str) -> Option<String>) -> Self {
        let usable =
            |value: &String| (1..=1024).contains(&value.len()) && !value.contains(char::is_control);
        let known = VARIABLES
            .iter()
            .filter_map(|name| Some((*name, without_credentials(lookup(name).filter(usable)?))));
        Self(known.collect())
    }

    /// A variable's value.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All variables of one CI system by name.
    pub(crate) fn with_prefix(&self, prefix: &str) -> impl Iterator<Item = (&'static str, &str)> {
        self.0
            .iter()
            .filter(move |(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (*name, value.as_str()))
    }
}

/// `scheme://host/…` of `scheme://user:password@host/…`; other text as it is.
fn without_credentials(value: String) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return value;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{host}{path}"),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_asks_for_a_secret() {
        let secret = [
            "TOKEN",
            "PASSWORD",
            "SECRET",
            "KEY",
            "CREDENTIAL",
            "REPOSITORY_URL",
        ];
        let mut asked = Vec::new();
        let environment = Environment::from_lookup(|name| {
            asked.push(name.to_owned());
            Some(format!("value of {name}"))
        });
        assert_eq!(asked, VARIABLES);
        for name in asked {
            assert!(!secret.iter().any(|word| name.contains(word)), "{name}");
        }
        assert_eq!(environment.value("GITHUB_TOKEN"), None);
    }

    #[test]
    fn drops_the_credentials_of_a_url_and_nothing_else() {
        let check = |value: &str, wanted: &str| {
            assert_eq!(without_credentials(value.to_owned()), wanted);
        };
        check("https://u:p@s@h.example/a@b", "https://h.example/a@b");
        check("https://h.example/a@b", "https://h.example/a@b");
        check("o/r/w.yml@refs/heads/main", "o/r/w.yml@refs/heads/main");
    }

    #[test]
    fn takes_no_value_a_ci_system_does_not_write() {
        for value in ["", "a\nb", "\u{1b}[2J", &"x".repeat(1025)] {
            let environment = Environment::from_lookup(|_| Some(value.to_owned()));
            assert_eq!(environment, Environment::default(), "{value:?}");
        }
    }
}
