//! The kinds of claims that have a short name.

use std::fmt;

use sealwright_core::uris;

/// What a claim says about an artifact.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ClaimKind {
    /// Somebody stands for it.
    Signature,
    /// How it was made.
    Provenance,
    /// What is inside.
    Sbom,
    /// Anything else.
    Other,
}

impl ClaimKind {
    /// The kind of a statement, by its predicate type.
    pub fn of_predicate(predicate_type: &str) -> Self {
        match predicate_type {
            uris::PREDICATE_COSIGN_SIGN => Self::Signature,
            uris::PREDICATE_SLSA_PROVENANCE_V1 | uris::PREDICATE_SLSA_PROVENANCE_V02 => {
                Self::Provenance
            }
            uris::PREDICATE_CYCLONEDX | uris::PREDICATE_SPDX => Self::Sbom,
            _ => Self::Other,
        }
    }

    /// The short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Provenance => "provenance",
            Self::Sbom => "sbom",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for ClaimKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
