//! JavaScript packages, from npm's lock files, versions 1 to 3 of the format
//! (npm documentation, `package-lock.json`), and from the hidden lock file of an installed tree.
//!
//! Edges are found as Node finds modules: from the directory of the package that asks, upwards.

mod tree;
mod v1;
mod v3;

use std::borrow::Cow;
use std::io::Read;

use sealwright_core::Base64;
use sealwright_core::file_tree::Entry;
use serde::Deserialize;

use crate::cataloger::CatalogError;
use crate::cataloger::Cataloger;
use crate::cataloger::Findings;
use crate::cataloger::Malformed;
use crate::cataloger::file_name;
use crate::cataloger::is_vendored;
use crate::cataloger::read_all;
use crate::license::License;
use crate::package::Checksum;
use crate::package::ChecksumAlgorithm;
use crate::package::Package;
use crate::package::PackageKind;
use crate::package::Scope;
use crate::package_url::PackageUrl;
use crate::package_url::Parts;

const LIMIT: u64 = 64 * 1024 * 1024;
/// Longest path of an installed package: with it the search for edges stays linear.
const MAX_PATH: usize = 1024;

/// Reads `package-lock.json` and `npm-shrinkwrap.json`, but not those inside installed packages,
/// and `node_modules/.package-lock.json`.
#[derive(Debug, Default)]
pub struct NpmLock;

impl Cataloger for NpmLock {
    fn name(&self) -> &'static str {
        "npm-lock"
    }

    fn selects(&self, file: &Entry<'_>) -> bool {
        match file_name(file.path) {
            "package-lock.json" | "npm-shrinkwrap.json" => !is_vendored(file.path),
            ".package-lock.json" => file
                .path
                .strip_suffix("node_modules/.package-lock.json")
                .is_some_and(|directory| !is_vendored(directory)),
            _ => false,
        }
    }

    fn read(
        &mut self,
        file: &Entry<'_>,
        content: &mut dyn Read,
        findings: &mut Findings,
    ) -> Result<(), CatalogError> {
        let bytes = read_all(content, LIMIT)?;
        let lock = parse_lock(&bytes)?;
        let nodes = lock.nodes();
        let mut ids = Vec::with_capacity(nodes.len());
        for node in &nodes {
            if node.path.len() > MAX_PATH {
                return Err(Malformed::new("it has a path that is too long").into());
            }
            ids.push(findings.add(file, node.package()?));
        }
        for (from, to) in tree::edges(&nodes, &lock.links()) {
            if let (Some(from), Some(to)) = (ids.get(from), ids.get(to)) {
                findings.depends(*from, *to);
            }
        }
        Ok(())
    }
}

/// A lock file of any version.
#[derive(Debug, Deserialize)]
pub struct Lock<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    packages: Option<v3::Packages<'a>>,
    #[serde(borrow)]
    dependencies: Option<v1::Dependencies<'a>>,
}

/// Reads a lock file.
///
/// # Errors
/// When it is no JSON or not in the form of a lock file.
pub fn parse_lock(json: &[u8]) -> Result<Lock<'_>, Malformed> {
    let lock: Lock<'_> =
        serde_json::from_slice(json).map_err(|error| Malformed::new(error.to_string()))?;
    if lock.packages.is_none() && lock.dependencies.is_none() && lock.name.is_none() {
        return Err(Malformed::new(
            "it has neither packages nor dependencies nor a name",
        ));
    }
    Ok(lock)
}

impl Lock<'_> {
    fn nodes(&self) -> Vec<Node<'_>> {
        match (&self.packages, &self.dependencies) {
            (Some(packages), _) => packages.nodes(self.name.as_deref(), self.version.as_deref()),
            (None, Some(dependencies)) => {
                dependencies.nodes(self.name.as_deref(), self.version.as_deref())
            }
            (None, None) => Vec::new(),
        }
    }

    fn links(&self) -> Vec<(&str, &str)> {
        self.packages
            .as_ref()
            .map(v3::Packages::links)
            .unwrap_or_default()
    }
}

/// One installed package, whatever version of the format says so.
#[derive(Debug, Default)]
struct Node<'a> {
    /// Where it is installed, relative to the lock file: `node_modules/a/node_modules/b`.
    path: Cow<'a, str>,
    name: &'a str,
    version: Option<&'a str>,
    resolved: Option<&'a str>,
    integrity: Option<&'a str>,
    license: Option<&'a str>,
    /// Names it asks for.
    needs: Vec<&'a str>,
    is_development: bool,
    is_optional: bool,
    is_local: bool,
}

impl Node<'_> {
    fn package(&self) -> Result<Package, Malformed> {
        let (namespace, name) = match self.name.rsplit_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, self.name),
        };
        let resolved = self.resolved.unwrap_or_default();
        let revision = if resolved.starts_with("git") {
            resolved.replacen('#', "@", 1)
        } else {
            String::new()
        };
        // A git dependency without a version of its own has its address there.
        let version = self.version.filter(|version| !version.contains([':', '/']));
        let purl = PackageUrl::from_parts(Parts {
            kind: "npm",
            namespace,
            name,
            version,
            qualifiers: &[("vcs_url", &revision)],
            subpath: None,
        })
        .map_err(|error| Malformed::new(error.to_string()))?;
        let mut package = Package::new(PackageKind::Npm, self.name, version, purl);
        package.license = self.license.and_then(License::parse);
        if !resolved.is_empty() {
            package.download = Some(resolved.to_owned());
        }
        package.scope = match (self.is_development, self.is_optional) {
            (true, _) => Scope::Development,
            (false, true) => Scope::Optional,
            (false, false) => Scope::Required,
        };
        if self.is_local {
            package.property("sealwright:npm:source", "local");
        }
        for part in self.integrity.unwrap_or_default().split_ascii_whitespace() {
            package.checksums.extend(checksum(part));
        }
        Ok(package)
    }
}

/// One hash of a subresource integrity string (W3C SRI, section 3.1): `sha512-BASE64`.
fn checksum(text: &str) -> Option<Checksum> {
    let (algorithm, rest) = text.split_once('-')?;
    let algorithm = match algorithm {
        "sha1" => ChecksumAlgorithm::Sha1,
        "sha256" => ChecksumAlgorithm::Sha256,
        "sha384" => ChecksumAlgorithm::Sha384,
        "sha512" => ChecksumAlgorithm::Sha512,
        _ => return None,
    };
    let digest = rest.split('?').next().unwrap_or_default();
    Checksum::from_bytes(algorithm, Base64::decode(digest).ok()?.as_bytes())
}

#[cfg(test)]
mod tests;
