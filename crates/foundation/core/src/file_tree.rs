//! A tree of files seen once, from its first entry to its last.
//!
//! A container layer is a stream: it can be read forward, once. Whoever looks for packages
//! therefore says beforehand which files to show (a [`Visitor`] answers `wants` per entry), and gets
//! their content as a reader while the stream passes. Directories on disk, layers, archives and
//! test fixtures are all shown this way.

use std::io::Read;

/// One pass over all entries of a tree.
pub trait FileTree {
    /// Shows every entry that exists in the tree, each path once, in an order that is stable for
    /// the same tree. In a layered tree an upper layer's entries come first, and what they hide or
    /// delete (whiteouts) is not shown.
    ///
    /// # Errors
    /// Whatever stops the pass: I/O, a malformed archive, a limit. A visitor's own error stops it
    /// too and comes back unchanged.
    fn scan(&self, visitor: &mut dyn Visitor) -> Result<(), ScanError>;
}

/// Who a tree is shown to.
pub trait Visitor {
    /// Sees an entry and says whether its content is wanted. Called for every entry.
    fn wants(&mut self, entry: &Entry<'_>) -> bool;

    /// Gets the content of a regular file that [`Visitor::wants`] asked for. The reader ends where
    /// the file ends; what is left unread is skipped.
    ///
    /// # Errors
    /// Stops the pass.
    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Read) -> Result<(), ScanError>;
}

/// One entry of a tree.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Path below the root: no leading slash, `/` between parts, no `.` or `..` parts. Bytes that
    /// are no UTF-8 are replaced by U+FFFD.
    pub path: &'a str,
    /// What stands there.
    pub kind: EntryKind<'a>,
    /// Index of the layer it stands in, the lowest being 0; always 0 in an unlayered tree.
    pub layer: usize,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryKind<'a> {
    /// A directory.
    Directory,
    /// A regular file. A hard link whose target's content is at hand counts as one.
    File {
        /// Length in bytes.
        size: u64,
        /// Whether anybody may execute it.
        executable: bool,
    },
    /// A device, socket, pipe, or a hard link whose content is not at hand.
    Other,
    /// A symbolic link, not followed.
    Symlink {
        /// The link's text as it stands.
        target: &'a str,
    },
}

/// Why a pass stopped before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// Reading failed.
    #[error("{path}: {source}")]
    Read {
        /// The entry, or the tree itself.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A limit was passed.
    #[error("{path}: {what} is more than the limit of {limit}")]
    Limit {
        /// The entry, or the tree itself.
        path: String,
        /// What was counted.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// The bytes are no archive of the expected kind.
    #[error("{path}: {reason}")]
    Malformed {
        /// The entry, or the tree itself.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The tree has more to say, for example that it is not the one that was expected.
    #[error(transparent)]
    Tree(Box<dyn std::error::Error + Send + Sync>),
    /// The visitor gave up.
    #[error(transparent)]
    Visitor(Box<dyn std::error::Error + Send + Sync>),
}

/// A tree of files in memory, for small trees and tests. Paths are shown in sorted order.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    files: std::collections::BTreeMap<String, (Vec<u8>, bool)>,
}

impl MemoryTree {
    /// Adds a regular file that nobody may execute.
    #[must_use]
    pub fn with_file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), (content.into(), false));
        self
    }

    /// Adds an executable file.
    #[must_use]
    pub fn with_executable(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), (content.into(), true));
        self
    }
}

impl FileTree for MemoryTree {
    fn scan(&self, visitor: &mut dyn Visitor) -> Result<(), ScanError> {
        for (path, (content, executable)) in &self.files {
            let entry = Entry {
                path,
                kind: EntryKind::File {
                    size: content.len() as u64,
                    executable: *executable,
                },
                layer: 0,
            };
            if visitor.wants(&entry) {
                visitor.content(&entry, &mut content.as_slice())?;
            }
        }
        Ok(())
    }
}
