//! Python distributions, from the metadata of installed ones and of wheels.
//!
//! Format: "Core metadata specifications" of the Python packaging user guide, versions 1.0 to 2.5:
//! a header of mail-like fields, then a body that says nothing here.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read;

use sealwright_core::file_tree::Entry;

use crate::cataloger::CatalogError;
use crate::cataloger::Cataloger;
use crate::cataloger::Findings;
use crate::cataloger::Malformed;
use crate::cataloger::PackageId;
use crate::inventory::OperatingSystem;
use crate::license::License;
use crate::package::Package;
use crate::package::PackageKind;
use crate::package::Party;
use crate::package_url::PackageUrl;

const HEADER_LIMIT: u64 = 1024 * 1024;

/// Reads `*.dist-info/METADATA`, `*.egg-info/PKG-INFO`, `EGG-INFO/PKG-INFO` and `*.egg-info` files.
#[derive(Debug, Default)]
pub struct PythonMetadata {
    distributions: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    id: PackageId,
    /// The directory that is searched for modules: edges stay inside it.
    directory: String,
    name: String,
    requires: Vec<String>,
}

impl Cataloger for PythonMetadata {
    fn name(&self) -> &'static str {
        "python-metadata"
    }

    fn selects(&self, file: &Entry<'_>) -> bool {
        metadata_directory(file.path).is_some()
    }

    fn read(
        &mut self,
        file: &Entry<'_>,
        content: &mut dyn Read,
        findings: &mut Findings,
    ) -> Result<(), CatalogError> {
        let header = read_header(content)?;
        let metadata = parse_metadata(&String::from_utf8_lossy(&header))?;
        let package = metadata.package()?;
        let id = findings.add(file, package);
        self.distributions.push(Known {
            id,
            directory: metadata_directory(file.path).unwrap_or_default().to_owned(),
            name: normalized(&metadata.name),
            requires: metadata
                .requires
                .iter()
                .filter_map(|text| required_name(text))
                .collect(),
        });
        Ok(())
    }

    fn finish(&mut self, _system: Option<&OperatingSystem>, findings: &mut Findings) {
        let by_name: HashMap<(&str, &str), PackageId> = self
            .distributions
            .iter()
            .map(|known| ((known.directory.as_str(), known.name.as_str()), known.id))
            .collect();
        for known in &self.distributions {
            for name in &known.requires {
                if let Some(other) = by_name.get(&(known.directory.as_str(), name.as_str())) {
                    findings.depends(known.id, *other);
                }
            }
        }
    }
}

/// The metadata of one distribution: the fields that matter here.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Metadata {
    /// `Name`.
    pub name: String,
    /// `Version`.
    pub version: String,
    /// `License-Expression`.
    pub license_expression: String,
    /// `License`, which is free text.
    pub license: String,
    /// Those of `Classifier` that name a licence.
    pub license_classifiers: Vec<String>,
    /// `Author` and `Author-email`, or else the maintainer.
    pub author: String,
    /// `Home-page`.
    pub home_page: String,
    /// `Requires-Dist`.
    pub requires: Vec<String>,
}

impl Metadata {
    fn package(&self) -> Result<Package, Malformed> {
        let version = Some(self.version.as_str()).filter(|version| !version.is_empty());
        let name = normalized(&self.name);
        let purl = PackageUrl::from_parts(crate::package_url::Parts {
            kind: "pypi",
            name: &name,
            version,
            ..Default::default()
        })
        .map_err(|error| Malformed::new(error.to_string()))?;
        let mut package = Package::new(PackageKind::Pypi, &self.name, version, purl);
        package.license = License::parse(&self.license_expression)
            .or_else(|| self.classified_license())
            .or_else(|| License::parse(self.license.lines().next().unwrap_or_default()));
        package.originator = Party::parse(&self.author);
        if !self.home_page.is_empty() && self.home_page != "UNKNOWN" {
            package.homepage = Some(self.home_page.clone());
        }
        Ok(package)
    }

    /// The licence when exactly one classifier names one, and names it exactly.
    fn classified_license(&self) -> Option<License> {
        const KNOWN: [(&str, &str); 12] = [
            ("Apache Software License", "Apache-2.0"),
            ("GNU Affero General Public License v3", "AGPL-3.0-only"),
            ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
            (
                "GNU General Public License v2 or later (GPLv2+)",
                "GPL-2.0-or-later",
            ),
            ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
            (
                "GNU General Public License v3 or later (GPLv3+)",
                "GPL-3.0-or-later",
            ),
            ("ISC License (ISCL)", "ISC"),
            ("MIT License", "MIT"),
            ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
            ("Python Software Foundation License", "PSF-2.0"),
            ("The Unlicense (Unlicense)", "Unlicense"),
            ("zlib/libpng License", "Zlib"),
        ];
        let [classifier] = self.license_classifiers.as_slice() else {
            return None;
        };
        let (_, last) = classifier.rsplit_once(" :: ")?;
        let (_, id) = KNOWN.iter().find(|(name, _)| *name == last)?;
        Some(License::Expression((*id).to_owned()))
    }
}

/// Reads the fields before the first blank line.
///
/// # Errors
/// When there is no name, or a line is no field.
pub fn parse_metadata(text: &str) -> Result<Metadata, Malformed> {
    let mut metadata = Metadata::default();
    let (mut author, mut maintainer) = (Vec::new(), Vec::new());
    let mut in_license = false;
    for (index, line) in text.lines().enumerate() {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            if in_license {
                metadata.license.push('\n');
                metadata.license.push_str(line.trim());
            }
            continue;
        }
        in_license = false;
        let Some((key, value)) = line.split_once(':') else {
            let number = index.saturating_add(1);
            return Err(Malformed::new(format!("line {number} is no field")));
        };
        let value = value.trim();
        let slot = match key {
            "Name" => &mut metadata.name,
            "Version" => &mut metadata.version,
            "License-Expression" => &mut metadata.license_expression,
            "License" => {
                in_license = true;
                &mut metadata.license
            }
            "Home-page" => &mut metadata.home_page,
            "Author" | "Author-email" => {
                author.push(value);
                continue;
            }
            "Maintainer" | "Maintainer-email" => {
                maintainer.push(value);
                continue;
            }
            "Classifier" => {
                if value.starts_with("License ::") {
                    metadata.license_classifiers.push(value.to_owned());
                }
                continue;
            }
            "Requires-Dist" => {
                metadata.requires.push(value.to_owned());
                continue;
            }
            _ => continue,
        };
        *slot = value.to_owned();
    }
    if metadata.name.is_empty() {
        return Err(Malformed::new("it has no name"));
    }
    let known = |value: &&&str| !value.is_empty() && **value != "UNKNOWN";
    let best = |values: &[&str]| {
        // An address with a name in it is worth more than either alone.
        let full = values
            .iter()
            .filter(known)
            .find(|value| value.contains('<'));
        full.or_else(|| values.iter().find(known))
            .map(|value| value.split(',').next().unwrap_or_default().to_owned())
    };
    metadata.author = best(&author)
        .or_else(|| best(&maintainer))
        .unwrap_or_default();
    Ok(metadata)
}

/// The directory that a distribution's metadata makes known to Python, if the path is one of those.
fn metadata_directory(path: &str) -> Option<&str> {
    let (rest, name) = path.rsplit_once('/').unwrap_or(("", path));
    if name.ends_with(".egg-info") {
        return Some(rest);
    }
    let (parent, directory) = rest.rsplit_once('/').unwrap_or(("", rest));
    let is_metadata = match name {
        "METADATA" => directory.ends_with(".dist-info"),
        "PKG-INFO" => directory.ends_with(".egg-info") || directory == "EGG-INFO",
        _ => false,
    };
    is_metadata.then_some(parent)
}

/// Reads up to the first blank line.
fn read_header(content: &mut dyn Read) -> Result<Vec<u8>, CatalogError> {
    let mut reader = BufReader::new(content.take(HEADER_LIMIT));
    let mut header = Vec::new();
    loop {
        let before = header.len();
        let count = reader.read_until(b'\n', &mut header)?;
        let line = header.get(before..).unwrap_or_default();
        if count == 0 || line == b"\n" || line == b"\r\n" {
            break;
        }
    }
    if header.len() as u64 >= HEADER_LIMIT {
        return Err(Malformed::new("its header is too long").into());
    }
    Ok(header)
}

/// A name as the simple index writes it (PEP 503).
fn normalized(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            other => out.extend(other.to_lowercase()),
        }
    }
    out
}

/// The distribution that a requirement asks for, unless only an extra asks for it (PEP 508).
fn required_name(requirement: &str) -> Option<String> {
    let (name, marker) = requirement.split_once(';').unwrap_or((requirement, ""));
    if marker.contains("extra") {
        return None;
    }
    let end = |character: char| !(character.is_alphanumeric() || "-_.".contains(character));
    let name = name.trim().split(end).next().unwrap_or_default();
    Some(normalized(name)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;
