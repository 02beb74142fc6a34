//! Rust crates, from `Cargo.lock`, versions 1 to 4 of the format.
//!
//! A lock file says exactly which package needs which. It does not say which of them serve only
//! builds or tests, nor which platform each is for: all are listed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io::Read;

use sealwright_core::file_tree::Entry;
use serde::Deserialize;

use crate::cataloger::CatalogError;
use crate::cataloger::Cataloger;
use crate::cataloger::Findings;
use crate::cataloger::Malformed;
use crate::cataloger::PackageId;
use crate::cataloger::file_name;
use crate::cataloger::is_vendored;
use crate::cataloger::read_all;
use crate::package::Checksum;
use crate::package::ChecksumAlgorithm;
use crate::package::Package;
use crate::package::PackageKind;
use crate::package_url::PackageUrl;
use crate::package_url::Parts;

const LIMIT: u64 = 64 * 1024 * 1024;
/// How every lock file names the public registry, whatever protocol was used.
const PUBLIC_REGISTRY: &str = "/rust-lang/crates.io-index";

/// Reads `Cargo.lock` files, but not those of vendored sources.
#[derive(Debug, Default)]
pub struct CargoLock;

impl Cataloger for CargoLock {
    fn name(&self) -> &'static str {
        "cargo-lock"
    }

    fn selects(&self, file: &Entry<'_>) -> bool {
        file_name(file.path) == "Cargo.lock" && !is_vendored(file.path)
    }

    fn read(
        &mut self,
        file: &Entry<'_>,
        content: &mut dyn Read,
        findings: &mut Findings,
    ) -> Result<(), CatalogError> {
        let bytes = read_all(content, LIMIT)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Malformed::new("it is not UTF-8"))?;
        let lock = parse_lock(text)?;
        let mut index = Index::default();
        let mut ids = Vec::with_capacity(lock.packages.len());
        for locked in &lock.packages {
            let id = findings.add(file, locked.package(&lock.metadata)?);
            index.insert(locked, id);
            ids.push(id);
        }
        for (locked, id) in lock.packages.iter().zip(ids) {
            for dependency in &locked.dependencies {
                let Some(other) = index.find(dependency) else {
                    let reason = format!(
                        "{:?} needs {dependency:?}, which the file does not pin down",
                        locked.name
                    );
                    return Err(Malformed::new(reason).into());
                };
                findings.depends(id, other);
            }
        }
        Ok(())
    }
}

/// Packages by all that a dependency may say; `None` where several fit.
#[derive(Default)]
struct Index<'a>(HashMap<Reference<'a>, Option<PackageId>>);

/// A name, and as much of version and source as it takes to be unique.
type Reference<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

impl<'a> Index<'a> {
    fn insert(&mut self, locked: &'a LockedPackage<'_>, id: PackageId) {
        let (name, version) = (locked.name.as_ref(), Some(locked.version.as_ref()));
        let full = locked
            .source
            .as_deref()
            .map(|source| (name, version, Some(source)));
        for key in [(name, None, None), (name, version, None)]
            .into_iter()
            .chain(full)
        {
            self.0
                .entry(key)
                .and_modify(|known| *known = None)
                .or_insert(Some(id));
        }
    }

    /// The one package that `name`, `name version` or `name version (source)` stands for.
    fn find(&self, dependency: &str) -> Option<PackageId> {
        let mut parts = dependency.splitn(3, ' ');
        let name = parts.next()?;
        let version = parts.next();
        let source = parts.next().map(|source| source.trim_matches(['(', ')']));
        self.0.get(&(name, version, source)).copied().flatten()
    }
}

/// A lock file.
#[derive(Debug, Deserialize)]
pub struct Lock<'a> {
    /// All packages. Version 1 of the format keeps the root apart; it is put back here.
    #[serde(borrow, default, rename = "package")]
    pub packages: Vec<LockedPackage<'a>>,
    #[serde(borrow)]
    root: Option<LockedPackage<'a>>,
    #[serde(borrow, default)]
    metadata: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}

/// One package of a lock file.
#[derive(Debug, Deserialize)]
pub struct LockedPackage<'a> {
    /// The crate's name.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Its version.
    #[serde(borrow)]
    pub version: Cow<'a, str>,
    /// Where it comes from; absent for crates of the project itself.
    #[serde(borrow)]
    pub source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    checksum: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    dependencies: Vec<Cow<'a, str>>,
}

/// Reads a lock file.
///
/// # Errors
/// When it is no TOML or has no packages in the form of a lock file.
pub fn parse_lock(text: &str) -> Result<Lock<'_>, Malformed> {
    let mut lock: Lock<'_> =
        toml::from_str(text).map_err(|error| Malformed::new(error.message().to_owned()))?;
    lock.packages.extend(lock.root.take());
    Ok(lock)
}

impl LockedPackage<'_> {
    fn package(
        &self,
        metadata: &BTreeMap<Cow<'_, str>, Cow<'_, str>>,
    ) -> Result<Package, Malformed> {
        let source = self.source.as_deref().unwrap_or_default();
        let (repository, revision) = match source.split_once('+') {
            Some(("git", _)) => ("", git_url(source)),
            Some((_, url)) if url.ends_with(PUBLIC_REGISTRY) => ("", String::new()),
            Some((_, url)) => (url, String::new()),
            None => ("", String::new()),
        };
        let purl = PackageUrl::from_parts(Parts {
            kind: "cargo",
            name: &self.name,
            version: Some(&self.version),
            qualifiers: &[("repository_url", repository), ("vcs_url", &revision)],
            ..Parts::default()
        })
        .map_err(|error| Malformed::new(error.to_string()))?;
        let mut package = Package::new(PackageKind::Cargo, &self.name, Some(&self.version), purl);
        if self.source.is_none() {
            package.property("sealwright:cargo:source", "local");
        }
        // Version 1 of the format keeps checksums in a table of their own.
        let checksum = self.checksum.as_deref().or_else(|| {
            let key = format!("checksum {} {} ({source})", self.name, self.version);
            metadata.get(key.as_str()).map(Cow::as_ref)
        });
        let checksum = checksum.and_then(|hex| Checksum::from_hex(ChecksumAlgorithm::Sha256, hex));
        package.checksums.extend(checksum);
        Ok(package)
    }
}

/// `git+https://host/repo?branch=x#commit` as a package URL's `vcs_url`: `git+https://host/repo@commit`.
fn git_url(source: &str) -> String {
    let (url, commit) = source.split_once('#').unwrap_or((source, ""));
    let url = url.split_once('?').map_or(url, |(url, _)| url);
    match commit {
        "" => url.to_owned(),
        commit => format!("{url}@{commit}"),
    }
}

#[cfg(test)]
mod tests;
