//! Advisory locks between processes: flock(2) on a file that is never removed.

use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::Error;
use crate::private::PRIVATE_FILE;

/// A held lock; dropping it, or the process's end however it comes, releases it.
///
/// The lock belongs to the file, not to its name: a lock file must never be renamed or removed
/// while others may use it. Two `LockFile`s in one process exclude each other as two processes do.
#[derive(Debug)]
#[must_use = "the lock is released when this is dropped"]
pub struct LockFile {
    _file: File,
}

impl LockFile {
    /// Takes the lock for this holder alone, waiting at most about `wait` for others.
    ///
    /// # Errors
    /// `files.locked`, `files.no-space`, `files.write-failed`.
    pub fn exclusive(path: &Path, wait: Duration) -> Result<Self, Error> {
        acquire(path, Kind::Exclusive, wait)
    }

    /// Takes the lock together with other shared holders, waiting at most about `wait`.
    ///
    /// # Errors
    /// `files.locked`, `files.no-space`, `files.write-failed`.
    pub fn shared(path: &Path, wait: Duration) -> Result<Self, Error> {
        acquire(path, Kind::Shared, wait)
    }

    /// Takes the lock alone if it is free now.
    ///
    /// # Errors
    /// `files.no-space`, `files.write-failed`.
    pub fn try_exclusive(path: &Path) -> Result<Option<Self>, Error> {
        attempt(path, Kind::Exclusive)
    }

    /// Takes the lock with other shared holders if nobody holds it alone now.
    ///
    /// # Errors
    /// `files.no-space`, `files.write-failed`.
    pub fn try_shared(path: &Path) -> Result<Option<Self>, Error> {
        attempt(path, Kind::Shared)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Exclusive,
    Shared,
}

/// flock(2) itself can only wait for ever or not at all, so a bounded wait asks again and again,
/// soon at first. What was slept is what is counted: no clock is needed.
fn acquire(path: &Path, kind: Kind, wait: Duration) -> Result<LockFile, Error> {
    let file = open(path)?;
    let mut left = wait;
    let mut pause = SHORTEST_PAUSE;
    while !try_lock(&file, path, kind)? {
        if left.is_zero() {
            return Err(Error::Locked {
                path: path.to_owned(),
            });
        }
        let sleep = pause.min(left);
        thread::sleep(sleep);
        left = left.saturating_sub(sleep);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Ok(LockFile { _file: file })
}

fn attempt(path: &Path, kind: Kind) -> Result<Option<LockFile>, Error> {
    let file = open(path)?;
    Ok(try_lock(&file, path, kind)?.then_some(LockFile { _file: file }))
}

fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(PRIVATE_FILE)
        .open(path)
        .map_err(|source| Error::writing(path, source))
}

fn try_lock(file: &File, path: &Path, kind: Kind) -> Result<bool, Error> {
    let locked = match kind {
        Kind::Exclusive => file.try_lock(),
        Kind::Shared => file.try_lock_shared(),
    };
    match locked {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(Error::writing(path, source)),
    }
}

const SHORTEST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests;
