//! Walking a tar stream: ustar, PAX and GNU (POSIX.1-2017 `pax`; GNU tar manual, "Basic Tar Format").
//!
//! Fields are read by the `tar` crate; which header belongs to which bytes is decided here, and
//! strictly: where two common readers would see different files in the same bytes (two long names
//! for one entry, a size on an entry that has none, data after half an end mark), the archive is
//! refused instead of read one of the two ways.

pub(crate) mod pax;

use std::io;
use std::io::BufRead;
use std::io::Read;

use sealwright_core::file_tree::ScanError;
use tar::EntryType;
use tar::Header;

use crate::compression::read_full;
use crate::error::from_io;
use crate::limits::Limits;
use crate::path::clean;
use crate::path::malformed;
use crate::tar::pax::Pax;

const BLOCK: usize = 512;

/// What kind of thing a member is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum MemberKind {
    Directory,
    File {
        executable: bool,
    },
    HardLink,
    /// Devices, pipes, sparse files, and kinds nobody knows.
    Other,
    Symlink,
}

/// Reads one member after the other. After [`TarWalk::advance`] the member's cleaned path, link
/// target and content are at hand until the next call.
pub(crate) struct TarWalk<'a, R: BufRead> {
    source: &'a mut R,
    name: &'a str,
    limits: Limits,
    path: Vec<u8>,
    link: Vec<u8>,
    size: u64,
    remaining: u64,
    padding: u64,
}

impl<'a, R: BufRead> TarWalk<'a, R> {
    /// `name` is the archive's, for messages.
    pub(crate) fn new(source: &'a mut R, name: &'a str, limits: Limits) -> Self {
        Self {
            source,
            name,
            limits,
            path: Vec::new(),
            link: Vec::new(),
            size: 0,
            remaining: 0,
            padding: 0,
        }
    }

    /// Goes to the next member; `None` at the end of the archive. Members for the root directory
    /// itself have an empty path.
    pub(crate) fn advance(&mut self) -> Result<Option<MemberKind>, ScanError> {
        let mut extensions = Extensions::default();
        loop {
            self.skip_rest()?;
            let Some(header) = self.header()? else {
                return match extensions.any {
                    true => Err(self.malformed("it ends after an extension header")),
                    false => Ok(None),
                };
            };
            if !self.extension(&header, &mut extensions)? {
                return self.member(&header, extensions).map(Some);
            }
        }
    }

    /// The cleaned path.
    pub(crate) fn path(&self) -> &[u8] {
        &self.path
    }

    /// The link target as it stands.
    pub(crate) fn link(&self) -> &[u8] {
        &self.link
    }

    /// Length of a file's content.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Splits off the content, so that path and link stay readable meanwhile.
    pub(crate) fn parts(&mut self) -> (&[u8], Content<'_, R>) {
        let content = Content {
            source: self.source,
            remaining: &mut self.remaining,
        };
        (&self.path, content)
    }

    fn skip_rest(&mut self) -> Result<(), ScanError> {
        let mut left = self.remaining.saturating_add(self.padding);
        (self.remaining, self.padding) = (0, 0);
        while left > 0 {
            let available = self
                .source
                .fill_buf()
                .map_err(|error| from_io(self.name, error))?
                .len();
            if available == 0 {
                return Err(self.malformed("it ends inside a file"));
            }
            let step = usize::try_from(left).map_or(available, |left| left.min(available));
            self.source.consume(step);
            left = left.saturating_sub(step as u64);
        }
        Ok(())
    }

    /// Reads one header block; `None` at the end mark or the end of the stream.
    fn header(&mut self) -> Result<Option<Header>, ScanError> {
        let mut header = Header::new_old();
        match self.block(header.as_mut_bytes())? {
            0 => return Ok(None),
            BLOCK => {}
            _ => return Err(self.malformed("it ends inside a header")),
        }
        if header.as_bytes().iter().all(|byte| *byte == 0) {
            let mut second = [0; BLOCK];
            let known = self.block(&mut second)?;
            if second.iter().take(known).any(|byte| *byte != 0) {
                return Err(self.malformed("its end mark is followed by more entries"));
            }
            return Ok(None);
        }
        let sum = header
            .as_bytes()
            .iter()
            .enumerate()
            .map(|(index, byte)| match index {
                148..=155 => u32::from(b' '),
                _ => u32::from(*byte),
            })
            .sum::<u32>();
        if header.cksum().ok() != Some(sum) {
            return Err(self.malformed("a header's checksum is wrong, or this is no tar archive"));
        }
        Ok(Some(header))
    }

    fn block(&mut self, into: &mut [u8]) -> Result<usize, ScanError> {
        read_full(self.source, into).map_err(|error| from_io(self.name, error))
    }

    /// Takes in an extension header; says whether it was one.
    fn extension(
        &mut self,
        header: &Header,
        extensions: &mut Extensions,
    ) -> Result<bool, ScanError> {
        let kind = header.entry_type();
        let known = matches!(
            kind,
            EntryType::GNULongName
                | EntryType::GNULongLink
                | EntryType::XHeader
                | EntryType::XGlobalHeader
        );
        if !known {
            return Ok(false);
        }
        extensions.any |= kind != EntryType::XGlobalHeader;
        let size = self.header_size(header)?;
        extensions.bytes = extensions.bytes.saturating_add(size);
        if extensions.bytes > self.limits.extension_bytes {
            return Err(ScanError::Limit {
                path: self.name.to_owned(),
                what: "the size of an entry's extension headers",
                limit: self.limits.extension_bytes,
            });
        }
        let mut data = vec![0; usize::try_from(size).unwrap_or(0)];
        if self.block(&mut data)? != data.len() {
            return Err(self.malformed("it ends inside an extension header"));
        }
        self.padding = padding(size);
        let slot = match kind {
            EntryType::GNULongName => &mut extensions.long_name,
            EntryType::GNULongLink => &mut extensions.long_link,
            EntryType::XHeader => {
                let pax = Pax::parse(&data).map_err(|reason| self.malformed(reason))?;
                if extensions.pax.replace(pax).is_some() {
                    return Err(self.malformed("two PAX headers describe one entry"));
                }
                return Ok(true);
            }
            _ => {
                let pax = Pax::parse(&data).map_err(|reason| self.malformed(reason))?;
                if !pax.is_harmless() {
                    let reason = "a global PAX header sets paths or sizes of all entries";
                    return Err(self.malformed(reason));
                }
                return Ok(true);
            }
        };
        if data.last() == Some(&0) {
            data.pop();
        }
        if slot.replace(data).is_some() {
            return Err(self.malformed("two long names describe one entry"));
        }
        Ok(true)
    }

    /// Takes in the header of a real member.
    fn member(&mut self, header: &Header, extensions: Extensions) -> Result<MemberKind, ScanError> {
        let pax = extensions.pax.unwrap_or_default();
        let raw_path = match (extensions.long_name, pax.sparse_name.or(pax.path)) {
            (Some(gnu), Some(pax)) if gnu != pax => {
                return Err(malformed(&pax, "its GNU and PAX long names differ"));
            }
            (Some(path), _) | (None, Some(path)) => path,
            (None, None) => self.header_path(header)?,
        };
        clean(&raw_path, &self.limits, &mut self.path)?;
        let link = match (extensions.long_link, pax.link_path) {
            (Some(gnu), Some(pax)) if gnu != pax => {
                return Err(malformed(
                    &raw_path,
                    "its GNU and PAX long link names differ",
                ));
            }
            (Some(link), _) | (None, Some(link)) => link,
            (None, None) => header.link_name_bytes().unwrap_or_default().into_owned(),
        };
        if link.len() > self.limits.path_bytes {
            return Err(malformed(&raw_path, "its link target is too long"));
        }
        self.link = link;

        let stored = match pax.size {
            Some(size) => size,
            None => self.header_size(header)?,
        };
        let kind = self.kind(header, stored, pax.sparse, &raw_path)?;
        if header.entry_type() == EntryType::GNUSparse {
            self.skip_sparse_map(header)?;
        }
        self.size = stored;
        self.remaining = stored;
        self.padding = padding(stored);
        Ok(kind)
    }

    fn kind(
        &self,
        header: &Header,
        stored: u64,
        sparse: bool,
        raw_path: &[u8],
    ) -> Result<MemberKind, ScanError> {
        let kind = match header.entry_type() {
            EntryType::Regular | EntryType::Continuous if raw_path.ends_with(b"/") => {
                MemberKind::Directory
            }
            EntryType::Regular | EntryType::Continuous if sparse => MemberKind::Other,
            EntryType::Regular | EntryType::Continuous => MemberKind::File {
                executable: header.mode().is_ok_and(|mode| mode & 0o111 != 0),
            },
            EntryType::Directory => MemberKind::Directory,
            EntryType::Link => MemberKind::HardLink,
            EntryType::Symlink => MemberKind::Symlink,
            EntryType::Block | EntryType::Char | EntryType::Fifo if stored == 0 => {
                MemberKind::Other
            }
            EntryType::Block | EntryType::Char | EntryType::Fifo => {
                return Err(malformed(raw_path, "a device or pipe has content"));
            }
            // Sparse files and kinds that no standard knows are stored like files.
            _ => return Ok(MemberKind::Other),
        };
        let has_content = matches!(kind, MemberKind::File { .. } | MemberKind::Other);
        if stored > 0 && !has_content {
            return Err(malformed(raw_path, "a directory or link has content"));
        }
        Ok(kind)
    }

    /// The path in the header itself: the prefix counts in ustar headers only.
    fn header_path(&self, header: &Header) -> Result<Vec<u8>, ScanError> {
        let bytes = header.as_bytes();
        let field = |from: usize, to: usize| {
            let field = bytes.get(from..to).unwrap_or_default();
            field.split(|byte| *byte == 0).next().unwrap_or_default()
        };
        let (name, prefix) = (field(0, 100), field(345, 500));
        let is_posix = bytes.get(257..263) == Some(&b"ustar\0"[..]);
        if !is_posix || prefix.is_empty() {
            return Ok(name.to_vec());
        }
        if bytes.get(263..265) != Some(&b"00"[..]) {
            return Err(self.malformed("a header is of an unknown version of the format"));
        }
        Ok([prefix, b"/", name].concat())
    }

    fn header_size(&self, header: &Header) -> Result<u64, ScanError> {
        let field = header.as_bytes().get(124..136).unwrap_or_default();
        if field.iter().all(|byte| matches!(byte, 0 | b' ')) {
            return Ok(0);
        }
        // Base 256: the highest of the twelve bytes is a mark, the next three must add nothing.
        let fits = match field {
            [0x80, 0, 0, 0, ..] => true,
            [first, ..] => first & 0x80 == 0 && !field.contains(&b'+'),
            [] => false,
        };
        match header.entry_size() {
            Ok(size) if fits && size <= i64::MAX as u64 => Ok(size),
            _ => Err(self.malformed("a header's size is no number")),
        }
    }

    /// Skips the continuation blocks of an old GNU sparse file's map.
    fn skip_sparse_map(&mut self, header: &Header) -> Result<(), ScanError> {
        let mut more = header.as_gnu().is_some_and(tar::GnuHeader::is_extended);
        let mut bytes = 0_u64;
        while more {
            let mut block = [0; BLOCK];
            if self.block(&mut block)? != BLOCK {
                return Err(self.malformed("it ends inside a sparse file's map"));
            }
            more = block.get(504) == Some(&1);
            bytes = bytes.saturating_add(BLOCK as u64);
            if bytes > self.limits.extension_bytes {
                return Err(self.malformed("a sparse file's map is too long"));
            }
        }
        Ok(())
    }

    fn malformed(&self, reason: &str) -> ScanError {
        malformed(self.name.as_bytes(), reason)
    }
}

#[derive(Default)]
struct Extensions {
    /// Whether any of them describes the entry to come.
    any: bool,
    bytes: u64,
    long_link: Option<Vec<u8>>,
    long_name: Option<Vec<u8>>,
    pax: Option<Pax>,
}

/// The content of one member. Ends where the member ends; a truncated archive is an error.
pub(crate) struct Content<'a, R: BufRead> {
    source: &'a mut R,
    remaining: &'a mut u64,
}

impl<R: BufRead> Read for Content<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let wanted =
            usize::try_from(*self.remaining).map_or(into.len(), |left| left.min(into.len()));
        let Some(into) = into.get_mut(..wanted).filter(|into| !into.is_empty()) else {
            return Ok(0);
        };
        let count = self.source.read(into)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        *self.remaining = self.remaining.saturating_sub(count as u64);
        Ok(count)
    }
}

fn padding(size: u64) -> u64 {
    let block = BLOCK as u64;
    (block - size % block) % block
}

#[cfg(test)]
mod tests;
