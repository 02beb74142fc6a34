//! OCI image layout directories (OCI image-spec v1.1, image-layout.md).
//!
//! Several processes may attach evidence at once: the index is changed under a lock on the file
//! `oci-layout`, and replaced whole. Tools that do not take this lock (skopeo, umoci, cosign) can
//! still overwrite an index between our reading and writing it; nothing in the format prevents it.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::canonical_json;
use sealwright_files::LockFile;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::Descriptor;
use crate::Error;
use crate::FoundStored;
use crate::LegacyKind;
use crate::Limits;
use crate::Manifest;
use crate::ReferrerManifest;
use crate::error::Place;
use crate::evidence::Referrers;
use crate::referrer::Encoded;
use crate::referrer::ReferrerList;
use crate::referrer::fallback_tag;

mod legacy;
pub(crate) mod receive;
pub(crate) mod search;
mod stored;

/// Which image of a layout.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selection {
    /// The one of this digest.
    Digest(Digest),
    /// The only one there is, evidence aside.
    Only,
    /// The one of this tag (`org.opencontainers.image.ref.name`).
    Tag(String),
}

/// A layout directory.
#[derive(Clone, Debug)]
pub struct Layout {
    directory: PathBuf,
    limits: Limits,
}

impl Layout {
    /// Opens a layout that exists.
    ///
    /// # Errors
    /// `layout.malformed` when the directory is no layout of version 1, `files.…` when it cannot be
    /// read.
    pub fn open(directory: impl Into<PathBuf>, limits: Limits) -> Result<Self, Error> {
        let layout = Self {
            directory: directory.into(),
            limits,
        };
        let marker = layout.marker();
        let text = match sealwright_files::read_limited(&marker, MARKER_BYTES) {
            Ok(text) => text,
            Err(sealwright_files::Error::NotFound { .. }) if layout.directory.is_dir() => {
                return Err(layout.malformed("oci-layout", "there is none".to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        let version = canonical_json::from_slice::<Marker>(&text)
            .map_err(|error| layout.malformed("oci-layout", error.to_string()))?
            .image_layout_version;
        if version.split('.').next() != Some("1") {
            let reason = format!("its version is {version:?}, wanted 1.0.0");
            return Err(layout.malformed("oci-layout", reason));
        }
        Ok(layout)
    }

    /// Makes an empty layout in a directory that exists.
    ///
    /// # Errors
    /// `files.exists` when there is one already, other `files.…` when it cannot be written.
    pub fn create(directory: impl Into<PathBuf>, limits: Limits) -> Result<Self, Error> {
        let layout = Self {
            directory: directory.into(),
            limits,
        };
        let index = ReferrerList::empty().to_tagged_bytes();
        sealwright_files::write_new(&layout.index_path(), &index, sealwright_files::PUBLIC_FILE)?;
        let marker = br#"{"imageLayoutVersion":"1.0.0"}"#;
        sealwright_files::write_new(&layout.marker(), marker, sealwright_files::PUBLIC_FILE)?;
        Ok(layout)
    }

    /// Opens a layout, or makes an empty one in a directory that exists; what another process that
    /// makes it at the same time, or was stopped in the middle, has left to do is done.
    ///
    /// # Errors
    /// As [`Layout::open`]; `files.…` when it cannot be written.
    pub fn open_or_create(directory: impl Into<PathBuf>, limits: Limits) -> Result<Self, Error> {
        let layout = Self {
            directory: directory.into(),
            limits,
        };
        if !layout.marker().exists() {
            let index = ReferrerList::empty().to_tagged_bytes();
            let marker = br#"{"imageLayoutVersion":"1.0.0"}"#;
            let write = |path: &Path, content: &[u8]| match sealwright_files::write_new(
                path,
                content,
                sealwright_files::PUBLIC_FILE,
            ) {
                Ok(()) | Err(sealwright_files::Error::Exists { .. }) => Ok(()),
                Err(error) => Err(error),
            };
            write(&layout.index_path(), &index)?;
            // Nothing that is no index becomes a layout.
            layout.index()?;
            write(&layout.marker(), marker)?;
        }
        Self::open(layout.directory, layout.limits)
    }

    /// Writes a blob, unless it is there, and says its digest.
    ///
    /// # Errors
    /// `files.…` when it cannot be written.
    pub fn write_blob(&self, content: &[u8]) -> Result<Digest, Error> {
        let digest = Digest::sha256(content);
        let path = self.blob_path(&digest);
        let there = std::fs::metadata(&path)
            .is_ok_and(|found| found.is_file() && found.len() == content.len() as u64);
        if !there {
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(|source| {
                    Error::Files(sealwright_files::Error::Write {
                        path: parent.to_owned(),
                        source,
                    })
                })?;
            }
            sealwright_files::write_atomic(&path, content, sealwright_files::PUBLIC_FILE)?;
        }
        Ok(digest)
    }

    /// Lists a manifest in the index, under a tag if one is given; the tag's former manifest loses
    /// it.
    ///
    /// # Errors
    /// `files.locked`, `layout.malformed`, `files.…` when it cannot be written.
    pub fn list(&self, descriptor: &Descriptor, tag: Option<&str>) -> Result<(), Error> {
        let _lock = self.lock()?;
        let mut index = self.index()?;
        match tag {
            Some(tag) => self.point(&mut index, tag, descriptor.clone()),
            None => {
                index.add(descriptor);
            }
        }
        self.write_index(&index)
    }

    /// Attaches manifests to one in this layout: lists them in the index without a tag, and under
    /// the fallback tag where other tools look. Returns their descriptors.
    ///
    /// # Errors
    /// `files.locked`, `layout.malformed`, `files.…` when something cannot be written.
    pub fn attach(
        &self,
        subject: &Descriptor,
        referrers: &[ReferrerManifest],
    ) -> Result<Vec<Descriptor>, Error> {
        let encoded = referrers
            .iter()
            .map(|referrer| referrer.encode(subject))
            .collect::<Result<_, _>>()
            .map_err(|error| self.malformed("referrer", error.to_string()))?;
        self.attach_encoded(subject, encoded)
    }

    fn attach_encoded(
        &self,
        subject: &Descriptor,
        referrers: Vec<Encoded>,
    ) -> Result<Vec<Descriptor>, Error> {
        let mut attached = Vec::with_capacity(referrers.len());
        for encoded in referrers {
            for (_, blob) in &encoded.blobs {
                self.write_blob(blob)?;
            }
            self.write_blob(&encoded.manifest)?;
            attached.push(encoded.descriptor);
        }
        let _lock = self.lock()?;
        let mut index = self.index()?;
        let tag = fallback_tag(&subject.digest);
        let mut tagged = self.tagged_list(&index, &tag)?;
        for descriptor in &attached {
            index.add(descriptor);
            tagged.add(descriptor);
        }
        self.write_tagged_list(&mut index, &tag, &tagged)?;
        self.write_index(&index)?;
        Ok(attached)
    }

    /// Whether [`Layout::attach`] could write, as far as can be told without doing it.
    ///
    /// # Errors
    /// `files.…` when something cannot be written.
    pub fn check_writable(&self) -> Result<(), Error> {
        // Whoever has the lock could take it.
        LockFile::try_exclusive(&self.marker())?;
        sealwright_files::check_writable(&self.index_path())?;
        let blobs = self.directory.join("blobs");
        let mut probe = blobs.join("sha256/probe");
        while let Some(parent) = probe.parent()
            && parent != self.directory
            && !parent.exists()
        {
            probe = parent.to_owned();
        }
        Ok(sealwright_files::check_writable(&probe)?)
    }

    /// Takes referrers of a manifest out of the index and the fallback tag. Their blobs stay until
    /// something collects garbage: another index may name them.
    ///
    /// # Errors
    /// `files.locked`, `layout.malformed`, `files.…` when something cannot be written.
    pub fn detach(&self, subject: &Digest, referrers: &[Digest]) -> Result<(), Error> {
        let _lock = self.lock()?;
        let mut index = self.index()?;
        let tag = fallback_tag(subject);
        let mut tagged = self.tagged_list(&index, &tag)?;
        let mut changed = index.remove(referrers);
        if tagged.remove(referrers) {
            changed = true;
            self.write_tagged_list(&mut index, &tag, &tagged)?;
        }
        if changed {
            self.write_index(&index)?;
        }
        Ok(())
    }

    /// Removes a manifest that refers to another: from the index, the fallback tag and the blobs,
    /// where `cosign` looks for what refers to an image. Says whether it was there.
    ///
    /// # Errors
    /// As [`Layout::detach`].
    pub fn remove(&self, subject: &Digest, referrer: &Digest) -> Result<bool, Error> {
        self.detach(subject, &[*referrer])?;
        self.remove_blob(referrer)
    }

    /// Removes a manifest with the tags that name it. Says whether it was there.
    ///
    /// # Errors
    /// As [`Layout::detach`].
    pub fn remove_tagged(&self, manifest: &Digest) -> Result<bool, Error> {
        let _lock = self.lock()?;
        let mut index = self.index()?;
        if index.remove(&[*manifest]) {
            self.write_index(&index)?;
        }
        self.remove_blob(manifest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<bool, Error> {
        let path = self.blob_path(digest);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(sealwright_files::Error::writing(&path, source).into()),
        }
    }

    /// Whether its index lists nothing.
    ///
    /// # Errors
    /// `layout.malformed`, `files.…` when it cannot be read.
    pub fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.index()?.len() == 0)
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Reads a manifest and checks its digest.
    ///
    /// # Errors
    /// `layout.blob-missing`, `layout.digest-mismatch`, `layout.malformed`, `image.unsupported`,
    /// `files.…` when it cannot be read.
    pub fn manifest(&self, descriptor: &Descriptor) -> Result<Manifest, Error> {
        let bytes = self.blob(descriptor, self.limits.manifest_bytes)?;
        Manifest::read(&self.place(), descriptor.clone(), bytes)
    }

    /// Reads a blob of at most `limit` bytes and checks its digest.
    ///
    /// # Errors
    /// `layout.blob-missing`, `layout.digest-mismatch`, `image.too-large`, `files.…` when it cannot
    /// be read.
    pub fn blob(&self, descriptor: &Descriptor, limit: u64) -> Result<Bytes, Error> {
        if descriptor.size > limit {
            return Err(Error::TooMany {
                place: self.place(),
                what: "bytes in a blob that is read whole",
                limit,
            });
        }
        let bytes = self.blob_by_digest(&descriptor.digest, descriptor.size)?;
        let found = bytes.len() as u64;
        if found != descriptor.size {
            return Err(self.size_mismatch(descriptor, found));
        }
        Ok(bytes)
    }

    /// Everything in this layout whose `subject` is the artifact of this digest.
    ///
    /// # Errors
    /// `layout.malformed`, `files.…` when the index cannot be read.
    pub fn referrers(&self, subject: &Digest) -> Result<Referrers, Error> {
        search::referrers(self, subject)
    }

    /// Reads all evidence of an artifact in every form: bundles, and what cosign 1 and 2 left under
    /// tags, as referrers, or by `cosign save`.
    ///
    /// # Errors
    /// As [`Layout::referrers`]; a piece that cannot be read is no error.
    pub fn stored_evidence(&self, subject: &Digest) -> Result<FoundStored, Error> {
        stored::evidence(self, subject)
    }

    /// Reads what is kept under a tag that is made of an artifact's digest, or was saved with it.
    ///
    /// # Errors
    /// As [`Layout::manifest`].
    pub fn under_tag(&self, subject: &Digest, kind: LegacyKind) -> Result<Option<Manifest>, Error> {
        stored::under_tag(self, subject, kind)
    }

    /// Finds an image.
    ///
    /// # Errors
    /// `layout.tag-missing`, `layout.ambiguous`, `layout.blob-missing`, `layout.malformed`,
    /// `files.…` when the index cannot be read.
    pub fn resolve(&self, selection: &Selection) -> Result<Descriptor, Error> {
        search::resolve(self, selection)
    }

    /// Where a blob stands, whether or not it exists.
    pub(crate) fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.directory
            .join("blobs")
            .join(digest.algorithm().name())
            .join(digest.to_hex())
    }

    /// Where a blob of the right length stands; its digest is checked by whoever reads it.
    pub(crate) fn existing_blob(&self, descriptor: &Descriptor) -> Result<PathBuf, Error> {
        let path = self.blob_path(&descriptor.digest);
        match std::fs::metadata(&path) {
            Ok(found) if found.is_file() && found.len() == descriptor.size => Ok(path),
            Ok(found) => Err(self.size_mismatch(descriptor, found.len())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::BlobMissing {
                place: self.place(),
                digest: descriptor.digest.into(),
            }),
            Err(source) => Err(Error::Files(sealwright_files::Error::Read { path, source })),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn place(&self) -> Place {
        Place::Layout(self.directory.clone())
    }

    pub(crate) fn size_mismatch(&self, descriptor: &Descriptor, found: u64) -> Error {
        Error::SizeMismatch {
            place: self.place(),
            digest: descriptor.digest.into(),
            found,
            wanted: descriptor.size,
            more: found > descriptor.size,
        }
    }

    /// Reads a blob of at most `limit` bytes and checks its digest alone.
    fn blob_by_digest(&self, digest: &Digest, limit: u64) -> Result<Bytes, Error> {
        let bytes = match sealwright_files::read_limited(&self.blob_path(digest), limit) {
            Ok(bytes) => bytes,
            Err(sealwright_files::Error::NotFound { .. }) => {
                return Err(Error::BlobMissing {
                    place: self.place(),
                    digest: Box::new(*digest),
                });
            }
            Err(sealwright_files::Error::TooLarge { .. }) => {
                return Err(Error::SizeMismatch {
                    place: self.place(),
                    digest: Box::new(*digest),
                    found: limit.saturating_add(1),
                    wanted: limit,
                    more: true,
                });
            }
            Err(error) => return Err(error.into()),
        };
        let found = Digest::of(digest.algorithm(), &bytes);
        if found != *digest {
            return Err(Error::DigestMismatch {
                place: self.place(),
                found: found.into(),
                wanted: Box::new(*digest),
            });
        }
        Ok(bytes.into())
    }

    pub(crate) fn index(&self) -> Result<ReferrerList, Error> {
        let path = self.index_path();
        let bytes = match sealwright_files::read_limited(&path, self.limits.manifest_bytes) {
            Ok(bytes) => bytes,
            Err(sealwright_files::Error::NotFound { .. }) => {
                return Err(self.malformed("index.json", "there is none".to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        ReferrerList::read(&bytes).map_err(|reason| self.malformed("index.json", reason))
    }

    pub(crate) fn write_index(&self, index: &ReferrerList) -> Result<(), Error> {
        let path = self.index_path();
        sealwright_files::write_atomic(&path, &index.to_bytes(), sealwright_files::PUBLIC_FILE)?;
        Ok(())
    }

    /// The list of referrers under a tag; an empty one when there is no such tag.
    pub(crate) fn tagged_list(
        &self,
        index: &ReferrerList,
        tag: &str,
    ) -> Result<ReferrerList, Error> {
        let (entries, _) = index.entries();
        let Some(entry) = entries.iter().find(|entry| search::has_tag(entry, tag)) else {
            return Ok(ReferrerList::empty());
        };
        let bytes = self.blob(entry, self.limits.manifest_bytes)?;
        ReferrerList::read(&bytes)
            .map_err(|reason| self.malformed(&format!("index {}", entry.digest), reason))
    }

    pub(crate) fn write_tagged_list(
        &self,
        index: &mut ReferrerList,
        tag: &str,
        list: &ReferrerList,
    ) -> Result<(), Error> {
        let bytes = list.to_tagged_bytes();
        self.write_blob(&bytes)?;
        self.point(index, tag, Descriptor::of(MediaType::OCI_INDEX, &bytes));
        Ok(())
    }

    /// Lets a tag name this manifest and nothing else.
    pub(crate) fn point(&self, index: &mut ReferrerList, tag: &str, mut descriptor: Descriptor) {
        descriptor
            .annotations
            .insert(ANNOTATION_TAG.to_owned(), tag.to_owned());
        let Some(entries) = index.values_mut() else {
            return;
        };
        entries.retain(|entry| {
            let found = entry
                .get("annotations")
                .and_then(|all| all.get(ANNOTATION_TAG));
            found.and_then(Value::as_str) != Some(tag)
        });
        entries.push(json!(descriptor));
    }

    pub(crate) fn lock(&self) -> Result<LockFile, Error> {
        Ok(LockFile::exclusive(&self.marker(), LOCK_WAIT)?)
    }

    fn marker(&self) -> PathBuf {
        self.directory.join("oci-layout")
    }

    fn index_path(&self) -> PathBuf {
        self.directory.join("index.json")
    }

    fn malformed(&self, what: &str, reason: String) -> Error {
        Error::Malformed {
            place: self.place(),
            what: what.to_owned(),
            reason,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marker {
    image_layout_version: String,
}

/// The tag of an entry in `index.json` (OCI image-spec, annotations.md).
pub(crate) const ANNOTATION_TAG: &str = "org.opencontainers.image.ref.name";
/// What an entry of a directory is that `cosign save` wrote.
pub(crate) const ANNOTATION_KIND: &str = "kind";
const LOCK_WAIT: Duration = Duration::from_secs(60);
const MARKER_BYTES: u64 = 64 << 10;

#[cfg(test)]
mod tests;
