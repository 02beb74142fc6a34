//! Opening files to read them, without ever waiting for somebody to open the other end.
//!
//! Whoever opens a pipe with a name waits until another process opens it for writing, and a device
//! may give bytes for ever. Files are therefore opened without waiting, and looked at through the
//! descriptor: what was opened is what was looked at.

use std::fs::File;
use std::fs::FileType;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use rustix::fs::Mode;
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::Error;

/// Opens a regular file. Symbolic links are followed.
///
/// # Errors
/// `files.special-file` for pipes, sockets and devices; `files.not-found`, `files.unreadable`,
/// `files.is-directory`, `files.read-failed`.
pub fn open_file(path: &Path) -> Result<File, Error> {
    open(path, Pipes::Refused).map(|(file, _)| file)
}

/// Opens a regular file, or a pipe that this process was given: `/dev/stdin` and `/dev/fd/N`, which
/// is what a shell makes of `<(command)`. Such a pipe has its writer, or had it: reading it ends.
///
/// # Errors
/// As [`open_file`].
pub fn open_file_or_pipe(path: &Path) -> Result<File, Error> {
    open(path, Pipes::OfThisProcess).map(|(file, _)| file)
}

/// Which pipes may stand for a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pipes {
    OfThisProcess,
    Refused,
}

pub(crate) fn open(path: &Path, pipes: Pipes) -> Result<(File, Metadata), Error> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    let special = |kind| Error::NoFile {
        path: path.to_owned(),
        kind,
    };
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        // What open says of a socket, and of a device that is not there.
        Err(Errno::NXIO | Errno::NODEV) => {
            let metadata = std::fs::metadata(path);
            return Err(special(
                metadata.map_or("device", |found| kind(found.file_type())),
            ));
        }
        Err(errno) => return Err(Error::reading(path, errno.into())),
    };
    let reading = |source| Error::reading(path, source);
    let metadata = file.metadata().map_err(reading)?;
    let found = metadata.file_type();
    if found.is_dir() {
        return Err(Error::IsDirectory {
            path: path.to_owned(),
        });
    }
    let accepted = found.is_file()
        || (found.is_fifo() && pipes == Pipes::OfThisProcess && is_descriptor(path));
    if !accepted {
        return Err(special(kind(found)));
    }
    let flags = rustix::fs::fcntl_getfl(&file)
        .and_then(|flags| rustix::fs::fcntl_setfl(&file, flags - OFlags::NONBLOCK));
    flags.map_err(|errno| reading(io::Error::from(errno)))?;
    Ok((file, metadata))
}

fn kind(found: FileType) -> &'static str {
    if found.is_fifo() {
        "pipe"
    } else if found.is_socket() {
        "socket"
    } else {
        "device"
    }
}

/// Whether a path names a descriptor that this process has open.
fn is_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin")
        || path.parent().is_some_and(|directory| {
            directory == Path::new("/dev/fd") || directory == Path::new("/proc/self/fd")
        })
}

#[cfg(test)]
mod tests;
