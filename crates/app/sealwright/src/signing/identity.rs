//! Who signs: where the identity token comes from, and whether a certificate is about the same.

use std::time::Duration;

use sealwright_core::Identity;
use sealwright_core::IdentityKind;
use sealwright_crypto::Certificate;
use sealwright_net::oauth::DEFAULT_CLIENT_ID;
use sealwright_net::oauth::Login;
use sealwright_net::oidc::Ambient;
use sealwright_net::oidc::DEFAULT_AUDIENCE;
use sealwright_net::oidc::IdentityToken;
use zeroize::Zeroizing;

use super::Announcement;
use super::IdentityOptions;
use super::OidcFlow;
use super::remote::Services;
use super::remote::url;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::error::SigningLack;
use crate::passphrase_from_file;

/// How long a person may take to log in.
const LOGIN_WAIT: Duration = Duration::from_secs(300);

/// Gets an identity token.
pub(super) fn token(
    context: &Context<'_>,
    options: &IdentityOptions,
    services: &Services,
) -> Result<IdentityToken, Failure> {
    let now = context.clock.now();
    let runtime = &services.runtime;
    if let Some(text) = &options.token {
        return Ok(runtime.block_on(IdentityToken::given(text, now))?);
    }
    if let Some(path) = &options.token_file {
        return Ok(runtime.block_on(IdentityToken::from_file(path, now))?);
    }
    let ambient = Ambient::new(context.variable);
    let flow = match options.flow {
        Some(flow) => flow,
        None if runtime.block_on(ambient.detect()).is_some() => OidcFlow::Ambient,
        // Nobody is there to visit a page.
        None if !context.progress.is_interactive() => OidcFlow::Ambient,
        None => OidcFlow::Browser,
    };
    if flow == OidcFlow::Ambient {
        let audience = options.client_id.as_deref().unwrap_or(DEFAULT_AUDIENCE);
        let (_, token) = runtime.block_on(ambient.token(&services.client, audience, now))?;
        return Ok(token);
    }
    let issuer = options.issuer.as_ref().or(services.issuer.as_ref());
    let issuer = url(issuer.ok_or(Error::SigningIncomplete(SigningLack::Issuer))?)?;
    let client_id = options.client_id.as_deref().unwrap_or(DEFAULT_CLIENT_ID);
    let secret = match &options.client_secret_file {
        Some(path) => {
            let secret = passphrase_from_file(path)?;
            let text = String::from_utf8_lossy(secret.as_bytes()).into_owned();
            Some(Zeroizing::new(text))
        }
        None => None,
    };
    runtime.block_on(async {
        let mut login = Login::discover(services.client.clone(), issuer, client_id).await?;
        if let Some(secret) = secret {
            login = login.with_secret(secret);
        }
        let say = |page: &str, code: Option<&str>| {
            context.progress.say(&Announcement::Login { page, code });
        };
        Ok(match flow {
            OidcFlow::ClientCredentials => login.client_credentials(now).await?,
            OidcFlow::Device => {
                let begun = login.device().await?;
                say(begun.page().as_str(), Some(begun.code()));
                begun.token(now).await?
            }
            OidcFlow::Browser | OidcFlow::Ambient => {
                let begun = login.browser().await?;
                say(begun.page().as_str(), None);
                begun.token(now, LOGIN_WAIT).await?
            }
        })
    })
}

/// Whom a certificate names, when that may be whom the token is about.
///
/// Authorities have rules of their own for how an identity is made of a token. An address names a
/// person, who must be the one of the token; a URI names what runs, which has to be what the token
/// says where it says that. The issuer must be the token's, or the one it passes on.
pub(super) fn check(
    token: &IdentityToken,
    leaf: &Certificate,
) -> Result<(Identity, String), Failure> {
    let claims = token.claims();
    let other = |found: String| {
        let wanted = format!("{} of {}", token.proof_subject(), claims.issuer);
        Failure::from(Error::OtherIdentity { found, wanted })
    };
    let Some(identity) = leaf.identity() else {
        return Err(other("nobody".to_owned()));
    };
    let issuer = leaf.issuer_claim().unwrap_or_default();
    let found = || format!("{identity} of {issuer}");
    let is_issuer =
        issuer == claims.issuer || claims.federated_issuer.as_deref() == Some(issuer.as_str());
    let value = identity.value();
    let is_named = |name: &Option<String>| {
        let name = name.as_deref();
        name.is_some_and(|name| value == name)
    };
    let is_subject = match (identity.kind(), &claims.email, &claims.workflow) {
        _ if is_named(&claims.email) || is_named(&claims.subject) => true,
        (IdentityKind::Uri, None, Some(workflow)) => {
            let rest = value.strip_prefix("https://");
            rest.is_some_and(|rest| {
                rest == workflow
                    || rest
                        .split_once('/')
                        .is_some_and(|(_, path)| path == workflow)
            })
        }
        (IdentityKind::Uri, None, None) => true,
        // `subject!domain`
        (IdentityKind::OtherName, None, _) => value
            .split_once('!')
            .is_some_and(|(name, _)| claims.subject.as_deref() == Some(name)),
        _ => false,
    };
    if is_issuer && is_subject {
        return Ok((identity.clone(), issuer));
    }
    Err(other(found()))
}
