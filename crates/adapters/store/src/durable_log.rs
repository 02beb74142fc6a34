//! An append-only log of entries with its tree, on a file layer.
//!
//! ```text
//! lock              flock(2)ed while somebody appends
//! segment/BLOCK     the entries, in checksummed records: the write-ahead file and the archive in one
//! checkpoint        the last signed checkpoint: what is known to be durable
//! tile/L/N          full tiles (C2SP tlog-tiles): derived
//! ```
//!
//! One append is: take the lock; read what others appended since; write one record with the entries
//! and the root of the tree they make; sync it (one sync; two when it begins a segment, every few
//! dozen entries); only then sign; publish the checkpoint by rename, without sync; answer.
//!
//! - What was answered is durable: it was synced before.
//! - One size has one root: nothing is signed before it is durable, and what is found behind the
//!   settled records after a crash is synced before it is taken up (`tail`).
//! - Nothing acknowledged gets lost unnoticed: fewer entries than the checkpoint says is an error, and
//!   so is a record that cannot be read before one that can. A power cut may take the checkpoint,
//!   which is not synced; until the next append or look at the log restores it, damage to the very
//!   last record looks like a write that was cut short.
//! - A segment's header holds the edge of the tree, so opening reads one segment and appending
//!   nothing else; a proof reads one tile for every eight levels.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use sealwright_tlog::Checkpoint;
use sealwright_tlog::ConsistencyProof;
use sealwright_tlog::DurableHead;
use sealwright_tlog::Hash;
use sealwright_tlog::InclusionProof;
use sealwright_tlog::MAX_ENTRY_BYTES;
use sealwright_tlog::Sequenced;
use sealwright_tlog::Sequencer;
use sealwright_tlog::Tile;
use sealwright_tlog::TileHashes;
use sealwright_tlog::TileReader as _;
use sealwright_tlog::TreeHead;

use crate::error::Error;
use crate::frame::Entry;
use crate::layer::FileLayer;
use crate::queue::Queue;
use crate::stored_tiles;
use crate::stored_tiles::Source;
use crate::stored_tiles::StoredTiles;
use crate::tail;
use crate::tail::CHECKPOINT;
use crate::tail::LeftOver;
use crate::tail::Tail;

/// How a log is laid out. Part of the format: a log is opened with what it was made with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Geometry {
    /// After how many entries a new segment begins.
    pub segment_entries: u64,
}

impl Geometry {
    /// How many entries are appended in one record at most.
    pub const MAX_BATCH_ENTRIES: usize = 4096;
    /// How many bytes, notes included, are appended in one record at most.
    pub const MAX_BATCH_BYTES: usize = 8 << 20;

    /// Divides entries, in their order, into as few batches as each of which can be appended.
    ///
    /// # Errors
    /// `tlog.entry-too-large`.
    pub fn batches(entries: Vec<Entry>) -> Result<Vec<Vec<Entry>>, Error> {
        let mut batches: Vec<Vec<Entry>> = Vec::new();
        let mut bytes = 0;
        for entry in entries {
            let more = measure_entry(&entry)?;
            match batches.last_mut() {
                Some(batch)
                    if batch.len() < Self::MAX_BATCH_ENTRIES
                        && bytes + more <= Self::MAX_BATCH_BYTES =>
                {
                    bytes += more;
                    batch.push(entry);
                }
                _ => {
                    bytes = more;
                    batches.push(vec![entry]);
                }
            }
        }
        Ok(batches)
    }

    /// How many blocks one batch can leave without a segment.
    pub(crate) const fn longest_gap(self) -> u64 {
        Self::MAX_BATCH_ENTRIES as u64 / self.segment_entries + 1
    }
}

impl Default for Geometry {
    fn default() -> Self {
        Self {
            segment_entries: 64,
        }
    }
}

/// Signs a durable head: gives the note that is written to `checkpoint`, `None` when it cannot.
pub type Publish = dyn Fn(&DurableHead) -> Option<String> + Send + Sync;

/// An append-only log with its tree.
///
/// Threads may share one, and processes may open the same directory; their appends take turns.
/// Reading needs no lock.
pub struct DurableLog<L> {
    layer: L,
    geometry: Geometry,
    publish: Box<Publish>,
    /// Owned by whoever appends or refreshes; never held while waiting in `queue`.
    tail: Mutex<Option<Tail>>,
    queue: Queue<Vec<Entry>, Answer>,
}

/// Entries that are in the log for good.
#[derive(Clone, Debug)]
pub struct Appended {
    sequenced: Arc<Sequenced>,
    first_index: u64,
    count: u64,
}

/// What was found behind the settled records.
struct Found {
    left_over: Option<LeftOver>,
    is_published: bool,
}

impl Found {
    /// Whether everything that is stored is settled, and said to be.
    fn is_settled(&self, tail: &Tail) -> bool {
        self.left_over.is_none() && (self.is_published || tail.size() == 0)
    }
}

enum Answer {
    Done(Result<Appended, Error>),
    /// The group this was in failed: try alone.
    Retry(Vec<Entry>),
}

impl<L: FileLayer> DurableLog<L> {
    /// The log on a file layer, looked at when it is first used. For a log that may be damaged.
    pub fn new(layer: L, geometry: Geometry, publish: Box<Publish>) -> Self {
        Self {
            layer,
            geometry,
            publish,
            tail: Mutex::new(None),
            queue: Queue::new(),
        }
    }

    /// Opens the log on a file layer, or an empty one where there is none yet. Writes nothing.
    ///
    /// # Errors
    /// `store.log-truncated`, `store.log-forked` or `store.log-damaged` when what is stored is not
    /// what was acknowledged; `store.io-failed`.
    pub fn open(layer: L, geometry: Geometry, publish: Box<Publish>) -> Result<Self, Error> {
        let log = Self::new(layer, geometry, publish);
        log.refresh(log.loaded(&mut log.tail())?)?;
        Ok(log)
    }

    /// Appends entries, next to each other and in this order. When this returns, they are durable.
    ///
    /// Costs one sync, shared with what other threads append at the same time; two when a segment
    /// begins.
    ///
    /// # Errors
    /// `store.batch-too-large`, `tlog.entry-too-large`, `store.locked`, `store.no-space`,
    /// `store.io-failed`, and those of [`DurableLog::open`]. The entries may then be in the log or
    /// not.
    pub fn append(&self, entries: Vec<Entry>) -> Result<Appended, Error> {
        let size = measure(&entries)?;
        if size.entries == 0 {
            return self.commit(Vec::new());
        }
        let answer = self
            .queue
            .answer(entries, take_group, |group| self.commit_group(group));
        match answer {
            Answer::Done(result) => result,
            Answer::Retry(entries) => self.commit(entries),
        }
    }

    /// The newest durable tree. Finishes what a crashed process left over.
    ///
    /// # Errors
    /// Those of [`DurableLog::open`].
    pub fn head(&self) -> Result<DurableHead, Error> {
        Ok(self.current()?.head())
    }

    /// The entry at an index.
    ///
    /// # Errors
    /// `store.no-entry`, and those of [`DurableLog::open`].
    pub fn entry(&self, index: u64) -> Result<Entry, Error> {
        let size = self.size_beyond(index)?;
        if index >= size {
            return Err(Error::NoEntry { index, size });
        }
        stored_tiles::entry(&self.layer, self.geometry, index)
    }

    /// The proof that the entry at `index` is in the tree of this head, and the entry.
    ///
    /// # Errors
    /// `store.no-entry`, and those of [`DurableLog::open`].
    pub fn entry_with_proof(
        &self,
        index: u64,
    ) -> Result<(Entry, InclusionProof, DurableHead), Error> {
        let entry = self.entry(index)?;
        let sequencer = self.current()?;
        let head = sequencer.head();
        let leaf = sealwright_tlog::leaf_hash(&entry.body);
        let proof = self.checked(&sequencer, |tiles| {
            let proof = sealwright_tlog::inclusion_proof(index, head.head().size, tiles)?;
            proof.verify(leaf, &head.head().root)?;
            Ok(proof)
        })?;
        Ok((entry, proof, head))
    }

    /// The proof that the tree of the first `old_size` entries is the beginning of the newest one.
    ///
    /// # Errors
    /// `tlog.consistency-invalid` when the log has fewer entries, and those of [`DurableLog::open`].
    pub fn consistency_proof(
        &self,
        old_size: u64,
    ) -> Result<(ConsistencyProof, DurableHead), Error> {
        let sequencer = self.current()?;
        let head = sequencer.head();
        let proof = self.checked(&sequencer, |tiles| {
            let old_root = sealwright_tlog::root_of(old_size, tiles)?;
            let proof = sealwright_tlog::consistency_proof(old_size, head.head().size, tiles)?;
            proof.verify(&old_root, &head.head().root)?;
            Ok(proof)
        })?;
        Ok((proof, head))
    }

    /// The proof that the tree of the first `old_size` entries is the beginning of that of the first
    /// `new_size`, and the root of the latter.
    ///
    /// # Errors
    /// As [`DurableLog::consistency_proof`].
    pub fn consistency_between(
        &self,
        old_size: u64,
        new_size: u64,
    ) -> Result<(ConsistencyProof, Hash), Error> {
        let sequencer = self.current()?;
        let head = *sequencer.head().head();
        self.checked(&sequencer, |tiles| {
            let ending = sealwright_tlog::consistency_proof(new_size, head.size, tiles)?;
            let root = sealwright_tlog::root_of(new_size, tiles)?;
            ending.verify(&root, &head.root)?;
            let old_root = sealwright_tlog::root_of(old_size, tiles)?;
            let proof = sealwright_tlog::consistency_proof(old_size, new_size, tiles)?;
            proof.verify(&old_root, &root)?;
            Ok((proof, root))
        })
    }

    /// The hashes of a tile, full or partial; `None` when the tree has not so many.
    ///
    /// # Errors
    /// Those of [`DurableLog::open`].
    pub fn tile(&self, tile: Tile) -> Result<Option<Vec<Hash>>, Error> {
        let sequencer = self.current()?;
        // How many hashes the tree has in the tile's row.
        let below = u32::from(Tile::HEIGHT) * u32::from(tile.level());
        let row = sequencer.head().head().size.checked_shr(below).unwrap_or(0);
        let first = tile.index().saturating_mul(u64::from(Tile::WIDTH));
        if first.saturating_add(u64::from(tile.width())) > row {
            return Ok(None);
        }
        // From the entries: nobody compares what is read here with a root.
        let tiles = StoredTiles::new(&self.layer, self.geometry, sequencer, Source::Segments);
        let hashes = tiles.tile(tile.level(), tile.index());
        let hashes = hashes.and_then(|all| Some(all.get(..usize::from(tile.width()))?.to_vec()));
        tiles.checked(Ok(hashes))
    }

    /// Hands out the entries from `first` on with their indexes, in order, until there are no more
    /// or `visit` breaks off.
    ///
    /// # Errors
    /// Those of [`DurableLog::open`].
    pub fn entries_from(
        &self,
        first: u64,
        visit: &mut dyn FnMut(u64, Entry) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let size = self.head()?.head().size;
        stored_tiles::entries(&self.layer, self.geometry, first..size, visit)
    }

    /// The root of the first `size` entries.
    ///
    /// # Errors
    /// As [`DurableLog::consistency_proof`].
    pub fn root_of(&self, size: u64) -> Result<Hash, Error> {
        let sequencer = self.current()?;
        let head = *sequencer.head().head();
        self.checked(&sequencer, |tiles| {
            let root = sealwright_tlog::root_of(size, tiles)?;
            sealwright_tlog::consistency_proof(size, head.size, tiles)?
                .verify(&root, &head.root)?;
            Ok(root)
        })
    }

    /// The last published checkpoint and its note; `None` when there is none or it is unreadable.
    ///
    /// # Errors
    /// `store.io-failed`.
    pub fn published(&self) -> Result<Option<(Checkpoint, String)>, Error> {
        tail::published(&self.layer)
    }

    /// Where the log was.
    pub fn into_layer(self) -> L {
        self.layer
    }

    /// Where the log is.
    pub const fn layer(&self) -> &L {
        &self.layer
    }

    pub(crate) const fn geometry(&self) -> Geometry {
        self.geometry
    }

    fn commit_group(&self, group: Vec<Vec<Entry>>) -> Vec<Answer> {
        if let [_] = group.as_slice() {
            let result = self.commit(group.into_iter().flatten().collect());
            return vec![Answer::Done(result)];
        }
        let counts: Vec<_> = group.iter().map(|entries| entries.len() as u64).collect();
        match self.commit(group.iter().flatten().cloned().collect()) {
            Ok(all) => {
                let mut first_index = all.first_index;
                let answer = |count| {
                    let appended = Appended {
                        sequenced: Arc::clone(&all.sequenced),
                        first_index,
                        count,
                    };
                    first_index += count;
                    Answer::Done(Ok(appended))
                };
                counts.into_iter().map(answer).collect()
            }
            Err(_) => group.into_iter().map(Answer::Retry).collect(),
        }
    }

    fn commit(&self, entries: Vec<Entry>) -> Result<Appended, Error> {
        let mut slot = self.tail();
        let _lock = self.lock()?;
        let tail = self.loaded(&mut slot)?;
        self.settle(tail)?;
        let count = entries.len() as u64;
        let sequenced = if count == 0 {
            let mut sequencer = tail.sequencer().clone();
            let plan = sequencer.plan([])?;
            sequencer.durable(plan)?
        } else {
            let sequenced = tail.append(&self.layer, entries)?;
            self.derive(&sequenced);
            sequenced
        };
        Ok(Appended {
            first_index: sequenced.first_index(),
            sequenced: Arc::new(sequenced),
            count,
        })
    }

    /// The state of the log, with what a crashed process left over if that can be had.
    fn current(&self) -> Result<Sequencer, Error> {
        let mut slot = self.tail();
        let tail = self.loaded(&mut slot)?;
        let mut found = self.refresh(tail)?;
        if !found.is_settled(tail) {
            match self.layer.try_lock(LOCK) {
                // Nobody is appending: the rest is ours to settle.
                Ok(Some(_lock)) => self.settle(tail)?,
                // Somebody is, and will publish.
                Ok(None) => {}
                // Where nothing can be written nothing is waiting to be synced.
                Err(error) if is_unwritable(&error) => {
                    while let Some(left_over) = found.left_over {
                        tail.take_up(&left_over)?;
                        found = self.refresh(tail)?;
                    }
                }
                Err(error) => return Err(Error::io("lock", LOCK)(error)),
            }
        }
        Ok(tail.sequencer().clone())
    }

    /// How many entries there are, looked up again only if `index` is not among those known.
    fn size_beyond(&self, index: u64) -> Result<u64, Error> {
        let known = self.tail().as_ref().map_or(0, Tail::size);
        if index < known {
            return Ok(known);
        }
        Ok(self.head()?.head().size)
    }

    /// The tail, found on disk when it is first wanted.
    fn loaded<'t>(&self, slot: &'t mut Option<Tail>) -> Result<&'t mut Tail, Error> {
        match slot {
            Some(tail) => Ok(tail),
            None => {
                let head = self.published()?.map(|(checkpoint, _)| checkpoint.head());
                Ok(slot.insert(Tail::find(&self.layer, self.geometry, head.as_ref())?))
            }
        }
    }

    /// Reads what is settled by now.
    fn refresh(&self, tail: &mut Tail) -> Result<Found, Error> {
        // Read before the entries: whoever appends meanwhile only makes more of them.
        let published = self.published()?.map(|(checkpoint, _)| checkpoint.head());
        let left_over = tail.refresh(&self.layer, published.as_ref())?;
        match published {
            Some(TreeHead { size, .. }) if size > tail.size() => Err(Error::Truncated {
                found: tail.size(),
                wanted: size,
            }),
            _ => Ok(Found {
                left_over,
                is_published: published.is_some(),
            }),
        }
    }

    /// Makes everything that is whole durable, and takes it up. Needs the lock.
    fn settle(&self, tail: &mut Tail) -> Result<(), Error> {
        loop {
            let found = self.refresh(tail)?;
            if let Some(left_over) = &found.left_over {
                let sequenced = tail.settle(&self.layer, left_over)?;
                self.derive(&sequenced);
            } else {
                if !found.is_settled(tail) {
                    self.publish(&tail.sequencer().head());
                }
                return Ok(());
            }
        }
    }

    /// Writes what follows from durable entries. What fails here is made again later: the entries
    /// are in the log, and saying otherwise would be wrong.
    fn derive(&self, sequenced: &Sequenced) {
        for full in sequenced.tiles() {
            let _ = stored_tiles::write(&self.layer, full);
        }
        self.publish(&sequenced.head());
    }

    fn publish(&self, head: &DurableHead) {
        if let Some(note) = (self.publish)(head) {
            let _ = stored_tiles::replace(&self.layer, CHECKPOINT, note.as_bytes());
        }
    }

    fn checked<T>(
        &self,
        sequencer: &Sequencer,
        compute: impl Fn(&TileHashes<&StoredTiles<'_, L>>) -> Result<T, sealwright_tlog::Error>,
    ) -> Result<T, Error> {
        let from = |source| {
            let tiles = StoredTiles::new(&self.layer, self.geometry, sequencer.clone(), source);
            let result = compute(&TileHashes(&tiles));
            tiles.checked(result)
        };
        from(Source::Files).or_else(|_| from(Source::Segments))
    }

    pub(crate) fn lock(&self) -> Result<L::Lock, Error> {
        self.layer.lock(LOCK).map_err(Error::io("lock", LOCK))
    }

    fn tail(&self) -> MutexGuard<'_, Option<Tail>> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: fmt::Debug> fmt::Debug for DurableLog<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableLog")
            .field("layer", &self.layer)
            .field("geometry", &self.geometry)
            .finish_non_exhaustive()
    }
}

impl Appended {
    /// The index of the first of these entries; the others follow.
    pub const fn first_index(&self) -> u64 {
        self.first_index
    }

    /// How many these are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// A durable tree that holds them.
    pub fn head(&self) -> DurableHead {
        self.sequenced.head()
    }

    /// The proof that the entry at `index`, one of these, is in [`Appended::head`]'s tree.
    ///
    /// # Errors
    /// `tlog.hash-missing` when it is not one of these.
    pub fn proof(&self, index: u64) -> Result<InclusionProof, Error> {
        Ok(self.sequenced.proof(index)?)
    }
}

struct Measure {
    entries: usize,
    bytes: usize,
}

fn measure(entries: &[Entry]) -> Result<Measure, Error> {
    let mut bytes = 0_usize;
    for entry in entries {
        bytes = bytes.saturating_add(measure_entry(entry)?);
    }
    if entries.len() > Geometry::MAX_BATCH_ENTRIES || bytes > Geometry::MAX_BATCH_BYTES {
        return Err(Error::BatchTooLarge {
            entries: entries.len(),
            bytes,
            max_entries: Geometry::MAX_BATCH_ENTRIES,
            max_bytes: Geometry::MAX_BATCH_BYTES,
        });
    }
    Ok(Measure {
        entries: entries.len(),
        bytes,
    })
}

fn measure_entry(entry: &Entry) -> Result<usize, Error> {
    let [body, note] = [&entry.body, &entry.note].map(Vec::len);
    let found = body.max(note);
    if found > MAX_ENTRY_BYTES {
        return Err(sealwright_tlog::Error::EntryTooLarge { found }.into());
    }
    Ok(body + note)
}

/// As many requests from the front as fit into a batch; at least one.
fn take_group(waiting: &mut VecDeque<(u64, Vec<Entry>)>) -> Vec<(u64, Vec<Entry>)> {
    let mut group = Vec::new();
    let (mut entries, mut bytes) = (0, 0);
    while let Some((_, next)) = waiting.front() {
        let Ok(size) = measure(next) else {
            break;
        };
        entries += size.entries;
        bytes += size.bytes;
        let fits = entries <= Geometry::MAX_BATCH_ENTRIES && bytes <= Geometry::MAX_BATCH_BYTES;
        if !fits && !group.is_empty() {
            break;
        }
        group.extend(waiting.pop_front());
    }
    group
}

fn is_unwritable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

const LOCK: &str = "lock";

#[cfg(test)]
mod tests;
