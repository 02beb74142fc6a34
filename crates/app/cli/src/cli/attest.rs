//! Arguments of `sealwright attest`.

use std::path::PathBuf;

use clap::Args;

use super::sign::StorageArgs;
use super::signing::SigningArgs;
use crate::cli::OutputFormat;

#[derive(Args, Debug)]
#[command(after_help = "\
Types by a short name: custom, cyclonedx, link, openvex, slsaprovenance, slsaprovenance02,
slsaprovenance1, spdx, spdxjson, vuln. Any URI is one, too.

Examples:
  sealwright attest app.tar.gz --predicate scan.json --type vuln
  sealwright attest ghcr.io/org/app:1 --predicate sbom.cdx.json --type cyclonedx --replace
  sealwright attest app.tar.gz --predicate review.json --type https://example.com/review/v1 \\
      --key release.key")]
pub(crate) struct AttestArgs {
    /// What the statement is about; the same forms as for `seal`.
    #[arg(required = true, value_name = "TARGET")]
    pub(crate) targets: Vec<String>,

    /// The file with what is stated. May be a pipe: <(command), /dev/stdin.
    #[arg(long, value_name = "FILE")]
    pub(crate) predicate: PathBuf,

    /// The type of what is stated: a short name or a URI.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) predicate_type: String,

    /// Take earlier statements of this type away.
    #[arg(long)]
    pub(crate) replace: bool,

    #[command(flatten)]
    pub(crate) storage: StorageArgs,

    #[command(flatten)]
    pub(crate) signing: SigningArgs,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}
