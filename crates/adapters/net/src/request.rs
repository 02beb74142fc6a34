//! A request that can be sent several times, and its complete answer.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use url::Url;

use crate::error::ShownUrl;

/// Whether sending a request twice does the same as sending it once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    /// It may be retried.
    Allowed,
    /// It is sent once.
    Never,
}

/// To whom a request may go over plain HTTP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PlainHttp {
    /// This machine.
    Loopback,
    /// The metadata server of the cloud this machine stands in, too: its host, at a link-local
    /// address that never leaves it.
    MetadataServer,
}

/// One request.
#[derive(Clone)]
pub struct Request {
    pub(crate) body: Bytes,
    pub(crate) headers: HeaderMap,
    pub(crate) method: Method,
    pub(crate) plain: PlainHttp,
    pub(crate) repeat: Repeat,
    pub(crate) url: Url,
}

impl Request {
    /// A request without a body. GET, HEAD, PUT and DELETE may be repeated, others not, unless
    /// [`Request::repeat`] says otherwise.
    pub fn new(method: Method, url: Url) -> Self {
        let repeat = match method {
            Method::GET | Method::HEAD | Method::PUT | Method::DELETE => Repeat::Allowed,
            _ => Repeat::Never,
        };
        Self {
            body: Bytes::new(),
            headers: HeaderMap::new(),
            method,
            plain: PlainHttp::Loopback,
            repeat,
            url,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Sets the body and its media type.
    #[must_use]
    pub fn body(mut self, media_type: HeaderValue, body: Bytes) -> Self {
        self.headers.insert(http::header::CONTENT_TYPE, media_type);
        self.body = body;
        self
    }

    /// Says whether it may be repeated.
    #[must_use]
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    /// Lets it go to the cloud's metadata server.
    pub(crate) fn allowing_metadata_server(mut self) -> Self {
        self.plain = PlainHttp::MetadataServer;
        self
    }

    /// Whom it asks.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Debug for Request {
    /// Headers may hold credentials: their names alone are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &ShownUrl::from(&self.url))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A complete answer, of any status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, no longer than was allowed.
    pub body: Bytes,
    /// Where it came from, after redirects.
    pub url: Url,
    /// The time allowed for the exchange, when the server said that it cannot answer now and there
    /// was no time left to hear better of it.
    pub out_of_time: Option<Duration>,
}

impl Answer {
    /// A header's value, when there is one and it is text.
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
