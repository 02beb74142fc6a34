//! `cosign sign-blob` and `cosign attest-blob`.

use std::path::Path;
use std::path::PathBuf;

use sealwright::AttestOptions;
use sealwright::SignOptions;
use sealwright::StorageOptions;
use sealwright_core::Base64;
use sealwright_core::Target;
use serde_json::Value;
use serde_json::json;

use super::error::Error;
use super::kept::Kept;
use super::session;
use super::session::Session;
use super::session::write_failed;
use super::sign;
use super::signing;
use crate::progress::Bar;

/// Runs `cosign sign-blob`.
pub(super) fn run(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    if let Some(algorithm) = parsed.given("signing-algorithm")
        && algorithm != "ecdsa-sha2-256-nistp256"
    {
        return Err(Error::said(format!(
            "--signing-algorithm: {algorithm} is not made up here; give a key of that kind with --key"
        )));
    }
    let bundle = parsed.given("bundle").map(PathBuf::from);
    let output = parsed
        .given("output-signature")
        .or_else(|| parsed.given("output"))
        .map(PathBuf::from);
    let certificate = parsed.given("output-certificate").map(PathBuf::from);
    let timestamp = parsed.given("rfc3161-timestamp").map(PathBuf::from);
    let base64 = parsed.is_on("b64");
    // Without any file named, the signature goes to standard output, as it always did.
    let kept = match (&bundle, &output) {
        (None, None) => Some(Kept::new()?),
        _ => None,
    };
    let options = SignOptions {
        storage: StorageOptions {
            bundle: bundle.clone(),
            bundle_form: signing::bundle_form(session),
            signature: output
                .clone()
                .or_else(|| kept.as_ref().map(Kept::signature)),
            certificate: certificate.clone(),
            ..StorageOptions::default()
        },
        signing: signing::options(session, &context)?,
        ..SignOptions::default()
    };
    session.all_read()?;
    for blob in &parsed.arguments {
        let target = target(blob);
        session.say(&format!("Using payload from: {blob}"));
        session.say("Signing artifact...");
        let mut made = sealwright::sign(&context, &[target], &options);
        let sealed = made
            .pop()
            .ok_or_else(|| Error::said(format!("{blob} was not signed")))?
            .map_err(|failure| sign::during("", failure))?;
        for warning in &sealed.warnings {
            session.warn(warning);
        }
        for (path, what) in [
            (&bundle, "bundle"),
            (&output, "signature"),
            (&certificate, "certificate"),
        ] {
            if let Some(path) = path {
                session.say(&format!("Wrote {what} to file {}", path.display()));
            }
        }
        if let (Some(path), false) = (&output, base64) {
            let signature = decoded(path)?;
            std::fs::write(path, signature).map_err(|error| write_failed(path, error))?;
        }
        if let Some(kept) = &kept {
            let text = session::read(&kept.signature().display().to_string())?;
            let text = String::from_utf8_lossy(&text);
            session.print(&format!("{}\n", text.trim_end()))?;
        }
        if let Some(path) = &timestamp {
            let made = bundle
                .clone()
                .unwrap_or_else(|| format!("{blob}.sigstore.json").into());
            write_timestamp(&made, path)?;
            session.say(&format!("Wrote timestamp to file {}", path.display()));
        }
    }
    Ok(())
}

/// Runs `cosign attest-blob`.
pub(super) fn attest(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let predicate = sign::predicate(session, &context)?;
    let bundle = parsed.given("bundle").map(PathBuf::from);
    let outputs: Vec<PathBuf> = ["output-attestation", "output-signature"]
        .into_iter()
        .filter_map(|flag| parsed.given(flag))
        .map(PathBuf::from)
        .collect();
    let timestamp = parsed.given("rfc3161-timestamp-bundle").map(PathBuf::from);
    let kept = Kept::new()?;
    let options = AttestOptions {
        storage: StorageOptions {
            bundle: Some(kept.bundle()),
            certificate: parsed.given("output-certificate").map(Into::into),
            ..StorageOptions::default()
        },
        signing: signing::options(session, &context)?,
    };
    parsed.is_on("new-bundle-format");
    session.all_read()?;
    let blob = session.argument().unwrap_or_default();
    session.say("Signing artifact...");
    let made = sealwright::attest(&context, &[target(blob)], &predicate, &options).pop();
    made.ok_or_else(|| Error::said(format!("{blob} was not signed")))?
        .map_err(|failure| sign::during("", failure))?;
    if let Some(path) = &bundle {
        let content = session::read(&kept.bundle().display().to_string())?;
        std::fs::write(path, content).map_err(|error| write_failed(path, error))?;
        session.say(&format!("Wrote bundle to file {}", path.display()));
    }
    let envelope = kept.envelope()?;
    for path in &outputs {
        std::fs::write(path, &envelope).map_err(|error| write_failed(path, error))?;
        session.say(&format!("Wrote attestation to file {}", path.display()));
    }
    if let Some(path) = &timestamp {
        write_timestamp(&kept.bundle(), path)?;
    }
    match (&bundle, outputs.is_empty()) {
        (None, true) => session.print(&format!("{envelope}\n")),
        _ => Ok(()),
    }
}

fn target(blob: &str) -> Target {
    match blob {
        "-" => Target::Stdin,
        path => Target::File(path.into()),
    }
}

fn decoded(path: &Path) -> Result<Vec<u8>, Error> {
    let text = session::read(&path.display().to_string())?;
    let text = String::from_utf8_lossy(&text);
    let decoded = Base64::decode(text.trim());
    Ok(decoded.map_err(|error| Error::said(error.to_string()))?.0)
}

/// The timestamp of a bundle, in the form cosign keeps one by itself.
fn write_timestamp(bundle: &Path, path: &Path) -> Result<(), Error> {
    let json = session::read(&bundle.display().to_string())?;
    let json: Value = serde_json::from_slice(&json).unwrap_or_default();
    let places =
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";
    let Some(timestamp) = json.pointer(places) else {
        return Err(Error::said(
            "no timestamp authority was asked: name one with --timestamp-server-url or in the signing \
             configuration",
        ));
    };
    let text = json!({ "SignedRFC3161Timestamp": timestamp }).to_string();
    std::fs::write(path, text).map_err(|error| write_failed(path, error))
}
