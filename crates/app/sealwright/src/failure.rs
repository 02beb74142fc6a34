//! One error type for all workflows: whatever went wrong below, and what was being done.

use std::borrow::Cow;
use std::fmt;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

use crate::Problem;

/// Something went wrong: a diagnostic of any crate, with what it was about.
pub struct Failure {
    about: Option<String>,
    help: Option<String>,
    source: Box<dyn Diagnostic + Send + Sync>,
}

impl Failure {
    /// Says what the failure is about: a target, a file.
    #[must_use]
    pub fn about(mut self, what: impl fmt::Display) -> Self {
        if self.about.is_none() {
            self.about = Some(what.to_string());
        }
        self
    }

    /// Says what to do, where more is known of it than the source says.
    #[must_use]
    pub(crate) fn with_help(mut self, help: String) -> Self {
        self.help = Some(help);
        self
    }

    /// The same failure once more, for another target it stops.
    pub(crate) fn repeat(&self) -> Self {
        Self::from(self.to_problem())
    }

    /// The failure as the reason why a piece of evidence was not accepted.
    pub(crate) fn to_problem(&self) -> Problem {
        Problem {
            code: self.code(),
            class: self.class(),
            message: self.to_string(),
            help: self.help().map(Into::into),
        }
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.source.code()
    }

    /// The class, which decides the exit code.
    pub fn class(&self) -> Class {
        self.source.class()
    }

    /// What to do next.
    pub fn help(&self) -> Option<Cow<'static, str>> {
        match &self.help {
            Some(help) => Some(Cow::Owned(help.clone())),
            None => self.source.help(),
        }
    }
}

impl<D: Diagnostic + Send + Sync + 'static> From<D> for Failure {
    fn from(source: D) -> Self {
        Self {
            about: None,
            help: None,
            source: Box::new(source),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.source.to_string();
        match &self.about {
            Some(about) if !message.contains(about.as_str()) => write!(f, "{about}: {message}"),
            _ => f.write_str(&message),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure[{}]({self})", self.code())
    }
}

/// Adds what a failure is about to a result.
pub(crate) trait About<T> {
    fn about(self, what: impl fmt::Display) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> About<T> for Result<T, E> {
    fn about(self, what: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| error.into().about(what))
    }
}
