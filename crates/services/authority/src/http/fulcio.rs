//! The routes of Fulcio, versions 2 and 1.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Response;
use sealwright_core::Base64;
use sealwright_core::canonical_json;
use sealwright_crypto::Certificate;
use sealwright_crypto::CertificateRequest;
use sealwright_crypto::PublicKey;
use sealwright_http::blocking;
use sealwright_http::json;
use sealwright_http::typed;
use serde::Deserialize;
use serde::Serialize;

use super::error::Refusal;
use super::error::Whole;
use super::service::AuthorityService;
use crate::KeyProof;
use crate::oidc::IssuerKind;

type Service = State<Arc<AuthorityService>>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestV2 {
    credentials: Option<Credentials>,
    public_key_request: Option<PublicKeyRequest>,
    certificate_signing_request: Option<Base64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    oidc_identity_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicKeyRequest {
    public_key: KeyV2,
    proof_of_possession: Base64,
}

/// The algorithm it may name is not read: the key says it.
#[derive(Deserialize)]
struct KeyV2 {
    content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerV2 {
    signed_certificate_embedded_sct: Embedded,
}

#[derive(Serialize)]
struct Embedded {
    chain: Chain,
}

#[derive(Serialize)]
struct Chain {
    certificates: Vec<String>,
}

/// `POST /api/v2/signingCert`
pub(super) async fn signing_certificate_v2(
    State(service): Service,
    headers: HeaderMap,
    whole: Whole,
) -> Result<Response, Refusal> {
    blocking(move || {
        let request: RequestV2 = read(&whole.bytes)?;
        let stated = request
            .credentials
            .and_then(|credentials| credentials.oidc_identity_token)
            .filter(|token| !token.is_empty());
        let token = stated.or_else(|| bearer(&headers)).ok_or_else(no_token)?;
        let chain = match (
            request.public_key_request,
            request.certificate_signing_request,
        ) {
            (Some(request), None) => {
                let key = public_key(&request.public_key.content)?;
                let proof = KeyProof::Challenge {
                    public_key: &key,
                    signature: request.proof_of_possession.as_bytes(),
                };
                service.issue(&token, &proof)?
            }
            (None, Some(request)) => service.issue(&token, &KeyProof::Request(&csr(&request)?))?,
            _ => return Err(Refusal::bad("wanted a public key or a certificate request")),
        };
        Ok(json(&AnswerV2 {
            signed_certificate_embedded_sct: Embedded {
                chain: Chain::of(&chain),
            },
        }))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestV1 {
    public_key: Option<KeyV1>,
    signed_email_address: Option<Base64>,
    certificate_signing_request: Option<Base64>,
}

#[derive(Deserialize)]
struct KeyV1 {
    content: Base64,
}

/// `POST /api/v1/signingCert`
pub(super) async fn signing_certificate_v1(
    State(service): Service,
    headers: HeaderMap,
    whole: Whole,
) -> Result<Response, Refusal> {
    blocking(move || {
        let request: RequestV1 = read(&whole.bytes)?;
        let token = bearer(&headers).ok_or_else(no_token)?;
        let key = request.public_key.zip(request.signed_email_address);
        let chain = match (key, request.certificate_signing_request) {
            (Some((key, proof)), None) => {
                let key = public_key_v1(key.content.as_bytes())?;
                let proof = KeyProof::Challenge {
                    public_key: &key,
                    signature: proof.as_bytes(),
                };
                service.issue(&token, &proof)?
            }
            (None, Some(request)) => service.issue(&token, &KeyProof::Request(&csr(&request)?))?,
            _ => return Err(Refusal::bad("wanted a public key or a certificate request")),
        };
        Ok((StatusCode::CREATED, pem_chain(&chain)).into_response())
    })
    .await
}

#[derive(Serialize)]
struct TrustBundle {
    chains: Vec<Chain>,
}

/// `GET /api/v2/trustBundle`
pub(super) async fn trust_bundle(State(service): Service) -> Response {
    let authority = service.authority();
    let chains = authority
        .certificate_authorities()
        .iter()
        .map(|one| Chain::of(&[one.intermediate.clone(), one.root.clone()]))
        .collect();
    json(&TrustBundle { chains })
}

/// `GET /api/v1/rootCert`
pub(super) async fn root_certificate(State(service): Service) -> Result<Response, Refusal> {
    let authority = service.authority();
    let newest = authority
        .certificate_authorities()
        .last()
        .ok_or_else(|| Refusal::inside("no certificate authority"))?;
    Ok(pem_chain(&[
        newest.intermediate.clone(),
        newest.root.clone(),
    ]))
}

#[derive(Serialize)]
struct Configuration {
    issuers: Vec<Issuer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Issuer {
    issuer_url: String,
    audience: String,
    challenge_claim: &'static str,
    issuer_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_domain: Option<String>,
}

/// `GET /api/v2/configuration`
pub(super) async fn configuration(State(service): Service) -> Response {
    let tokens = service.tokens();
    let issuers = tokens
        .issuers()
        .iter()
        .map(|issuer| Issuer {
            issuer_url: issuer.url().to_owned(),
            audience: issuer.audience().to_owned(),
            challenge_claim: match issuer.kind() {
                IssuerKind::Email => "email",
                _ => "sub",
            },
            issuer_type: match issuer.kind() {
                IssuerKind::Email => "email",
                IssuerKind::Uri { .. } => "uri",
                _ => "ci-provider",
            },
            subject_domain: match issuer.kind() {
                IssuerKind::Uri { subject_domain } => Some(subject_domain.clone()),
                _ => None,
            },
        })
        .collect();
    json(&Configuration { issuers })
}

impl Chain {
    fn of(certificates: &[Certificate]) -> Self {
        Self {
            certificates: certificates.iter().map(Certificate::to_pem).collect(),
        }
    }
}

fn pem_chain(certificates: &[Certificate]) -> Response {
    let pem: String = certificates.iter().map(Certificate::to_pem).collect();
    typed("application/pem-certificate-chain", pem)
}

fn read<T: serde::de::DeserializeOwned>(text: &[u8]) -> Result<T, Refusal> {
    canonical_json::from_slice(text)
        .map_err(|error| Refusal::bad(format!("the request could not be parsed: {error}")))
}

fn no_token() -> Refusal {
    Refusal::bad("There was an error processing the identity token: there is none")
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

fn public_key(pem: &str) -> Result<PublicKey, Refusal> {
    PublicKey::from_pem(pem).map_err(|error| {
        Refusal::bad(format!(
            "The public key supplied in the request could not be parsed: {error}"
        ))
    })
}

/// In PEM, as cosign sends it, or DER, as gitsign does.
fn public_key_v1(content: &[u8]) -> Result<PublicKey, Refusal> {
    if let Ok(key) = PublicKey::from_der(content) {
        return Ok(key);
    }
    public_key(std::str::from_utf8(content).unwrap_or_default())
}

/// In PEM, in base64.
fn csr(request: &Base64) -> Result<CertificateRequest, Refusal> {
    let pem = std::str::from_utf8(request.as_bytes()).unwrap_or_default();
    CertificateRequest::from_pem(pem).map_err(|error| {
        Refusal::bad(format!(
            "The certificate signing request could not be parsed: {error}"
        ))
    })
}
