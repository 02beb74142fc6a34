//! What can go wrong between this machine and a server, and with what it answers to signers.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Timestamp;
use url::Url;

use crate::http_service::ServerMessage;
use crate::http_service::Service;
use crate::oauth::LoginFault;
use crate::oidc::TokenSource;

const ANSWER_TOO_LARGE: Code = Code::new("net.answer-too-large");
const CLIENT_UNAVAILABLE: Code = Code::new("net.client-unavailable");
const INSECURE_REFUSED: Code = Code::new("net.insecure-refused");
const INTERRUPTED: Code = Code::new("net.interrupted");
const REDIRECT_REFUSED: Code = Code::new("net.redirect-refused");
const SERVICE_DENIED: Code = Code::new("service.denied");
const SERVICE_DETACHED_SCT: Code = Code::new("service.detached-sct");
const SERVICE_MALFORMED_ANSWER: Code = Code::new("service.malformed-answer");
const SERVICE_REFUSED: Code = Code::new("service.refused");
const SERVICE_UNAVAILABLE: Code = Code::new("service.unavailable");
const TIMEOUT: Code = Code::new("net.timeout");
const TOKEN_EXPIRED: Code = Code::new("token.expired");
const TOKEN_LOGIN_FAILED: Code = Code::new("token.login-failed");
const TOKEN_MALFORMED: Code = Code::new("token.malformed");
const TOKEN_MISSING: Code = Code::new("token.missing");
const TOKEN_SOURCE_FAILED: Code = Code::new("token.source-failed");
const UNREACHABLE: Code = Code::new("net.unreachable");

/// All codes of this crate.
pub const CODES: &[Code] = &[
    ANSWER_TOO_LARGE,
    CLIENT_UNAVAILABLE,
    INSECURE_REFUSED,
    INTERRUPTED,
    REDIRECT_REFUSED,
    SERVICE_DENIED,
    SERVICE_DETACHED_SCT,
    SERVICE_MALFORMED_ANSWER,
    SERVICE_REFUSED,
    SERVICE_UNAVAILABLE,
    TIMEOUT,
    TOKEN_EXPIRED,
    TOKEN_LOGIN_FAILED,
    TOKEN_MALFORMED,
    TOKEN_MISSING,
    TOKEN_SOURCE_FAILED,
    UNREACHABLE,
];

/// Why there is no answer to a request, or none that the signing services' clients can use. To
/// [`crate::Client`] itself an answer of any status is no error.
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
    /// A signing service does not let us in.
    #[error("{service} {url} lets nobody in with these credentials (status {status}): {message}")]
    ServiceDenied {
        /// What it is.
        service: Service,
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// What it answered.
        status: u16,
        /// What it says.
        message: ServerMessage,
    },
    /// A certificate authority gave its SCT beside the certificate.
    #[error("{url} gave the certificate's SCT beside it, wanted it inside")]
    ServiceDetachedSct {
        /// Whom we asked, without the query.
        url: ShownUrl,
    },
    /// A signing service answered with something else than it is there for.
    #[error("answer of {service} {url} is {found}, wanted {wanted}")]
    ServiceMalformedAnswer {
        /// What it is.
        service: Service,
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// What it answered.
        found: &'static str,
        /// What it should have answered.
        wanted: &'static str,
    },
    /// A signing service refused.
    #[error("{service} {url} refuses (status {status}): {message}")]
    ServiceRefused {
        /// What it is.
        service: Service,
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// What it answered.
        status: u16,
        /// What it says.
        message: ServerMessage,
    },
    /// A timestamp authority granted nothing, or a request could not be made.
    #[error("{service} {url}: {source}")]
    ServiceStructure {
        /// What it is.
        service: Service,
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// Why.
        source: sealwright_crypto::Error,
    },
    /// An entry cannot be proposed.
    #[error("{service} {url} can not be asked: {source}")]
    ServiceProposal {
        /// What it is.
        service: Service,
        /// Whom we were to ask, without the query.
        url: ShownUrl,
        /// Why.
        source: Box<sealwright_sigstore::Error>,
    },
    /// A signing service cannot answer now, and could not until time was up.
    #[error("{service} {url} cannot answer now (status {status}){}", out_of_time(*after))]
    ServiceUnavailable {
        /// What it is.
        service: Service,
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// What it answered last.
        status: u16,
        /// How long it was asked, when time was up.
        after: Option<Duration>,
    },
    /// No complete answer in time.
    #[error("{url} gave no complete answer within {} s", after.as_secs_f32())]
    Timeout {
        /// Whom we asked, without the query.
        url: ShownUrl,
        /// How long we waited, retries included.
        after: Duration,
    },
    /// A token that cannot be used any more.
    #[error("identity token expired at {expired}, it is {now}")]
    TokenExpired {
        /// When it ended.
        expired: Timestamp,
        /// What time it is.
        now: Timestamp,
    },
    /// A login that came to no token.
    #[error("login at {issuer} gave no identity token: {fault}")]
    TokenLoginFailed {
        /// Where.
        issuer: ShownUrl,
        /// Why not.
        fault: LoginFault,
    },
    /// Something else than a token.
    #[error("identity token has {part}, wanted a JWT of an issuer")]
    TokenMalformed {
        /// What it has or lacks.
        part: &'static str,
    },
    /// Nothing around us gives a token.
    #[error(
        "nothing here gives an identity token, looked for {}",
        TokenSource::all_names()
    )]
    TokenMissing {
        /// Whether this is a job of GitHub Actions, which gives tokens to those who may have them.
        in_github_actions: bool,
    },
    /// What should give a token gave none.
    #[error("{from} gave no identity token: {fault}")]
    TokenSourceFailed {
        /// Where it was to come from.
        from: TokenSource,
        /// Why it did not.
        fault: TokenSourceFault,
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
            Self::ServiceDenied { .. } => SERVICE_DENIED,
            Self::ServiceDetachedSct { .. } => SERVICE_DETACHED_SCT,
            Self::ServiceMalformedAnswer { .. } => SERVICE_MALFORMED_ANSWER,
            Self::ServiceProposal { source, .. } => source.code(),
            Self::ServiceRefused { .. } => SERVICE_REFUSED,
            Self::ServiceStructure { source, .. } => source.code(),
            Self::ServiceUnavailable { .. } => SERVICE_UNAVAILABLE,
            Self::Timeout { .. } => TIMEOUT,
            Self::TokenExpired { .. } => TOKEN_EXPIRED,
            Self::TokenLoginFailed { .. } => TOKEN_LOGIN_FAILED,
            Self::TokenMalformed { .. } => TOKEN_MALFORMED,
            Self::TokenMissing { .. } => TOKEN_MISSING,
            Self::TokenSourceFailed { .. } => TOKEN_SOURCE_FAILED,
            Self::Unreachable { .. } => UNREACHABLE,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::ServiceDenied { .. }
            | Self::TokenExpired { .. }
            | Self::TokenLoginFailed { .. }
            | Self::TokenMalformed { .. }
            | Self::TokenMissing { .. }
            | Self::TokenSourceFailed { .. } => Class::Auth,
            Self::ServiceProposal { source, .. } => source.class(),
            Self::ServiceStructure { source, .. } => source.class(),
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            Self::ClientUnavailable { .. } => {
                "install the system's CA certificates (for example the package ca-certificates)"
            }
            Self::InsecureRefused { .. } => "use an https URL, or a server on localhost",
            Self::ServiceDenied {
                service: Service::CertificateAuthority,
                ..
            } => {
                "check the token's issuer, audience and expiry: the authority has to know all three"
            }
            Self::ServiceProposal { source, .. } => return source.help(),
            Self::ServiceStructure { source, .. } => return source.help(),
            Self::ServiceUnavailable { .. } => "try again later, or give it longer with --timeout",
            Self::TokenExpired { .. } => "get a new token",
            Self::TokenMalformed { .. } => "give the token itself, or the file that holds it",
            Self::TokenMissing {
                in_github_actions: true,
            } => "give the job the permission `id-token: write`",
            Self::TokenMissing { .. } => {
                "give a token with --identity-token-file or in SIGSTORE_ID_TOKEN"
            }
            Self::Timeout { .. } => "give it longer with --timeout",
            Self::Unreachable { .. } => "check the host name, the port and the network",
            _ => return None,
        }))
    }
}

/// Why a source of tokens gave none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenSourceFault {
    /// It answered with something else than a token.
    #[error("its answer is {found}, wanted {wanted}")]
    Answer {
        /// What it answered.
        found: &'static str,
        /// What it should have answered.
        wanted: &'static str,
    },
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", sealwright_core::terminal::escape(&path.to_string_lossy()))]
    File {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It refused.
    #[error("it refuses (status {status}): {message}")]
    Refused {
        /// What it answered.
        status: u16,
        /// What it says.
        message: ServerMessage,
    },
    /// A variable of the environment has no usable value.
    #[error("{name} is unset or unusable, wanted {wanted}")]
    Variable {
        /// Which.
        name: &'static str,
        /// What it should hold.
        wanted: &'static str,
    },
    /// A Workload API gave no token.
    #[error("it gives none: {}", sealwright_core::terminal::escape(reason))]
    WorkloadApi {
        /// What it, or the way to it, says.
        reason: String,
    },
}

fn out_of_time(after: Option<Duration>) -> String {
    after.map_or_else(String::new, |after| {
        format!(", and did not for {} s", after.as_secs_f32())
    })
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
