//! What the clients of all signing services share: where an endpoint is, what a status means, and
//! what a server says about its refusal.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::header;
use sealwright_core::canonical_json;
use serde::Deserialize;
use url::Url;

use crate::Answer;
use crate::Client;
use crate::Error;
use crate::Repeat;
use crate::Request;

/// A service that signing talks to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Service {
    /// It issues certificates for identities.
    CertificateAuthority,
    /// It issues timestamps.
    TimestampAuthority,
    /// It records signatures.
    TransparencyLog,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CertificateAuthority => "certificate authority",
            Self::TimestampAuthority => "timestamp authority",
            Self::TransparencyLog => "transparency log",
        })
    }
}

/// What a server says about its refusal: short, and fit for a terminal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerMessage(Box<str>);

impl ServerMessage {
    /// The `message` of a JSON answer (gRPC gateways, Rekor, the timestamp authority), what OAuth
    /// says, else the beginning of the text.
    pub fn of(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Wire {
            message: Option<String>,
            error: Option<String>,
            error_description: Option<String>,
        }
        let said = canonical_json::from_slice::<Wire>(body)
            .ok()
            .and_then(|wire| wire.message.or(wire.error_description).or(wire.error))
            .unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
        let said: String = said.trim().chars().take(MAX_MESSAGE_CHARS).collect();
        if said.is_empty() {
            return Self("no reason given".into());
        }
        Self(sealwright_core::terminal::escape(&said).into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An endpoint below a base URL, which may have a path of its own.
pub(crate) fn endpoint(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let start = base.path().trim_end_matches('/');
    url.set_path(&format!("{start}/{path}"));
    url
}

/// A POST that may be repeated: none of these services does harm when asked twice.
pub(crate) fn post(url: Url, media_type: &'static str, body: impl Into<Bytes>) -> Request {
    Request::new(Method::POST, url)
        .body(HeaderValue::from_static(media_type), body.into())
        .repeat(Repeat::Allowed)
}

/// Asks and takes the answer of any status that is no outage.
pub(crate) async fn exchange(
    client: &Client,
    service: Service,
    request: &Request,
    limit: u64,
) -> Result<Answer, Error> {
    let answer = client.exchange(request, limit).await?;
    if crate::retry::is_busy(answer.status) {
        return Err(Error::ServiceUnavailable {
            service,
            url: (&answer.url).into(),
            status: answer.status.as_u16(),
            after: answer.out_of_time,
        });
    }
    Ok(answer)
}

/// Takes 200 and 201 only.
pub(crate) fn accept(service: Service, answer: Answer) -> Result<Answer, Error> {
    if matches!(answer.status, StatusCode::OK | StatusCode::CREATED) {
        return Ok(answer);
    }
    let message = ServerMessage::of(&answer.body);
    let url = (&answer.url).into();
    let status = answer.status.as_u16();
    Err(if is_denial(service, answer.status, &message) {
        Error::ServiceDenied {
            service,
            url,
            status,
            message,
        }
    } else {
        Error::ServiceRefused {
            service,
            url,
            status,
            message,
        }
    })
}

/// Fulcio says 400 to a token it does not take.
fn is_denial(service: Service, status: StatusCode, message: &ServerMessage) -> bool {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
        StatusCode::BAD_REQUEST => {
            service == Service::CertificateAuthority && message.0.contains("identity token")
        }
        _ => false,
    }
}

/// What was found is not what was wanted.
pub(crate) fn malformed(
    service: Service,
    answer: &Answer,
    found: &'static str,
    wanted: &'static str,
) -> Error {
    Error::ServiceMalformedAnswer {
        service,
        url: (&answer.url).into(),
        found,
        wanted,
    }
}

/// A header that is not to be shown, such as `Authorization`.
pub(crate) fn secret_header(scheme: &str, secret: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("{scheme} {secret}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const AUTHORIZATION: http::HeaderName = header::AUTHORIZATION;
const MAX_MESSAGE_CHARS: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_stand_below_the_base() {
        for (base, wanted) in [
            ("https://a.example", "https://a.example/api/v2/x"),
            ("https://a.example/", "https://a.example/api/v2/x"),
            ("https://a.example/p/", "https://a.example/p/api/v2/x"),
        ] {
            let url = endpoint(&base.parse().unwrap(), "api/v2/x");
            assert_eq!(url.as_str(), wanted);
        }
    }

    #[test]
    fn a_servers_message_is_short_and_tame() {
        let of = |body: &str| ServerMessage::of(body.as_bytes()).to_string();
        assert_eq!(of(r#"{"code":3,"message":"no","details":[]}"#), "no");
        assert_eq!(of(r#"{"error":"no"}"#), "no");
        assert_eq!(of(" plain \n"), "plain");
        assert_eq!(of(""), "no reason given");
        assert!(!of("\u{1b}[31mred").contains('\u{1b}'));
        assert_eq!(of(&"x".repeat(9999)).len(), MAX_MESSAGE_CHARS);
    }
}
