//! `cosign sign` and `cosign attest`.

use sealwright::Attach;
use sealwright::AttestOptions;
use sealwright::Children;
use sealwright::Context;
use sealwright::Predicate;
use sealwright::Previous;
use sealwright::SignOptions;
use sealwright::StorageOptions;
use sealwright_core::Target;

use super::error::Error;
use super::kept::Kept;
use super::session;
use super::session::Session;
use super::signing;
use super::verify;
use crate::progress::Bar;

/// Runs `cosign sign`.
pub(super) fn sign(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let attachment = parsed.given("attachment");
    if attachment.is_some_and(|attachment| attachment != "sbom") {
        return Err(Error::said("--attachment: wanted sbom"));
    }
    let annotations = verify::annotations(&parsed.list("annotations"))?;
    let storage = StorageOptions {
        form: signing::form(session)?,
        attach: attach(parsed.is_on("upload")),
        bundle: parsed.given("bundle").map(Into::into),
        bundle_form: signing::bundle_form(session),
        signature: parsed.given("output-signature").map(Into::into),
        certificate: parsed.given("output-certificate").map(Into::into),
        ..StorageOptions::default()
    };
    let children = match parsed.is_on("recursive") {
        true => Children::Sign,
        false => Children::Leave,
    };
    let signing = signing::options(session, &context)?;
    session.all_read()?;
    let targets = targets(session, &context, attachment)?;
    let options = SignOptions {
        signing,
        annotations: annotations.into_iter().collect(),
        children,
        storage,
    };
    session.say("Signing artifact...");
    for (target, result) in targets
        .iter()
        .zip(sealwright::sign(&context, &targets, &options))
    {
        let sealed = result.map_err(|failure| during("signing ", failure))?;
        for warning in &sealed.warnings {
            session.warn(warning);
        }
        if let (Target::Image(reference), Attach::Yes) = (target, options.storage.attach) {
            session.say(&format!("Pushing signature to: {}", reference.name()));
        }
    }
    Ok(())
}

/// Runs `cosign attest`.
pub(super) fn attest(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let predicate = predicate(session, &context)?;
    let upload = !parsed.is_on("no-upload");
    let kept = match (upload, parsed.given("bundle")) {
        (false, None) => Some(Kept::new()?),
        _ => None,
    };
    let bundle = parsed.given("bundle").map(Into::into);
    let storage = StorageOptions {
        form: signing::form(session)?,
        attach: attach(upload),
        bundle: bundle.or_else(|| kept.as_ref().map(Kept::bundle)),
        previous: match parsed.is_on("replace") {
            true => Previous::Replace,
            false => Previous::Keep,
        },
        ..StorageOptions::default()
    };
    let signing = signing::options(session, &context)?;
    session.all_read()?;
    let targets = targets(session, &context, None)?;
    let options = AttestOptions { signing, storage };
    session.say("Signing artifact...");
    for result in sealwright::attest(&context, &targets, &predicate, &options) {
        let sealed = result.map_err(|failure| during("signing ", failure))?;
        for warning in &sealed.warnings {
            session.warn(warning);
        }
    }
    match kept {
        Some(kept) => session.print(&format!("{}\n", kept.envelope()?)),
        None => Ok(()),
    }
}

/// What is stated, out of a file.
pub(super) fn predicate(session: &Session<'_>, context: &Context<'_>) -> Result<Predicate, Error> {
    let parsed = session.parsed;
    let path = parsed.given("predicate").ok_or_else(|| {
        Error::said("at least one of the flags in the group [predicate statement] is required")
    })?;
    let kind = parsed.text("type").unwrap_or("custom");
    if let Some(entry) = parsed.given("rekor-entry-type")
        && entry != "dsse"
    {
        return Err(Error::said(format!(
            "--rekor-entry-type: {entry} is not written, only dsse"
        )));
    }
    super::predicate::uri(kind)?;
    let content = session::read(path)?;
    session.say(&format!("Using payload from: {path}"));
    Ok(Predicate::new(kind, &content, context)?)
}

fn attach(upload: bool) -> Attach {
    match upload {
        true => Attach::Yes,
        false => Attach::No,
    }
}

fn targets(
    session: &Session<'_>,
    context: &Context<'_>,
    attachment: Option<&str>,
) -> Result<Vec<Target>, Error> {
    let images = session.parsed.arguments.iter();
    images
        .map(|image| {
            let reference = verify::reference(image)?;
            if reference.digest().is_none() {
                session.warn(&format!(
                    "{image} names a tag, which may be another image by now: sign what you mean by its \
                     digest"
                ));
            }
            Ok(Target::Image(match attachment {
                Some(kind) => verify::attached(context, &reference, kind)?,
                None => reference,
            }))
        })
        .collect()
}

/// A failure while something was done.
pub(super) fn during(before: &'static str, failure: sealwright::Failure) -> Error {
    Error::Failed {
        before,
        failure,
        exit: 1,
    }
}
