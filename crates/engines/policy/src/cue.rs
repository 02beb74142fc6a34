//! The subset of CUE that policies over attestations are written in.
//!
//! Source: the CUE language specification (v0.16), and the policies in the documentation of cosign and
//! policy-controller. Evaluated are: fields (optional and required ones too), nested and repeated
//! structs, definitions and their closedness, hidden fields, `let`, embedding, pattern constraints,
//! lists, disjunctions with defaults, conjunctions, bounds, regular expressions, references and
//! selectors, and some of `time`, `strings`, `list`, `struct` and `regexp`. Comprehensions, arithmetic,
//! interpolation, bytes, aliases, attributes and everything else are errors that say where they stand.
//!
//! As in cosign the policy is unified with the statement, and what results must be without
//! contradiction; it need not be concrete. What cannot be computed (a reference to nothing) is an
//! error here, where cosign passes it.

mod builtin;
mod check;
mod closed;
mod evaluate;
mod lex;
mod number;
mod parse;
mod scalar;
mod syntax;

use serde_json::Value;

use crate::Error;
use crate::Outcome;
use crate::Position;
use crate::Presence;

/// A policy in CUE that was read.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    file: syntax::File,
}

impl Program {
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let file = parse::file(text).map_err(|fault| fault.of(name))?;
        check::file(&file).map_err(|fault| fault.of(name))?;
        Ok(Self { file })
    }

    pub(crate) fn evaluate(&self, name: &str, statement: &Value, presence: Presence) -> Outcome {
        match evaluate::evaluate(&self.file, statement, presence) {
            Ok(reasons) if reasons.is_empty() => Outcome::Satisfied,
            Ok(reasons) => Outcome::Violated { reasons },
            Err(fault) => Outcome::Undecided(fault.of(name)),
        }
    }
}

/// What keeps a policy from being read or evaluated, before it is known which policy it is.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Limit(&'static str),
    Malformed(Position, String),
    Undecidable(Position, String),
    Unsupported(Position, String),
}

impl Fault {
    fn of(self, name: &str) -> Error {
        let name = name.to_owned();
        match self {
            Self::Limit(limit) => Error::Limit { name, limit },
            Self::Malformed(position, reason) => Error::Malformed {
                name,
                position: Some(position),
                reason,
            },
            Self::Undecidable(position, reason) => Error::Undecidable {
                name,
                position: Some(position),
                reason,
            },
            Self::Unsupported(position, construct) => Error::Unsupported {
                name,
                position,
                construct,
            },
        }
    }
}
