//! `sealwright log …`.

use std::process::ExitCode;
use std::time::Duration;

use sealwright::Failure;
use sealwright::Silent;

use crate::cli::LogCommand;
use crate::cli::OutputFormat;
use crate::error::Error;
use crate::output;
use crate::output::log::FsckDocument;
use crate::output::log::LogEntryDocument;
use crate::printer::BOLD;
use crate::printer::GOOD;
use crate::printer::Printer;
use crate::settings::Settings;

pub(super) fn run(
    command: LogCommand,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let silent = Silent::default();
    let context = settings.context(Duration::ZERO, &silent);
    let text = match command {
        LogCommand::Fsck { output } => {
            let checked = sealwright::log_fsck(&context)?;
            match output {
                OutputFormat::Json => output::to_text(&FsckDocument::new(&checked))
                    .map_err(|e| Error::stdout(e.into()))?,
                OutputFormat::Text => format!(
                    "{GOOD}sound{GOOD:#} {BOLD}{}{BOLD:#}\n  entries  {}\n  root     sha256:{}\n",
                    checked.origin, checked.size, checked.root
                ),
            }
        }
        LogCommand::Show { index, output } => {
            let entry = sealwright::log_entry(&context, index)?;
            match output {
                OutputFormat::Json => output::to_text(&LogEntryDocument::new(&entry)?)
                    .map_err(|e| Error::stdout(e.into()))?,
                OutputFormat::Text => LogEntryDocument::new(&entry)?.to_text(),
            }
        }
    };
    printer.data(&text).map_err(Error::stdout)?;
    Ok(ExitCode::SUCCESS)
}
