//! Verifying a small file, against its cryptography alone; starting up, against a program that does
//! nothing.

use std::process::Command;

use anyhow::bail;

use crate::child::CommandLine;
use crate::cryptography::Cryptography;
use crate::figure::Figure;
use crate::figure::Limit;
use crate::figure::Unit;
use crate::figures::beside;
use crate::rounds::Rounds;
use crate::rounds::Subject;
use crate::workplace::Workplace;

const GROUP: &str = "verify";

pub(super) fn measure(workplace: &Workplace<'_>) -> anyhow::Result<Vec<Figure>> {
    let work = workplace.work;
    let cryptography = Cryptography::new(work)?;
    let verify = workplace.verify(&workplace.small);
    let version = workplace.sealwright(["--version"]);
    let hello = hello(workplace)?;
    let runs = workplace.options.either(40, 10);
    let rounds = Rounds::measure(
        workplace.options.either(15, 5),
        [
            Subject::command(&verify, runs),
            Subject::command(&version, runs),
            Subject::function(|_| cryptography.verify()),
            Subject::command(&hello, runs),
        ],
    )?;
    let milliseconds = |of: usize| rounds.median(|it| it.get(of).map_or(0.0, |it| it.cpu)) * 1e3;
    let mut figures = vec![
        Figure::measured(
            GROUP,
            "CPU of verify less --version, to its cryptography alone",
            (
                rounds.median(|[verify, version, alone, _]| (verify.cpu - version.cpu) / alone.cpu),
                Unit::Ratio,
            ),
            Limit::AtMost(2.0),
            format!(
                "{:.2} ms less {:.2} ms, to {:.2} ms: {} verifications for {} bundles",
                milliseconds(0),
                milliseconds(1),
                milliseconds(2),
                work.verifications,
                work.bundles
            ),
        ),
        Figure::measured(
            GROUP,
            "CPU of --version, to a program that prints one line",
            (
                rounds.median(|[_, version, _, hello]| version.cpu / hello.cpu),
                Unit::Ratio,
            ),
            Limit::AtMost(2.0),
            format!("{:.2} ms to {:.2} ms", milliseconds(1), milliseconds(3)),
        ),
        Figure::measured(
            GROUP,
            "peak memory of verify",
            (rounds.largest(|[verify, ..]| verify.peak), Unit::Mebibytes),
            Limit::AtMost(8.0),
            format!(
                "--version {:.1} MiB, the one-line program {:.1} MiB",
                rounds.largest(|[_, version, ..]| version.peak),
                rounds.largest(|[.., hello]| hello.peak)
            ),
        ),
    ];
    figures.extend(beside::measure(workplace)?);
    Ok(figures)
}

/// A program that prints one line, compiled and linked as the release binary is.
fn hello(workplace: &Workplace<'_>) -> anyhow::Result<CommandLine> {
    let source = workplace.directory.join("hello.rs");
    std::fs::write(&source, "fn main() { println!(\"hello\"); }\n")?;
    let status = Command::new("rustc")
        .args([
            "-O",
            "-C",
            "target-feature=+crt-static",
            "-C",
            "strip=symbols",
        ])
        .args(["-C", "panic=abort", "-o", "hello"])
        .arg(&source)
        .current_dir(&workplace.directory)
        .status()?;
    if !status.success() {
        bail!("rustc cannot compile a program of one line");
    }
    let program = workplace.directory.join("hello");
    Ok(workplace.command([program.display().to_string()]))
}
