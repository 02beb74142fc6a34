//! Taking content in: blobs that come piece by piece, and the entries of the index at last.
//!
//! A blob that comes from elsewhere stands under `.partial` in the layout's directory until it is
//! whole and its digest is right. What an interrupted copy leaves there the next one goes on with.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Digest;

use super::ANNOTATION_KIND;
use super::Layout;
use crate::Descriptor;
use crate::Error;
use crate::Repository;
use crate::referrer::fallback_tag;
use crate::registry::Received;

/// An entry of a layout's index.
#[derive(Clone, Debug)]
pub(crate) enum Listing {
    /// An image, under a tag if one is given; with what `cosign save` would say it is.
    Image {
        descriptor: Descriptor,
        tag: Option<String>,
        saved: Option<&'static str>,
    },
    /// Manifests that refer to one.
    Referrers {
        subject: Digest,
        found: Vec<Descriptor>,
    },
}

impl Layout {
    /// Whether a blob of the right length stands here.
    pub(crate) fn has_blob(&self, descriptor: &Descriptor) -> bool {
        self.existing_blob(descriptor).is_ok()
    }

    /// Brings a blob here from a registry.
    pub(crate) async fn receive(
        &self,
        descriptor: &Descriptor,
        from: &Repository,
        count: &(dyn Fn(u64) + Sync),
    ) -> Result<(), Error> {
        let partial = Partial::open(self, descriptor)?;
        let unwritable = |source| sealwright_files::Error::writing(&partial.path, source).into();
        let file = partial.file.try_clone().map_err(unwritable)?;
        let mut received = Received::resume(file, descriptor).map_err(unwritable)?;
        let resumed = received.length() > 0;
        count(received.length());
        let mut fetched = from
            .fetch_into(descriptor, &mut received, count, &unwritable)
            .await;
        if resumed && matches!(fetched, Err(Error::DigestMismatch { .. })) {
            // What was left may have been the beginning of something else.
            received
                .begin_again(descriptor.digest.algorithm())
                .map_err(unwritable)?;
            fetched = from
                .fetch_into(descriptor, &mut received, count, &unwritable)
                .await;
        }
        match fetched {
            Ok(()) => partial.keep(&self.blob_path(&descriptor.digest)),
            Err(error @ (Error::DigestMismatch { .. } | Error::SizeMismatch { .. })) => {
                partial.discard();
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Copies a blob here from another layout.
    pub(crate) fn receive_file(
        &self,
        descriptor: &Descriptor,
        from: &Self,
        count: &(dyn Fn(u64) + Sync),
    ) -> Result<(), Error> {
        let path = from.existing_blob(descriptor)?;
        let source = sealwright_files::open_file(&path)?;
        let partial = Partial::open(self, descriptor)?;
        let unwritable = |source| sealwright_files::Error::writing(&partial.path, source).into();
        let mut received = Received::new(
            partial.file.try_clone().map_err(unwritable)?,
            descriptor.digest.algorithm(),
        );
        received
            .begin_again(descriptor.digest.algorithm())
            .map_err(unwritable)?;
        let unreadable = |source| sealwright_files::Error::Read {
            path: path.clone(),
            source,
        };
        received.copy(source, count, &unreadable, &unwritable)?;
        match from.check(descriptor, &received) {
            Ok(()) => partial.keep(&self.blob_path(&descriptor.digest)),
            Err(error) => {
                partial.discard();
                Err(error)
            }
        }
    }

    /// Writes a manifest whose digest is known to be right, unless it is there.
    pub(crate) fn write_manifest(&self, digest: &Digest, content: &[u8]) -> Result<(), Error> {
        let path = self.blob_path(digest);
        // An earlier writer may have been stopped by a power cut.
        if self.blob_by_digest(digest, content.len() as u64).is_ok() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            make_directory(parent)?;
        }
        sealwright_files::write_atomic(&path, content, sealwright_files::PUBLIC_FILE)?;
        Ok(())
    }

    /// Lists everything at once; what others listed stays.
    pub(crate) fn list_all(&self, listings: &[Listing]) -> Result<(), Error> {
        remove_leftovers(&self.partials());
        let _lock = self.lock()?;
        let mut index = self.index()?;
        for listing in listings {
            match listing {
                Listing::Image {
                    descriptor,
                    tag,
                    saved,
                } => {
                    let mut descriptor = descriptor.clone();
                    if let Some(saved) = saved {
                        descriptor
                            .annotations
                            .insert(ANNOTATION_KIND.to_owned(), (*saved).to_owned());
                        // An entry without the note would hide the one with it.
                        index.remove(&[descriptor.digest]);
                    }
                    match tag {
                        Some(tag) => self.point(&mut index, tag, descriptor),
                        None => {
                            index.add(&descriptor);
                        }
                    }
                }
                Listing::Referrers { subject, found } => {
                    let tag = fallback_tag(subject);
                    let mut tagged = self.tagged_list(&index, &tag)?;
                    for descriptor in found {
                        index.add(descriptor);
                        tagged.add(descriptor);
                    }
                    self.write_tagged_list(&mut index, &tag, &tagged)?;
                }
            }
        }
        self.write_index(&index)
    }

    fn partials(&self) -> PathBuf {
        self.directory.join(".partial")
    }

    fn check(&self, descriptor: &Descriptor, received: &Received) -> Result<(), Error> {
        if received.length() != descriptor.size {
            return Err(self.size_mismatch(descriptor, received.length()));
        }
        let found = received.digest();
        match found == descriptor.digest {
            true => Ok(()),
            false => Err(Error::DigestMismatch {
                place: self.place(),
                found: found.into(),
                wanted: descriptor.digest.into(),
            }),
        }
    }
}

/// A blob that is not whole yet, held by this process alone.
struct Partial {
    path: PathBuf,
    file: File,
}

impl Partial {
    fn open(layout: &Layout, descriptor: &Descriptor) -> Result<Self, Error> {
        let directory = layout.partials();
        make_directory(&directory)?;
        if let Some(blobs) = layout.blob_path(&descriptor.digest).parent() {
            make_directory(blobs)?;
        }
        let path = directory.join(descriptor.digest.to_hex());
        let unwritable = |source| sealwright_files::Error::writing(&path, source);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(unwritable)?;
        if file.try_lock().is_ok() && is_at(&file, &path).map_err(unwritable)? {
            return Ok(Self { path, file });
        }
        // Another copy brings the same: this one does it by itself.
        let (file, path) = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(&directory)
            .and_then(|own| own.keep().map_err(|error| error.error))
            .map_err(unwritable)?;
        let _ = file.try_lock();
        Ok(Self { path, file })
    }

    /// Puts what is whole where it belongs.
    fn keep(self, to: &Path) -> Result<(), Error> {
        let unwritable = |source| sealwright_files::Error::writing(to, source);
        self.file.sync_data().map_err(unwritable)?;
        std::fs::rename(&self.path, to).map_err(unwritable)?;
        if let Some(parent) = to.parent() {
            sealwright_files::sync_directory(parent)?;
        }
        Ok(())
    }

    fn discard(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether a path still names the open file: who held it before may have moved it where it belongs.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let found = file.metadata()?;
    match std::fs::symlink_metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (found.dev(), found.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes what nobody can go on with, as far as that is possible, and the directory when nothing is
/// left in it.
fn remove_leftovers(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let has_own_name = entry.file_name().as_encoded_bytes().starts_with(b".tmp");
        if has_own_name
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    let _ = std::fs::remove_dir(directory);
}

fn make_directory(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path)
        .map_err(|source| sealwright_files::Error::writing(path, source).into())
}
