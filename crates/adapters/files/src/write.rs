//! Writing files so that a reader sees the old content or the new, never a part.

use std::ffi::OsString;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::Error;

/// Mode of a file anybody may read. The process's umask takes permissions away from it.
pub const PUBLIC_FILE: u32 = 0o644;

/// Writes a file durably: when this returns, the content survives a power cut, and at no moment did
/// anything but the old or the new content stand at `path`.
///
/// The bytes go to a temporary file in the same directory, which is synced and renamed over `path`
/// (a symbolic link there is replaced, not followed); then the directory is synced. `mode` is given
/// to the new file less the process's umask. On failure the temporary file is removed and `path` is
/// what it was, except when the last step fails: then the new content stands there but may not
/// survive a power cut.
///
/// # Errors
/// `files.no-space`, `files.write-failed`.
pub fn write_atomic(path: &Path, content: &[u8], mode: u32) -> Result<(), Error> {
    let temporary = Temporary::write(path, content, mode, Durability::Synced)?;
    temporary.rename_over(path)?;
    sync_directory(parent(path))
}

/// Writes several files of one directory durably: each as [`write_atomic`], with one sync of the
/// directory for all. Nothing is renamed before everything is written: when a write fails, all files
/// are what they were.
///
/// # Errors
/// `files.no-space`, `files.write-failed`.
pub fn write_all_atomic(files: &[(&Path, &[u8])], mode: u32) -> Result<(), Error> {
    let temporaries = files
        .iter()
        .map(|(path, content)| Temporary::write(path, content, mode, Durability::Synced))
        .collect::<Result<Vec<_>, _>>()?;
    for (temporary, (path, _)) in temporaries.into_iter().zip(files) {
        temporary.rename_over(path)?;
    }
    match files.first() {
        Some((path, _)) => sync_directory(parent(path)),
        None => Ok(()),
    }
}

/// Writes a file that can be made again: as [`write_atomic`], but a power cut soon afterwards may
/// leave it old, missing or empty. No reader sees a part of it while the system runs.
///
/// # Errors
/// `files.no-space`, `files.write-failed`.
pub fn write_derived(path: &Path, content: &[u8], mode: u32) -> Result<(), Error> {
    Temporary::write(path, content, mode, Durability::Unsynced)?.rename_over(path)
}

/// Writes a file durably where none is yet. Of several processes that try at once, exactly one
/// succeeds.
///
/// # Errors
/// `files.exists`, `files.no-space`, `files.write-failed`.
pub fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), Error> {
    write_new_with(path, mode, |file| {
        file.write_all(content)
            .map_err(|source| Error::writing(path, source))
    })
}

/// Writes a file durably where none is yet, piece by piece: as [`write_new`]. When `write` fails,
/// nothing is left behind.
///
/// # Errors
/// Those of `write`, `files.exists`, `files.no-space`, `files.write-failed`.
pub fn write_new_with(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut File) -> Result<(), Error>,
) -> Result<(), Error> {
    let writing = |source| Error::writing(path, source);
    let (temporary, mut file) = Temporary::create(path, mode).map_err(writing)?;
    write(&mut file)?;
    file.sync_all().map_err(writing)?;
    match fs::hard_link(&temporary.path, path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Error::Exists {
                path: path.to_owned(),
            });
        }
        Err(source) => return Err(Error::writing(path, source)),
    }
    drop(temporary);
    sync_directory(parent(path))
}

/// Whether [`write_atomic`] could put a file at `path`, as far as can be told without doing it: a
/// temporary file is made beside it and removed. For work that must not begin when its result cannot
/// be kept; space is not asked for.
///
/// # Errors
/// `files.is-directory`, `files.no-space`, `files.write-failed`.
pub fn check_writable(path: &Path) -> Result<(), Error> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        return Err(Error::IsDirectory {
            path: path.to_owned(),
        });
    }
    match Temporary::create(path, PUBLIC_FILE) {
        Ok(_removed) => Ok(()),
        Err(source) => Err(Error::writing(path, source)),
    }
}

/// Removes a file; one that does not exist counts as removed.
///
/// # Errors
/// `files.write-failed`.
pub fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::writing(path, source))
        }
        _ => Ok(()),
    }
}

/// Makes the names in a directory durable: files created, renamed or removed there.
///
/// # Errors
/// `files.no-space`, `files.write-failed`.
pub fn sync_directory(path: &Path) -> Result<(), Error> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|source| Error::writing(path, source))
}

/// The directory a path stands in.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A name beside `path` that no other call in any process uses: `.NAME.PID-N.tmp`.
pub(crate) fn temporary_name(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    if let Some(file_name) = path.file_name() {
        name.push(file_name);
    }
    let number = NEXT_TEMPORARY.fetch_add(1, Ordering::Relaxed);
    name.push(format!(".{}-{number}.tmp", std::process::id()));
    parent(path).join(name)
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Durability {
    Synced,
    Unsynced,
}

/// A temporary file that is removed unless it was renamed.
struct Temporary {
    path: PathBuf,
    renamed: bool,
}

impl Temporary {
    fn write(
        beside: &Path,
        content: &[u8],
        mode: u32,
        durability: Durability,
    ) -> Result<Self, Error> {
        let writing = |source| Error::writing(beside, source);
        let (temporary, mut file) = Self::create(beside, mode).map_err(writing)?;
        file.write_all(content).map_err(writing)?;
        if durability == Durability::Synced {
            file.sync_all().map_err(writing)?;
        }
        Ok(temporary)
    }

    /// A crashed process may have left a file of the same name when process ids come round again.
    fn create(beside: &Path, mode: u32) -> io::Result<(Self, File)> {
        let mut attempts = 0;
        loop {
            let path = temporary_name(beside);
            let created = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(mode)
                .open(&path);
            match created {
                Ok(file) => {
                    let renamed = false;
                    return Ok((Self { path, renamed }, file));
                }
                Err(error)
                    if error.kind() == io::ErrorKind::AlreadyExists && attempts < MAX_ATTEMPTS =>
                {
                    attempts += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn rename_over(mut self, path: &Path) -> Result<(), Error> {
        fs::rename(&self.path, path).map_err(|source| Error::writing(path, source))?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

const MAX_ATTEMPTS: u32 = 100;
static NEXT_TEMPORARY: AtomicU64 = AtomicU64::new(0);

#[cfg(test)]
mod tests;
