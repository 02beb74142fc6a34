//! From codes to statuses, and from errors to what clients of either version read.

use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use sealwright_core::Diagnostic as _;
use sealwright_http::InsideMessage;
use sealwright_http::Refuse;
use sealwright_http::json;
use serde::Serialize;

use super::answer;
use crate::error::Error;

/// A request that was not answered as it was meant.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    inside: Option<String>,
    /// Where the answer is instead.
    location: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            inside: None,
            location: None,
        }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no such entry in the log")
    }

    /// The entry is there already.
    pub(super) fn conflict(id: &str) -> Self {
        let message =
            format!("an equivalent entry already exists in the transparency log with UUID {id}");
        Self {
            location: Some(answer::location(id)),
            ..Self::new(StatusCode::CONFLICT, message)
        }
    }

    pub(super) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    /// Something here is broken, which is nobody's business outside.
    pub(super) fn inside(status: StatusCode, inside: String) -> Self {
        let message = match status {
            StatusCode::SERVICE_UNAVAILABLE => "the log cannot take this now; try again later",
            _ => "the log failed to answer",
        };
        Self {
            inside: Some(inside),
            ..Self::new(status, message)
        }
    }
}

impl Refuse for Refusal {
    fn outside(status: StatusCode, message: String) -> Self {
        Self::new(status, message)
    }

    fn inside(message: String) -> Self {
        Self::inside(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        use sealwright_store::Error as Store;
        use sealwright_tlog::Error as Tlog;
        let status = match &error {
            // What was proposed, or asked for.
            Error::Crypto(_)
            | Error::Entry(_)
            | Error::EntrySignature { .. }
            | Error::EntryUnverifiable { .. }
            | Error::EntryVersion { .. } => StatusCode::BAD_REQUEST,
            Error::Store(Store::Tree(Tlog::EntryTooLarge { .. }) | Store::BatchTooLarge { .. }) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Error::Store(Store::NoEntry { .. }) => return Self::not_found(),
            Error::Store(Store::Locked) => StatusCode::SERVICE_UNAVAILABLE,
            _ if error.code() == sealwright_store::code::NO_SPACE => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_client_error() {
            Self::new(status, format!("error processing entry: {error}"))
        } else {
            Self::inside(status, format!("{}: {error}", error.code()))
        }
    }
}

/// The same, as version 2's clients read it: with gRPC's code for the status.
#[derive(Debug)]
pub(super) struct RefusalV2(Refusal);

impl From<Refusal> for RefusalV2 {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

/// Both versions read `message`.
#[derive(Serialize)]
struct Body<'a> {
    code: u16,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<[(); 0]>,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = self.status.as_u16();
        respond(self, code, None)
    }
}

impl IntoResponse for RefusalV2 {
    fn into_response(self) -> Response {
        let code = match self.0.status {
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => 3,
            StatusCode::NOT_FOUND => 5,
            StatusCode::CONFLICT => 6,
            StatusCode::METHOD_NOT_ALLOWED => 12,
            StatusCode::SERVICE_UNAVAILABLE => 14,
            _ => 13,
        };
        respond(self.0, code, Some([]))
    }
}

fn respond(refusal: Refusal, code: u16, details: Option<[(); 0]>) -> Response {
    let body = Body {
        code,
        message: &refusal.message,
        details,
    };
    let mut response = (refusal.status, json(&body)).into_response();
    let location = refusal.location.map(HeaderValue::try_from);
    if let Some(Ok(location)) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if let Some(inside) = refusal.inside {
        response.extensions_mut().insert(InsideMessage(inside));
    }
    response
}

pub(super) async fn no_route() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "there is no such path here")
}

pub(super) async fn no_method() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path takes another method",
    )
}

/// A request's body.
pub(super) type Whole = sealwright_http::Whole<Refusal>;
