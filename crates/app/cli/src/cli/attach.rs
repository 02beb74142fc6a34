//! Arguments of `sealwright attach …`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::Subcommand;

use crate::cli::OutputFormat;
use crate::cli::seal::parse_duration;

#[derive(Debug, Subcommand)]
pub(crate) enum AttachCommand {
    /// Attach statements in DSSE envelopes, one JSON document or one a line, as cosign 1 and 2 did.
    #[command(after_help = "\
Examples:
  sealwright attach attestation provenance.intoto.jsonl ghcr.io/org/app@sha256:…")]
    Attestation {
        /// The file; bundles in it are attached as such.
        file: PathBuf,
        #[command(flatten)]
        common: AttachArgs,
    },
    /// Attach Sigstore bundles, one JSON document or one a line, as cosign 3 does.
    #[command(after_help = "\
Examples:
  sealwright attach bundle app.sigstore.json ghcr.io/org/app@sha256:…
  gh attestation download oci://ghcr.io/org/app:1 -o org && sealwright attach bundle sha256:….jsonl registry.example/app:1")]
    Bundle {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        common: AttachArgs,
    },
    /// Attach an SBOM that nobody signed, as cosign 1 and 2 did; one that is there is replaced.
    #[command(after_help = "\
A signed one says who made it: `sealwright seal` makes and signs one.

Examples:
  sealwright attach sbom app.spdx.json ghcr.io/org/app:1
  sealwright attach sbom app.cdx.xml ghcr.io/org/app:1 --media-type application/vnd.cyclonedx+xml")]
    Sbom {
        /// The document.
        file: PathBuf,
        /// Its format.
        #[arg(long, value_name = "TYPE", default_value = "text/spdx+json")]
        media_type: String,
        #[command(flatten)]
        common: AttachArgs,
    },
    /// Attach a signature that was made elsewhere, as cosign 1 and 2 did.
    #[command(after_help = "\
Examples:
  sealwright attach signature app.sig ghcr.io/org/app@sha256:… --payload payload.json
  sealwright attach signature app.sig ghcr.io/org/app:1 --payload p.json --certificate c.pem --rekor-bundle r.json")]
    Signature {
        /// The signature in Base64; a bundle is attached as such.
        file: PathBuf,
        /// What was signed [default: what cosign signs for this image without annotations].
        #[arg(long, value_name = "FILE")]
        payload: Option<PathBuf>,
        /// The signer's certificate (PEM).
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        /// The certificates above it (PEM).
        #[arg(long, value_name = "FILE", requires = "certificate")]
        certificate_chain: Option<PathBuf>,
        /// The log's promise, as `cosign` writes it.
        #[arg(long, value_name = "FILE")]
        rekor_bundle: Option<PathBuf>,
        /// An RFC 3161 timestamp response.
        #[arg(long, value_name = "FILE")]
        timestamp: Option<PathBuf>,
        #[command(flatten)]
        common: AttachArgs,
    },
}

#[derive(Args, Debug)]
pub(crate) struct AttachArgs {
    /// The image: HOST/NAME[:TAG][@DIGEST], or oci:DIR[:TAG].
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,

    /// Attach to one image of an index, as os/architecture[/variant].
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,

    /// Give up on a registry after this long, for example 90s or 5m.
    #[arg(long, value_name = "DURATION", default_value = "3m", value_parser = parse_duration)]
    pub(crate) timeout: Duration,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}
