//! The directory that keeps verified metadata: one file a role, each replaced as a whole.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use sealwright_files::LockFile;
use sealwright_files::create_private_directory;
use sealwright_files::read_limited;
use sealwright_files::remove;
use sealwright_files::write_atomic;
use sealwright_tuf::Answer;
use sealwright_tuf::Limits;
use sealwright_tuf::Wanted;
use sealwright_tuf::check_succession;
use sealwright_tuf::inspect;

use super::ROOT;
use crate::Failure;

pub(super) struct Cache {
    directory: PathBuf,
    /// `None` where nothing can be written.
    lock: Option<LockFile>,
}

impl Cache {
    /// Opens a directory that is written to if it can be.
    pub(super) fn open(directory: &Path, wait: Duration) -> Result<Self, Failure> {
        let lock = match lock(directory, wait) {
            Ok(lock) => Some(lock),
            Err(
                sealwright_files::Error::Write { .. } | sealwright_files::Error::NoSpace { .. },
            ) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            directory: directory.to_owned(),
            lock,
        })
    }

    /// Opens a directory that must be written to.
    pub(super) fn writable(directory: &Path, wait: Duration) -> Result<Self, Failure> {
        Ok(Self {
            directory: directory.to_owned(),
            lock: Some(lock(directory, wait)?),
        })
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.lock.is_none()
    }

    /// The root that is trusted here.
    pub(super) fn root(&self) -> Result<Vec<u8>, Failure> {
        let path = self.directory.join(ROOT);
        Ok(read_limited(&path, Limits::default().root_bytes)?)
    }

    /// The kept roots that this one leads to, one after the other.
    pub(super) fn roots_after(&self, shipped: &[u8]) -> Result<Vec<(u64, Vec<u8>)>, Failure> {
        let mut version = inspect(shipped)?.version;
        let mut roots: Vec<(u64, Vec<u8>)> = Vec::new();
        while roots.len() < MAX_ROOTS {
            version = version.saturating_add(1);
            let path = self.kept_root(version);
            let Ok(next) = read_limited(&path, Limits::default().root_bytes) else {
                break;
            };
            let before = roots.last().map_or(shipped, |(_, root)| root);
            if check_succession(before, &next).is_err() {
                // Damaged, or planted: the repository has the right one.
                break;
            }
            roots.push((version, next));
        }
        Ok(roots)
    }

    /// Keeps a root beside those before it.
    pub(super) fn store_root(&self, version: u64, bytes: &[u8]) -> Result<(), Failure> {
        if self.lock.is_some() {
            create_private_directory(&self.directory.join(ROOTS))?;
            write_atomic(&self.kept_root(version), bytes, MODE)?;
        }
        Ok(())
    }

    fn kept_root(&self, version: u64) -> PathBuf {
        let name = format!("{version}.{ROOT}");
        self.directory.join(ROOTS).join(name)
    }

    /// A kept file; what cannot be read is fetched again.
    pub(super) fn load(&self, wanted: &Wanted) -> Answer {
        let path = self.directory.join(&wanted.path);
        read_limited(&path, wanted.max_bytes).map_or(Answer::Absent, Answer::Bytes)
    }

    /// What a repository would say that has had nothing new since.
    pub(super) fn instead_of_repository(&self, wanted: &Wanted) -> Answer {
        if wanted.path == TIMESTAMP {
            self.load(wanted)
        } else {
            Answer::Absent
        }
    }

    pub(super) fn store(&self, file: &str, bytes: &[u8]) -> Result<(), Failure> {
        if self.lock.is_some() {
            write_atomic(&self.directory.join(file), bytes, MODE)?;
        }
        Ok(())
    }

    pub(super) fn remove(&self, file: &str) -> Result<(), Failure> {
        if self.lock.is_some() {
            remove(&self.directory.join(file))?;
        }
        Ok(())
    }
}

fn lock(directory: &Path, wait: Duration) -> Result<LockFile, sealwright_files::Error> {
    create_private_directory(directory)?;
    LockFile::exclusive(&directory.join(LOCK), wait)
}

const LOCK: &str = ".lock";
/// No role's file has this name: those end in `.json`.
const ROOTS: &str = "roots";
/// More than ever came to be; each costs a check.
const MAX_ROOTS: usize = 1024;
const TIMESTAMP: &str = "timestamp.json";
/// Nothing in it is secret.
const MODE: u32 = 0o644;
