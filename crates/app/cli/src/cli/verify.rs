//! Arguments of `sealwright verify`.

use std::path::PathBuf;

use clap::Args;
use sealwright::CertificateClaim;
use sealwright::KeyReference;
use sealwright::RequiredClaim;

use crate::cli::OutputFormat;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sealwright verify app.tar.gz --identity me@x.sealwright.invalid --issuer https://x.sealwright.invalid
  sealwright verify ghcr.io/org/app:1 --identity I --issuer U --require signature,provenance,sbom
  sealwright verify app.tar.gz --key release.pub
  sealwright verify ghcr.io/org/app:1 --key release.pub --require provenance --policy builder.cue
  sealwright verify app.tar.gz --bundle app.sigstore.json --trusted-root root.json --identity I --issuer U

Without an identity, verify says which one it found and how to require it, and exits 2: a
signature by anybody proves nothing.")]
pub(crate) struct VerifyArgs {
    /// What to verify; the same forms as for `seal`.
    #[arg(required = true, value_name = "TARGET")]
    pub(crate) targets: Vec<String>,

    /// The identity that must have signed, exactly.
    #[arg(long, value_name = "IDENTITY", conflicts_with = "identity_regexp")]
    pub(crate) identity: Option<String>,

    /// A regular expression that must match the whole identity.
    #[arg(long, value_name = "REGEXP")]
    pub(crate) identity_regexp: Option<String>,

    /// The issuer that must have vouched for the identity, exactly.
    #[arg(long, value_name = "URL", conflicts_with = "issuer_regexp")]
    pub(crate) issuer: Option<String>,

    /// A regular expression that must match the whole issuer.
    #[arg(long, value_name = "REGEXP")]
    pub(crate) issuer_regexp: Option<String>,

    /// The public key that must have signed: a file with it or with a certificate (PEM or DER), or
    /// env://NAME. May be repeated, and stand beside an identity: a signature by any of them will do.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<KeyReference>,

    /// What the certificate must also say, for example source-repository-ref=refs/heads/main; may be
    /// repeated. A wrong name lists all names.
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "key")]
    pub(crate) require_claim: Vec<CertificateClaim>,

    /// Claims that must be proved: signature, provenance, sbom, or the URI of a predicate type.
    #[arg(long, value_name = "CLAIM,…", value_delimiter = ',')]
    pub(crate) require: Vec<RequiredClaim>,

    /// A policy in Rego (.rego: package signature, rule allow) or CUE (.cue) that every statement must
    /// satisfy which proves a required claim; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<PathBuf>,

    /// A bundle, or JSON lines of bundles, to use instead of looking for some. May be a pipe:
    /// <(command), /dev/stdin.
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,

    /// The trusted root to use instead of those that are known (see `sealwright root show`). May be a pipe.
    #[arg(long, value_name = "FILE")]
    pub(crate) trusted_root: Option<PathBuf>,

    /// Accept signatures that no transparency log holds. Whoever watches a log for uses of their
    /// identity or key does not see them.
    #[arg(long)]
    pub(crate) insecure_ignore_tlog: bool,

    /// Open no socket; images in registries cannot be verified then.
    #[arg(long)]
    pub(crate) offline: bool,

    /// Give up on a registry after this long, for example 90s or 5m.
    #[arg(long, value_name = "DURATION", default_value = "3m", value_parser = super::seal::parse_duration)]
    pub(crate) timeout: std::time::Duration,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}
