//! The log over HTTP: what clients of Rekor v1 and v2 ask for, as a thin skin over [`Log`].
//!
//! Sources: rekor v1 `openapi.yaml`; rekor-tiles `api/proto/rekor/v2`; C2SP `tlog-tiles`. One router
//! answers both under `/api/v1` and `/api/v2`.
//!
//! - **State.** [`LogService`] holds the log, a clock and an index in memory, made from the entries:
//!   which leaf hash stands where, and what may be searched for. It is brought up to date before every
//!   use, since other processes may append to the same directory.
//! - **Blocking.** Everything that touches the log runs on a blocking thread; requests that come at the
//!   same time share the log's syncs.
//! - **The same entry again.** The second of two equal entries is not added, also when both are on their
//!   way at once in this process. Version 1 answers 409 with the entry's place, as Rekor does; version 2
//!   answers as if it were new, with a fresh proof. Two processes may both add one, which does no harm.
//! - **Errors.** What the client did wrong is 4xx with its message; everything else is 5xx with a
//!   message that says nothing of the machine. The true one stands in the response's extensions as
//!   [`sealwright_http::InsideMessage`], for whoever logs.
//! - **Limits.** Bodies of at most 4 MiB, ten entries in one retrieval, a thousand search results.
//!
//! What it deliberately does not do: authenticate, limit rates, speak TLS or listen; and serve
//! version 2 entries under version 1, which could neither give them a time nor a promise.

mod answer;
mod error;
mod index;
mod request;
mod service;
mod v1;
mod v2;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::routing::post;
use sealwright_store::FileLayer;

pub use self::service::LogService;

/// All routes of both versions.
pub fn router<L: FileLayer + 'static>(state: Arc<LogService<L>>) -> Router {
    Router::new()
        .route("/api/v1/log", get(v1::info))
        .route("/api/v1/log/publicKey", get(v1::public_key))
        .route("/api/v1/log/proof", get(v1::proof))
        .route("/api/v1/log/entries", get(v1::by_index).post(v1::add))
        .route("/api/v1/log/entries/retrieve", post(v1::retrieve))
        .route("/api/v1/log/entries/{id}", get(v1::by_id))
        .route("/api/v1/index/retrieve", post(v1::search))
        .route("/api/v2/log/entries", post(v2::add))
        .route("/api/v2/checkpoint", get(v2::checkpoint))
        .route("/api/v2/tile/entries/{*number}", get(v2::entries))
        .route("/api/v2/tile/{level}/{*number}", get(v2::tile))
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::no_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}

/// The largest request that is read, as Rekor v2 and Fulcio have it.
const MAX_BODY: usize = 4 << 20;
