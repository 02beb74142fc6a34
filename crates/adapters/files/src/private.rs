//! Directories and files that hold secrets: for their owner alone.

use std::fs;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::Error;
use crate::write;

/// Mode of a directory that only its owner may enter.
pub const PRIVATE_DIRECTORY: u32 = 0o700;
/// Mode of a file that only its owner may read.
pub const PRIVATE_FILE: u32 = 0o600;

/// Makes a directory with mode 0700, durably, and those above it that are missing (same mode, not
/// synced). One that exists already is kept, if others may not write to it.
///
/// # Errors
/// `files.not-private`, `files.not-a-directory`, `files.no-space`, `files.write-failed`.
pub fn create_private_directory(path: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.mode(PRIVATE_DIRECTORY);
    let created = match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let above = write::parent(path);
            builder
                .recursive(true)
                .create(above)
                .map_err(|source| Error::writing(above, source))?;
            builder.recursive(false).create(path)
        }
        other => other,
    };
    match created {
        Ok(()) => write::sync_directory(write::parent(path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check_private(path),
        Err(source) => Err(Error::writing(path, source)),
    }
}

/// Checks that a directory exists and that nobody but its owner may change what stands in it.
pub(crate) fn check_private(path: &Path) -> Result<(), Error> {
    let metadata = fs::metadata(path).map_err(|source| Error::reading(path, source))?;
    if !metadata.is_dir() {
        return Err(Error::NotDirectory {
            path: path.to_owned(),
        });
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o022 != 0 {
        return Err(Error::NotPrivate {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}
