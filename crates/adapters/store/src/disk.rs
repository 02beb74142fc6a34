//! The file layer on a real file system.

use std::error::Error as _;
use std::fs::DirBuilder;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::FileExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use sealwright_files::LockFile;
use sealwright_files::PRIVATE_DIRECTORY;
use sealwright_files::PRIVATE_FILE;

use crate::error::Error;
use crate::layer::FileLayer;

/// Files below a directory of the local file system.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
    wait: Duration,
}

impl Disk {
    /// How long a lock is waited for unless said otherwise.
    pub const LOCK_WAIT: Duration = Duration::from_secs(30);

    /// Files below `root`, which is made with mode 0700 if it is missing.
    ///
    /// # Errors
    /// `files.not-private`, `files.not-a-directory`, `files.no-space`, `files.write-failed`.
    pub fn create(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let root = root.into();
        sealwright_files::create_private_directory(&root)?;
        Ok(Self::at(root))
    }

    /// Files below `root`, whether or not it exists: for reading.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            wait: Self::LOCK_WAIT,
        }
    }

    /// Waits this long for a lock.
    #[must_use]
    pub fn with_lock_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn join(&self, path: &str) -> PathBuf {
        if path.is_empty() {
            self.root.clone()
        } else {
            self.root.join(path)
        }
    }
}

impl FileLayer for Disk {
    type Lock = LockFile;

    fn read_at(&self, path: &str, offset: u64, max: usize) -> io::Result<Vec<u8>> {
        let file = File::open(self.join(path))?;
        let left = file.metadata()?.len().saturating_sub(offset);
        let mut bytes = vec![0; usize::try_from(left).map_or(max, |left| left.min(max))];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match file.read_at(rest, offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn write_at(&self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(PRIVATE_FILE)
            .open(self.join(path))?
            .write_all_at(bytes, offset)
    }

    fn sync_file(&self, path: &str) -> io::Result<()> {
        // The size is synced too where reading the bytes needs it (fdatasync(2)).
        File::open(self.join(path))?.sync_data()
    }

    fn sync_directory(&self, path: &str) -> io::Result<()> {
        File::open(self.join(path))?.sync_all()
    }

    fn create_directory(&self, path: &str) -> io::Result<()> {
        match DirBuilder::new()
            .mode(PRIVATE_DIRECTORY)
            .create(self.join(path))
        {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.join(from), self.join(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        match std::fs::remove_file(self.join(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        std::fs::read_dir(self.join(path))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn lock(&self, path: &str) -> io::Result<LockFile> {
        LockFile::exclusive(&self.join(path), self.wait).map_err(|error| match error {
            sealwright_files::Error::Locked { .. } => io::ErrorKind::WouldBlock.into(),
            other => system_error(other),
        })
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<LockFile>> {
        LockFile::try_exclusive(&self.join(path)).map_err(system_error)
    }
}

/// The same error with the kind the system gave it.
fn system_error(error: sealwright_files::Error) -> io::Error {
    let kind = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>())
        .map_or(io::ErrorKind::Other, io::Error::kind);
    io::Error::new(kind, error)
}

#[cfg(test)]
mod tests;
