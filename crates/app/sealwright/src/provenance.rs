//! How an artifact came to be, as far as this machine can tell.

use sealwright_core::Timestamp;
use sealwright_git::WorkTree as Found;
use sealwright_slsa::Inputs;
use sealwright_slsa::Provenance;
use sealwright_slsa::Source;
use sealwright_slsa::WorkTree;

use crate::Context;
use crate::target::Subject;

/// The checkout an artifact stands in.
pub(crate) struct Checkout {
    source: Source,
    /// When its commit was made.
    pub(crate) committed: Option<Timestamp>,
}

impl Checkout {
    /// The checkout that a target on this machine stands in. An image in a registry stands in none:
    /// the current directory has nothing to do with it. A repository that cannot be read is a
    /// warning: it is no part of the artifact.
    pub(crate) fn of(subject: &Subject, warnings: &mut Vec<String>) -> Option<Self> {
        let path = subject.path()?;
        match sealwright_git::describe(path, sealwright_git::Options::default()) {
            Ok(description) => Self::new(description?),
            Err(error) => {
                warnings.push(format!("provenance names no commit: {error}"));
                None
            }
        }
    }

    fn new(found: sealwright_git::Description) -> Option<Self> {
        Some(Self {
            source: Source {
                commit: found.commit.parse().ok()?,
                repository: found.repository,
                reference: found.reference,
                work_tree: match found.work_tree {
                    Found::Clean => WorkTree::Clean,
                    Found::Modified => WorkTree::Modified,
                    Found::Unknown => WorkTree::Unknown,
                },
            },
            committed: found.committed_on,
        })
    }
}

/// States how an artifact came to be.
pub(crate) fn describe(context: &Context<'_>, checkout: Option<&Checkout>) -> Provenance {
    Provenance::describe(Inputs {
        environment: &context.ci,
        source: checkout.map(|checkout| &checkout.source),
        materials: &[],
        started_on: None,
        finished_on: None,
        version: env!("CARGO_PKG_VERSION"),
    })
}
