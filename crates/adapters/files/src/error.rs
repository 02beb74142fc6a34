//! What can go wrong with files, by stable code.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

const BAD_EXPORT: Code = Code::new("files.bad-export");
const CHANGED: Code = Code::new("files.changed-while-reading");
const EXISTS: Code = Code::new("files.exists");
const IS_DIRECTORY: Code = Code::new("files.is-directory");
const LOCKED: Code = Code::new("files.locked");
const NO_DATA_DIRECTORY: Code = Code::new("files.no-data-directory");
const NO_SPACE: Code = Code::new("files.no-space");
const NOT_DIRECTORY: Code = Code::new("files.not-a-directory");
const NOT_FOUND: Code = Code::new("files.not-found");
const NOT_PRIVATE: Code = Code::new("files.not-private");
const NOT_TEXT: Code = Code::new("files.not-text");
const READ: Code = Code::new("files.read-failed");
const SPECIAL: Code = Code::new("files.special-file");
const TOO_LARGE: Code = Code::new("files.too-large");
const UNREADABLE: Code = Code::new("files.unreadable");
const WRITE: Code = Code::new("files.write-failed");

/// All codes of this crate.
pub const CODES: &[Code] = &[
    BAD_EXPORT,
    CHANGED,
    EXISTS,
    IS_DIRECTORY,
    LOCKED,
    NO_DATA_DIRECTORY,
    NO_SPACE,
    NOT_DIRECTORY,
    NOT_FOUND,
    NOT_PRIVATE,
    NOT_TEXT,
    READ,
    SPECIAL,
    TOO_LARGE,
    UNREADABLE,
    WRITE,
];

/// A file or directory that could not be used as wanted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no complete export of a data directory.
    #[error("this is no complete export of a data directory: {reason}")]
    BadExport {
        /// What was found.
        reason: String,
    },
    /// The file was written to while it was read, so that no digest of it means anything.
    #[error("{} changed while it was read", path.display())]
    ChangedWhileReading {
        /// The file.
        path: PathBuf,
    },
    /// Something stands where something new was to be made.
    #[error("{} exists already, and nothing is overwritten", path.display())]
    Exists {
        /// What exists.
        path: PathBuf,
    },
    /// A directory where a file was wanted.
    #[error("{} is a directory, wanted a file", path.display())]
    IsDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// Another process holds the lock for longer than this one may wait.
    #[error("{} is locked by another process", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// A pipe, socket or device where a file was wanted.
    #[error("{} is a {kind}, wanted a regular file", path.display())]
    NoFile {
        /// What stands there.
        path: PathBuf,
        /// What it is: `pipe`, `socket`, `device`.
        kind: &'static str,
    },
    /// Neither `SEALWRIGHT_HOME` nor `XDG_DATA_HOME` nor `HOME` names a directory.
    #[error("none of SEALWRIGHT_HOME, XDG_DATA_HOME and HOME says where the data directory is")]
    NoDataDirectory,
    /// The file system or the user's quota is full.
    #[error("no space left to write {}", path.display())]
    NoSpace {
        /// The file that could not be written.
        path: PathBuf,
    },
    /// Something else where a directory was wanted.
    #[error("{} is no directory", path.display())]
    NotDirectory {
        /// What stands there.
        path: PathBuf,
    },
    /// Nothing stands at the path.
    #[error("{} does not exist", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// A directory for secrets that other users may write to.
    #[error("{} may be written to by other users (mode {mode:04o}), wanted 0700", path.display())]
    NotPrivate {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Bytes that are no UTF-8 where text was wanted.
    #[error("{} is no UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// Reading failed for another reason.
    #[error("reading {}: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A socket, device or pipe (or, in a data directory, a symbolic link) among files.
    #[error("{} is a special file, wanted regular files and directories", path.display())]
    SpecialFile {
        /// The entry.
        path: PathBuf,
    },
    /// More than the limit.
    #[error("{} has more than {limit} {unit}, which is the limit", path.display())]
    TooLarge {
        /// The file or directory.
        path: PathBuf,
        /// How much is allowed.
        limit: u64,
        /// Of what: `bytes`, `entries`, `levels`.
        unit: &'static str,
    },
    /// The permissions forbid reading or searching.
    #[error("permission to read {} is denied", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
    },
    /// Writing failed for a reason other than space.
    #[error("writing {}: {source}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// Puts a failed read into the variant its cause belongs to.
    pub fn reading(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied => Self::Unreadable { path },
            io::ErrorKind::IsADirectory => Self::IsDirectory { path },
            io::ErrorKind::NotADirectory => Self::NotDirectory { path },
            _ => Self::Read { path, source },
        }
    }

    /// Puts a failed write into the variant its cause belongs to.
    pub fn writing(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            _ => Self::Write { path, source },
        }
    }
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::BadExport { .. } => BAD_EXPORT,
            Self::ChangedWhileReading { .. } => CHANGED,
            Self::Exists { .. } => EXISTS,
            Self::IsDirectory { .. } => IS_DIRECTORY,
            Self::Locked { .. } => LOCKED,
            Self::NoDataDirectory => NO_DATA_DIRECTORY,
            Self::NoSpace { .. } => NO_SPACE,
            Self::NotDirectory { .. } => NOT_DIRECTORY,
            Self::NotFound { .. } => NOT_FOUND,
            Self::NotPrivate { .. } => NOT_PRIVATE,
            Self::NotText { .. } => NOT_TEXT,
            Self::Read { .. } => READ,
            Self::NoFile { .. } | Self::SpecialFile { .. } => SPECIAL,
            Self::TooLarge { .. } => TOO_LARGE,
            Self::Unreadable { .. } => UNREADABLE,
            Self::Write { .. } => WRITE,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::NoDataDirectory | Self::Exists { .. } => Class::Usage,
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        let help = match self {
            Self::BadExport { .. } => "make it anew with `sealwright root export`",
            Self::ChangedWhileReading { .. } => "wait until nobody writes to it, then try again",
            Self::Exists { .. } => "move it away, or name another place",
            Self::IsDirectory { .. } => "name a file in it, or use the target form dir:PATH",
            Self::Locked { .. } => "try again when the other process has ended",
            Self::NoDataDirectory => "set SEALWRIGHT_HOME to a directory that is kept",
            Self::NoFile { .. } => {
                "copy its content into a file; a target may be piped in as -, and what an option \
                 names as <(command) or /dev/stdin"
            }
            Self::NoSpace { .. } => "free some space and run the same command again",
            Self::NotPrivate { .. } => "take the others' permission away with chmod go-w",
            Self::SpecialFile { .. } => "remove it from the directory",
            _ => return None,
        };
        Some(Cow::Borrowed(help))
    }
}
