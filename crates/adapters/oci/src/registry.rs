//! A client of registries (OCI distribution-spec v1.1).
//!
//! Plain HTTP is spoken to registries on this machine alone. A registry is asked without credentials
//! first; only when it refuses are they looked up and a token fetched, which then serves all requests
//! for the same repository. Making a [`Registry`] builds no client and opens no connection.

use std::path::PathBuf;
use std::sync::Arc;

use http::StatusCode;
use sealwright_core::Reference;
use sealwright_files::ByteCount;
use sealwright_net::Answer;
use sealwright_net::Client;
use sealwright_net::Download;
use sealwright_net::HeaderMap;
use sealwright_net::Request;
use sealwright_net::Url;
use sealwright_net::header;
use serde::Deserialize;

use self::auth::Access;
use self::auth::Authorization;
use self::auth::Authorizations;
use self::auth::Wish;
use crate::Error;
use crate::Limits;
use crate::error::Place;

mod attach;
mod auth;
mod blobs;
mod challenge;
mod credentials;
mod legacy;
mod pull;
mod push;
mod referrers;
mod remove;
mod stored;

/// What a registry client needs to know.
#[derive(Clone, Debug)]
pub struct RegistryOptions {
    /// Files that may hold credentials, the first that knows the registry counts: docker's
    /// `config.json`, podman's `auth.json`.
    pub credential_files: Vec<PathBuf>,
    /// Patience and proxy.
    pub http: sealwright_net::Options,
    /// How much is read.
    pub limits: Limits,
    /// A directory, made when needed, for the locks by which processes on this machine take turns
    /// in changing a fallback tag. Without one they rely on reading back alone.
    pub lock_directory: Option<PathBuf>,
    /// A directory that exists, for layers while they are read.
    pub spool_directory: PathBuf,
    /// Counts the bytes of layers as they come, and of blobs once they are written.
    pub transferred: ByteCount,
}

/// A client of registries. Clones share connections and tokens.
#[derive(Clone, Debug)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    authorizations: Authorizations,
    client: Client,
    options: RegistryOptions,
}

impl Registry {
    /// Makes a client; nothing is opened or built until the first request.
    pub fn new(options: RegistryOptions) -> Self {
        Self {
            inner: Arc::new(Inner {
                authorizations: Authorizations::default(),
                client: Client::new(options.http.clone()),
                options,
            }),
        }
    }

    /// The repository, and the image in it, that a reference names.
    pub fn repository(&self, reference: &Reference) -> Repository {
        Repository {
            reference: reference.clone(),
            registry: self.clone(),
        }
    }

    fn transport_error(&self, registry: &str, source: sealwright_net::Error) -> Error {
        Error::Transport {
            registry: registry.to_owned(),
            source,
        }
    }

    fn malformed_answer(&self, wish: &Wish<'_>, reason: String) -> Error {
        Error::Malformed {
            place: Place::Repository(format!("{}/{}", wish.registry, wish.repository)),
            what: format!("answer to the request to {}", wish.action),
            reason,
        }
    }

    /// The error for an answer that is no success.
    fn refusal(&self, wish: &Wish<'_>, known: bool, what: &str, answer: &Answer) -> Error {
        let registry = wish.registry.to_owned();
        let action = wish.action.to_owned();
        let message = message(&answer.body);
        match answer.status.as_u16() {
            401 => Error::Unauthorized {
                registry,
                action,
                known,
                message,
            },
            403 => Error::Forbidden {
                registry,
                action,
                message,
            },
            404 => Error::NotFound {
                registry,
                what: what.to_owned(),
                message,
            },
            429 => Error::RateLimited {
                registry,
                retry_after: sealwright_net::retry_after(&answer.headers),
                out_of_time: answer.out_of_time,
            },
            408 | 500..=599 => Error::Unavailable {
                registry,
                action,
                status: answer.status,
                message,
                out_of_time: answer.out_of_time,
            },
            _ => Error::Refused {
                registry,
                action,
                status: answer.status,
                message,
            },
        }
    }
}

pub(crate) use self::pull::Received;

/// One repository, and the image in it that a reference names.
#[derive(Clone, Debug)]
pub struct Repository {
    reference: Reference,
    registry: Registry,
}

impl Repository {
    /// The reference it was made from.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.registry.inner.options.limits
    }

    pub(crate) fn place(&self) -> Place {
        Place::Repository(self.reference.name())
    }

    fn transferred(&self) -> &ByteCount {
        &self.registry.inner.options.transferred
    }

    fn client(&self) -> &Client {
        &self.registry.inner.client
    }

    fn wish<'a>(&'a self, access: Access, action: &'a str) -> Wish<'a> {
        Wish {
            access,
            action,
            registry: self.reference.registry(),
            repository: self.reference.repository(),
            source: None,
        }
    }

    /// The URL of something in this repository: `manifests/…`, `blobs/…`.
    fn url(&self, path: &str) -> Result<Url, Error> {
        let scheme = if self.reference.is_loopback() {
            "http"
        } else {
            "https"
        };
        let host = match self.reference.registry() {
            "docker.io" => "registry-1.docker.io",
            other => other,
        };
        let text = format!(
            "{scheme}://{host}/v2/{}/{path}",
            self.reference.repository()
        );
        Url::parse(&text).map_err(|error| Error::Malformed {
            place: self.place(),
            what: format!("URL {text}"),
            reason: error.to_string(),
        })
    }

    /// Sends a request, with authorization when the registry asks for it, and takes the whole
    /// answer, of whatever status. Says whether credentials were known, too.
    async fn exchange(
        &self,
        wish: &Wish<'_>,
        request: &Request,
        limit: u64,
    ) -> Result<(Answer, bool), Error> {
        let failed = |source| self.registry.transport_error(wish.registry, source);
        let used = self.registry.remembered(wish).await;
        let first = authorized(request, used.as_ref());
        let answer = self
            .client()
            .exchange(&first, limit)
            .await
            .map_err(failed)?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok((answer, is_known(used.as_ref())));
        }
        let found = self
            .convince(wish, used, request, &answer.url, &answer.headers)
            .await?;
        let answer = match &found {
            Some(found) if found.header.is_some() => {
                let again = authorized(request, Some(found));
                let again = self.client().exchange(&again, limit).await;
                again.map_err(failed)?
            }
            _ => answer,
        };
        Ok((answer, is_known(found.as_ref())))
    }

    /// As [`Repository::exchange`], for an answer whose body is to be streamed.
    async fn download(
        &self,
        wish: &Wish<'_>,
        request: &Request,
    ) -> Result<(Download, bool), Error> {
        let failed = |source| self.registry.transport_error(wish.registry, source);
        let used = self.registry.remembered(wish).await;
        let first = authorized(request, used.as_ref());
        let answer = self.client().download(&first).await.map_err(failed)?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok((answer, is_known(used.as_ref())));
        }
        let found = self
            .convince(wish, used, request, answer.url(), answer.headers())
            .await?;
        let answer = match &found {
            Some(found) if found.header.is_some() => {
                let again = authorized(request, Some(found));
                self.client().download(&again).await.map_err(failed)?
            }
            _ => answer,
        };
        Ok((answer, is_known(found.as_ref())))
    }

    /// What may convince the registry after it refused `used`; without a header when nothing is
    /// left to try.
    async fn convince(
        &self,
        wish: &Wish<'_>,
        used: Option<Authorization>,
        request: &Request,
        from: &Url,
        headers: &HeaderMap,
    ) -> Result<Option<Authorization>, Error> {
        // Credentials are for the registry, not for where it redirects to.
        if from.origin() != request.url().origin() {
            return Ok(used.map(|used| Authorization {
                header: None,
                ..used
            }));
        }
        self.registry
            .authorize(wish, used.as_ref(), headers, request.url())
            .await
    }
}

fn authorized(request: &Request, authorization: Option<&Authorization>) -> Request {
    let header = authorization.and_then(|authorization| authorization.header.clone());
    match header {
        Some(header) => request.clone().header(header::AUTHORIZATION, header),
        None => request.clone(),
    }
}

fn is_known(authorization: Option<&Authorization>) -> bool {
    authorization.is_some_and(|authorization| authorization.known)
}

/// Reads bytes as what registries send beside content.
pub(crate) fn parse_untrusted(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    if let Ok(value) = http::HeaderValue::from_bytes(bytes) {
        if let Ok(text) = value.to_str() {
            let _ = referrers::next_link(text);
        }
        headers.insert(header::WWW_AUTHENTICATE, value);
    }
    let _ = challenge::read(&headers);
    let _ = message(bytes);
}

/// What a registry said about its refusal, in a few words: its first error (distribution-spec,
/// "Error Codes"), else the first line of a short text.
fn message(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<Reason>,
    }
    #[derive(Deserialize)]
    struct Reason {
        code: Option<String>,
        message: Option<String>,
    }
    const MOST: usize = 200;
    let text = match serde_json::from_slice::<Errors>(body) {
        Ok(errors) => errors.errors.into_iter().next().map(|reason| {
            let parts = [reason.code, reason.message].into_iter().flatten();
            parts.collect::<Vec<_>>().join(": ")
        }),
        Err(_) => std::str::from_utf8(body)
            .ok()
            .filter(|text| !text.trim_start().starts_with(['<', '{']))
            .and_then(|text| text.lines().next().map(str::to_owned)),
    };
    text.unwrap_or_default().chars().take(MOST).collect()
}

/// Answers that are no content: errors, upload locations.
const SMALL_ANSWER: u64 = 256 << 10;

#[cfg(test)]
mod tests;
