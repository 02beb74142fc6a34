//! `cosign verify`, and what it shares with `verify-attestation`.

mod output;

use sealwright::EvidenceForm;
use sealwright::Failure;
use sealwright::JudgedEvidence;
use sealwright::JudgedTarget;
use sealwright::LogCheck;
use sealwright::VerifyOptions;
use sealwright_core::Class;
use sealwright_core::Reference;
use sealwright_core::Target;

use super::error::Error;
use super::session::Session;
use super::signer;
use super::trust;
use super::trust::About;
use crate::progress::Bar;

pub(super) use self::output::print_payloads;

/// Runs `cosign verify`.
pub(super) fn run(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let annotations = annotations(&parsed.list("annotations"))?;
    let attachment = parsed.given("attachment");
    if attachment.is_some_and(|attachment| attachment != "sbom") {
        return Err(Error::said("--attachment: wanted sbom"));
    }
    let signer = signer::expected(session, &context)?;
    let options = trust::options(session, signer, About::Signature)?;
    parsed.is_on("offline");
    parsed.given("rekor-url");
    let format = parsed.text("output").unwrap_or("json").to_owned();
    let local = parsed.is_on("local-image");
    session.all_read()?;
    for image in &parsed.arguments {
        let found = Found::of(session, &context, image, local, attachment, &options)?;
        let signatures: Vec<&JudgedEvidence> =
            found.relevant().filter(|one| is_signature(one)).collect();
        let accepted: Vec<&JudgedEvidence> = accepted(&signatures);
        let matching: Vec<&JudgedEvidence> = accepted
            .iter()
            .copied()
            .filter(|one| has(one, &annotations))
            .collect();
        if matching.is_empty() {
            return Err(found.refuse(&signatures, !accepted.is_empty()));
        }
        if !matching.iter().any(|one| is_proper(one)) {
            session.warn(
                "none of these is a signature: attestations alone were found, and count here as \
                 cosign counts them",
            );
        }
        header(session, &found.name, &options, !annotations.is_empty());
        output::print(session, &found.name, &matching, &format)?;
    }
    Ok(())
}

/// What was found with one image.
pub(super) struct Found {
    /// The image's name as cosign shows it.
    pub(super) name: String,
    judged: JudgedTarget,
    local: bool,
}

impl Found {
    /// Verifies everything that is with an image.
    pub(super) fn of(
        session: &Session<'_>,
        context: &sealwright::Context<'_>,
        image: &str,
        local: bool,
        attachment: Option<&str>,
        options: &VerifyOptions,
    ) -> Result<Self, Error> {
        let (target, name) = match local {
            true => (layout(image), image.to_owned()),
            false => {
                let reference = reference(image)?;
                let name = shown(&reference);
                match attachment {
                    Some(kind) => {
                        let attached = attached(context, &reference, kind)?;
                        (Target::Image(attached), name)
                    }
                    None => (Target::Image(reference), name),
                }
            }
        };
        let mut judged = sealwright::verify(context, &[target], options);
        let _ = session;
        let judged = judged
            .pop()
            .ok_or_else(|| Error::said(format!("{image} was not judged")))?;
        if judged.digest.is_none()
            && let Some(failure) = judged.failure
        {
            return Err(unresolved(failure, local));
        }
        Ok(Self {
            name,
            judged,
            local,
        })
    }

    /// What is about the image itself, and not about one of an index.
    pub(super) fn relevant(&self) -> impl Iterator<Item = &JudgedEvidence> {
        let digest = self.judged.digest;
        self.judged
            .evidence
            .iter()
            .filter(move |one| Some(one.subject) == digest)
    }

    /// Why nothing counts. `unannotated` when some does but for its annotations.
    pub(super) fn refuse(&self, candidates: &[&JudgedEvidence], unannotated: bool) -> Error {
        let incomplete = self
            .judged
            .failure
            .as_ref()
            .filter(|failure| failure.class() != Class::Rejected);
        if candidates.is_empty() {
            return match incomplete {
                Some(failure) => Error::said(failure.to_string()),
                None if self.local => Error::said("no signatures found"),
                None => Error::Said {
                    message: "no signatures found".to_owned(),
                    exit: NO_SIGNATURE,
                },
            };
        }
        let legacy = candidates
            .iter()
            .all(|one| one.form() == EvidenceForm::Legacy);
        let reasons = match unannotated {
            true => vec!["missing or incorrect annotation".to_owned()],
            false => reasons(candidates),
        };
        let what = match legacy {
            true => "signatures",
            false => "attestations",
        };
        Error::Said {
            message: format!("no matching {what}: {}", reasons.join("\n")),
            exit: match legacy && !self.local {
                true => NO_MATCH,
                false => 1,
            },
        }
    }
}

/// Exit code: there is no signature.
const NO_SIGNATURE: u8 = 10;
/// Exit code: there is no such image.
const NO_IMAGE: u8 = 11;
/// Exit code: no signature matches.
const NO_MATCH: u8 = 12;

/// Those that were accepted.
pub(super) fn accepted<'a>(evidence: &[&'a JudgedEvidence]) -> Vec<&'a JudgedEvidence> {
    let accepted = evidence.iter().filter(|one| one.problem.is_none());
    accepted.copied().collect()
}

/// Why each was not accepted.
pub(super) fn reasons(evidence: &[&JudgedEvidence]) -> Vec<String> {
    let problems = evidence.iter().filter_map(|one| {
        let problem = one.problem.as_ref()?;
        Some(format!(
            "{} ({}, {})",
            problem.message, problem.code, one.location
        ))
    });
    let mut reasons: Vec<String> = Vec::new();
    for problem in problems {
        if !reasons.contains(&problem) && reasons.len() < MAX_REASONS {
            reasons.push(problem);
        }
    }
    reasons
}

/// The lines that cosign puts before what was verified.
pub(super) fn header(
    session: &Session<'_>,
    name: &str,
    options: &VerifyOptions,
    annotations: bool,
) {
    session.say("");
    session.say(&format!("Verification for {name} --"));
    session.say("The following checks were performed on each of these signatures:");
    if annotations {
        session.say("  - The specified annotations were verified.");
    }
    session.say("  - The cosign claims were validated");
    if options.logs == LogCheck::Verify {
        session.say("  - Existence of the claims in the transparency log was verified offline");
    }
    session.say(match session.parsed.given("key").is_some() {
        true => "  - The signatures were verified against the specified public key",
        false => {
            "  - The code-signing certificate was verified using trusted certificate authority \
             certificates"
        }
    });
}

/// An image as cosign names it: without a registry it is Docker's.
pub(super) fn reference(text: &str) -> Result<Reference, Error> {
    text.parse()
        .map_err(|error| Error::said(format!("parsing reference: {text}: {error}")))
}

/// The name cosign shows for its repository.
pub(super) fn repository(reference: &Reference) -> String {
    let host = match reference.registry() {
        "docker.io" => "index.docker.io",
        other => other,
    };
    format!("{host}/{}", reference.repository())
}

/// The name cosign shows for it.
pub(super) fn shown(reference: &Reference) -> String {
    let name = repository(reference);
    match (reference.digest(), reference.tag()) {
        (Some(digest), _) => format!("{name}@{digest}"),
        (None, tag) => format!("{name}:{}", tag.unwrap_or("latest")),
    }
}

/// A directory that `save` wrote.
fn layout(directory: &str) -> Target {
    Target::Layout {
        directory: directory.into(),
        tag: None,
        digest: None,
    }
}

/// The image under the tag of an attachment.
pub(super) fn attached(
    context: &sealwright::Context<'_>,
    reference: &Reference,
    kind: &str,
) -> Result<Reference, Error> {
    let digest = sealwright::image_digest(context, reference)
        .map_err(|failure| unresolved(failure, false))?;
    let tag = format!("{}-{}.{kind}", digest.algorithm().name(), digest.to_hex());
    reference
        .tagged(&tag)
        .map_err(|error| Error::said(error.to_string()))
}

fn unresolved(failure: Failure, local: bool) -> Error {
    match failure.code().as_str() {
        "registry.not-found" if !local => Error::Failed {
            before: "image tag not found: ",
            failure,
            exit: NO_IMAGE,
        },
        _ => failure.into(),
    }
}

/// What cosign counts as a signature: bundles with any statement, and its older signatures.
fn is_signature(one: &JudgedEvidence) -> bool {
    match one.form() {
        EvidenceForm::Bundle | EvidenceForm::Unreadable => true,
        EvidenceForm::Legacy => one.predicate_type.is_none(),
    }
}

/// A signature, and not a statement about something else.
fn is_proper(one: &JudgedEvidence) -> bool {
    one.kind == sealwright::ClaimKind::Signature
}

fn has(one: &JudgedEvidence, wanted: &[(String, String)]) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let found = one.annotations();
    wanted
        .iter()
        .all(|(key, value)| found.get(key).and_then(|found| found.as_str()) == Some(value.as_str()))
}

/// Reads `KEY=VALUE`.
pub(super) fn annotations(texts: &[String]) -> Result<Vec<(String, String)>, Error> {
    texts
        .iter()
        .map(|text| match text.split_once('=') {
            Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
            None => Err(Error::said(format!("unable to parse annotation: {text}"))),
        })
        .collect()
}

const MAX_REASONS: usize = 8;
