//! `clean`: takes evidence away from an image. The image itself is never touched.

use std::collections::BTreeSet;

use sealwright_core::Class;
use sealwright_core::Digest;
use sealwright_core::Target;
use sealwright_oci::EvidenceKind;
use sealwright_oci::Graph;
use sealwright_oci::Role;

use super::platform;
use crate::Context;
use crate::Failure;
use crate::target::Images;

/// What is taken away.
#[derive(Clone, Debug, Default)]
pub struct CleanOptions {
    /// Evidence of these kinds, with what is attached to it; empty for all evidence.
    pub kinds: BTreeSet<EvidenceKind>,
    /// One image of an index, as `os/architecture[/variant]`.
    pub platform: Option<String>,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Confirmation {
    /// Nothing is taken away.
    No,
    /// What was shown is taken away.
    Yes,
}

/// A piece of evidence that is to go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Removal {
    /// Its manifest.
    pub digest: Digest,
    /// What it is.
    pub kind: EvidenceKind,
    /// What it is attached to.
    pub subject: Digest,
    /// The tag by which it is attached; without one it refers to its subject.
    pub tag: Option<String>,
}

/// What became of it.
#[derive(Debug)]
pub enum RemovalOutcome {
    /// It is still there.
    Failed(Failure),
    /// It was gone already.
    Gone,
    /// It is gone.
    Removed,
}

/// What was taken away.
#[derive(Debug)]
pub struct Cleaned {
    /// The image, which stays.
    pub image: String,
    /// Its digest.
    pub digest: Digest,
    /// Each piece of evidence and what became of it; nothing when that was not confirmed.
    pub removals: Vec<(Removal, RemovalOutcome)>,
}

/// Takes evidence away, once whoever asks has confirmed what that is. One piece that cannot be
/// removed does not keep the others.
///
/// # Errors
/// Any `registry.…`, `layout.…`, `image.…`, `usage.no-image`, `usage.no-platform`, and what
/// `confirm` returns. A removal that fails is in the result.
pub fn clean(
    context: &Context<'_>,
    image: &Target,
    options: &CleanOptions,
    confirm: &mut dyn FnMut(&[Removal]) -> Result<Confirmation, Failure>,
) -> Result<Cleaned, Failure> {
    let images = Images::new(context);
    let subject = platform::resolve(&images, image, options.platform.as_deref())?;
    let shown = context.show(&format!("looking at {image}"), None);
    let graph = images.drive(Graph::of(&subject.store, subject.manifest.clone()))?;
    drop(shown);
    let planned = plan(&graph, &options.kinds);
    let mut cleaned = Cleaned {
        image: image.to_string(),
        digest: subject.descriptor.digest,
        removals: Vec::new(),
    };
    if planned.is_empty() || confirm(&planned)? == Confirmation::No {
        return Ok(cleaned);
    }
    let _shown = context.show(&format!("cleaning {image}"), None);
    let store = &subject.store;
    let mut denied: Option<Failure> = None;
    for removal in planned {
        let outcome = match &denied {
            // Who may not delete one may delete none.
            Some(failure) => RemovalOutcome::Failed(failure.repeat()),
            None => {
                let removed = match &removal.tag {
                    Some(tag) => images.drive(store.remove_tag(tag, &removal.digest)),
                    None => images.drive(store.remove_referrer(&removal.subject, &removal.digest)),
                };
                match removed {
                    Ok(true) => RemovalOutcome::Removed,
                    Ok(false) => RemovalOutcome::Gone,
                    Err(failure) => {
                        if failure.class() == Class::Auth {
                            denied = Some(failure.repeat());
                        }
                        RemovalOutcome::Failed(failure)
                    }
                }
            }
        };
        cleaned.removals.push((removal, outcome));
    }
    Ok(cleaned)
}

/// Evidence about evidence first: what it is about is needed to find it.
fn plan(graph: &Graph, kinds: &BTreeSet<EvidenceKind>) -> Vec<Removal> {
    let mut images = BTreeSet::new();
    let mut taken = BTreeSet::new();
    let mut planned: Vec<Removal> = Vec::new();
    for node in &graph.nodes {
        let digest = node.manifest.descriptor.digest;
        match (&node.role, node.kind()) {
            (Role::Root, _) => {
                images.insert(digest);
            }
            (Role::Child { parent }, _) if images.contains(parent) => {
                images.insert(digest);
            }
            (Role::Referrer { subject } | Role::Tag { subject, .. }, Some(kind))
                if kinds.is_empty() || kinds.contains(&kind) || taken.contains(subject) =>
            {
                taken.insert(digest);
                planned.push(Removal {
                    digest,
                    kind,
                    subject: *subject,
                    tag: match &node.role {
                        Role::Tag { tag, .. } => Some(tag.clone()),
                        _ => None,
                    },
                });
            }
            _ => {}
        }
    }
    // Whoever may push may let an evidence tag name the image.
    planned.retain(|removal| !images.contains(&removal.digest));
    planned.reverse();
    planned
}
