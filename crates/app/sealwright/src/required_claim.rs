//! The claims that must be proved.

use std::fmt;
use std::str::FromStr;

use crate::ClaimKind;
use crate::JudgedEvidence;

/// A claim that must be proved: by its short name, or by the predicate type of its statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RequiredClaim {
    /// Any claim of a kind.
    Kind(ClaimKind),
    /// A statement of exactly this predicate type, which is a URI.
    Predicate(String),
}

impl RequiredClaim {
    /// Whether evidence, if it is accepted, proves it.
    pub(crate) fn is_made_by(&self, judged: &JudgedEvidence) -> bool {
        match self {
            Self::Kind(kind) => judged.kind == *kind,
            Self::Predicate(uri) => judged.predicate_type.as_ref() == Some(uri),
        }
    }

    /// Whether it describes one platform, so that those of all images speak for their index.
    pub(crate) fn is_of_one_platform(&self) -> bool {
        let kind = match self {
            Self::Kind(kind) => *kind,
            Self::Predicate(uri) => ClaimKind::of_predicate(uri),
        };
        kind == ClaimKind::Sbom
    }
}

impl From<ClaimKind> for RequiredClaim {
    fn from(kind: ClaimKind) -> Self {
        Self::Kind(kind)
    }
}

impl fmt::Display for RequiredClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => kind.fmt(f),
            Self::Predicate(uri) => f.write_str(uri),
        }
    }
}

impl FromStr for RequiredClaim {
    type Err = UnknownClaim;

    fn from_str(name: &str) -> Result<Self, UnknownClaim> {
        match name {
            "signature" => Ok(Self::Kind(ClaimKind::Signature)),
            "provenance" => Ok(Self::Kind(ClaimKind::Provenance)),
            "sbom" => Ok(Self::Kind(ClaimKind::Sbom)),
            // All predicate types are URIs (in-toto attestation, Statement v1).
            uri if uri.split_once(':').is_some_and(|(scheme, rest)| {
                scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && !rest.is_empty()
            }) =>
            {
                Ok(Self::Predicate(uri.to_owned()))
            }
            _ => Err(UnknownClaim(name.to_owned())),
        }
    }
}

/// A name that is no claim's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("claim is {0:?}, wanted signature, provenance, sbom or the URI of a predicate type")]
pub struct UnknownClaim(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_short_names_and_predicate_types() {
        for name in ["signature", "provenance", "sbom"] {
            let claim: RequiredClaim = name.parse().unwrap();
            assert!(matches!(claim, RequiredClaim::Kind(kind) if kind.name() == name));
        }
        let uri = "https://openvex.dev/ns/v0.2.0";
        assert_eq!(uri.parse(), Ok(RequiredClaim::Predicate(uri.to_owned())));
        for name in ["", "other", "everything", ":", "https:", "1:a"] {
            assert!(name.parse::<RequiredClaim>().is_err(), "{name}");
        }
    }
}
