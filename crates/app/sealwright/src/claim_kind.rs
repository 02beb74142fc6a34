//! The claims that can be asked for by a short name.

use std::fmt;
use std::str::FromStr;

use sealwright_core::uris;

/// What a claim says about an artifact, as far as `--require` knows.
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

impl FromStr for ClaimKind {
    type Err = UnknownClaim;

    fn from_str(name: &str) -> Result<Self, UnknownClaim> {
        match name {
            "signature" => Ok(Self::Signature),
            "provenance" => Ok(Self::Provenance),
            "sbom" => Ok(Self::Sbom),
            _ => Err(UnknownClaim(name.to_owned())),
        }
    }
}

/// A name that is no claim's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("claim is {0:?}, wanted signature, provenance or sbom")]
pub struct UnknownClaim(String);
