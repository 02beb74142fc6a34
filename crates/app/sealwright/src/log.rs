//! The transparency log of the local profile, looked at.

use sealwright_core::Timestamp;

use crate::Context;
use crate::Failure;

/// What a check of the whole log found.
#[derive(Clone, Debug)]
pub struct FsckSummary {
    /// The log's name.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// Root hash of its tree, hexadecimal.
    pub root: String,
}

/// An entry of the log.
#[derive(Clone, Debug)]
pub struct LoggedEntry {
    /// Its index.
    pub index: u64,
    /// When it was added; `None` for version 2 entries.
    pub integrated_at: Option<Timestamp>,
    /// What is hashed, JSON.
    pub body: Vec<u8>,
}

/// Recomputes the whole log and compares.
///
/// # Errors
/// `log.absent`; whatever is wrong with the log.
pub fn log_fsck(_context: &Context<'_>) -> Result<FsckSummary, Failure> {
    todo!()
}

/// Reads one entry.
///
/// # Errors
/// `log.absent`; when there is no such entry.
pub fn log_entry(_context: &Context<'_>, _index: u64) -> Result<LoggedEntry, Failure> {
    todo!()
}
