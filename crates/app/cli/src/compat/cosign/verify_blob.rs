//! `cosign verify-blob`.
//!
//! cosign 3 wants a bundle, a certificate or a key beside a signature. Here what is missing is looked
//! for where `sign-blob` left it: the bundle beside the file; then, unless offline, in the log, as
//! cosign 1 did. Whatever is found is held against the signature that was given.

use std::path::Path;
use std::path::PathBuf;

use sealwright::DetachedContent;
use sealwright::DetachedEvidence;
use sealwright::Failure;
use sealwright::JudgedEvidence;
use sealwright::SubjectDigest;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Target;

use super::error::Error;
use super::session;
use super::session::Session;
use super::signer;
use super::trust;
use super::trust::About;
use super::verify;
use crate::progress::Bar;

/// Runs it.
pub(super) fn run(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let signer = signer::expected(session, &context)?;
    let mut options = trust::options(session, signer, About::Blob)?;
    let offline = parsed.is_on("offline");
    let log = parsed.text("rekor-url").unwrap_or_default().to_owned();
    options.bundle = parsed.given("bundle").map(PathBuf::from);
    let signature = parsed.given("signature").map(signature).transpose()?;
    let certificate = parsed.given("certificate").map(pem).transpose()?;
    let timestamp = parsed.given("rfc3161-timestamp").map(text).transpose()?;
    if timestamp.is_some() && signature.is_none() {
        return Err(Error::said("--rfc3161-timestamp goes with --signature"));
    }
    if let (Some(signature), None) = (&signature, &options.bundle) {
        options.detached = Some(DetachedEvidence {
            location: parsed.given("signature").unwrap_or_default().to_owned(),
            content: DetachedContent::Signature(signature.clone()),
            certificate: certificate.clone(),
            chain: None,
            timestamp,
        });
    }
    session.all_read()?;
    let blob = session.argument().unwrap_or_default();
    let mut evidence = match (digest(blob), &options.bundle) {
        (Some(digest), Some(_)) if !Path::new(blob).exists() => {
            sealwright::verify_digest(&context, SubjectDigest::Given(digest), &options)?
        }
        _ => judge(&context, blob, &options)?,
    };
    let wanted = Wanted {
        signature: signature.as_deref(),
        certificate: certificate.as_deref(),
    };
    if let (Some(given), Some(about)) = (&signature, evidence.first().map(|one| one.subject))
        && is_bare(session, &evidence)
        && !offline
        && blob != "-"
    {
        session.say(&format!("looking for the signature in the log {log}"));
        let found = sealwright::log_search(&context, &log, &about, given);
        if let Some(found) = found.map_err(|failure| unanswered(session, blob, &failure))? {
            options.detached = Some(found);
            evidence = judge(&context, blob, &options)?;
        }
    }
    let candidates: Vec<&JudgedEvidence> =
        evidence.iter().filter(|one| wanted.is_met(one)).collect();
    if verify::accepted(&candidates).is_empty() {
        return Err(refuse(session, blob, &evidence, &candidates));
    }
    session.say("Verified OK");
    Ok(())
}

/// Judges what was named and what lies beside a file.
fn judge(
    context: &sealwright::Context<'_>,
    blob: &str,
    options: &sealwright::VerifyOptions,
) -> Result<Vec<JudgedEvidence>, Error> {
    let target = match blob {
        "-" => Target::Stdin,
        path => Target::File(path.into()),
    };
    let judged = sealwright::verify(context, &[target], options).pop();
    let judged = judged.ok_or_else(|| Error::said(format!("{blob} was not judged")))?;
    match (judged.digest, judged.failure) {
        (None, Some(failure)) => Err(failure.into()),
        // Evidence that could not even be read, such as a bundle that is not there.
        (_, Some(failure)) if judged.evidence.is_empty() && failure.code().as_str() != MISSING => {
            Err(failure.into())
        }
        _ => Ok(judged.evidence),
    }
}

/// What evidence must be beside good.
struct Wanted<'a> {
    signature: Option<&'a [u8]>,
    certificate: Option<&'a str>,
}

impl Wanted<'_> {
    fn is_met(&self, one: &JudgedEvidence) -> bool {
        let same_signature = self
            .signature
            .is_none_or(|wanted| one.signature() == Some(wanted));
        let same_certificate = self.certificate.is_none_or(|wanted| {
            one.certificate_pem()
                .is_some_and(|found| same_pem(&found, wanted))
        });
        same_signature && same_certificate
    }
}

/// Whether there is a signature by itself at most, of which all there is to say is that it says not
/// whose it is.
fn is_bare<'e>(
    session: &Session<'_>,
    evidence: impl IntoIterator<Item = &'e JudgedEvidence>,
) -> bool {
    let parsed = session.parsed;
    let bare = |one: &JudgedEvidence| {
        let problem = one.problem.as_ref();
        problem.is_some_and(|problem| problem.code.as_str() == "sig.key-required")
    };
    ["key", "bundle", "certificate"]
        .iter()
        .all(|flag| parsed.given(flag).is_none())
        && evidence.into_iter().all(bare)
}

/// The log did not answer: what is missing, and what it said.
fn unanswered(session: &Session<'_>, blob: &str, failure: &Failure) -> Error {
    let missing = refuse(session, blob, &[], &[]);
    Error::said(format!(
        "{missing}; and the log could not be asked: {failure}"
    ))
}

fn refuse(
    session: &Session<'_>,
    blob: &str,
    evidence: &[JudgedEvidence],
    candidates: &[&JudgedEvidence],
) -> Error {
    let parsed = session.parsed;
    let keyless = parsed.given("key").is_none();
    if !candidates.is_empty() && !is_bare(session, candidates.iter().copied()) {
        return Error::said(verify::reasons(candidates).join("\n"));
    }
    if !evidence.is_empty() && candidates.is_empty() {
        return Error::said(format!(
            "what lies beside {blob} is of another signature than the one that was given: {}",
            evidence
                .iter()
                .map(|one| one.location.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        ));
    }
    let mut message = format!("there is not enough to verify {blob}");
    match (parsed.given("signature"), keyless) {
        (Some(signature), true) => {
            message = format!(
                "{signature} is a signature alone, which does not say who made it. Its certificate \
                 and log entry are missing: give the bundle that sign-blob made with --bundle, put it \
                 beside the file as {blob}.sigstore.json, or name a key with --key"
            );
        }
        (None, true) => {
            message = format!(
                "{message}: there is no {blob}.sigstore.json; give the bundle with --bundle"
            );
        }
        (_, false) => {
            message = format!(
                "{message}: give the bundle with --bundle, or the signature with --signature"
            );
        }
    }
    Error::said(message)
}

/// A signature: the name of a file with it, or itself; Base64 or the bytes.
pub(super) fn signature(given: &str) -> Result<Vec<u8>, Error> {
    let content = match Path::new(given).exists() || given == "-" {
        true => session::read(given)?,
        false => given.as_bytes().to_vec(),
    };
    let trimmed = content.trim_ascii();
    let decoded = std::str::from_utf8(trimmed)
        .ok()
        .and_then(|text| Base64::decode(text).ok());
    Ok(decoded.map_or(content, |decoded| decoded.0))
}

/// A certificate as PEM; older versions wrote it as Base64 of that.
pub(super) fn pem(path: &str) -> Result<String, Error> {
    let content = text(path)?;
    if content.contains("-----BEGIN") {
        return Ok(content);
    }
    let decoded = Base64::decode(content.trim())
        .ok()
        .and_then(|decoded| String::from_utf8(decoded.0).ok());
    decoded.ok_or_else(|| Error::said(format!("{path} holds no certificate as PEM")))
}

fn text(path: &str) -> Result<String, Error> {
    String::from_utf8(session::read(path)?).map_err(|_| Error::said(format!("{path} is no text")))
}

/// Whether two texts hold the same certificate, however its lines are broken.
fn same_pem(one: &str, other: &str) -> bool {
    let body = |text: &str| -> Option<String> {
        let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
        let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
        Some(body.split_whitespace().collect())
    };
    body(one).is_some() && body(one) == body(other)
}

/// A digest instead of a file.
pub(super) fn digest(text: &str) -> Option<Digest> {
    text.parse().ok()
}

const MISSING: &str = "evidence.missing";
