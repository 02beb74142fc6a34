//! Verdicts: accepted, rejected or undecided, never two of them and never a fourth.

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

use super::Check;
use crate::Error;
use crate::Rejection;

/// The answer, with every check that led to it.
#[derive(Debug)]
pub struct Verdict<T> {
    /// The answer.
    pub outcome: Outcome<T>,
    /// The checks in the order they were made; unless accepted, the last one is why.
    pub trace: Vec<Check>,
}

/// The answer.
#[derive(Debug)]
pub enum Outcome<T> {
    /// Everything holds.
    Accepted(Box<T>),
    /// It was judged, and the answer is no.
    Rejected(Rejection),
    /// It could not be judged. Never passes a gate.
    Undecided(Error),
}

impl<T> Verdict<T> {
    /// What was accepted.
    pub fn accepted(&self) -> Option<&T> {
        match &self.outcome {
            Outcome::Accepted(value) => Some(value),
            Outcome::Rejected(_) | Outcome::Undecided(_) => None,
        }
    }

    /// What was accepted, by value.
    pub fn into_accepted(self) -> Option<T> {
        match self.outcome {
            Outcome::Accepted(value) => Some(*value),
            Outcome::Rejected(_) | Outcome::Undecided(_) => None,
        }
    }

    /// Why not, unless accepted.
    pub fn reason(&self) -> Option<&dyn Diagnostic> {
        match &self.outcome {
            Outcome::Accepted(_) => None,
            Outcome::Rejected(rejection) => Some(rejection),
            Outcome::Undecided(error) => Some(error),
        }
    }

    /// The code of why not, unless accepted.
    pub fn code(&self) -> Option<Code> {
        self.reason().map(Diagnostic::code)
    }

    /// The class of why not, unless accepted.
    pub fn class(&self) -> Option<Class> {
        self.reason().map(Diagnostic::class)
    }
}
