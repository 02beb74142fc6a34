//! What can be wrong with a proof, a note, a checkpoint or stored hashes.

use std::borrow::Cow;

use sealwright_core::Base64;
use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

use crate::hash::Hash;

/// The codes of this crate, each with a page in `docs/codes`.
pub mod code {
    use sealwright_core::Code;

    /// A checkpoint's text is not one.
    pub const CHECKPOINT_MALFORMED: Code = Code::new("tlog.checkpoint-malformed");
    /// A consistency proof does not hold.
    pub const CONSISTENCY_INVALID: Code = Code::new("tlog.consistency-invalid");
    /// A witness's cosignature is absent or wrong.
    pub const COSIGNATURE_INVALID: Code = Code::new("tlog.cosignature-invalid");
    /// The stored edge of a tree is not one.
    pub const EDGE_MALFORMED: Code = Code::new("tlog.edge-malformed");
    /// An entry is larger than a log takes.
    pub const ENTRY_TOO_LARGE: Code = Code::new("tlog.entry-too-large");
    /// A hash needed for a proof is not stored.
    pub const HASH_MISSING: Code = Code::new("tlog.hash-missing");
    /// An inclusion proof does not hold.
    pub const INCLUSION_INVALID: Code = Code::new("tlog.inclusion-invalid");
    /// A signed note is not one.
    pub const NOTE_MALFORMED: Code = Code::new("tlog.note-malformed");
    /// A plan does not start from the durable tree.
    pub const PLAN_STALE: Code = Code::new("tlog.plan-stale");
    /// No tree has such a tile.
    pub const TILE_MALFORMED: Code = Code::new("tlog.tile-malformed");
}

/// All codes of this crate.
pub const CODES: &[Code] = &[
    code::CHECKPOINT_MALFORMED,
    code::CONSISTENCY_INVALID,
    code::COSIGNATURE_INVALID,
    code::EDGE_MALFORMED,
    code::ENTRY_TOO_LARGE,
    code::HASH_MISSING,
    code::INCLUSION_INVALID,
    code::NOTE_MALFORMED,
    code::PLAN_STALE,
    code::TILE_MALFORMED,
];

/// Why a proof, note, checkpoint or tile was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text of a checkpoint breaks a rule.
    #[error("checkpoint: {0}")]
    Checkpoint(CheckpointFault),
    /// Too few or too many hashes.
    #[error("consistency proof from {old_size} to {new_size} leaves cannot have {found} hashes")]
    ConsistencyLength {
        /// How many hashes there are.
        found: usize,
        /// The older size.
        old_size: u64,
        /// The newer size.
        new_size: u64,
    },
    /// The proof leads elsewhere.
    #[error("the tree of {old_size} leaves is not the beginning of the tree of {new_size} leaves")]
    ConsistencyRoot {
        /// The older size.
        old_size: u64,
        /// The newer size.
        new_size: u64,
    },
    /// The older tree is larger than the newer.
    #[error("the older tree has {old_size} leaves, wanted at most the newer tree's {new_size}")]
    ConsistencySizes {
        /// The older size.
        old_size: u64,
        /// The newer size.
        new_size: u64,
    },
    /// No line of this witness.
    #[error("no cosignature by witness {name:?} and its key")]
    CosignatureAbsent {
        /// The witness's name.
        name: String,
    },
    /// Not 8 + 64 bytes.
    #[error("cosignature is not a time of 8 bytes and an Ed25519 signature of 64")]
    CosignatureLength,
    /// The witness's key did not make it.
    #[error("cosignature by witness {name:?} does not fit its key and this checkpoint")]
    CosignatureWrong {
        /// The witness's name.
        name: String,
    },
    /// Not the hashes the size asks for.
    #[error("the stored edge of the tree does not hold the hashes its size asks for")]
    Edge,
    /// More bytes than an entry may have.
    #[error("entry has {found} bytes, wanted at most 65535")]
    EntryTooLarge {
        /// How many there are.
        found: usize,
    },
    /// A stored hash is absent.
    #[error("hash {index} of level {level} is not stored")]
    HashMissing {
        /// The level, 0 for leaves.
        level: u8,
        /// The position within the level.
        index: u64,
    },
    /// The leaf is not in a tree of this size.
    #[error("leaf index is {index}, wanted less than the tree's size {tree_size}")]
    InclusionIndex {
        /// The leaf.
        index: u64,
        /// The tree's size.
        tree_size: u64,
    },
    /// Too few or too many hashes.
    #[error("inclusion proof has {found} hashes, wanted {wanted}")]
    InclusionLength {
        /// How many there are.
        found: usize,
        /// How many this leaf in this tree needs.
        wanted: u32,
    },
    /// The proof leads to another root.
    #[error(
        "inclusion proof leads to root {}, wanted {}",
        Base64::encode(found),
        Base64::encode(wanted)
    )]
    InclusionRoot {
        /// Where it leads.
        found: Hash,
        /// Where it should.
        wanted: Hash,
    },
    /// A note breaks a rule of its format.
    #[error("signed note: {0}")]
    Note(NoteFault),
    /// The tree has grown since.
    #[error("plan starts from a tree of {planned} leaves, wanted the durable one of {found}")]
    PlanStale {
        /// Where the plan starts.
        planned: u64,
        /// Where the tree is.
        found: u64,
    },
    /// Not a tile, or not the path of one.
    #[error("no tree has such a tile, or its path is spelled otherwise")]
    Tile,
}

/// Which rule a checkpoint breaks.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointFault {
    /// An extension line is empty, or there are too many.
    #[error("an extension line is empty, or there are more than 100")]
    Extension,
    /// The text does not end in a line feed.
    #[error("the text does not end in a line feed")]
    NoLastLineFeed,
    /// The first line is empty.
    #[error("the first line is empty, wanted the log's name")]
    Origin,
    /// The third line is no hash.
    #[error("the third line is not the root hash, 32 bytes in base64")]
    Root,
    /// The second line is no size.
    #[error("the second line is not the tree's size in decimal digits")]
    Size,
}

/// Which rule a signed note breaks.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteFault {
    /// A control character other than line feed in the text.
    #[error("the text holds a control character")]
    ControlCharacter,
    /// A key's name is empty or holds white space or a plus sign.
    #[error("the name of a signature's key is empty or holds white space or a plus sign")]
    Name,
    /// No blank line.
    #[error("no blank line between text and signatures")]
    NoBlankLine,
    /// Nothing below the blank line.
    #[error("no signature line below the text, or the last one does not end in a line feed")]
    NoSignatures,
    /// The text is empty or does not end in a line feed.
    #[error("the text is empty or does not end in a line feed")]
    NoText,
    /// A signature is not in strict standard base64.
    #[error("a signature is not in padded standard base64")]
    SignatureBase64,
    /// A line below the blank line is no signature line.
    #[error("a signature line is not of the form: em dash, name, base64")]
    SignatureLine,
    /// A signature has no bytes after the key id.
    #[error("a signature has no bytes after the four of its key id")]
    SignatureTooShort,
    /// More bytes than a note may have.
    #[error("the note has {found} bytes, wanted at most 65536")]
    TooLong {
        /// How many there are.
        found: usize,
    },
    /// More signatures than a note may have.
    #[error("more than 100 signatures")]
    TooManySignatures,
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Checkpoint(_) => code::CHECKPOINT_MALFORMED,
            Self::ConsistencyLength { .. }
            | Self::ConsistencyRoot { .. }
            | Self::ConsistencySizes { .. } => code::CONSISTENCY_INVALID,
            Self::CosignatureAbsent { .. }
            | Self::CosignatureLength
            | Self::CosignatureWrong { .. } => code::COSIGNATURE_INVALID,
            Self::Edge => code::EDGE_MALFORMED,
            Self::EntryTooLarge { .. } => code::ENTRY_TOO_LARGE,
            Self::HashMissing { .. } => code::HASH_MISSING,
            Self::InclusionIndex { .. }
            | Self::InclusionLength { .. }
            | Self::InclusionRoot { .. } => code::INCLUSION_INVALID,
            Self::Note(_) => code::NOTE_MALFORMED,
            Self::PlanStale { .. } => code::PLAN_STALE,
            Self::Tile => code::TILE_MALFORMED,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::PlanStale { .. } => Class::Bug,
            Self::Checkpoint(_)
            | Self::Edge
            | Self::EntryTooLarge { .. }
            | Self::HashMissing { .. }
            | Self::Note(_)
            | Self::Tile => Class::Undecided,
            Self::ConsistencyLength { .. }
            | Self::ConsistencyRoot { .. }
            | Self::ConsistencySizes { .. }
            | Self::CosignatureAbsent { .. }
            | Self::CosignatureLength
            | Self::CosignatureWrong { .. }
            | Self::InclusionIndex { .. }
            | Self::InclusionLength { .. }
            | Self::InclusionRoot { .. } => Class::Rejected,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::HashMissing { .. } => {
                Some("check the stored log with `sealwright log fsck`".into())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_code_of_the_list() {
        let hash = [0; 32];
        let name = || "w".to_owned();
        let (old_size, new_size) = (1, 2);
        let errors = [
            Error::Checkpoint(CheckpointFault::Origin),
            Error::ConsistencyLength {
                found: 1,
                old_size,
                new_size,
            },
            Error::ConsistencyRoot { old_size, new_size },
            Error::ConsistencySizes { old_size, new_size },
            Error::CosignatureAbsent { name: name() },
            Error::CosignatureLength,
            Error::CosignatureWrong { name: name() },
            Error::Edge,
            Error::EntryTooLarge { found: 1 },
            Error::HashMissing { level: 0, index: 0 },
            Error::InclusionIndex {
                index: 1,
                tree_size: 1,
            },
            Error::InclusionLength {
                found: 1,
                wanted: 2,
            },
            Error::InclusionRoot {
                found: hash,
                wanted: hash,
            },
            Error::Note(NoteFault::Name),
            Error::PlanStale {
                planned: 1,
                found: 2,
            },
            Error::Tile,
        ];
        let mut used: Vec<_> = errors.iter().map(Diagnostic::code).collect();
        used.dedup();
        assert_eq!(used, CODES);
    }
}
