//! The order in which entries enter a log, as a state machine without I/O.
//!
//! ```text
//! Sequencer --plan(entries)--> Plan       the caller makes the planned record durable
//!           <--durable(plan)--            and says so
//!           --> Sequenced { head: DurableHead, proofs, tiles }
//! Checkpoint::of(origin, &DurableHead)    only now is there something that may be signed
//! ```
//!
//! A [`DurableHead`] is made here alone, so a checkpoint over anything that a crash could take back
//! cannot be spelled; and a plan that starts from another tree than the durable one is refused, so
//! one size never gets two roots.

use std::borrow::Cow;

use crate::checkpoint::Checkpoint;
use crate::checkpoint::TreeHead;
use crate::edge::EdgeTiles;
use crate::edge::FullTile;
use crate::error::Error;
use crate::hash::Hash;
use crate::hash::leaf_hash;
use crate::inclusion::InclusionProof;
use crate::tile::TileHashes;
use crate::tile::TileReader;
use crate::tree::inclusion_proof;

/// How many bytes an entry may have: what the length prefix of C2SP entry bundles can say.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// The durable state of a growing tree.
#[derive(Clone, Debug)]
pub struct Sequencer {
    edge: EdgeTiles,
    head: TreeHead,
}

impl Sequencer {
    /// Starts from a tree whose entries the caller knows to be durable.
    pub fn recovered(edge: EdgeTiles) -> Self {
        let head = edge.head();
        Self { edge, head }
    }

    /// Says where these entries would go. Changes nothing.
    ///
    /// # Errors
    /// `tlog.entry-too-large` for an entry of more than [`MAX_ENTRY_BYTES`].
    pub fn plan<'e>(&self, entries: impl IntoIterator<Item = &'e [u8]>) -> Result<Plan, Error> {
        let mut edge = self.edge.clone();
        let mut leaves = Vec::new();
        let mut tiles = Vec::new();
        for entry in entries {
            if entry.len() > MAX_ENTRY_BYTES {
                return Err(Error::EntryTooLarge { found: entry.len() });
            }
            let leaf = leaf_hash(entry);
            tiles.extend(edge.push(leaf)?);
            leaves.push(leaf);
        }
        let after = edge.head();
        Ok(Plan {
            before: self.head,
            after,
            edge,
            leaves,
            tiles,
        })
    }

    /// Takes a plan whose entries and new head the caller has made durable.
    ///
    /// # Errors
    /// `tlog.plan-stale` when the tree has grown since the plan was made.
    pub fn durable(&mut self, plan: Plan) -> Result<Sequenced, Error> {
        if plan.before != self.head {
            return Err(Error::PlanStale {
                planned: plan.before.size,
                found: self.head.size,
            });
        }
        self.edge = plan.edge;
        self.head = plan.after;
        Ok(Sequenced {
            first_index: plan.before.size,
            head: DurableHead(self.head),
            edge: self.edge.clone(),
            leaves: plan.leaves,
            tiles: plan.tiles,
        })
    }

    /// What may be signed now.
    pub const fn head(&self) -> DurableHead {
        DurableHead(self.head)
    }

    /// The right edge of the tree.
    pub const fn edge(&self) -> &EdgeTiles {
        &self.edge
    }
}

/// Where entries would go: to be made durable by the caller.
#[derive(Clone, Debug)]
pub struct Plan {
    before: TreeHead,
    after: TreeHead,
    edge: EdgeTiles,
    leaves: Vec<Hash>,
    tiles: Vec<FullTile>,
}

impl Plan {
    /// The tree the plan starts from.
    pub const fn before(&self) -> &TreeHead {
        &self.before
    }

    /// The tree with the entries in it. To be stored, not yet to be signed.
    pub const fn after(&self) -> &TreeHead {
        &self.after
    }

    /// The hashes of the entries, in order.
    pub fn leaves(&self) -> &[Hash] {
        &self.leaves
    }
}

/// A tree head no crash can take back. Only such a one may be signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DurableHead(TreeHead);

impl DurableHead {
    /// Size and root.
    pub const fn head(&self) -> &TreeHead {
        &self.0
    }
}

impl Checkpoint {
    /// The checkpoint of a durable tree head under a log's name, ready to be signed.
    pub fn of(origin: impl Into<String>, head: &DurableHead) -> Self {
        Self::new(origin, &head.0)
    }
}

/// Entries that are in the log.
#[derive(Clone, Debug)]
pub struct Sequenced {
    first_index: u64,
    head: DurableHead,
    edge: EdgeTiles,
    leaves: Vec<Hash>,
    tiles: Vec<FullTile>,
}

impl Sequenced {
    /// The index of the first entry; the others follow.
    pub const fn first_index(&self) -> u64 {
        self.first_index
    }

    /// The tree that holds them.
    pub const fn head(&self) -> DurableHead {
        self.head
    }

    /// The tiles these entries filled: to be stored, lowest level first for each entry.
    pub fn tiles(&self) -> &[FullTile] {
        &self.tiles
    }

    /// The hashes of the entries, in order.
    pub fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// The proof that the entry at `index`, one of these, is in [`Sequenced::head`]'s tree.
    ///
    /// # Errors
    /// `tlog.hash-missing` when the entry is not one of these.
    pub fn proof(&self, index: u64) -> Result<InclusionProof, Error> {
        inclusion_proof(index, self.head.0.size, &TileHashes(self))
    }
}

impl TileReader for Sequenced {
    fn tile(&self, level: u8, index: u64) -> Option<Cow<'_, [Hash]>> {
        self.edge.tile(level, index).or_else(|| {
            self.tiles
                .iter()
                .find(|full| full.tile.level() == level && full.tile.index() == index)
                .map(|full| Cow::Borrowed(full.hashes.as_slice()))
        })
    }
}

#[cfg(test)]
mod tests;
