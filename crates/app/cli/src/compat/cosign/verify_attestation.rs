//! `cosign verify-attestation`.

use sealwright::CheckOutcome;
use sealwright::EvidenceForm;
use sealwright::JudgedEvidence;
use sealwright::RequiredClaim;

use super::error::Error;
use super::predicate;
use super::session::Session;
use super::signer;
use super::trust;
use super::trust::About;
use super::verify;
use super::verify::Found;
use crate::progress::Bar;

/// Runs it.
pub(super) fn run(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let signer = signer::expected(session, &context)?;
    let mut options = trust::options(session, signer, About::Attestation)?;
    parsed.is_on("offline");
    parsed.given("rekor-url");
    parsed.text("output");
    let wanted = parsed.text("type").unwrap_or("custom").to_owned();
    let uri = predicate::uri(&wanted)?;
    options.policies = parsed.list("policy").into_iter().map(Into::into).collect();
    if !options.policies.is_empty() {
        options.require = vec![RequiredClaim::Predicate(uri.to_owned())];
    }
    let local = parsed.is_on("local-image");
    session.all_read()?;
    for image in &parsed.arguments {
        let found = Found::of(session, &context, image, local, None, &options)?;
        let statements: Vec<&JudgedEvidence> =
            found.relevant().filter(|one| is_statement(one)).collect();
        violated(session, &statements)?;
        let accepted = verify::accepted(&statements);
        if accepted.is_empty() {
            return Err(Error::said(format!(
                "no matching attestations: {}",
                verify::reasons(&statements).join("\n")
            )));
        }
        let of_type: Vec<&JudgedEvidence> = accepted
            .iter()
            .copied()
            .filter(|one| one.predicate_type.as_deref() == Some(uri))
            .collect();
        if of_type.is_empty() {
            let types: Vec<&str> = accepted
                .iter()
                .filter_map(|one| one.predicate_type.as_deref())
                .collect();
            return Err(Error::said(format!(
                "none of the attestations matched the predicate type: {wanted}, found: {}",
                types.join(",")
            )));
        }
        verify::header(session, &found.name, &options, false);
        verify::print_payloads(session, &of_type)?;
    }
    Ok(())
}

/// Whoever signed may have said several things, and policies must hold of all that are of the type.
fn violated(session: &Session<'_>, statements: &[&JudgedEvidence]) -> Result<(), Error> {
    let violations: Vec<String> = statements
        .iter()
        .flat_map(|one| &one.policies)
        .filter(|policy| policy.outcome != CheckOutcome::Passed)
        .map(|policy| format!("{}: {}", policy.policy, policy.reasons.join("; ")))
        .collect();
    if violations.is_empty() {
        return Ok(());
    }
    let count = violations.len();
    session.say(&format!(
        "There are {count} number of errors occurred during the validation:"
    ));
    for violation in &violations {
        session.say(&format!("- {violation}"));
    }
    Err(Error::said(format!("{count} validation errors occurred")))
}

fn is_statement(one: &JudgedEvidence) -> bool {
    one.form() == EvidenceForm::Unreadable || one.predicate_type.is_some()
}
