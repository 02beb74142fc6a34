//! Inclusion proofs: that a leaf is in a tree (RFC 6962 section 2.1.1, checked as RFC 9162 section
//! 2.1.3.2 does).

use crate::error::Error;
use crate::hash::Hash;
use crate::hash::node_hash;

/// The hashes that lead from one leaf to the root of a tree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InclusionProof {
    /// Which leaf, counted from 0 within this tree.
    pub index: u64,
    /// How many leaves the tree has.
    pub tree_size: u64,
    /// The sibling hashes from the leaf upwards.
    pub hashes: Vec<Hash>,
}

impl InclusionProof {
    /// Checks that the leaf leads to `root`.
    ///
    /// # Errors
    /// `tlog.inclusion-invalid` when it does not, or when the proof's numbers do not fit together.
    pub fn verify(&self, leaf: Hash, root: &Hash) -> Result<(), Error> {
        let found = self.root(leaf)?;
        if found == *root {
            Ok(())
        } else {
            Err(Error::InclusionRoot {
                found,
                wanted: *root,
            })
        }
    }

    /// The root this proof leads to from `leaf`.
    ///
    /// # Errors
    /// `tlog.inclusion-invalid` when the index lies outside the tree, or when there are not exactly
    /// as many hashes as this index in a tree of this size needs.
    pub fn root(&self, leaf: Hash) -> Result<Hash, Error> {
        let (inner, border) = self.lengths()?;
        if u64::try_from(self.hashes.len()) != Ok(u64::from(inner) + u64::from(border)) {
            return Err(Error::InclusionLength {
                found: self.hashes.len(),
                wanted: inner + border,
            });
        }
        let mut hash = leaf;
        for (level, sibling) in (0_u32..).zip(&self.hashes) {
            let is_right = level >= inner || (self.index >> level) & 1 == 1;
            hash = if is_right {
                node_hash(sibling, &hash)
            } else {
                node_hash(&hash, sibling)
            };
        }
        Ok(hash)
    }

    /// How many hashes lie below the point where the paths of this leaf and the last leaf meet, and
    /// how many above it.
    fn lengths(&self) -> Result<(u32, u32), Error> {
        if self.index >= self.tree_size {
            return Err(Error::InclusionIndex {
                index: self.index,
                tree_size: self.tree_size,
            });
        }
        let inner = u64::BITS - (self.index ^ (self.tree_size - 1)).leading_zeros();
        let border = self.index.checked_shr(inner).unwrap_or(0).count_ones();
        Ok((inner, border))
    }
}
