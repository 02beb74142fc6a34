//! Packages of Alpine and its relatives, from apk's database of installed packages.
//!
//! Format: apk-tools, `doc/apk-package.5` and `doc/apk-v2.5`: lines `X:value`, a blank line after
//! each package.

use std::collections::HashMap;
use std::io::Read;

use sealwright_core::file_tree::Entry;

use crate::cataloger::CatalogError;
use crate::cataloger::Cataloger;
use crate::cataloger::Findings;
use crate::cataloger::Malformed;
use crate::cataloger::PackageId;
use crate::cataloger::read_all;
use crate::inventory::OperatingSystem;
use crate::license::License;
use crate::package::Package;
use crate::package::PackageKind;
use crate::package::Party;
use crate::package::SourcePackage;
use crate::package_url::PackageUrl;
use crate::package_url::Parts;

const LIMIT: u64 = 256 * 1024 * 1024;

/// Reads `lib/apk/db/installed`, since Alpine 3.22 `usr/lib/apk/db/installed`.
#[derive(Debug, Default)]
pub struct Apk {
    packages: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    id: PackageId,
    name: String,
    depends: String,
    provides: String,
}

impl Cataloger for Apk {
    fn name(&self) -> &'static str {
        "apk"
    }

    fn selects(&self, file: &Entry<'_>) -> bool {
        matches!(
            file.path,
            "lib/apk/db/installed" | "usr/lib/apk/db/installed"
        )
    }

    fn read(
        &mut self,
        file: &Entry<'_>,
        content: &mut dyn Read,
        findings: &mut Findings,
    ) -> Result<(), CatalogError> {
        let bytes = read_all(content, LIMIT)?;
        for record in parse_installed(&String::from_utf8_lossy(&bytes))? {
            let Some(package) = record.package() else {
                continue;
            };
            let id = findings.add(file, package);
            self.packages.push(Known {
                id,
                name: record.name.to_owned(),
                depends: record.depends.to_owned(),
                provides: record.provides.to_owned(),
            });
        }
        Ok(())
    }

    fn finish(&mut self, system: Option<&OperatingSystem>, findings: &mut Findings) {
        let mut providers: HashMap<&str, PackageId> = HashMap::new();
        for known in &self.packages {
            for name in known.provides.split_ascii_whitespace() {
                providers.entry(relation_name(name)).or_insert(known.id);
            }
        }
        for known in &self.packages {
            providers.insert(&known.name, known.id);
        }
        for known in &self.packages {
            if let Some(package) = findings.package_mut(known.id) {
                if let Some(purl) = package_url(package, system) {
                    package.purl = purl;
                }
                let supplier = system.map_or("Alpine Linux", OperatingSystem::supplier);
                package.supplier = Some(Party::organization(supplier));
            }
            let needed = known.depends.split_ascii_whitespace();
            for name in needed.filter(|name| !name.starts_with('!')) {
                if let Some(other) = providers.get(relation_name(name)) {
                    findings.depends(known.id, *other);
                }
            }
        }
    }
}

/// One package of the database: the fields that matter here, empty where absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Record<'a> {
    /// `P`.
    pub name: &'a str,
    /// `V`.
    pub version: &'a str,
    /// `A`.
    pub architecture: &'a str,
    /// `L`.
    pub license: &'a str,
    /// `o`: the package it was built from.
    pub origin: &'a str,
    /// `m`.
    pub maintainer: &'a str,
    /// `U`.
    pub url: &'a str,
    /// `C`: the checksum of the package's control data.
    pub checksum: &'a str,
    /// `D`.
    pub depends: &'a str,
    /// `p`.
    pub provides: &'a str,
}

impl Record<'_> {
    fn package(&self) -> Option<Package> {
        let version = Some(self.version).filter(|version| !version.is_empty());
        let purl = PackageUrl::new("apk", self.name).ok()?;
        let mut package = Package::new(PackageKind::Apk, self.name, version, purl);
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        package.architecture = text(self.architecture);
        package.license = License::parse(self.license);
        package.originator = Party::parse(self.maintainer);
        package.homepage = text(self.url);
        package.source = text(self.origin)
            .filter(|origin| origin != self.name)
            .map(|name| SourcePackage {
                name,
                version: None,
            });
        package.property("sealwright:apk:checksum", self.checksum);
        Some(package)
    }
}

/// Cuts the database into packages.
///
/// # Errors
/// When a line is no field, or a package has no name.
pub fn parse_installed(text: &str) -> Result<Vec<Record<'_>>, Malformed> {
    let mut records = Vec::new();
    let mut record = Record::default();
    let mut is_empty = true;
    for (index, line) in text.lines().chain([""]).enumerate() {
        let number = index.saturating_add(1);
        if line.is_empty() {
            if !is_empty && record.name.is_empty() {
                let reason = format!("the package before line {number} has no name");
                return Err(Malformed::new(reason));
            }
            if !is_empty {
                records.push(std::mem::take(&mut record));
            }
            is_empty = true;
            continue;
        }
        let (key, value) = line
            .split_once(':')
            .filter(|(key, _)| key.len() == 1)
            .ok_or_else(|| Malformed::new(format!("line {number} is no field")))?;
        is_empty = false;
        match key {
            "P" => record.name = value,
            "V" => record.version = value,
            "A" => record.architecture = value,
            "L" => record.license = value,
            "o" => record.origin = value,
            "m" => record.maintainer = value,
            "U" => record.url = value,
            "C" => record.checksum = value,
            "D" => record.depends = value,
            "p" => record.provides = value,
            _ => {}
        }
    }
    Ok(records)
}

/// A dependency's name without its version: `so:libc.musl-x86_64.so.1`, `busybox>=1.36`.
fn relation_name(relation: &str) -> &str {
    relation
        .split(['=', '<', '>', '~', '@'])
        .next()
        .unwrap_or_default()
}

fn package_url(package: &Package, system: Option<&OperatingSystem>) -> Option<PackageUrl> {
    let distro = system.map(OperatingSystem::distro).unwrap_or_default();
    let upstream = package.source.as_ref().map(|source| source.name.as_str());
    PackageUrl::from_parts(Parts {
        kind: "apk",
        namespace: Some(system.map_or("alpine", |system| system.id.as_str())),
        name: &package.name,
        version: package.version.as_deref(),
        qualifiers: &[
            ("arch", package.architecture.as_deref().unwrap_or_default()),
            ("distro", &distro),
            ("upstream", upstream.unwrap_or_default()),
        ],
        subpath: None,
    })
    .ok()
}

#[cfg(test)]
mod tests;
