//! What the interop suite has installed or made, when it has.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::Value;

use crate::workplace::repository;

/// A file of a peer, of the version that is pinned.
pub(crate) fn file(peer: &str, name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_to_string(repository().join("interop/versions")).ok()?;
    let key = peer.to_uppercase().replace('-', "_");
    let version = versions
        .lines()
        .find_map(|it| it.strip_prefix(key.as_str())?.strip_prefix('='))?;
    let file = directory()?.join(format!("{peer}-{version}/{name}"));
    file.is_file().then_some(file)
}

/// An image layout and its tag.
pub(crate) struct Image {
    pub(crate) layout: PathBuf,
    pub(crate) tag: &'static str,
    /// Its gzip-compressed layers.
    pub(crate) layers: Vec<PathBuf>,
}

/// The Debian image of `interop/images/make-debian`.
pub(crate) fn debian_image() -> anyhow::Result<Option<Image>> {
    let Some(layout) = directory().map(|it| it.join("image-debian-bookworm-1/layout")) else {
        return Ok(None);
    };
    if !layout.is_dir() {
        return Ok(None);
    }
    let tag = "bookworm";
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap_or_default();
        layout.join("blobs").join(digest.replace(':', "/"))
    };
    let read = |path: PathBuf| -> anyhow::Result<Value> {
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_slice(&bytes)?)
    };
    let index = read(layout.join("index.json"))?;
    let descriptor = index["manifests"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|it| it["annotations"]["org.opencontainers.image.ref.name"] == tag)
        .context("the Debian layout has no such tag")?;
    let manifest = read(blob(descriptor))?;
    let layers = manifest["layers"].as_array().into_iter().flatten();
    let layers = layers.map(blob).collect();
    Ok(Some(Image {
        layout,
        tag,
        layers,
    }))
}

fn directory() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty());
    let cache = || {
        named("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(named("HOME")?).join(".cache")))
    };
    named("SEALWRIGHT_PEERS")
        .map(PathBuf::from)
        .or_else(|| Some(cache()?.join("sealwright-peers")))
}
