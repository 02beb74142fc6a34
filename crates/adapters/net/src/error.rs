//! What can go wrong between this machine and a server.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use url::Url;

const ANSWER_TOO_LARGE: Code = Code::new("net.answer-too-large");
const CLIENT_UNAVAILABLE: Code = Code::new("net.client-unavailable");
const INSECURE_REFUSED: Code = Code::new("net.insecure-refused");
const INTERRUPTED: Code = Code::new("net.interrupted");
const REDIRECT_REFUSED: Code = Code::new("net.redirect-refused");
const TIMEOUT: Code = Code::new("net.timeout");
const UNREACHABLE: Code = Code::new("net.unreachable");

/// All codes of this crate.
pub const CODES: &[Code] = &[
    ANSWER_TOO_LARGE,
    CLIENT_UNAVAILABLE,
    INSECURE_REFUSED,
    INTERRUPTED,
    REDIRECT_REFUSED,
    TIMEOUT,
    UNREACHABLE,
];

/// Why there is no answer to a request. An answer of any status is no error here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The body is longer than was allowed.
    #[error("answer of {url} is longer than the limit of {limit} bytes")]
    AnswerTooLarge {
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// How much was allowed.
        limit: u64,
    },
    /// The HTTP client could not be made, for example because the system has no certificate store.
    #[error("the HTTP client cannot be set up: {}", chain(source))]
    ClientUnavailable {
        /// Why.
        source: reqwest::Error,
    },
    /// Plain HTTP to another machine.
    #[error("{url} is plain HTTP to another machine, wanted HTTPS")]
    InsecureRefused {
        /// Whom we were to ask, without the query.
        url: ShownUrl,
    },
    /// The connection broke in the middle of the answer.
    #[error("answer of {url} ended early: {}", chain(source))]
    Interrupted {
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// Why.
        source: reqwest::Error,
    },
    /// A redirect that must not be followed.
    #[error("{from} redirects to {to}, which is not followed: {reason}")]
    RedirectRefused {
        /// Whom we asked, without the query.
        from: ShownUrl,
        /// Where it sends us, without the query.
        to: ShownUrl,
        /// Why we do not go there.
        reason: &'static str,
    },
    /// No complete answer in time.
    #[error("{url} gave no complete answer within {} s", after.as_secs_f32())]
    Timeout {
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// How long we waited, retries included.
        after: Duration,
    },
    /// No connection.
    #[error("{url} cannot be reached: {}", chain(source))]
    Unreachable {
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// Why.
        source: reqwest::Error,
    },
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::AnswerTooLarge { .. } => ANSWER_TOO_LARGE,
            Self::ClientUnavailable { .. } => CLIENT_UNAVAILABLE,
            Self::InsecureRefused { .. } => INSECURE_REFUSED,
            Self::Interrupted { .. } => INTERRUPTED,
            Self::RedirectRefused { .. } => REDIRECT_REFUSED,
            Self::Timeout { .. } => TIMEOUT,
            Self::Unreachable { .. } => UNREACHABLE,
        }
    }

    fn class(&self) -> Class {
        Class::Undecided
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            Self::ClientUnavailable { .. } => {
                "install the system's CA certificates (for example the package ca-certificates)"
            }
            Self::InsecureRefused { .. } => "use an https URL, or a server on localhost",
            Self::Timeout { .. } => "give it longer with --timeout",
            Self::Unreachable { .. } => "check the host name, the port and the network",
            _ => return None,
        }))
    }
}

/// The innermost cause of an HTTP error: the outer ones repeat the URL, queries included.
fn chain(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// A URL that may be shown: without user, password, query and fragment, control characters escaped.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShownUrl(Box<str>);

impl ShownUrl {
    pub(crate) fn from_text(text: &str) -> Self {
        let text = text.split(['?', '#']).next().unwrap_or_default();
        Self(sealwright_core::terminal::escape(text).into())
    }
}

impl From<&Url> for ShownUrl {
    fn from(url: &Url) -> Self {
        let mut shown = url.clone();
        // Both fail only for URLs that cannot have them.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        Self::from_text(shown.as_str())
    }
}

impl fmt::Display for ShownUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
