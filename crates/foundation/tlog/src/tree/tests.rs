use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::edge::EdgeTiles;
use crate::leaf_hash;
use crate::tile::TileHashes;
use crate::tile::TileReader;

/// RFC 6962 section 2.1, word for word.
pub(crate) fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            node_hash(&naive_root(&leaves[..split]), &naive_root(&leaves[split..]))
        }
    }
}

fn naive_inclusion(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(split);
    let (mut path, sibling) = if index < split {
        (naive_inclusion(index, left), right)
    } else {
        (naive_inclusion(index - split, right), left)
    };
    path.push(naive_root(sibling));
    path
}

fn naive_consistency(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![naive_root(leaves)]
        };
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(split);
    let (mut path, sibling) = if old <= split {
        (naive_consistency(old, left, whole), right)
    } else {
        (naive_consistency(old - split, right, false), left)
    };
    path.push(naive_root(sibling));
    path
}

#[derive(Default)]
struct Stored {
    tiles: HashMap<(u8, u64), Vec<Hash>>,
    edge: EdgeTiles,
    reads: std::cell::Cell<usize>,
}

impl TileReader for Stored {
    fn tile(&self, level: u8, index: u64) -> Option<std::borrow::Cow<'_, [Hash]>> {
        self.reads.set(self.reads.get() + 1);
        self.edge.tile(level, index).or_else(|| {
            let tile = self.tiles.get(&(level, index))?;
            Some(tile.as_slice().into())
        })
    }
}

fn store(leaves: &[Hash]) -> Stored {
    let mut stored = Stored::default();
    for leaf in leaves {
        for full in stored.edge.push(*leaf).unwrap() {
            let place = (full.tile.level(), full.tile.index());
            assert!(stored.tiles.insert(place, full.hashes).is_none());
        }
    }
    stored
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

#[test]
fn all_small_proofs_are_those_of_the_definition_and_verify() {
    let leaves = leaves(40);
    let stored = store(&leaves);
    let reader = TileHashes(&stored);
    for size in 0..=leaves.len() {
        let root = root_of(size as u64, &reader).unwrap();
        assert_eq!(root, naive_root(&leaves[..size]));
        for index in 0..size {
            let proof = inclusion_proof(index as u64, size as u64, &reader).unwrap();
            assert_eq!(proof.hashes, naive_inclusion(index, &leaves[..size]));
            proof.verify(leaves[index], &root).unwrap();
        }
        for old in 0..=size {
            let proof = consistency_proof(old as u64, size as u64, &reader).unwrap();
            if old > 0 {
                assert_eq!(proof.hashes, naive_consistency(old, &leaves[..size], true));
            }
            proof.verify(&naive_root(&leaves[..old]), &root).unwrap();
        }
    }
}

#[test]
fn proofs_in_a_tree_of_many_tiles_take_few_reads() {
    let leaves = leaves(70_000);
    let stored = store(&leaves);
    let reader = TileHashes(&stored);
    let root = naive_root(&leaves);
    for index in [0, 255, 256, 65_535, 65_536, 69_999] {
        stored.reads.set(0);
        let proof = inclusion_proof(index, 70_000, &reader).unwrap();
        proof.verify(leaves[index as usize], &root).unwrap();
        assert!(stored.reads.get() < 2 * 17, "{}", stored.reads.get());
    }
    for old in [1, 255, 256, 257, 65_536, 69_999] {
        let proof = consistency_proof(old, 70_000, &reader).unwrap();
        proof
            .verify(&naive_root(&leaves[..old as usize]), &root)
            .unwrap();
    }
}

#[test]
fn says_which_hash_is_missing() {
    let mut stored = store(&leaves(600));
    stored.tiles.remove(&(0, 1));
    let reader = TileHashes(&stored);
    assert_eq!(
        inclusion_proof(300, 600, &reader),
        Err(Error::HashMissing { level: 7, index: 3 })
    );
    assert!(inclusion_proof(10, 600, &reader).is_ok());
    assert_eq!(
        inclusion_proof(600, 600, &reader),
        Err(Error::InclusionIndex {
            index: 600,
            tree_size: 600
        })
    );
    assert_eq!(
        consistency_proof(601, 600, &reader),
        Err(Error::ConsistencySizes {
            old_size: 601,
            new_size: 600
        })
    );
}

#[test]
fn a_flipped_bit_or_a_hash_more_or_less_breaks_a_proof() {
    let leaves = leaves(11);
    let stored = store(&leaves);
    let reader = TileHashes(&stored);
    let root = naive_root(&leaves);
    for index in 0..11 {
        let good = inclusion_proof(index, 11, &reader).unwrap();
        let leaf = leaves[index as usize];
        for place in 0..good.hashes.len() {
            let mut bad = good.clone();
            bad.hashes[place][7] ^= 1;
            assert!(matches!(
                bad.verify(leaf, &root),
                Err(Error::InclusionRoot { .. })
            ));
        }
        let mut short = good.clone();
        short.hashes.pop();
        let mut long = good.clone();
        long.hashes.push(root);
        for bad in [short, long] {
            assert!(matches!(
                bad.verify(leaf, &root),
                Err(Error::InclusionLength { .. })
            ));
        }
        let mut other = good.clone();
        other.index = (index + 1) % 11;
        assert!(other.verify(leaf, &root).is_err());
        let mut outside = good;
        outside.index = 11;
        assert!(matches!(
            outside.verify(leaf, &root),
            Err(Error::InclusionIndex { .. })
        ));
    }
    for old in 1..11 {
        let good = consistency_proof(old, 11, &reader).unwrap();
        let old_root = naive_root(&leaves[..old as usize]);
        for place in 0..good.hashes.len() {
            let mut bad = good.clone();
            bad.hashes[place][7] ^= 1;
            assert!(matches!(
                bad.verify(&old_root, &root),
                Err(Error::ConsistencyRoot { .. })
            ));
        }
        let mut short = good.clone();
        short.hashes.pop();
        let mut long = good.clone();
        long.hashes.push(root);
        for bad in [short, long] {
            assert!(bad.verify(&old_root, &root).is_err());
        }
        assert!(good.verify(&root, &root).is_err());
        assert!(good.verify(&old_root, &old_root).is_err());
    }
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let proof = InclusionProof {
        index: u64::MAX - 1,
        tree_size: u64::MAX,
        hashes: vec![EMPTY_ROOT; 64],
    };
    assert!(matches!(
        proof.verify(EMPTY_ROOT, &EMPTY_ROOT),
        Err(Error::InclusionLength { .. } | Error::InclusionRoot { .. })
    ));
    for old_size in [1, 1 << 63, u64::MAX - 1] {
        for count in [0, 1, 63, 64, 65, 1000] {
            let proof = ConsistencyProof {
                old_size,
                new_size: u64::MAX,
                hashes: vec![EMPTY_ROOT; count],
            };
            assert!(proof.verify(&EMPTY_ROOT, &EMPTY_ROOT).is_err());
        }
    }
}

proptest! {
    #[test]
    fn random_proofs_verify(size in 1_usize..1500, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let stored = store(&leaves);
        let reader = TileHashes(&stored);
        let index = a.index(size);
        let old = b.index(size) + 1;
        let root = naive_root(&leaves);
        inclusion_proof(index as u64, size as u64, &reader)
            .unwrap()
            .verify(leaves[index], &root)
            .unwrap();
        consistency_proof(old as u64, size as u64, &reader)
            .unwrap()
            .verify(&naive_root(&leaves[..old]), &root)
            .unwrap();
    }

    #[test]
    fn arbitrary_proofs_never_panic(index in any::<u64>(), size in any::<u64>(), count in 0_usize..130) {
        let hashes = vec![[7; 32]; count];
        let _ = InclusionProof { index, tree_size: size, hashes: hashes.clone() }.root([1; 32]);
        let _ = ConsistencyProof { old_size: index, new_size: size, hashes }.verify(&[1; 32], &[2; 32]);
    }
}
