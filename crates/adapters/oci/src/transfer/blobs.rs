//! Copying blobs, several at once.

use std::fs::File;
use std::io;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;
use futures_util::stream;
use sealwright_core::Digest;
use sealwright_core::Hasher;
use sealwright_files::ByteCount;

use super::Transfer;
use super::Transferred;
use crate::Descriptor;
use crate::Error;
use crate::ImageStore;
use crate::Layout;
use crate::Repository;

impl Transfer<'_> {
    pub(super) async fn copy_blobs(&self, outcome: &mut Transferred) -> Result<(), Error> {
        let mut copied = stream::iter(&self.blobs)
            .map(async |blob| Ok::<_, Error>((blob, self.copy_blob(blob).await?)))
            .buffer_unordered(AT_ONCE);
        while let Some((blob, way)) = copied.try_next().await? {
            match way {
                Way::Mounted => outcome.blobs_mounted += 1,
                Way::Sent => {
                    outcome.blobs_sent += 1;
                    outcome.bytes_sent = outcome.bytes_sent.saturating_add(blob.size);
                }
                Way::There => outcome.blobs_there += 1,
            }
        }
        Ok(())
    }

    async fn copy_blob(&self, blob: &Descriptor) -> Result<Way, Error> {
        let done = &self.options.done;
        let limit = self.source.limits().layer_bytes;
        if blob.size > limit {
            return Err(Error::TooMany {
                place: self.source.place(),
                what: "bytes in a layer",
                limit,
            });
        }
        match (self.source, self.destination) {
            (_, ImageStore::Layout(layout, _)) if layout.has_blob(blob) => {
                done.add(blob.size);
                Ok(Way::There)
            }
            (ImageStore::Layout(from, _), ImageStore::Layout(to, _)) => {
                to.receive_file(blob, from, &|bytes| done.add(bytes))?;
                Ok(Way::Sent)
            }
            (ImageStore::Registry(from), ImageStore::Layout(to, _)) => {
                to.receive(blob, from, &|bytes| done.add(bytes)).await?;
                Ok(Way::Sent)
            }
            (_, ImageStore::Registry(to)) if to.has_blob(&blob.digest).await? => {
                done.add(blob.size);
                Ok(Way::There)
            }
            (ImageStore::Registry(from), ImageStore::Registry(to)) => {
                if to.mount_blob(&blob.digest, from).await? {
                    done.add(blob.size);
                    return Ok(Way::Mounted);
                }
                between(from, to, blob, done).await?;
                Ok(Way::Sent)
            }
            (ImageStore::Layout(from, _), ImageStore::Registry(to)) => {
                upload(from, to, blob, done).await?;
                Ok(Way::Sent)
            }
        }
    }
}

/// How a blob came to be where it is wanted.
enum Way {
    Mounted,
    Sent,
    There,
}

/// From a registry to another, by way of a file: nothing is sent on before its digest is known to be
/// right. Half of a byte is done when it is here, the other half when it is there.
async fn between(
    from: &Repository,
    to: &Repository,
    blob: &Descriptor,
    done: &ByteCount,
) -> Result<(), Error> {
    let halves = Halves::new(done.clone());
    let count = |bytes| halves.add(bytes);
    let file = from.spool_counting(blob, &count).await?;
    let halves = Arc::new(halves);
    let sent: Arc<dyn Fn(u64) + Send + Sync> = {
        let halves = Arc::clone(&halves);
        Arc::new(move |bytes| halves.add(bytes))
    };
    to.upload_blob(blob, &Arc::new(file), &sent).await?;
    halves.complete(blob.size);
    Ok(())
}

async fn upload(
    from: &Layout,
    to: &Repository,
    blob: &Descriptor,
    done: &ByteCount,
) -> Result<(), Error> {
    let path = from.existing_blob(blob)?;
    let file = sealwright_files::open_file(&path)?;
    // Some registries take a blob of the wrong digest, and all of them notice late.
    let found = digest_of(&file, blob).map_err(|source| {
        let path = path.clone();
        sealwright_files::Error::Read { path, source }
    })?;
    if found != blob.digest {
        return Err(Error::DigestMismatch {
            place: from.place(),
            found: found.into(),
            wanted: blob.digest.into(),
        });
    }
    let done = done.clone();
    let sent: Arc<dyn Fn(u64) + Send + Sync> = Arc::new(move |bytes| done.add(bytes));
    to.upload_blob(blob, &Arc::new(file), &sent).await
}

fn digest_of(mut file: &File, blob: &Descriptor) -> io::Result<Digest> {
    let mut hasher = Hasher::new(blob.digest.algorithm());
    let mut piece = vec![0; 256 << 10];
    loop {
        let length = file.read(&mut piece)?;
        match piece.get(..length) {
            Some(read) if !read.is_empty() => hasher.update(read),
            _ => return Ok(hasher.finish()),
        }
    }
}

/// Counts each byte half.
struct Halves {
    count: ByteCount,
    counted: AtomicU64,
    odd: AtomicU64,
}

impl Halves {
    fn new(count: ByteCount) -> Self {
        Self {
            count,
            counted: AtomicU64::new(0),
            odd: AtomicU64::new(0),
        }
    }

    fn add(&self, bytes: u64) {
        let before = self.odd.fetch_add(bytes, Ordering::Relaxed);
        let step = (before.saturating_add(bytes) / 2).saturating_sub(before / 2);
        self.counted.fetch_add(step, Ordering::Relaxed);
        self.count.add(step);
    }

    /// What is missing for the whole.
    fn complete(&self, size: u64) {
        let counted = self.counted.load(Ordering::Relaxed);
        self.count.add(size.saturating_sub(counted));
    }
}

const AT_ONCE: usize = 6;
