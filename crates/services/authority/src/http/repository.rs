//! The files of the update repository, as a static web server would give them.

use std::sync::Arc;

use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Response;
use sealwright_http::blocking;
use sealwright_http::typed;

use super::error::Refusal;
use crate::UpdateRepository;

/// `GET /{path}`
pub(super) async fn file(
    State(repository): State<Arc<UpdateRepository>>,
    Path(path): Path<String>,
) -> Result<Response, Refusal> {
    // The one name whose content changes; what begins with a version or a digest never does.
    let is_fixed = path != "timestamp.json" && path != "root.json";
    let media_type = match path.ends_with(".json") {
        true => "application/json",
        false => "application/octet-stream",
    };
    let bytes = blocking(move || repository.file(&path).map_err(Refusal::from)).await?;
    let bytes =
        bytes.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is no such file here"))?;
    let mut response = typed(media_type, bytes);
    let cached = match is_fixed {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let cached = HeaderValue::from_static(cached);
    response.headers_mut().insert(header::CACHE_CONTROL, cached);
    Ok(response)
}
