//! What a policy says of a statement.

use std::fmt;

use crate::Error;
use crate::Position;

/// What a policy says of a statement. Only [`Outcome::Satisfied`] passes.
#[derive(Debug)]
pub enum Outcome {
    /// It holds.
    Satisfied,
    /// It does not hold.
    Violated {
        /// Why; at least one.
        reasons: Vec<Reason>,
    },
    /// Whether it holds could not be told.
    Undecided(Error),
}

impl Outcome {
    /// Whether the policy holds.
    pub const fn is_satisfied(&self) -> bool {
        matches!(self, Self::Satisfied)
    }
}

/// One reason why a policy does not hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reason {
    /// The field of the statement, as `predicate.scanner.uri`; empty for the statement as a whole.
    pub path: String,
    /// What was found there and what was wanted.
    pub message: String,
    /// Where the policy wants it.
    pub position: Option<Position>,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        match self.position {
            Some(position) => write!(f, " (line {position})"),
            None => Ok(()),
        }
    }
}
