//! Stable codes for everything that can go wrong, and the class that decides the exit code.

use std::borrow::Cow;
use std::fmt;

/// A stable, documented name for one way of failing, such as `artifact.digest-mismatch`.
///
/// A code never changes meaning; each has a page in `docs/codes/`, printed by `sealwright explain`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Code(&'static str);

impl Code {
    /// Names a code. Lower case, `area.what-is-wrong`.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The code as written, for example `artifact.digest-mismatch`.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What kind of failure a code is. The class alone decides the process's exit code.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Class {
    /// The evidence was judged and the answer is no (exit code 1).
    Rejected,
    /// The arguments or the configuration are wrong (exit code 2).
    Usage,
    /// No decision could be made: I/O, malformed input, missing trust, remote failure (exit code 3).
    Undecided,
    /// Credentials are missing or were refused (exit code 4).
    Auth,
    /// An invariant of Sealwright itself does not hold (exit code 5).
    Bug,
}

impl Class {
    /// The process exit code of this class.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Rejected => 1,
            Self::Usage => 2,
            Self::Undecided => 3,
            Self::Auth => 4,
            Self::Bug => 5,
        }
    }

    /// The class's name as JSON output spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Usage => "usage",
            Self::Undecided => "undecided",
            Self::Auth => "auth",
            Self::Bug => "bug",
        }
    }
}

/// An error or rejection that can be shown to a person: a message (`Display`), a code, a class and
/// what to do next.
pub trait Diagnostic: std::error::Error {
    /// The stable code.
    fn code(&self) -> Code;

    /// The class, which decides the exit code.
    fn class(&self) -> Class;

    /// What to do next: a flag, a file or a command. Shown on its own line.
    fn help(&self) -> Option<Cow<'static, str>> {
        None
    }
}
