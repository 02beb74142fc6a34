//! What ends a command of the personality, in cosign's words and with its exit codes.

use sealwright::Failure;
use sealwright_core::terminal;

use super::table::Arguments;
use crate::printer::Printer;

/// Why a command ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// More or fewer arguments than the command takes.
    #[error("{}", counted(.wanted, *.found))]
    ArgumentCount {
        /// How many it takes.
        wanted: Arguments,
        /// How many there are.
        found: usize,
    },
    /// A flag that is none.
    #[error("bad flag syntax: {0}")]
    BadFlag(String),
    /// A command that is not done here.
    #[error("cosign {command}: {why}")]
    CommandRefused {
        /// The command.
        command: String,
        /// Why, and what to do instead.
        why: &'static str,
    },
    /// Two flags of which one alone may be given.
    #[error(
        "if any flags in the group [{one} {other}] are set none of the others can be; [{one} {other}] were all set"
    )]
    Exclusive {
        /// One.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// Something below failed.
    #[error("{before}{failure}")]
    Failed {
        /// What cosign says before it.
        before: &'static str,
        /// What failed.
        failure: Failure,
        /// The exit code.
        exit: u8,
    },
    /// A flag that cannot be honoured.
    #[error("--{flag}: {why}")]
    FlagRefused {
        /// The flag.
        flag: &'static str,
        /// Why, and what to do instead.
        why: &'static str,
    },
    /// A value that is none of its kind.
    #[error("invalid argument {text:?} for {name:?} flag: {fault}")]
    InvalidValue {
        /// What was given.
        text: String,
        /// The flag.
        name: String,
        /// What is wrong with it.
        fault: String,
    },
    /// In words, with an exit code.
    #[error("{message}")]
    Said {
        /// The words.
        message: String,
        /// The exit code.
        exit: u8,
    },
    /// A flag that a command has and does nothing with.
    #[error("--{0} cannot be honoured here: refused rather than ignored")]
    Unread(&'static str),
    /// A command that is none.
    #[error("unknown command {name:?} for {parent:?}")]
    UnknownCommand {
        /// What was asked for.
        name: String,
        /// Of what.
        parent: String,
    },
    /// A flag that the command does not have.
    #[error("unknown flag: --{0}")]
    UnknownFlag(String),
    /// The same, by its letter.
    #[error("unknown shorthand flag: {letter:?} in {word}")]
    UnknownLetter {
        /// The letter.
        letter: char,
        /// Where it stands.
        word: String,
    },
    /// A flag without its value.
    #[error("flag needs an argument: {0}")]
    ValueMissing(String),
}

impl Error {
    /// In words, with the exit code of everything that has none of its own.
    pub(super) fn said(message: impl Into<String>) -> Self {
        Self::Said {
            message: message.into(),
            exit: 1,
        }
    }

    /// The process's exit code.
    pub(super) const fn exit(&self) -> u8 {
        match self {
            Self::Failed { exit, .. } | Self::Said { exit, .. } => *exit,
            _ => 1,
        }
    }

    /// Shows it as cosign does, and what cosign does not say below.
    pub(super) fn show(&self, printer: &Printer) {
        let message = self.to_string();
        let lines: Vec<_> = message.lines().map(terminal::escape).collect();
        let message = lines.join("\n");
        printer.plain_error(&format!("Error: {message}"));
        if let Self::UnknownCommand { parent, .. } = self {
            printer.plain_error(&format!("Run '{parent} --help' for usage."));
        }
        printer.plain_error(&format!("error during command execution: {message}"));
        if let Self::Failed { failure, .. } = self {
            if let Some(help) = failure.help() {
                printer.plain_error(&format!("  help: {}", terminal::escape(&help)));
            }
            printer.plain_error(&format!(
                "  more: sealwright explain {}",
                failure.code().as_str()
            ));
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Failed {
            before: "",
            failure,
            exit: 1,
        }
    }
}

fn counted(wanted: &Arguments, found: usize) -> String {
    match wanted {
        Arguments::AtLeastOne => {
            format!("requires at least 1 arg(s), only received {found}")
        }
        Arguments::AtMostOne => format!("accepts at most 1 arg(s), received {found}"),
        Arguments::Exactly(count) => format!("accepts {count} arg(s), received {found}"),
        Arguments::Any | Arguments::Group => format!("received {found} arg(s)"),
    }
}
