//! Finding images and referrers in a layout's index and the indexes it lists.

use std::collections::BTreeSet;

use bytes::Bytes;
use sealwright_core::Digest;
use sealwright_core::MediaType;

use super::ANNOTATION_KIND;
use super::ANNOTATION_TAG;
use super::Layout;
use super::Selection;
use crate::Descriptor;
use crate::Error;
use crate::Manifest;
use crate::ManifestContent;
use crate::evidence::Referrers;
use crate::stored::LegacyKind;

pub(super) fn resolve(layout: &Layout, selection: &Selection) -> Result<Descriptor, Error> {
    let found = match selection {
        Selection::Digest(digest) => return by_digest(layout, digest),
        Selection::Only => only(layout)?,
        Selection::Tag(tag) => by_tag(layout, tag)?,
    };
    match found.as_slice() {
        [one] => {
            let mut one = one.clone();
            one.annotations.remove(ANNOTATION_TAG);
            Ok(one)
        }
        several => Err(Error::Ambiguous {
            place: layout.place(),
            found: several.iter().map(name).collect(),
        }),
    }
}

/// All manifests that refer to one. What cannot be read refers to nothing: a layout may lack
/// children of an index.
pub(super) fn referrers(layout: &Layout, subject: &Digest) -> Result<Referrers, Error> {
    let (entries, unreadable) = layout.index()?.entries();
    let mut referrers = Referrers {
        unreadable,
        ..Referrers::default()
    };
    let was_saved = entries.iter().any(is_saved_image);
    walk(layout, entries, |_, manifest| {
        let Some(manifest) = manifest else {
            return Step::On;
        };
        add_referrer(layout, &mut referrers, manifest, subject)
    });
    if was_saved {
        unlisted_referrers(layout, &mut referrers, subject)?;
    }
    Ok(referrers)
}

/// `cosign save` (3.1.3) writes the bundles that refer to an image, and the index anew after each:
/// nothing lists them, and its `load` looks at every blob.
fn unlisted_referrers(
    layout: &Layout,
    referrers: &mut Referrers,
    subject: &Digest,
) -> Result<(), Error> {
    let directory = layout.directory().join("blobs/sha256");
    let unreadable = |source| sealwright_files::Error::Read {
        path: directory.clone(),
        source,
    };
    let limits = layout.limits();
    for (count, entry) in std::fs::read_dir(&directory)
        .map_err(unreadable)?
        .enumerate()
    {
        if count == limits.listed_manifests {
            referrers.truncated = true;
            break;
        }
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let digest = name
            .to_str()
            .and_then(|name| format!("sha256:{name}").parse::<Digest>().ok());
        let is_small = entry
            .metadata()
            .is_ok_and(|found| found.is_file() && found.len() <= limits.manifest_bytes);
        let (Some(digest), true) = (digest, is_small) else {
            continue;
        };
        let Ok(bytes) = layout.blob_by_digest(&digest, limits.manifest_bytes) else {
            continue;
        };
        if bytes.first() != Some(&b'{') {
            continue;
        }
        let Ok(manifest) = read_unlisted(layout, &digest, bytes) else {
            continue;
        };
        let known = |found: &Descriptor| found.digest == digest;
        if !referrers.found.iter().any(known)
            && matches!(
                add_referrer(layout, referrers, &manifest, subject),
                Step::Stop
            )
        {
            break;
        }
    }
    Ok(())
}

fn add_referrer(
    layout: &Layout,
    referrers: &mut Referrers,
    manifest: &Manifest,
    subject: &Digest,
) -> Step {
    if manifest.subject().map(|found| found.digest) == Some(*subject) {
        if referrers.found.len() == layout.limits().referrers {
            referrers.truncated = true;
            return Step::Stop;
        }
        referrers.found.push(listed(manifest));
    }
    Step::On
}

pub(super) fn has_tag(entry: &Descriptor, tag: &str) -> bool {
    entry
        .annotations
        .get(ANNOTATION_TAG)
        .is_some_and(|found| found == tag)
}

/// What `cosign save` says of an entry.
pub(super) fn saved_kind(entry: &Descriptor) -> Option<&str> {
    entry.annotations.get(ANNOTATION_KIND).map(String::as_str)
}

/// Whether an entry is an image or index that `cosign save` wrote with its evidence.
pub(super) fn is_saved_image(entry: &Descriptor) -> bool {
    matches!(
        saved_kind(entry),
        Some("dev.cosignproject.cosign/image" | "dev.cosignproject.cosign/imageIndex")
    )
}

fn is_saved_evidence(entry: &Descriptor) -> bool {
    saved_kind(entry).is_some_and(|kind| LegacyKind::of_saved(kind).is_some())
}

fn by_digest(layout: &Layout, digest: &Digest) -> Result<Descriptor, Error> {
    let (entries, _) = layout.index()?.entries();
    let mut found = None;
    walk(layout, entries, |entry, _| {
        if entry.digest == *digest {
            found = Some(entry.bare());
            return Step::Stop;
        }
        Step::On
    });
    if let Some(found) = found {
        return Ok(found);
    }
    // A blob that no index lists is there all the same.
    let bytes = layout.blob_by_digest(digest, layout.limits().manifest_bytes)?;
    Ok(read_unlisted(layout, digest, bytes)?.descriptor)
}

fn read_unlisted(layout: &Layout, digest: &Digest, bytes: Bytes) -> Result<Manifest, Error> {
    let unknown = MediaType::new("application/octet-stream");
    let descriptor = Descriptor::new(unknown, *digest, bytes.len() as u64);
    Manifest::read(&layout.place(), descriptor, bytes)
}

fn by_tag(layout: &Layout, tag: &str) -> Result<Vec<Descriptor>, Error> {
    let (entries, _) = layout.index()?.entries();
    let mut found = Vec::new();
    let mut tags = BTreeSet::new();
    for entry in &entries {
        if has_tag(entry, tag) {
            add(&mut found, entry);
        } else if let Some(other) = entry.annotations.get(ANNOTATION_TAG)
            && !is_evidence_tag(other)
        {
            tags.insert(other.clone());
        }
    }
    if found.is_empty() {
        walk(layout, entries, |entry, _| {
            if has_tag(entry, tag) {
                add(&mut found, entry);
            }
            Step::On
        });
    }
    if found.is_empty() {
        return Err(Error::TagMissing {
            place: layout.place(),
            tag: tag.to_owned(),
            found: tags.into_iter().collect(),
        });
    }
    Ok(found)
}

fn only(layout: &Layout) -> Result<Vec<Descriptor>, Error> {
    let (entries, _) = layout.index()?.entries();
    let mut found = Vec::new();
    for entry in &entries {
        let tag = entry.annotations.get(ANNOTATION_TAG);
        let is_image = entry.media_type.is_index() || entry.media_type.is_manifest();
        let is_evidence = tag.is_some_and(|tag| is_evidence_tag(tag)) || is_saved_evidence(entry);
        if is_image && !is_evidence {
            add(&mut found, entry);
        }
    }
    if found.len() > 1 {
        // Evidence need not look like it from outside. An unreadable one stays: better to ask.
        found.retain(|entry| {
            layout
                .manifest(entry)
                .map_or(true, |manifest| manifest.subject().is_none())
        });
    }
    Ok(found)
}

fn add(found: &mut Vec<Descriptor>, entry: &Descriptor) {
    if !found.iter().any(|other| other.digest == entry.digest) {
        found.push(entry.clone());
    }
}

fn name(entry: &Descriptor) -> String {
    match entry.annotations.get(ANNOTATION_TAG) {
        Some(tag) => tag.clone(),
        None => entry.digest.to_string(),
    }
}

/// Whether a tag is one under which evidence is found: `sha256-<hex>`, with cosign's suffixes or
/// none.
fn is_evidence_tag(tag: &str) -> bool {
    let tag = tag
        .split_once('.')
        .map_or(tag, |(tag, suffix)| match suffix {
            "att" | "sbom" | "sig" => tag,
            _ => "",
        });
    tag.strip_prefix("sha256-")
        .is_some_and(|hex| hex.len() == 64)
        || tag
            .strip_prefix("sha512-")
            .is_some_and(|hex| hex.len() >= 121)
}

/// A manifest as a list of referrers shows it.
pub(crate) fn listed(manifest: &Manifest) -> Descriptor {
    let mut descriptor = manifest.descriptor.bare();
    match &manifest.content {
        ManifestContent::Index(index) => descriptor.annotations.clone_from(&index.annotations),
        ManifestContent::Image(image) => {
            let artifact_type = image.artifact_type.as_ref();
            let artifact_type = artifact_type.unwrap_or(&image.config.media_type);
            descriptor.artifact_type = Some(artifact_type.clone());
            descriptor.annotations.clone_from(&image.annotations);
        }
    }
    descriptor
}

enum Step {
    On,
    Stop,
}

/// Shows every manifest listed, level by level, each digest once, as far as the limits go.
fn walk(
    layout: &Layout,
    entries: Vec<Descriptor>,
    mut visit: impl FnMut(&Descriptor, Option<&Manifest>) -> Step,
) {
    let mut seen = BTreeSet::new();
    let mut level = entries;
    for _ in 0..=layout.limits().nesting {
        let mut next = Vec::new();
        for entry in level {
            if seen.len() >= layout.limits().listed_manifests || !seen.insert(entry.digest) {
                continue;
            }
            let known = entry.media_type.is_index() || entry.media_type.is_manifest();
            let manifest = known.then(|| layout.manifest(&entry).ok()).flatten();
            if matches!(visit(&entry, manifest.as_ref()), Step::Stop) {
                return;
            }
            if let Some(manifest) = &manifest {
                next.extend_from_slice(manifest.children());
            }
        }
        level = next;
    }
}
