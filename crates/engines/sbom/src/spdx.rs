//! Writing SPDX 2.3 JSON (<https://spdx.github.io/spdx-spec/v2.3/>).
//!
//! The document describes the subject as one package, which contains every other. Whatever the
//! inventory does not know is `NOASSERTION`. Files are not listed: SPDX 2 wants a SHA-1 of each.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::identifier::PLACEHOLDER;
use crate::identifier::fingerprint;
use crate::identifier::identify;
use crate::identifier::is_web_address;
use crate::inventory::Inventory;
use crate::inventory::OperatingSystem;
use crate::inventory::Subject;
use crate::inventory::SubjectKind;
use crate::license::License;
use crate::package::Checksum;
use crate::package::ChecksumAlgorithm;
use crate::package::Package;
use crate::package::Party;
use crate::package::PartyKind;
use crate::package::Scope;

const UNKNOWN: &str = "NOASSERTION";
const SUBJECT: &str = "SPDXRef-Subject";
const SYSTEM: &str = "SPDXRef-OperatingSystem";

/// Writes the document.
pub(crate) fn write(inventory: &Inventory) -> Vec<u8> {
    let mut licenses = BTreeMap::new();
    let ids: Vec<String> = inventory.packages.iter().map(package_id).collect();
    let mut packages = vec![subject(&inventory.subject)];
    packages.extend(inventory.operating_system.as_ref().map(system));
    for (package, id) in inventory.packages.iter().zip(&ids) {
        packages.push(package_entry(package, id, inventory, &mut licenses));
    }

    let relation = |from, kind, to| Relationship { from, kind, to };
    let mut relationships = vec![relation("SPDXRef-DOCUMENT", "DESCRIBES", SUBJECT)];
    if inventory.operating_system.is_some() {
        relationships.push(relation(SUBJECT, "CONTAINS", SYSTEM));
    }
    for id in &ids {
        relationships.push(relation(SUBJECT, "CONTAINS", id));
    }
    for (package, id) in inventory.packages.iter().zip(&ids) {
        for other in package
            .dependencies
            .iter()
            .filter_map(|index| ids.get(*index))
        {
            relationships.push(relation(id, "DEPENDS_ON", other));
        }
    }

    let document = Document {
        version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: "SPDXRef-DOCUMENT",
        namespace: format!("https://sealwright.dev/spdx/{PLACEHOLDER}"),
        name: &inventory.subject.name,
        creation: CreationInfo {
            created: inventory.created.to_string(),
            creators: [format!("Tool: sealwright-{}", inventory.tool_version)],
            comment: "Generation context: analyzed",
        },
        comment: problems(inventory),
        packages,
        licenses: licenses.into_values().collect(),
        relationships,
    };
    // Writing structs with string keys into memory cannot fail.
    let mut bytes = identify(serde_json::to_vec(&document).unwrap_or_default());
    bytes.push(b'\n');
    bytes
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "spdxVersion")]
    version: &'static str,
    #[serde(rename = "dataLicense")]
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    #[serde(rename = "documentNamespace")]
    namespace: String,
    name: &'a str,
    #[serde(rename = "creationInfo")]
    creation: CreationInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    packages: Vec<Entry<'a>>,
    #[serde(
        rename = "hasExtractedLicensingInfos",
        skip_serializing_if = "Vec::is_empty"
    )]
    licenses: Vec<ExtractedLicense<'a>>,
    relationships: Vec<Relationship<'a>>,
}

#[derive(Serialize)]
struct CreationInfo {
    created: String,
    creators: [String; 1],
    comment: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(rename = "SPDXID")]
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package_file_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_package_purpose: Option<&'static str>,
    supplier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    originator: Option<String>,
    download_location: Cow<'a, str>,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<ChecksumEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_info: Option<String>,
    license_concluded: &'static str,
    license_declared: Cow<'a, str>,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<ExternalRef>,
}

impl<'a> Entry<'a> {
    fn new(id: &'a str, name: &'a str) -> Self {
        Self {
            id,
            name,
            version_info: None,
            package_file_name: None,
            primary_package_purpose: None,
            supplier: UNKNOWN.to_owned(),
            originator: None,
            download_location: UNKNOWN.into(),
            files_analyzed: false,
            checksums: Vec::new(),
            homepage: None,
            source_info: None,
            license_concluded: UNKNOWN,
            license_declared: UNKNOWN.into(),
            copyright_text: UNKNOWN,
            comment: None,
            external_refs: Vec::new(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChecksumEntry {
    algorithm: &'static str,
    checksum_value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalRef {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: String,
}

impl ExternalRef {
    fn purl(purl: &crate::package_url::PackageUrl) -> Self {
        Self {
            reference_category: "PACKAGE-MANAGER",
            reference_type: "purl",
            reference_locator: purl.to_string(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtractedLicense<'a> {
    license_id: String,
    extracted_text: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Relationship<'a> {
    #[serde(rename = "spdxElementId")]
    from: &'a str,
    #[serde(rename = "relationshipType")]
    kind: &'static str,
    #[serde(rename = "relatedSpdxElement")]
    to: &'a str,
}

fn subject(subject: &Subject) -> Entry<'_> {
    let mut entry = Entry::new(SUBJECT, &subject.name);
    let version = subject.version.as_deref().map(Cow::Borrowed);
    entry.version_info = version.or_else(|| {
        subject
            .digests
            .first()
            .map(|digest| digest.to_string().into())
    });
    entry.supplier = supplier(subject.supplier.as_ref());
    match subject.kind {
        SubjectKind::Directory => {
            entry.primary_package_purpose = Some("SOURCE");
        }
        SubjectKind::File => {
            entry.primary_package_purpose = Some("FILE");
            entry.package_file_name = Some(&subject.name);
        }
        SubjectKind::Image => entry.primary_package_purpose = Some("CONTAINER"),
    }
    for digest in &subject.digests {
        match Checksum::from_digest(digest) {
            Some(checksum) => entry.checksums.push(checksum_entry(&checksum)),
            None => entry.comment = Some(digest.to_string()),
        }
    }
    entry
        .external_refs
        .extend(subject.purl.as_ref().map(ExternalRef::purl));
    entry
}

fn system(system: &OperatingSystem) -> Entry<'_> {
    let mut entry = Entry::new(SYSTEM, &system.id);
    let version = system.version_id.as_deref().or(system.codename.as_deref());
    entry.version_info = version.map(Cow::Borrowed);
    entry.primary_package_purpose = Some("OPERATING_SYSTEM");
    entry.supplier = party(&Party::organization(system.supplier()));
    entry.comment.clone_from(&system.pretty_name);
    entry
}

fn package_entry<'a>(
    package: &'a Package,
    id: &'a str,
    inventory: &Inventory,
    licenses: &mut BTreeMap<String, ExtractedLicense<'a>>,
) -> Entry<'a> {
    let mut entry = Entry::new(id, &package.name);
    entry.version_info = package.version.as_deref().map(Cow::Borrowed);
    entry.supplier = supplier(package.supplier.as_ref());
    entry.originator = package.originator.as_ref().map(party);
    if let Some(download) = package.download.as_deref().and_then(download_location) {
        entry.download_location = download;
    }
    entry.checksums = package.checksums.iter().map(checksum_entry).collect();
    entry.homepage = package
        .homepage
        .as_deref()
        .filter(|url| is_web_address(url));
    entry.source_info = Some(source_info(package, inventory));
    match &package.license {
        Some(License::Expression(expression)) => entry.license_declared = expression.into(),
        Some(License::Named(name)) => {
            let id = format!("LicenseRef-{}-{}", plain(name, 40), fingerprint(name));
            let license = ExtractedLicense {
                license_id: id.clone(),
                extracted_text: name,
                name: name.lines().next().unwrap_or_default(),
            };
            licenses.insert(id.clone(), license);
            entry.license_declared = id.into();
        }
        None => {}
    }
    entry.comment = comment(package);
    entry.external_refs.push(ExternalRef::purl(&package.purl));
    entry
}

fn package_id(package: &Package) -> String {
    let purl = package.purl.to_string();
    let name = plain(&package.name, 60);
    format!(
        "SPDXRef-Package-{}-{name}-{}",
        package.kind.name(),
        fingerprint(&purl)
    )
}

/// The part of a text that an identifier may hold.
fn plain(text: &str, limit: usize) -> String {
    text.chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => character,
            _ => '-',
        })
        .take(limit)
        .collect()
}

fn supplier(supplier: Option<&Party>) -> String {
    supplier.map_or_else(|| UNKNOWN.to_owned(), party)
}

fn party(party: &Party) -> String {
    let kind = match party.kind {
        PartyKind::Organization => "Organization",
        PartyKind::Person => "Person",
    };
    // Parentheses are the format's own.
    let name = party.name.replace(['(', ')'], " ");
    match &party.email {
        Some(email) => format!("{kind}: {} ({email})", name.trim()),
        None => format!("{kind}: {}", name.trim()),
    }
}

fn download_location(url: &str) -> Option<Cow<'_, str>> {
    let (scheme, rest) = url.split_once("://")?;
    match scheme {
        "http" | "https" if is_web_address(url) => Some(url.into()),
        // SPDX 2.3, section 7.7: `git+ssh://git@host/repository@commit`.
        "git+https" | "git+http" | "git+ssh" => {
            let (repository, commit) = rest.split_once('#').unwrap_or((rest, ""));
            let (user, place) = match repository.split_once('@') {
                Some((user, place)) => (format!("{user}@"), place),
                None => (String::new(), repository),
            };
            let is_plain = is_web_address(&format!("https://{place}"))
                && [user.trim_end_matches('@'), commit]
                    .iter()
                    .all(|part| part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            let commit = if commit.is_empty() {
                String::new()
            } else {
                format!("@{commit}")
            };
            is_plain.then(|| format!("{scheme}://{user}{place}{commit}").into())
        }
        _ => None,
    }
}

fn checksum_entry(checksum: &Checksum) -> ChecksumEntry {
    ChecksumEntry {
        algorithm: match checksum.algorithm {
            ChecksumAlgorithm::Sha1 => "SHA1",
            ChecksumAlgorithm::Sha256 => "SHA256",
            ChecksumAlgorithm::Sha384 => "SHA384",
            ChecksumAlgorithm::Sha512 => "SHA512",
        },
        checksum_value: checksum.hex().to_owned(),
    }
}

fn source_info(package: &Package, inventory: &Inventory) -> String {
    let places =
        package
            .locations
            .iter()
            .map(|location| match inventory.layers.get(location.layer) {
                Some(layer) => format!("{} in layer {layer}", location.path),
                None => location.path.clone(),
            });
    let mut info = format!("found in {}", places.collect::<Vec<_>>().join(", "));
    if let Some(source) = &package.source {
        info.push_str("; built from ");
        info.push_str(&source.name);
        if let Some(version) = &source.version {
            info.push(' ');
            info.push_str(version);
        }
    }
    info
}

fn comment(package: &Package) -> Option<String> {
    let scope = match package.scope {
        Scope::Required => None,
        Scope::Optional => Some("scope: optional".to_owned()),
        Scope::Development => Some("scope: development".to_owned()),
        Scope::Excluded => Some("scope: excluded".to_owned()),
    };
    let properties = package
        .properties
        .iter()
        .map(|(name, value)| format!("{name}: {value}"));
    let parts: Vec<_> = scope.into_iter().chain(properties).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn problems(inventory: &Inventory) -> Option<String> {
    let lines = inventory.problems.iter().map(|problem| {
        format!(
            "not read: {} ({}): {}",
            problem.path, problem.cataloger, problem.reason
        )
    });
    let lines: Vec<_> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests;
