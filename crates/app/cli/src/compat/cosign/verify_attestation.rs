//! `cosign verify-attestation`.

use sealwright::EvidenceForm;
use sealwright::JudgedEvidence;

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
    let options = trust::options(session, signer, About::Attestation)?;
    parsed.is_on("offline");
    parsed.given("rekor-url");
    parsed.text("output");
    let wanted = parsed.text("type").unwrap_or("custom").to_owned();
    let uri = predicate::uri(&wanted)?;
    let local = parsed.is_on("local-image");
    session.all_read()?;
    for image in &parsed.arguments {
        let found = Found::of(session, &context, image, local, None, &options)?;
        let statements: Vec<&JudgedEvidence> =
            found.relevant().filter(|one| is_statement(one)).collect();
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

fn is_statement(one: &JudgedEvidence) -> bool {
    one.form() == EvidenceForm::Unreadable || one.predicate_type.is_some()
}
