//! What was verified, as cosign prints it.

use sealwright::EvidenceForm;
use sealwright::JudgedEvidence;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Error;
use super::Session;

/// Prints signatures, as JSON in one array or one a line.
pub(super) fn print(
    session: &Session<'_>,
    name: &str,
    evidence: &[&JudgedEvidence],
    format: &str,
) -> Result<(), Error> {
    if format == "text" {
        for one in evidence {
            if one.form() == EvidenceForm::Legacy {
                describe(session, one);
            }
            let line = match one.form() {
                EvidenceForm::Legacy => payload(one),
                _ => to_json(&converted(one, name)),
            };
            session.print(&format!("{line}\n"))?;
        }
        return Ok(());
    }
    let all: Vec<Value> = evidence
        .iter()
        .map(|one| match one.form() {
            EvidenceForm::Legacy => stored(one),
            _ => converted(one, name),
        })
        .collect();
    session.print(&format!("\n{}\n", to_json(&Value::Array(all))))
}

/// Prints envelopes, one a line.
pub(in crate::compat::cosign) fn print_payloads(
    session: &Session<'_>,
    evidence: &[&JudgedEvidence],
) -> Result<(), Error> {
    for one in evidence {
        if one.form() == EvidenceForm::Legacy {
            describe(session, one);
        }
        session.print(&format!("{}\n", payload(one)))?;
    }
    Ok(())
}

fn payload(one: &JudgedEvidence) -> String {
    let payload = one.payload().unwrap_or_default();
    String::from_utf8_lossy(&payload).into_owned()
}

/// A statement in the form of the older payload, as cosign shows bundles.
fn converted(one: &JudgedEvidence, name: &str) -> Value {
    json!({
        "critical": {
            "identity": { "docker-reference": name },
            "image": { "docker-manifest-digest": one.subject.to_string() },
            "type": one.predicate_type,
        },
        "optional": one.annotations(),
    })
}

/// The older payload, with what the certificate and the log say put into it.
fn stored(one: &JudgedEvidence) -> Value {
    let payload = one.payload().unwrap_or_default();
    let mut value: Value = serde_json::from_slice(&payload).unwrap_or_default();
    let mut optional = match value.get_mut("optional").map(Value::take) {
        Some(Value::Object(found)) => found,
        _ => Map::new(),
    };
    if let Some(identity) = &one.identity {
        optional.insert("Subject".to_owned(), json!(identity));
        if let Some(issuer) = &one.issuer {
            optional.insert("Issuer".to_owned(), json!(issuer));
            optional.insert(ISSUER.to_owned(), json!(issuer));
        }
        for (claim, value) in &one.certificate_claims {
            if let Some((_, word, id)) = CLAIMS.iter().find(|(name, ..)| name == claim) {
                optional.insert((*word).to_owned(), json!(value));
                optional.insert((*id).to_owned(), json!(value));
            }
        }
    }
    if let Some(bundle) = one.rekor_bundle() {
        optional.insert("Bundle".to_owned(), bundle);
    }
    if let Value::Object(value) = &mut value {
        let optional = match optional.is_empty() {
            true => Value::Null,
            false => Value::Object(optional),
        };
        value.insert("optional".to_owned(), optional);
    }
    value
}

/// Says what the certificate says.
fn describe(session: &Session<'_>, one: &JudgedEvidence) {
    let Some(identity) = &one.identity else {
        return;
    };
    session.say(&format!("Certificate subject: {identity}"));
    if let Some(issuer) = &one.issuer {
        session.say(&format!("Certificate issuer URL: {issuer}"));
    }
    for (claim, value) in &one.certificate_claims {
        if let Some(words) = SPOKEN.iter().find(|(name, _)| name == claim) {
            session.say(&format!("{}: {value}", words.1));
        }
    }
}

/// JSON as Go writes it: what HTML would act on is escaped.
fn to_json(value: &Value) -> String {
    value
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

const ISSUER: &str = "1.3.6.1.4.1.57264.1.1";

/// Claims of a certificate: our name, cosign's, and the object identifier.
const CLAIMS: &[(&str, &str, &str)] = &[
    (
        "github-workflow-trigger",
        "githubWorkflowTrigger",
        "1.3.6.1.4.1.57264.1.2",
    ),
    (
        "github-workflow-sha",
        "githubWorkflowSha",
        "1.3.6.1.4.1.57264.1.3",
    ),
    (
        "github-workflow-name",
        "githubWorkflowName",
        "1.3.6.1.4.1.57264.1.4",
    ),
    (
        "github-workflow-repository",
        "githubWorkflowRepository",
        "1.3.6.1.4.1.57264.1.5",
    ),
    (
        "github-workflow-ref",
        "githubWorkflowRef",
        "1.3.6.1.4.1.57264.1.6",
    ),
];

const SPOKEN: &[(&str, &str)] = &[
    ("github-workflow-trigger", "GitHub Workflow Trigger"),
    ("github-workflow-sha", "GitHub Workflow SHA"),
    ("github-workflow-name", "GitHub Workflow Name"),
    ("github-workflow-repository", "GitHub Workflow Repository"),
    ("github-workflow-ref", "GitHub Workflow Ref"),
];
