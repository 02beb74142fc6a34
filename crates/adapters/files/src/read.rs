//! Reading small files whole, never more than the caller allows.

use std::io::Read as _;
use std::path::Path;

use crate::Error;
use crate::open;
use crate::open::Pipes;

/// Reads a regular file that has at most `max` bytes. Symbolic links are followed.
///
/// # Errors
/// `files.not-found`, `files.unreadable`, `files.is-directory`, `files.special-file`,
/// `files.too-large`, `files.read-failed`.
pub fn read_limited(path: &Path, max: u64) -> Result<Vec<u8>, Error> {
    read(path, max, Pipes::Refused)
}

/// As [`read_limited`], or reads a pipe that this process was given to its end: for what a person
/// names as `<(command)` or `/dev/stdin`.
///
/// # Errors
/// As [`read_limited`].
pub fn read_limited_or_pipe(path: &Path, max: u64) -> Result<Vec<u8>, Error> {
    read(path, max, Pipes::OfThisProcess)
}

fn read(path: &Path, max: u64, pipes: Pipes) -> Result<Vec<u8>, Error> {
    let (file, metadata) = open::open(path, pipes)?;
    let size = metadata.len();
    let too_large = || Error::TooLarge {
        path: path.to_owned(),
        limit: max,
        unit: "bytes",
    };
    if size > max {
        return Err(too_large());
    }
    let mut content = Vec::with_capacity(usize::try_from(size).map_or(0, |size| size + 1));
    file.take(max.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|source| Error::reading(path, source))?;
    if content.len() as u64 > max {
        return Err(too_large());
    }
    Ok(content)
}

/// Reads a file of UTF-8 text that has at most `max` bytes.
///
/// # Errors
/// As [`read_limited`], and `files.not-text`.
pub fn read_limited_text(path: &Path, max: u64) -> Result<String, Error> {
    String::from_utf8(read_limited(path, max)?).map_err(|_| Error::NotText {
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests;
