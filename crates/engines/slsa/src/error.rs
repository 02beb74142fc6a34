//! Why some bytes are no provenance this crate can read.

use std::borrow::Cow;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

const MALFORMED: Code = Code::new("slsa.malformed-provenance");
const UNSUPPORTED: Code = Code::new("slsa.unsupported-provenance");

/// All codes of this crate.
pub const CODES: &[Code] = &[MALFORMED, UNSUPPORTED];

/// A predicate that could not be understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No JSON, or JSON that repeats a key or nests too deeply.
    #[error("provenance is not valid JSON: {0}")]
    Json(serde_json::Error),
    /// A field the specification requires is missing or of another type.
    #[error("provenance has no {field} of type {wanted}")]
    Field {
        /// Path of the field.
        field: &'static str,
        /// The type the specification gives it.
        wanted: &'static str,
    },
    /// A predicate type other than provenance v1 and v0.2.
    #[error("predicate type is {found:?}, wanted SLSA provenance v1 or v0.2")]
    Unsupported {
        /// The type as it stands.
        found: String,
    },
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Json(_) | Self::Field { .. } => MALFORMED,
            Self::Unsupported { .. } => UNSUPPORTED,
        }
    }

    fn class(&self) -> Class {
        Class::Undecided
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Unsupported { .. } => Some(Cow::Borrowed(
                "ask whoever built the artifact for provenance in version 1",
            )),
            _ => None,
        }
    }
}
