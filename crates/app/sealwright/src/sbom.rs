//! SBOMs: made of targets, and read back once verified.

use std::path::Path;

use sealwright_core::Target;
use sealwright_core::Timestamp;
use sealwright_core::file_tree::MemoryTree;
use sealwright_files::DirectoryTree;
use sealwright_oci::Descriptor;
use sealwright_sbom::Inventory;
use sealwright_sbom::ListedPackage;
use sealwright_sbom::Options;
use sealwright_sbom::Subject as Described;
use sealwright_sbom::SubjectKind;
use sealwright_sigstore::LogCheck;

use crate::ClaimKind;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::SbomFormat;
use crate::Signer;
use crate::file_evidence::NamedBundles;
use crate::local::LocalSigstore;
use crate::provenance::Checkout;
use crate::target::ImageSubject;
use crate::target::Images;
use crate::target::Subject;
use crate::trust::Trust;
use crate::verify::Judge;
use crate::verify::decide;
use crate::verify::judge_subject;

/// Makes the SBOM of a target, unsigned. Of an image index, that of its first image.
///
/// # Errors
/// Whatever stops the target from being read.
pub fn sbom_generate(
    context: &Context<'_>,
    target: &Target,
    format: SbomFormat,
) -> Result<Vec<u8>, Failure> {
    let images = Images::new(context);
    let subject = Subject::resolve(target, &images, context)?;
    let image = match &subject {
        Subject::Image(image) => Some(
            first_image(image).ok_or_else(|| Failure::from(Error::NoImage(target.to_string())))?,
        ),
        Subject::Blob(_) | Subject::Tree { .. } => None,
    };
    let committed = Checkout::of(&subject, &mut Vec::new()).and_then(|checkout| checkout.committed);
    let made = make(context, &subject, image, &images, committed, format)?;
    Ok(made.document)
}

/// Lists the packages of a target's SBOM once that is verified. Without a signer it must be signed
/// by this data directory's own identity. Of an image index, the packages of all its images.
///
/// # Errors
/// Whatever `verify --require sbom` would say.
pub fn sbom_show(
    context: &Context<'_>,
    target: &Target,
    signer: Option<Signer>,
    trusted_root: Option<&Path>,
) -> Result<Vec<ListedPackage>, Failure> {
    let signer = match signer {
        Some(signer) => signer,
        None => match LocalSigstore::existing(context)? {
            Some(sigstore) => sigstore.signer(),
            None => return Err(Error::NoTrust(context.home.clone()).into()),
        },
    };
    let trust = Trust::load(context, trusted_root, LogCheck::Verify)?;
    let images = Images::new(context);
    let subject = Subject::resolve(target, &images, context)?;
    let judge = Judge {
        trust: &trust,
        signer: &signer,
        now: context.clock.now(),
    };
    let (evidence, incomplete) =
        judge_subject(&judge, &subject, &NamedBundles::new(None), &images)?;
    decide(&[ClaimKind::Sbom.into()], &evidence, &subject)
        .map_err(|failure| incomplete.unwrap_or(failure).about(target))?;
    // Sealing again adds an SBOM of the same artifact: one per image is enough.
    let mut shown = Vec::new();
    let mut packages = Vec::new();
    for judged in evidence {
        if let (ClaimKind::Sbom, Some(statement)) = (judged.kind, &judged.statement)
            && !shown.contains(&judged.subject)
        {
            shown.push(judged.subject);
            packages.extend(sealwright_sbom::read(statement.predicate.get().as_bytes())?);
        }
    }
    if shown.len() > 1 {
        packages.sort();
        packages.dedup();
    }
    Ok(packages)
}

/// An SBOM as a document, and what could not be read on the way.
pub(crate) struct MadeSbom {
    pub(crate) document: Vec<u8>,
    pub(crate) warnings: Vec<String>,
}

/// Makes the SBOM of a target, or of one image of it.
pub(crate) fn make(
    context: &Context<'_>,
    subject: &Subject,
    image: Option<&Descriptor>,
    images: &Images<'_>,
    committed: Option<Timestamp>,
    format: SbomFormat,
) -> Result<MadeSbom, Failure> {
    let fixed = context.source_date_epoch;
    let created = fixed.or(committed).unwrap_or(Timestamp::EPOCH);
    let mut warnings = Vec::new();
    let inventory = match (subject, image) {
        (Subject::Image(found), Some(descriptor)) => {
            inventory_of_image(context, found, descriptor, images)?
        }
        (Subject::Tree { path, digest }, _) => {
            let described = Described::new(SubjectKind::Directory, &subject.name(), vec![*digest]);
            let tree = DirectoryTree::new(path);
            sealwright_sbom::generate(&tree, described, &Options::new(created))?
        }
        (Subject::Blob(blob), _) => {
            let described = Described::new(SubjectKind::File, &blob.name, vec![blob.digest]);
            let options = Options::new(created);
            match blob.with_tree(context, |tree| {
                Ok(sealwright_sbom::generate(
                    tree,
                    described.clone(),
                    &options,
                )?)
            }) {
                Ok(inventory) => inventory,
                // A damaged archive is a file like any other; that it is damaged is worth saying.
                Err(failure) => {
                    warnings.push(format!("the SBOM lists the file alone: {failure}"));
                    sealwright_sbom::generate(&MemoryTree::default(), described, &options)?
                }
            }
        }
        (Subject::Image(found), None) => {
            return Err(Error::NoImage(found.name.clone()).into());
        }
    };
    warnings.extend(inventory.problems.iter().map(|problem| {
        format!(
            "{}: not read as {} data: {}",
            problem.path, problem.cataloger, problem.reason
        )
    }));
    Ok(MadeSbom {
        document: format.write(&inventory),
        warnings,
    })
}

fn inventory_of_image(
    context: &Context<'_>,
    found: &ImageSubject,
    descriptor: &Descriptor,
    images: &Images<'_>,
) -> Result<Inventory, Failure> {
    let store = &found.store;
    let manifest = images.run(store, store.manifest(descriptor))?;
    let size = manifest
        .image()
        .map(|image| image.layers.iter().map(|layer| layer.size).sum());
    let tree = {
        let _shown = context.show("fetching layers", size);
        images.run(store, store.tree(&manifest))?
    };
    let stated = tree.config().created;
    let created = context
        .source_date_epoch
        .or(stated)
        .unwrap_or(Timestamp::EPOCH);
    let mut options = Options::new(created);
    options.layers = tree
        .layers()
        .map(|layer| layer.digest.to_string())
        .collect();
    let described = Described::new(SubjectKind::Image, &found.name, vec![descriptor.digest]);
    let shown = context.show("reading layers", size);
    let tree = tree.counting(shown.count().clone());
    Ok(sealwright_sbom::generate(&tree, described, &options)?)
}

fn first_image(found: &ImageSubject) -> Option<&Descriptor> {
    if found.manifest.image().is_some() {
        return Some(&found.descriptor);
    }
    found
        .children()
        .iter()
        .find(|child| child.media_type.is_manifest() && !child.is_buildkit_attestation())
}
