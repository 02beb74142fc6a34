//! One call of a service, and what its answer means.

use std::fmt;
#[cfg(any(feature = "kms-aws", feature = "kms-gcp"))]
use std::time::Duration;

use bytes::Bytes;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_net::Answer;
use sealwright_net::Client;
use sealwright_net::HeaderName;
use sealwright_net::HeaderValue;
use sealwright_net::Method;
use sealwright_net::Repeat;
use sealwright_net::Request;
use sealwright_net::ServerMessage;
use sealwright_net::Url;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;
use crate::reference::KeyService;

/// What a call needs to know of the world.
#[derive(Clone)]
pub struct Surroundings<'a> {
    /// Sends requests.
    pub client: Client,
    /// Looks up a variable of the environment.
    pub variable: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
    /// What time it is.
    pub now: Timestamp,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl Surroundings<'_> {
    /// A variable that is set to something.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }
}

/// What is asked of a service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purpose<'a> {
    pub(crate) service: KeyService,
    /// What we want, for people.
    pub(crate) action: &'static str,
    /// The key's name.
    pub(crate) key: &'a str,
}

pub(crate) const READ: &str = "read the public key";
pub(crate) const SIGN: &str = "sign";
pub(crate) const MAKE: &str = "make a key";

/// A request that carries JSON, or nothing when it gets. What signs may be repeated; what makes keys
/// would make several.
pub(crate) fn json_request(
    method: Method,
    url: Url,
    body: Option<Value>,
    repeat: Repeat,
) -> Request {
    let request = Request::new(method, url).repeat(repeat);
    match body {
        Some(body) => request.body(
            HeaderValue::from_static("application/json"),
            Bytes::from(body.to_string()),
        ),
        None => request,
    }
}

/// A header that is not to be shown.
pub(crate) fn secret(
    request: Request,
    name: HeaderName,
    value: &str,
    service: KeyService,
) -> Result<Request, Error> {
    let mut value = HeaderValue::try_from(value).map_err(|_| Error::CredentialsMissing {
        service,
        reason: "the token has characters that do not belong into one".into(),
    })?;
    value.set_sensitive(true);
    Ok(request.header(name, value))
}

/// Sends a request and takes an answer of any status.
pub(crate) async fn send(
    client: &Client,
    service: KeyService,
    request: &Request,
) -> Result<Answer, Error> {
    client
        .exchange(request, MAX_ANSWER)
        .await
        .map_err(|source| Error::Net { service, source })
}

/// What an answer says when it is no success.
pub(crate) fn refusal(purpose: Purpose<'_>, status: u16, message: ServerMessage) -> Error {
    let Purpose {
        service,
        action,
        key,
    } = purpose;
    match status {
        401 | 403 => Error::Denied {
            service,
            action,
            status,
            message,
        },
        404 => Error::NoKey {
            service,
            key: key.into(),
            message,
        },
        409 => Error::KeyExists {
            service,
            key: key.into(),
        },
        429 | 502..=504 => Error::Unavailable {
            service,
            status,
            message,
        },
        _ => Error::Refused {
            service,
            action,
            status,
            message,
        },
    }
}

/// Takes the JSON of a success.
pub(crate) fn accept<T: DeserializeOwned>(
    purpose: Purpose<'_>,
    answer: &Answer,
    wanted: &'static str,
) -> Result<T, Error> {
    if !answer.status.is_success() {
        let message = message(&answer.body);
        return Err(refusal(purpose, answer.status.as_u16(), message));
    }
    canonical_json::from_slice::<Value>(&answer.body)
        .ok()
        .and_then(|value| serde_json::from_value(value).ok())
        .ok_or(Error::MalformedAnswer {
            service: purpose.service,
            found: "something else",
            wanted,
        })
}

/// What a service says of its refusal: each has its own place for it.
pub(crate) fn message(body: &[u8]) -> ServerMessage {
    let said = canonical_json::from_slice::<Value>(body)
        .ok()
        .and_then(|value| {
            let places = ["/message", "/Message", "/error/message", "/errors/0"];
            let texts = places
                .iter()
                .filter_map(|place| value.pointer(place)?.as_str());
            texts.into_iter().next().map(str::to_owned)
        });
    match said {
        Some(said) => ServerMessage::of(said.as_bytes()),
        None => ServerMessage::of(body),
    }
}

/// Answers are a public key, or a signature.
pub(crate) const MAX_ANSWER: u64 = 256 << 10;
/// The longest wait between two tries of ours, where a service says in another way than by status that it
/// is busy.
#[cfg(any(feature = "kms-aws", feature = "kms-gcp"))]
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(5);
