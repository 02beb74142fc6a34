//! The client of a timestamp authority.
//!
//! RFC 3161 section 3.4 (time-stamp protocol via HTTP). The request has a nonce and asks for the
//! authority's certificate; the answer must be about what was asked. Whether it is to be believed is
//! for the verifier to say.

use http::HeaderValue;
use http::header;
use sealwright_core::Digest;
use sealwright_crypto::TimestampRequest;
use sealwright_crypto::TimestampToken;
use sealwright_crypto::random_bytes;
use sealwright_crypto::timestamp::Certificates;
use url::Url;

use crate::Client;
use crate::Error;
use crate::http_service;
use crate::http_service::Service;
use crate::http_service::malformed;

/// A timestamp authority.
#[derive(Clone, Debug)]
pub struct TimestampClient {
    client: Client,
    url: Url,
}

impl TimestampClient {
    /// The authority at this URL: the whole of it, as a signing configuration names it.
    pub const fn new(client: Client, url: Url) -> Self {
        Self { client, url }
    }

    /// Gets a timestamp over a signature's bytes: the DER of a response, as the signing state
    /// machine takes it.
    ///
    /// # Errors
    /// `service.denied`, `service.refused`, `service.unavailable`, `service.malformed-answer`,
    /// `timestamp.malformed`, `timestamp.refused`, and those of [`Client::exchange`].
    pub async fn timestamp(&self, signature: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = |source| Error::ServiceStructure {
            service: SERVICE,
            url: (&self.url).into(),
            source,
        };
        let mut nonce = [0; 16];
        random_bytes(&mut nonce).map_err(failed)?;
        let query = TimestampRequest::new(Digest::sha256(signature))
            .map_err(failed)?
            .with_nonce(&nonce)
            .with_certificates(Certificates::Embed);
        let request = http_service::post(self.url.clone(), QUERY, query.to_der())
            .header(header::ACCEPT, HeaderValue::from_static(REPLY));
        let answer =
            http_service::exchange(&self.client, SERVICE, &request, MAX_ANSWER_BYTES).await?;
        let answer = http_service::accept(SERVICE, answer)?;
        let token = TimestampToken::from_response_der(&answer.body).map_err(failed)?;
        if !token.answers(&query) {
            let found = "a timestamp with another digest or nonce";
            return Err(malformed(SERVICE, &answer, found, "one over what was sent"));
        }
        Ok(token.response_der().to_vec())
    }
}

const SERVICE: Service = Service::TimestampAuthority;
const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";
const MAX_ANSWER_BYTES: u64 = 256 << 10;

#[cfg(test)]
mod tests;
