//! `copy`, `save` and `load`: an image with everything attached, from one place to another.

use std::collections::BTreeSet;
use std::path::Path;

use sealwright_core::Digest;
use sealwright_core::Target;
use sealwright_files as files;
use sealwright_oci::EvidenceKind;
use sealwright_oci::Graph;
use sealwright_oci::ImageStore;
use sealwright_oci::Layout;
use sealwright_oci::LayoutListing;
use sealwright_oci::Limits;
use sealwright_oci::TakenTag;
use sealwright_oci::Transfer;
use sealwright_oci::TransferOptions;
use sealwright_oci::TransferScope;
use sealwright_oci::Transferred;

use super::platform;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::target::ImageSubject;
use crate::target::Images;

/// What is copied, and how.
#[derive(Clone, Debug, Default)]
pub struct CopyOptions {
    /// Evidence of these kinds alone, without the image; empty for the image and everything.
    pub only: BTreeSet<EvidenceKind>,
    /// One image of an index, as `os/architecture[/variant]`.
    pub platform: Option<String>,
    /// What becomes of a tag that names something else.
    pub taken: TakenTag,
}

/// What was copied.
#[derive(Clone, Debug)]
pub struct Copied {
    /// Where it came from.
    pub source: String,
    /// Where it is now: with its digest.
    pub destination: String,
    /// The tag that names it, if one does.
    pub tag: Option<String>,
    /// The image's digest.
    pub digest: Digest,
    /// What was done for it.
    pub transferred: Transferred,
    /// Bytes of all blobs together.
    pub bytes: u64,
    /// What is listed at the source and could not be copied, as it is no evidence or is gone: its
    /// digest, and why.
    pub passed: Vec<(Digest, String)>,
}

/// Copies an image with everything attached to it. Run again, it goes on where it was interrupted.
///
/// # Errors
/// Any `registry.…`, `layout.…`, `image.…`, `files.…`; `usage.no-image`, `usage.no-platform`,
/// `usage.wrong-destination`.
pub fn copy(
    context: &Context<'_>,
    source: &Target,
    destination: &Target,
    options: &CopyOptions,
) -> Result<Copied, Failure> {
    let images = Images::new(context);
    let from = platform::resolve(&images, source, options.platform.as_deref())?;
    let to = open_destination(&images, destination)?;
    let tag = match destination {
        Target::Image(reference) => reference.tag(),
        Target::Layout { tag, .. } => tag.as_deref(),
        _ => None,
    };
    let digest = match destination {
        Target::Image(reference) => reference.digest(),
        Target::Layout { digest, .. } => digest.as_ref(),
        _ => None,
    };
    let wanted = TransferOptions {
        scope: match options.only.is_empty() {
            true => TransferScope::Everything,
            false => TransferScope::Evidence(options.only.clone()),
        },
        tag: tag.map(str::to_owned),
        taken: options.taken,
        ..TransferOptions::default()
    };
    if let Some(digest) = digest {
        check_digest(digest, &from)?;
    }
    carry(context, &images, &from, source, &to, wanted)
}

/// Saves an image with everything attached to it into a directory, as `cosign save` does: so that
/// `cosign load` and [`load`] find it there. The directory is made when there is none.
///
/// # Errors
/// As [`copy`], and `usage.layout-occupied` when the directory holds another image.
pub fn save(
    context: &Context<'_>,
    source: &Target,
    directory: &Path,
    platform: Option<&str>,
) -> Result<Copied, Failure> {
    let images = Images::new(context);
    let from = platform::resolve(&images, source, platform)?;
    let to = open_destination(
        &images,
        &Target::Layout {
            directory: directory.to_owned(),
            tag: None,
            digest: None,
        },
    )?;
    check_alone(&images, &to.0, directory, &from)?;
    let tag = match source {
        Target::Image(reference) => reference.tag(),
        Target::Layout { tag, .. } => tag.as_deref(),
        _ => None,
    };
    let wanted = TransferOptions {
        tag: tag.map(str::to_owned),
        listing: LayoutListing::Saved,
        ..TransferOptions::default()
    };
    carry(context, &images, &from, source, &to, wanted)
}

/// Loads an image with everything attached to it from a directory that [`save`] or `cosign save`
/// wrote, or from any layout with one image.
///
/// # Errors
/// As [`copy`].
pub fn load(
    context: &Context<'_>,
    directory: &Path,
    destination: &Target,
) -> Result<Copied, Failure> {
    let source = Target::Layout {
        directory: directory.to_owned(),
        tag: None,
        digest: None,
    };
    copy(context, &source, destination, &CopyOptions::default())
}

fn carry(
    context: &Context<'_>,
    images: &Images<'_>,
    from: &ImageSubject,
    source: &Target,
    (to, name): &(ImageStore, String),
    mut options: TransferOptions,
) -> Result<Copied, Failure> {
    let tag = options.tag.clone();
    let is_image = !matches!(options.scope, TransferScope::Evidence(_));
    let looking = context.show(&format!("looking at {source}"), None);
    options.done = looking.count().clone();
    let root = from.manifest.clone();
    let graph = images.drive(Graph::of(&from.store, root))?;
    let transfer = images.drive(Transfer::prepare(&from.store, to, &graph, options))?;
    drop(looking);
    let bytes = transfer.bytes();
    let copying = context.show(&format!("copying {source}"), Some(bytes));
    let transferred = images.drive(transfer.run())?;
    drop(copying);
    let digest = from.descriptor.digest;
    let passed = graph.passed.into_iter().map(|passed| {
        let reason = match passed.error {
            Some(error) => error.to_string(),
            None => "it does not name what it is listed for".to_owned(),
        };
        (passed.referrer.digest, reason)
    });
    Ok(Copied {
        source: source.to_string(),
        destination: format!("{name}@{digest}"),
        tag: tag.filter(|_| is_image),
        digest,
        transferred,
        bytes,
        passed: passed.collect(),
    })
}

/// Opens where something is copied to; a layout that is not there is made.
fn open_destination(
    images: &Images<'_>,
    destination: &Target,
) -> Result<(ImageStore, String), Failure> {
    if let Target::Layout { directory, .. } = destination
        && !directory.join("oci-layout").exists()
    {
        std::fs::create_dir_all(directory)
            .map_err(|source| files::Error::writing(directory, source))?;
        Layout::open_or_create(directory, Limits::default())?;
    }
    let opened = images.open(destination)?;
    opened.0.check_writable()?;
    Ok(opened)
}

/// A directory as `cosign save` writes it has one image.
fn check_alone(
    images: &Images<'_>,
    to: &ImageStore,
    directory: &Path,
    from: &ImageSubject,
) -> Result<(), Failure> {
    let found = match images.run(to, to.resolve()) {
        Ok(found) if found.digest == from.descriptor.digest => return Ok(()),
        Ok(found) => found.digest.to_string(),
        Err(failure) if failure.code().as_str() == "layout.ambiguous" => match to {
            ImageStore::Layout(layout, _) if layout.is_empty()? => return Ok(()),
            _ => "several images".to_owned(),
        },
        Err(failure) => return Err(failure),
    };
    Err(Error::LayoutOccupied {
        directory: directory.to_owned(),
        found,
    }
    .into())
}

fn check_digest(wanted: &Digest, from: &ImageSubject) -> Result<(), Failure> {
    let found = from.descriptor.digest;
    match found == *wanted {
        true => Ok(()),
        false => Err(Error::WrongDestination {
            wanted: (*wanted).into(),
            found: found.into(),
        }
        .into()),
    }
}
