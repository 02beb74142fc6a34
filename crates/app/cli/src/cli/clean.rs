//! Arguments of `sealwright clean`.

use std::time::Duration;

use clap::Args;
use clap::ValueEnum;

use crate::cli::OutputFormat;
use crate::cli::seal::parse_duration;

#[derive(Args, Debug)]
#[command(after_help = "\
Removed is evidence of the image and of all platforms of an index, with what is attached to it. The
image itself is never touched. Not every registry allows this; what it refuses is reported, and the
exit code says so.

Examples:
  sealwright clean localhost:5000/app:1 --type signature
  sealwright clean oci:./layout:1 --yes")]
pub(crate) struct CleanArgs {
    /// The image: HOST/NAME[:TAG][@DIGEST], or oci:DIR[:TAG].
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,

    /// What to remove.
    #[arg(long = "type", value_enum, default_value_t, value_name = "TYPE")]
    pub(crate) kind: CleanChoice,

    /// Clean one image of an index, as os/architecture[/variant].
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,

    /// Do not ask.
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Give up on a registry after this long, for example 90s or 5m.
    #[arg(long, value_name = "DURATION", default_value = "3m", value_parser = parse_duration)]
    pub(crate) timeout: Duration,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}

/// What is removed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum CleanChoice {
    /// Whatever is attached, also of kinds that have no name here.
    #[default]
    All,
    /// Signed statements, such as provenance and signed SBOMs.
    Attestation,
    /// SBOMs that nobody signed.
    Sbom,
    /// Signatures.
    Signature,
}
