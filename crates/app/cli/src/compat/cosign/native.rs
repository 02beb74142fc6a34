//! Commands that a native verb does as it is: its arguments are put together and run.

use std::process::ExitCode;

use clap::Parser as _;

use super::error::Error;
use super::session::Session;
use crate::cli::Cli;
use crate::commands;

/// Where what a native verb prints goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Output {
    /// It is data.
    Data,
    /// It only says what was done.
    Talk,
}

/// Runs a native verb.
pub(super) fn run(
    session: &Session<'_>,
    arguments: Vec<String>,
    output: Output,
) -> Result<(), Error> {
    if session.has_output_file() {
        return Err(Error::said(
            "--output-file: redirect standard output instead",
        ));
    }
    session.all_read()?;
    let program = std::iter::once("sealwright".to_owned());
    let cli = Cli::try_parse_from(program.chain(arguments)).map_err(|error| {
        let text = error.to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let message = text.lines().take_while(|line| !line.is_empty());
        Error::said(message.collect::<Vec<_>>().join(" "))
    })?;
    let talking = session.printer.talking();
    let printer = match output {
        Output::Data => session.printer,
        Output::Talk => &talking,
    };
    match commands::run(cli, printer)? {
        code if code == ExitCode::SUCCESS => Ok(()),
        _ => Err(Error::said("it failed, as was said")),
    }
}

/// Runs `cosign trusted-root create`.
pub(super) fn trusted_root(session: &Session<'_>) -> Result<(), Error> {
    let mut arguments = words(&["root", "create"]);
    lists(session, &mut arguments, &["fulcio", "rekor", "ctfe", "tsa"]);
    switches(
        session,
        &mut arguments,
        &[
            "with-default-services",
            "no-default-fulcio",
            "no-default-rekor",
            "no-default-ctfe",
            "no-default-tsa",
        ],
    );
    texts(session, &mut arguments, &["out"]);
    run(session, arguments, Output::Data)
}

/// Runs `cosign signing-config create`.
pub(super) fn signing_config(session: &Session<'_>) -> Result<(), Error> {
    let mut arguments = words(&["root", "signing-config", "create"]);
    lists(
        session,
        &mut arguments,
        &["fulcio", "rekor", "oidc-provider", "tsa"],
    );
    switches(
        session,
        &mut arguments,
        &[
            "with-default-services",
            "no-default-fulcio",
            "no-default-rekor",
            "no-default-oidc",
            "no-default-tsa",
        ],
    );
    texts(
        session,
        &mut arguments,
        &["rekor-config", "tsa-config", "base-config", "out"],
    );
    run(session, arguments, Output::Data)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn lists(session: &Session<'_>, arguments: &mut Vec<String>, flags: &[&'static str]) {
    for flag in flags {
        for value in session.parsed.list(flag) {
            arguments.push(format!("--{flag}={value}"));
        }
    }
}

fn switches(session: &Session<'_>, arguments: &mut Vec<String>, flags: &[&'static str]) {
    for flag in flags {
        if session.parsed.is_on(flag) {
            arguments.push(format!("--{flag}"));
        }
    }
}

fn texts(session: &Session<'_>, arguments: &mut Vec<String>, flags: &[&'static str]) {
    for flag in flags {
        if let Some(value) = session.parsed.given(flag) {
            arguments.push(format!("--{flag}={value}"));
        }
    }
}
