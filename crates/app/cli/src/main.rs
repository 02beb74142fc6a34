//! The `sealwright` binary.

mod announcements;
mod cli;
mod commands;
mod compat;
mod env;
mod error;
mod explain;
mod output;
mod passphrase;
mod paste;
mod printer;
mod progress;
mod settings;
mod terminal_prompt;

use std::process::ExitCode;

use clap::Parser as _;
use sealwright::Failure;
use sealwright_core::terminal;

use crate::cli::Cli;
use crate::error::Error;
use crate::printer::Printer;
use crate::printer::Verbosity;
use crate::settings::Settings;

fn main() -> ExitCode {
    // What scripts ask to see whether the tool is there: not worth building a parser for.
    if is_version_alone() {
        let printer = Printer::new(Verbosity::Normal);
        let printed = printer.bytes(VERSION.as_bytes()).map_err(Error::stdout);
        return end(
            printed.map(|()| ExitCode::SUCCESS).map_err(Failure::from),
            &printer,
        );
    }
    if let Some(line) = compat::cosign_line() {
        return compat::run_cosign(&line, &Settings::of_environment());
    }
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
    end(commands::run(cli, &printer), &printer)
}

/// As the parser answers `--version`.
const VERSION: &str = concat!("sealwright ", env!("CARGO_PKG_VERSION"), "\n");

fn is_version_alone() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next();
    let is_version = first.is_some_and(|first| first == "--version" || first == "-V");
    is_version && arguments.next().is_none()
}

fn end(result: Result<ExitCode, Failure>, printer: &Printer) -> ExitCode {
    match result {
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
