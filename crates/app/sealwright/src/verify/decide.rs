//! From judged evidence to a decision.
//!
//! Each required claim must be met by one accepted piece of evidence. What was not accepted is
//! never counted and never fatal by itself; it only explains a claim that is not met.

use sealwright_core::Class;
use sealwright_core::Digest;
use sealwright_sigstore::CheckOutcome;

use crate::ClaimKind;
use crate::Error;
use crate::Failure;
use crate::JudgedEvidence;
use crate::RequiredClaim;
use crate::target::Subject;

/// Which of the required claims are met.
pub(super) fn required(
    require: &[RequiredClaim],
    evidence: &[JudgedEvidence],
    subject: &Subject,
) -> Vec<(RequiredClaim, bool)> {
    require
        .iter()
        .map(|claim| (claim.clone(), is_met(claim, evidence, subject)))
        .collect()
}

/// Accepts, or says why not. Without required claims, any accepted evidence will do.
pub(crate) fn decide(
    require: &[RequiredClaim],
    evidence: &[JudgedEvidence],
    subject: &Subject,
) -> Result<(), Failure> {
    let about_it = |judged: &&JudgedEvidence| judged.subject == subject.digest();
    if require.is_empty() {
        if evidence.iter().filter(about_it).any(is_accepted) {
            return Ok(());
        }
        return Err(explain(evidence.iter().filter(about_it), subject, None));
    }
    let unmet: Vec<&RequiredClaim> = require
        .iter()
        .filter(|claim| !is_met(claim, evidence, subject))
        .collect();
    if unmet.is_empty() {
        return Ok(());
    }
    // A no before a don't-know: the first claim with a rejection decides what is said.
    let mut failures = unmet.into_iter().map(|claim| {
        let made = evidence.iter().filter(|judged| {
            claim.is_made_by(judged)
                && (judged.subject == subject.digest() || claim.is_of_one_platform())
        });
        explain(made, subject, Some((claim, evidence)))
    });
    let first = failures.next();
    let rejected = failures.find(|failure| failure.class() == Class::Rejected);
    Err(match (first, rejected) {
        (Some(first), Some(rejected)) if first.class() != Class::Rejected => rejected,
        (Some(first), _) => first,
        (None, _) => Error::EvidenceMissing(subject.digest().to_string()).into(),
    })
}

fn is_accepted(judged: &JudgedEvidence) -> bool {
    judged.problem.is_none()
}

/// An SBOM describes one platform: that of an index is met when each of its images has one.
fn is_met(claim: &RequiredClaim, evidence: &[JudgedEvidence], subject: &Subject) -> bool {
    let proved = |digest: Digest| {
        evidence.iter().any(|judged| {
            claim.is_made_by(judged) && judged.subject == digest && is_accepted(judged)
        })
    };
    if proved(subject.digest()) {
        return true;
    }
    match subject {
        Subject::Image(image) if claim.is_of_one_platform() => {
            let mut platforms = image
                .children()
                .iter()
                .filter(|child| !child.is_buildkit_attestation())
                .peekable();
            platforms.peek().is_some() && platforms.all(|child| proved(child.digest))
        }
        _ => false,
    }
}

/// Says why no evidence of a kind counts: the piece that passed most checks says it best.
fn explain<'a>(
    made: impl Iterator<Item = &'a JudgedEvidence>,
    subject: &Subject,
    wanted: Option<(&RequiredClaim, &[JudgedEvidence])>,
) -> Failure {
    let best = made
        .filter_map(|judged| judged.problem.as_ref().map(|problem| (judged, problem)))
        .max_by_key(|(judged, problem)| {
            let passed = judged
                .checks
                .iter()
                .filter(|check| check.outcome == CheckOutcome::Passed);
            (problem.class == Class::Rejected, passed.count())
        });
    match (best, wanted) {
        (Some((judged, problem)), _) => Failure::from(problem.clone()).about(&judged.location),
        (None, Some((claim, evidence))) if !evidence.is_empty() => {
            // Evidence whose kind cannot be told may be the one that is wanted.
            match evidence
                .iter()
                .find(|judged| judged.kind == ClaimKind::Other)
            {
                Some(JudgedEvidence {
                    problem: Some(problem),
                    location,
                    ..
                }) if problem.class == Class::Undecided => {
                    Failure::from(problem.clone()).about(location)
                }
                _ => Error::ClaimMissing(claim.clone()).into(),
            }
        }
        (None, _) => Error::EvidenceMissing(searched(subject)).into(),
    }
}

fn searched(subject: &Subject) -> String {
    match subject.file_evidence(None) {
        Some(files) => format!(
            "{}, {}",
            files.all_bundles().display(),
            files.signature().display()
        ),
        None => format!("the referrers of {}", subject.digest()),
    }
}
