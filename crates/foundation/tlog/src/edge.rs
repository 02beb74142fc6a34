//! The right edge of a growing tree: its last, partial tile at every level. That is all it takes to
//! append to the tree and to know its root (C2SP `tlog-tiles`; the name is Sunlight's).

use std::borrow::Cow;

use crate::checkpoint::TreeHead;
use crate::error::Error;
use crate::hash::EMPTY_ROOT;
use crate::hash::Hash;
use crate::hash::node_hash;
use crate::tile::Tile;
use crate::tile::TileHashes;
use crate::tile::TileReader;
use crate::tree::HashReader as _;

/// The partial tiles of a tree, one a level.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EdgeTiles {
    size: u64,
    levels: [Vec<Hash>; Tile::LEVELS as usize],
    /// The roots of the complete subtrees the tree falls into, largest first: one for each bit of
    /// the size. What they say follows from `levels`; kept so that a root costs few hashes.
    peaks: Vec<Hash>,
}

/// A tile that became full, and will never change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FullTile {
    /// Where it stands.
    pub tile: Tile,
    /// Its 256 hashes.
    pub hashes: Vec<Hash>,
}

impl EdgeTiles {
    /// The edge of the tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads what [`EdgeTiles::to_bytes`] wrote.
    ///
    /// # Errors
    /// `tlog.edge-malformed` when there are not exactly the hashes that the size asks for.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (size, mut rest) = bytes.split_first_chunk::<8>().ok_or(Error::Edge)?;
        let mut edge = Self {
            size: u64::from_be_bytes(*size),
            ..Self::default()
        };
        for (level, hashes) in (0..).zip(&mut edge.levels) {
            for _ in 0..width(edge.size, level) {
                let (hash, after) = rest.split_first_chunk::<32>().ok_or(Error::Edge)?;
                hashes.push(*hash);
                rest = after;
            }
        }
        if !rest.is_empty() {
            return Err(Error::Edge);
        }
        let peaks = (0..64_u8)
            .rev()
            .filter(|level| (edge.size >> level) & 1 == 1)
            .map(|level| TileHashes(&edge).read(level, (edge.size >> level) - 1))
            .collect::<Option<Vec<_>>>();
        edge.peaks = peaks.ok_or(Error::Edge)?;
        Ok(edge)
    }

    /// Appends a leaf by its hash; gives the tiles it filled, lowest level first.
    ///
    /// # Errors
    /// `tlog.tile-malformed` when the tree is as large as trees can be.
    pub fn push(&mut self, leaf: Hash) -> Result<Vec<FullTile>, Error> {
        let size = self.size.checked_add(1).ok_or(Error::Tile)?;
        let mut full = Vec::new();
        let mut hash = leaf;
        // As a binary counter counts: every trailing one bit of the size is a subtree to join with.
        for level in 0..64_u8 {
            let leaves = self.size >> level;
            if level % Tile::HEIGHT == 0
                && let Some(hashes) = self.levels.get_mut(usize::from(level / Tile::HEIGHT))
            {
                hashes.push(hash);
                if hashes.len() == usize::from(Tile::WIDTH) {
                    let index = leaves / u64::from(Tile::WIDTH);
                    full.push(FullTile {
                        tile: Tile::full(level / Tile::HEIGHT, index)?,
                        hashes: std::mem::take(hashes),
                    });
                }
            }
            if leaves & 1 == 0 {
                break;
            }
            let left = self.peaks.pop().ok_or(Error::Edge)?;
            hash = node_hash(&left, &hash);
        }
        self.peaks.push(hash);
        self.size = size;
        Ok(full)
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        let root = self
            .peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right));
        TreeHead {
            size: self.size,
            root: root.unwrap_or(EMPTY_ROOT),
        }
    }

    /// Size and all hashes, lowest level first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        for hash in self.levels.iter().flatten() {
            bytes.extend_from_slice(hash);
        }
        bytes
    }
}

impl TileReader for EdgeTiles {
    fn tile(&self, level: u8, index: u64) -> Option<Cow<'_, [Hash]>> {
        let leaves = u32::from(Tile::HEIGHT) * (u32::from(level) + 1);
        let last = self.size.checked_shr(leaves).unwrap_or(0);
        let hashes = self.levels.get(usize::from(level))?;
        (index == last && !hashes.is_empty()).then_some(Cow::Borrowed(hashes))
    }
}

/// How many hashes the last tile of this level has, 0 when the last one is full.
fn width(size: u64, level: u8) -> u64 {
    let below = u32::from(Tile::HEIGHT) * u32::from(level);
    size.checked_shr(below).unwrap_or(0) % u64::from(Tile::WIDTH)
}

#[cfg(test)]
mod tests;
