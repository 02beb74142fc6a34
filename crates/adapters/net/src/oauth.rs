//! Logging in at an issuer of identity tokens: as a service, on another device, in a browser.
//!
//! RFC 6749 section 4.4 (client credentials), RFC 8628 (device), RFC 6749 section 4.1 with RFC 7636
//! (PKCE) and RFC 8252 section 7.3 (loopback redirect) for browsers; OpenID Connect Discovery 1.0.
//! Nothing is shown or opened here: whoever calls does that. What comes of it is an identity token,
//! unverified as all of them.

mod browser;
mod device;

use std::fmt;

use http::Method;
use http::StatusCode;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_crypto::random_bytes;
use serde::Deserialize;
use url::Url;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::Answer;
use crate::Client;
use crate::Error;
use crate::Repeat;
use crate::Request;
use crate::http_service;
use crate::http_service::ServerMessage;
use crate::oidc::IdentityToken;
use crate::redirect;

pub use self::browser::BrowserLogin;
pub use self::device::DeviceLogin;

/// The client id everybody uses at Sigstore's issuers.
pub const DEFAULT_CLIENT_ID: &str = "sigstore";

/// Why a login came to no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginFault {
    /// The issuer answered with something else than is its job.
    #[error("its answer is {found}, wanted {wanted}")]
    Answer {
        /// What it answered.
        found: &'static str,
        /// What it should have answered.
        wanted: &'static str,
    },
    /// There is no listening for the browser.
    #[error("this machine gives no port to listen on: {source}")]
    Listen {
        /// Why.
        source: std::io::Error,
    },
    /// There is no randomness.
    #[error("{source}")]
    Random {
        /// Why.
        source: sealwright_crypto::Error,
    },
    /// It refused, or the person did.
    #[error("refused: {message}")]
    Refused {
        /// What it says.
        message: ServerMessage,
    },
    /// Nobody logged in.
    #[error("nobody logged in in time")]
    Timeout,
    /// The issuer offers no such login.
    #[error("it has no {endpoint}")]
    Unsupported {
        /// What it lacks.
        endpoint: &'static str,
    },
}

/// An issuer and how we are known to it.
pub struct Login {
    client: Client,
    client_id: String,
    client_secret: Option<Zeroizing<String>>,
    issuer: Url,
    provider: Provider,
}

/// What discovery says.
#[derive(Debug, Deserialize)]
struct Provider {
    authorization_endpoint: Option<Endpoint>,
    device_authorization_endpoint: Option<Endpoint>,
    issuer: String,
    token_endpoint: Endpoint,
}

/// A URL in JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Endpoint(Url);

impl TryFrom<String> for Endpoint {
    type Error = url::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("client_id", &self.client_id)
            .field("issuer", &self.issuer.as_str())
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Asks an issuer where its endpoints are.
    ///
    /// # Errors
    /// `token.login-failed`, and those of [`Client::exchange`].
    pub async fn discover(client: Client, issuer: Url, client_id: &str) -> Result<Self, Error> {
        const WANTED: &str = "a description of this issuer";
        let url = http_service::endpoint(&issuer, ".well-known/openid-configuration");
        let answer = client
            .exchange(&Request::new(Method::GET, url), MAX_ANSWER_BYTES)
            .await?;
        let fault = |found| {
            let wanted = WANTED;
            failed(&issuer, LoginFault::Answer { found, wanted })
        };
        if answer.status != StatusCode::OK {
            return Err(refused(&issuer, &answer));
        }
        let provider: Provider =
            canonical_json::from_slice(&answer.body).map_err(|_| fault("something else"))?;
        let bare = |url: &str| url.trim_end_matches('/').to_owned();
        if bare(&provider.issuer) != bare(issuer.as_str()) {
            return Err(fault("one of another issuer"));
        }
        let endpoints = [
            Some(&provider.token_endpoint),
            provider.authorization_endpoint.as_ref(),
            provider.device_authorization_endpoint.as_ref(),
        ];
        for endpoint in endpoints.into_iter().flatten() {
            redirect::check_hop(&issuer, &endpoint.0)?;
        }
        Ok(Self {
            client,
            client_id: client_id.to_owned(),
            client_secret: None,
            issuer,
            provider,
        })
    }

    /// The same with a secret by which the issuer knows the client.
    #[must_use]
    pub fn with_secret(mut self, secret: Zeroizing<String>) -> Self {
        self.client_secret = Some(secret);
        self
    }

    /// Logs in as the client itself.
    ///
    /// # Errors
    /// `token.login-failed`, `token.malformed`, `token.expired`, and those of [`Client::exchange`].
    pub async fn client_credentials(&self, now: Timestamp) -> Result<IdentityToken, Error> {
        let form = [("grant_type", "client_credentials"), ("scope", SCOPE)];
        let answer = self.ask_for_token(&form, Repeat::Allowed).await?;
        self.token(&answer, now)
    }

    async fn ask_for_token(&self, form: &[(&str, &str)], repeat: Repeat) -> Result<Answer, Error> {
        self.post(self.provider.token_endpoint.0.clone(), form, repeat)
            .await
    }

    /// Posts a form with our id and secret.
    async fn post(&self, url: Url, form: &[(&str, &str)], repeat: Repeat) -> Result<Answer, Error> {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(form)
            .append_pair("client_id", &self.client_id);
        if let Some(secret) = &self.client_secret {
            text.append_pair("client_secret", secret);
        }
        let request = http_service::post(url, FORM, text.finish()).repeat(repeat);
        self.client.exchange(&request, MAX_ANSWER_BYTES).await
    }

    /// The token in an answer of the token endpoint.
    fn token(&self, answer: &Answer, now: Timestamp) -> Result<IdentityToken, Error> {
        #[derive(Deserialize)]
        struct Wire {
            id_token: String,
        }
        if answer.status != StatusCode::OK {
            return Err(refused(&self.issuer, answer));
        }
        let wire: Wire = canonical_json::from_slice(&answer.body).map_err(|_| {
            let (found, wanted) = ("something else", "JSON with an id_token");
            failed(&self.issuer, LoginFault::Answer { found, wanted })
        })?;
        let token = IdentityToken::parse(&Zeroizing::new(wire.id_token))?;
        token.check_unexpired(now)?;
        Ok(token)
    }

    fn failed(&self, fault: LoginFault) -> Error {
        failed(&self.issuer, fault)
    }

    fn random(&self) -> Result<String, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        random_bytes(&mut *bytes).map_err(|source| self.failed(LoginFault::Random { source }))?;
        Ok(base64url(&*bytes))
    }
}

/// RFC 7636 section 4.2, method S256.
fn challenge(verifier: &str) -> String {
    base64url(Digest::sha256(verifier.as_bytes()).as_bytes())
}

fn base64url(bytes: &[u8]) -> String {
    let text = Base64::encode(bytes);
    text.trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_")
}

fn failed(issuer: &Url, fault: LoginFault) -> Error {
    Error::TokenLoginFailed {
        issuer: issuer.into(),
        fault,
    }
}

fn refused(issuer: &Url, answer: &Answer) -> Error {
    let message = ServerMessage::of(&answer.body);
    failed(issuer, LoginFault::Refused { message })
}

const FORM: &str = "application/x-www-form-urlencoded";
const MAX_ANSWER_BYTES: u64 = 256 << 10;
const SCOPE: &str = "openid email";

#[cfg(test)]
mod tests;
