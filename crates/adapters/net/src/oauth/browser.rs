//! Logging in with a browser on this machine: authorization code with PKCE, and a redirect to a port
//! of ours on loopback.
//!
//! Requests without our `state` are not ours: they are answered and forgotten, so that no other page
//! can end the login. The token must carry our nonce.

use std::fmt;
use std::time::Duration;

use sealwright_core::Timestamp;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;
use url::form_urlencoded;

use super::Endpoint;
use super::Login;
use super::LoginFault;
use super::SCOPE;
use super::challenge;
use crate::Error;
use crate::Repeat;
use crate::http_service::ServerMessage;
use crate::oidc::IdentityToken;

/// A login that waits for a browser.
pub struct BrowserLogin<'a> {
    listener: TcpListener,
    login: &'a Login,
    nonce: String,
    page: Url,
    redirect: String,
    state: String,
    verifier: String,
}

impl fmt::Debug for BrowserLogin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserLogin")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Begins a login that a browser on this machine ends.
    ///
    /// # Errors
    /// `token.login-failed`.
    pub async fn browser(&self) -> Result<BrowserLogin<'_>, Error> {
        let page = self.provider.authorization_endpoint.clone();
        let Endpoint(mut page) = page.ok_or_else(|| {
            let endpoint = "authorization_endpoint";
            self.failed(LoginFault::Unsupported { endpoint })
        })?;
        let listen = |source| self.failed(LoginFault::Listen { source });
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(listen)?;
        let port = listener.local_addr().map_err(listen)?.port();
        let redirect = format!("http://localhost:{port}{CALLBACK}");
        let (nonce, state, verifier) = (self.random()?, self.random()?, self.random()?);
        page.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &redirect)
            .append_pair("scope", SCOPE)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &challenge(&verifier))
            .append_pair("code_challenge_method", "S256");
        Ok(BrowserLogin {
            listener,
            login: self,
            nonce,
            page,
            redirect,
            state,
            verifier,
        })
    }
}

impl BrowserLogin<'_> {
    /// The page to open.
    pub fn page(&self) -> &Url {
        &self.page
    }

    /// Waits until the person has logged in, but not longer than this.
    ///
    /// # Errors
    /// `token.login-failed`, `token.malformed`, `token.expired`, and those of
    /// [`crate::Client::exchange`].
    pub async fn token(self, now: Timestamp, wait: Duration) -> Result<IdentityToken, Error> {
        let code = match timeout(wait, self.code()).await {
            Ok(Ok(code)) => code,
            Ok(Err(message)) => return Err(self.login.failed(LoginFault::Refused { message })),
            Err(_) => return Err(self.login.failed(LoginFault::Timeout)),
        };
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", self.redirect.as_str()),
            ("code_verifier", self.verifier.as_str()),
        ];
        // A code is good for one time.
        let answer = self.login.ask_for_token(&form, Repeat::Never).await?;
        let token = self.login.token(&answer, now)?;
        if token.claims().nonce.as_ref() != Some(&self.nonce) {
            let (found, wanted) = ("a token of another login", "one with our nonce");
            return Err(self.login.failed(LoginFault::Answer { found, wanted }));
        }
        Ok(token)
    }

    /// Answers browsers until one brings the code, or a refusal. Browsers open connections they do
    /// not use, so several are served at once.
    async fn code(&self) -> Result<String, ServerMessage> {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    if let Ok((stream, _)) = accepted
                        && connections.len() < MAX_CONNECTIONS
                    {
                        connections.spawn(serve(stream, self.state.clone()));
                    }
                }
                Some(ended) = connections.join_next() => {
                    if let Ok(Some(outcome)) = ended {
                        return outcome;
                    }
                }
            }
        }
    }
}

/// Answers one request; gives what it brought if it is ours.
async fn serve(mut stream: TcpStream, state: String) -> Option<Result<String, ServerMessage>> {
    let head = timeout(PATIENCE, read_head(&mut stream)).await.ok()??;
    let outcome = outcome(&head, &state);
    let (status, text) = match &outcome {
        None => ("404 Not Found", "This is not the page of a login."),
        Some(Ok(_)) => ("200 OK", "You have logged in. This page can be closed."),
        Some(Err(_)) => (
            "403 Forbidden",
            "The login failed. This page can be closed.",
        ),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    // Whether the browser still listens changes nothing.
    let _ = timeout(PATIENCE, stream.write_all(answer.as_bytes())).await;
    outcome
}

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream
            .read(&mut piece)
            .await
            .ok()
            .filter(|&count| count > 0)?;
        head.extend_from_slice(piece.get(..count)?);
        if head.len() > MAX_HEAD_BYTES {
            return None;
        }
    }
    String::from_utf8(head).ok()
}

/// The code or the error that a request to our address brings.
fn outcome(head: &str, state: &str) -> Option<Result<String, ServerMessage>> {
    let target = head
        .lines()
        .next()?
        .strip_prefix("GET ")?
        .split(' ')
        .next()?;
    let (path, query) = target.split_once('?')?;
    let value = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    };
    if path != CALLBACK || value("state")? != state {
        return None;
    }
    match (
        value("code"),
        value("error_description").or_else(|| value("error")),
    ) {
        (_, Some(error)) => Some(Err(ServerMessage::of(error.as_bytes()))),
        (Some(code), None) => Some(Ok(code)),
        (None, None) => None,
    }
}

const CALLBACK: &str = "/auth/callback";
const MAX_CONNECTIONS: usize = 32;
const MAX_HEAD_BYTES: usize = 16 << 10;
const PATIENCE: Duration = Duration::from_secs(30);
