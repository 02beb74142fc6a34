//! The `sealwright` binary.

mod cli;
mod commands;
mod env;
mod error;
mod explain;
mod output;
mod paste;
mod printer;
mod progress;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;
use sealwright_core::terminal;

use crate::cli::Cli;
use crate::printer::Printer;
use crate::printer::Verbosity;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout and are no failure; clap knows which is which.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let printer = Printer::new(match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    });
    match commands::run(cli, &printer) {
        Ok(code) => code,
        Err(failure) => {
            let help = failure.help();
            printer.error(
                failure.code().as_str(),
                &terminal::escape(&failure.to_string()),
                help.as_deref(),
            );
            ExitCode::from(failure.class().exit_code())
        }
    }
}
