//! The end of a durable log: where the next record goes, and which records are known to be durable.
//!
//! A record on disk is in one of two states. *Settled*: the file `checkpoint`, which is written only
//! after a sync, says a size that includes it; or this process synced it. *Left over*: it is whole,
//! but its writer may have died before its sync, or the checkpoint file may have been lost. A record
//! left over is never answered from: first it is written again and synced ([`Tail::settle`]), since
//! what a read gives back need not be on the disk, and a sync after a failed one may say yes without
//! writing anything.

use std::io;

use sealwright_tlog::Checkpoint;
use sealwright_tlog::EdgeTiles;
use sealwright_tlog::Hash;
use sealwright_tlog::Sequenced;
use sealwright_tlog::Sequencer;
use sealwright_tlog::SignedNote;
use sealwright_tlog::TreeHead;

use crate::durable_log::Geometry;
use crate::error::Error;
use crate::frame;
use crate::frame::Batch;
use crate::frame::Entry;
use crate::frame::Header;
use crate::frame::Kind;
use crate::layer::FileLayer;
use crate::segment;
use crate::segment::Reader;

/// The file that says how much is settled.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// The settled state of a log, and where its next record goes.
#[derive(Debug)]
pub(crate) struct Tail {
    geometry: Geometry,
    sequencer: Sequencer,
    place: Place,
}

/// Where a record goes. At offset 0 the segment's header comes first.
#[derive(Clone, Copy, Debug)]
struct Place {
    block: u64,
    offset: u64,
    /// The checksum of the record before, in this segment or the one before it.
    chain: Hash,
}

/// Whole records behind the settled ones, in one segment.
#[derive(Debug)]
pub(crate) struct LeftOver(Vec<Whole>);

/// A whole batch as it lies in the file, the segment's header before it if it is the first.
#[derive(Debug)]
struct Whole {
    batch: Batch,
    bytes: Vec<u8>,
    after: Place,
}

impl Tail {
    /// Finds the last segment, and takes its beginning as settled.
    pub(crate) fn find<L: FileLayer>(
        layer: &L,
        geometry: Geometry,
        published: Option<&TreeHead>,
    ) -> Result<Self, Error> {
        let hinted = published
            .and_then(|head| head.size.checked_sub(1))
            .map(|last| last / geometry.segment_entries);
        if let Some(last) = hinted {
            let lowest = last.saturating_sub(geometry.longest_gap());
            for block in (lowest..=last).rev() {
                if let Some(tail) = Self::at(layer, geometry, block)? {
                    return Ok(tail);
                }
            }
        }
        for block in segment::blocks(layer)?.into_iter().rev() {
            if let Some(tail) = Self::at(layer, geometry, block)? {
                return Ok(tail);
            }
        }
        Ok(Self {
            geometry,
            sequencer: Sequencer::recovered(EdgeTiles::new()),
            place: Place {
                block: 0,
                offset: 0,
                chain: frame::NO_CHECKSUM,
            },
        })
    }

    /// The beginning of a block's segment, if its header is whole: a segment is begun only when the
    /// one before it is settled.
    fn at<L: FileLayer>(layer: &L, geometry: Geometry, block: u64) -> Result<Option<Self>, Error> {
        let mut reader = Reader::new(layer, block);
        let Some((header, _)) = reader.header()? else {
            return Ok(None);
        };
        if header.segment_entries != geometry.segment_entries || header.block != block {
            return Err(reader.damaged(0, "the header of this segment"));
        }
        Ok(Some(Self {
            geometry,
            sequencer: Sequencer::recovered(header.edge),
            place: Place {
                block,
                offset: 0,
                chain: header.previous,
            },
        }))
    }

    /// Takes up what is settled by now; gives what is left over behind it in the next segment, if
    /// anything. Needs no lock, as long as `published` was read before.
    pub(crate) fn refresh<L: FileLayer>(
        &mut self,
        layer: &L,
        published: Option<&TreeHead>,
    ) -> Result<Option<LeftOver>, Error> {
        let settled = published.map_or(0, |head| head.size).max(self.size());
        loop {
            let Some(found) = self.read_segment(layer)? else {
                return Ok(None);
            };
            let (now, later) = found.split(settled)?;
            if !now.0.is_empty() {
                self.apply(&now)?;
                if let Some(head) = published
                    && head.size == self.size()
                    && head != self.sequencer.head().head()
                {
                    return Err(Error::Forked { size: head.size });
                }
            }
            if !later.0.is_empty() {
                return Ok(Some(later));
            }
        }
    }

    /// Makes what is left over durable, and takes it up. Needs the lock, and what
    /// [`Tail::refresh`] gave under it.
    pub(crate) fn settle<L: FileLayer>(
        &mut self,
        layer: &L,
        left_over: &LeftOver,
    ) -> Result<Sequenced, Error> {
        let bytes: Vec<_> = left_over
            .0
            .iter()
            .flat_map(|whole| &whole.bytes)
            .copied()
            .collect();
        self.write(layer, &bytes)?;
        self.apply(left_over)
    }

    /// Takes up what is left over as it is: where nothing can be written.
    pub(crate) fn take_up(&mut self, left_over: &LeftOver) -> Result<(), Error> {
        self.apply(left_over).map(|_| ())
    }

    /// Writes entries behind all others, durably. Needs the lock, and nothing left over.
    pub(crate) fn append<L: FileLayer>(
        &mut self,
        layer: &L,
        entries: Vec<Entry>,
    ) -> Result<Sequenced, Error> {
        let plan = self
            .sequencer
            .plan(entries.iter().map(|entry| entry.body.as_slice()))?;
        let batch = Batch {
            first_index: self.size(),
            root: plan.after().root,
            entries,
        };
        let mut place = self.place;
        let mut bytes = Vec::new();
        if place.offset == 0 {
            let payload = self.header().to_bytes();
            place.chain = frame::write(&mut bytes, Kind::Header, &payload, &frame::NO_CHECKSUM);
        }
        place.chain = frame::write(&mut bytes, Kind::Batch, &batch.to_bytes(), &place.chain);
        self.write(layer, &bytes)?;
        place.offset += bytes.len() as u64;
        let sequenced = self.sequencer.durable(plan)?;
        self.place = self.geometry.next(place, self.size());
        Ok(sequenced)
    }

    /// How many entries are settled.
    pub(crate) const fn size(&self) -> u64 {
        self.sequencer.head().head().size
    }

    /// The settled tree.
    pub(crate) const fn sequencer(&self) -> &Sequencer {
        &self.sequencer
    }

    /// Writes whole records at the settled end and syncs them: one sync, and one more of the
    /// directory where a segment begins.
    fn write<L: FileLayer>(&self, layer: &L, bytes: &[u8]) -> Result<(), Error> {
        let begins = self.place.offset == 0;
        if begins && self.size() == 0 {
            layer
                .create_directory(segment::DIRECTORY)
                .map_err(Error::io("create", segment::DIRECTORY))?;
            layer.sync_directory("").map_err(Error::io("sync", ""))?;
        }
        let path = segment::path(self.place.block);
        layer
            .write_at(&path, self.place.offset, bytes)
            .map_err(Error::io("write", &path))?;
        layer.sync_file(&path).map_err(Error::io("sync", &path))?;
        if begins {
            layer
                .sync_directory(segment::DIRECTORY)
                .map_err(Error::io("sync", segment::DIRECTORY))?;
        }
        Ok(())
    }

    /// All whole records behind the settled ones in the current segment.
    fn read_segment<L: FileLayer>(&self, layer: &L) -> Result<Option<LeftOver>, Error> {
        let Place {
            block,
            offset,
            chain,
        } = self.place;
        let mut reader = if offset == 0 {
            Reader::new(layer, block)
        } else {
            Reader::resume(layer, block, offset, chain)
        };
        let mut bytes = Vec::new();
        if offset == 0 {
            let Some((header, record)) = reader.header()? else {
                reader.end()?;
                return Ok(None);
            };
            if header != self.header() {
                return Err(reader.damaged(0, "a header that continues the segment before"));
            }
            bytes = record.bytes;
        }
        let mut size = self.size();
        let mut found = Vec::new();
        while let Some((batch, record)) = reader.batch()? {
            if batch.first_index != size {
                return Err(reader.damaged(record.offset, "the entries that follow"));
            }
            size = batch.end().unwrap_or(size);
            bytes.extend_from_slice(&record.bytes);
            let place = Place {
                block,
                offset: reader.offset(),
                chain: *reader.chain(),
            };
            found.push(Whole {
                batch,
                bytes: std::mem::take(&mut bytes),
                after: self.geometry.next(place, size),
            });
        }
        reader.end()?;
        Ok((!found.is_empty()).then_some(LeftOver(found)))
    }

    /// The header of the segment that begins here.
    fn header(&self) -> Header {
        Header {
            segment_entries: self.geometry.segment_entries,
            block: self.place.block,
            previous: self.place.chain,
            edge: self.sequencer.edge().clone(),
        }
    }

    fn apply(&mut self, records: &LeftOver) -> Result<Sequenced, Error> {
        let bodies = records
            .0
            .iter()
            .flat_map(|whole| &whole.batch.entries)
            .map(|entry| entry.body.as_slice());
        let plan = self.sequencer.plan(bodies)?;
        let last = records.0.last();
        if last.map(|whole| whole.batch.root) != Some(plan.after().root) {
            return Err(Error::Damaged {
                path: segment::path(self.place.block),
                offset: self.place.offset,
                wanted: "entries that make the tree their record says",
            });
        }
        let after = last.map_or(self.place, |whole| whole.after);
        let sequenced = self.sequencer.durable(plan)?;
        self.place = after;
        Ok(sequenced)
    }
}

impl LeftOver {
    /// Those that make a tree of at most `settled` entries, and the others.
    fn split(mut self, settled: u64) -> Result<(Self, Self), Error> {
        let ends = |whole: &Whole| whole.batch.end().unwrap_or(u64::MAX);
        let count = self.0.partition_point(|whole| ends(whole) <= settled);
        let later = self.0.split_off(count);
        // A checkpoint is always one after a whole batch.
        if later
            .first()
            .is_some_and(|whole| whole.batch.first_index < settled)
        {
            return Err(Error::Forked { size: settled });
        }
        Ok((self, Self(later)))
    }
}

impl Geometry {
    /// Where the next record goes when `size` entries are in.
    fn next(self, place: Place, size: u64) -> Place {
        let block = size / self.segment_entries;
        if block > place.block {
            Place {
                block,
                offset: 0,
                chain: place.chain,
            }
        } else {
            place
        }
    }
}

/// What the checkpoint file says is settled. `None` when there is none, or it cannot be read: a
/// power cut may leave any part of it.
pub(crate) fn published<L: FileLayer>(layer: &L) -> Result<Option<(Checkpoint, String)>, Error> {
    let bytes = match layer.read_at(CHECKPOINT, 0, SignedNote::MAX_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(Error::io("read", CHECKPOINT))?,
    };
    let Ok(note) = String::from_utf8(bytes) else {
        return Ok(None);
    };
    let checkpoint = SignedNote::parse(&note).and_then(|note| Checkpoint::parse(note.text()));
    Ok(checkpoint.ok().map(|checkpoint| (checkpoint, note)))
}
