//! Digests of files and streams of any length, in constant memory.
//!
//! Small files are read and hashed in turn. Longer ones get a second thread that reads ahead into a
//! few buffers, so that copying out of the page cache or waiting for the disk costs no hashing time.

use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::io::Read;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use rustix::fs::Advice;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Hasher;

use crate::ByteCount;
use crate::Error;
use crate::open;

/// The SHA-256 and the length of a regular file. Symbolic links are followed.
///
/// # Errors
/// `files.not-found`, `files.unreadable`, `files.is-directory`, `files.special-file`,
/// `files.read-failed`; `files.changed-while-reading` when the file's length or times moved meanwhile.
pub fn hash_file(path: &Path) -> Result<(Digest, u64), Error> {
    hash_open_file(&open::open_file(path)?, path, &ByteCount::default())
}

/// The SHA-256 and the length of everything a reader gives. `name` is what errors call it.
///
/// # Errors
/// `files.read-failed` and its kin.
pub fn hash_reader(reader: impl Read + Send, name: &Path) -> Result<(Digest, u64), Error> {
    hash_stream(reader, &ByteCount::default()).map_err(|source| Error::reading(name, source))
}

/// [`hash_file`] for a file that is open already, from where it stands; counts what is done.
///
/// # Errors
/// As [`hash_file`].
pub fn hash_open_file(file: &File, path: &Path, count: &ByteCount) -> Result<(Digest, u64), Error> {
    let reading = |source| Error::reading(path, source);
    let before = file.metadata().map_err(reading)?;
    if before.is_dir() {
        return Err(Error::IsDirectory {
            path: path.to_owned(),
        });
    }
    let hashed = if before.is_file() && before.len() <= SMALL {
        hash_in_turn(file, before.len(), count)
    } else {
        // Best effort: more read-ahead where the kernel listens.
        let _ = rustix::fs::fadvise(file, 0, None, Advice::Sequential);
        hash_stream(file, count)
    };
    let (digest, size) = hashed.map_err(reading)?;
    if before.is_file() {
        let after = file.metadata().map_err(reading)?;
        if size != before.len() || stamp(&before) != stamp(&after) {
            return Err(Error::ChangedWhileReading {
                path: path.to_owned(),
            });
        }
    }
    Ok((digest, size))
}

/// What changes whenever somebody writes to a file, as far as the file system tells.
fn stamp(metadata: &Metadata) -> (u64, i64, i64, i64, i64) {
    (
        metadata.len(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    )
}

fn hash_in_turn(
    mut reader: impl Read,
    expected: u64,
    count: &ByteCount,
) -> io::Result<(Digest, u64)> {
    let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
    let mut size = 0u64;
    // One byte more than expected, so that the end shows in the same read.
    let length = usize::try_from(expected).map_or(BUFFER, |expected| (expected + 1).min(BUFFER));
    let mut buffer = vec![0; length];
    loop {
        let filled = fill(&mut reader, &mut buffer)?;
        hasher.update(buffer.get(..filled).unwrap_or_default());
        size = size.saturating_add(filled as u64);
        count.add(filled as u64);
        if filled < buffer.len() {
            return Ok((hasher.finish(), size));
        }
    }
}

/// Two threads: one fills buffers, this one hashes them; the buffers go round.
fn hash_stream(mut reader: impl Read + Send, count: &ByteCount) -> io::Result<(Digest, u64)> {
    let (give_full, take_full) = mpsc::sync_channel::<io::Result<(Vec<u8>, usize)>>(BUFFERS);
    let (give_empty, take_empty) = mpsc::sync_channel::<Vec<u8>>(BUFFERS);
    for _ in 0..BUFFERS {
        let _ = give_empty.send(vec![0; BUFFER]);
    }
    thread::scope(|scope| {
        thread::Builder::new()
            .name("read-ahead".to_owned())
            .spawn_scoped(scope, move || {
                // Ends at the end of the data, on an error, or when the other side gave up.
                while let Ok(mut buffer) = take_empty.recv() {
                    let filled = fill(&mut reader, &mut buffer);
                    let last = !matches!(filled, Ok(filled) if filled == buffer.len());
                    let sent = give_full.send(filled.map(|filled| (buffer, filled)));
                    if last || sent.is_err() {
                        return;
                    }
                }
            })?;
        let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
        let mut size = 0u64;
        while let Ok(full) = take_full.recv() {
            let (buffer, filled) = full?;
            hasher.update(buffer.get(..filled).unwrap_or_default());
            size = size.saturating_add(filled as u64);
            count.add(filled as u64);
            let _ = give_empty.try_send(buffer);
        }
        Ok((hasher.finish(), size))
    })
}

/// Reads until the buffer is full or the data ends.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..) {
        if rest.is_empty() {
            break;
        }
        match reader.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Up to here one thread is faster than two.
const SMALL: u64 = 1024 * 1024;
const BUFFER: usize = 256 * 1024;
const BUFFERS: usize = 4;

#[cfg(test)]
mod tests;
