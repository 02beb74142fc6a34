//! Named pipes and devices where a repository has files.
//!
//! Whoever opens one waits until somebody writes to it, for ever if nobody does. Nothing that keeps
//! repositories makes them, so they are looked for before anything is opened. Loose objects are not
//! looked at: their names are not known beforehand, and there may be a million of them.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::path::PathBuf;

/// Most entries of a repository's own directory that are looked at.
const MAX_ENTRIES: usize = 100_000;

/// Most bytes of a file that names another directory.
const MAX_POINTER_SIZE: u64 = 4096;

/// The first one found in the repository that a directory stands in.
pub(super) fn find(directory: &Path) -> Option<PathBuf> {
    let directory = fs::canonicalize(directory).ok()?;
    let git = directory
        .ancestors()
        .map(|ancestor| ancestor.join(".git"))
        .find(|git| fs::symlink_metadata(git).is_ok())?;
    if blocks(&git) {
        return Some(git);
    }
    let own = match git.is_dir() {
        true => git,
        // A linked work tree or a submodule.
        false => pointed_to(&git, "gitdir: ")?,
    };
    in_repository(&own).or_else(|| in_repository(&pointed_to(&own.join("commondir"), "")?))
}

fn in_repository(git: &Path) -> Option<PathBuf> {
    let mut left = vec![git.to_owned()];
    let mut seen = 0;
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory).ok()?.flatten() {
            seen += 1;
            if seen > MAX_ENTRIES {
                return None;
            }
            let path = entry.path();
            if blocks(&path) {
                return Some(path);
            }
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_directory && path != git.join("objects") {
                left.push(path);
            }
        }
    }
    None
}

/// Whether opening it may wait. Sockets, which `git fsmonitor` makes, cannot be opened at all.
fn blocks(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| {
        metadata.file_type().is_fifo() || metadata.file_type().is_char_device()
    })
}

/// The directory that a file names, relative to where the file stands.
fn pointed_to(file: &Path, prefix: &str) -> Option<PathBuf> {
    if blocks(file) {
        return None;
    }
    let mut text = String::new();
    let opened = fs::File::open(file).ok()?;
    opened
        .take(MAX_POINTER_SIZE)
        .read_to_string(&mut text)
        .ok()?;
    let named = text.strip_prefix(prefix)?.trim_end();
    Some(file.parent()?.join(named))
}
