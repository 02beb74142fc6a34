//! Archives: image layers (tar, compressed or not), zip and tar files.

use std::io::Cursor;
use std::io::Read;

use sealwright_archive::FileAsTree;
use sealwright_archive::LayerSource;
use sealwright_archive::LayeredTree;
use sealwright_archive::Limits;
use sealwright_core::FileTree;
use sealwright_core::file_tree::Entry;
use sealwright_core::file_tree::EntryKind;
use sealwright_core::file_tree::ScanError;
use sealwright_core::file_tree::Visitor;

/// The bytes are both layers of an image.
pub(super) fn layer(data: &[u8]) {
    let bytes = data.to_vec();
    let open = move |_| -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(bytes.clone())))
    };
    let sources = vec![LayerSource::default(), LayerSource::default()];
    let tree = LayeredTree::new(sources, &open).with_limits(limits());
    let scanned = tree.scan(&mut Everything::default());
    let _ = scanned.map_err(|error| error.to_string());
}

pub(super) fn archive(data: &[u8]) {
    let bytes = data.to_vec();
    let open = move || -> std::io::Result<Box<dyn sealwright_archive::ReadSeek>> {
        Ok(Box::new(Cursor::new(bytes.clone())))
    };
    let Ok(tree) = FileAsTree::new("artifact", false, &open) else {
        return;
    };
    let scanned = tree.with_limits(limits()).scan(&mut Everything::default());
    let _ = scanned.map_err(|error| error.to_string());
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.total_bytes = TOTAL;
    limits
}

/// Reads all files and keeps watch over what it is shown.
#[derive(Default)]
struct Everything {
    read: u64,
}

impl Visitor for Everything {
    fn wants(&mut self, entry: &Entry<'_>) -> bool {
        let parts = entry.path.split('/');
        assert!(!entry.path.is_empty() && !entry.path.starts_with('/'));
        for part in parts {
            assert!(!matches!(part, "" | "." | ".."), "{:?}", entry.path);
        }
        matches!(entry.kind, EntryKind::File { .. })
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Read) -> Result<(), ScanError> {
        let mut bytes = Vec::new();
        if content.read_to_end(&mut bytes).is_err() {
            return Ok(());
        }
        let EntryKind::File { size, .. } = entry.kind else {
            panic!("content of something that is no file");
        };
        assert!(bytes.len() as u64 <= size, "a file longer than it said");
        self.read += bytes.len() as u64;
        assert!(self.read <= 2 * TOTAL, "more content than the limit allows");
        Ok(())
    }
}

const TOTAL: u64 = 8 * 1024 * 1024;
