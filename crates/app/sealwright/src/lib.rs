//! The workflows: `seal` and `verify`, and what serves them.
//!
//! This crate wires the floors below: it knows where evidence lies and in which order things
//! happen. It contains no cryptography and parses no format, prints nothing and reads no
//! environment: what it needs to know of the world comes in a [`Context`].

mod certificate_claim;
mod claim_kind;
mod context;
mod error;
mod failure;
mod file_evidence;
mod local;
mod log;
mod profile;
mod provenance;
mod report;
mod required_claim;
mod root;
mod sbom;
mod seal;
mod signer;
mod target;
mod trust;
mod tuf;
mod verify;

pub use sealwright_files::ByteCount;
pub use sealwright_files::SystemClock;
pub use sealwright_sbom::Format as SbomFormat;
pub use sealwright_sbom::ListedPackage;
pub use sealwright_sigstore::Check;
pub use sealwright_sigstore::CheckOutcome;
pub use sealwright_sigstore::LogCheck;
pub use sealwright_sigstore::LogVersion;
pub use sealwright_slsa::Environment as CiEnvironment;
pub use sealwright_slsa::Profile as CiProfile;

pub use crate::certificate_claim::CertificateClaim;
pub use crate::certificate_claim::InvalidCertificateClaim;
pub use crate::claim_kind::ClaimKind;
pub use crate::context::Context;
pub use crate::context::Progress;
pub use crate::context::Silent;
pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::failure::Failure;
pub use crate::log::FsckSummary;
pub use crate::log::LoggedEntry;
pub use crate::log::log_entry;
pub use crate::log::log_fsck;
pub use crate::profile::Profile;
pub use crate::profile::UnknownProfile;
pub use crate::report::JudgedEvidence;
pub use crate::report::JudgedTarget;
pub use crate::report::MadeEvidence;
pub use crate::report::Problem;
pub use crate::report::SealOutcome;
pub use crate::report::SealedTarget;
pub use crate::required_claim::RequiredClaim;
pub use crate::required_claim::UnknownClaim;
pub use crate::root::RootDocument;
pub use crate::root::ShownRoot;
pub use crate::root::default_home;
pub use crate::root::root_export;
pub use crate::root::root_import;
pub use crate::root::root_show;
pub use crate::sbom::sbom_generate;
pub use crate::sbom::sbom_show;
pub use crate::seal::SealOptions;
pub use crate::seal::seal;
pub use crate::signer::Signer;
pub use crate::signer::SignerFlags;
pub use crate::tuf::TufMode;
pub use crate::tuf::TufRepository;
pub use crate::tuf::TufSession;
pub use crate::verify::BundleArtifact;
pub use crate::verify::VerifyOptions;
pub use crate::verify::verify;
pub use crate::verify::verify_bundle;
