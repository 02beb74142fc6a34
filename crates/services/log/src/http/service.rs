//! The log with what its HTTP interfaces need beside it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use sealwright_core::Clock;
use sealwright_core::Digest;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_store::Disk;
use sealwright_store::FileLayer;
use sealwright_tlog::Hash;
use sealwright_tlog::leaf_hash;

use super::index::Index;
use crate::error::Error;
use crate::log::Log;
use crate::proposal;

/// A log that answers over HTTP.
pub struct LogService<L = Disk> {
    log: Log<L>,
    clock: Arc<dyn Clock>,
    index: Mutex<Index>,
    /// Told when an entry that was on its way has come into the log, or has not.
    settled: Condvar,
}

/// What became of a proposed entry.
pub(super) enum Added {
    /// It stood there before, at this index.
    Known(u64, Hash),
    New(Box<LogEntry>),
}

impl<L: FileLayer> LogService<L> {
    /// Reads the whole log once.
    ///
    /// # Errors
    /// The codes of the stored log.
    pub fn new(log: Log<L>, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let service = Self {
            log,
            clock,
            index: Mutex::default(),
            settled: Condvar::new(),
        };
        drop(service.index()?);
        Ok(service)
    }

    /// The log.
    pub const fn log(&self) -> &Log<L> {
        &self.log
    }

    /// The index with everything that is in the log by now.
    pub(super) fn index(&self) -> Result<MutexGuard<'_, Index>, Error> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        self.catch_up(&mut index)?;
        Ok(index)
    }

    /// The place of an entry with this leaf.
    pub(super) fn place(&self, leaf: &Hash) -> Result<Option<u64>, Error> {
        Ok(self.index()?.place(leaf))
    }

    /// Adds an entry unless it is there.
    pub(super) fn add(
        &self,
        entry: &ProposedEntry,
        envelope_hash: Option<&Digest>,
        version: LogVersion,
    ) -> Result<Added, Error> {
        let body = self.body(entry, envelope_hash, version)?;
        let leaf = leaf_hash(&body);
        let mut index = self.index()?;
        loop {
            if let Some(place) = index.place(&leaf) {
                return Ok(Added::Known(place, leaf));
            }
            if index.pending.insert(leaf) {
                break;
            }
            index = self
                .settled
                .wait(index)
                .unwrap_or_else(PoisonError::into_inner);
            self.catch_up(&mut index)?;
        }
        drop(index);
        let _pending = Pending {
            service: self,
            leaf,
        };
        let bodies = vec![(body, entry.kind())];
        let mut added = self.log.append(bodies, version, self.clock.now())?;
        match added.pop() {
            Some(entry) => Ok(Added::New(Box::new(entry))),
            None => Err(Error::StoredEntry { index: 0 }),
        }
    }

    /// The canonical body of an entry that is proposed, checked.
    pub(super) fn body(
        &self,
        entry: &ProposedEntry,
        envelope_hash: Option<&Digest>,
        version: LogVersion,
    ) -> Result<Vec<u8>, Error> {
        let body = proposal::checked_body(entry, 0, version)?;
        Ok(match envelope_hash {
            Some(hash) => proposal::with_envelope_hash(&body, &entry.kind(), hash).unwrap_or(body),
            None => body,
        })
    }

    fn catch_up(&self, index: &mut Index) -> Result<(), Error> {
        self.log
            .tree
            .entries_from(index.size(), &mut |place, entry| {
                index.push(place, &entry);
                ControlFlow::Continue(())
            })?;
        Ok(())
    }
}

/// Removes what is on its way when it is there, however that ended.
struct Pending<'s, L: FileLayer> {
    service: &'s LogService<L>,
    leaf: Hash,
}

impl<L: FileLayer> Drop for Pending<'_, L> {
    fn drop(&mut self) {
        let mut index = self
            .service
            .index
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        index.pending.remove(&self.leaf);
        self.service.settled.notify_all();
    }
}
