//! `sealwright completions` and `sealwright man`: both from the same tree as the parser.

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory as _;
use sealwright::Failure;

use crate::cli::Cli;
use crate::error::Error;
use crate::printer::Printer;

pub(super) fn shell(shell: clap_complete::Shell, printer: &Printer) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sealwright", &mut script);
    printer.bytes(&script).map_err(Error::stdout)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn man(directory: &Path) -> Result<ExitCode, Failure> {
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), directory))
        .map_err(|source| Error::WriteOutput {
            path: directory.to_owned(),
            source,
        })?;
    Ok(ExitCode::SUCCESS)
}
