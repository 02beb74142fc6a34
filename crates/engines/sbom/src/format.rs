//! The document formats that can be written.

use std::fmt;
use std::str::FromStr;

use sealwright_core::uris;

use crate::cyclonedx;
use crate::inventory::Inventory;
use crate::spdx;

/// A document format.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// CycloneDX 1.6 as JSON.
    CycloneDxJson,
    /// SPDX 2.3 as JSON.
    SpdxJson,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::CycloneDxJson, Self::SpdxJson];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CycloneDxJson => "cyclonedx",
            Self::SpdxJson => "spdx",
        }
    }

    /// What is put after a file's name: `cdx.json` or `spdx.json`.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::CycloneDxJson => "cdx.json",
            Self::SpdxJson => "spdx.json",
        }
    }

    /// The in-toto predicate type of such a document.
    pub const fn predicate_type(self) -> &'static str {
        match self {
            Self::CycloneDxJson => uris::PREDICATE_CYCLONEDX,
            Self::SpdxJson => uris::PREDICATE_SPDX,
        }
    }

    /// Writes the document: the same bytes for the same inventory.
    pub fn write(self, inventory: &Inventory) -> Vec<u8> {
        match self {
            Self::CycloneDxJson => cyclonedx::write(inventory),
            Self::SpdxJson => spdx::write(inventory),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = InvalidFormat;

    fn from_str(name: &str) -> Result<Self, InvalidFormat> {
        match name {
            "cyclonedx" | "cyclonedx-json" | "cdx" => Ok(Self::CycloneDxJson),
            "spdx" | "spdx-json" => Ok(Self::SpdxJson),
            _ => Err(InvalidFormat(name.to_owned())),
        }
    }
}

/// A name that is no format's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("SBOM format is {0:?}, wanted spdx or cyclonedx")]
pub struct InvalidFormat(String);
