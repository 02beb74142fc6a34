//! Records of a segment file: a kind, a length, a payload and a checksum over it all and over the
//! checksum before.
//!
//! ```text
//! kind u8 | length u32 | payload | SHA-256(previous checksum | kind | length | payload)
//! header:  "sealwright log segment\n" | format u16 | segment entries u64 | block u64
//!          | checksum of the previous segment's last record | edge of the tree
//! batch:   first index u64 | count u32 | root of the tree with the batch
//!          | count times: note length u32 | note | body length u32 | body
//! ```
//!
//! The chain makes a torn or stale record visible whatever bytes lie where it should be. Numbers are
//! big-endian.

use sealwright_core::DigestAlgorithm;
use sealwright_core::Hasher;
use sealwright_tlog::EdgeTiles;
use sealwright_tlog::Hash;

/// An entry of the log: the bytes in the tree, and a note of the log's own that is not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// What is hashed as the leaf.
    pub body: Vec<u8>,
    /// What the log wants to remember with it, at most 65,535 bytes.
    pub note: Vec<u8>,
}

/// What a record is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Batch,
    Header,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Batch => b'B',
            Self::Header => b'H',
        }
    }

    const fn read(byte: u8) -> Option<Self> {
        match byte {
            b'B' => Some(Self::Batch),
            b'H' => Some(Self::Header),
            _ => None,
        }
    }
}

/// Bytes before the payload.
pub(crate) const PREFIX: usize = 5;
/// Bytes after the payload.
pub(crate) const SUFFIX: usize = 32;
/// How long a payload may be.
pub(crate) const MAX_PAYLOAD: usize = 64 << 20;
/// What the first record of a segment follows.
pub(crate) const NO_CHECKSUM: Hash = [0; 32];

/// Writes a record after the one with this checksum; gives its own.
pub(crate) fn write(out: &mut Vec<u8>, kind: Kind, payload: &[u8], previous: &Hash) -> Hash {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let checksum = checksum(previous, kind, length, payload);
    out.push(kind.byte());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(&checksum);
    checksum
}

/// Kind and payload length from a record's first bytes, if those of a record.
pub(crate) fn read_prefix(bytes: &[u8]) -> Option<(Kind, usize)> {
    let mut fields = Fields(bytes);
    let [kind] = fields.array()?;
    let length = usize::try_from(fields.u32()?).ok()?;
    (length <= MAX_PAYLOAD).then_some((Kind::read(kind)?, length))
}

/// The checksum of a record whose payload and suffix these are, if it is right.
pub(crate) fn check(kind: Kind, payload: &[u8], suffix: &[u8], previous: &Hash) -> Option<Hash> {
    sum(kind, payload, previous).filter(|checksum| checksum == suffix)
}

/// The checksum that a record with this payload has.
pub(crate) fn sum(kind: Kind, payload: &[u8], previous: &Hash) -> Option<Hash> {
    let length = u32::try_from(payload.len()).ok()?;
    Some(checksum(previous, kind, length, payload))
}

fn checksum(previous: &Hash, kind: Kind, length: u32, payload: &[u8]) -> Hash {
    let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
    hasher.update(previous);
    hasher.update(&[kind.byte()]);
    hasher.update(&length.to_be_bytes());
    hasher.update(payload);
    hasher.finish().first32()
}

/// How a segment begins: all that is needed to append to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    pub(crate) segment_entries: u64,
    pub(crate) block: u64,
    pub(crate) previous: Hash,
    pub(crate) edge: EdgeTiles,
}

impl Header {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&self.segment_entries.to_be_bytes());
        bytes.extend_from_slice(&self.block.to_be_bytes());
        bytes.extend_from_slice(&self.previous);
        bytes.extend_from_slice(&self.edge.to_bytes());
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes.strip_prefix(MAGIC)?);
        if u16::from_be_bytes(fields.array()?) != FORMAT {
            return None;
        }
        Some(Self {
            segment_entries: fields.u64()?,
            block: fields.u64()?,
            previous: fields.array()?,
            edge: EdgeTiles::from_bytes(fields.0).ok()?,
        })
    }
}

/// Entries that were added together, and the tree they make.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Batch {
    pub(crate) first_index: u64,
    pub(crate) root: Hash,
    pub(crate) entries: Vec<Entry>,
}

impl Batch {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.first_index.to_be_bytes().to_vec();
        put_length(&mut bytes, self.entries.len());
        bytes.extend_from_slice(&self.root);
        for entry in &self.entries {
            put_length(&mut bytes, entry.note.len());
            bytes.extend_from_slice(&entry.note);
            put_length(&mut bytes, entry.body.len());
            bytes.extend_from_slice(&entry.body);
        }
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let first_index = fields.u64()?;
        let count = fields.u32()?;
        let root = fields.array()?;
        let mut entries = Vec::new();
        for _ in 0..count {
            let note = fields.prefixed()?.to_vec();
            let body = fields.prefixed()?.to_vec();
            entries.push(Entry { body, note });
        }
        let batch = Self {
            first_index,
            root,
            entries,
        };
        let ends = fields.0.is_empty() && batch.end().is_some() && count > 0;
        ends.then_some(batch)
    }

    /// The size of the tree with this batch.
    pub(crate) fn end(&self) -> Option<u64> {
        self.first_index
            .checked_add(u64::try_from(self.entries.len()).ok()?)
    }
}

fn put_length(bytes: &mut Vec<u8>, length: usize) {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
}

/// Bytes not read yet.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn prefixed(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }
}

const MAGIC: &[u8] = b"sealwright log segment\n";
const FORMAT: u16 = 1;

#[cfg(test)]
mod tests;
