//! Leaf and node hashes (RFC 6962 section 2.1).

use sealwright_core::DigestAlgorithm;
use sealwright_core::Hasher;

/// A hash in a tree: SHA-256.
pub type Hash = [u8; 32];

/// The root of the tree without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// The hash of a leaf: SHA-256 of a zero byte and the entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
    hasher.update(&[0]);
    hasher.update(entry);
    hasher.finish().first32()
}

/// The hash of an inner node: SHA-256 of a one byte and its children's hashes.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
    hasher.update(&[1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finish().first32()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Values from the reference tree of certificate-transparency (RFC 6962 test vectors).
    #[test]
    fn hashes_are_those_of_rfc_6962() {
        assert_eq!(
            hex(&EMPTY_ROOT),
            hex(sealwright_core::Digest::sha256(b"").as_bytes())
        );
        assert_eq!(
            hex(&leaf_hash(b"")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            hex(&node_hash(&leaf_hash(b""), &leaf_hash(b"\0"))),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        );
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
