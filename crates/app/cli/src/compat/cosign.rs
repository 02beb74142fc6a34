//! The cosign personality: its commands, flags, output and exit codes, done by our own workflows.
//!
//! Source: cosign 3.1.3, run side by side (`interop/gate/cosign-personality.sh`). What it says on
//! standard output and its exit codes are kept; what it says on standard error keeps its shape.
//!
//! *Invariant:* a flag that narrows what is accepted is honoured or refused, and never ignored. Which
//! it is stands in [`table`]; what a command was given and did not read ends it before it succeeds.

mod error;
mod guide;
mod help;
mod initialize;
mod kept;
mod keys;
mod login;
mod names;
mod native;
mod parse;
mod predicate;
mod session;
mod sign;
mod sign_blob;
mod signer;
mod signing;
mod simple;
mod stored;
mod table;
mod trust;
mod verify;
mod verify_attestation;
mod verify_blob;
mod verify_blob_attestation;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use self::error::Error;
use self::parse::Parsed;
use self::parse::Request;
use self::session::Session;
use crate::env;
use crate::printer::Printer;
use crate::printer::Verbosity;
use crate::settings::Settings;

pub(crate) use self::guide::guide;

/// Runs one command line, without the program's name.
pub(crate) fn run(line: &[String], settings: &Settings) -> ExitCode {
    let printer = Printer::new(Verbosity::Normal);
    match try_run(line, settings, &printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.show(&printer);
            ExitCode::from(error.exit())
        }
    }
}

fn try_run(line: &[String], settings: &Settings, printer: &Printer) -> Result<(), Error> {
    let parsed = match parse::parse(line, env::read)? {
        Request::Help(path) => {
            let text = help::of(&path);
            printer.data(&text).map_err(|source| {
                Error::from(sealwright::Failure::from(crate::error::Error::stdout(
                    source,
                )))
            })?;
            return Ok(());
        }
        Request::Run(parsed) => parsed,
    };
    let printer = match parsed.is_on("verbose") {
        true => Printer::new(Verbosity::Verbose),
        false => Printer::new(Verbosity::Normal),
    };
    let session = Session::new(&parsed, settings, &printer)?;
    for warning in &parsed.warnings {
        session.warn(warning);
    }
    dispatch(&session, &parsed)
}

fn dispatch(session: &Session<'_>, parsed: &Parsed) -> Result<(), Error> {
    match parsed.command.path {
        ["verify"] => verify::run(session),
        ["verify-attestation"] => verify_attestation::run(session),
        ["verify-blob"] => verify_blob::run(session),
        ["verify-blob-attestation"] => verify_blob_attestation::run(session),
        ["sign"] => sign::sign(session),
        ["attest"] => sign::attest(session),
        ["sign-blob"] => sign_blob::run(session),
        ["attest-blob"] => sign_blob::attest(session),
        ["generate-key-pair"] => keys::generate(session),
        ["import-key-pair"] => keys::import(session),
        ["public-key"] => keys::public(session),
        ["initialize"] => initialize::run(session),
        ["trusted-root", "create"] => native::trusted_root(session),
        ["signing-config", "create"] => native::signing_config(session),
        ["triangulate"] => names::triangulate(session),
        ["generate"] => names::generate(session),
        ["login"] => login::run(session),
        ["attach", "attestation"] => stored::attach_attestation(session),
        ["attach", "sbom"] => stored::attach_sbom(session),
        ["attach", "signature"] => stored::attach_signature(session),
        ["download", what] => stored::download(session, what),
        ["tree"] => stored::tree(session),
        ["copy"] => stored::copy(session),
        ["save"] => stored::save(session),
        ["load"] => stored::load(session),
        ["clean"] => stored::clean(session),
        ["bundle", "create"] => stored::bundle_create(session),
        ["bundle", "inspect"] => stored::bundle_inspect(session),
        ["bundle", "upgrade"] => stored::bundle_upgrade(session),
        ["env"] => simple::env(session),
        ["version"] => simple::version(session),
        ["completion"] => simple::completion(session),
        ["help"] => simple::help(session),
        path => Err(Error::said(format!(
            "cosign {} is not done here yet",
            path.join(" ")
        ))),
    }
}
