//! Tiles: stored hashes in rows of 256 (C2SP `tlog-tiles`, "Merkle Tree").
//!
//! A tile of level `L` holds hashes of tree level `8 L`, 256 of them when it is full. All hashes in
//! between are computed from those, so a proof needs one tile for every eight levels.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::hash::Hash;
use crate::hash::node_hash;
use crate::tree::HashReader;

/// Where a tile stands in a tree, and how many hashes of it there are.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

impl Tile {
    /// How many levels of the tree a tile stands for.
    pub const HEIGHT: u8 = 8;
    /// How many levels of tiles a tree of `2^64` leaves has.
    pub const LEVELS: u8 = 8;
    /// How many hashes a full tile holds.
    pub const WIDTH: u16 = 256;

    /// A full tile.
    ///
    /// # Errors
    /// `tlog.tile-malformed` when no tree can have such a tile.
    pub fn full(level: u8, index: u64) -> Result<Self, Error> {
        Self::partial(level, index, Self::WIDTH)
    }

    /// A tile with `width` hashes, 1 to 256.
    ///
    /// # Errors
    /// `tlog.tile-malformed` when no tree can have such a tile.
    pub fn partial(level: u8, index: u64, width: u16) -> Result<Self, Error> {
        let below = u32::from(Self::HEIGHT) * (u32::from(level) + 1);
        let fits = level < Self::LEVELS && index <= u64::MAX.checked_shr(below).unwrap_or(0);
        if fits && (1..=Self::WIDTH).contains(&width) {
            Ok(Self {
                level,
                index,
                width,
            })
        } else {
            Err(Error::Tile)
        }
    }

    /// The level of tiles, 0 for the one that holds leaf hashes.
    pub const fn level(self) -> u8 {
        self.level
    }

    /// The position within the level.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// How many hashes there are, 256 in a full tile.
    pub const fn width(self) -> u16 {
        self.width
    }
}

impl fmt::Display for Tile {
    /// The path below the log's prefix: `tile/0/x001/234` or `tile/0/x001/234.p/5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        write!(f, "tile/{}/", self.level)?;
        for (place, group) in groups.iter().enumerate().rev() {
            if place == 0 {
                write!(f, "{group:03}")?;
            } else {
                write!(f, "x{group:03}/")?;
            }
        }
        if self.width < Self::WIDTH {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for Tile {
    type Err = Error;

    fn from_str(path: &str) -> Result<Self, Error> {
        let rest = path.strip_prefix("tile/").ok_or(Error::Tile)?;
        let (level, rest) = rest.split_once('/').ok_or(Error::Tile)?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().map_err(|_| Error::Tile)?),
            None => (rest, Self::WIDTH),
        };
        let mut index = 0_u64;
        for group in number.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let value: u64 = digits.parse().map_err(|_| Error::Tile)?;
            index = index
                .checked_mul(1000)
                .and_then(|index| index.checked_add(value))
                .ok_or(Error::Tile)?;
        }
        let tile = Self::partial(level.parse().map_err(|_| Error::Tile)?, index, width)?;
        // One spelling each: what would be printed otherwise is no path of a tile.
        if tile.to_string() == path {
            Ok(tile)
        } else {
            Err(Error::Tile)
        }
    }
}

/// Something that holds tiles.
pub trait TileReader {
    /// The hashes of this tile that are stored, from its first one on; `None` when none is.
    fn tile(&self, level: u8, index: u64) -> Option<Cow<'_, [Hash]>>;
}

impl<R: TileReader + ?Sized> TileReader for &R {
    fn tile(&self, level: u8, index: u64) -> Option<Cow<'_, [Hash]>> {
        (**self).tile(level, index)
    }
}

/// Reads single hashes out of tiles.
#[derive(Clone, Copy, Debug)]
pub struct TileHashes<R>(pub R);

impl<R: TileReader> HashReader for TileHashes<R> {
    fn read(&self, level: u8, index: u64) -> Option<Hash> {
        let below = u32::from(level % Tile::HEIGHT);
        let first = index.checked_mul(1 << below)?;
        let width = u64::from(Tile::WIDTH);
        let tile = self.0.tile(level / Tile::HEIGHT, first / width)?;
        let start = usize::try_from(first % width).ok()?;
        let end = start.checked_add(1 << below)?;
        subtree(tile.get(start..end)?)
    }
}

/// The root over a power of two of hashes.
fn subtree(hashes: &[Hash]) -> Option<Hash> {
    let mut row = Cow::Borrowed(hashes);
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()?
            .into();
    }
    row.first().copied()
}

#[cfg(test)]
mod tests;
