//! Moving blobs between repositories and files (OCI distribution-spec v1.1, "Pushing Blobs",
//! "Mounting a blob from another repository").

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use backon::BackoffBuilder as _;
use backon::ExponentialBuilder;
use backon::Retryable as _;
use bytes::Bytes;
use http::HeaderValue;
use http::StatusCode;
use sealwright_core::Digest;
use sealwright_net::Answer;
use sealwright_net::FileBody;
use sealwright_net::Method;
use sealwright_net::Repeat;
use sealwright_net::Request;
use sealwright_net::header;

use super::Access;
use super::Repository;
use super::SMALL_ANSWER;
use super::attach::is_passing;
use super::attach::soon;
use super::authorized;
use super::is_known;
use crate::Descriptor;
use crate::Error;

impl Repository {
    /// Whether the repository has a blob.
    ///
    /// # Errors
    /// Any `registry.…`.
    pub async fn has_blob(&self, digest: &Digest) -> Result<bool, Error> {
        let url = self.url(&format!("blobs/{digest}"))?;
        self.has(&Request::new(Method::HEAD, url), "look for a blob")
            .await
    }

    /// Whether the repository has a manifest under a digest.
    ///
    /// # Errors
    /// Any `registry.…`.
    pub async fn has_manifest(&self, digest: &Digest) -> Result<bool, Error> {
        let request = self.manifest_request(Method::HEAD, &digest.to_string())?;
        self.has(&request, "look for a manifest").await
    }

    /// Lets the repository have a blob of another one in the same registry, without sending it;
    /// says whether that worked. Many registries refuse it for reasons of their own.
    ///
    /// # Errors
    /// Any `registry.…` that is no refusal of this alone.
    pub async fn mount_blob(&self, digest: &Digest, source: &Self) -> Result<bool, Error> {
        if source.reference.registry() != self.reference.registry() {
            return Ok(false);
        }
        let mut wish = self.wish(Access::Push, "mount a blob");
        wish.source = Some(source.reference.repository());
        let mut url = self.url("blobs/uploads/")?;
        url.query_pairs_mut()
            .append_pair("mount", &digest.to_string())
            .append_pair("from", source.reference.repository());
        let request = Request::new(Method::POST, url.clone())
            .body(BYTES, Bytes::new())
            .repeat(Repeat::Allowed);
        let (answer, _) = self.exchange(&wish, &request, SMALL_ANSWER).await?;
        if answer.status == StatusCode::ACCEPTED {
            // It began an upload instead, which nobody will end.
            if let Ok(location) = self.location(&answer, &url) {
                let cancel = Request::new(Method::DELETE, location).repeat(Repeat::Never);
                let wish = self.wish(Access::Push, "end an upload");
                let _ = self.exchange(&wish, &cancel, SMALL_ANSWER).await;
            }
        }
        Ok(answer.status == StatusCode::CREATED)
    }

    /// Writes a blob out of a file, whose digest is known to be right. What breaks or finds the
    /// registry busy is tried again from the beginning.
    ///
    /// # Errors
    /// Any `registry.…`.
    pub async fn upload_blob(
        &self,
        descriptor: &Descriptor,
        file: &Arc<File>,
        sent: &Arc<dyn Fn(u64) + Send + Sync>,
    ) -> Result<(), Error> {
        let options = self.client().options();
        let mut waits = ExponentialBuilder::new()
            .with_min_delay(options.retry_wait)
            .with_max_delay(LONGEST_WAIT)
            .with_max_times(options.max_retries.min(MOST_ATTEMPTS))
            .with_jitter()
            .build();
        loop {
            let body = FileBody::new(Arc::clone(file), descriptor.size, Arc::clone(sent));
            let error = match self.upload_once(descriptor, &body).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            // The answer alone may have been lost.
            if is_worth_repeating(&error) && self.has_blob(&descriptor.digest).await? {
                return Ok(());
            }
            let Some(wait) = waits.next().filter(|_| is_worth_repeating(&error)) else {
                return Err(error);
            };
            let wanted = match &error {
                Error::RateLimited { retry_after, .. } => retry_after.unwrap_or_default(),
                _ => Duration::ZERO,
            };
            if wanted > LONGEST_WAIT {
                return Err(error);
            }
            tokio::time::sleep(wait.max(wanted)).await;
        }
    }

    async fn upload_once(&self, descriptor: &Descriptor, body: &FileBody) -> Result<(), Error> {
        let wish = self.wish(Access::Push, "write a blob");
        let mut renewed = false;
        loop {
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
                .append_pair("digest", &descriptor.digest.to_string());
            let request = Request::new(Method::PUT, location)
                .header(header::CONTENT_TYPE, BYTES)
                .repeat(Repeat::Never);
            // Credentials are for the registry, not for where it has content sent.
            let is_registry = request.url().origin() == url.origin();
            let used = match is_registry {
                true => self.registry.remembered(&wish).await,
                false => None,
            };
            let answer = self
                .client()
                .upload(&authorized(&request, used.as_ref()), body, SMALL_ANSWER)
                .await
                .map_err(|source| {
                    self.registry
                        .transport_error(self.reference.registry(), source)
                })?;
            match answer.status {
                StatusCode::CREATED | StatusCode::NO_CONTENT | StatusCode::OK => return Ok(()),
                // A token may end while much is sent.
                StatusCode::UNAUTHORIZED if is_registry && !renewed => {
                    renewed = true;
                    self.convince(&wish, used, &request, &answer.url, &answer.headers)
                        .await?;
                }
                _ => {
                    let known = is_known(used.as_ref());
                    return Err(self.registry.refusal(&wish, known, "upload", &answer));
                }
            }
        }
    }

    async fn has(&self, request: &Request, action: &str) -> Result<bool, Error> {
        let wish = self.wish(Access::Pull, action);
        let ask = || self.exchange(&wish, request, SMALL_ANSWER);
        let (answer, known): (Answer, bool) = ask.retry(soon()).when(is_passing).await?;
        match answer.status.as_u16() {
            200 => Ok(true),
            404 => Ok(false),
            _ => Err(self.registry.refusal(&wish, known, "content", &answer)),
        }
    }
}

/// Whether an upload may succeed when it is begun again.
fn is_worth_repeating(error: &Error) -> bool {
    is_passing(error)
        || matches!(error, Error::RateLimited { .. } | Error::Unavailable { .. })
        || matches!(
            error,
            Error::Transport {
                source: sealwright_net::Error::Unreachable { .. },
                ..
            }
        )
}

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// Between two attempts, also when the registry asks for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const MOST_ATTEMPTS: usize = 8;
