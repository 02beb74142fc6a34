//! A directory on disk as a [`FileTree`], and its digest.
//!
//! Everything is opened relative to its directory's descriptor and never through a symbolic link,
//! so a tree that changes while it is walked cannot lead the walk out of it.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::path::PathBuf;

use rustix::fs::AtFlags;
use rustix::fs::Dir;
use rustix::fs::FileType;
use rustix::fs::Mode;
use rustix::fs::OFlags;
use rustix::fs::Stat;
use sealwright_core::Digest;
use sealwright_core::FileTree;
use sealwright_core::file_tree::Entry;
use sealwright_core::file_tree::EntryKind;
use sealwright_core::file_tree::ScanError;
use sealwright_core::file_tree::Visitor;

use crate::ByteCount;
use crate::Error;

mod digest;

/// How large a tree may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TreeLimits {
    /// Entries in all directories together.
    pub entries: u64,
    /// Directories below each other. Each level costs a file descriptor while it is walked.
    pub levels: u64,
}

impl Default for TreeLimits {
    fn default() -> Self {
        Self {
            entries: 5_000_000,
            levels: 200,
        }
    }
}

/// A directory and everything below it: nothing is ignored, symbolic links are not followed, names
/// come in byte order with each directory before its content.
#[derive(Clone, Debug)]
pub struct DirectoryTree {
    root: PathBuf,
    limits: TreeLimits,
}

impl DirectoryTree {
    /// The tree below a directory (or below the directory a symbolic link points to).
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            limits: TreeLimits::default(),
        }
    }

    /// The same tree under other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: TreeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The digest `sealwrightTreeV1` of the tree: names, kinds, executable bits, link targets and
    /// content, and nothing else. docs/reference/tree-digest.md has the exact form.
    ///
    /// # Errors
    /// `files.special-file` for sockets, devices and pipes; `files.changed-while-reading`;
    /// `files.too-large` beyond the limits; `files.not-found`, `files.not-a-directory`,
    /// `files.unreadable`, `files.read-failed`.
    pub fn digest(&self) -> Result<Digest, Error> {
        self.digest_counting(&ByteCount::default())
    }

    /// [`DirectoryTree::digest`], counting the bytes of files that are done.
    ///
    /// # Errors
    /// As there.
    pub fn digest_counting(&self, count: &ByteCount) -> Result<Digest, Error> {
        digest::of_tree(&self.root, self.limits, count)
    }
}

/// [`DirectoryTree::digest`] under the default limits.
///
/// # Errors
/// As there.
pub fn tree_digest(path: &Path) -> Result<Digest, Error> {
    DirectoryTree::new(path).digest()
}

impl FileTree for DirectoryTree {
    fn scan(&self, visitor: &mut dyn Visitor) -> Result<(), ScanError> {
        let mut path = self.root.clone();
        let root = open_root(&path).map_err(|error| scan_error("", error))?;
        let mut budget = Budget::new(self.limits);
        scan_directory(&root, &mut path, "", &mut budget, visitor)
    }
}

fn scan_directory(
    directory: &OwnedFd,
    path: &mut PathBuf,
    prefix: &str,
    budget: &mut Budget,
    visitor: &mut dyn Visitor,
) -> Result<(), ScanError> {
    let failed = |error| scan_error(prefix, error);
    for name in names(directory, path, budget).map_err(failed)? {
        let shown = OsStr::from_bytes(&name).to_string_lossy();
        let shown = if prefix.is_empty() {
            shown.into_owned()
        } else {
            format!("{prefix}/{shown}")
        };
        path.push(OsStr::from_bytes(&name));
        let failed = |error| scan_error(&shown, error);
        let entry = |kind| Entry {
            path: &shown,
            kind,
            layer: 0,
        };
        let stat = stat_child(directory, &name, path).map_err(failed)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                visitor.wants(&entry(EntryKind::Directory));
                let child = open_child(directory, &name, path, Expect::Directory);
                let child = child.map_err(failed)?;
                budget.descend(path).map_err(failed)?;
                scan_directory(&child, path, &shown, budget, visitor)?;
                budget.ascend();
            }
            FileType::RegularFile => {
                let entry = entry(EntryKind::File {
                    size: stat.st_size.unsigned_abs(),
                    executable: is_executable(&stat),
                });
                if visitor.wants(&entry) {
                    let child = open_child(directory, &name, path, Expect::File);
                    visitor.content(&entry, &mut File::from(child.map_err(failed)?))?;
                }
            }
            FileType::Symlink => {
                let target = read_link(directory, &name, path).map_err(failed)?;
                let target = String::from_utf8_lossy(target.to_bytes());
                visitor.wants(&entry(EntryKind::Symlink { target: &target }));
            }
            _ => {
                visitor.wants(&entry(EntryKind::Other));
            }
        }
        path.pop();
    }
    Ok(())
}

fn scan_error(path: &str, error: Error) -> ScanError {
    let path = if path.is_empty() { "." } else { path }.to_owned();
    match error {
        Error::TooLarge { limit, unit, .. } => ScanError::Limit {
            path,
            what: unit,
            limit,
        },
        Error::Read { source, .. } => ScanError::Read { path, source },
        other => {
            let kind = match other {
                Error::NotFound { .. } => io::ErrorKind::NotFound,
                Error::Unreadable { .. } => io::ErrorKind::PermissionDenied,
                Error::NotDirectory { .. } => io::ErrorKind::NotADirectory,
                _ => io::ErrorKind::Other,
            };
            let source = io::Error::new(kind, other);
            ScanError::Read { path, source }
        }
    }
}

/// What is left of the limits.
#[derive(Debug)]
struct Budget {
    limits: TreeLimits,
    entries: u64,
    levels: u64,
}

impl Budget {
    const fn new(limits: TreeLimits) -> Self {
        Self {
            limits,
            entries: limits.entries,
            levels: limits.levels,
        }
    }

    fn count_entry(&mut self, path: &Path) -> Result<(), Error> {
        self.entries = take_one(self.entries, self.limits.entries, "entries", path)?;
        Ok(())
    }

    fn descend(&mut self, path: &Path) -> Result<(), Error> {
        self.levels = take_one(self.levels, self.limits.levels, "levels", path)?;
        Ok(())
    }

    const fn ascend(&mut self) {
        self.levels += 1;
    }
}

fn take_one(left: u64, limit: u64, unit: &'static str, path: &Path) -> Result<u64, Error> {
    left.checked_sub(1).ok_or_else(|| Error::TooLarge {
        path: path.to_owned(),
        limit,
        unit,
    })
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Expect {
    Directory,
    File,
}

fn open_root(path: &Path) -> Result<OwnedFd, Error> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| Error::reading(path, errno.into()))
}

/// The names in a directory in byte order.
fn names(directory: &OwnedFd, path: &Path, budget: &mut Budget) -> Result<Vec<Vec<u8>>, Error> {
    let reading = |errno: rustix::io::Errno| Error::reading(path, errno.into());
    let mut names = Vec::new();
    for entry in Dir::read_from(directory).map_err(reading)? {
        let entry = entry.map_err(reading)?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            budget.count_entry(path)?;
            names.push(name.to_vec());
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn stat_child(directory: impl AsFd, name: &[u8], path: &Path) -> Result<Stat, Error> {
    rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|errno| Error::reading(path, errno.into()))
}

/// Opens what was seen to be a file or directory, and checks that it still is one.
fn open_child(
    directory: impl AsFd,
    name: &[u8],
    path: &Path,
    expect: Expect,
) -> Result<OwnedFd, Error> {
    let kind = match expect {
        Expect::Directory => OFlags::DIRECTORY,
        // A pipe put here meanwhile must not block the walk.
        Expect::File => OFlags::NONBLOCK | OFlags::NOCTTY,
    };
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | kind;
    let changed = || Error::ChangedWhileReading {
        path: path.to_owned(),
    };
    let reading = |errno: rustix::io::Errno| match errno {
        rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR | rustix::io::Errno::NOENT => changed(),
        other => Error::reading(path, other.into()),
    };
    let child = rustix::fs::openat(directory, name, flags, Mode::empty()).map_err(reading)?;
    if expect == Expect::File {
        let stat = rustix::fs::fstat(&child).map_err(reading)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(changed());
        }
    }
    Ok(child)
}

fn read_link(directory: impl AsFd, name: &[u8], path: &Path) -> Result<std::ffi::CString, Error> {
    rustix::fs::readlinkat(directory, name, Vec::new())
        .map_err(|errno| Error::reading(path, errno.into()))
}

/// Whether owner, group or others may execute it.
const fn is_executable(stat: &Stat) -> bool {
    stat.st_mode & 0o111 != 0
}

#[cfg(test)]
mod tests;
