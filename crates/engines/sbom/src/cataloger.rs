//! Catalogers: each knows one kind of package data and turns it into packages.
//!
//! A cataloger says by path which files it wants, reads each as it passes by, and resolves at the
//! end what needs to be seen whole. None of them runs anything or looks anything up.

pub mod apk;
pub mod cargo_lock;
pub mod dpkg;
pub mod go_binary;
pub mod npm_lock;
pub mod python;
#[cfg(test)]
pub(crate) mod testing;

use std::io;
use std::io::Read;

use sealwright_core::file_tree::Entry;

use crate::inventory::OperatingSystem;
use crate::inventory::Problem;
use crate::package::Location;
use crate::package::Package;

/// Knows one kind of package data.
pub trait Cataloger {
    /// A short name for messages.
    fn name(&self) -> &'static str;

    /// Whether this file's content is wanted. Asked for regular files only.
    fn selects(&self, file: &Entry<'_>) -> bool;

    /// Reads a selected file.
    ///
    /// # Errors
    /// When it cannot be read, or is not what its path says; the second is recorded and passed by.
    fn read(
        &mut self,
        file: &Entry<'_>,
        content: &mut dyn Read,
        findings: &mut Findings,
    ) -> Result<(), CatalogError>;

    /// Adds what can only be known after all files.
    fn finish(&mut self, _system: Option<&OperatingSystem>, _findings: &mut Findings) {}
}

/// All catalogers. A file that several select goes to the first of them.
pub fn catalogers() -> Vec<Box<dyn Cataloger>> {
    vec![
        Box::<dpkg::Dpkg>::default(),
        Box::<apk::Apk>::default(),
        Box::<cargo_lock::CargoLock>::default(),
        Box::<npm_lock::NpmLock>::default(),
        Box::<python::PythonMetadata>::default(),
        Box::<go_binary::GoBinary>::default(),
    ]
}

/// What catalogers found so far.
#[derive(Debug, Default)]
pub struct Findings {
    pub(crate) packages: Vec<Package>,
    pub(crate) edges: Vec<(PackageId, PackageId)>,
    pub(crate) problems: Vec<Problem>,
}

/// Names a package within [`Findings`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PackageId(pub(crate) usize);

impl Findings {
    /// Adds a package that was found in `file`.
    pub fn add(&mut self, file: &Entry<'_>, mut package: Package) -> PackageId {
        package.locations.insert(Location {
            path: file.path.to_owned(),
            layer: file.layer,
        });
        let id = PackageId(self.packages.len());
        self.packages.push(package);
        id
    }

    /// Says that one package needs another.
    pub fn depends(&mut self, package: PackageId, on: PackageId) {
        self.edges.push((package, on));
    }

    /// Records package data that could not be used.
    pub fn problem(&mut self, path: &str, cataloger: &'static str, reason: String) {
        self.problems.push(Problem {
            path: path.to_owned(),
            cataloger,
            reason,
        });
    }

    /// A package added before.
    pub(crate) fn package_mut(&mut self, id: PackageId) -> Option<&mut Package> {
        self.packages.get_mut(id.0)
    }
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// It is not what its path says.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Reading failed. This ends the whole pass.
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// Package data that does not follow its format.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct Malformed {
    reason: String,
}

impl Malformed {
    /// Says what is wrong.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// Reads all of a file that may have at most `limit` bytes.
fn read_all(content: &mut dyn Read, limit: u64) -> Result<Vec<u8>, CatalogError> {
    let mut bytes = Vec::new();
    content
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Malformed::new(format!("it is larger than the limit of {limit} bytes")).into());
    }
    Ok(bytes)
}

/// The last part of a path.
fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Whether a lock file below this directory belongs to a dependency's sources rather than to the
/// subject: its packages are what somebody else once built with.
fn is_vendored(path: &str) -> bool {
    let mut before = "";
    for part in path.split('/') {
        let is_vendored = matches!(
            part,
            "node_modules" | "site-packages" | "dist-packages" | "vendor"
        ) || (before == "registry" && part == "src")
            || (before == "pkg" && part == "mod");
        if is_vendored {
            return true;
        }
        before = part;
    }
    false
}
