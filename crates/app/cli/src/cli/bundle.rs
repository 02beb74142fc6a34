//! Arguments of `sealwright bundle …`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use sealwright::KeyReference;

use crate::cli::OutputFormat;

#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Make a Sigstore bundle of version 0.3 out of a signature and what belongs to it.
    #[command(after_help = "\
The bundle is not verified: `sealwright verify FILE --bundle BUNDLE` does that.

Examples:
  sealwright bundle create --artifact app.tar.gz --signature app.sig --certificate app.pem --out app.sigstore.json
  sealwright bundle create --attestation app.dsse.json --key release.pub --timestamp app.tsr
  sealwright bundle create --artifact app.tar.gz --old-bundle app.bundle --log-entry entry.json")]
    Create(Box<BundleCreateArgs>),
    /// Print everything that bundles say, in words. Nothing is verified.
    #[command(after_help = "\
Examples:
  sealwright bundle inspect app.sigstore.json
  sealwright bundle inspect app.sigstore.jsonl -o json | jq '.bundles[].certificates[0].identity'")]
    Inspect {
        /// The file: one JSON document, or one a line.
        file: PathBuf,
        /// Output format.
        #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
        output: OutputFormat,
    },
    /// Bring older bundles to version 0.3, where they have what it requires.
    #[command(after_help = "\
Read are bundles of version 0.1 and 0.2, and what `cosign sign-blob --bundle` wrote before version 3.
Nothing is invented: without a proof of inclusion, for instance, a log entry stays what it is.

Examples:
  sealwright bundle upgrade old.sigstore --out app.sigstore.json")]
    Upgrade {
        /// The file: one JSON document, or one a line.
        file: PathBuf,
        /// What was signed, where the bundle does not have its digest.
        #[arg(long, value_name = "FILE")]
        artifact: Option<PathBuf>,
        /// Where to write to [default: standard output].
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct BundleCreateArgs {
    /// What was signed; of an attestation it is not needed.
    #[arg(long, value_name = "FILE")]
    pub(crate) artifact: Option<PathBuf>,

    /// The signature, raw or in Base64.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["attestation", "old_bundle"])]
    pub(crate) signature: Option<PathBuf>,

    /// A statement in a DSSE envelope.
    #[arg(long, value_name = "FILE", conflicts_with = "old_bundle")]
    pub(crate) attestation: Option<PathBuf>,

    /// What `cosign sign-blob --bundle` wrote before version 3.
    #[arg(long, value_name = "FILE")]
    pub(crate) old_bundle: Option<PathBuf>,

    /// The signer's certificate: PEM or DER.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub(crate) certificate: Option<PathBuf>,

    /// The signer's public key.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<KeyReference>,

    /// The log entry, as a log of version 1 answers or as bundles have it.
    #[arg(long, value_name = "FILE")]
    pub(crate) log_entry: Option<PathBuf>,

    /// An RFC 3161 timestamp response.
    #[arg(long, value_name = "FILE")]
    pub(crate) timestamp: Option<PathBuf>,

    /// Where to write to [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
