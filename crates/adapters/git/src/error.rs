//! Why a repository could not be described.

use std::borrow::Cow;
use std::path::PathBuf;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;

const FOREIGN: Code = Code::new("git.foreign-repository");
const UNREADABLE: Code = Code::new("git.unreadable-repository");

/// All codes of this crate.
pub const CODES: &[Code] = &[FOREIGN, UNREADABLE];

/// A repository that is there but says nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It belongs to another user, who may have put it there to be found.
    #[error("the Git repository {} belongs to another user", path.display())]
    Foreign {
        /// The repository.
        path: PathBuf,
    },
    /// It is damaged, or of a kind that is not understood.
    #[error("the Git repository at {} cannot be read: {reason}", path.display())]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Foreign { .. } => FOREIGN,
            Self::Unreadable { .. } => UNREADABLE,
        }
    }

    fn class(&self) -> Class {
        Class::Undecided
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Foreign { .. } => Some(Cow::Borrowed(
                "run as the user it belongs to, or leave provenance out with --provenance none",
            )),
            Self::Unreadable { .. } => Some(Cow::Borrowed("see what `git fsck` says")),
        }
    }
}
