//! Zip archives as trees (PKWARE APPNOTE 6.3.10), in the order of their central directory.

use std::io::Read as _;

use sealwright_core::file_tree::Entry;
use sealwright_core::file_tree::EntryKind;
use sealwright_core::file_tree::ScanError;
use sealwright_core::file_tree::Visitor;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::file::ReadSeek;
use crate::limits::Limits;
use crate::path::clean;
use crate::path::malformed;

/// Longest symbolic link that is read.
const LINK_BYTES: u64 = 4096;

/// Shows all entries to the visitor.
pub(crate) fn scan_zip(
    file: Box<dyn ReadSeek>,
    name: &str,
    limits: Limits,
    visitor: &mut dyn Visitor,
) -> Result<(), ScanError> {
    let mut archive = ZipArchive::new(file).map_err(|error| from_zip(name, error))?;
    if archive.has_duplicate_names() {
        return Err(malformed(
            name.as_bytes(),
            "the archive holds one path twice",
        ));
    }
    if archive.len() as u64 > limits.entries {
        return Err(ScanError::Limit {
            path: name.to_owned(),
            what: "the number of entries",
            limit: limits.entries,
        });
    }
    let mut bytes_left = limits.total_bytes;
    let mut path = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive
            .by_index(index)
            .map_err(|error| from_zip(name, error))?;
        clean(file.name_raw(), &limits, &mut path)?;
        if path.is_empty() {
            continue;
        }
        let shown = String::from_utf8_lossy(&path).into_owned();
        let mut target = Vec::new();
        if file.is_symlink() {
            file.by_ref()
                .take(LINK_BYTES)
                .read_to_end(&mut target)
                .map_err(|source| ScanError::Read {
                    path: shown.clone(),
                    source,
                })?;
        }
        let target = String::from_utf8_lossy(&target);
        let entry = Entry {
            path: &shown,
            kind: if file.is_symlink() {
                EntryKind::Symlink { target: &target }
            } else if file.is_dir() {
                EntryKind::Directory
            } else {
                EntryKind::File {
                    size: file.size(),
                    executable: file.unix_mode().is_some_and(|mode| mode & 0o111 != 0),
                }
            },
            layer: 0,
        };
        if visitor.wants(&entry) && matches!(entry.kind, EntryKind::File { .. }) {
            let size = file.size().min(bytes_left);
            bytes_left = bytes_left.saturating_sub(size);
            visitor.content(&entry, &mut file.take(size))?;
        }
    }
    Ok(())
}

fn from_zip(name: &str, error: ZipError) -> ScanError {
    match error {
        ZipError::Io(source) => ScanError::Read {
            path: name.to_owned(),
            source,
        },
        other => malformed(
            name.as_bytes(),
            format!("the zip archive is damaged: {other}"),
        ),
    }
}
