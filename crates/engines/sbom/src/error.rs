//! What can go wrong while making or reading an SBOM.

use std::borrow::Cow;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

const MALFORMED: Code = Code::new("sbom.malformed");
const TOO_LARGE: Code = Code::new("sbom.too-large");
const UNKNOWN_FORMAT: Code = Code::new("sbom.unknown-format");

/// Every code of this crate.
pub const CODES: &[Code] = &[MALFORMED, TOO_LARGE, UNKNOWN_FORMAT];

/// Why there is no SBOM, or why one could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A document that is not what its format says.
    #[error("the SBOM is no valid {format}: {source}")]
    Malformed {
        /// The format it claims to be.
        format: &'static str,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A document larger than any that is read.
    #[error("the SBOM has {size} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Its size.
        size: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// The subject could not be read to its end.
    #[error(transparent)]
    Tree(#[from] sealwright_archive::Error),
    /// A document of an unknown kind.
    #[error("the SBOM is neither SPDX 2 JSON nor CycloneDX JSON")]
    UnknownFormat,
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Malformed { .. } => MALFORMED,
            Self::TooLarge { .. } => TOO_LARGE,
            Self::Tree(error) => error.code(),
            Self::UnknownFormat => UNKNOWN_FORMAT,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Tree(error) => error.class(),
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Tree(error) => error.help(),
            Self::UnknownFormat => {
                Some("convert it to SPDX 2.3 JSON or CycloneDX JSON first".into())
            }
            _ => None,
        }
    }
}
