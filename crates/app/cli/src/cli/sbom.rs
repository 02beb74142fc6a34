//! Arguments of `sealwright sbom …`.

use std::path::PathBuf;

use clap::Subcommand;
use clap::ValueEnum;
use sealwright::KeyReference;

use crate::cli::OutputFormat;

#[derive(Debug, Subcommand)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one, made from the command line"
)]
pub(crate) enum SbomCommand {
    /// Print name, version and package URL of everything in the attached, verified SBOM.
    #[command(after_help = "\
Examples:
  sealwright sbom show oci:./layout:v1
  sealwright sbom show app.whl --identity I --issuer U --trusted-root root.json

Without --identity and --issuer the SBOM must come from this data directory's own identity.")]
    Show {
        /// Whose SBOM.
        target: String,
        /// The identity that must have signed the SBOM [default: this data directory's].
        #[arg(long, value_name = "IDENTITY", requires = "issuer")]
        identity: Option<String>,
        /// The issuer that must have vouched for it [default: this data directory's].
        #[arg(long, value_name = "URL", requires = "identity")]
        issuer: Option<String>,
        /// The public key that must have signed it, or a certificate with it (PEM or DER).
        #[arg(long, value_name = "FILE", conflicts_with = "identity")]
        key: Option<KeyReference>,
        /// The trusted root to use instead of the profile's.
        #[arg(long, value_name = "FILE")]
        trusted_root: Option<PathBuf>,
        /// Output format.
        #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
        output: OutputFormat,
    },
    /// Make an SBOM and print it, unsigned.
    #[command(after_help = "\
Examples:
  sealwright sbom generate dir:. -o spdx
  sealwright sbom generate ghcr.io/org/app:1 -o cyclonedx > app.cdx.json")]
    Generate {
        /// Of what.
        target: String,
        /// The format.
        #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
        output: DocumentFormat,
    },
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum DocumentFormat {
    /// CycloneDX 1.6 JSON.
    Cyclonedx,
    /// SPDX 2.3 JSON.
    #[default]
    Spdx,
}
