//! Roots and proofs computed from stored hashes, in a number of reads that grows with the logarithm
//! of the tree (RFC 6962 sections 2.1 to 2.1.2).

use crate::consistency::ConsistencyProof;
use crate::error::Error;
use crate::hash::EMPTY_ROOT;
use crate::hash::Hash;
use crate::hash::node_hash;
use crate::inclusion::InclusionProof;

/// Something that holds the hashes of complete subtrees.
pub trait HashReader {
    /// The hash of the complete subtree of `2^level` leaves that starts at leaf `index * 2^level`;
    /// `None` when it is not stored.
    fn read(&self, level: u8, index: u64) -> Option<Hash>;
}

impl<R: HashReader + ?Sized> HashReader for &R {
    fn read(&self, level: u8, index: u64) -> Option<Hash> {
        (**self).read(level, index)
    }
}

/// The root of the first `size` leaves.
///
/// # Errors
/// `tlog.hash-missing` when the reader lacks a hash.
pub fn root_of<R: HashReader + ?Sized>(size: u64, reader: &R) -> Result<Hash, Error> {
    if size == 0 {
        Ok(EMPTY_ROOT)
    } else {
        Range { start: 0, size }.root(reader)
    }
}

/// The proof that leaf `index` is in the tree of the first `size` leaves.
///
/// # Errors
/// `tlog.inclusion-invalid` when there is no such leaf, `tlog.hash-missing` when the reader lacks a
/// hash.
pub fn inclusion_proof<R: HashReader + ?Sized>(
    index: u64,
    size: u64,
    reader: &R,
) -> Result<InclusionProof, Error> {
    if index >= size {
        return Err(Error::InclusionIndex {
            index,
            tree_size: size,
        });
    }
    let mut hashes = Vec::new();
    let mut range = Range { start: 0, size };
    while let Some((left, right)) = range.split() {
        let (inside, sibling) = if index < right.start {
            (left, right)
        } else {
            (right, left)
        };
        hashes.push(sibling.root(reader)?);
        range = inside;
    }
    hashes.reverse();
    Ok(InclusionProof {
        index,
        tree_size: size,
        hashes,
    })
}

/// The proof that the tree of the first `old_size` leaves is the beginning of that of `new_size`.
///
/// # Errors
/// `tlog.consistency-invalid` when `old_size` is the larger, `tlog.hash-missing` when the reader
/// lacks a hash.
pub fn consistency_proof<R: HashReader + ?Sized>(
    old_size: u64,
    new_size: u64,
    reader: &R,
) -> Result<ConsistencyProof, Error> {
    if old_size > new_size {
        return Err(Error::ConsistencySizes { old_size, new_size });
    }
    let mut hashes = Vec::new();
    if old_size > 0 {
        let mut range = Range {
            start: 0,
            size: new_size,
        };
        while range.start + range.size > old_size {
            let Some((left, right)) = range.split() else {
                break;
            };
            if old_size <= right.start {
                hashes.push(right.root(reader)?);
                range = left;
            } else {
                hashes.push(left.root(reader)?);
                range = right;
            }
        }
        // The verifier knows this last one when it is the whole older tree.
        if range.start > 0 {
            hashes.push(range.root(reader)?);
        }
    }
    hashes.reverse();
    Ok(ConsistencyProof {
        old_size,
        new_size,
        hashes,
    })
}

/// Leaves `start .. start + size`, never empty, `start` a multiple of the size rounded up to a power
/// of two.
#[derive(Clone, Copy)]
struct Range {
    start: u64,
    size: u64,
}

impl Range {
    /// RFC 6962's split: left of it the largest power of two smaller than the size.
    fn split(self) -> Option<(Self, Self)> {
        let highest = self.size.checked_sub(1)?.checked_ilog2()?;
        let left = 1_u64 << highest;
        Some((
            Self {
                start: self.start,
                size: left,
            },
            Self {
                start: self.start + left,
                size: self.size - left,
            },
        ))
    }

    fn root<R: HashReader + ?Sized>(self, reader: &R) -> Result<Hash, Error> {
        // Cut complete subtrees off the left until the rest is complete, then join from the right.
        let mut lefts = Vec::new();
        let mut rest = self;
        while !rest.size.is_power_of_two() {
            let Some((left, right)) = rest.split() else {
                break;
            };
            lefts.push(left.complete(reader)?);
            rest = right;
        }
        let last = rest.complete(reader)?;
        Ok(lefts
            .iter()
            .rev()
            .fold(last, |right, left| node_hash(left, &right)))
    }

    fn complete<R: HashReader + ?Sized>(self, reader: &R) -> Result<Hash, Error> {
        let shift = self.size.trailing_zeros();
        let level = u8::try_from(shift).unwrap_or(u8::MAX);
        let index = self.start.checked_shr(shift).unwrap_or(0);
        reader
            .read(level, index)
            .ok_or(Error::HashMissing { level, index })
    }
}

#[cfg(test)]
pub(crate) mod tests;
