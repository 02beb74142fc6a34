//! SLSA provenance: how an artifact came to be, as a predicate of an in-toto statement.
//!
//! Source: SLSA v1.2, "Build: Provenance", predicate type `https://slsa.dev/provenance/v1`; version
//! 0.2 is read as well. This crate writes what it is told (a CI system's variables, a commit, times)
//! and says in the result that nobody attested to it: a local signer's word is all there is. It
//! verifies no signature and reads no environment, clock or repository.

mod environment;
mod error;
mod profile;
mod provenance;
mod source;
mod summary;

pub use crate::environment::Environment;
pub use crate::environment::VARIABLES;
pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::profile::Inputs;
pub use crate::profile::Profile;
pub use crate::provenance::BuildDefinition;
pub use crate::provenance::Builder;
pub use crate::provenance::Metadata;
pub use crate::provenance::Provenance;
pub use crate::provenance::RunDetails;
pub use crate::source::CommitId;
pub use crate::source::InvalidCommitId;
pub use crate::source::Source;
pub use crate::source::WorkTree;
pub use crate::summary::Claims;
pub use crate::summary::Material;
pub use crate::summary::Summary;
pub use crate::summary::Version;
