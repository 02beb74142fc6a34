//! Checking the whole log.

use sealwright_sigstore::LogVersion;
use sealwright_store::Fault;
use sealwright_store::FileLayer;
use sealwright_store::Report;

use crate::error::Error;
use crate::keys::VERSIONS;
use crate::log::Log;
use crate::stored::Taken;

impl<L: FileLayer> Log<L> {
    /// Recomputes the tree from the entries and compares everything stored with it: records, roots,
    /// tiles, the checkpoint with its signature, and each private key with its public one. Derived tiles that are missing or wrong are made
    /// again; everything else that is wrong stands in the report.
    ///
    /// # Errors
    /// `store.io-failed` when files cannot be read, `store.locked`.
    pub fn fsck(&self) -> Result<Report, Error> {
        let mut malformed = Vec::new();
        let mut report = self.tree.fsck(&mut |index, entry| {
            if let Err(error) = Taken::read(entry, index)
                && malformed.len() < MAX_FAULTS
            {
                malformed.push(fault(&error));
            }
        })?;
        report.faults.extend(malformed);
        if let Some((_, note)) = self.tree.published()?
            && self
                .public()
                .verify_checkpoint(&note, LogVersion::V2)
                .is_none()
        {
            report.faults.push(fault(&Error::StoredCheckpoint));
        }
        for version in VERSIONS {
            if let Err(error) = self.keys.key(version) {
                report.faults.push(fault(&error));
            }
        }
        // Where a checkpoint is left, it said so already.
        if let Some(error) = self.lost_entries(&report.head)
            && report.faults.is_empty()
        {
            report.faults.push(fault(&error));
        }
        Ok(report)
    }
}

fn fault(error: &Error) -> Fault {
    use sealwright_core::Diagnostic as _;
    Fault {
        code: error.code(),
        message: error.to_string(),
    }
}

/// How many entries are named that cannot be read; the others are as bad.
const MAX_FAULTS: usize = 100;
