//! Arguments of `sealwright tree`.

use std::time::Duration;

use clap::Args;

use crate::cli::OutputFormat;
use crate::cli::seal::parse_duration;

#[derive(Args, Debug)]
#[command(after_help = "\
Nothing is verified: identities are what certificates say. `sealwright verify` decides.

Examples:
  sealwright tree ghcr.io/org/app:1
  sealwright tree oci:./layout:1 -o json
  sealwright tree ghcr.io/org/app:1 --platform linux/arm64")]
pub(crate) struct TreeArgs {
    /// The image: HOST/NAME[:TAG][@DIGEST], or oci:DIR[:TAG].
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,

    /// Show one image of an index, as os/architecture[/variant].
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,

    /// Give up on a registry after this long, for example 90s or 5m.
    #[arg(long, value_name = "DURATION", default_value = "3m", value_parser = parse_duration)]
    pub(crate) timeout: Duration,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}
