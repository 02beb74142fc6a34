//! Commands about what is stored with images: `attach`, `download`, `tree`, `copy`, `save`, `load`,
//! `clean`, and `bundle`. Native verbs do them; what they say of it goes to standard error, as
//! cosign's standard output is data alone.

use super::error::Error;
use super::native::Output;
use super::native::run;
use super::predicate;
use super::session::Session;
use super::verify;

/// Runs `cosign attach attestation`.
pub(super) fn attach_attestation(session: &Session<'_>) -> Result<(), Error> {
    let files = session.parsed.list("attestation");
    if files.is_empty() {
        return Err(Error::said("name the file with --attestation"));
    }
    let image = image(session, 0)?;
    for file in files {
        let line = ["attach", "attestation", &file, &image];
        run(session, line.map(str::to_owned).into(), Output::Talk)?;
    }
    Ok(())
}

/// Runs `cosign attach sbom`.
pub(super) fn attach_sbom(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let file = needed(session, "sbom")?;
    if parsed
        .given("registry-referrers-mode")
        .is_some_and(|mode| mode != "legacy")
    {
        return Err(Error::said(
            "--registry-referrers-mode: an SBOM is attached under a tag; `cosign attest` makes a signed \
             referrer of one",
        ));
    }
    let format = parsed.given("input-format");
    let is = |name: &str| {
        format == Some(name) || (format.is_none() && file.ends_with(&format!(".{name}")))
    };
    let kind = parsed.text("type").unwrap_or("spdx");
    let media_type = match kind {
        "spdx" if is("json") => "text/spdx+json",
        "spdx" if is("xml") => "text/spdx+xml",
        "spdx" => "text/spdx",
        "cyclonedx" if is("json") => "application/vnd.cyclonedx+json",
        "cyclonedx" => "application/vnd.cyclonedx+xml",
        "syft" => "application/vnd.syft+json",
        other => return Err(Error::said(format!("unknown SBOM type: {other}"))),
    };
    session.warn("an SBOM that is attached is signed by nobody; `cosign attest` signs one");
    let image = image(session, 0)?;
    let line = ["attach", "sbom", &file, &image, "--media-type", media_type];
    run(session, line.map(str::to_owned).into(), Output::Talk)
}

/// Runs `cosign attach signature`.
pub(super) fn attach_signature(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let file = needed(session, "signature")?;
    if parsed.given("rekor-response").is_some() {
        return Err(Error::said(
            "--rekor-response: give the log's promise with --bundle",
        ));
    }
    let image = image(session, 0)?;
    let mut line: Vec<String> = ["attach", "signature", &file, &image]
        .map(str::to_owned)
        .into();
    for (flag, native) in [
        ("payload", "payload"),
        ("certificate", "certificate"),
        ("certificate-chain", "certificate-chain"),
        ("bundle", "rekor-bundle"),
        ("tsr", "timestamp"),
    ] {
        push(session, &mut line, flag, native);
    }
    run(session, line, Output::Talk)
}

/// Runs `cosign download …`.
pub(super) fn download(session: &Session<'_>, what: &str) -> Result<(), Error> {
    let image = image(session, 0)?;
    let mut line: Vec<String> = ["download", what, &image].map(str::to_owned).into();
    push(session, &mut line, "platform", "platform");
    if let Some(kind) = session.parsed.given("predicate-type") {
        line.push(format!("--predicate-type={}", predicate::uri(kind)?));
    }
    run(session, line, Output::Data)
}

/// Runs `cosign tree`.
pub(super) fn tree(session: &Session<'_>) -> Result<(), Error> {
    session.parsed.given("registry-referrers-mode");
    let image = image(session, 0)?;
    run(session, vec!["tree".to_owned(), image], Output::Data)
}

/// Runs `cosign copy`.
pub(super) fn copy(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let (from, to) = (image(session, 0)?, image(session, 1)?);
    let mut line: Vec<String> = ["copy", &from, &to].map(str::to_owned).into();
    push(session, &mut line, "platform", "platform");
    let mut only = parsed.list("only");
    if parsed.is_on("sig-only") {
        only.push("sig".to_owned());
    }
    for kind in only {
        let kind = match kind.as_str() {
            "sig" | "signature" => "signature",
            "att" | "attestation" => "attestation",
            "sbom" => "sbom",
            other => {
                return Err(Error::said(format!(
                    "--only: {other} is none of sig, att, sbom"
                )));
            }
        };
        line.push(format!("--only={kind}"));
    }
    run(session, line, Output::Talk)
}

/// Runs `cosign save`.
pub(super) fn save(session: &Session<'_>) -> Result<(), Error> {
    let directory = needed(session, "dir")?;
    let line = vec!["save".to_owned(), image(session, 0)?, directory];
    run(session, line, Output::Talk)
}

/// Runs `cosign load`.
pub(super) fn load(session: &Session<'_>) -> Result<(), Error> {
    let directory = needed(session, "dir")?;
    let line = vec!["load".to_owned(), directory, image(session, 0)?];
    run(session, line, Output::Talk)
}

/// Runs `cosign clean`.
pub(super) fn clean(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let kind = parsed.text("type").unwrap_or("all");
    let mut line = vec![
        "clean".to_owned(),
        image(session, 0)?,
        format!("--type={kind}"),
    ];
    if parsed.is_on("force") {
        line.push("--yes".to_owned());
    }
    run(session, line, Output::Talk)
}

/// Runs `cosign bundle create`.
pub(super) fn bundle_create(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let mut line: Vec<String> = ["bundle", "create"].map(str::to_owned).into();
    for (flag, native) in [
        ("artifact", "artifact"),
        ("attestation", "attestation"),
        ("bundle", "old-bundle"),
        ("certificate", "certificate"),
        ("key", "key"),
        ("signature", "signature"),
        ("rfc3161-timestamp", "timestamp"),
        ("out", "out"),
    ] {
        push(session, &mut line, flag, native);
    }
    if !parsed.is_on("ignore-tlog") && parsed.given("bundle").is_none() {
        return Err(Error::said(
            "no log entry was given: give the old bundle with --bundle, or say --ignore-tlog",
        ));
    }
    run(session, line, Output::Data)
}

/// Runs `cosign bundle inspect`.
pub(super) fn bundle_inspect(session: &Session<'_>) -> Result<(), Error> {
    let bundle = session.argument().unwrap_or_default();
    let line = ["bundle", "inspect", bundle].map(str::to_owned);
    run(session, line.into(), Output::Data)
}

/// Runs `cosign bundle upgrade`.
pub(super) fn bundle_upgrade(session: &Session<'_>) -> Result<(), Error> {
    let bundle = session.argument().unwrap_or_default();
    let mut line: Vec<String> = ["bundle", "upgrade", bundle].map(str::to_owned).into();
    push(session, &mut line, "out", "out");
    run(session, line, Output::Data)
}

/// An argument that is an image, as the native verbs want it: with its registry.
fn image(session: &Session<'_>, place: usize) -> Result<String, Error> {
    session.may_be_about_images()?;
    let text = session
        .parsed
        .arguments
        .get(place)
        .map_or("", String::as_str);
    Ok(verify::reference(text)?.to_string())
}

fn needed(session: &Session<'_>, flag: &'static str) -> Result<String, Error> {
    let given = session.parsed.given(flag).map(str::to_owned);
    given.ok_or_else(|| Error::said(format!("required flag(s) \"{flag}\" not set")))
}

fn push(session: &Session<'_>, line: &mut Vec<String>, flag: &'static str, native: &str) {
    if let Some(value) = session.parsed.given(flag) {
        line.push(format!("--{native}={value}"));
    }
}
