//! Arguments of `sealwright sign`.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use super::seal::parse_annotation;
use super::signing::SigningArgs;
use crate::cli::OutputFormat;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sealwright sign app.tar.gz                          with the data directory's own identity
  sealwright sign app.tar.gz --profile public         as whoever logs in, or as this CI job
  sealwright sign ghcr.io/org/app@sha256:… --key release.key
  sealwright sign app.tar.gz --key release.key --no-tlog
  sealwright sign app.tar.gz --trust-config trust_config.json --identity-token-file token

What is made is verified before it is stored. Without a log (--no-tlog), verify wants
--insecure-ignore-tlog.")]
pub(crate) struct SignArgs {
    /// What to sign; the same forms as for `seal`.
    #[arg(required = true, value_name = "TARGET")]
    pub(crate) targets: Vec<String>,

    /// Add a signed annotation to the signature of an image or directory.
    #[arg(long = "annotation", value_name = "KEY=VALUE", value_parser = parse_annotation)]
    pub(crate) annotations: Vec<(String, String)>,

    /// Sign the images of an index, too.
    #[arg(short, long)]
    pub(crate) recursive: bool,

    #[command(flatten)]
    pub(crate) storage: StorageArgs,

    #[command(flatten)]
    pub(crate) signing: SigningArgs,

    /// Write the signature alone into this file, too, in base64.
    #[arg(long, value_name = "FILE")]
    pub(crate) output_signature: Option<PathBuf>,

    /// Write the certificate alone into this file, too, or with --key the public key, as PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) output_certificate: Option<PathBuf>,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}

#[derive(Args, Debug)]
pub(crate) struct StorageArgs {
    /// Directory for the evidence of files, directories and standard input.
    #[arg(long, value_name = "DIR", conflicts_with = "bundle")]
    pub(crate) out: Option<PathBuf>,

    /// Write the bundle into this file instead of beside the target; of an image, besides attaching it.
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,

    /// How evidence is kept beside an image. Verifiers older than cosign 3 find the others than bundle.
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub(crate) form: FormChoice,

    /// Do not attach anything to an image: --bundle alone gets it.
    #[arg(long, requires = "bundle")]
    pub(crate) no_upload: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum FormChoice {
    /// A Sigstore bundle that refers to the image.
    #[default]
    Bundle,
    /// The tags .sig and .att, as cosign 1 and 2 wrote them.
    Tag,
    /// A manifest that refers to the image, as cosign 2 wrote it for OCI 1.1.
    LegacyReferrer,
}
