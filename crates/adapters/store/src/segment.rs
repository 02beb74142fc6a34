//! Reading segment files record by record.
//!
//! A segment holds the entries of whole batches; the one of block `b` starts with an entry of index
//! `b * n .. (b + 1) * n` (`n` being [`crate::Geometry::segment_entries`]) and ends with the batch
//! that reaches `(b + 1) * n`. So the next one's block, and the segment of any entry, are found
//! without a directory listing.

use std::io;

use sealwright_tlog::Hash;

use crate::error::Error;
use crate::frame;
use crate::frame::Batch;
use crate::frame::Header;
use crate::frame::Kind;
use crate::layer::FileLayer;

/// The directory segments stand in.
pub(crate) const DIRECTORY: &str = "segment";

/// The file of a block's segment.
pub(crate) fn path(block: u64) -> String {
    format!("{DIRECTORY}/{block:016}")
}

/// The blocks that have a segment file, ascending.
pub(crate) fn blocks<L: FileLayer>(layer: &L) -> Result<Vec<u64>, Error> {
    let names = match layer.list(DIRECTORY) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(Error::io("list", DIRECTORY))?,
    };
    let mut blocks: Vec<u64> = names
        .iter()
        .filter_map(|name| name.parse().ok())
        .filter(|block| names.contains(&format!("{block:016}")))
        .collect();
    blocks.sort_unstable();
    Ok(blocks)
}

/// A record as it was read.
#[derive(Debug)]
pub(crate) struct Record {
    /// What it is.
    pub(crate) kind: Kind,
    /// All its bytes.
    pub(crate) bytes: Vec<u8>,
    /// Where it starts in the file.
    pub(crate) offset: u64,
}

impl Record {
    /// What it says.
    pub(crate) fn payload(&self) -> &[u8] {
        parts(&self.bytes).unwrap_or_default().0
    }

    fn suffix(&self) -> &[u8] {
        parts(&self.bytes).unwrap_or_default().1
    }
}

/// Payload and suffix of a record's bytes.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.len().checked_sub(frame::SUFFIX)?;
    let (record, suffix) = bytes.split_at_checked(end)?;
    Some((record.get(frame::PREFIX..)?, suffix))
}

/// Reads a segment's records in order.
#[derive(Debug)]
pub(crate) struct Reader<'l, L> {
    layer: &'l L,
    path: String,
    /// Where the next record starts.
    offset: u64,
    /// The checksum of the record before it.
    chain: Hash,
    /// Bytes of the file; those from `start` on are those from `offset` on.
    buffer: Vec<u8>,
    start: usize,
    /// Whether the buffer reaches the end of the file.
    at_end: bool,
}

impl<'l, L: FileLayer> Reader<'l, L> {
    /// From the segment's beginning.
    pub(crate) fn new(layer: &'l L, block: u64) -> Self {
        Self::resume(layer, block, 0, frame::NO_CHECKSUM)
    }

    /// From a record on, given the checksum of the one before it.
    pub(crate) fn resume(layer: &'l L, block: u64, offset: u64, chain: Hash) -> Self {
        Self {
            layer,
            path: path(block),
            offset,
            chain,
            buffer: Vec::new(),
            start: 0,
            at_end: false,
        }
    }

    /// The next record; `None` where there is no whole and unharmed one.
    pub(crate) fn record(&mut self) -> Result<Option<Record>, Error> {
        let Some((kind, length)) = self.fill(frame::PREFIX)?.and_then(frame::read_prefix) else {
            return Ok(None);
        };
        let end = frame::PREFIX + length + frame::SUFFIX;
        let Some(bytes) = self.fill(end)?.map(<[u8]>::to_vec) else {
            return Ok(None);
        };
        let record = Record {
            kind,
            bytes,
            offset: self.offset,
        };
        let Some(checksum) = frame::check(kind, record.payload(), record.suffix(), &self.chain)
        else {
            return Ok(None);
        };
        self.chain = checksum;
        self.offset += end as u64;
        self.start += end;
        Ok(Some(record))
    }

    /// The segment's header. `None` where there is none, or not a whole one.
    pub(crate) fn header(&mut self) -> Result<Option<(Header, Record)>, Error> {
        let Some(record) = self.record()? else {
            return Ok(None);
        };
        Ok(match record.kind {
            Kind::Header => Header::read(record.payload()).map(|header| (header, record)),
            Kind::Batch => None,
        })
    }

    /// The next batch. `None` at the end of the unharmed records.
    ///
    /// An unharmed record that is no batch was never written by this program.
    pub(crate) fn batch(&mut self) -> Result<Option<(Batch, Record)>, Error> {
        let Some(record) = self.record()? else {
            return Ok(None);
        };
        match (record.kind, Batch::read(record.payload())) {
            (Kind::Batch, Some(batch)) => Ok(Some((batch, record))),
            _ => Err(self.damaged(record.offset, "a batch of entries")),
        }
    }

    /// Checks, where there is no next record, that none was there: one is written only when the one
    /// before it is durable, so a record that cannot be read was whole once if a whole one follows
    /// it. A write that a crash cut short has nothing behind it but what was never a record.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        if self.is_followed()? && self.again().record()?.is_none() {
            return Err(self.damaged(self.offset, "a record like the one that follows it"));
        }
        Ok(())
    }

    /// The same place, read anew: what is in the buffer may have been read while it was written.
    fn again(&self) -> Self {
        Self {
            layer: self.layer,
            path: self.path.clone(),
            offset: self.offset,
            chain: self.chain,
            buffer: Vec::new(),
            start: 0,
            at_end: false,
        }
    }

    /// Whether something that has a record's length stands before a whole record that continues it.
    fn is_followed(&mut self) -> Result<bool, Error> {
        let Some((kind, length)) = self.fill(frame::PREFIX)?.and_then(frame::read_prefix) else {
            return Ok(false);
        };
        let end = frame::PREFIX + length + frame::SUFFIX;
        let next = |bytes: &[u8]| frame::read_prefix(bytes.get(end..)?);
        let Some((next_kind, next_length)) = self.fill(end + frame::PREFIX)?.and_then(next) else {
            return Ok(false);
        };
        let chain = self.chain;
        let next_end = end + frame::PREFIX + next_length + frame::SUFFIX;
        let Some((this, next)) = self
            .fill(next_end)?
            .and_then(|bytes| bytes.split_at_checked(end))
        else {
            return Ok(false);
        };
        let [this, next] = [this, next].map(parts);
        // Whether its payload or its checksum is what was turned.
        let stored = this.and_then(|(_, suffix)| <Hash>::try_from(suffix).ok());
        let computed = this.and_then(|(payload, _)| frame::sum(kind, payload, &chain));
        let continues = |chain: Option<Hash>| {
            chain
                .zip(next)
                .and_then(|(chain, (payload, suffix))| {
                    frame::check(next_kind, payload, suffix, &chain)
                })
                .is_some()
        };
        Ok(continues(stored) || continues(computed))
    }

    /// Where the next record starts.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The checksum of the record before it.
    pub(crate) const fn chain(&self) -> &Hash {
        &self.chain
    }

    pub(crate) fn damaged(&self, offset: u64, wanted: &'static str) -> Error {
        Error::Damaged {
            path: self.path.clone(),
            offset,
            wanted,
        }
    }

    /// At least so many bytes from the next record's start on, or none.
    fn fill(&mut self, wanted: usize) -> Result<Option<&[u8]>, Error> {
        while self.buffer.len() - self.start < wanted && !self.at_end {
            self.buffer.drain(..self.start);
            self.start = 0;
            let max = (wanted - self.buffer.len()).max(CHUNK);
            let from = self.offset + self.buffer.len() as u64;
            let bytes = match self.layer.read_at(&self.path, from, max) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                other => other.map_err(Error::io("read", &self.path))?,
            };
            self.at_end = bytes.len() < max;
            self.buffer.extend_from_slice(&bytes);
        }
        Ok(self.buffer.get(self.start..self.start + wanted))
    }
}

/// How much is read at once.
const CHUNK: usize = 256 << 10;
