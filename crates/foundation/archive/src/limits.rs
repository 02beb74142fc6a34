//! How much of an archive is read before giving up.

/// Limits on untrusted archives. The defaults fit every real image seen so far with room to spare.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Entries of all layers together; about twice as many paths are remembered at most.
    pub entries: u64,
    /// Layers of an image.
    pub layers: usize,
    /// Bytes of the extension records (PAX, GNU long names) before one entry.
    pub extension_bytes: u64,
    /// Bytes of one path or link target.
    pub path_bytes: usize,
    /// Parts of one path.
    pub path_parts: usize,
    /// Uncompressed bytes of all layers together.
    pub total_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 5_000_000,
            layers: 512,
            extension_bytes: 1024 * 1024,
            path_bytes: 4096,
            path_parts: 256,
            total_bytes: 256 * 1024 * 1024 * 1024,
        }
    }
}
