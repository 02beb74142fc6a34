//! Checking a whole log: every record, every hash, every tile, and the checkpoint.

use sealwright_core::Code;
use sealwright_core::Diagnostic as _;
use sealwright_tlog::Checkpoint;
use sealwright_tlog::EdgeTiles;
use sealwright_tlog::FullTile;
use sealwright_tlog::Hash;
use sealwright_tlog::TreeHead;
use sealwright_tlog::leaf_hash;

use crate::durable_log::DurableLog;
use crate::error::Error;
use crate::frame;
use crate::frame::Batch;
use crate::frame::Entry;
use crate::layer::FileLayer;
use crate::segment;
use crate::segment::Reader;
use crate::stored_tiles;

/// What a check of a log found.
#[derive(Debug)]
pub struct Report {
    /// The tree that the stored entries make.
    pub head: TreeHead,
    /// How many segment files hold them.
    pub segments: u64,
    /// How many full tiles there should be.
    pub tiles: u64,
    /// How many tile files were missing or wrong, and have been made again from the entries.
    pub tiles_rebuilt: u64,
    /// The checkpoint file, if there is a readable one.
    pub checkpoint: Option<Checkpoint>,
    /// What is wrong. Empty when all is well.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong with a log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The code of what is wrong.
    pub code: Code,
    /// What is wrong, for a person.
    pub message: String,
}

impl From<&Error> for Fault {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

impl<L: FileLayer> DurableLog<L> {
    /// Recomputes the tree from the entries and compares everything stored with it. Hands every
    /// entry to `visit`, with its index. Derived tile files that are missing or wrong are made again.
    ///
    /// # Errors
    /// `store.io-failed` when files cannot be read. What is read and wrong stands in the report.
    pub fn fsck(&self, visit: &mut dyn FnMut(u64, &Entry)) -> Result<Report, Error> {
        // Read before the entries: whoever appends meanwhile only makes more of them.
        let checkpoint = self.published()?.map(|(checkpoint, _)| checkpoint);
        let mut walk = Walk {
            log: self,
            visit,
            edge: EdgeTiles::new(),
            chain: frame::NO_CHECKSUM,
            checkpoint_met: None,
            report: Report {
                head: TreeHead::EMPTY,
                segments: 0,
                tiles: 0,
                tiles_rebuilt: 0,
                checkpoint,
                faults: Vec::new(),
            },
        };
        walk.meet();
        walk.segments()?;
        walk.compare();
        Ok(walk.report)
    }
}

struct Walk<'w, L> {
    log: &'w DurableLog<L>,
    visit: &'w mut dyn FnMut(u64, &Entry),
    edge: EdgeTiles,
    chain: Hash,
    /// Whether the root was that of the checkpoint when the size was.
    checkpoint_met: Option<bool>,
    report: Report,
}

impl<L: FileLayer> Walk<'_, L> {
    fn segments(&mut self) -> Result<(), Error> {
        for block in segment::blocks(self.log.layer())? {
            match self.segment(block) {
                Ok(()) => {}
                Err(error @ (Error::Io { .. } | Error::Locked)) => return Err(error),
                Err(error) => self.report.faults.push(Fault::from(&error)),
            }
        }
        Ok(())
    }

    fn segment(&mut self, block: u64) -> Result<(), Error> {
        let mut reader = Reader::new(self.log.layer(), block);
        let expected = self.edge.size() / self.log.geometry().segment_entries;
        let Some((header, _)) = reader.header()? else {
            // The last one may have been begun and never written. A hole before entries that are
            // there shows up at the next segment's header.
            return reader.end();
        };
        self.report.segments += 1;
        let continues = header.block == block
            && block == expected
            && header.segment_entries == self.log.geometry().segment_entries
            && header.previous == self.chain
            && header.edge == self.edge;
        if !continues {
            let fault = reader.damaged(0, "a header that continues the segment before");
            self.report.faults.push(Fault::from(&fault));
            self.edge = header.edge;
        }
        while let Some((batch, record)) = reader.batch()? {
            self.batch(&reader, record.offset, &batch)?;
        }
        self.chain = *reader.chain();
        reader.end()
    }

    fn batch(&mut self, reader: &Reader<'_, L>, offset: u64, batch: &Batch) -> Result<(), Error> {
        if batch.first_index != self.edge.size() {
            return Err(reader.damaged(offset, "the entries that follow"));
        }
        for entry in &batch.entries {
            (self.visit)(self.edge.size(), entry);
            for full in self.edge.push(leaf_hash(&entry.body))? {
                self.tile(&full)?;
            }
        }
        self.meet();
        if batch.root != self.edge.head().root {
            return Err(reader.damaged(offset, "entries that make the tree their record says"));
        }
        Ok(())
    }

    fn tile(&mut self, full: &FullTile) -> Result<(), Error> {
        self.report.tiles += 1;
        let stored = stored_tiles::read(self.log.layer(), full.tile)?;
        if stored.as_deref() != Some(full.hashes.as_slice()) {
            let _lock = self.log.lock()?;
            stored_tiles::write(self.log.layer(), full)?;
            self.report.tiles_rebuilt += 1;
        }
        Ok(())
    }

    fn meet(&mut self) {
        if let Some(checkpoint) = &self.report.checkpoint
            && checkpoint.size == self.edge.size()
        {
            self.checkpoint_met = Some(checkpoint.head() == self.edge.head());
        }
    }

    fn compare(&mut self) {
        self.report.head = self.edge.head();
        let Some(checkpoint) = &self.report.checkpoint else {
            return;
        };
        let error = if checkpoint.size > self.edge.size() {
            Error::Truncated {
                found: self.edge.size(),
                wanted: checkpoint.size,
            }
        } else if self.checkpoint_met == Some(true) {
            return;
        } else {
            Error::Forked {
                size: checkpoint.size,
            }
        };
        self.report.faults.push(Fault::from(&error));
    }
}
