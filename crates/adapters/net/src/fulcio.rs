//! The client of a certificate authority that speaks Fulcio's API, version 2.
//!
//! Source: fulcio `fulcio.proto`, `CreateSigningCertificate` as its gateway maps it to JSON. Two
//! forms of request: a public key with a proof of possession, and a certificate signing request,
//! whose own signature is the proof. The token goes in the `Authorization` header. A certificate
//! whose SCT comes beside it is refused: bundles have no place for one.

use http::HeaderValue;
use http::header;
use sealwright_core::Base64;
use sealwright_core::canonical_json;
use sealwright_crypto::Certificate;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use url::Url;

use crate::Answer;
use crate::Client;
use crate::Error;
use crate::http_service;
use crate::http_service::Service;
use crate::http_service::malformed;
use crate::oidc::IdentityToken;

/// A certificate authority.
#[derive(Clone, Debug)]
pub struct AuthorityClient {
    client: Client,
    base: Url,
}

/// What it issued.
#[derive(Clone, Debug)]
pub struct IssuedCertificate {
    /// The certificate, with its SCT inside if the authority uses certificate transparency.
    pub leaf: Certificate,
    /// Those above it, issuer first, as the authority says.
    pub issuers: Vec<Certificate>,
}

impl AuthorityClient {
    /// The authority at this base URL, as a signing configuration names it.
    pub const fn new(client: Client, base: Url) -> Self {
        Self { client, base }
    }

    /// Gets what the signing state machine asks for: a certificate for a key whose possession is
    /// proven by a signature over the token's subject.
    ///
    /// # Errors
    /// `service.denied`, `service.refused`, `service.unavailable`, `service.malformed-answer`,
    /// `service.detached-sct`, and those of [`Client::exchange`].
    pub async fn certify(
        &self,
        token: &IdentityToken,
        request: &sealwright_sigstore::CertificateRequest,
    ) -> Result<IssuedCertificate, Error> {
        let body = json!({"publicKeyRequest": {
            "publicKey": {
                "algorithm": algorithm(&request.public_key),
                "content": request.public_key.to_pem(),
            },
            "proofOfPossession": request.proof,
        }});
        self.issue(token, &body, &request.public_key).await
    }

    /// The same by a certificate signing request in PEM, for this key.
    ///
    /// # Errors
    /// As [`AuthorityClient::certify`].
    pub async fn certify_request(
        &self,
        token: &IdentityToken,
        request_pem: &str,
        key: &PublicKey,
    ) -> Result<IssuedCertificate, Error> {
        let request = Base64::encode(request_pem.as_bytes());
        let body = json!({ "certificateSigningRequest": request });
        self.issue(token, &body, key).await
    }

    async fn issue(
        &self,
        token: &IdentityToken,
        body: &Value,
        key: &PublicKey,
    ) -> Result<IssuedCertificate, Error> {
        let url = http_service::endpoint(&self.base, "api/v2/signingCert");
        // A token is base64url and dots, which fit any header.
        let bearer =
            http_service::secret_header("Bearer", token.secret()).ok_or(Error::TokenMalformed {
                part: "a part that fits no header",
            })?;
        let request = http_service::post(url, http_service::JSON, body.to_string())
            .header(http_service::AUTHORIZATION, bearer)
            .header(header::ACCEPT, HeaderValue::from_static(http_service::JSON));
        let answer =
            http_service::exchange(&self.client, SERVICE, &request, MAX_ANSWER_BYTES).await?;
        let answer = http_service::accept(SERVICE, answer)?;
        let issued = read(&answer)?;
        if issued.leaf.public_key() != key {
            let found = "a certificate for another key";
            return Err(malformed(
                SERVICE,
                &answer,
                found,
                "one for the key that was sent",
            ));
        }
        Ok(issued)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAnswer {
    signed_certificate_detached_sct: Option<serde::de::IgnoredAny>,
    signed_certificate_embedded_sct: Option<WireSigned>,
}

#[derive(Deserialize)]
struct WireSigned {
    chain: WireChain,
}

#[derive(Deserialize)]
struct WireChain {
    certificates: Vec<String>,
}

fn read(answer: &Answer) -> Result<IssuedCertificate, Error> {
    const WANTED: &str = "a signed certificate with its chain";
    let fault = |found| malformed(SERVICE, answer, found, WANTED);
    let wire: WireAnswer =
        canonical_json::from_slice(&answer.body).map_err(|_| fault("something else"))?;
    let Some(signed) = wire.signed_certificate_embedded_sct else {
        return Err(match wire.signed_certificate_detached_sct {
            Some(_) => Error::ServiceDetachedSct {
                url: (&answer.url).into(),
            },
            None => fault("JSON without one"),
        });
    };
    let pem = signed.chain.certificates;
    if pem.len() > MAX_CHAIN {
        return Err(fault("a chain of more than ten certificates"));
    }
    let mut certificates = pem
        .iter()
        .map(|pem| Certificate::from_pem(pem))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| fault("a chain that cannot be read"))?
        .into_iter();
    let leaf = certificates.next().ok_or_else(|| fault("an empty chain"))?;
    Ok(IssuedCertificate {
        leaf,
        issuers: certificates.collect(),
    })
}

/// `PublicKeyAlgorithm`, which authorities do not read: the key says it.
const fn algorithm(key: &PublicKey) -> &'static str {
    match key.kind() {
        KeyKind::EcdsaP256 | KeyKind::EcdsaP384 | KeyKind::EcdsaP521 => "ECDSA",
        KeyKind::Ed25519 => "ED25519",
        KeyKind::Rsa => "RSA_PSS",
        _ => "PUBLIC_KEY_ALGORITHM_UNSPECIFIED",
    }
}

const SERVICE: Service = Service::CertificateAuthority;
const MAX_ANSWER_BYTES: u64 = 1 << 20;
const MAX_CHAIN: usize = 10;

#[cfg(test)]
mod tests;
