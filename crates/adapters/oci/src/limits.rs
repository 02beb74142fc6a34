//! How much is read from strangers.

/// Upper bounds on what registries and layouts may make this process read.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Children of one image index.
    pub children: usize,
    /// Bytes of an image's configuration.
    pub config_bytes: u64,
    /// Bytes of one piece of evidence.
    pub evidence_bytes: u64,
    /// Pieces of evidence of one artifact in one place: among its referrers, under one of its tags.
    pub evidence_pieces: usize,
    /// Bytes of all evidence of one artifact together.
    pub evidence_total_bytes: u64,
    /// Layers of an image.
    pub layers: usize,
    /// Bytes of all compressed layers of an image.
    pub layer_bytes: u64,
    /// Manifests of a layout that are looked at.
    pub listed_manifests: usize,
    /// Bytes of a manifest, an index or a page of referrers (the distribution specification asks
    /// registries to take 4 MiB).
    pub manifest_bytes: u64,
    /// Indexes within indexes.
    pub nesting: usize,
    /// Referrers of one artifact.
    pub referrers: usize,
    /// Pages in which referrers come.
    pub referrer_pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            children: 1000,
            config_bytes: 8 << 20,
            evidence_bytes: 16 << 20,
            evidence_pieces: 256,
            evidence_total_bytes: 256 << 20,
            layers: 1000,
            layer_bytes: 64 << 30,
            listed_manifests: 20_000,
            manifest_bytes: 4 << 20,
            nesting: 4,
            referrers: 2000,
            referrer_pages: 100,
        }
    }
}
