//! Logging in on another device (RFC 8628), with PKCE as Sigstore's clients do.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::Endpoint;
use super::Login;
use super::LoginFault;
use super::SCOPE;
use super::challenge;
use super::refused;
use crate::Error;
use crate::Repeat;
use crate::oidc::IdentityToken;

/// A login that waits for a person.
pub struct DeviceLogin<'a> {
    login: &'a Login,
    verifier: String,
    wire: Wire,
}

impl fmt::Debug for DeviceLogin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceLogin")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Wire {
    device_code: String,
    user_code: String,
    verification_uri: Endpoint,
    verification_uri_complete: Option<Endpoint>,
    expires_in: Option<u32>,
    interval: Option<u32>,
}

impl Login {
    /// Begins a login that a person ends elsewhere.
    ///
    /// # Errors
    /// `token.login-failed`, and those of [`crate::Client::exchange`].
    pub async fn device(&self) -> Result<DeviceLogin<'_>, Error> {
        let url = self.provider.device_authorization_endpoint.clone();
        let Endpoint(url) = url.ok_or_else(|| {
            let endpoint = "device_authorization_endpoint";
            self.failed(LoginFault::Unsupported { endpoint })
        })?;
        let verifier = self.random()?;
        let challenge = challenge(&verifier);
        let form = [
            ("scope", SCOPE),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let answer = self.post(url, &form, Repeat::Allowed).await?;
        if answer.status != StatusCode::OK {
            return Err(refused(&self.issuer, &answer));
        }
        let wire = canonical_json::from_slice(&answer.body).map_err(|_| {
            let (found, wanted) = ("something else", "a code for a device");
            self.failed(LoginFault::Answer { found, wanted })
        })?;
        Ok(DeviceLogin {
            login: self,
            verifier,
            wire,
        })
    }
}

impl DeviceLogin<'_> {
    /// The page the person visits. Not checked: it may be shown, escaped, and is not opened.
    pub fn page(&self) -> &Url {
        let Wire {
            verification_uri_complete: complete,
            verification_uri: page,
            ..
        } = &self.wire;
        &complete.as_ref().unwrap_or(page).0
    }

    /// What the page asks for. Untrusted text.
    pub fn code(&self) -> &str {
        &self.wire.user_code
    }

    /// Waits until the person has logged in, or the code is no longer valid.
    ///
    /// # Errors
    /// `token.login-failed`, `token.malformed`, `token.expired`, and those of
    /// [`crate::Client::exchange`].
    pub async fn token(&self, now: Timestamp) -> Result<IdentityToken, Error> {
        let lifetime = self.wire.expires_in.unwrap_or(LIFETIME).min(LIFETIME);
        let end = Instant::now() + Duration::from_secs(lifetime.into());
        let mut interval = self.wire.interval.unwrap_or(INTERVAL);
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", self.wire.device_code.as_str()),
            ("code_verifier", self.verifier.as_str()),
        ];
        loop {
            let next = Instant::now() + Duration::from_secs(interval.into());
            if next >= end {
                return Err(self.login.failed(LoginFault::Timeout));
            }
            tokio::time::sleep_until(next).await;
            let answer = self.login.ask_for_token(&form, Repeat::Allowed).await?;
            if answer.status == StatusCode::OK {
                return self.login.token(&answer, now);
            }
            interval = next_interval(interval, &answer.body)
                .ok_or_else(|| refused(&self.login.issuer, &answer))?;
        }
    }
}

/// How long to wait before asking again (RFC 8628 section 3.5); `None` when there is no point.
pub(super) fn next_interval(interval: u32, body: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let refusal: Refusal = canonical_json::from_slice(body).ok()?;
    match refusal.error.as_str() {
        "authorization_pending" => Some(interval),
        "slow_down" => interval.checked_add(5),
        _ => None,
    }
}

/// Seconds between two questions, unless the issuer says otherwise.
const INTERVAL: u32 = 5;
/// Seconds after which nobody comes any more.
const LIFETIME: u32 = 1800;
