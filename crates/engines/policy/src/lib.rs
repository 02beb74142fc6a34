//! Policies over attestations, in Rego and in CUE, as `cosign verify-attestation --policy` evaluates
//! them: the input is the in-toto statement as JSON.
//!
//! Source: cosign 3.1.3. Rego (version 0 of the language) asks for `data.signature.allow`, which must
//! be `true`. CUE unifies the policy with the statement, which must give no contradiction; a subset
//! of the language is evaluated ([`cue`]), and whatever lies outside it is an error with line and
//! column, never a pass. Nothing here opens a socket or a file or reads a clock, and neither can a
//! policy.

mod cue;
mod error;
mod outcome;
mod pattern;
mod presence;
#[cfg(feature = "rego")]
mod rego;

use serde_json::Value;

pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::error::Position;
pub use crate::outcome::Outcome;
pub use crate::outcome::Reason;
pub use crate::presence::Presence;

/// Most bytes of a policy.
pub const MAX_POLICY_SIZE: u64 = 1 << 20;

/// The language of a policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PolicyLanguage {
    /// CUE, the subset that [`cue`] describes.
    Cue,
    /// Rego, version 0, in package `signature`.
    Rego,
}

impl PolicyLanguage {
    /// The language of a file, by the end of its name as cosign tells them apart.
    pub fn of_file_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1 {
            "cue" => Some(Self::Cue),
            "rego" => Some(Self::Rego),
            _ => None,
        }
    }

    /// The name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cue => "cue",
            Self::Rego => "rego",
        }
    }
}

/// A policy that was read.
#[derive(Clone, Debug)]
pub struct Policy {
    name: String,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Cue(Box<cue::Program>),
    #[cfg(feature = "rego")]
    Rego(rego::Program),
}

impl Policy {
    /// Reads a policy. The name stands in messages.
    ///
    /// # Errors
    /// `policy.too-large`, `policy.malformed`, `policy.unsupported`.
    pub fn parse(language: PolicyLanguage, name: &str, bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() as u64 > MAX_POLICY_SIZE {
            return Err(Error::TooLarge {
                name: name.to_owned(),
                limit: MAX_POLICY_SIZE,
            });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Error::Malformed {
            name: name.to_owned(),
            position: None,
            reason: "it is not UTF-8".to_owned(),
        })?;
        let body = match language {
            PolicyLanguage::Cue => Body::Cue(Box::new(cue::Program::parse(name, text)?)),
            #[cfg(feature = "rego")]
            PolicyLanguage::Rego => Body::Rego(rego::Program::parse(name, text)?),
            #[cfg(not(feature = "rego"))]
            PolicyLanguage::Rego => {
                return Err(Error::LanguageMissing {
                    name: name.to_owned(),
                });
            }
        };
        Ok(Self {
            name: name.to_owned(),
            body,
        })
    }

    /// The name it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The language it is written in.
    pub fn language(&self) -> PolicyLanguage {
        match &self.body {
            Body::Cue(_) => PolicyLanguage::Cue,
            #[cfg(feature = "rego")]
            Body::Rego(_) => PolicyLanguage::Rego,
        }
    }

    /// Evaluates the policy over a statement, exactly as cosign would.
    ///
    /// WARNING: a CUE policy that asks for a field which the statement lacks is satisfied, there and
    /// here. [`Policy::evaluate_with`] asks for more.
    pub fn evaluate(&self, statement: &Value) -> Outcome {
        self.evaluate_with(statement, Presence::Ignore)
    }

    /// Evaluates the policy over a statement, and says whether the statement must have what a CUE
    /// policy says of it.
    pub fn evaluate_with(&self, statement: &Value, presence: Presence) -> Outcome {
        match &self.body {
            Body::Cue(program) => program.evaluate(&self.name, statement, presence),
            #[cfg(feature = "rego")]
            Body::Rego(program) => program.evaluate(&self.name, statement),
        }
    }
}

#[cfg(test)]
mod tests;
