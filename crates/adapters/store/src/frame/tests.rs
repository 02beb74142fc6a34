use proptest::prelude::*;
use sealwright_tlog::leaf_hash;

use super::*;

fn batch(bodies: &[&[u8]]) -> Batch {
    Batch {
        first_index: 7,
        root: [9; 32],
        entries: bodies
            .iter()
            .map(|body| Entry {
                body: body.to_vec(),
                note: vec![1, 2],
            })
            .collect(),
    }
}

fn header() -> Header {
    let mut edge = EdgeTiles::new();
    for number in 0..300_u16 {
        edge.push(leaf_hash(&number.to_be_bytes())).unwrap();
    }
    Header {
        segment_entries: 64,
        block: 4,
        previous: [3; 32],
        edge,
    }
}

/// Reads one record as the segment reader does.
fn read(bytes: &[u8], previous: &Hash) -> Option<(Kind, Vec<u8>, Hash)> {
    let (kind, length) = read_prefix(bytes)?;
    let payload = bytes.get(PREFIX..PREFIX + length)?;
    let suffix = bytes.get(PREFIX + length..PREFIX + length + SUFFIX)?;
    let checksum = check(kind, payload, suffix, previous)?;
    Some((kind, payload.to_vec(), checksum))
}

#[test]
fn records_come_back_behind_the_record_before_alone() {
    let mut bytes = Vec::new();
    let checksum = write(&mut bytes, Kind::Batch, b"payload", &[1; 32]);
    assert_eq!(
        read(&bytes, &[1; 32]),
        Some((Kind::Batch, b"payload".to_vec(), checksum))
    );
    assert_eq!(read(&bytes, &[2; 32]), None);
}

#[test]
fn a_record_cut_or_flipped_anywhere_is_none() {
    let mut bytes = Vec::new();
    let payload = batch(&[b"one", b"two"]).to_bytes();
    write(&mut bytes, Kind::Batch, &payload, &NO_CHECKSUM);
    for end in 0..bytes.len() {
        assert_eq!(read(&bytes[..end], &NO_CHECKSUM), None, "cut at {end}");
    }
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << bit;
            assert_eq!(read(&flipped, &NO_CHECKSUM), None, "bit {bit} of {place}");
        }
    }
}

#[test]
fn a_length_beyond_the_limit_is_none() {
    let mut bytes = vec![b'B'];
    bytes.extend_from_slice(&u32::try_from(MAX_PAYLOAD + 1).unwrap().to_be_bytes());
    assert_eq!(read_prefix(&bytes), None);
    bytes[1..5].copy_from_slice(&u32::try_from(MAX_PAYLOAD).unwrap().to_be_bytes());
    assert_eq!(read_prefix(&bytes), Some((Kind::Batch, MAX_PAYLOAD)));
}

#[test]
fn the_largest_batch_fits_into_a_record() {
    use crate::durable_log::Geometry;
    const { assert!(Geometry::MAX_BATCH_BYTES + 8 * Geometry::MAX_BATCH_ENTRIES + 44 < MAX_PAYLOAD) };
}

#[test]
fn payloads_come_back_and_must_be_whole() {
    let wanted = header();
    let bytes = wanted.to_bytes();
    assert_eq!(Header::read(&bytes), Some(wanted));
    for end in 0..bytes.len() {
        assert_eq!(Header::read(&bytes[..end]), None);
    }
    let mut other_format = bytes;
    other_format[MAGIC.len() + 1] += 1;
    assert_eq!(Header::read(&other_format), None);

    let wanted = batch(&[b"one", b""]);
    let bytes = wanted.to_bytes();
    assert_eq!(Batch::read(&bytes), Some(wanted));
    for end in 0..bytes.len() {
        assert_eq!(Batch::read(&bytes[..end]), None);
    }
    let longer = [bytes, vec![0]].concat();
    assert_eq!(Batch::read(&longer), None);
    assert_eq!(Batch::read(&batch(&[]).to_bytes()), None);
    let mut beyond = batch(&[b"one"]);
    beyond.first_index = u64::MAX;
    assert_eq!(Batch::read(&beyond.to_bytes()), None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, &NO_CHECKSUM);
        let _ = Batch::read(&bytes);
        let _ = Header::read(&[MAGIC, &bytes].concat());
    }

    #[test]
    fn any_batch_comes_back(bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 1..20)) {
        let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        let wanted = batch(&bodies);
        prop_assert_eq!(Batch::read(&wanted.to_bytes()), Some(wanted));
    }
}
