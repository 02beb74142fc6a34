//! Arguments of `sealwright seal`.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use super::signing::SigningArgs;
use crate::cli::OutputFormat;

#[derive(Args, Debug)]
#[command(after_help = "\
Targets:
  FILE                a file; its evidence is written beside it
  -                   standard input; evidence goes to the current directory or --out
  dir:PATH            all files below a directory, as one artifact
  oci:DIR[:TAG]       an image in an OCI layout
  HOST/NAME[:TAG]     an image in a registry (plain http only on this machine); where HOST is also
                      the name of a file or directory here, the tag or digest must be written

Examples:
  sealwright seal app.tar.gz
  sealwright seal ghcr.io/org/app@sha256:…  --annotation build=1234
  sealwright seal oci:./layout:v1 --sbom cyclonedx -o json
  tar c src | sealwright seal - --out evidence/
  sealwright seal app.tar.gz --profile public      as whoever logs in, or as this CI job
  sealwright seal app.tar.gz --key release.key

The local profile's identity is self-asserted: it proves that whoever holds the data directory
sealed the artifact, and nothing about the machine it was built on (SLSA build level 1).")]
pub(crate) struct SealArgs {
    /// What to seal.
    #[arg(required = true, value_name = "TARGET")]
    pub(crate) targets: Vec<String>,

    /// Format of the SBOM.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) sbom: SbomChoice,

    /// Whether to state how the artifact was made.
    #[arg(long, value_enum, default_value_t, value_name = "WHICH")]
    pub(crate) provenance: ProvenanceChoice,

    /// Add a signed annotation to the signature of an image or directory.
    #[arg(long = "annotation", value_name = "KEY=VALUE", value_parser = parse_annotation)]
    pub(crate) annotations: Vec<(String, String)>,

    /// Directory for the evidence of files, directories and standard input.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) signing: SigningArgs,

    /// Say what would be made, and make nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Seal even what is sealed already; the new evidence is added to the old.
    #[arg(long)]
    pub(crate) again: bool,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum SbomChoice {
    /// CycloneDX 1.6 JSON.
    Cyclonedx,
    /// No SBOM.
    None,
    /// SPDX 2.3 JSON.
    #[default]
    Spdx,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum ProvenanceChoice {
    /// SLSA v1 provenance from the CI environment, else from this machine and its git checkout.
    #[default]
    Auto,
    /// No provenance.
    None,
}

pub(super) fn parse_annotation(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("wanted KEY=VALUE".to_owned()),
    }
}

pub(crate) fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    let (digits, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("wanted a number with s, m or h, such as 90s".to_owned()),
    };
    match digits.parse::<u32>() {
        Ok(count) if count > 0 => Ok(std::time::Duration::from_secs(u64::from(count) * factor)),
        _ => Err("wanted a number with s, m or h, such as 90s".to_owned()),
    }
}
