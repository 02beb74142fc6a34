//! `cosign verify-blob-attestation`.

use std::path::PathBuf;

use sealwright::DetachedContent;
use sealwright::DetachedEvidence;
use sealwright::JudgedEvidence;
use sealwright::SubjectDigest;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Target;

use super::error::Error;
use super::predicate;
use super::session;
use super::session::Session;
use super::signer;
use super::trust;
use super::trust::About;
use super::verify;
use super::verify_blob;
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
    let wanted = parsed.text("type").unwrap_or("custom").to_owned();
    let uri = predicate::uri(&wanted)?;
    options.bundle = parsed.given("bundle").map(PathBuf::from);
    let certificate = parsed
        .given("certificate")
        .map(verify_blob::pem)
        .transpose()?;
    if parsed.given("rfc3161-timestamp").is_some() {
        return Err(Error::said(
            "--rfc3161-timestamp: give the bundle, which holds the timestamp",
        ));
    }
    if let Some(path) = parsed.given("signature") {
        options.detached = Some(DetachedEvidence {
            location: path.to_owned(),
            content: DetachedContent::Envelope(envelope(path)?),
            certificate,
            chain: None,
            timestamp: None,
        });
    }
    let subject = subject(session)?;
    session.all_read()?;
    let evidence = match subject {
        Subject::Digest(subject) => sealwright::verify_digest(&context, subject, &options)?,
        Subject::File(target) => {
            let judged = sealwright::verify(&context, &[target], &options).pop();
            let judged = judged.ok_or_else(|| Error::said("the file was not judged"))?;
            match (judged.digest, judged.failure) {
                (None, Some(failure)) => return Err(failure.into()),
                (_, Some(failure)) if judged.evidence.is_empty() => return Err(failure.into()),
                _ => judged.evidence,
            }
        }
    };
    let statements: Vec<&JudgedEvidence> = evidence.iter().collect();
    let accepted = verify::accepted(&statements);
    if accepted.is_empty() {
        return Err(Error::said(match statements.is_empty() {
            true => "no attestation was named: give the bundle with --bundle".to_owned(),
            false => verify::reasons(&statements).join("\n"),
        }));
    }
    if !accepted
        .iter()
        .any(|one| one.predicate_type.as_deref() == Some(uri))
    {
        let found: Vec<&str> = accepted
            .iter()
            .filter_map(|one| one.predicate_type.as_deref())
            .collect();
        return Err(Error::said(format!(
            "invalid predicate type, expected {uri} got {}",
            found.join(",")
        )));
    }
    session.say("Verified OK");
    Ok(())
}

enum Subject {
    Digest(SubjectDigest),
    File(Target),
}

/// What the statement must be about.
fn subject(session: &Session<'_>) -> Result<Subject, Error> {
    let parsed = session.parsed;
    let digits = parsed.given("digest");
    let algorithm = parsed.given("digestAlg");
    let claims = parsed.is_on("check-claims");
    match (session.argument(), digits) {
        _ if !claims => {
            session.warn(
                "the claims are not checked: this says who signed a statement, and nothing about \
                 any file",
            );
            Ok(Subject::Digest(SubjectDigest::OwnUnsafe))
        }
        (Some(_), Some(_)) => Err(Error::said("give a file or --digest, not both")),
        (Some("-"), None) => Ok(Subject::File(Target::Stdin)),
        (Some(path), None) => Ok(Subject::File(Target::File(path.into()))),
        (None, Some(digits)) => {
            let algorithm = algorithm.unwrap_or("sha256");
            let digest: Result<Digest, _> = format!("{algorithm}:{digits}").parse();
            let digest =
                digest.map_err(|error| Error::said(format!("--digest, --digestAlg: {error}")))?;
            Ok(Subject::Digest(SubjectDigest::Given(digest)))
        }
        (None, None) => Err(Error::said(
            "give a file, or --digest and --digestAlg, or --check-claims=false",
        )),
    }
}

/// An envelope in a file: JSON, or Base64 of it.
fn envelope(path: &str) -> Result<Vec<u8>, Error> {
    let content = session::read(path)?;
    let decoded = std::str::from_utf8(content.trim_ascii())
        .ok()
        .and_then(|text| Base64::decode(text).ok());
    Ok(decoded.map_or(content, |decoded| decoded.0))
}
