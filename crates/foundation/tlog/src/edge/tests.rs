use super::*;
use crate::leaf_hash;
use crate::tree::tests::naive_root;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count)
        .map(|number| leaf_hash(&number.to_be_bytes()))
        .collect()
}

#[test]
fn root_is_that_of_the_definition_at_every_size() {
    let leaves = leaves(600);
    let mut edge = EdgeTiles::new();
    assert_eq!(edge.head().root, EMPTY_ROOT);
    for (count, leaf) in leaves.iter().enumerate() {
        edge.push(*leaf).unwrap();
        if count % 7 == 0 || (250..260).contains(&count) || count > 590 {
            assert_eq!(edge.head().root, naive_root(&leaves[..=count]));
        }
    }
}

#[test]
fn tiles_are_given_once_when_they_are_full() {
    let leaves = leaves(65_536);
    let mut edge = EdgeTiles::new();
    let mut full = Vec::new();
    for leaf in &leaves {
        full.extend(edge.push(*leaf).unwrap());
    }
    assert_eq!(full.len(), 257);
    assert_eq!(full[3].tile, Tile::full(0, 3).unwrap());
    assert_eq!(full[3].hashes, leaves[768..1024]);
    assert_eq!(full[256].tile, Tile::full(1, 0).unwrap());
    assert_eq!(full[256].hashes[9], naive_root(&leaves[9 * 256..10 * 256]));
    assert_eq!(edge.head().root, naive_root(&leaves));
}

#[test]
fn bytes_come_back_and_must_be_exactly_as_many() {
    let mut edge = EdgeTiles::new();
    for leaf in leaves(771) {
        edge.push(leaf).unwrap();
    }
    let bytes = edge.to_bytes();
    assert_eq!(EdgeTiles::from_bytes(&bytes).unwrap(), edge);
    for end in 0..bytes.len() {
        assert_eq!(EdgeTiles::from_bytes(&bytes[..end]), Err(Error::Edge));
    }
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(EdgeTiles::from_bytes(&longer), Err(Error::Edge));
}
