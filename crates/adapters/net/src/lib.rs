//! The HTTP client policy every remote call of Sealwright goes through.
//!
//! What it adds to the HTTP library: plain HTTP is spoken to this machine alone; every exchange has
//! a deadline, every body a limit; only what may be repeated is retried, with jitter and heeding
//! `Retry-After`; redirects are few, never lead from HTTPS to HTTP and never carry credentials to
//! another host. Nothing is built before the first request, and the system's certificate store is
//! read only before the first HTTPS request.
//!
//! On top of it: where identity tokens come from ([`oidc`], [`oauth`]), and the clients of the services that
//! signing talks to ([`AuthorityClient`], [`LogClient`], [`TimestampClient`]). They
//! answer what the signing state machine asks for.
//!
//! It knows no registry, keeps no state, reads no environment and makes no trust decision: what a
//! service answers is judged by the state machine, and by the verifier in the end.

mod client;
mod error;
mod fulcio;
mod http_service;
pub mod oauth;
pub mod oidc;
mod redirect;
mod rekor;
mod request;
mod retry;
#[cfg(test)]
mod stub;
mod tls;
mod tsa;
mod upload;

pub use http::HeaderMap;
pub use http::HeaderName;
pub use http::HeaderValue;
pub use http::Method;
pub use http::StatusCode;
pub use http::header;
pub use url::Url;

pub use crate::client::Client;
pub use crate::client::Download;
pub use crate::client::Options;
pub use crate::client::Proxy;
pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::error::ShownUrl;
pub use crate::error::TokenSourceFault;
pub use crate::fulcio::AuthorityClient;
pub use crate::fulcio::IssuedCertificate;
pub use crate::http_service::ServerMessage;
pub use crate::http_service::Service;
pub use crate::redirect::check_hop;
pub use crate::redirect::is_loopback;
pub use crate::rekor::LogClient;
pub use crate::rekor::parse_v1 as parse_rekor_v1_entry;
pub use crate::request::Answer;
pub use crate::request::Repeat;
pub use crate::request::Request;
pub use crate::retry::retry_after;
pub use crate::tls::Tls;
pub use crate::tsa::TimestampClient;
pub use crate::upload::FileBody;
