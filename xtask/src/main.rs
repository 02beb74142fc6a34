//! Chores of the repository: `cargo xtask tidy | gen [--check] | release | trust-roots`.
//!
//! `tidy` checks the rules that ARCHITECTURE.md and CONTRIBUTING.md state and no lint can; `gen`
//! writes the generated pages of docs/reference/; `release` builds the static binary;
//! `trust-roots` takes the embedded trusted roots anew.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development tool that talks to whoever runs it"
)]

use std::process::ExitCode;

use anyhow::Context as _;

mod cargo;
mod floors;
mod generate;
mod release;
mod rust_text;
mod sources;
mod tidy;
mod trust_roots;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether a check that could be made passed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    Good,
    Bad,
}

fn run(arguments: &[&str]) -> anyhow::Result<Outcome> {
    let root = sources::root()?;
    match arguments {
        ["tidy"] => {
            let findings = tidy::findings(&root).context("tidy")?;
            for finding in &findings {
                println!("{finding}");
            }
            if findings.is_empty() {
                return Ok(Outcome::Good);
            }
            eprintln!("xtask tidy: {} findings", findings.len());
            Ok(Outcome::Bad)
        }
        ["gen"] => generate::write(&root).context("gen"),
        ["gen", "--check"] => generate::check(&root).context("gen --check"),
        ["release"] => release::build(&root).context("release"),
        ["trust-roots"] => trust_roots::take(&root).context("trust-roots"),
        _ => anyhow::bail!("wanted one of: tidy, gen, gen --check, release, trust-roots"),
    }
}
