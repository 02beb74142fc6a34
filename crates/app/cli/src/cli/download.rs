//! Arguments of `sealwright download …`.

use std::time::Duration;

use clap::Args;
use clap::Subcommand;

use crate::cli::OutputFormat;
use crate::cli::seal::parse_duration;

#[derive(Debug, Subcommand)]
pub(crate) enum DownloadCommand {
    /// Print signed statements: bundles as they are stored, and DSSE envelopes, one a line.
    #[command(after_help = "\
Examples:
  sealwright download attestation ghcr.io/org/app:1
  sealwright download attestation ghcr.io/org/app:1 --predicate-type https://slsa.dev/provenance/v1")]
    Attestation {
        /// Statements of this predicate type alone.
        #[arg(long, value_name = "URI")]
        predicate_type: Option<String>,
        #[command(flatten)]
        common: DownloadArgs,
    },
    /// Print all Sigstore bundles, one a line: a file for `sealwright verify --bundle`.
    #[command(
        after_help = "Examples:\n  sealwright download bundle ghcr.io/org/app:1 > app.sigstore.jsonl"
    )]
    Bundle {
        /// Statements of this predicate type alone.
        #[arg(long, value_name = "URI")]
        predicate_type: Option<String>,
        #[command(flatten)]
        common: DownloadArgs,
    },
    /// Print the SBOM that is attached and not signed. `sealwright sbom show` reads signed ones.
    #[command(
        after_help = "Examples:\n  sealwright download sbom ghcr.io/org/app:1 > app.spdx.json"
    )]
    Sbom {
        #[command(flatten)]
        common: DownloadArgs,
    },
    /// Print signatures, one a line: bundles as they are stored, others as `cosign` prints them.
    #[command(after_help = "\
Examples:
  sealwright download signature ghcr.io/org/app:1 | jq -r .Base64Signature")]
    Signature {
        #[command(flatten)]
        common: DownloadArgs,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "Nothing is verified.")]
pub(crate) struct DownloadArgs {
    /// The image: HOST/NAME[:TAG][@DIGEST], or oci:DIR[:TAG].
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,

    /// Of one image of an index, as os/architecture[/variant].
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,

    /// Give up on a registry after this long, for example 90s or 5m.
    #[arg(long, value_name = "DURATION", default_value = "3m", value_parser = parse_duration)]
    pub(crate) timeout: Duration,

    /// Output format; json is one document with where each piece was found.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}
