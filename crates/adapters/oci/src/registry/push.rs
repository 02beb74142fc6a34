//! Writing blobs and manifests.

use backon::Retryable as _;
use bytes::Bytes;
use http::HeaderValue;
use http::StatusCode;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_net::Answer;
use sealwright_net::Method;
use sealwright_net::Repeat;
use sealwright_net::Request;
use sealwright_net::Url;
use sealwright_net::header;

use super::Access;
use super::Repository;
use super::SMALL_ANSWER;
use super::attach::is_passing;
use super::attach::soon;
use crate::Error;

impl Repository {
    /// Writes a blob, unless the repository has it.
    ///
    /// # Errors
    /// Any `registry.…`.
    pub async fn push_blob(&self, digest: &Digest, content: Bytes) -> Result<(), Error> {
        let wish = self.wish(Access::Push, "write a blob");
        let url = self.url(&format!("blobs/{digest}"))?;
        let request = Request::new(Method::HEAD, url);
        let (answer, _) = self.exchange(&wish, &request, SMALL_ANSWER).await?;
        let length = content.len() as u64;
        if answer.status == StatusCode::OK {
            self.transferred().add(length);
            return Ok(());
        }
        // An upload that was begun and not ended costs the registry nothing: begin again freely.
        let url = self.url("blobs/uploads/")?;
        let request = Request::new(Method::POST, url.clone())
            .body(BYTES, Bytes::new())
            .repeat(Repeat::Allowed);
        let (answer, known) = self.exchange(&wish, &request, SMALL_ANSWER).await?;
        if answer.status != StatusCode::ACCEPTED {
            return Err(self.registry.refusal(&wish, known, "repository", &answer));
        }
        let mut location = self.location(&answer, &url)?;
        location
            .query_pairs_mut()
            .append_pair("digest", &digest.to_string());
        // A session lives at most once: its answer may be lost, the blob then is there.
        let request = Request::new(Method::PUT, location)
            .body(BYTES, content)
            .repeat(Repeat::Never);
        let (answer, known) = self.exchange(&wish, &request, SMALL_ANSWER).await?;
        match answer.status {
            StatusCode::CREATED | StatusCode::NO_CONTENT | StatusCode::OK => {
                self.transferred().add(length);
                Ok(())
            }
            _ => Err(self.registry.refusal(&wish, known, "upload", &answer)),
        }
    }

    /// Writes a manifest under its digest, or a tag.
    ///
    /// # Errors
    /// Any `registry.…`.
    pub async fn push_manifest(
        &self,
        name: &str,
        media_type: &MediaType,
        content: Bytes,
    ) -> Result<(), Error> {
        self.put_manifest(name, media_type, content, Repeat::Allowed)
            .await
            .map(|_| ())
    }

    /// The same; what fails in passing is tried again.
    pub(crate) async fn write_manifest(
        &self,
        name: &str,
        media_type: &MediaType,
        content: Bytes,
    ) -> Result<(), Error> {
        let put = || self.push_manifest(name, media_type, content.clone());
        put.retry(soon()).when(is_passing).await
    }

    pub(super) async fn put_manifest(
        &self,
        name: &str,
        media_type: &MediaType,
        content: Bytes,
        repeat: Repeat,
    ) -> Result<Answer, Error> {
        let wish = self.wish(Access::Push, "write a manifest");
        let url = self.url(&format!("manifests/{name}"))?;
        let content_type = HeaderValue::try_from(media_type.as_str()).unwrap_or(BYTES);
        let request = Request::new(Method::PUT, url)
            .body(content_type, content)
            .repeat(repeat);
        let (answer, known) = self.exchange(&wish, &request, SMALL_ANSWER).await?;
        match answer.status {
            StatusCode::CREATED | StatusCode::ACCEPTED | StatusCode::OK => Ok(answer),
            _ => Err(self.registry.refusal(&wish, known, "repository", &answer)),
        }
    }

    /// Where an upload goes on.
    pub(super) fn location(&self, answer: &Answer, from: &Url) -> Result<Url, Error> {
        let location = answer.header(header::LOCATION);
        let location = location.and_then(|location| from.join(location).ok());
        let location = location.ok_or_else(|| {
            let wish = self.wish(Access::Push, "write a blob");
            let reason = "it says not where to send the content".to_owned();
            self.registry.malformed_answer(&wish, reason)
        })?;
        sealwright_net::check_hop(from, &location).map_err(|source| {
            self.registry
                .transport_error(self.reference.registry(), source)
        })?;
        Ok(location)
    }
}

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
