//! Why a policy could not be read, or not be evaluated.

use std::borrow::Cow;
use std::fmt;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

const LIMIT: Code = Code::new("policy.limit");
const MALFORMED: Code = Code::new("policy.malformed");
const TOO_LARGE: Code = Code::new("policy.too-large");
const UNDECIDABLE: Code = Code::new("policy.undecidable");
const UNSUPPORTED: Code = Code::new("policy.unsupported");

/// All codes of this crate.
pub const CODES: &[Code] = &[LIMIT, MALFORMED, TOO_LARGE, UNDECIDABLE, UNSUPPORTED];

/// A place in a policy, both counted from one.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A policy that could not be read or evaluated: neither satisfied nor violated.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// This build has no interpreter for the language.
    #[error("{name} is written in Rego, and this program was built without feature \"rego\"")]
    LanguageMissing {
        /// The policy.
        name: String,
    },
    /// Evaluation took more steps, or went deeper, than it may.
    #[error("{name} takes more than {limit} to evaluate")]
    Limit {
        /// The policy.
        name: String,
        /// What it took more than.
        limit: &'static str,
    },
    /// It is not in its language.
    #[error("{}: {reason}", At(name, position))]
    Malformed {
        /// The policy.
        name: String,
        /// Where it stops being.
        position: Option<Position>,
        /// What is wrong there.
        reason: String,
    },
    /// It is larger than a policy may be.
    #[error("{name} is larger than {limit} bytes")]
    TooLarge {
        /// The policy.
        name: String,
        /// The limit.
        limit: u64,
    },
    /// What it says cannot be computed for this statement.
    #[error("{}: {reason}", At(name, position))]
    Undecidable {
        /// The policy.
        name: String,
        /// Where it cannot.
        position: Option<Position>,
        /// What is missing.
        reason: String,
    },
    /// It uses a part of its language that is not evaluated here.
    #[error("{}: {construct} cannot be evaluated", At(name, &Some(*position)))]
    Unsupported {
        /// The policy.
        name: String,
        /// Where it stands.
        position: Position,
        /// What it is.
        construct: String,
    },
}

struct At<'a>(&'a String, &'a Option<Position>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        match self.1 {
            Some(position) => write!(f, ":{position}"),
            None => Ok(()),
        }
    }
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::LanguageMissing { .. } | Self::Unsupported { .. } => UNSUPPORTED,
            Self::Limit { .. } => LIMIT,
            Self::Malformed { .. } => MALFORMED,
            Self::TooLarge { .. } => TOO_LARGE,
            Self::Undecidable { .. } => UNDECIDABLE,
        }
    }

    fn class(&self) -> Class {
        Class::Undecided
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::LanguageMissing { .. } => Some(Cow::Borrowed(
                "use a release of sealwright, or build it with --features rego",
            )),
            Self::Unsupported { .. } => Some(Cow::Borrowed(
                "write the condition another way; docs/guide/policies.md lists what is evaluated",
            )),
            _ => None,
        }
    }
}
