//! Archives and container layers as trees of files, read once from front to back.
//!
//! Implements [`sealwright_core::FileTree`] over tar (plain, gzip, zstd, xz), zip, and a stack of OCI
//! image layers (OCI image-spec v1.1, `layer.md`), in one sequential pass with nothing unpacked to
//! disk and with the digests of the compressed and the uncompressed bytes computed on the way. It
//! opens no file itself: whoever calls hands in readers. It writes no archive.

mod compression;
mod error;
mod file;
mod layered;
mod limits;
mod path;
mod pipeline;
mod tar;
mod visibility;
mod zip;

pub use crate::compression::Compression;
pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::error::Mismatch;
pub use crate::file::ArchiveFormat;
pub use crate::file::FileAsTree;
pub use crate::file::OpenFile;
pub use crate::file::ReadSeek;
pub use crate::layered::LayerSource;
pub use crate::layered::LayeredTree;
pub use crate::layered::OpenLayer;
pub use crate::limits::Limits;
pub use crate::pipeline::StreamDigests;
pub use crate::pipeline::digest_stream;
