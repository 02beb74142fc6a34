//! What one subject consists of: the value between catalogers and document writers.

use sealwright_core::Digest;
use sealwright_core::Timestamp;

use crate::package::Package;
use crate::package::Party;
use crate::package_url::PackageUrl;

/// Everything known about what is in a subject.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Inventory {
    /// What was looked at.
    pub subject: Subject,
    /// When it was looked at.
    pub created: Timestamp,
    /// Version of the program that looked.
    pub tool_version: String,
    /// Names of the image layers, usually their digests, the lowest first.
    pub layers: Vec<String>,
    /// The operating system that the subject holds.
    pub operating_system: Option<OperatingSystem>,
    /// The packages, one per package URL, sorted by name, version and package URL.
    pub packages: Vec<Package>,
    /// Files that look like package data and could not be read as such.
    pub problems: Vec<Problem>,
}

/// What an inventory is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subject {
    /// The name it is shown under.
    pub name: String,
    /// What it is.
    pub kind: SubjectKind,
    /// Its digests; the first one is its identity.
    pub digests: Vec<Digest>,
    /// Its version, if it has one. Images use their digest.
    pub version: Option<String>,
    /// Its package URL, if it has one.
    pub purl: Option<PackageUrl>,
    /// Who hands it out, if the caller knows.
    pub supplier: Option<Party>,
}

impl Subject {
    /// A subject with a digest, without version, package URL and supplier.
    pub fn new(kind: SubjectKind, name: &str, digests: Vec<Digest>) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            digests,
            version: None,
            purl: None,
            supplier: None,
        }
    }
}

/// What a subject is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SubjectKind {
    /// A directory tree; its digest is a tree digest, not one of bytes.
    Directory,
    /// A file, archive or not.
    File,
    /// A container image.
    Image,
}

/// The operating system in a subject (`os-release(5)`).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OperatingSystem {
    /// `ID`, such as `debian`.
    pub id: String,
    /// `VERSION_ID`, such as `12`.
    pub version_id: Option<String>,
    /// `VERSION_CODENAME`, such as `bookworm`.
    pub codename: Option<String>,
    /// `NAME`.
    pub name: Option<String>,
    /// `PRETTY_NAME`.
    pub pretty_name: Option<String>,
}

impl OperatingSystem {
    /// The `distro` qualifier of package URLs: `debian-12`.
    pub fn distro(&self) -> String {
        match self.version_id.as_ref().or(self.codename.as_ref()) {
            Some(version) => format!("{}-{version}", self.id),
            None => self.id.clone(),
        }
    }

    /// Who distributes its packages.
    pub fn supplier(&self) -> &str {
        match self.id.as_str() {
            "debian" => "Debian",
            id => self.name.as_deref().unwrap_or(id),
        }
    }
}

/// Package data that could not be read.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Problem {
    /// Path below the subject's root.
    pub path: String,
    /// The cataloger that tried.
    pub cataloger: &'static str,
    /// What is wrong.
    pub reason: String,
}
