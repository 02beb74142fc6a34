//! The one model of a package that every cataloger fills and every writer reads.

use std::collections::BTreeSet;

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;

use crate::license::License;
use crate::package_url::PackageUrl;

/// One package that is part of the subject.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Package {
    /// The name its own tools use, such as `@types/node` or `libc6`.
    pub name: String,
    /// The version its own tools use; absent when nobody recorded one.
    pub version: Option<String>,
    /// Which package this is, in the world.
    pub purl: PackageUrl,
    /// Which package manager it belongs to.
    pub kind: PackageKind,
    /// The processor architecture it was built for, when the package manager says.
    pub architecture: Option<String>,
    /// The package it was built from.
    pub source: Option<SourcePackage>,
    /// What its metadata declares.
    pub license: Option<License>,
    /// Who distributes it.
    pub supplier: Option<Party>,
    /// Who made it.
    pub originator: Option<Party>,
    /// Its home page.
    pub homepage: Option<String>,
    /// Where its archive was fetched from.
    pub download: Option<String>,
    /// Digests of its archive.
    pub checksums: BTreeSet<Checksum>,
    /// Whether the subject needs it.
    pub scope: Scope,
    /// Facts that only this kind of package has: names under `sealwright:` and values.
    pub properties: BTreeSet<(String, String)>,
    /// Where it was found.
    pub locations: BTreeSet<Location>,
    /// Indexes, within [`crate::Inventory::packages`], of the packages it needs. Sorted.
    pub dependencies: Vec<usize>,
}

impl Package {
    /// A package of which nothing else is known.
    pub fn new(kind: PackageKind, name: &str, version: Option<&str>, purl: PackageUrl) -> Self {
        Self {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            purl,
            kind,
            architecture: None,
            source: None,
            license: None,
            supplier: None,
            originator: None,
            homepage: None,
            download: None,
            checksums: BTreeSet::new(),
            scope: Scope::Required,
            properties: BTreeSet::new(),
            locations: BTreeSet::new(),
            dependencies: Vec::new(),
        }
    }

    /// Adds a property, unless its value is empty.
    pub fn property(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.properties.insert((name.to_owned(), value.to_owned()));
        }
    }

    /// Takes in what another record of the same package says. The edges are the caller's affair.
    pub(crate) fn merge(&mut self, other: Self) {
        fn fill<T>(slot: &mut Option<T>, other: Option<T>) {
            if slot.is_none() {
                *slot = other;
            }
        }
        fill(&mut self.architecture, other.architecture);
        fill(&mut self.source, other.source);
        fill(&mut self.license, other.license);
        fill(&mut self.supplier, other.supplier);
        fill(&mut self.originator, other.originator);
        fill(&mut self.homepage, other.homepage);
        fill(&mut self.download, other.download);
        self.checksums.extend(other.checksums);
        self.scope = self.scope.min(other.scope);
        self.properties.extend(other.properties);
        self.locations.extend(other.locations);
    }
}

/// The package manager a package belongs to.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum PackageKind {
    /// Alpine.
    Apk,
    /// Rust.
    Cargo,
    /// Debian and its relatives.
    Deb,
    /// Go modules.
    Golang,
    /// JavaScript.
    Npm,
    /// Python.
    Pypi,
}

impl PackageKind {
    /// The package URL type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Apk => "apk",
            Self::Cargo => "cargo",
            Self::Deb => "deb",
            Self::Golang => "golang",
            Self::Npm => "npm",
            Self::Pypi => "pypi",
        }
    }

    /// Whether an operating system's package manager put it there.
    pub const fn is_distribution(self) -> bool {
        matches!(self, Self::Apk | Self::Deb)
    }
}

/// Whether the subject needs a package. The smaller one wins when records differ.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// It is part of the subject and used.
    Required,
    /// The subject works without it.
    Optional,
    /// It serves development of the subject.
    Development,
    /// Its name is recorded, its content is not there.
    Excluded,
}

/// The package that a binary package was built from.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct SourcePackage {
    /// Its name.
    pub name: String,
    /// Its version, when it differs from the binary package's.
    pub version: Option<String>,
}

/// Where a package was found.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Location {
    /// Path below the subject's root.
    pub path: String,
    /// Index of the image layer, the lowest being 0.
    pub layer: usize,
}

/// Somebody who made or distributes a package.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Party {
    /// Whether that is one person.
    pub kind: PartyKind,
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
}

/// Whether a party is one person.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum PartyKind {
    /// A company, a project, a team.
    Organization,
    /// One person.
    Person,
}

impl Party {
    /// An organization.
    pub fn organization(name: &str) -> Self {
        Self {
            kind: PartyKind::Organization,
            name: name.to_owned(),
            email: None,
        }
    }

    /// Reads `Name <mail@address>`, as package maintainers are written. Names that say so are
    /// organizations, all others are taken for persons.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, email) = match text.rsplit_once('<') {
            Some((name, rest)) => (name, rest.split('>').next()),
            None => (text, None),
        };
        let name = name.trim().trim_matches('"').trim();
        let email = email
            .map(str::trim)
            .filter(|email| is_plain_address(email))
            .map(str::to_owned);
        let name = match (name, &email) {
            ("", Some(email)) => email.as_str(),
            ("", None) => return None,
            (name, _) => name,
        };
        const ORGANIZATION: [&str; 11] = [
            "Developers",
            "Foundation",
            "Group",
            "Inc",
            "Inc.",
            "List",
            "Maintainers",
            "Packagers",
            "Project",
            "Team",
            "team",
        ];
        let is_organization = name
            .split([' ', ','])
            .any(|word| ORGANIZATION.contains(&word));
        Some(Self {
            kind: if is_organization {
                PartyKind::Organization
            } else {
                PartyKind::Person
            },
            name: name.to_owned(),
            email,
        })
    }
}

/// Whether both formats take this as a mail address.
fn is_plain_address(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte))
    };
    text.split_once('@')
        .is_some_and(|(user, host)| plain(user) && plain(host) && host.contains('.'))
}

/// A digest of a package's archive, by whatever algorithm its package manager uses.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Checksum {
    /// The algorithm.
    pub algorithm: ChecksumAlgorithm,
    /// Lower-case hexadecimal digits, exactly as many as the algorithm yields.
    hex: String,
}

/// Algorithms that package managers use.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ChecksumAlgorithm {
    /// SHA-1: recorded as found, never relied on.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl ChecksumAlgorithm {
    const fn size(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl Checksum {
    /// Takes hexadecimal digits; `None` when they are not, or not as many as they must be.
    pub fn from_hex(algorithm: ChecksumAlgorithm, hex: &str) -> Option<Self> {
        let is_valid = hex.len() == algorithm.size().checked_mul(2)?
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_valid.then(|| Self {
            algorithm,
            hex: hex.to_ascii_lowercase(),
        })
    }

    /// Takes raw bytes; `None` when there are not as many as there must be.
    pub fn from_bytes(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Option<Self> {
        use std::fmt::Write as _;
        if bytes.len() != algorithm.size() {
            return None;
        }
        let mut hex = String::with_capacity(bytes.len().checked_mul(2)?);
        for byte in bytes {
            let _ = write!(hex, "{byte:02x}");
        }
        Some(Self { algorithm, hex })
    }

    /// Takes a content digest; `None` for the digest of a directory tree, which is one of no bytes.
    pub fn from_digest(digest: &Digest) -> Option<Self> {
        let algorithm = match digest.algorithm() {
            DigestAlgorithm::Sha256 => ChecksumAlgorithm::Sha256,
            DigestAlgorithm::Sha384 => ChecksumAlgorithm::Sha384,
            DigestAlgorithm::Sha512 => ChecksumAlgorithm::Sha512,
            DigestAlgorithm::TreeV1 => return None,
        };
        Self::from_hex(algorithm, &digest.to_hex())
    }

    /// The hexadecimal digits.
    pub fn hex(&self) -> &str {
        &self.hex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_maintainers() {
        let person = Party::parse("Matthias Klose <doko@debian.org>").unwrap();
        assert_eq!(person.kind, PartyKind::Person);
        assert_eq!(person.email.as_deref(), Some("doko@debian.org"));
        let team = Party::parse("APT Development Team <deity@lists.debian.org>").unwrap();
        assert_eq!(team.kind, PartyKind::Organization);
        assert_eq!(Party::parse("<a@b.example>").unwrap().name, "a@b.example");
        assert_eq!(Party::parse("A <not an address>").unwrap().email, None);
        assert_eq!(Party::parse("  "), None);
    }

    #[test]
    fn takes_checksums_of_the_right_length_only() {
        let algorithm = ChecksumAlgorithm::Sha1;
        assert!(Checksum::from_hex(algorithm, &"aB".repeat(20)).is_some());
        assert!(Checksum::from_hex(algorithm, &"ab".repeat(21)).is_none());
        assert!(Checksum::from_hex(algorithm, &"zz".repeat(20)).is_none());
        assert!(Checksum::from_bytes(algorithm, &[0; 19]).is_none());
    }
}
