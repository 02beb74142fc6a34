//! Taking evidence away (OCI distribution-spec v1.1, "Content Management").
//!
//! Not every registry deletes: docker-registry only when it is configured so, some only by digest,
//! some only tags. What was refused is said; what is gone already is no failure.

use backon::Retryable as _;
use http::StatusCode;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_net::Method;
use sealwright_net::Repeat;
use sealwright_net::Request;

use super::Access;
use super::Repository;
use super::SMALL_ANSWER;
use super::attach::is_passing;
use super::attach::soon;
use crate::Error;
use crate::referrer::fallback_tag;

impl Repository {
    /// Removes a manifest by its digest, with all tags that name it; says whether it was there.
    ///
    /// # Errors
    /// `registry.deletion-refused` when the registry does not do that, any other `registry.…`.
    pub async fn delete_manifest(&self, digest: &Digest) -> Result<bool, Error> {
        self.delete(&digest.to_string()).await
    }

    /// Removes a tag and leaves what it names, where the registry can; says whether it was there.
    ///
    /// # Errors
    /// As [`Repository::delete_manifest`].
    pub async fn delete_tag(&self, tag: &str) -> Result<bool, Error> {
        self.delete(tag).await
    }

    /// Takes entries out of the list of what refers to an artifact, where a tag keeps it; says
    /// whether there were any. The tag goes with the last entry, where the registry lets it.
    ///
    /// # Errors
    /// Any `registry.…`, `files.locked`.
    pub async fn unlist(&self, subject: &Digest, referrers: &[Digest]) -> Result<bool, Error> {
        let tag = fallback_tag(subject);
        let mut removed = false;
        for _ in 0..ATTEMPTS {
            let _turn = self.turn(&tag).await?;
            let Some(mut list) = self.tagged_list(&tag).await? else {
                return Ok(removed);
            };
            if !list.remove(referrers) {
                return Ok(removed);
            }
            removed = true;
            if list.len() == 0 {
                // An empty list says the same where the tag cannot go.
                if let Ok(Some(before)) = self.tagged_manifest(&tag).await
                    && self
                        .delete_manifest(&before.descriptor.digest)
                        .await
                        .is_ok()
                {
                    continue;
                }
            }
            let content = list.to_tagged_bytes();
            self.put_manifest(&tag, &MediaType::OCI_INDEX, content.into(), Repeat::Never)
                .await?;
        }
        Err(Error::ReferrersContended {
            place: self.place(),
            tag,
            attempts: ATTEMPTS,
        })
    }

    async fn delete(&self, name: &str) -> Result<bool, Error> {
        let wish = self.wish(Access::Delete, "delete a manifest");
        let url = self.url(&format!("manifests/{name}"))?;
        let request = Request::new(Method::DELETE, url);
        let ask = || self.exchange(&wish, &request, SMALL_ANSWER);
        let (answer, known) = ask.retry(soon()).when(is_passing).await?;
        match answer.status {
            StatusCode::OK | StatusCode::ACCEPTED | StatusCode::NO_CONTENT => Ok(true),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(false),
            StatusCode::BAD_REQUEST
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_IMPLEMENTED => Err(Error::DeletionRefused {
                registry: wish.registry.to_owned(),
                status: answer.status,
                message: super::message(&answer.body),
            }),
            _ => Err(self.registry.refusal(&wish, known, name, &answer)),
        }
    }
}

/// How often a list is changed before others are believed to undo it.
const ATTEMPTS: usize = 6;
