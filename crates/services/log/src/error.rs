//! Why the log could not add, show or check.

use std::borrow::Cow;
use std::path::PathBuf;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_sigstore::LogVersion;

/// The codes of this crate, each with a page in `docs/codes`.
pub mod code {
    use sealwright_core::Code;

    /// A proposed entry's signature is not what it says.
    pub const ENTRY_REFUSED: Code = Code::new("log.entry-refused");
    /// A proposed entry's signature cannot be checked.
    pub const ENTRY_UNVERIFIABLE: Code = Code::new("log.entry-unverifiable");
    /// A proposed entry is for another version of log.
    pub const ENTRY_OTHER_VERSION: Code = Code::new("log.entry-other-version");
    /// The log's description cannot be read.
    pub const DESCRIPTION_MALFORMED: Code = Code::new("log.description-malformed");
    /// A private key is not the one the log was made with.
    pub const KEY_MISMATCH: Code = Code::new("log.key-mismatch");
    /// A log has entries and no keys.
    pub const KEY_MISSING: Code = Code::new("log.key-missing");
    /// A log that was in use is gone, or all its entries are.
    pub const LOST: Code = Code::new("log.lost");
    /// The log's name cannot stand in a signed note.
    pub const NAME_INVALID: Code = Code::new("log.name-invalid");
    /// The stored checkpoint is not signed by the log.
    pub const STORED_CHECKPOINT_INVALID: Code = Code::new("log.stored-checkpoint-invalid");
    /// What is stored with an entry cannot be read.
    pub const STORED_ENTRY_MALFORMED: Code = Code::new("log.stored-entry-malformed");
}

/// All codes of this crate.
pub const CODES: &[Code] = &[
    code::DESCRIPTION_MALFORMED,
    code::ENTRY_OTHER_VERSION,
    code::ENTRY_REFUSED,
    code::ENTRY_UNVERIFIABLE,
    code::KEY_MISMATCH,
    code::KEY_MISSING,
    code::LOST,
    code::NAME_INVALID,
    code::STORED_CHECKPOINT_INVALID,
    code::STORED_ENTRY_MALFORMED,
];

/// Why the log could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A key or certificate cannot be used.
    #[error(transparent)]
    Crypto(#[from] sealwright_crypto::Error),
    /// The description is not one.
    #[error("{} does not describe a log: {source}", path.display())]
    Description {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: serde_json::Error,
    },
    /// A proposed entry breaks a rule of its kind.
    #[error(transparent)]
    Entry(#[from] sealwright_sigstore::Error),
    /// A proposed entry's signature does not verify.
    #[error("proposed entry {index}: {source}")]
    EntrySignature {
        /// Which of those proposed, counted from 0.
        index: usize,
        /// Why not.
        source: sealwright_crypto::BadSignature,
    },
    /// A proposed entry's signature is of a kind a log cannot check.
    #[error(
        "proposed entry {index} is signed with {details}, which cannot be checked from its digest"
    )]
    EntryUnverifiable {
        /// Which of those proposed, counted from 0.
        index: usize,
        /// How its key signs.
        details: &'static str,
    },
    /// A proposed entry is for another version of log.
    #[error("proposed entry {index} is for {found:?}, wanted {wanted:?}")]
    EntryVersion {
        /// Which of those proposed, counted from 0.
        index: usize,
        /// The version it is for.
        found: LogVersion,
        /// The version it was proposed to.
        wanted: LogVersion,
    },
    /// The log answered before, and has no entries.
    #[error("{} holds no entries although the log has answered with some", path.display())]
    EntriesLost {
        /// Where they should be.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    Files(#[from] sealwright_files::Error),
    /// A private key is not the one the log was made with.
    #[error("the private key of the log's version {version} is not the one the log was made with")]
    KeyMismatch {
        /// Which key.
        version: u8,
    },
    /// A private key is gone.
    #[error("the private key of the log's version {version} is missing")]
    KeyMissing {
        /// Which key.
        version: u8,
    },
    /// The log was in use, and its description is not there.
    #[error("{} is missing although the log was in use", path.display())]
    Lost {
        /// The description.
        path: PathBuf,
    },
    /// The name cannot be used.
    #[error("the log's name is {name:?}, wanted a host name")]
    Name {
        /// The name.
        name: String,
    },
    /// A checkpoint cannot be written.
    #[error(transparent)]
    Note(#[from] sealwright_tlog::Error),
    /// The durable log cannot be used.
    #[error(transparent)]
    Store(#[from] sealwright_store::Error),
    /// The stored checkpoint is not signed by this log.
    #[error("the stored checkpoint is not signed by the log's version 2 key")]
    StoredCheckpoint,
    /// What is stored with an entry cannot be read.
    #[error("what is stored with entry {index} cannot be read")]
    StoredEntry {
        /// Its index.
        index: u64,
    },
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Crypto(error) => error.code(),
            Self::Description { .. } => code::DESCRIPTION_MALFORMED,
            Self::Entry(error) => error.code(),
            Self::EntrySignature { .. } => code::ENTRY_REFUSED,
            Self::EntryUnverifiable { .. } => code::ENTRY_UNVERIFIABLE,
            Self::EntryVersion { .. } => code::ENTRY_OTHER_VERSION,
            Self::EntriesLost { .. } | Self::Lost { .. } => code::LOST,
            Self::Files(error) => error.code(),
            Self::KeyMismatch { .. } => code::KEY_MISMATCH,
            Self::KeyMissing { .. } => code::KEY_MISSING,
            Self::Name { .. } => code::NAME_INVALID,
            Self::Note(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::StoredCheckpoint => code::STORED_CHECKPOINT_INVALID,
            Self::StoredEntry { .. } => code::STORED_ENTRY_MALFORMED,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Crypto(error) => error.class(),
            Self::Entry(error) => error.class(),
            Self::Files(error) => error.class(),
            Self::Note(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::EntrySignature { .. } => Class::Rejected,
            Self::EntryVersion { .. } | Self::Name { .. } => Class::Usage,
            Self::Description { .. }
            | Self::EntriesLost { .. }
            | Self::EntryUnverifiable { .. }
            | Self::KeyMismatch { .. }
            | Self::KeyMissing { .. }
            | Self::Lost { .. }
            | Self::StoredCheckpoint
            | Self::StoredEntry { .. } => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Crypto(error) => error.help(),
            Self::Entry(error) => error.help(),
            Self::Files(error) => error.help(),
            Self::Note(error) => error.help(),
            Self::Store(error) => error.help(),
            Self::Description { .. } | Self::KeyMismatch { .. } | Self::KeyMissing { .. } => {
                Some("restore the data directory from a copy, or begin a new one".into())
            }
            Self::EntriesLost { .. } | Self::Lost { .. } => Some(
                "restore it from a copy; to begin a new instance with other keys, move the whole data directory away"
                    .into(),
            ),
            Self::StoredCheckpoint | Self::StoredEntry { .. } => {
                Some("see what is damaged with `sealwright log fsck`".into())
            }
            _ => None,
        }
    }
}
