//! Images and their evidence, in registries and in layout directories.
//!
//! OCI distribution-spec v1.1 as a client ([`Registry`], [`Repository`]), OCI image-spec v1.1 layouts
//! ([`Layout`]), and one way to use either ([`ImageStore`]): resolve a reference once, read manifests
//! and blobs by digest, list what refers to an image, attach evidence to it. Every byte read is
//! checked against the digest it was asked for by, and bounded.
//!
//! This crate does not know what a signature is: it carries bundles and verifies nothing but digests.
//! It reads no environment: paths of credentials, locks and spool files are given to it.

mod descriptor;
mod error;
mod evidence;
#[cfg(test)]
mod fixture;
mod graph;
mod image;
mod layout;
mod legacy;
mod limits;
mod manifest;
mod referrer;
mod registry;
mod store;
mod stored;
mod tagged;
mod transfer;
mod untrusted;

pub use crate::descriptor::Descriptor;
pub use crate::descriptor::Platform;
pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::error::Place;
pub use crate::evidence::Passed;
pub use crate::evidence::Referrers;
pub use crate::graph::EvidenceKind;
pub use crate::graph::Graph;
pub use crate::graph::Node;
pub use crate::graph::Role;
pub use crate::image::ImageConfig;
pub use crate::image::ImageTree;
pub use crate::layout::Layout;
pub use crate::layout::Selection;
pub use crate::legacy::LegacyLayer;
pub use crate::limits::Limits;
pub use crate::manifest::Image;
pub use crate::manifest::Index;
pub use crate::manifest::Manifest;
pub use crate::manifest::ManifestContent;
pub use crate::referrer::BundleContent;
pub use crate::referrer::ReferrerManifest;
pub use crate::registry::Registry;
pub use crate::registry::RegistryOptions;
pub use crate::registry::Repository;
pub use crate::store::ImageStore;
pub use crate::stored::CosignAnnotations;
pub use crate::stored::EvidenceSource;
pub use crate::stored::FoundStored;
pub use crate::stored::LegacyKind;
pub use crate::stored::Stored;
pub use crate::stored::StoredEvidence;
pub use crate::transfer::LayoutListing;
pub use crate::transfer::TakenTag;
pub use crate::transfer::Transfer;
pub use crate::transfer::TransferOptions;
pub use crate::transfer::TransferScope;
pub use crate::transfer::Transferred;
#[doc(hidden)]
pub use crate::untrusted::parse_untrusted;
