//! `sealwright.dev/verify/v1`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use sealwright::Failure;
use sealwright::JudgedEvidence;
use sealwright::JudgedTarget;
use serde::Serialize;

/// What `verify -o json` prints.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct VerifyDocument {
    /// Always `sealwright.dev/verify/v1`.
    pub(crate) schema: &'static str,
    /// The worst decision of all targets: `accepted`, `rejected` or `undecided`.
    pub(crate) decision: &'static str,
    /// One element per target, in the order they were named.
    pub(crate) targets: Vec<VerifyTarget>,
}

/// One target.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerifyTarget {
    target: String,
    /// The digest that was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    /// `accepted`, `rejected`, `undecided`, or another class when nothing could be judged.
    decision: &'static str,
    /// The claims that were asked for.
    required: Vec<Requirement>,
    /// All evidence found, accepted or not.
    evidence: Vec<Evidence>,
    /// Why the target does not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureBody>,
}

/// One required claim.
#[derive(Debug, JsonSchema, Serialize)]
struct Requirement {
    claim: String,
    met: bool,
}

/// Why something does not pass.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct FailureBody {
    /// The stable code; `sealwright explain CODE`.
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// One piece of evidence.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
struct Evidence {
    location: String,
    /// `signature`, `provenance`, `sbom` or `other`.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate_type: Option<String>,
    subject: String,
    /// `accepted`, `rejected` or `undecided`. Fields of evidence that is not accepted are claims.
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    /// What else its certificate says, by the names that `--require-claim` takes; only of accepted
    /// evidence.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    certificate_claims: BTreeMap<&'static str, String>,
    /// Checks that were left out because an `--insecure-…` flag said so: `logs-ignored`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    weakenings: Vec<&'static str>,
    /// The SHA-256 of the key that signed it (`--key`), of its SubjectPublicKeyInfo.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_index: Option<u64>,
    /// Whose root vouches for it: `local`, `public`, `github` or the name of another instance; absent
    /// for a root from a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_at: Option<String>,
    checks: Vec<Check>,
    /// What the policies said that judged its statement (`--policy`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policies: Vec<Policy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureBody>,
}

/// What one policy said of a statement.
#[derive(Debug, JsonSchema, Serialize)]
struct Policy {
    /// The policy's file, as it was named.
    policy: String,
    /// `cue` or `rego`.
    language: &'static str,
    /// `passed`, `failed` or `undecided`.
    outcome: &'static str,
    /// Why it did not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
}

/// One check.
#[derive(Debug, JsonSchema, Serialize)]
struct Check {
    name: &'static str,
    /// `passed`, `failed`, `skipped` or `undecided`.
    outcome: &'static str,
    detail: String,
}

impl FailureBody {
    pub(crate) fn new(failure: &Failure) -> Self {
        Self {
            code: failure.code().to_string(),
            message: failure.to_string(),
            help: failure.help().map(Into::into),
        }
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }
}

impl VerifyTarget {
    pub(crate) fn new(target: &JudgedTarget) -> Self {
        Self {
            target: target.target.clone(),
            digest: target.digest.as_ref().map(ToString::to_string),
            decision: target.class().map_or("accepted", |class| class.name()),
            required: target
                .required
                .iter()
                .map(|(claim, met)| Requirement {
                    claim: claim.to_string(),
                    met: *met,
                })
                .collect(),
            evidence: target.evidence.iter().map(Evidence::new).collect(),
            failure: target.failure.as_ref().map(FailureBody::new),
        }
    }
}

impl Evidence {
    fn new(judged: &JudgedEvidence) -> Self {
        Self {
            location: judged.location.clone(),
            kind: judged.kind.name(),
            predicate_type: judged.predicate_type.clone(),
            subject: judged.subject.to_string(),
            decision: judged
                .problem
                .as_ref()
                .map_or("accepted", |problem| problem.class.name()),
            identity: judged.identity.clone(),
            issuer: judged.issuer.clone(),
            certificate_claims: judged.certificate_claims.iter().cloned().collect(),
            weakenings: judged.weakenings.iter().map(|one| one.name()).collect(),
            key: judged.key.map(|key| key.to_string()),
            log_index: judged.log_index,
            profile: judged.profile.map(|profile| profile.to_string()),
            signed_at: judged.signed_at.map(|time| time.to_string()),
            checks: judged
                .checks
                .iter()
                .map(|check| Check {
                    name: check.name.name(),
                    outcome: check.outcome.name(),
                    detail: check.detail.clone(),
                })
                .collect(),
            policies: judged
                .policies
                .iter()
                .map(|judged| Policy {
                    policy: judged.policy.clone(),
                    language: judged.language,
                    outcome: judged.outcome.name(),
                    reasons: judged.reasons.clone(),
                })
                .collect(),
            failure: judged.problem.as_ref().map(|problem| FailureBody {
                code: problem.code.to_string(),
                message: problem.message.clone(),
                help: problem.help.clone(),
            }),
        }
    }
}
