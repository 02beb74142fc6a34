//! What a certificate says of a token's holder.
//!
//! Sources: fulcio `docs/oid-info.md` (what each extension means) and `config/identity/config.yaml`
//! (which claim of which CI system goes where). Numbers are those of 1.3.6.1.4.1.57264.1.

use sealwright_core::Identity;
use sealwright_core::IdentityKind;
use serde_json::Map;
use serde_json::Value;

use super::fault::TokenFault;
use super::issuer::IssuerKind;
use super::issuer::TrustedIssuer;
use crate::instance::parse_identity;

/// A token's holder, as a certificate states it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Principal {
    /// What the holder signs to prove that they hold a key.
    pub challenge: String,
    /// The one subject alternative name.
    pub identity: Identity,
    /// Who issued the token.
    pub issuer: String,
    /// More of Sigstore's extensions by number, ascending.
    pub extensions: Vec<(u32, String)>,
}

/// The claims of a token that is believed.
pub(super) struct Claims<'a>(pub(super) &'a Map<String, Value>);

impl Principal {
    pub(super) fn of(issuer: &TrustedIssuer, claims: &Claims<'_>) -> Result<Self, TokenFault> {
        let subject = claims.text("sub")?;
        let (challenge, name, kind, mut extensions) = match issuer.kind() {
            IssuerKind::Buildkite => {
                let pipeline = format!(
                    "https://buildkite.com/{}/{}",
                    claims.text("organization_slug")?,
                    claims.text("pipeline_slug")?
                );
                let extensions = buildkite(claims, &pipeline)?;
                (subject.clone(), pipeline, IdentityKind::Uri, extensions)
            }
            IssuerKind::Email => {
                let email = claims.text("email")?;
                if !claims.is_true("email_verified") {
                    return Err(TokenFault::EmailUnverified);
                }
                (email.clone(), email, IdentityKind::Email, Vec::new())
            }
            IssuerKind::GitHubActions { url } => {
                let name = format!("{url}/{}", claims.text("job_workflow_ref")?);
                let extensions = github(claims, url, &name)?;
                (subject.clone(), name, IdentityKind::Uri, extensions)
            }
            IssuerKind::GitLab { url } => {
                let name = format!("https://{}", claims.text("ci_config_ref_uri")?);
                let extensions = gitlab(claims, url, &name)?;
                (subject.clone(), name, IdentityKind::Uri, extensions)
            }
            IssuerKind::Uri { subject_domain } => {
                if !is_below(&subject, subject_domain) {
                    return Err(TokenFault::Subject {
                        found: subject,
                        wanted: subject_domain.clone(),
                    });
                }
                (
                    subject.clone(),
                    subject.clone(),
                    IdentityKind::Uri,
                    Vec::new(),
                )
            }
        };
        extensions.push((TOKEN_SUBJECT, subject));
        extensions.sort_unstable_by_key(|(number, _)| *number);
        let identity = parse_identity(&name)
            .filter(|identity| identity.kind() == kind)
            .ok_or(TokenFault::Identity { found: name })?;
        Ok(Self {
            challenge,
            identity,
            issuer: issuer.url().to_owned(),
            extensions,
        })
    }
}

fn github(claims: &Claims<'_>, url: &str, signer: &str) -> Result<Vec<(u32, String)>, TokenFault> {
    let text = |name| claims.text(name);
    let repository = format!("{url}/{}", text("repository")?);
    let run = format!(
        "{repository}/actions/runs/{}/attempts/{}",
        text("run_id")?,
        text("run_attempt")?
    );
    let mut extensions = vec![
        (LEGACY_TRIGGER, text("event_name")?),
        (LEGACY_SHA, text("sha")?),
        (LEGACY_NAME, text("workflow")?),
        (LEGACY_REPOSITORY, text("repository")?),
        (LEGACY_REF, text("ref")?),
        (BUILD_SIGNER_URI, signer.to_owned()),
        (BUILD_SIGNER_DIGEST, text("job_workflow_sha")?),
        (RUNNER_ENVIRONMENT, text("runner_environment")?),
        (SOURCE_URI, repository),
        (SOURCE_DIGEST, text("sha")?),
        (SOURCE_REF, text("ref")?),
        (SOURCE_ID, text("repository_id")?),
        (OWNER_URI, format!("{url}/{}", text("repository_owner")?)),
        (OWNER_ID, text("repository_owner_id")?),
        (CONFIG_URI, format!("{url}/{}", text("workflow_ref")?)),
        (CONFIG_DIGEST, text("workflow_sha")?),
        (TRIGGER, text("event_name")?),
        (RUN_URI, run),
        (VISIBILITY, text("repository_visibility")?),
    ];
    extensions.extend(claims.optional(ENVIRONMENT, "environment"));
    Ok(extensions)
}

fn gitlab(claims: &Claims<'_>, url: &str, config: &str) -> Result<Vec<(u32, String)>, TokenFault> {
    let text = |name| claims.text(name);
    let project = format!("{url}/{}", text("project_path")?);
    let kind = match text("ref_type")?.as_str() {
        "branch" => "heads",
        _ => "tags",
    };
    let mut extensions = vec![
        (BUILD_SIGNER_URI, config.to_owned()),
        (BUILD_SIGNER_DIGEST, text("ci_config_sha")?),
        (RUNNER_ENVIRONMENT, text("runner_environment")?),
        (SOURCE_URI, project.clone()),
        (SOURCE_DIGEST, text("sha")?),
        (SOURCE_REF, format!("refs/{kind}/{}", text("ref")?)),
        (SOURCE_ID, text("project_id")?),
        (OWNER_URI, format!("{url}/{}", text("namespace_path")?)),
        (OWNER_ID, text("namespace_id")?),
        (CONFIG_URI, config.to_owned()),
        (CONFIG_DIGEST, text("ci_config_sha")?),
        (TRIGGER, text("pipeline_source")?),
        (RUN_URI, format!("{project}/-/jobs/{}", text("job_id")?)),
        (VISIBILITY, text("project_visibility")?),
    ];
    extensions.extend(claims.optional(ENVIRONMENT, "environment"));
    Ok(extensions)
}

fn buildkite(claims: &Claims<'_>, pipeline: &str) -> Result<Vec<(u32, String)>, TokenFault> {
    let text = |name| claims.text(name);
    let run = format!(
        "{pipeline}/builds/{}#{}",
        text("build_number")?,
        text("job_id")?
    );
    Ok(vec![
        (RUNNER_ENVIRONMENT, text("runner_environment")?),
        (SOURCE_DIGEST, text("build_commit")?),
        (TRIGGER, text("build_source")?),
        (RUN_URI, run),
    ])
}

impl Claims<'_> {
    /// A claim that is a text, a whole number or a truth value, as text.
    fn text(&self, name: &'static str) -> Result<String, TokenFault> {
        match self.0.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            Some(Value::Number(number)) if !number.is_f64() => Ok(number.to_string()),
            Some(Value::Bool(truth)) => Ok(truth.to_string()),
            _ => Err(TokenFault::Claim { name }),
        }
    }

    fn optional(&self, number: u32, name: &'static str) -> Option<(u32, String)> {
        Some((number, self.text(name).ok()?))
    }

    /// Whether it says so, as a truth value or, as some write it, in a word.
    fn is_true(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(truth)) => *truth,
            Some(Value::String(word)) => word == "true",
            _ => false,
        }
    }
}

/// Whether a URI has exactly this scheme and host.
fn is_below(uri: &str, domain: &str) -> bool {
    uri.strip_prefix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        && domain.contains("://")
}

const LEGACY_TRIGGER: u32 = 2;
const LEGACY_SHA: u32 = 3;
const LEGACY_NAME: u32 = 4;
const LEGACY_REPOSITORY: u32 = 5;
const LEGACY_REF: u32 = 6;
const BUILD_SIGNER_URI: u32 = 9;
const BUILD_SIGNER_DIGEST: u32 = 10;
const RUNNER_ENVIRONMENT: u32 = 11;
const SOURCE_URI: u32 = 12;
const SOURCE_DIGEST: u32 = 13;
const SOURCE_REF: u32 = 14;
const SOURCE_ID: u32 = 15;
const OWNER_URI: u32 = 16;
const OWNER_ID: u32 = 17;
const CONFIG_URI: u32 = 18;
const CONFIG_DIGEST: u32 = 19;
const TRIGGER: u32 = 20;
const RUN_URI: u32 = 21;
const VISIBILITY: u32 = 22;
const ENVIRONMENT: u32 = 23;
const TOKEN_SUBJECT: u32 = 24;
