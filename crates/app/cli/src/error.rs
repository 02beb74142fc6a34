//! What can go wrong in the command line itself.

use std::borrow::Cow;
use std::path::PathBuf;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::InvalidTarget;

/// An error of the command line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// Something is to be confirmed, and nobody is there to do it.
    #[error("{count} pieces of evidence would be removed, and there is no terminal to ask on")]
    ConfirmationMissing {
        /// How many.
        count: usize,
    },
    /// A person interrupted.
    #[error("interrupted at the prompt for a passphrase")]
    Interrupted,
    /// A new passphrase that was typed differently the second time.
    #[error("the two passphrases differ")]
    PassphraseMismatch,
    /// A target that is none.
    #[error(transparent)]
    Target(InvalidTarget),
    /// `explain` was asked about a code that does not exist.
    #[error("there is no code {code:?}")]
    UnknownCode {
        /// What was asked for.
        code: String,
        /// Codes that look like it.
        similar: Vec<&'static str>,
    },
    /// A result could not be written.
    #[error("{}: {source}", path.display())]
    WriteOutput {
        /// Where to; `stdout` for standard output.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn terminal(source: std::io::Error) -> Self {
        Self::WriteOutput {
            path: "/dev/tty".into(),
            source,
        }
    }

    pub(crate) fn stdout(source: std::io::Error) -> Self {
        Self::WriteOutput {
            path: "stdout".into(),
            source,
        }
    }
}

/// All codes of this crate.
#[cfg(test)]
pub(crate) const CODES: &[Code] = &[
    Code::new("usage.interrupted"),
    Code::new("usage.confirmation-missing"),
    Code::new("usage.invalid-target"),
    Code::new("usage.passphrase-mismatch"),
    Code::new("usage.unknown-code"),
    Code::new("output.write-failed"),
];

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Interrupted => Code::new("usage.interrupted"),
            Self::PassphraseMismatch => Code::new("usage.passphrase-mismatch"),
            Self::ConfirmationMissing { .. } => Code::new("usage.confirmation-missing"),
            Self::Target(_) => Code::new("usage.invalid-target"),
            Self::UnknownCode { .. } => Code::new("usage.unknown-code"),
            Self::WriteOutput { .. } => Code::new("output.write-failed"),
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::ConfirmationMissing { .. }
            | Self::Interrupted
            | Self::PassphraseMismatch
            | Self::Target(_)
            | Self::UnknownCode { .. } => Class::Usage,
            Self::WriteOutput { .. } => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Interrupted => None,
            Self::PassphraseMismatch => Some("type the same passphrase twice".into()),
            Self::ConfirmationMissing { .. } => Some("say --yes when that is wanted".into()),
            Self::Target(_) => Some("`sealwright seal --help` lists the forms of targets".into()),
            Self::UnknownCode { similar, .. } if !similar.is_empty() => {
                Some(format!("did you mean one of: {}", similar.join(", ")).into())
            }
            Self::UnknownCode { .. } => {
                Some("`sealwright explain` without a code lists all of them".into())
            }
            Self::WriteOutput { .. } => Some("check the disk and the permissions".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page() {
        for code in CODES {
            assert!(crate::explain::page(code.as_str()).is_some(), "{code}");
        }
    }
}
