//! The client of a transparency log that speaks Rekor's API, version 1 or 2.
//!
//! Sources: rekor v1 `openapi.yaml` (`createLogEntry`, `getLogEntryByUUID`, `searchIndex`); rekor-tiles
//! `rekor_service.proto` (`CreateEntry`). An entry says itself which generation it is for. An
//! equivalent entry that a version 1 log holds already is fetched: after an answer that was lost on
//! its way, that is our own. Whether an answer holds what was proposed, the state machine checks;
//! whether the log kept its word, the verifier.

mod entry;
mod proposal;

pub use self::entry::parse_v1;

use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::header;
use sealwright_core::Digest;
use sealwright_core::canonical_json;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use url::Url;

use crate::Answer;
use crate::Client;
use crate::Error;
use crate::Request;
use crate::http_service;
use crate::http_service::Service;
use crate::http_service::malformed;

/// A transparency log.
#[derive(Clone, Debug)]
pub struct LogClient {
    client: Client,
    base: Url,
}

impl LogClient {
    /// The log at this base URL, as a signing configuration names it.
    pub const fn new(client: Client, base: Url) -> Self {
        Self { client, base }
    }

    /// Has an entry logged: what the signing state machine asks for. A version 2 log takes some
    /// seconds to answer.
    ///
    /// # Errors
    /// `service.denied`, `service.refused`, `service.unavailable`, `service.malformed-answer`,
    /// `entry.malformed` for an envelope without exactly one signature, and those of
    /// [`Client::exchange`].
    pub async fn add(&self, entry: &ProposedEntry) -> Result<LogEntry, Error> {
        let version = entry.log_version();
        let url = http_service::endpoint(&self.base, path(version));
        let body = proposal::body(entry).map_err(|source| Error::ServiceProposal {
            service: SERVICE,
            url: (&url).into(),
            source: Box::new(source),
        })?;
        let request = http_service::post(url, http_service::JSON, body)
            .header(header::ACCEPT, HeaderValue::from_static(http_service::JSON));
        let answer = self.exchange(&request).await?;
        match version {
            LogVersion::V1 if answer.status == StatusCode::CONFLICT => self.existing(&answer).await,
            LogVersion::V1 => entry::read_v1(&http_service::accept(SERVICE, answer)?),
            LogVersion::V2 => entry::read_v2(&http_service::accept(SERVICE, answer)?),
        }
    }

    /// The entry of a version 1 log with this identifier: 64 or 80 hexadecimal digits.
    ///
    /// # Errors
    /// As [`LogClient::add`].
    pub async fn entry(&self, id: &str) -> Result<LogEntry, Error> {
        let path = format!("{}/{id}", path(LogVersion::V1));
        let request = Request::new(Method::GET, http_service::endpoint(&self.base, &path))
            .header(header::ACCEPT, HeaderValue::from_static(http_service::JSON));
        let answer = self.exchange(&request).await?;
        entry::read_v1(&http_service::accept(SERVICE, answer)?)
    }

    /// The identifiers of the entries that a version 1 log has about something with this digest, at
    /// most 100 of them.
    ///
    /// # Errors
    /// As [`LogClient::add`].
    pub async fn search(&self, digest: &Digest) -> Result<Vec<String>, Error> {
        let url = http_service::endpoint(&self.base, "api/v1/index/retrieve");
        let query = serde_json::json!({ "hash": digest.to_string() }).to_string();
        let request = http_service::post(url, http_service::JSON, query)
            .header(header::ACCEPT, HeaderValue::from_static(http_service::JSON));
        let answer = http_service::accept(SERVICE, self.exchange(&request).await?)?;
        let found: Option<Vec<String>> = canonical_json::from_slice(&answer.body).ok();
        let found = found.filter(|found| found.iter().all(|id| is_id(id)));
        let Some(mut found) = found else {
            let wanted = "a list of identifiers of entries";
            return Err(malformed(SERVICE, &answer, "something else", wanted));
        };
        found.truncate(MAX_FOUND);
        Ok(found)
    }

    /// Fetches what a conflict names. Of its address only the identifier is taken: the log is where
    /// we found it, and nowhere else.
    async fn existing(&self, conflict: &Answer) -> Result<LogEntry, Error> {
        let location = conflict.header(header::LOCATION).unwrap_or_default();
        let id = location.rsplit('/').next().unwrap_or_default();
        if !is_id(id) {
            let found = "a conflict with no entry";
            return Err(malformed(SERVICE, conflict, found, "the entry's address"));
        }
        self.entry(id).await
    }

    async fn exchange(&self, request: &Request) -> Result<Answer, Error> {
        http_service::exchange(&self.client, SERVICE, request, MAX_ANSWER_BYTES).await
    }
}

const fn path(version: LogVersion) -> &'static str {
    match version {
        LogVersion::V1 => "api/v1/log/entries",
        LogVersion::V2 => "api/v2/log/entries",
    }
}

/// An entry's hash, or that with the tree's number before it.
fn is_id(id: &str) -> bool {
    matches!(id.len(), 64 | 80) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const SERVICE: Service = Service::TransparencyLog;
const MAX_FOUND: usize = 100;
/// Entries are small, but intoto ones may come with their attestation.
const MAX_ANSWER_BYTES: u64 = 32 << 20;

#[cfg(test)]
mod tests;
