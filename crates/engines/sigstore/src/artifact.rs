//! The artifact a bundle is verified against: its digests and, when at hand, its bytes.

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;

/// What is known of an artifact.
#[derive(Clone, Debug, Default)]
pub struct Artifact<'a> {
    /// Its digests, the one asked about first.
    pub digests: Vec<Digest>,
    /// Its bytes: needed for algorithms that sign the bytes themselves, and for digests not given.
    pub bytes: Option<&'a [u8]>,
}

impl<'a> Artifact<'a> {
    /// An artifact known by one digest.
    pub fn from_digest(digest: Digest) -> Self {
        Self {
            digests: vec![digest],
            bytes: None,
        }
    }

    /// An artifact whose bytes are at hand.
    pub fn from_bytes(bytes: &'a [u8]) -> Self {
        Self {
            digests: vec![Digest::sha256(bytes)],
            bytes: Some(bytes),
        }
    }

    /// The digest under an algorithm, given or computed. A directory tree's digest is the SHA-256
    /// of its canonical encoding, so it answers for that too.
    pub(crate) fn digest(&self, algorithm: DigestAlgorithm) -> Option<Digest> {
        let given = self.digests.iter().find(|digest| {
            digest.algorithm() == algorithm
                || (digest.algorithm() == DigestAlgorithm::TreeV1
                    && algorithm == DigestAlgorithm::Sha256)
        });
        match given {
            Some(digest) => Digest::from_bytes(algorithm, digest.as_bytes()).ok(),
            None => self.bytes.map(|bytes| Digest::of(algorithm, bytes)),
        }
    }
}
