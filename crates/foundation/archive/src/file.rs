//! One file as a tree: the members of an archive, or the file itself when it is none.

use std::io;
use std::io::Cursor;
use std::io::Read;
use std::io::Seek;

use sealwright_core::file_tree::Entry;
use sealwright_core::file_tree::EntryKind;
use sealwright_core::file_tree::FileTree;
use sealwright_core::file_tree::ScanError;
use sealwright_core::file_tree::Visitor;

use crate::compression::Compression;
use crate::compression::Decoder;
use crate::compression::read_full;
use crate::error::from_io;
use crate::layered::LayerWalk;
use crate::layered::Whiteouts;
use crate::limits::Limits;
use crate::pipeline::Algorithms;
use crate::pipeline::with_inflated;
use crate::zip::scan_zip;

/// How much of a file is looked at to tell what it is.
const HEAD: usize = 64 * 1024;

/// Something that can be read from any place.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// Opens the file at its first byte.
pub type OpenFile<'a> = dyn Fn() -> io::Result<Box<dyn ReadSeek>> + 'a;

/// The kinds of archive that are looked into.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ArchiveFormat {
    /// tar, compressed or not: also `.crate` and npm's `.tgz`.
    Tar(Compression),
    /// zip: also `.whl` and `.jar`.
    Zip,
}

impl ArchiveFormat {
    /// Tells from the first bytes of a file (64 KiB are enough); `None` when it is no archive.
    /// The name of a file plays no part.
    pub fn detect(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Some(Self::Zip);
        }
        let compression = Compression::detect(head);
        let mut block = [0; 512];
        let mut decoder = Decoder::new(compression, Cursor::new(head)).ok()?;
        let known = read_full(&mut decoder, &mut block).ok()?;
        let is_tar = known == block.len()
            && (block.get(257..262) == Some(&b"ustar"[..]) || is_old_tar(&block));
        is_tar.then_some(Self::Tar(compression))
    }
}

/// The oldest format has no mark: its header's checksum must tell.
fn is_old_tar(block: &[u8; 512]) -> bool {
    let header = tar::Header::from_byte_slice(block);
    let sum = block
        .iter()
        .enumerate()
        .map(|(index, byte)| match index {
            148..=155 => u32::from(b' '),
            _ => u32::from(*byte),
        })
        .sum::<u32>();
    block.first().is_some_and(|byte| *byte != 0) && header.cksum().ok() == Some(sum)
}

/// A file, shown as the tree of what it holds; a file that is no archive is a tree of one entry.
pub struct FileAsTree<'a> {
    name: String,
    open: &'a OpenFile<'a>,
    format: Option<ArchiveFormat>,
    size: u64,
    executable: bool,
    limits: Limits,
}

impl<'a> FileAsTree<'a> {
    /// `name` is the file's name without its directory.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(name: &str, executable: bool, open: &'a OpenFile<'a>) -> Result<Self, ScanError> {
        let read_error = |error| from_io(name, error);
        let mut file = open().map_err(read_error)?;
        let mut head = vec![0; HEAD];
        let known = read_full(&mut file, &mut head).map_err(read_error)?;
        head.truncate(known);
        let size = file.seek(io::SeekFrom::End(0)).map_err(read_error)?;
        Ok(Self {
            name: name.to_owned(),
            open,
            format: ArchiveFormat::detect(&head),
            size,
            executable,
            limits: Limits::default(),
        })
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What kind of archive it is, if any.
    pub fn format(&self) -> Option<ArchiveFormat> {
        self.format
    }
}

impl FileTree for FileAsTree<'_> {
    fn scan(&self, visitor: &mut dyn Visitor) -> Result<(), ScanError> {
        let mut file = (self.open)().map_err(|error| from_io(&self.name, error))?;
        match self.format {
            Some(ArchiveFormat::Tar(_)) => {
                let mut walk = LayerWalk::new(self.limits, Whiteouts::Ignore);
                let (algorithms, limit) = (Algorithms::default(), self.limits.total_bytes);
                with_inflated(&self.name, Box::new(file), algorithms, limit, |content| {
                    walk.layer(content, &self.name, 0, visitor)
                })?;
                Ok(())
            }
            Some(ArchiveFormat::Zip) => scan_zip(file, &self.name, self.limits, visitor),
            None => {
                let entry = Entry {
                    path: &self.name,
                    kind: EntryKind::File {
                        size: self.size,
                        executable: self.executable,
                    },
                    layer: 0,
                };
                match visitor.wants(&entry) {
                    true => visitor.content(&entry, &mut file),
                    false => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
