//! Checkpoints: what a log says its tree is (C2SP `tlog-checkpoint`).

use std::fmt;

use sealwright_core::Base64;

use crate::error::CheckpointFault;
use crate::error::Error;
use crate::hash::EMPTY_ROOT;
use crate::hash::Hash;
use crate::note::decode_strict;

/// The size and root of a tree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TreeHead {
    /// How many leaves it has.
    pub size: u64,
    /// Its root hash.
    pub root: Hash,
}

impl TreeHead {
    /// The head of the tree without leaves.
    pub const EMPTY: Self = Self {
        size: 0,
        root: EMPTY_ROOT,
    };
}

/// What a log signs: its name, the size and root of its tree, and lines it may add.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// The name of the log, unique to it: the first line.
    pub origin: String,
    /// How many leaves the tree has.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
    /// Extension lines, without their line feeds.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// How many extension lines are read.
    pub const MAX_EXTENSIONS: usize = 100;

    /// The checkpoint of a tree under a log's name, without extension lines.
    pub fn new(origin: impl Into<String>, head: &TreeHead) -> Self {
        Self {
            origin: origin.into(),
            size: head.size,
            root: head.root,
            extensions: Vec::new(),
        }
    }

    /// Reads the text of a checkpoint's note ([`crate::SignedNote::text`]).
    ///
    /// # Errors
    /// `tlog.checkpoint-malformed` saying which line is wrong.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let fault = |fault| move || Error::Checkpoint(fault);
        let lines = text
            .strip_suffix('\n')
            .ok_or_else(fault(CheckpointFault::NoLastLineFeed))?;
        let mut lines = lines.split('\n');
        let origin = lines
            .next()
            .filter(|line| !line.is_empty())
            .ok_or_else(fault(CheckpointFault::Origin))?;
        let size = lines
            .next()
            .and_then(parse_size)
            .ok_or_else(fault(CheckpointFault::Size))?;
        let root = lines
            .next()
            .and_then(decode_strict)
            .and_then(|root| Hash::try_from(root).ok())
            .ok_or_else(fault(CheckpointFault::Root))?;
        let mut extensions = Vec::new();
        for line in lines {
            if line.is_empty() || extensions.len() == Self::MAX_EXTENSIONS {
                return Err(Error::Checkpoint(CheckpointFault::Extension));
            }
            extensions.push(line.to_owned());
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions,
        })
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        TreeHead {
            size: self.size,
            root: self.root,
        }
    }
}

impl fmt::Display for Checkpoint {
    /// The text that is signed, its last line feed included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.origin)?;
        writeln!(f, "{}", self.size)?;
        writeln!(f, "{}", Base64::encode(&self.root))?;
        for line in &self.extensions {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

/// Decimal digits without sign or leading zeros.
fn parse_size(text: &str) -> Option<u64> {
    let size = text.parse::<u64>().ok()?;
    (size.to_string() == text).then_some(size)
}

#[cfg(test)]
mod tests;
