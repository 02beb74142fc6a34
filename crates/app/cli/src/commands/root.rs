//! `sealwright root …`.

use std::process::ExitCode;
use std::time::Duration;

use sealwright::Failure;
use sealwright::RootDocument;
use sealwright::Silent;
use sealwright_core::terminal;

use crate::cli::RootCommand;
use crate::cli::RootFormat;
use crate::error::Error;
use crate::printer::Printer;
use crate::settings::Settings;

pub(super) fn run(
    command: RootCommand,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitCode, Failure> {
    let silent = Silent::default();
    let context = settings.context(Duration::ZERO, &silent);
    match command {
        RootCommand::Show { format } => {
            let document = match format {
                RootFormat::TrustConfig => RootDocument::TrustConfig,
                RootFormat::TrustedRoot => RootDocument::TrustedRoot,
            };
            let shown = sealwright::root_show(&context, document)?;
            printer.data(&shown.json).map_err(Error::stdout)?;
            if let Some(day) = shown.taken {
                printer.talk(&format!(
                    "taken from its publisher on {day}; newer keys are not in it"
                ));
            }
        }
        RootCommand::Export { file } => {
            sealwright::root_export(&context, &file)?;
            printer.warn(&format!(
                "{} holds private keys: whoever reads it can sign as you",
                terminal::escape(&file.display().to_string())
            ));
        }
        RootCommand::Import { file } => {
            sealwright::root_import(&context, &file)?;
            let home = context.home.display().to_string();
            printer.talk(&format!("imported into {}", terminal::escape(&home)));
        }
    }
    Ok(ExitCode::SUCCESS)
}
