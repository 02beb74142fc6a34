//! The root everything is judged by.

use std::path::Path;

use sealwright_sigstore::TrustRoot;

use crate::Context;
use crate::Failure;
use crate::failure::About as _;
use crate::local::LocalSigstore;

/// Most bytes of a trusted root.
const MAX_ROOT_SIZE: u64 = 4 << 20;

/// A root to judge by.
pub(crate) struct Trust {
    pub(crate) root: TrustRoot,
}

impl Trust {
    /// Reads the root that was named, else the local profile's, which must exist.
    pub(crate) fn load(context: &Context<'_>, named: Option<&Path>) -> Result<Self, Failure> {
        match named {
            Some(path) => {
                let json = sealwright_files::read_limited_or_pipe(path, MAX_ROOT_SIZE)?;
                Ok(Self {
                    root: TrustRoot::parse(&json).about(path.display())?,
                })
            }
            None => Ok(Self {
                root: LocalSigstore::existing_root(context)?,
            }),
        }
    }
}
