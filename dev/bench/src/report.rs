//! The table, for a terminal and for `docs/reference/performance.md`.

use std::fmt::Write as _;
use std::process::Command;

use crate::figure::Figure;
use crate::options::Options;
use crate::workplace::repository;

const TITLES: [&str; 6] = ["group", "figure", "value", "limit", "outcome", "measured"];

/// For a terminal.
pub(crate) fn text(figures: &[Figure]) -> String {
    let mut rows = vec![TITLES.map(str::to_owned)];
    rows.extend(figures.iter().map(Figure::cells));
    let widths: Vec<usize> = (0..TITLES.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(String::len).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// Writes the reference page.
pub(crate) fn write(options: &Options, figures: &[Figure]) -> anyhow::Result<()> {
    let quick = if options.quick { " --quick" } else { "" };
    let mut page = format!(
        "# Performance\n\n\
         Written by `cargo run --release -p sealwright-bench -- --write{quick}`, {}.\n\n\
         Machine: {}.\n\n\
         Every ratio is of two things measured in turn within one run, round by round; the median \
         of the rounds is shown. Times beside it are medians too and belong to this machine only. \
         Peak memory is the largest resident set, as `/usr/bin/time -f %M` gives it.\n\n",
        said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        machine()
    );
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    page += &row(&TITLES.map(str::to_owned));
    page += &row(&TITLES.map(|_| "---".to_owned()));
    for figure in figures {
        page += &row(&figure.cells().map(|cell| cell.replace('|', "\\|")));
    }
    page += METHOD;
    std::fs::write(repository().join("docs/reference/performance.md"), page)?;
    Ok(())
}

fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map_or_else(
            || "unknown".to_owned(),
            |(_, value)| value.trim().to_owned(),
        )
    };
    format!(
        "{}, {} processors, {} memory, {}",
        field(&read("/proc/cpuinfo"), "model name"),
        std::thread::available_parallelism().map_or(1, usize::from),
        field(&read("/proc/meminfo"), "MemTotal"),
        said("uname", &["-sm"])
    )
}

fn said(program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}

const METHOD: &str = "
## What is compared

- **verify**: the whole process on a 4 KiB file with a signature, an SBOM and provenance, in the local profile with log
  version 1. Its cryptography alone is counted in the bundles: of each bundle its signature, certificate, the promise in
  that, the log's promise and checkpoint, and the timestamp; the authorities' own chains once; the hashes; then run in a
  warm loop in one process. The one-line program is compiled with `rustc -O` and linked statically as the release binary.
- **verify beside others**: the signature of that file alone, one bundle and a trusted root named on the command line. The
  client over the crate sigstore-verify is `interop/peers/sigstore-verify`, built with thin LTO; sigstore-python is its API
  in `interop/clients/verify.py`.
- **seal**: the whole process on a 4 KiB file it has not seen, in a data directory that exists. Its cryptography alone:
  one new key, the signatures of the key, the certificate authority, both logs and the timestamp authority, the
  verifications of checking the result, and two files of 1 KiB written and synced in the same file system.
- **hash**: `verify` of a file sealed with a signature alone, less `verify` of a small file.
- **engine**: one bundle of a file, read from its bytes and verified, over and over in one process; its cryptography alone as
  above, without the authorities' chains, which are checked once.
- **registry**: the whole process against a registry in memory, through a proxy that hands each answer on 50 ms after the
  request, less the same without the proxy.
- **image**: `seal` of a fresh copy of the image layout, signature, SBOM and provenance, checked before it ends.
";
