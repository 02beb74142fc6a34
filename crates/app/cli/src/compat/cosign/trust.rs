//! What is trusted and checked, as cosign's flags and variables say it.

use std::path::PathBuf;

use sealwright::LogCheck;
use sealwright::SctCheck;
use sealwright::Signer;
use sealwright::TimestampCheck;
use sealwright::TrustParts;
use sealwright::VerifyOptions;

use super::error::Error;
use super::session::Session;
use crate::env;

/// What is looked at, in warnings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum About {
    Attestation,
    Blob,
    Signature,
}

/// The options to verify with. Warns of each check that is left out.
pub(super) fn options(
    session: &Session<'_>,
    signer: Signer,
    about: About,
) -> Result<VerifyOptions, Error> {
    let parsed = session.parsed;
    if parsed.text("max-workers") == Some("0") {
        return Err(Error::said(
            "please set the --max-worker flag to a value that is greater than 0",
        ));
    }
    if let Some(algorithm) = parsed.given("signature-digest-algorithm")
        && algorithm != "sha256"
    {
        return Err(Error::said(format!(
            "--signature-digest-algorithm: {algorithm} is not supported, only sha256"
        )));
    }
    let what = match about {
        About::Attestation => "attestation",
        About::Blob => "blob",
        About::Signature => "signature",
    };
    let mut options = VerifyOptions {
        signer: Some(signer),
        trusted_root: parsed.given("trusted-root").map(PathBuf::from),
        trust_parts: parts(session)?,
        ..VerifyOptions::default()
    };
    let private = parsed.is_on("private-infrastructure");
    if parsed.is_on("insecure-ignore-tlog") || private {
        options.logs = LogCheck::IgnoreUnsafe;
        session.warn(&format!(
            "no transparency log is looked at: nobody who watches one learns of this {what}"
        ));
    }
    if parsed.is_on("insecure-ignore-sct") {
        options.scts = SctCheck::IgnoreUnsafe;
        session.warn(
            "no promise of a certificate log is looked at: nobody who watches one learns of the \
             certificate",
        );
    }
    if parsed.is_on("use-signed-timestamps")
        || parsed.given("timestamp-certificate-chain").is_some()
    {
        options.timestamps = TimestampCheck::Require;
    }
    Ok(options)
}

/// Parts of the trusted root that are named one by one, by flags before variables.
fn parts(session: &Session<'_>) -> Result<TrustParts, Error> {
    let parsed = session.parsed;
    let flag = |name: &'static str| parsed.given(name).map(PathBuf::from);
    let variable = |name: &str| env::read(name).map(PathBuf::from);
    let roots = flag("ca-roots");
    let intermediates = flag("ca-intermediates");
    if roots.is_none() && intermediates.is_some() {
        return Err(Error::said("--ca-intermediates needs --ca-roots"));
    }
    let parts = TrustParts {
        authority_chain: match roots {
            Some(_) => None,
            None => flag("certificate-chain").or_else(|| variable(env::SIGSTORE_ROOT_FILE)),
        },
        authority_roots: roots,
        authority_intermediates: intermediates,
        log_key: variable(env::SIGSTORE_REKOR_PUBLIC_KEY),
        certificate_log_key: variable(env::SIGSTORE_CT_LOG_PUBLIC_KEY_FILE),
        timestamp_chain: flag("timestamp-certificate-chain")
            .or_else(|| variable(env::SIGSTORE_TSA_CERTIFICATE_FILE)),
    };
    if !parts.is_empty() && parsed.given("trusted-root").is_some() {
        return Err(Error::said(
            "--trusted-root says all there is to trust: leave out --ca-roots, \
             --certificate-chain, --timestamp-certificate-chain and SIGSTORE_…_FILE",
        ));
    }
    Ok(parts)
}
