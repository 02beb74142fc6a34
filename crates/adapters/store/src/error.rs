//! What can go wrong with stored logs and keys.

use std::borrow::Cow;
use std::io;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

/// The codes of this crate, each with a page in `docs/codes`.
pub mod code {
    use sealwright_core::Code;

    /// More was to be appended at once than a batch takes.
    pub const BATCH_TOO_LARGE: Code = Code::new("store.batch-too-large");
    /// A file operation failed.
    pub const IO_FAILED: Code = Code::new("store.io-failed");
    /// A private key file cannot be used.
    pub const KEY_UNUSABLE: Code = Code::new("store.key-unusable");
    /// Another process held the log's lock too long.
    pub const LOCKED: Code = Code::new("store.locked");
    /// A file of the log holds something else than it should.
    pub const LOG_DAMAGED: Code = Code::new("store.log-damaged");
    /// The log's entries make another tree than its checkpoint says.
    pub const LOG_FORKED: Code = Code::new("store.log-forked");
    /// The log holds fewer entries than its checkpoint says.
    pub const LOG_TRUNCATED: Code = Code::new("store.log-truncated");
    /// The log has no entry of this index.
    pub const NO_ENTRY: Code = Code::new("store.no-entry");
    /// The disk is full.
    pub const NO_SPACE: Code = Code::new("store.no-space");
}

/// All codes of this crate.
pub const CODES: &[Code] = &[
    code::BATCH_TOO_LARGE,
    code::IO_FAILED,
    code::KEY_UNUSABLE,
    code::LOCKED,
    code::LOG_DAMAGED,
    code::LOG_FORKED,
    code::LOG_TRUNCATED,
    code::NO_ENTRY,
    code::NO_SPACE,
];

/// Why a stored log or key could not be used as wanted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More than one batch takes.
    #[error(
        "batch has {entries} entries of {bytes} bytes in all, wanted at most {max_entries} of {max_bytes}"
    )]
    BatchTooLarge {
        /// How many entries there are.
        entries: usize,
        /// How many bytes they have.
        bytes: usize,
        /// How many entries are taken.
        max_entries: usize,
        /// How many bytes are taken.
        max_bytes: usize,
    },
    /// A file of the log holds something else than it should.
    #[error("log file {path} is damaged at byte {offset}: wanted {wanted}")]
    Damaged {
        /// The file, below the log's directory.
        path: String,
        /// Where in it.
        offset: u64,
        /// What should stand there.
        wanted: &'static str,
    },
    /// Another file operation failed.
    #[error(transparent)]
    Files(#[from] sealwright_files::Error),
    /// The entries make another tree than the checkpoint says.
    #[error(
        "the log's first {size} entries make another tree than its checkpoint of that size says"
    )]
    Forked {
        /// The checkpoint's size.
        size: u64,
    },
    /// A file operation failed.
    #[error("cannot {action} log file {path:?}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file, below the log's directory.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// A stored private key is none.
    #[error("the private key for {role} cannot be used: {source}")]
    Key {
        /// What the key is for.
        role: String,
        /// Why not.
        source: sealwright_crypto::Error,
    },
    /// A role's name is no file name.
    #[error("key role is {role:?}, wanted lower-case letters, digits and hyphens")]
    KeyRole {
        /// The name.
        role: String,
    },
    /// A stored private key is for another scheme.
    #[error("the private key for {role} is for {found}, wanted {wanted}")]
    KeyScheme {
        /// What the key is for.
        role: String,
        /// Its scheme.
        found: &'static str,
        /// The scheme of this role.
        wanted: &'static str,
    },
    /// Another process held the lock too long.
    #[error("another process has been appending to the log for too long")]
    Locked,
    /// There is no such entry.
    #[error("log index is {index}, wanted less than the log's size {size}")]
    NoEntry {
        /// The index asked for.
        index: u64,
        /// How many entries there are.
        size: u64,
    },
    /// The tree refuses.
    #[error(transparent)]
    Tree(#[from] sealwright_tlog::Error),
    /// The log holds fewer entries than it said it had.
    #[error("the log holds {found} entries, but its checkpoint says {wanted}")]
    Truncated {
        /// How many there are.
        found: u64,
        /// How many there should be.
        wanted: u64,
    },
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| {
            if source.kind() == io::ErrorKind::WouldBlock {
                return Self::Locked;
            }
            Self::Io {
                action,
                path,
                source,
            }
        }
    }
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::BatchTooLarge { .. } => code::BATCH_TOO_LARGE,
            Self::Damaged { .. } => code::LOG_DAMAGED,
            Self::Files(error) => error.code(),
            Self::Forked { .. } => code::LOG_FORKED,
            Self::Io { source, .. } if is_full(source) => code::NO_SPACE,
            Self::Io { .. } => code::IO_FAILED,
            Self::Key { .. } | Self::KeyRole { .. } | Self::KeyScheme { .. } => code::KEY_UNUSABLE,
            Self::Locked => code::LOCKED,
            Self::NoEntry { .. } => code::NO_ENTRY,
            Self::Tree(error) => error.code(),
            Self::Truncated { .. } => code::LOG_TRUNCATED,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Files(error) => error.class(),
            Self::KeyRole { .. } => Class::Bug,
            Self::NoEntry { .. } => Class::Usage,
            Self::Tree(error) => error.class(),
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Damaged { .. } | Self::Forked { .. } | Self::Truncated { .. } => Some(
                "nothing is appended to it in this state: see what is damaged with \
                 `sealwright log fsck`, and restore the data directory from a copy"
                    .into(),
            ),
            Self::Io { source, .. } if is_full(source) => {
                Some("free some space on the disk of the data directory".into())
            }
            Self::Io { .. } => {
                Some("check the permissions and the disk of the data directory".into())
            }
            Self::Key { .. } | Self::KeyScheme { .. } => {
                Some("restore the key file from a copy of the data directory".into())
            }
            Self::Locked => Some("see which process hangs, and try again".into()),
            Self::Files(error) => error.help(),
            Self::Tree(error) => error.help(),
            _ => None,
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
