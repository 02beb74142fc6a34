//! Writing CycloneDX 1.6 JSON (<https://cyclonedx.org/docs/1.6/json/>).
//!
//! One component per package URL with an occurrence per place; every component, leaves too, has an
//! entry in the dependency graph and is reached from the subject, distribution packages by way of
//! the operating system.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::identifier::PLACEHOLDER;
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
use crate::package::Scope;

const SUBJECT: &str = "subject";
const SYSTEM: &str = "operating-system";

/// Writes the document.
pub(crate) fn write(inventory: &Inventory) -> Vec<u8> {
    let references: Vec<String> = inventory
        .packages
        .iter()
        .map(|package| package.purl.to_string())
        .collect();
    let mut components = Vec::with_capacity(inventory.packages.len().saturating_add(1));
    components.extend(inventory.operating_system.as_ref().map(system));
    for (package, reference) in inventory.packages.iter().zip(&references) {
        components.push(component(package, reference, inventory));
    }
    let problem_properties = inventory.problems.iter().map(|problem| {
        let value = format!(
            "{} ({}): {}",
            problem.path, problem.cataloger, problem.reason
        );
        Property {
            name: "sealwright:not-read".into(),
            value,
        }
    });
    let mut properties = vec![Property {
        name: "cdx:reproducible".into(),
        value: "true".to_owned(),
    }];
    properties.extend(problem_properties);
    let document = Document {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        format: "CycloneDX",
        spec_version: "1.6",
        serial_number: format!("urn:uuid:{PLACEHOLDER}"),
        version: 1,
        metadata: Metadata {
            timestamp: inventory.created.to_string(),
            lifecycles: [Lifecycle {
                phase: "post-build",
            }],
            tools: Tools {
                components: [Tool {
                    kind: "application",
                    name: "sealwright",
                    version: &inventory.tool_version,
                }],
            },
            component: subject(&inventory.subject),
            properties,
        },
        components,
        dependencies: dependencies(inventory, &references),
    };
    // Writing structs with string keys into memory cannot fail.
    let mut bytes = identify(serde_json::to_vec(&document).unwrap_or_default());
    bytes.push(b'\n');
    bytes
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    #[serde(rename = "specVersion")]
    spec_version: &'static str,
    #[serde(rename = "serialNumber")]
    serial_number: String,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Component<'a>>,
    dependencies: Vec<Dependency<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: String,
    lifecycles: [Lifecycle; 1],
    tools: Tools<'a>,
    component: Component<'a>,
    properties: Vec<Property<'a>>,
}

#[derive(Serialize)]
struct Lifecycle {
    phase: &'static str,
}

#[derive(Serialize)]
struct Tools<'a> {
    components: [Tool<'a>; 1],
}

#[derive(Serialize)]
struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct Component<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Organization<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Contact<'a>>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<LicenseChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    #[serde(rename = "externalReferences", skip_serializing_if = "Vec::is_empty")]
    external_references: Vec<ExternalReference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property<'a>>,
}

impl<'a> Component<'a> {
    fn new(kind: &'static str, reference: &'a str, name: &'a str) -> Self {
        Self {
            kind,
            reference,
            supplier: None,
            authors: Vec::new(),
            name,
            version: None,
            description: None,
            scope: None,
            hashes: Vec::new(),
            licenses: Vec::new(),
            purl: None,
            external_references: Vec::new(),
            evidence: None,
            properties: Vec::new(),
        }
    }
}

#[derive(Serialize)]
struct Organization<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Contact<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum LicenseChoice<'a> {
    Expression(&'a str),
    License { name: &'a str },
}

#[derive(Serialize)]
struct ExternalReference<'a> {
    url: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Evidence<'a> {
    occurrences: Vec<Occurrence<'a>>,
}

#[derive(Serialize)]
struct Occurrence<'a> {
    location: &'a str,
    #[serde(rename = "additionalContext", skip_serializing_if = "Option::is_none")]
    context: Option<String>,
}

#[derive(Serialize)]
struct Property<'a> {
    name: std::borrow::Cow<'a, str>,
    value: String,
}

#[derive(Serialize)]
struct Dependency<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    #[serde(rename = "dependsOn", skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<&'a str>,
}

fn subject(subject: &Subject) -> Component<'_> {
    let kind = match subject.kind {
        SubjectKind::Directory => "application",
        SubjectKind::File => "file",
        SubjectKind::Image => "container",
    };
    let mut component = Component::new(kind, SUBJECT, &subject.name);
    component.supplier = subject
        .supplier
        .as_ref()
        .map(|party| Organization { name: &party.name });
    let version = subject.version.clone();
    component.version = version.or_else(|| {
        subject
            .digests
            .first()
            .map(std::string::ToString::to_string)
    });
    component.purl = subject.purl.as_ref().map(std::string::ToString::to_string);
    for digest in &subject.digests {
        match Checksum::from_digest(digest) {
            Some(checksum) => component.hashes.push(hash(&checksum)),
            None => component.properties.push(Property {
                name: format!("sealwright:digest:{}", digest.algorithm().name()).into(),
                value: digest.to_hex(),
            }),
        }
    }
    component
}

fn system(system: &OperatingSystem) -> Component<'_> {
    let mut component = Component::new("operating-system", SYSTEM, &system.id);
    component.version = system
        .version_id
        .clone()
        .or_else(|| system.codename.clone());
    component.description = system.pretty_name.as_deref();
    component.supplier = Some(Organization {
        name: system.supplier(),
    });
    component
}

fn component<'a>(package: &'a Package, reference: &'a str, inventory: &Inventory) -> Component<'a> {
    let mut component = Component::new("library", reference, &package.name);
    component.supplier = package
        .supplier
        .as_ref()
        .map(|party| Organization { name: &party.name });
    component.authors = package.originator.iter().map(contact).collect();
    component.version.clone_from(&package.version);
    component.scope = match package.scope {
        Scope::Required => Some("required"),
        Scope::Optional | Scope::Development => Some("optional"),
        Scope::Excluded => Some("excluded"),
    };
    component.hashes = package.checksums.iter().map(hash).collect();
    component.licenses = match &package.license {
        Some(License::Expression(expression)) => vec![LicenseChoice::Expression(expression)],
        Some(License::Named(name)) => vec![LicenseChoice::License { name }],
        None => Vec::new(),
    };
    component.purl = Some(reference.to_owned());
    let reference = |kind, url: &'a Option<String>| {
        let url = url.as_deref().filter(|url| is_web_address(url))?;
        Some(ExternalReference { url, kind })
    };
    component
        .external_references
        .extend(reference("distribution", &package.download));
    component
        .external_references
        .extend(reference("website", &package.homepage));
    component.evidence = Some(Evidence {
        occurrences: occurrences(package, inventory),
    });
    component.properties = properties(package);
    component
}

fn contact(party: &Party) -> Contact<'_> {
    Contact {
        name: &party.name,
        email: party.email.as_deref(),
    }
}

fn hash(checksum: &Checksum) -> Hash {
    Hash {
        alg: match checksum.algorithm {
            ChecksumAlgorithm::Sha1 => "SHA-1",
            ChecksumAlgorithm::Sha256 => "SHA-256",
            ChecksumAlgorithm::Sha384 => "SHA-384",
            ChecksumAlgorithm::Sha512 => "SHA-512",
        },
        content: checksum.hex().to_owned(),
    }
}

fn occurrences<'a>(package: &'a Package, inventory: &Inventory) -> Vec<Occurrence<'a>> {
    let occurrence = |location: &'a crate::package::Location| Occurrence {
        location: &location.path,
        context: inventory
            .layers
            .get(location.layer)
            .map(|layer| format!("layer {layer}")),
    };
    package.locations.iter().map(occurrence).collect()
}

fn properties(package: &Package) -> Vec<Property<'_>> {
    let property = |name, value: &str| Property {
        name: std::borrow::Cow::Borrowed(name),
        value: value.to_owned(),
    };
    let mut properties = Vec::new();
    if package.scope == Scope::Development {
        properties.push(property("cdx:npm:package:development", "true"));
    }
    if let Some(architecture) = &package.architecture {
        properties.push(property("sealwright:architecture", architecture));
    }
    if let Some(source) = &package.source {
        properties.push(property("sealwright:source:name", &source.name));
        if let Some(version) = &source.version {
            properties.push(property("sealwright:source:version", version));
        }
    }
    let own = package
        .properties
        .iter()
        .map(|(name, value)| property(name, value));
    properties.extend(own);
    properties
}

/// The graph, sorted. What nothing else needs, and of each remaining circle the first, hangs below
/// the operating system or the subject itself.
fn dependencies<'a>(inventory: &'a Inventory, references: &'a [String]) -> Vec<Dependency<'a>> {
    let packages = &inventory.packages;
    let mut is_needed = vec![false; packages.len()];
    for index in packages.iter().flat_map(|package| &package.dependencies) {
        if let Some(slot) = is_needed.get_mut(*index) {
            *slot = true;
        }
    }
    let mut reached = vec![false; packages.len()];
    let mut tops = Vec::new();
    let not_needed = is_needed.iter().enumerate().filter(|(_, needed)| !**needed);
    let all = is_needed.iter().enumerate();
    for (index, _) in not_needed.chain(all) {
        if reached.get(index) == Some(&false) {
            tops.push(index);
            reach(packages, index, &mut reached);
        }
    }
    let (mut below_subject, mut below_system) = (BTreeSet::new(), BTreeSet::new());
    for index in tops {
        let (Some(package), Some(reference)) = (packages.get(index), references.get(index)) else {
            continue;
        };
        if package.kind.is_distribution() && inventory.operating_system.is_some() {
            below_system.insert(reference.as_str());
        } else {
            below_subject.insert(reference.as_str());
        }
    }
    let mut entries = Vec::with_capacity(packages.len().saturating_add(2));
    if inventory.operating_system.is_some() {
        below_subject.insert(SYSTEM);
        entries.push(Dependency {
            reference: SYSTEM,
            depends_on: below_system.into_iter().collect(),
        });
    }
    entries.push(Dependency {
        reference: SUBJECT,
        depends_on: below_subject.into_iter().collect(),
    });
    for (package, reference) in packages.iter().zip(references) {
        let others = package
            .dependencies
            .iter()
            .filter_map(|index| references.get(*index));
        let others: BTreeSet<&str> = others.map(String::as_str).collect();
        entries.push(Dependency {
            reference,
            depends_on: others.into_iter().collect(),
        });
    }
    entries.sort_by_key(|entry| entry.reference);
    entries
}

fn reach(packages: &[Package], from: usize, reached: &mut [bool]) {
    let mut stack = vec![from];
    while let Some(index) = stack.pop() {
        match reached.get_mut(index) {
            Some(slot) if !*slot => *slot = true,
            _ => continue,
        }
        if let Some(package) = packages.get(index) {
            stack.extend(&package.dependencies);
        }
    }
}

#[cfg(test)]
mod tests;
