//! Measures Sealwright's figures and says which limits hold.
//!
//! Absolute times of shared machines mean little, so each figure is a ratio of two things measured
//! in turn within one run: A B A B …, the ratio taken round by round, and the median of those kept.
//! `cargo run --release -p sealwright-bench -- --help` lists the options; `--write` puts the result
//! into `docs/reference/performance.md`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a development tool: it prints a table, and only indexes JSON, where what is absent is null"
)]

mod bundles;
mod child;
mod cryptography;
mod figure;
mod figures;
mod latency;
mod options;
mod peers;
mod report;
mod rounds;
mod workplace;

use std::process::ExitCode;

use clap::Parser as _;

use crate::figure::Outcome;
use crate::options::Options;
use crate::workplace::Workplace;

fn main() -> ExitCode {
    let result = match child::requested() {
        Some(arguments) => child::serve(&arguments).map(|()| ExitCode::SUCCESS),
        None => run(&Options::parse()),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(3)
    })
}

fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let workplace = Workplace::prepare(options)?;
    let mut figures = Vec::new();
    for (name, measure) in figures::ALL {
        if options.wants(name) {
            eprintln!("measuring {name}");
            figures.extend(measure(&workplace)?);
        }
    }
    print!("{}", report::text(&figures));
    if options.write {
        report::write(options, &figures)?;
    }
    let missed = figures.iter().any(|it| it.outcome() == Outcome::Missed);
    Ok(if options.check && missed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
