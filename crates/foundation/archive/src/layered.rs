//! A stack of image layers shown as one tree (OCI image-spec v1.1, `layer.md`).
//!
//! Layers are opened from the top one down, each once and read once. Whiteouts, and what an upper
//! layer puts over a lower one, decide what is shown; symbolic links are never followed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::HashSet;
use std::io;
use std::io::BufRead;
use std::io::Read;

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::file_tree::Entry;
use sealwright_core::file_tree::EntryKind;
use sealwright_core::file_tree::FileTree;
use sealwright_core::file_tree::ScanError;
use sealwright_core::file_tree::Visitor;

use crate::error::Error;
use crate::error::Mismatch;
use crate::error::from_io;
use crate::limits::Limits;
use crate::path::clean;
use crate::path::malformed;
use crate::pipeline::Algorithms;
use crate::pipeline::Inflated;
use crate::pipeline::StreamDigests;
use crate::pipeline::with_inflated;
use crate::tar::Content;
use crate::tar::MemberKind;
use crate::tar::TarWalk;
use crate::visibility::Key;
use crate::visibility::Layers;
use crate::visibility::Visibility;

/// Largest content kept for hard links that may follow.
const KEPT_FILE: u64 = 256 * 1024;
/// Bytes kept for hard links in one layer.
const KEPT_TOTAL: u64 = 8 * 1024 * 1024;

/// Opens the layer with this index, the lowest being 0, at its first stored byte.
pub type OpenLayer<'a> = dyn Fn(usize) -> io::Result<Box<dyn Read + Send>> + 'a;

/// What is known of a layer before it is read.
#[derive(Clone, Debug, Default)]
pub struct LayerSource {
    /// A name for messages, usually the digest.
    pub name: String,
    /// The digest of the stored bytes that the manifest names; checked when given.
    pub digest: Option<Digest>,
    /// The digest of the uncompressed bytes that the image configuration names; checked when given.
    pub diff_id: Option<Digest>,
}

/// The files of an image: its layers, the lowest first, squashed.
///
/// A hard link is shown as a file when its target stands earlier in the same layer, was itself
/// wanted, is not executable and has at most 256 KiB; otherwise as [`EntryKind::Other`].
///
/// A layer that holds one path twice is refused when somebody wants that file: which one counts
/// depends on who unpacks it.
///
/// A mismatch of digests is reported when its layer has been read to the end, so what a visitor
/// was shown is only to be believed once [`FileTree::scan`] has returned `Ok`.
pub struct LayeredTree<'a> {
    layers: Vec<LayerSource>,
    open: &'a OpenLayer<'a>,
    limits: Limits,
    digests: RefCell<Vec<Option<StreamDigests>>>,
}

impl<'a> LayeredTree<'a> {
    /// `layers` has the lowest first; `open` is called with an index into it.
    pub fn new(layers: Vec<LayerSource>, open: &'a OpenLayer<'a>) -> Self {
        Self {
            layers,
            open,
            limits: Limits::default(),
            digests: RefCell::default(),
        }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What the last scan measured of each layer that it read to the end.
    pub fn digests(&self) -> Vec<Option<StreamDigests>> {
        self.digests.borrow().clone()
    }
}

impl FileTree for LayeredTree<'_> {
    fn scan(&self, visitor: &mut dyn Visitor) -> Result<(), ScanError> {
        if self.layers.len() > self.limits.layers {
            return Err(ScanError::Limit {
                path: "image".to_owned(),
                what: "the number of layers",
                limit: self.limits.layers as u64,
            });
        }
        self.digests.replace(vec![None; self.layers.len()]);
        let mut walk = LayerWalk::new(self.limits, Whiteouts::Honour);
        let mut bytes_left = self.limits.total_bytes;
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let stream = (self.open)(index).map_err(|error| from_io(&layer.name, error))?;
            let algorithm = |digest: &Option<Digest>| {
                digest.map_or(DigestAlgorithm::Sha256, |digest| digest.algorithm())
            };
            let algorithms = Algorithms {
                stored: algorithm(&layer.digest),
                uncompressed: algorithm(&layer.diff_id),
            };
            let (digests, ()) =
                with_inflated(&layer.name, stream, algorithms, bytes_left, |content| {
                    walk.layer(content, &layer.name, index, visitor)
                })?;
            bytes_left = bytes_left.saturating_sub(digests.uncompressed_size);
            check(layer, &digests)?;
            if let Some(slot) = self.digests.borrow_mut().get_mut(index) {
                *slot = Some(digests);
            }
        }
        Ok(())
    }
}

fn check(layer: &LayerSource, digests: &StreamDigests) -> Result<(), Error> {
    let mismatch = |found, wanted: Option<Digest>| {
        let wanted = wanted.filter(|wanted| *wanted != found)?;
        Some(Box::new(Mismatch {
            layer: layer.name.clone(),
            found,
            wanted,
        }))
    };
    if let Some(mismatch) = mismatch(digests.stored, layer.digest) {
        return Err(Error::DigestMismatch(mismatch));
    }
    match mismatch(digests.uncompressed, layer.diff_id) {
        Some(mismatch) => Err(Error::DiffIdMismatch(mismatch)),
        None => Ok(()),
    }
}

/// Whether `.wh.` names mean deletions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Whiteouts {
    Honour,
    Ignore,
}

/// Shows tar archives as layers to a visitor, the top one first.
pub(crate) struct LayerWalk {
    limits: Limits,
    whiteouts: Whiteouts,
    state: Layers,
    entries: u64,
    /// Files of the current layer whose content was asked for.
    wanted: HashSet<Key>,
    kept: HashMap<Key, Vec<u8>>,
    kept_bytes: u64,
}

impl LayerWalk {
    pub(crate) fn new(limits: Limits, whiteouts: Whiteouts) -> Self {
        Self {
            limits,
            whiteouts,
            state: Layers::default(),
            entries: 0,
            wanted: HashSet::new(),
            kept: HashMap::new(),
            kept_bytes: 0,
        }
    }

    pub(crate) fn layer(
        &mut self,
        content: &mut Inflated,
        name: &str,
        layer: usize,
        visitor: &mut dyn Visitor,
    ) -> Result<(), ScanError> {
        let mut tar = TarWalk::new(content, name, self.limits);
        while let Some(kind) = tar.advance()? {
            self.entries = self.entries.saturating_add(1);
            // A path may be remembered for the current layer and for those above it.
            let remembered = self.state.len() as u64 / 2;
            if self.entries.max(remembered) > self.limits.entries {
                return Err(ScanError::Limit {
                    path: name.to_owned(),
                    what: "the number of entries",
                    limit: self.limits.entries,
                });
            }
            if !tar.path().is_empty() && !self.whiteout(tar.path())? {
                self.member(&mut tar, kind, layer, visitor)?;
            }
        }
        self.wanted.clear();
        self.kept.clear();
        self.kept_bytes = 0;
        self.state.next_layer();
        Ok(())
    }

    /// Takes in a whiteout; says whether the path was one.
    fn whiteout(&mut self, path: &[u8]) -> Result<bool, ScanError> {
        let (parent, name) = match path.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => path.split_at(slash),
            None => (&b""[..], path),
        };
        let name = name.strip_prefix(b"/").unwrap_or(name);
        let Some(deleted) = name.strip_prefix(b".wh.") else {
            return Ok(false);
        };
        if self.whiteouts == Whiteouts::Ignore {
            return Ok(false);
        }
        match deleted {
            b".wh..opq" => self.state.delete_below(parent),
            b"" | b"." | b".." => return Err(malformed(path, "a whiteout that names nothing")),
            // Bookkeeping of the aufs driver.
            deleted if deleted.starts_with(b".wh.") => {}
            deleted if parent.is_empty() => self.state.delete(deleted),
            deleted => self.state.delete(&[parent, b"/", deleted].concat()),
        }
        Ok(true)
    }

    fn member<R: BufRead>(
        &mut self,
        tar: &mut TarWalk<'_, R>,
        kind: MemberKind,
        layer: usize,
        visitor: &mut dyn Visitor,
    ) -> Result<(), ScanError> {
        let kept = match kind {
            MemberKind::HardLink => self.target(tar.link()),
            _ => None,
        };
        let link = String::from_utf8_lossy(tar.link()).into_owned();
        let path = String::from_utf8_lossy(tar.path());
        let entry_kind = match kind {
            MemberKind::Directory => EntryKind::Directory,
            MemberKind::File { executable } => EntryKind::File {
                size: tar.size(),
                executable,
            },
            MemberKind::HardLink => match kept.and_then(|key| self.kept.get(&key)) {
                Some(content) => EntryKind::File {
                    size: content.len() as u64,
                    executable: false,
                },
                None => EntryKind::Other,
            },
            MemberKind::Other => EntryKind::Other,
            MemberKind::Symlink => EntryKind::Symlink { target: &link },
        };
        let entry = Entry {
            path: &path,
            kind: entry_kind,
            layer,
        };
        let (key, visibility) = self.state.enter(tar.path(), kind == MemberKind::Directory);
        let is_file = matches!(entry_kind, EntryKind::File { .. });
        match visibility {
            Visibility::Hidden => return Ok(()),
            Visibility::Again if self.wanted.contains(&key) || visitor.wants(&entry) => {
                return Err(malformed(tar.path(), "its layer holds this path twice"));
            }
            Visibility::Again => return Ok(()),
            Visibility::Visible if visitor.wants(&entry) && is_file => {}
            Visibility::Visible => return Ok(()),
        }
        self.wanted.insert(key);
        if let Some(content) = kept.and_then(|key| self.kept.get(&key)) {
            return visitor.content(&entry, &mut content.as_slice());
        }
        let path = path.into_owned();
        let entry = Entry {
            path: &path,
            kind: entry_kind,
            layer,
        };
        let size = tar.size();
        let (_, mut content) = tar.parts();
        let keep = kind == MemberKind::File { executable: false }
            && size <= KEPT_FILE
            && self.kept_bytes.saturating_add(size) <= KEPT_TOTAL;
        if !keep {
            return visitor.content(&entry, &mut content);
        }
        let bytes = read_all(&mut content, &path, size)?;
        visitor.content(&entry, &mut bytes.as_slice())?;
        self.kept_bytes = self.kept_bytes.saturating_add(size);
        self.kept.insert(key, bytes);
        Ok(())
    }

    fn target(&mut self, link: &[u8]) -> Option<Key> {
        if self.kept.is_empty() {
            return None;
        }
        let mut target = Vec::new();
        clean(link, &self.limits, &mut target).ok()?;
        Some(self.state.key(&target))
    }
}

fn read_all<R: BufRead>(
    content: &mut Content<'_, R>,
    path: &str,
    size: u64,
) -> Result<Vec<u8>, ScanError> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    content
        .read_to_end(&mut bytes)
        .map_err(|error| from_io(path, error))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
