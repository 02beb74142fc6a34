//! Damage for parsers to survive: every truncation and every bit flipped.

/// Calls `read` with each proper prefix of `good`, which it must refuse.
pub(crate) fn refuses_every_truncation<T, E>(good: &[u8], read: impl Fn(&[u8]) -> Result<T, E>) {
    for length in 0..good.len() {
        assert!(
            read(&good[..length]).is_err(),
            "accepted {length} of {} bytes",
            good.len()
        );
    }
    assert!(
        read(&[good, &[0]].concat()).is_err(),
        "accepted a byte more"
    );
}

/// Calls `look` with each copy of `good` in which one bit is flipped.
pub(crate) fn each_bit_flipped(good: &[u8], mut look: impl FnMut(usize, &[u8])) {
    let mut bytes = good.to_vec();
    for position in 0..bytes.len() {
        for bit in 0..8 {
            bytes[position] ^= 1 << bit;
            look(position, &bytes);
            bytes[position] ^= 1 << bit;
        }
    }
}
