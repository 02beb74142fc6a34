//! The routes of a timestamp authority (RFC 3161 section 3.4, and the JSON form of Sigstore's).

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Response;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::canonical_json;
use sealwright_crypto::Certificate;
use sealwright_crypto::TimestampRequest;
use sealwright_crypto::timestamp::Certificates;
use sealwright_http::blocking;
use sealwright_http::typed;
use serde::Deserialize;

use super::error::Refusal;
use super::error::Whole;
use super::service::AuthorityService;

type Service = State<Arc<AuthorityService>>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct JsonRequest {
    artifact_hash: Base64,
    hash_algorithm: String,
    #[serde(default)]
    certificates: bool,
    nonce: Option<u64>,
    #[serde(rename = "tsaPolicyOID")]
    policy: Option<String>,
}

/// `POST /api/v1/timestamp`
pub(super) async fn answer(
    State(service): Service,
    headers: HeaderMap,
    whole: Whole,
) -> Result<Response, Refusal> {
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    blocking(move || {
        let request = if is_json {
            from_json(&whole.bytes)?
        } else {
            TimestampRequest::from_der(&whole.bytes).map_err(|error| unreadable(&error))?
        };
        let answer = service.authority().timestamp(&request, service.now())?;
        let answer = typed("application/timestamp-reply", answer);
        Ok((StatusCode::CREATED, answer).into_response())
    })
    .await
}

/// `GET /api/v1/timestamp/certchain`
pub(super) async fn chain(State(service): Service) -> Result<Response, Refusal> {
    let authority = service.authority();
    let newest = authority
        .timestamp_authorities()
        .last()
        .ok_or_else(|| Refusal::inside("no timestamp authority"))?;
    let chain = [&newest.leaf, &newest.root];
    let pem: String = chain.into_iter().map(Certificate::to_pem).collect();
    Ok(typed("application/pem-certificate-chain", pem))
}

fn from_json(text: &[u8]) -> Result<TimestampRequest, Refusal> {
    let request: JsonRequest =
        canonical_json::from_slice(text).map_err(|error| unreadable(&error))?;
    if request.policy.is_some_and(|policy| policy != POLICY) {
        return Err(unreadable(&"no such policy"));
    }
    let algorithm = match request.hash_algorithm.to_ascii_lowercase().as_str() {
        "sha256" => DigestAlgorithm::Sha256,
        "sha384" => DigestAlgorithm::Sha384,
        "sha512" => DigestAlgorithm::Sha512,
        _ => return Err(unreadable(&"hash algorithms are sha256, sha384 and sha512")),
    };
    let digest = Digest::from_bytes(algorithm, request.artifact_hash.as_bytes())
        .map_err(|error| unreadable(&error))?;
    let mut answer = TimestampRequest::new(digest).map_err(|error| unreadable(&error))?;
    if let Some(nonce) = request.nonce {
        answer = answer.with_nonce(&nonce.to_be_bytes());
    }
    Ok(match request.certificates {
        true => answer.with_certificates(Certificates::Embed),
        false => answer,
    })
}

fn unreadable(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::bad(format!("Error parsing timestamp request: {error}"))
}

/// Sigstore's timestamp policy.
const POLICY: &str = "1.3.6.1.4.1.57264.2";
