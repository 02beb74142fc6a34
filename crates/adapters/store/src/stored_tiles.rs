//! Full tiles on disk, and entries by index.
//!
//! Tile files are derived: written without sync, and never trusted. A proof made from them is
//! checked by its maker, and where a file is missing or wrong the tile is made again from the segment
//! in which it became full, whose header holds all of it that came before.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;
use std::ops::ControlFlow;
use std::ops::Range;

use sealwright_tlog::FullTile;
use sealwright_tlog::Hash;
use sealwright_tlog::Sequencer;
use sealwright_tlog::Tile;
use sealwright_tlog::TileReader;
use sealwright_tlog::leaf_hash;

use crate::durable_log::Geometry;
use crate::error::Error;
use crate::frame::Entry;
use crate::frame::Header;
use crate::layer::FileLayer;
use crate::segment::Reader;

/// Where tiles are read from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    /// Tile files, and segments where one is missing.
    Files,
    /// Segments alone.
    Segments,
}

/// The tiles of a log: the last ones in memory, the full ones on disk.
#[derive(Debug)]
pub(crate) struct StoredTiles<'l, L> {
    layer: &'l L,
    geometry: Geometry,
    sequencer: Sequencer,
    source: Source,
    /// A proof reads one tile many times.
    cache: RefCell<Vec<FullTile>>,
    /// The first error, which [`TileReader`] cannot give.
    error: RefCell<Option<Error>>,
}

impl<'l, L: FileLayer> StoredTiles<'l, L> {
    pub(crate) fn new(
        layer: &'l L,
        geometry: Geometry,
        sequencer: Sequencer,
        source: Source,
    ) -> Self {
        Self {
            layer,
            geometry,
            sequencer,
            source,
            cache: RefCell::default(),
            error: RefCell::default(),
        }
    }

    /// What went wrong while reading, else `result`.
    pub(crate) fn checked<T>(&self, result: Result<T, sealwright_tlog::Error>) -> Result<T, Error> {
        match self.error.take() {
            Some(error) => Err(error),
            None => Ok(result?),
        }
    }

    fn full(&self, tile: Tile) -> Result<Vec<Hash>, Error> {
        if self.source == Source::Files
            && let Some(hashes) = read(self.layer, tile)?
        {
            return Ok(hashes);
        }
        rebuild(self.layer, self.geometry, tile)
    }
}

impl<L: FileLayer> TileReader for StoredTiles<'_, L> {
    fn tile(&self, level: u8, index: u64) -> Option<Cow<'_, [Hash]>> {
        if let Some(hashes) = self.sequencer.edge().tile(level, index) {
            return Some(hashes);
        }
        let tile = Tile::full(level, index).ok()?;
        let mut cache = self.cache.borrow_mut();
        if let Some(full) = cache.iter().find(|full| full.tile == tile) {
            return Some(Cow::Owned(full.hashes.clone()));
        }
        match self.full(tile) {
            Ok(hashes) => {
                cache.push(FullTile {
                    tile,
                    hashes: hashes.clone(),
                });
                Some(Cow::Owned(hashes))
            }
            Err(error) => {
                self.error.borrow_mut().get_or_insert(error);
                None
            }
        }
    }
}

/// Writes a tile that became full, without sync.
pub(crate) fn write<L: FileLayer>(layer: &L, full: &FullTile) -> Result<(), Error> {
    let path = full.tile.to_string();
    for (place, _) in path.match_indices('/') {
        let directory = path.get(..place).unwrap_or_default();
        layer
            .create_directory(directory)
            .map_err(Error::io("create", directory))?;
    }
    replace(layer, &path, full.hashes.as_flattened())
}

/// Replaces a small file without sync. Needs the lock: the temporary name is always the same.
///
/// It goes to a new file, so that after a power cut no bytes of an older one can stand between its
/// own.
pub(crate) fn replace<L: FileLayer>(layer: &L, path: &str, bytes: &[u8]) -> Result<(), Error> {
    layer
        .remove(TEMPORARY)
        .and_then(|()| layer.write_at(TEMPORARY, 0, bytes))
        .and_then(|()| layer.rename(TEMPORARY, path))
        .map_err(Error::io("replace", path))
}

/// Reads a tile file; `None` when it is missing or of another length.
pub(crate) fn read<L: FileLayer>(layer: &L, tile: Tile) -> Result<Option<Vec<Hash>>, Error> {
    let path = tile.to_string();
    let length = usize::from(Tile::WIDTH) * size_of::<Hash>();
    let bytes = match layer.read_at(&path, 0, length + 1) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(Error::io("read", &path))?,
    };
    let (hashes, rest) = bytes.as_chunks::<32>();
    let whole = bytes.len() == length && rest.is_empty();
    Ok(whole.then(|| hashes.to_vec()))
}

/// Makes a full tile from the segment in which it became full.
fn rebuild<L: FileLayer>(layer: &L, geometry: Geometry, tile: Tile) -> Result<Vec<Hash>, Error> {
    let below = u32::from(Tile::HEIGHT) * (u32::from(tile.level()) + 1);
    let last = (tile.index() + 1)
        .checked_shl(below)
        .and_then(|end| end.checked_sub(1))
        .ok_or(sealwright_tlog::Error::Tile)?;
    let (header, mut reader) = find(layer, geometry, last)?;
    let mut edge = header.edge;
    while let Some((batch, _)) = reader.batch()? {
        for entry in &batch.entries {
            let full = edge.push(leaf_hash(&entry.body))?;
            if let Some(full) = full.into_iter().find(|full| full.tile == tile) {
                return Ok(full.hashes);
            }
        }
    }
    Err(reader.damaged(reader.offset(), "entries of the log"))
}

/// The entry at an index that is in the log.
pub(crate) fn entry<L: FileLayer>(
    layer: &L,
    geometry: Geometry,
    index: u64,
) -> Result<Entry, Error> {
    let (_, mut reader) = find(layer, geometry, index)?;
    while let Some((batch, _)) = reader.batch()? {
        if let Some(place) = index.checked_sub(batch.first_index)
            && let Ok(place) = usize::try_from(place)
            && place < batch.entries.len()
        {
            let mut entries = batch.entries;
            return Ok(entries.swap_remove(place));
        }
    }
    Err(reader.damaged(reader.offset(), "entries of the log"))
}

/// Hands out the entries in a range of indexes, which are in the log.
pub(crate) fn entries<L: FileLayer>(
    layer: &L,
    geometry: Geometry,
    range: Range<u64>,
    visit: &mut dyn FnMut(u64, Entry) -> ControlFlow<()>,
) -> Result<(), Error> {
    let mut next = range.start;
    while next < range.end {
        let (_, mut reader) = find(layer, geometry, next)?;
        let before = next;
        while let Some((batch, _)) = reader.batch()? {
            for (index, entry) in (batch.first_index..).zip(batch.entries) {
                if !range.contains(&index) || index < next {
                    continue;
                }
                next = index + 1;
                if visit(index, entry).is_break() {
                    return Ok(());
                }
            }
        }
        if next == before {
            return Err(reader.damaged(reader.offset(), "entries of the log"));
        }
    }
    Ok(())
}

/// The segment that holds an entry, read up to its header.
fn find<L: FileLayer>(
    layer: &L,
    geometry: Geometry,
    index: u64,
) -> Result<(Header, Reader<'_, L>), Error> {
    let last = index / geometry.segment_entries;
    for block in (last.saturating_sub(geometry.longest_gap())..=last).rev() {
        let mut reader = Reader::new(layer, block);
        if let Some((header, _)) = reader.header()?
            && header.edge.size() <= index
        {
            return Ok((header, reader));
        }
    }
    Err(Reader::new(layer, last).damaged(0, "the segment of an entry"))
}

const TEMPORARY: &str = "replace.tmp";
