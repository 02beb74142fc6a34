//! What the command line asks for.

use std::path::PathBuf;

use clap::Parser;

/// Measures Sealwright's figures, each as a ratio within one run.
#[derive(Debug, Parser)]
#[command(
    name = "sealwright-bench",
    after_help = "\
Examples:
  cargo run --release -p sealwright-bench -- --write
  cargo run --release -p sealwright-bench -- --quick --only verify,seal --check"
)]
pub(crate) struct Options {
    /// The binary to measure; by default what `cargo xtask release` made, else the release binary.
    #[arg(long, value_name = "FILE")]
    pub(crate) binary: Option<PathBuf>,

    /// Fewer rounds and a smaller large file.
    #[arg(long)]
    pub(crate) quick: bool,

    /// Only these groups of figures.
    #[arg(long, value_name = "GROUP,…", value_delimiter = ',',
          value_parser = ["build", "verify", "engine", "seal", "hash", "image", "registry"])]
    pub(crate) only: Vec<String>,

    /// Write docs/reference/performance.md.
    #[arg(long)]
    pub(crate) write: bool,

    /// Exit 1 when a limit is missed.
    #[arg(long)]
    pub(crate) check: bool,

    /// Time a build of the release binary from nothing.
    #[arg(long)]
    pub(crate) cold_build: bool,

    /// How long such a build took elsewhere.
    #[arg(long, value_name = "SECONDS", conflicts_with = "cold_build")]
    pub(crate) cold_build_seconds: Option<u64>,

    /// Directory to work in (4 GiB free); by default a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<PathBuf>,
}

impl Options {
    /// Whether a group of figures was asked for.
    pub(crate) fn wants(&self, group: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == group)
    }

    /// `full`, or `quick` where less precision was asked for.
    pub(crate) fn either(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }
}
