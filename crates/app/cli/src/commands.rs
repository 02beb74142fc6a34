//! What each verb does: settings in, workflow run, result shown.

mod attach;
mod attest;
mod bundle;
mod clean;
mod completions;
mod conformance;
mod copy;
mod download;
mod explain;
mod keys;
mod log;
mod root;
mod root_create;
mod sbom;
mod seal;
mod sign;
mod signing;
mod tree;
mod tuf_client;
mod up;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use sealwright::Failure;
use sealwright_core::Target;
use sealwright_core::terminal;

use crate::cli::Cli;
use crate::cli::Command;
use crate::cli::CompatCommand;
use crate::compat;
use crate::error::Error;
use crate::printer::Printer;
use crate::settings::Settings;

/// Runs the command; the code it returns is the process's.
pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<ExitCode, Failure> {
    let settings = Settings::resolve(&cli.global);
    match cli.command {
        Command::Seal(args) => seal::run(*args, &settings, printer),
        Command::Sign(args) => sign::run(*args, &settings, printer),
        Command::Attest(args) => attest::run(&args, &settings, printer),
        Command::Verify(args) => verify::run(*args, &settings, printer),
        Command::Copy(args) => copy::run(*args, &settings, printer),
        Command::Save(args) => copy::save(&args, &settings, printer),
        Command::Load(args) => copy::load(&args, &settings, printer),
        Command::Tree(args) => tree::run(&args, &settings, printer),
        Command::Clean(args) => clean::run(&args, &settings, printer),
        Command::Attach(command) => attach::run(command, &settings, printer),
        Command::Download(command) => download::run(command, &settings, printer),
        Command::Bundle(command) => bundle::run(command, &settings, printer),
        Command::Sbom(command) => sbom::run(command, &settings, printer),
        Command::Keys(command) => keys::run(command, &settings, printer),
        Command::Root(command) => root::run(command, &settings, printer),
        Command::Log(command) => log::run(command, &settings, printer),
        Command::Up(args) => up::run(*args, &settings, printer),
        Command::TufClient(args) => Ok(tuf_client::run(&args, &settings, printer)),
        Command::Compat(CompatCommand::Cosign { line }) => Ok(compat::run_cosign(&line, &settings)),
        Command::Compat(CompatCommand::CosignGuide) => {
            printer
                .data(&compat::cosign_guide())
                .map_err(Error::stdout)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Conformance(command) => conformance::run(command, &settings, printer),
        Command::Explain { code } => explain::run(code.as_deref(), printer),
        Command::Completions { shell } => completions::shell(shell, printer),
        Command::Man { directory } => completions::man(&directory),
    }
}

fn parse_targets(texts: &[String]) -> Result<Vec<Target>, Failure> {
    texts.iter().map(|text| parse_target(text)).collect()
}

fn parse_target(text: &str) -> Result<Target, Failure> {
    Target::parse(text, |path| Path::new(path).symlink_metadata().is_ok())
        .map_err(|error| Failure::from(Error::Target(error)))
}

/// Shows a failure as an error.
fn report(printer: &Printer, failure: &Failure) {
    printer.error(
        failure.code().as_str(),
        &terminal::escape(&failure.to_string()),
        failure.help().as_deref(),
    );
}

/// Keeps the failure that decides the exit code.
fn worse(a: Option<Failure>, b: Failure) -> Failure {
    match a {
        Some(a) if a.class().exit_code() <= b.class().exit_code() => a,
        _ => b,
    }
}

fn exit_code(failure: Option<&Failure>) -> ExitCode {
    failure.map_or(ExitCode::SUCCESS, |failure| {
        ExitCode::from(failure.class().exit_code())
    })
}

/// A number of bytes, for people.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut whole = count;
    let mut rest = 0;
    let mut unit = "B";
    for next in UNITS {
        if whole < 1024 {
            break;
        }
        rest = whole % 1024;
        whole /= 1024;
        unit = next;
    }
    match unit {
        "B" => format!("{whole} B"),
        unit => format!("{whole}.{} {unit}", rest * 10 / 1024),
    }
}
