//! From codes to statuses, and from errors to what clients read.

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use sealwright_core::Diagnostic as _;
use serde::Serialize;

use crate::Error;

/// What really went wrong, in the extensions of a response that does not say it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InsideMessage(pub String);

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

pub(super) fn json<T: Serialize>(value: &T) -> Response {
    typed(
        "application/json",
        serde_json::to_vec(value).unwrap_or_default(),
    )
}

/// Bytes of a media type.
pub(super) fn typed(media_type: &'static str, bytes: impl Into<Bytes>) -> Response {
    let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(media_type))];
    (media_type, bytes.into()).into_response()
}

/// A request's body, within the limit.
pub(super) struct Whole(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Refusal::new(rejection.status(), "the request is too large"))
            }
            Err(_) => Err(Refusal::bad("the request could not be read to its end")),
        }
    }
}

/// Runs what takes time where waiting harms nobody.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Refusal::inside(error.to_string())))
}
