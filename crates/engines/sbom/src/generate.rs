//! From a tree of files to an inventory, in one pass.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io::Read;

use sealwright_core::FileTree;
use sealwright_core::Timestamp;
use sealwright_core::file_tree::Entry;
use sealwright_core::file_tree::EntryKind;
use sealwright_core::file_tree::ScanError;
use sealwright_core::file_tree::Visitor;

use crate::cataloger::CatalogError;
use crate::cataloger::Cataloger;
use crate::cataloger::Findings;
use crate::cataloger::catalogers;
use crate::error::Error;
use crate::inventory::Inventory;
use crate::inventory::OperatingSystem;
use crate::inventory::Subject;
use crate::os_release::parse_os_release;
use crate::package::Package;

/// What the caller decides about an inventory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Options {
    /// The time written into documents.
    pub created: Timestamp,
    /// The version of this program written into documents.
    pub tool_version: String,
    /// Names of the image layers, usually their digests, the lowest first.
    pub layers: Vec<String>,
}

impl Options {
    /// Options for a subject without layers.
    pub fn new(created: Timestamp) -> Self {
        Self {
            created: created.truncated_to_second(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            layers: Vec::new(),
        }
    }
}

/// Finds out what is in a tree.
///
/// The same tree, subject and options always give the same inventory.
///
/// # Errors
/// When the tree cannot be read to its end. Package data that is malformed is no error: it is
/// listed in [`Inventory::problems`].
pub fn generate(
    tree: &dyn FileTree,
    subject: Subject,
    options: &Options,
) -> Result<Inventory, Error> {
    let mut collector = Collector::new(catalogers());
    tree.scan(&mut collector)
        .map_err(sealwright_archive::Error::from)?;
    let [own, vendor] = collector.systems;
    let operating_system = own.or(vendor);
    let mut findings = collector.findings;
    for cataloger in &mut collector.catalogers {
        cataloger.finish(operating_system.as_ref(), &mut findings);
    }
    let packages = merged(findings.packages, &findings.edges);
    let mut problems = findings.problems;
    problems.sort();
    Ok(Inventory {
        subject,
        created: options.created.truncated_to_second(),
        tool_version: options.tool_version.clone(),
        layers: options.layers.clone(),
        operating_system,
        packages,
        problems,
    })
}

/// Where the operating system says what it is, the first one counting before the second.
const OS_RELEASE: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];
const OS_RELEASE_LIMIT: u64 = 64 * 1024;

pub(crate) struct Collector {
    pub(crate) catalogers: Vec<Box<dyn Cataloger>>,
    /// Who asked for the file that is shown next.
    wanted_by: Option<Reader>,
    systems: [Option<OperatingSystem>; 2],
    pub(crate) findings: Findings,
}

impl Collector {
    pub(crate) fn new(catalogers: Vec<Box<dyn Cataloger>>) -> Self {
        Self {
            catalogers,
            wanted_by: None,
            systems: [None, None],
            findings: Findings::default(),
        }
    }
}

#[derive(Clone, Copy)]
enum Reader {
    Cataloger(usize),
    OsRelease(usize),
}

impl Visitor for Collector {
    fn wants(&mut self, entry: &Entry<'_>) -> bool {
        self.wanted_by = match entry.kind {
            EntryKind::File { .. } => OS_RELEASE
                .iter()
                .position(|path| *path == entry.path)
                .map(Reader::OsRelease)
                .or_else(|| {
                    let mut catalogers = self.catalogers.iter();
                    let found = catalogers.position(|cataloger| cataloger.selects(entry));
                    found.map(Reader::Cataloger)
                }),
            _ => None,
        };
        self.wanted_by.is_some()
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Read) -> Result<(), ScanError> {
        let result = match self.wanted_by {
            Some(Reader::Cataloger(index)) => match self.catalogers.get_mut(index) {
                Some(cataloger) => {
                    let name = cataloger.name();
                    cataloger
                        .read(entry, content, &mut self.findings)
                        .map_err(|error| (name, error))
                }
                None => Ok(()),
            },
            Some(Reader::OsRelease(index)) => {
                let mut bytes = Vec::new();
                let read = content.take(OS_RELEASE_LIMIT).read_to_end(&mut bytes);
                if let Some(slot) = self.systems.get_mut(index) {
                    *slot = parse_os_release(&String::from_utf8_lossy(&bytes));
                }
                read.map(drop)
                    .map_err(|error| ("os-release", CatalogError::Read(error)))
            }
            None => Ok(()),
        };
        match result {
            Ok(()) => Ok(()),
            Err((cataloger, CatalogError::Malformed(malformed))) => {
                self.findings
                    .problem(entry.path, cataloger, malformed.to_string());
                Ok(())
            }
            Err((_, CatalogError::Read(error))) => match error.downcast::<ScanError>() {
                Ok(error) => Err(error),
                Err(source) => Err(ScanError::Read {
                    path: entry.path.to_owned(),
                    source,
                }),
            },
        }
    }
}

/// One package per package URL, sorted, with edges as indexes.
fn merged(
    packages: Vec<Package>,
    edges: &[(crate::cataloger::PackageId, crate::cataloger::PackageId)],
) -> Vec<Package> {
    let mut by_key: BTreeMap<(String, Option<String>, String), Package> = BTreeMap::new();
    let mut keys = Vec::with_capacity(packages.len());
    for package in packages {
        let key = (
            package.name.clone(),
            package.version.clone(),
            package.purl.to_string(),
        );
        keys.push(key.clone());
        match by_key.entry(key) {
            std::collections::btree_map::Entry::Occupied(mut known) => {
                known.get_mut().merge(package)
            }
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(package);
            }
        }
    }
    let (sorted_keys, mut merged): (Vec<_>, Vec<_>) = by_key.into_iter().unzip();
    let positions: HashMap<_, _> = sorted_keys
        .iter()
        .enumerate()
        .map(|(position, key)| (key, position))
        .collect();
    let position = |id: &crate::cataloger::PackageId| {
        keys.get(id.0).and_then(|key| positions.get(key)).copied()
    };
    for (from, to) in edges {
        if let (Some(from), Some(to)) = (position(from), position(to))
            && from != to
            && let Some(package) = merged.get_mut(from)
        {
            package.dependencies.push(to);
        }
    }
    for package in &mut merged {
        package.dependencies.sort_unstable();
        package.dependencies.dedup();
    }
    merged
}

#[cfg(test)]
mod tests;
