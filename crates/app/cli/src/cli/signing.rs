//! Arguments of every verb that signs.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;
use sealwright::KeyReference;

#[derive(Args, Debug)]
#[command(next_help_heading = "Signing options")]
pub(crate) struct SigningArgs {
    /// Sign where this signing configuration says; --trusted-root goes with it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "trust_config"])]
    pub(crate) signing_config: Option<PathBuf>,

    /// The trusted root of these services, by which what was made is verified.
    #[arg(long, value_name = "FILE", requires = "signing_config")]
    pub(crate) trusted_root: Option<PathBuf>,

    /// Sign where this client trust configuration says, which has the trusted root, too.
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    pub(crate) trust_config: Option<PathBuf>,

    /// Sign with this key instead of with a certificate: a file, env://VARIABLE, or the URI of a key
    /// management service. Whoever verifies must know the public key.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<KeyReference>,

    /// Record nothing in a transparency log. Nobody who watches one sees the signature then, and
    /// whoever verifies must say --insecure-ignore-tlog.
    #[arg(long, conflicts_with = "rekor_version")]
    pub(crate) no_tlog: bool,

    /// Version of the transparency log [default: as the signing configuration has it; local: 1, which
    /// every client reads].
    #[arg(long, value_name = "N", value_parser = ["1", "2"])]
    pub(crate) rekor_version: Option<String>,

    /// A file with the identity token. Without it, SIGSTORE_ID_TOKEN and what CI systems give are
    /// looked at, and a person at a terminal is asked to log in.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "oidc_flow"])]
    pub(crate) identity_token_file: Option<PathBuf>,

    /// How to get an identity token.
    #[arg(long, value_enum, value_name = "HOW", conflicts_with = "key")]
    pub(crate) oidc_flow: Option<FlowChoice>,

    /// The issuer to log in at, when it is not the signing configuration's.
    #[arg(long, value_name = "URL", conflicts_with = "key")]
    pub(crate) oidc_issuer: Option<String>,

    /// The name of this client at the issuer [default: sigstore].
    #[arg(long, value_name = "ID", conflicts_with = "key")]
    pub(crate) oidc_client_id: Option<String>,

    /// A file with the secret of this client at the issuer.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub(crate) oidc_client_secret_file: Option<PathBuf>,

    /// Give up on a registry or service after this long, for example 90s or 5m. Outages that are
    /// shorter are waited for.
    #[arg(long, value_name = "DURATION", default_value = "3m", value_parser = super::seal::parse_duration)]
    pub(crate) timeout: std::time::Duration,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FlowChoice {
    /// Take the token of the surroundings: a CI system, a file, a variable.
    Ambient,
    /// Log in with a browser on this machine.
    Browser,
    /// Log in as this client itself.
    ClientCredentials,
    /// Log in on another device.
    Device,
}
