//! With what, as whom and where something is signed, as cosign's flags say it.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use sealwright::BundleForm;
use sealwright::Context;
use sealwright::IdentityOptions;
use sealwright::KeyReference;
use sealwright::LogUse;
use sealwright::LogVersion;
use sealwright::OidcFlow;
use sealwright::ServiceUrls;
use sealwright::SigningOptions;
use sealwright::SigningServices;
use sealwright::StorageForm;

use super::error::Error;
use super::session::Session;
use crate::passphrase;

/// The options to sign with. Asks for a key's passphrase.
pub(super) fn options(
    session: &Session<'_>,
    context: &Context<'_>,
) -> Result<SigningOptions, Error> {
    let parsed = session.parsed;
    let logs = logs(session);
    let yes = parsed.is_on("yes") || parsed.is_on("force");
    let reference = parsed.given("key");
    let services = services(session, context)?;
    let identity = identity(session)?;
    if !yes && (reference.is_none() || logs != LogUse::None) {
        return Err(Error::said(
            "the signature, and without a key who signs, is written into a transparency log, and what \
             is in one cannot be removed: say --yes if that is what you want",
        ));
    }
    let key = match reference {
        Some(text) => {
            let reference: KeyReference = text
                .parse()
                .map_err(|error| Error::said(format!("reading key: {error}")))?;
            let key = sealwright::open_signing_key(context, &reference, &passphrase::Ambient)?;
            Some(Arc::new(key))
        }
        None => None,
    };
    Ok(SigningOptions {
        services,
        key,
        identity,
        logs,
    })
}

fn logs(session: &Session<'_>) -> LogUse {
    let parsed = session.parsed;
    let none = !parsed.is_on("tlog-upload") || parsed.is_on("no-tlog-upload");
    match (none, parsed.given("rekor-url")) {
        (true, _) => LogUse::None,
        (false, Some(_)) => LogUse::Version(LogVersion::V1),
        (false, None) => LogUse::Configured,
    }
}

fn services(session: &Session<'_>, context: &Context<'_>) -> Result<SigningServices, Error> {
    let parsed = session.parsed;
    let root = parsed.given("trusted-root").map(PathBuf::from);
    let named = [
        parsed.given("fulcio-url"),
        parsed.given("rekor-url"),
        parsed.given("timestamp-server-url"),
    ];
    let by_url = named.iter().any(Option::is_some);
    let use_config = parsed.is_on("use-signing-config");
    if let Some(path) = parsed.given("signing-config") {
        if by_url {
            return Err(Error::said(
                "--signing-config says which services are used: leave out --fulcio-url, --rekor-url \
                 and --timestamp-server-url",
            ));
        }
        return Ok(SigningServices::Files {
            signing_config: path.into(),
            trusted_root: root,
        });
    }
    if by_url || !use_config || root.is_some() {
        let urls = ServiceUrls {
            certificate_authority: parsed.text("fulcio-url").map(str::to_owned),
            log: parsed.text("rekor-url").map(str::to_owned),
            timestamp_authority: parsed.given("timestamp-server-url").map(str::to_owned),
            token_issuer: parsed.text("oidc-issuer").map(str::to_owned),
        };
        return Ok(sealwright::services_at(context, urls, root.as_deref())?);
    }
    Ok(SigningServices::Profile)
}

fn identity(session: &Session<'_>) -> Result<IdentityOptions, Error> {
    let parsed = session.parsed;
    let ambient = parsed.given("oidc-provider").is_some();
    let no_ambient = parsed.is_on("oidc-disable-ambient-providers");
    let token = parsed.given("identity-token");
    let is_file = token.is_some_and(|token| Path::new(token).exists());
    let flow = match parsed.given("fulcio-auth-flow") {
        Some("normal") => Some(OidcFlow::Browser),
        Some("device") => Some(OidcFlow::Device),
        Some("client_credentials") => Some(OidcFlow::ClientCredentials),
        Some("token") if token.is_some() => None,
        Some("token") => {
            return Err(Error::said(
                "--fulcio-auth-flow token needs --identity-token",
            ));
        }
        Some(other) => {
            return Err(Error::said(format!(
                "--fulcio-auth-flow is {other:?}, wanted normal, device, token or client_credentials"
            )));
        }
        None if ambient => Some(OidcFlow::Ambient),
        None if no_ambient => Some(OidcFlow::Browser),
        None => None,
    };
    Ok(IdentityOptions {
        token: token
            .filter(|_| !is_file)
            .map(|token| token.to_owned().into()),
        token_file: token.filter(|_| is_file).map(PathBuf::from),
        flow,
        issuer: parsed.given("oidc-issuer").map(str::to_owned),
        client_id: parsed.given("oidc-client-id").map(str::to_owned),
        client_secret_file: parsed.given("oidc-client-secret-file").map(PathBuf::from),
    })
}

/// How evidence of images is kept.
pub(super) fn form(session: &Session<'_>) -> Result<StorageForm, Error> {
    let parsed = session.parsed;
    let new = parsed.is_on("new-bundle-format");
    match (parsed.given("registry-referrers-mode"), new) {
        (None | Some("legacy" | "oci-1-1"), true) => Ok(StorageForm::Bundle),
        (None | Some("legacy"), false) => Ok(StorageForm::LegacyTag),
        (Some("oci-1-1"), false) => Ok(StorageForm::LegacyReferrer),
        (Some(other), _) => Err(Error::said(format!(
            "invalid argument {other:?} for \"--registry-referrers-mode\" flag: wanted legacy or oci-1-1"
        ))),
    }
}

/// Which bundle is written into a file.
pub(super) fn bundle_form(session: &Session<'_>) -> BundleForm {
    match session.parsed.is_on("new-bundle-format") {
        true => BundleForm::Sigstore,
        false => BundleForm::Legacy,
    }
}
