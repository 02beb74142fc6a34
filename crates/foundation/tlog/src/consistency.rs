//! Consistency proofs: that one tree is the beginning of another (RFC 6962 section 2.1.2, checked
//! as RFC 9162 section 2.1.4.2 does).

use crate::error::Error;
use crate::hash::Hash;
use crate::hash::node_hash;

/// The hashes that show a tree of `old_size` leaves to be the beginning of one of `new_size`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConsistencyProof {
    /// How many leaves the older tree has.
    pub old_size: u64,
    /// How many leaves the newer tree has.
    pub new_size: u64,
    /// The hashes, in RFC 6962's order.
    pub hashes: Vec<Hash>,
}

impl ConsistencyProof {
    /// Checks that the tree with `old_root` is the beginning of the one with `new_root`.
    ///
    /// The tree without leaves is the beginning of every tree.
    ///
    /// # Errors
    /// `tlog.consistency-invalid` when it is not, or when the proof's numbers do not fit together.
    pub fn verify(&self, old_root: &Hash, new_root: &Hash) -> Result<(), Error> {
        if self.old_size > self.new_size {
            return Err(Error::ConsistencySizes {
                old_size: self.old_size,
                new_size: self.new_size,
            });
        }
        if self.old_size == 0 {
            return self.no_hashes(old_root, &crate::EMPTY_ROOT);
        }
        if self.old_size == self.new_size {
            return self.no_hashes(old_root, new_root);
        }
        let first = if self.old_size.is_power_of_two() {
            Some(old_root)
        } else {
            None
        };
        let mut path = first.into_iter().chain(&self.hashes);
        let seed = path.next().ok_or_else(|| self.length())?;
        let shift = (self.old_size - 1).trailing_ones();
        let mut old = (self.old_size - 1).checked_shr(shift).unwrap_or(0);
        let mut new = (self.new_size - 1).checked_shr(shift).unwrap_or(0);
        let (mut old_found, mut new_found) = (*seed, *seed);
        for hash in path {
            if new == 0 {
                return Err(self.length());
            }
            if old & 1 == 1 || old == new {
                old_found = node_hash(hash, &old_found);
                new_found = node_hash(hash, &new_found);
                while old & 1 == 0 && old != 0 {
                    old >>= 1;
                    new >>= 1;
                }
            } else {
                new_found = node_hash(&new_found, hash);
            }
            old >>= 1;
            new >>= 1;
        }
        if new != 0 {
            return Err(self.length());
        }
        self.same(&old_found, old_root)?;
        self.same(&new_found, new_root)
    }

    fn no_hashes(&self, found: &Hash, wanted: &Hash) -> Result<(), Error> {
        if self.hashes.is_empty() {
            self.same(found, wanted)
        } else {
            Err(self.length())
        }
    }

    fn same(&self, found: &Hash, wanted: &Hash) -> Result<(), Error> {
        if found == wanted {
            Ok(())
        } else {
            Err(Error::ConsistencyRoot {
                old_size: self.old_size,
                new_size: self.new_size,
            })
        }
    }

    fn length(&self) -> Error {
        Error::ConsistencyLength {
            found: self.hashes.len(),
            old_size: self.old_size,
            new_size: self.new_size,
        }
    }
}
