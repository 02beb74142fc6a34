//! What the HTTP skins of all services share: bodies that are read whole, work that waits for the disk,
//! answers of a media type, and messages that stay inside.
//!
//! It knows no service and no status but its own three: which error is which status, and how a refusal
//! is written, each service says itself ([`Refuse`]).

use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;

/// What really went wrong, in the extensions of a response that does not say it, for whoever logs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InsideMessage(pub String);

/// How a service says that it does not answer a request as it was meant.
pub trait Refuse: IntoResponse + Send + Sized + 'static {
    /// The client did something wrong.
    fn outside(status: StatusCode, message: String) -> Self;

    /// Something here is broken, which is nobody's business outside.
    fn inside(message: String) -> Self;
}

/// A request's body, within the limit of its route.
pub struct Whole<R> {
    /// The body.
    pub bytes: Bytes,
    refusal: PhantomData<fn() -> R>,
}

impl<S: Send + Sync, R: Refuse> FromRequest<S> for Whole<R> {
    type Rejection = R;

    async fn from_request(request: Request, state: &S) -> Result<Self, R> {
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self {
                bytes,
                refusal: PhantomData,
            }),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                let message = "the request is larger than is read here";
                Err(R::outside(rejection.status(), message.to_owned()))
            }
            Err(_) => {
                let message = "the request could not be read to its end";
                Err(R::outside(StatusCode::BAD_REQUEST, message.to_owned()))
            }
        }
    }
}

/// Runs what waits for the disk, or computes for long, where waiting harms nobody.
///
/// # Errors
/// Those of the work; a refusal of the kind inside when it panicked.
pub async fn blocking<T: Send + 'static, R: Refuse>(
    work: impl FnOnce() -> Result<T, R> + Send + 'static,
) -> Result<T, R> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(R::inside(error.to_string())))
}

/// A value as JSON.
pub fn json<T: Serialize>(value: &T) -> Response {
    let text = serde_json::to_vec(value).unwrap_or_default();
    typed("application/json", text)
}

/// Bytes of a media type.
pub fn typed(media_type: &'static str, bytes: impl Into<Bytes>) -> Response {
    let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(media_type))];
    (media_type, bytes.into()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::extract::DefaultBodyLimit;
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;

    struct Refusal(StatusCode, String);

    impl Refuse for Refusal {
        fn outside(status: StatusCode, message: String) -> Self {
            Self(status, message)
        }
        fn inside(message: String) -> Self {
            Self(StatusCode::INTERNAL_SERVER_ERROR, message)
        }
    }

    impl IntoResponse for Refusal {
        fn into_response(self) -> Response {
            (self.0, self.1).into_response()
        }
    }

    async fn length(whole: Whole<Refusal>) -> Result<Response, Refusal> {
        let length = whole.bytes.len();
        blocking(move || {
            assert_ne!(length, 3, "three is too few");
            Ok(json(&length))
        })
        .await
    }

    async fn post_bytes(count: usize) -> Response {
        let router = Router::new()
            .route("/", post(length))
            .layer(DefaultBodyLimit::max(8));
        let request = Request::post("/").body(Body::from(vec![0; count]));
        router.oneshot(request.unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn reads_bodies_within_the_limit() {
        let answer = post_bytes(8).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let media_type = answer.headers().get(header::CONTENT_TYPE).unwrap();
        assert_eq!(media_type, "application/json");
        assert_eq!(post_bytes(9).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_panic_is_a_refusal() {
        let status = post_bytes(3).await.status();
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
