//! The routes of Rekor v2, and of the tiles that its monitors read.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Response;
use sealwright_http::typed;
use sealwright_sigstore::LogVersion;
use sealwright_store::FileLayer;
use sealwright_tlog::Tile;

use super::error::Refusal;
use super::error::RefusalV2;
use super::error::Whole;
use super::request;
use super::service::Added;
use super::service::LogService;
use crate::error::Error;

const VERSION: LogVersion = LogVersion::V2;
type Service<L> = State<Arc<LogService<L>>>;

/// `POST /api/v2/log/entries`
pub(super) async fn add<L: FileLayer + 'static>(
    State(service): Service<L>,
    whole: Result<Whole, Refusal>,
) -> Result<Response, RefusalV2> {
    let text = whole?.bytes;
    let entry = blocking(move || {
        let entry = request::version_2(&text)?;
        Ok(match service.add(&entry, None, VERSION)? {
            Added::Known(place, _) => service.log().get(place)?,
            Added::New(entry) => *entry,
        })
    })
    .await?;
    let answer = typed("application/json", entry.to_json());
    Ok((StatusCode::CREATED, answer).into_response())
}

/// `GET /api/v2/checkpoint`
pub(super) async fn checkpoint<L: FileLayer + 'static>(
    State(service): Service<L>,
) -> Result<Response, RefusalV2> {
    let checkpoint = blocking(move || Ok(service.log().checkpoint(VERSION)?)).await?;
    let mut response = typed("text/plain; charset=utf-8", checkpoint);
    cached(&mut response, "no-store");
    Ok(response)
}

/// `GET /api/v2/tile/{level}/{number}`
pub(super) async fn tile<L: FileLayer + 'static>(
    State(service): Service<L>,
    Path((level, number)): Path<(String, String)>,
) -> Result<Response, RefusalV2> {
    let tile = parse(&level, &number)?;
    let bytes = blocking(move || {
        let hashes = service.log().tree.tile(tile).map_err(Error::from)?;
        Ok(hashes.ok_or_else(no_tile)?.as_flattened().to_vec())
    })
    .await?;
    Ok(immutable(bytes))
}

/// `GET /api/v2/tile/entries/{number}`: bodies with their lengths before them.
pub(super) async fn entries<L: FileLayer + 'static>(
    State(service): Service<L>,
    Path(number): Path<String>,
) -> Result<Response, RefusalV2> {
    let tile = parse("0", &number)?;
    let bytes = blocking(move || {
        let first = tile.index() * u64::from(Tile::WIDTH);
        let end = first + u64::from(tile.width());
        if end > service.log().head()?.size {
            return Err(no_tile());
        }
        let mut bytes = Vec::new();
        let mut visit = |index: u64, entry: sealwright_store::Entry| {
            // An entry has at most 65,535 bytes.
            let length = u16::try_from(entry.body.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&entry.body);
            match index + 1 < end {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        };
        let tree = &service.log().tree;
        tree.entries_from(first, &mut visit).map_err(Error::from)?;
        Ok(bytes)
    })
    .await?;
    Ok(immutable(bytes))
}

/// Refusals become this version's once they have left the blocking thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    sealwright_http::blocking(work).await
}

fn parse(level: &str, number: &str) -> Result<Tile, Refusal> {
    format!("tile/{level}/{number}")
        .parse()
        .map_err(|_| Refusal::bad("the path is that of no tile"))
}

fn no_tile() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "the tree has no such tile yet")
}

fn immutable(bytes: Vec<u8>) -> Response {
    let mut response = typed("application/octet-stream", bytes);
    cached(&mut response, "public, max-age=31536000, immutable");
    response
}

fn cached(response: &mut Response, how: &'static str) {
    let how = HeaderValue::from_static(how);
    response.headers_mut().insert(header::CACHE_CONTROL, how);
}
