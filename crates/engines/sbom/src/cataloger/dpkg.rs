//! Packages of Debian and its relatives, from dpkg's database.
//!
//! Formats: `deb-control(5)` for the stanzas, `dpkg-query(1)` for the states. Like `dpkg-query -W`,
//! it lists every package but those in state not-installed; packages of which only configuration
//! files are left are listed with [`Scope::Excluded`]. `status.d` is how distroless images keep
//! one file per package.

use std::borrow::Cow;
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
use crate::package::Package;
use crate::package::PackageKind;
use crate::package::Party;
use crate::package::Scope;
use crate::package::SourcePackage;
use crate::package_url::PackageUrl;
use crate::package_url::Parts;

const LIMIT: u64 = 256 * 1024 * 1024;

/// Reads `var/lib/dpkg/status` and `var/lib/dpkg/status.d/*`.
#[derive(Debug, Default)]
pub struct Dpkg {
    packages: Vec<Known>,
}

/// What is needed until the operating system and all packages are known.
#[derive(Debug)]
struct Known {
    id: PackageId,
    name: String,
    architecture: String,
    depends: String,
    provides: String,
}

impl Cataloger for Dpkg {
    fn name(&self) -> &'static str {
        "dpkg"
    }

    fn selects(&self, file: &Entry<'_>) -> bool {
        file.path == "var/lib/dpkg/status"
            || file
                .path
                .strip_prefix("var/lib/dpkg/status.d/")
                .is_some_and(|name| !name.ends_with(".md5sums"))
    }

    fn read(
        &mut self,
        file: &Entry<'_>,
        content: &mut dyn Read,
        findings: &mut Findings,
    ) -> Result<(), CatalogError> {
        let bytes = read_all(content, LIMIT)?;
        for stanza in parse_status(&String::from_utf8_lossy(&bytes))? {
            let Some(package) = stanza.package() else {
                continue;
            };
            let id = findings.add(file, package);
            self.packages.push(Known {
                id,
                name: stanza.package.to_owned(),
                architecture: stanza.architecture.to_owned(),
                depends: format!("{}, {}", stanza.pre_depends, stanza.depends),
                provides: stanza.provides.into_owned(),
            });
        }
        Ok(())
    }

    fn finish(&mut self, system: Option<&OperatingSystem>, findings: &mut Findings) {
        for known in &self.packages {
            let Some(package) = findings.package_mut(known.id) else {
                continue;
            };
            if let Some(purl) = package_url(package, system) {
                package.purl = purl;
            }
            let supplier = system.map_or("Debian", OperatingSystem::supplier);
            package.supplier = Some(Party::organization(supplier));
        }
        self.connect(findings);
    }
}

impl Dpkg {
    fn connect(&self, findings: &mut Findings) {
        let mut installed = Index::default();
        let mut provided = Index::default();
        for known in &self.packages {
            installed.insert(&known.name, known);
            for name in known.provides.split(',').filter_map(relation_name) {
                provided.insert(name, known);
            }
        }
        for known in &self.packages {
            for clause in known.depends.split(',') {
                // Whichever alternative is there satisfies the clause; the first counts.
                let mut alternatives = clause.split('|').filter_map(relation_name);
                let met = alternatives.find_map(|name| {
                    let architecture = &known.architecture;
                    installed
                        .find(name, architecture)
                        .or_else(|| provided.find(name, architecture))
                });
                if let Some(other) = met {
                    findings.depends(known.id, other);
                }
            }
        }
    }
}

/// Packages by name, the first of each name and the first of each name and architecture.
#[derive(Default)]
struct Index<'a> {
    by_name: HashMap<&'a str, PackageId>,
    by_architecture: HashMap<(&'a str, &'a str), PackageId>,
}

impl<'a> Index<'a> {
    fn insert(&mut self, name: &'a str, known: &'a Known) {
        self.by_name.entry(name).or_insert(known.id);
        self.by_architecture
            .entry((name, &known.architecture))
            .or_insert(known.id);
    }

    /// The package of that name, of that architecture if there is one.
    fn find(&self, name: &str, architecture: &str) -> Option<PackageId> {
        self.by_architecture
            .get(&(name, architecture))
            .or_else(|| self.by_name.get(name))
            .copied()
    }
}

/// One stanza of the database: the fields that matter here, empty where absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stanza<'a> {
    /// `Package`.
    pub package: &'a str,
    /// `Status`: want, flag and state.
    pub status: &'a str,
    /// `Version`.
    pub version: &'a str,
    /// `Architecture`.
    pub architecture: &'a str,
    /// `Source`, with its version in parentheses when that differs.
    pub source: &'a str,
    /// `Maintainer`.
    pub maintainer: &'a str,
    /// `Homepage`.
    pub homepage: &'a str,
    /// `Depends`.
    pub depends: Cow<'a, str>,
    /// `Pre-Depends`.
    pub pre_depends: Cow<'a, str>,
    /// `Provides`.
    pub provides: Cow<'a, str>,
}

impl Stanza<'_> {
    /// The state, the third word of `Status`; installed where there is no status at all.
    pub fn state(&self) -> &str {
        match self.status {
            "" => "installed",
            status => status.split_ascii_whitespace().nth(2).unwrap_or_default(),
        }
    }

    fn package(&self) -> Option<Package> {
        let state = self.state();
        if state == "not-installed" {
            return None;
        }
        let version = Some(self.version).filter(|version| !version.is_empty());
        let purl = PackageUrl::from_parts(Parts {
            kind: "deb",
            namespace: Some("debian"),
            name: self.package,
            version,
            ..Parts::default()
        });
        let mut package = Package::new(PackageKind::Deb, self.package, version, purl.ok()?);
        if !self.architecture.is_empty() {
            package.architecture = Some(self.architecture.to_owned());
        }
        package.source = self.source_package();
        package.originator = Party::parse(self.maintainer);
        if !self.homepage.is_empty() {
            package.homepage = Some(self.homepage.to_owned());
        }
        if state != "installed" {
            package.property("sealwright:dpkg:state", state);
        }
        if state == "config-files" {
            package.scope = Scope::Excluded;
        }
        Some(package)
    }

    fn source_package(&self) -> Option<SourcePackage> {
        let (name, version) = match self.source.split_once('(') {
            Some((name, version)) => (name, Some(version.trim_end_matches(')').trim())),
            None => (self.source, None),
        };
        let name = name.trim();
        (!name.is_empty()).then(|| SourcePackage {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        })
    }
}

/// Cuts the database into stanzas.
///
/// # Errors
/// When a line is no field, or a stanza names no package.
pub fn parse_status(text: &str) -> Result<Vec<Stanza<'_>>, Malformed> {
    let mut stanzas = Vec::new();
    let mut stanza = Stanza::default();
    let mut folded: Option<Field> = None;
    let mut is_empty = true;
    for (index, line) in text.lines().enumerate() {
        let number = index.saturating_add(1);
        if line.trim().is_empty() {
            if !is_empty {
                stanzas.push(named(std::mem::take(&mut stanza), number)?);
            }
            (is_empty, folded) = (true, None);
            continue;
        }
        if line.starts_with([' ', '\t']) {
            if is_empty {
                return Err(Malformed::new(format!("line {number} continues no field")));
            }
            let slot = match folded {
                Some(Field::Depends) => &mut stanza.depends,
                Some(Field::PreDepends) => &mut stanza.pre_depends,
                Some(Field::Provides) => &mut stanza.provides,
                None => continue,
            };
            slot.to_mut().push_str(line);
            continue;
        }
        let (key, value) = line
            .split_once(':')
            .ok_or_else(|| Malformed::new(format!("line {number} is no field")))?;
        is_empty = false;
        folded = None;
        let value = value.trim();
        match key {
            "Package" => stanza.package = value,
            "Status" => stanza.status = value,
            "Version" => stanza.version = value,
            "Architecture" => stanza.architecture = value,
            "Source" => stanza.source = value,
            "Maintainer" => stanza.maintainer = value,
            "Homepage" => stanza.homepage = value,
            "Depends" => (stanza.depends, folded) = (value.into(), Some(Field::Depends)),
            "Pre-Depends" => (stanza.pre_depends, folded) = (value.into(), Some(Field::PreDepends)),
            "Provides" => (stanza.provides, folded) = (value.into(), Some(Field::Provides)),
            _ => {}
        }
    }
    if !is_empty {
        stanzas.push(named(stanza, text.lines().count())?);
    }
    Ok(stanzas)
}

/// Relations that may run over several lines.
#[derive(Clone, Copy)]
enum Field {
    Depends,
    PreDepends,
    Provides,
}

fn named(stanza: Stanza<'_>, line: usize) -> Result<Stanza<'_>, Malformed> {
    if stanza.package.is_empty() {
        return Err(Malformed::new(format!(
            "the stanza before line {line} names no package"
        )));
    }
    Ok(stanza)
}

/// The package name of one relation: `libc6:any (>= 2.36)` is `libc6`.
fn relation_name(relation: &str) -> Option<&str> {
    relation
        .trim()
        .split([' ', '(', ':', '[', '<'])
        .next()
        .filter(|name| !name.is_empty())
}

fn package_url(package: &Package, system: Option<&OperatingSystem>) -> Option<PackageUrl> {
    let distro = system.map(OperatingSystem::distro).unwrap_or_default();
    let upstream = match &package.source {
        Some(source) => match &source.version {
            Some(version) => format!("{}@{version}", source.name),
            None => source.name.clone(),
        },
        None => String::new(),
    };
    PackageUrl::from_parts(Parts {
        kind: "deb",
        namespace: Some(system.map_or("debian", |system| system.id.as_str())),
        name: &package.name,
        version: package.version.as_deref(),
        qualifiers: &[
            ("arch", package.architecture.as_deref().unwrap_or_default()),
            ("distro", &distro),
            ("upstream", &upstream),
        ],
        subpath: None,
    })
    .ok()
}

#[cfg(test)]
mod tests;
