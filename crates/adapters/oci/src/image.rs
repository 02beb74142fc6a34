//! An image's files, read from its compressed layers in one pass.

use std::fs::File;
use std::io;
use std::io::Read;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;
use futures_util::stream;
use sealwright_archive::LayerSource;
use sealwright_archive::LayeredTree;
use sealwright_core::Digest;
use sealwright_core::FileTree;
use sealwright_core::Hasher;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_core::file_tree::ScanError;
use sealwright_core::file_tree::Visitor;
use sealwright_files::ByteCount;
use serde::Deserialize;

use crate::Descriptor;
use crate::Error;
use crate::ImageStore;
use crate::Manifest;
use crate::Platform;

/// What an image's configuration says (OCI image-spec v1.1, config.md).
#[derive(Clone, Debug)]
pub struct ImageConfig {
    /// When the image was made, as it says itself.
    pub created: Option<Timestamp>,
    /// Digests of the uncompressed layers, the lowest first.
    pub diff_ids: Vec<Digest>,
    /// What it runs on.
    pub platform: Option<Platform>,
}

/// The files of an image: its layers squashed, the uppermost read first.
///
/// Scanning is blocking work. In the same pass each compressed layer is checked against its digest
/// and its content against the `diff_id` of the configuration, so nothing a visitor saw counts
/// before the scan has ended well.
#[derive(Debug)]
pub struct ImageTree {
    config: ImageConfig,
    count: ByteCount,
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    bytes: Stored,
    descriptor: Descriptor,
}

#[derive(Debug)]
enum Stored {
    /// A blob of a layout, read where it is.
    InPlace(PathBuf),
    /// A copy without a name.
    Spooled(File),
}

impl ImageTree {
    /// The same tree, which counts the compressed bytes that are read.
    #[must_use]
    pub fn counting(mut self, count: ByteCount) -> Self {
        self.count = count;
        self
    }

    /// The image's configuration.
    pub fn config(&self) -> &ImageConfig {
        &self.config
    }

    /// The compressed layers, the lowest first.
    pub fn layers(&self) -> impl ExactSizeIterator<Item = &Descriptor> {
        self.layers.iter().map(|layer| &layer.descriptor)
    }

    fn open(&self, index: usize) -> io::Result<Box<dyn Read + Send>> {
        let layer = self.layers.get(index).ok_or(io::ErrorKind::NotFound)?;
        Ok(match &layer.bytes {
            Stored::InPlace(path) => {
                let file = sealwright_files::open_file(path).map_err(io::Error::other)?;
                Box::new(self.count.counting(file))
            }
            Stored::Spooled(file) => Box::new(self.count.counting(FromStart {
                file: file.try_clone()?,
                position: 0,
            })),
        })
    }

    /// A layer whose bytes are not what its digest says, if there is one.
    fn damaged_layer(&self) -> io::Result<Option<ScanError>> {
        for (index, layer) in self.layers.iter().enumerate() {
            let wanted = layer.descriptor.digest;
            let mut stream = self.open(index)?;
            let mut hasher = Hasher::new(wanted.algorithm());
            let mut buffer = vec![0; 256 << 10];
            loop {
                match stream.read(&mut buffer)? {
                    0 => break,
                    count => hasher.update(buffer.get(..count).unwrap_or_default()),
                }
            }
            let found = hasher.finish();
            if found != wanted {
                let mismatch = sealwright_archive::Mismatch {
                    layer: wanted.to_string(),
                    found,
                    wanted,
                };
                let error = sealwright_archive::Error::DigestMismatch(Box::new(mismatch));
                return Ok(Some(error.into()));
            }
        }
        Ok(None)
    }
}

impl FileTree for ImageTree {
    fn scan(&self, visitor: &mut dyn Visitor) -> Result<(), ScanError> {
        let sources = self
            .layers
            .iter()
            .enumerate()
            .map(|(index, layer)| LayerSource {
                name: layer.descriptor.digest.to_string(),
                digest: Some(layer.descriptor.digest),
                diff_id: self.config.diff_ids.get(index).copied(),
            });
        let open = |index| self.open(index);
        let scanned = LayeredTree::new(sources.collect(), &open).scan(visitor);
        match scanned {
            Ok(()) => Ok(()),
            Err(error @ (ScanError::Visitor(_) | ScanError::Tree(_))) => Err(error),
            // What cannot be read as an archive may have been damaged: then that is the reason.
            Err(error) => match self.damaged_layer() {
                Ok(Some(damage)) => Err(damage),
                _ => Err(error),
            },
        }
    }
}

/// Makes an image's files readable.
pub(crate) async fn open(store: &ImageStore, manifest: &Manifest) -> Result<ImageTree, Error> {
    let unsupported = |media_type| Error::Unsupported {
        place: store.place(),
        digest: manifest.descriptor.digest.into(),
        media_type,
    };
    let Some(image) = manifest.image() else {
        return Err(unsupported(manifest.descriptor.media_type.clone()));
    };
    if !manifest.is_container_image() {
        return Err(unsupported(image.config.media_type.clone()));
    }
    let total = image
        .layers
        .iter()
        .fold(0_u64, |sum, layer| sum.saturating_add(layer.size));
    let limit = store.limits().layer_bytes;
    if total > limit {
        return Err(Error::TooMany {
            place: store.place(),
            what: "bytes in compressed layers",
            limit,
        });
    }
    let config = read_config(store, &image.config, image.layers.len()).await?;
    let layers = stream::iter(image.layers.clone())
        .map(|descriptor| bring(store, descriptor))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(ImageTree {
        config,
        count: ByteCount::default(),
        layers,
    })
}

/// Makes a compressed layer readable on this machine.
async fn bring(store: &ImageStore, descriptor: Descriptor) -> Result<Layer, Error> {
    let bytes = match store {
        ImageStore::Layout(layout, _) => Stored::InPlace(layout.existing_blob(&descriptor)?),
        ImageStore::Registry(repository) => Stored::Spooled(repository.spool(&descriptor).await?),
    };
    Ok(Layer { bytes, descriptor })
}

async fn read_config(
    store: &ImageStore,
    descriptor: &Descriptor,
    layers: usize,
) -> Result<ImageConfig, Error> {
    let bytes = store.blob(descriptor, store.limits().config_bytes).await?;
    let malformed = |reason| Error::Malformed {
        place: store.place(),
        what: format!("image configuration {}", descriptor.digest),
        reason,
    };
    let raw: RawConfig =
        canonical_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
    if raw.rootfs.diff_ids.len() != layers {
        return Err(malformed(format!(
            "it names {} layers, the manifest {layers}",
            raw.rootfs.diff_ids.len()
        )));
    }
    let platform = match (raw.architecture, raw.os) {
        (Some(architecture), Some(os)) if !architecture.is_empty() && !os.is_empty() => {
            Some(Platform {
                architecture,
                os,
                os_version: raw.os_version,
                variant: raw.variant,
            })
        }
        _ => None,
    };
    Ok(ImageConfig {
        // Some builders write none, some write one that no calendar knows.
        created: raw.created.and_then(|text| text.parse().ok()),
        diff_ids: raw.rootfs.diff_ids,
        platform,
    })
}

/// Reads a shared file from its beginning, whatever others read meanwhile.
struct FromStart {
    file: File,
    position: u64,
}

impl Read for FromStart {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(into, self.position)?;
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

#[derive(Deserialize)]
struct RawConfig {
    created: Option<String>,
    architecture: Option<String>,
    os: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
    variant: Option<String>,
    rootfs: RawRootfs,
}

#[derive(Deserialize)]
struct RawRootfs {
    #[serde(default, deserialize_with = "crate::descriptor::null_as_default")]
    diff_ids: Vec<Digest>,
}

/// Layers that are brought here at the same time.
const AT_ONCE: usize = 4;

#[cfg(test)]
mod tests;
