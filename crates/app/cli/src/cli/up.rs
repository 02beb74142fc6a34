//! Arguments of `sealwright up`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use sealwright::IssuerSource;

use crate::cli::OutputFormat;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  sealwright up --dev --oidc-issuer https://accounts.example.com
  sealwright up --dev --listen 127.0.0.1:8080 --write ./sigstore --oidc-issuer https://token.actions.githubusercontent.com=jwks.json

Then, for example:
  sigstore --trust-config ./sigstore/trust_config.json sign FILE
  cosign initialize --mirror http://127.0.0.1:8080/tuf --root ./sigstore/root.json")]
pub(crate) struct UpArgs {
    /// Serve for development: on this machine alone, over plain HTTP. The only way there is yet.
    #[arg(long, required = true)]
    pub(crate) dev: bool,

    /// The loopback address and port to listen on; port 0 is any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// Certify whoever has an identity token of this issuer (repeatable). Its keys (a JWK set) are in
    /// FILE, or are asked for under its URL once, at the start. KIND says what its tokens are about:
    /// email, github-actions, gitlab, buildkite or uri; by default what is known of the URL, else email.
    #[arg(long = "oidc-issuer", value_name = "URL[=FILE][,kind=KIND]")]
    pub(crate) oidc_issuers: Vec<IssuerSource>,

    /// Write trust_config.json, trusted_root.json, signing_config.json, root.json and last `url` into
    /// this directory [default: up in the data directory].
    #[arg(long, value_name = "DIR")]
    pub(crate) write: Option<PathBuf>,

    /// How what is served is printed.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}
