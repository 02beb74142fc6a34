//! From codes to statuses, and from errors to what clients read.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use sealwright_core::Diagnostic as _;
use sealwright_http::InsideMessage;
use sealwright_http::Refuse;
use sealwright_http::json;
use serde::Serialize;

use crate::Error;

/// A request that was not answered as it was meant.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    inside: Option<String>,
}

impl Refusal {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            inside: None,
        }
    }

    /// Something here is broken, which is nobody's business outside.
    pub(super) fn inside(inside: impl Into<String>) -> Self {
        Self {
            inside: Some(inside.into()),
            ..Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the authority failed to answer",
            )
        }
    }
}

impl Refuse for Refusal {
    fn outside(status: StatusCode, message: String) -> Self {
        Self::new(status, message)
    }

    fn inside(message: String) -> Self {
        Self::inside(message)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match &error {
            Error::TokenRefused { fault } => Self::bad(format!(
                "There was an error processing the identity token: {fault}"
            )),
            Error::ProofInvalid { .. } => Self::bad(format!(
                "The signature supplied in the request could not be verified: {error}"
            )),
            Error::KeyRefused { .. } => Self::bad(format!(
                "The public key supplied in the request is not taken: {error}"
            )),
            _ => Self::inside(format!("{}: {error}", error.code())),
        }
    }
}

/// Fulcio's form, with gRPC's code; version 1 and timestamp authorities read `message` alone.
#[derive(Serialize)]
struct Body<'a> {
    code: u16,
    message: &'a str,
    details: [(); 0],
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Body {
            code: if self.status.is_client_error() { 3 } else { 13 },
            message: &self.message,
            details: [],
        };
        let mut response = (self.status, json(&body)).into_response();
        if let Some(inside) = self.inside {
            response.extensions_mut().insert(InsideMessage(inside));
        }
        response
    }
}

/// A request's body.
pub(super) type Whole = sealwright_http::Whole<Refusal>;
