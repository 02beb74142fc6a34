//! Software bills of materials: what is in an artifact, found by looking, written as SPDX or CycloneDX.
//!
//! [`generate`] shows a [`sealwright_core::FileTree`] to the catalogers and collects an
//! [`Inventory`], the one package model; [`Format::write`] turns it into a document, the same bytes
//! for the same inventory; [`read`] lists the packages of documents that anybody made. This crate
//! opens no file and looks nothing up: it knows what the tree says and nothing else.

pub mod cataloger;
mod cyclonedx;
mod error;
mod format;
mod generate;
mod identifier;
mod inventory;
mod license;
mod os_release;
mod package;
pub mod package_url;
mod read;
#[cfg(test)]
mod samples;
mod spdx;

pub use crate::cataloger::catalogers;
pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::format::Format;
pub use crate::format::InvalidFormat;
pub use crate::generate::Options;
pub use crate::generate::generate;
pub use crate::inventory::Inventory;
pub use crate::inventory::OperatingSystem;
pub use crate::inventory::Problem;
pub use crate::inventory::Subject;
pub use crate::inventory::SubjectKind;
pub use crate::license::License;
pub use crate::os_release::parse_os_release;
pub use crate::package::Checksum;
pub use crate::package::ChecksumAlgorithm;
pub use crate::package::Location;
pub use crate::package::Package;
pub use crate::package::PackageKind;
pub use crate::package::Party;
pub use crate::package::PartyKind;
pub use crate::package::Scope;
pub use crate::package::SourcePackage;
pub use crate::package_url::InvalidPackageUrl;
pub use crate::package_url::PackageUrl;
pub use crate::read::ListedPackage;
pub use crate::read::read;
