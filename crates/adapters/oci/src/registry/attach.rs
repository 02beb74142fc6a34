//! Attaching evidence to an artifact.
//!
//! A registry with the referrers API lists what is pushed with a `subject` by itself. Elsewhere the
//! client keeps an index under the fallback tag (distribution-spec v1.1, "Pushing Manifests with
//! Subject"), and the protocol offers no compare-and-swap for that:
//!
//! - Processes on one machine take turns by a lock file, so none overwrites another's entry.
//! - After writing, the tag is read back when another writer that had begun before us has had time
//!   to end; entries of ours that are gone are written again. When others have written meanwhile,
//!   it is read again until it no longer changes.
//! - What remains is a writer on another machine. If it writes between our reading the tag and our
//!   writing it, its entry is lost unless it, too, reads back (Sealwright does, cosign 3 does not).
//!   If it read the tag before our writing and writes after our reading back, our entry is lost.
//!   Nothing is lost but the listing: the evidence itself stays, and attaching it again lists it.

use std::path::Path;
use std::time::Duration;

use backon::BackoffBuilder as _;
use backon::ExponentialBuilder;
use backon::Retryable as _;
use http::StatusCode;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_files::LockFile;
use sealwright_net::Repeat;
use tokio::time::Instant;

use super::Repository;
use crate::Descriptor;
use crate::Error;
use crate::ReferrerManifest;
use crate::referrer::Encoded;
use crate::referrer::ReferrerList;
use crate::referrer::fallback_tag;

impl Repository {
    /// Attaches manifests to one in this repository and makes sure that they are listed. Returns
    /// their descriptors.
    ///
    /// # Errors
    /// Any `registry.…`, `files.locked`.
    pub async fn attach(
        &self,
        subject: &Descriptor,
        referrers: &[ReferrerManifest],
    ) -> Result<Vec<Descriptor>, Error> {
        let encoded = referrers
            .iter()
            .map(|referrer| referrer.encode(subject))
            .collect::<Result<_, _>>()
            .map_err(|error| Error::Malformed {
                place: self.place(),
                what: "referrer".to_owned(),
                reason: error.to_string(),
            })?;
        self.attach_encoded(subject, encoded).await
    }

    /// Pushes manifests that refer to one in this repository and makes sure that they are listed.
    pub(super) async fn attach_encoded(
        &self,
        subject: &Descriptor,
        referrers: Vec<Encoded>,
    ) -> Result<Vec<Descriptor>, Error> {
        let mut attached = Vec::with_capacity(referrers.len());
        let mut indexed = true;
        for encoded in referrers {
            for (digest, blob) in encoded.blobs {
                let push = || self.push_blob(&digest, blob.clone());
                push.retry(soon()).when(is_passing).await?;
            }
            let descriptor = encoded.descriptor;
            let name = descriptor.digest.to_string();
            let put = || {
                let content = encoded.manifest.clone();
                self.put_manifest(&name, &descriptor.media_type, content, Repeat::Allowed)
            };
            let answer = put.retry(soon()).when(is_passing).await?;
            let noticed = answer
                .header("oci-subject")
                .and_then(|text| text.parse().ok());
            indexed &= noticed == Some(subject.digest);
            attached.push(descriptor);
        }
        // Some registries index without saying so.
        if !attached.is_empty() && !indexed && !self.has_referrers_api(&subject.digest).await? {
            self.list_under_tag(&fallback_tag(&subject.digest), &attached)
                .await?;
        }
        Ok(attached)
    }

    /// Adds entries to the index under a tag and reads it back until they stay.
    pub(crate) async fn list_under_tag(
        &self,
        tag: &str,
        entries: &[Descriptor],
    ) -> Result<(), Error> {
        let mut failure = None;
        let mut seen = None;
        let mut stayed = 0;
        for _ in 0..ATTEMPTS {
            let started = Instant::now();
            let found = self.tagged_list(tag).await?;
            let is_complete = found.as_ref().is_some_and(|list| list.has_all(entries));
            if is_complete {
                stayed += 1;
                if seen.is_none() || seen == found || stayed == ENOUGH {
                    return Ok(());
                }
                // Others write, too: wait until they have ended.
                seen = found;
            } else {
                stayed = 0;
                match self.add_under_tag(tag, entries).await? {
                    Written::Yes(list) => seen = Some(list),
                    Written::Unknown(list, error) => {
                        seen = Some(list);
                        failure = Some(error);
                    }
                }
            }
            // As long as our own turn took, so will that of one who read before we wrote.
            pause(started.elapsed()).await;
        }
        match self.tagged_list(tag).await? {
            Some(list) if list.has_all(entries) => Ok(()),
            _ => Err(failure.unwrap_or_else(|| Error::ReferrersContended {
                place: self.place(),
                tag: tag.to_owned(),
                attempts: ATTEMPTS,
            })),
        }
    }

    /// Adds the entries that are missing. After some failures nobody knows whether the tag was
    /// written: reading back tells.
    async fn add_under_tag(&self, tag: &str, entries: &[Descriptor]) -> Result<Written, Error> {
        let _turn = self.turn(tag).await?;
        let list = self.tagged_list(tag).await?;
        let mut list = list.unwrap_or_else(ReferrerList::empty);
        if list.has_all(entries) {
            return Ok(Written::Yes(list));
        }
        for entry in entries {
            list.add(entry);
        }
        let content = list.to_tagged_bytes();
        let limit = self.limits().manifest_bytes;
        if list.len() > self.limits().referrers || content.len() as u64 > limit {
            return Err(Error::TooMany {
                place: self.place(),
                what: "entries under the fallback tag",
                limit: self.limits().referrers as u64,
            });
        }
        // Never repeated blindly: a late repetition could undo what others wrote meanwhile.
        let written = self
            .put_manifest(tag, &MediaType::OCI_INDEX, content.into(), Repeat::Never)
            .await;
        match written {
            Ok(_) => Ok(Written::Yes(list)),
            Err(error @ (Error::Transport { .. } | Error::Unavailable { .. })) => {
                Ok(Written::Unknown(list, error))
            }
            Err(error) if is_passing(&error) => Ok(Written::Unknown(list, error)),
            Err(error) => Err(error),
        }
    }

    /// Waits for this process's turn to change a tag.
    pub(crate) async fn turn(&self, tag: &str) -> Result<Option<LockFile>, Error> {
        let Some(directory) = &self.registry.inner.options.lock_directory else {
            return Ok(None);
        };
        sealwright_files::create_private_directory(directory)?;
        let path = directory.join(lock_name(&self.reference.name(), tag));
        lock(&path).await.map(Some)
    }
}

enum Written {
    Unknown(ReferrerList, Error),
    Yes(ReferrerList),
}

/// Whether a failure may not come again. docker-registry's files are not written at once: who reads
/// or writes something that another client is writing is answered 500, or 400 `DIGEST_INVALID`.
pub(super) fn is_passing(error: &Error) -> bool {
    match error {
        Error::Refused { status, .. } => *status == StatusCode::BAD_REQUEST,
        Error::Transport { source, .. } => {
            matches!(source, sealwright_net::Error::Interrupted { .. })
        }
        Error::Unavailable { status, .. } => *status == StatusCode::INTERNAL_SERVER_ERROR,
        _ => false,
    }
}

/// A few times within a second.
pub(super) fn soon() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(5))
        .with_max_times(6)
        .with_jitter()
}

/// Takes a lock without holding up the runtime's threads.
async fn lock(path: &Path) -> Result<LockFile, Error> {
    let backoff = ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(1))
        .with_max_delay(Duration::from_millis(25))
        .without_max_times()
        .with_jitter();
    let attempt = async || match LockFile::try_exclusive(path) {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => Err(None),
        Err(error) => Err(Some(error)),
    };
    let taken = attempt.retry(backoff).when(Option::is_none);
    match tokio::time::timeout(LOCK_WAIT, taken).await {
        Ok(Ok(lock)) => Ok(lock),
        Ok(Err(Some(error))) => Err(error.into()),
        Ok(Err(None)) | Err(_) => Err(Error::Files(sealwright_files::Error::Locked {
            path: path.to_owned(),
        })),
    }
}

/// Few files serve all tags; two tags that share one only wait for each other.
fn lock_name(repository: &str, tag: &str) -> String {
    let digest = Digest::sha256(format!("{repository}:{tag}").as_bytes());
    let bucket = digest.as_bytes().first().copied().unwrap_or_default() % LOCKS;
    format!("referrers-{bucket:02}.lock")
}

/// Between once and twice as long.
pub(super) async fn pause(least: Duration) {
    let least = least.clamp(Duration::from_millis(2), Duration::from_secs(2));
    let backoff = ExponentialBuilder::new()
        .with_min_delay(least)
        .with_jitter();
    tokio::time::sleep(backoff.build().next().unwrap_or(least)).await;
}

pub(super) const ATTEMPTS: usize = 12;
/// How often entries are found to have stayed while others go on writing.
const ENOUGH: usize = 4;
const LOCKS: u8 = 64;
const LOCK_WAIT: Duration = Duration::from_secs(120);
