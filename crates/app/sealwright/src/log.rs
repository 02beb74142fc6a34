//! The transparency log of the local profile, looked at.

use sealwright_core::Class;
use sealwright_core::Digest;
use sealwright_core::Timestamp;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::Problem;
use crate::local::LocalSigstore;

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
/// `log.absent`, `log.lost`, `files.locked`; the first thing that is wrong with the log, which says how many more there are.
pub fn log_fsck(context: &Context<'_>) -> Result<FsckSummary, Failure> {
    let sigstore = existing(context)?;
    let report = sigstore.log().fsck()?;
    if let Some(fault) = report.faults.first() {
        let more = report.faults.len() - 1;
        return Err(Problem {
            code: fault.code,
            class: Class::Undecided,
            message: match more {
                0 => fault.message.clone(),
                _ => format!("{} (and {more} more)", fault.message),
            },
            help: Some("restore the data directory from a backup (root import)".to_owned()),
        }
        .into());
    }
    Ok(FsckSummary {
        origin: sigstore.log().public().host().to_owned(),
        size: report.head.size,
        root: Digest::from_sha256(report.head.root).to_hex(),
    })
}

/// Reads one entry.
///
/// # Errors
/// `log.absent`; `store.no-entry` when there is no such entry.
pub fn log_entry(context: &Context<'_>, index: u64) -> Result<LoggedEntry, Failure> {
    let (body, integrated_at) = existing(context)?.log().body(index)?;
    Ok(LoggedEntry {
        index,
        integrated_at,
        body,
    })
}

fn existing(context: &Context<'_>) -> Result<LocalSigstore, Failure> {
    LocalSigstore::existing_for_the_log(context)?
        .ok_or_else(|| Error::LogAbsent(context.home.clone()).into())
}
