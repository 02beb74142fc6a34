//! Which entries of stacked layers are visible, when the layers are walked from the top one down
//! (OCI image-spec v1.1, `layer.md`, "Applying Changesets" and "Whiteouts").
//!
//! What is remembered of every path seen is 128 bits of a chained SHA-256 and five flags, so that
//! an image of millions of files fits in memory and nobody can make two paths collide.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::hash::Hasher;

use sealwright_core::Digest;

/// What the tree shows of an entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Visibility {
    /// The same layer already holds something else at this path.
    Again,
    /// An upper layer hides or deletes it, or already showed this directory.
    Hidden,
    Visible,
}

/// A path's fingerprint.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Key([u8; 16]);

/// A layer put this directory here by an entry of its own.
const DIRECTORY: u8 = 1;
/// A layer has something below this path.
const IMPLIED: u8 = 2;
/// A layer put something here that is no directory.
const FILE: u8 = 4;
/// A layer deletes what lower layers have here.
const WHITEOUT: u8 = 8;
/// A layer deletes what lower layers have below this path.
const OPAQUE: u8 = 16;

type Seen = HashMap<Key, u8, BuildHasherDefault<KeyHasher>>;

/// The state of a walk from the top layer to the bottom one.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    /// What finished layers, all above the current one, left.
    upper: Seen,
    current: Seen,
    /// Fingerprints of the last path and its ancestors, each with its end; files of a directory
    /// follow each other, so most of them serve again.
    trail: Vec<(usize, Key)>,
    last: Vec<u8>,
}

impl Layers {
    /// Ends the current layer; what follows lies below it.
    pub(crate) fn next_layer(&mut self) {
        if self.upper.is_empty() {
            self.upper = std::mem::take(&mut self.current);
        }
        for (key, flags) in self.current.drain() {
            *self.upper.entry(key).or_default() |= flags;
        }
    }

    /// Enters a path of the current layer and says whether it is visible.
    pub(crate) fn enter(&mut self, path: &[u8], is_directory: bool) -> (Key, Visibility) {
        let key = self.follow(path);
        let flag = if is_directory { DIRECTORY } else { FILE };
        let flags = self.current.entry(key).or_default();
        let here = *flags;
        *flags |= flag;
        self.imply_parents();

        let above = self.upper.get(&key).copied().unwrap_or(0);
        let hidden_by = if is_directory {
            DIRECTORY | FILE | WHITEOUT
        } else {
            DIRECTORY | IMPLIED | FILE | WHITEOUT
        };
        let visibility = if self.is_cut_off() || above & hidden_by != 0 {
            Visibility::Hidden
        } else if here & FILE != 0 || (here & (DIRECTORY | IMPLIED) != 0 && !is_directory) {
            Visibility::Again
        } else if here & DIRECTORY != 0 {
            Visibility::Hidden
        } else {
            Visibility::Visible
        };
        (key, visibility)
    }

    /// Enters a whiteout: `path` is gone from all lower layers.
    pub(crate) fn delete(&mut self, path: &[u8]) {
        let key = self.follow(path);
        *self.current.entry(key).or_default() |= WHITEOUT;
        self.imply_parents();
    }

    /// Enters an opaque whiteout: everything below `path` is gone from all lower layers.
    pub(crate) fn delete_below(&mut self, path: &[u8]) {
        let key = self.follow(path);
        // The mark stands inside the directory, so there is one.
        *self.current.entry(key).or_default() |= OPAQUE | IMPLIED;
        self.imply_parents();
    }

    /// How many paths are remembered.
    pub(crate) fn len(&self) -> usize {
        self.upper.len().saturating_add(self.current.len())
    }

    /// The fingerprint of a path of the current layer.
    pub(crate) fn key(&mut self, path: &[u8]) -> Key {
        self.follow(path)
    }

    /// Makes `trail` hold the fingerprints of `path` and its ancestors, the root first.
    fn follow(&mut self, path: &[u8]) -> Key {
        let common = self
            .last
            .iter()
            .zip(path)
            .take_while(|(a, b)| a == b)
            .count();
        self.trail.retain(|(end, _)| {
            *end == 0 || (*end <= common && path.get(*end).is_none_or(|byte| *byte == b'/'))
        });
        if self.trail.is_empty() {
            self.trail.push((0, Key([0; 16])));
        }
        self.last.clear();
        self.last.extend_from_slice(path);
        let (mut end, mut key) = self.trail.last().copied().unwrap_or((0, Key([0; 16])));
        while end < path.len() {
            let start = if end == 0 { 0 } else { end + 1 };
            let part = path.get(start..).unwrap_or_default();
            let part = part.split(|byte| *byte == b'/').next().unwrap_or_default();
            key = key.child(part);
            end = start + part.len();
            self.trail.push((end, key));
        }
        key
    }

    fn imply_parents(&mut self) {
        for (_, key) in self.trail.iter().rev().skip(1) {
            let flags = self.current.entry(*key).or_default();
            if *flags & IMPLIED != 0 {
                break;
            }
            *flags |= IMPLIED;
        }
    }

    /// Whether an upper layer took away an ancestor of the path last followed.
    fn is_cut_off(&self) -> bool {
        !self.upper.is_empty()
            && self.trail.iter().rev().skip(1).any(|(_, key)| {
                let above = self.upper.get(key).copied().unwrap_or(0);
                above & (FILE | WHITEOUT | OPAQUE) != 0
            })
    }
}

impl Key {
    fn child(self, part: &[u8]) -> Self {
        let mut input = Vec::with_capacity(16 + part.len());
        input.extend_from_slice(&self.0);
        input.extend_from_slice(part);
        let digest = Digest::sha256(&input);
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(digest.as_bytes()) {
            *to = *from;
        }
        Self(key)
    }
}

/// Takes the first bytes of a [`Key`] as they are: it is a cryptographic hash already.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            self.0 ^= u64::from_le_bytes(word);
        }
    }
}

#[cfg(test)]
mod tests;
