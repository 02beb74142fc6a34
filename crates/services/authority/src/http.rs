//! The authority over HTTP: what clients of Fulcio and of timestamp authorities ask for, as a thin
//! skin over [`Authority`].
//!
//! Sources: fulcio `fulcio.proto` (v2) and `fulcio_legacy.proto` (v1); timestamp-authority
//! `openapi.yaml`; RFC 3161.
//!
//! - **State.** [`AuthorityService`] holds the authority, a clock, and whose tokens are believed, which
//!   can be replaced while it runs: issuers change their keys.
//! - **Who gets a certificate.** Whoever shows a token that [`crate::oidc`] believes and a proof that they
//!   hold the key. The certificate states the token's identity under the token's issuer. The one
//!   identity of the directory itself is not to be had over HTTP.
//! - **Blocking.** Certificates are written to the authority's record, timestamps are signed: both on a
//!   blocking thread.
//! - **Errors.** Fulcio answers 400 for whatever is wrong with a request, tokens included, and so do we;
//!   the message says what. What is wrong here is 500 and says nothing; the true message stands in the
//!   response's extensions as [`sealwright_http::InsideMessage`].
//! - **Limits.** Bodies of at most 4 MiB, of timestamp requests at most 64 KiB.
//!
//! [`repository_router`] serves the update repository, from which clients learn all this.
//!
//! What it deliberately does not do: fetch anything (keys of issuers are given), rate limits, TLS.

mod error;
mod fulcio;
mod repository;
mod service;
mod timestamp;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::routing::post;

pub use self::service::AuthorityService;
#[cfg(doc)]
use crate::Authority;
use crate::UpdateRepository;

/// The certificate authority's routes.
pub fn certificate_router(state: Arc<AuthorityService>) -> Router {
    Router::new()
        .route("/api/v2/signingCert", post(fulcio::signing_certificate_v2))
        .route("/api/v2/trustBundle", get(fulcio::trust_bundle))
        .route("/api/v2/configuration", get(fulcio::configuration))
        .route("/api/v1/signingCert", post(fulcio::signing_certificate_v1))
        .route("/api/v1/rootCert", get(fulcio::root_certificate))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}

/// The timestamp authority's routes.
pub fn timestamp_router(state: Arc<AuthorityService>) -> Router {
    Router::new()
        .route("/api/v1/timestamp", post(timestamp::answer))
        .route("/api/v1/timestamp/certchain", get(timestamp::chain))
        .layer(DefaultBodyLimit::max(MAX_TIMESTAMP_BODY))
        .with_state(state)
}

/// The update repository's routes: its files, below wherever this is nested.
pub fn repository_router(repository: Arc<UpdateRepository>) -> Router {
    Router::new()
        .route("/{*path}", get(repository::file))
        .with_state(repository)
}

/// The certificate and the timestamp authority's.
pub fn router(state: Arc<AuthorityService>) -> Router {
    certificate_router(Arc::clone(&state)).merge(timestamp_router(state))
}

/// As Fulcio has it.
const MAX_BODY: usize = 4 << 20;
const MAX_TIMESTAMP_BODY: usize = 64 << 10;
