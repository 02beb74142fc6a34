//! Transparency logs: Merkle trees, their proofs, tiles, checkpoints and the order of sequencing.
//!
//! Hashing and proofs follow RFC 6962 section 2.1 (<https://www.rfc-editor.org/rfc/rfc6962>), with
//! the verification algorithms of RFC 9162 section 2.1; notes, checkpoints, cosignatures and tiles
//! follow C2SP (`signed-note`, `tlog-checkpoint`, `tlog-cosignature`, `tlog-tiles`,
//! <https://c2sp.org>).
//!
//! Nothing here does I/O or checks a signature: hashes are read through [`HashReader`], and where a
//! signature has to be checked the caller hands in the check. So this crate knows no key types.

mod checkpoint;
mod consistency;
mod cosignature;
mod edge;
mod error;
mod hash;
mod inclusion;
mod key_id;
mod note;
mod sequencer;
mod tile;
mod tree;

pub use crate::checkpoint::Checkpoint;
pub use crate::checkpoint::TreeHead;
pub use crate::consistency::ConsistencyProof;
pub use crate::cosignature::Cosignature;
pub use crate::edge::EdgeTiles;
pub use crate::edge::FullTile;
pub use crate::error::CODES;
pub use crate::error::CheckpointFault;
pub use crate::error::Error;
pub use crate::error::NoteFault;
pub use crate::error::code;
pub use crate::hash::EMPTY_ROOT;
pub use crate::hash::Hash;
pub use crate::hash::leaf_hash;
pub use crate::hash::node_hash;
pub use crate::inclusion::InclusionProof;
pub use crate::key_id::KeyHint;
pub use crate::key_id::cosignature_key_id;
pub use crate::key_id::ecdsa_key_id;
pub use crate::key_id::ed25519_key_id;
pub use crate::key_id::key_hint;
pub use crate::key_id::rsa_key_id;
pub use crate::note::NoteSignature;
pub use crate::note::SignedNote;
pub use crate::sequencer::DurableHead;
pub use crate::sequencer::MAX_ENTRY_BYTES;
pub use crate::sequencer::Plan;
pub use crate::sequencer::Sequenced;
pub use crate::sequencer::Sequencer;
pub use crate::tile::Tile;
pub use crate::tile::TileHashes;
pub use crate::tile::TileReader;
pub use crate::tree::HashReader;
pub use crate::tree::consistency_proof;
pub use crate::tree::inclusion_proof;
pub use crate::tree::root_of;
