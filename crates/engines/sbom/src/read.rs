//! Listing the packages of SBOM documents, whoever made them: SPDX 2.x JSON and CycloneDX JSON.

use std::borrow::Cow;
use std::collections::HashSet;

use sealwright_core::canonical_json;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Error;

/// Largest document that is read.
const LIMIT: u64 = 512 * 1024 * 1024;

/// One package of a document.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ListedPackage {
    /// Its name.
    pub name: String,
    /// Its version; empty when the document has none.
    pub version: String,
    /// Its package URL as written there.
    pub purl: Option<String>,
}

/// Lists the packages of a document, sorted by name, version and package URL.
///
/// What the document describes, and the operating system itself, are not in the list: they are no
/// packages in it.
///
/// # Errors
/// When it is no SPDX 2.x JSON and no CycloneDX JSON, or too large.
pub fn read(document: &[u8]) -> Result<Vec<ListedPackage>, Error> {
    if document.len() as u64 > LIMIT {
        return Err(Error::TooLarge {
            size: document.len() as u64,
            limit: LIMIT,
        });
    }
    let malformed = |format| move |source| Error::Malformed { format, source };
    let document: &RawValue = canonical_json::from_slice(document).map_err(malformed("JSON"))?;
    let kind: Kind<'_> = canonical_json::from_part(document).map_err(malformed("JSON"))?;
    let mut listed = if kind.bom_format.as_deref() == Some("CycloneDX") {
        let bom: Bom<'_> = canonical_json::from_part(document).map_err(malformed("CycloneDX"))?;
        let mut listed = Vec::new();
        list_components(bom.components, &mut listed);
        listed
    } else if kind
        .spdx_version
        .is_some_and(|version| version.starts_with("SPDX-2."))
    {
        let document: Spdx<'_> = canonical_json::from_part(document).map_err(malformed("SPDX"))?;
        document.list()
    } else {
        return Err(Error::UnknownFormat);
    };
    listed.sort();
    Ok(listed)
}

type Text<'a> = Option<Cow<'a, str>>;

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow, rename = "bomFormat")]
    bom_format: Text<'a>,
    #[serde(borrow, rename = "spdxVersion")]
    spdx_version: Text<'a>,
}

#[derive(Deserialize)]
struct Bom<'a> {
    #[serde(borrow, default)]
    components: Vec<Component<'a>>,
}

#[derive(Deserialize)]
struct Component<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    group: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
    #[serde(borrow)]
    purl: Text<'a>,
    #[serde(borrow, default)]
    components: Vec<Self>,
}

/// Nesting is bounded by the JSON reader's own limit.
fn list_components(components: Vec<Component<'_>>, listed: &mut Vec<ListedPackage>) {
    for component in components {
        let is_package = !matches!(component.kind.as_deref(), Some("operating-system" | "file"));
        if is_package {
            let name = component.name.unwrap_or_default();
            let name = match component.group.filter(|group| !group.is_empty()) {
                Some(group) => format!("{group}/{name}"),
                None => name.into_owned(),
            };
            listed.push(ListedPackage {
                name,
                version: component.version.unwrap_or_default().into_owned(),
                purl: component.purl.map(Cow::into_owned),
            });
        }
        list_components(component.components, listed);
    }
}

#[derive(Deserialize)]
struct Spdx<'a> {
    #[serde(borrow, default)]
    packages: Vec<SpdxPackage<'a>>,
    #[serde(borrow, default, rename = "documentDescribes")]
    describes: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    relationships: Vec<Relationship<'a>>,
}

#[derive(Deserialize)]
struct SpdxPackage<'a> {
    #[serde(borrow, rename = "SPDXID")]
    id: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, rename = "versionInfo")]
    version: Text<'a>,
    #[serde(borrow, rename = "primaryPackagePurpose")]
    purpose: Text<'a>,
    #[serde(borrow, default, rename = "externalRefs")]
    external: Vec<ExternalRef<'a>>,
}

#[derive(Deserialize)]
struct ExternalRef<'a> {
    #[serde(borrow, rename = "referenceType")]
    kind: Text<'a>,
    #[serde(borrow, rename = "referenceLocator")]
    locator: Text<'a>,
}

#[derive(Deserialize)]
struct Relationship<'a> {
    #[serde(borrow, rename = "relationshipType")]
    kind: Cow<'a, str>,
    #[serde(borrow, rename = "relatedSpdxElement")]
    to: Cow<'a, str>,
}

impl Spdx<'_> {
    fn list(self) -> Vec<ListedPackage> {
        let related = self.relationships.into_iter();
        let related = related.filter(|relation| relation.kind == "DESCRIBES");
        let described: HashSet<Cow<'_, str>> = related
            .map(|relation| relation.to)
            .chain(self.describes)
            .collect();
        let mut listed = Vec::with_capacity(self.packages.len());
        for package in self.packages {
            let is_system = matches!(
                package.purpose.as_deref(),
                Some("OPERATING_SYSTEM" | "OPERATING-SYSTEM")
            );
            if is_system || described.contains(&package.id) {
                continue;
            }
            let mut external = package.external.into_iter();
            let purl = external.find(|reference| {
                reference
                    .kind
                    .as_deref()
                    .is_some_and(|kind| kind == "purl" || kind.ends_with("/purl"))
            });
            listed.push(ListedPackage {
                name: package.name.into_owned(),
                version: package.version.unwrap_or_default().into_owned(),
                purl: purl
                    .and_then(|reference| reference.locator)
                    .map(Cow::into_owned),
            });
        }
        listed
    }
}

#[cfg(test)]
mod tests;
