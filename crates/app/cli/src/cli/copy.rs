//! Arguments of `sealwright copy`, `save` and `load`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::ValueEnum;

use crate::cli::OutputFormat;
use crate::cli::seal::parse_duration;

#[derive(Args, Debug)]
#[command(after_help = "\
Images are named as HOST/NAME[:TAG][@DIGEST] in a registry, or oci:DIR[:TAG] in an OCI layout, which is
made when it is not there. Copied are all platforms of an index, whatever refers to any of them, and
what stands under their .sig, .att and .sbom tags. The tag of the destination is written last.

Run the same command again after an interruption: what is there is not sent again.

Examples:
  sealwright copy ghcr.io/org/app:1 registry.example/mirror/app:1
  sealwright copy ghcr.io/org/app:1 oci:./layout:1
  sealwright copy oci:./layout:1 localhost:5000/app:1 --platform linux/amd64
  sealwright copy ghcr.io/org/app:1 registry.example/app:1 --only signature,attestation")]
pub(crate) struct CopyArgs {
    /// The image to copy.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,

    /// Where to.
    #[arg(value_name = "DESTINATION")]
    pub(crate) destination: String,

    /// Copy evidence of these kinds, and the image not.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND")]
    pub(crate) only: Vec<EvidenceChoice>,

    /// Copy one image of an index, as os/architecture[/variant].
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,

    /// Fail when the destination's tag names something else. Evidence that is there stays in any case.
    #[arg(long)]
    pub(crate) keep_tag: bool,

    #[command(flatten)]
    pub(crate) common: TransferArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The directory is an OCI layout as `cosign save` writes it: `cosign load`, `sealwright load` and
`sealwright verify oci:DIR --offline` read it. It is made when it is not there, and holds one image.

Examples:
  sealwright save ghcr.io/org/app:1 ./app
  sealwright verify oci:./app --offline --identity I --issuer U")]
pub(crate) struct SaveArgs {
    /// The image to save.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,

    /// The directory to save it in.
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,

    /// Save one image of an index, as os/architecture[/variant].
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,

    #[command(flatten)]
    pub(crate) common: TransferArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sealwright load ./app registry.example/app:1
  cosign save --dir ./app ghcr.io/org/app:1 && sealwright load ./app localhost:5000/app:1")]
pub(crate) struct LoadArgs {
    /// A directory that `sealwright save` or `cosign save` wrote, or an OCI layout with one image.
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,

    /// Where to.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,

    #[command(flatten)]
    pub(crate) common: TransferArgs,
}

#[derive(Args, Debug)]
pub(crate) struct TransferArgs {
    /// Give up on a blob after this long, for example 90s or 5m.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_duration)]
    pub(crate) timeout: Duration,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}

/// A kind of evidence.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum EvidenceChoice {
    /// Signed statements, such as provenance and signed SBOMs.
    #[value(alias = "att", alias = "attestations")]
    Attestation,
    /// SBOMs that nobody signed.
    #[value(alias = "sboms")]
    Sbom,
    /// Signatures.
    #[value(alias = "sig", alias = "signatures")]
    Signature,
}
