//! Arguments of `sealwright conformance …`: those that the conformance suite of Sigstore gives a
//! client (`docs/cli_protocol.md` there).

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;
use sealwright::KeyReference;

#[derive(Debug, Subcommand)]
pub(crate) enum ConformanceCommand {
    /// Sign a file and write its bundle: exit with 0, or with something else.
    SignBundle(Box<SignBundleArgs>),
    /// Judge one bundle: exit with 0, or with something else.
    VerifyBundle(Box<VerifyBundleArgs>),
}

#[derive(Args, Debug)]
pub(crate) struct SignBundleArgs {
    /// The staging instance is meant. It is not built in: give --trusted-root and --signing-config.
    #[arg(long, requires = "signing_config")]
    pub(crate) staging: bool,

    /// Sign a statement about the file instead of its bytes.
    #[arg(long)]
    pub(crate) in_toto: bool,

    /// The identity token.
    #[arg(long, value_name = "TOKEN", hide_env_values = true)]
    pub(crate) identity_token: String,

    /// Where the bundle goes.
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: PathBuf,

    /// The trusted root; without one, the built-in one of the public-good instance.
    #[arg(long, value_name = "FILE", requires = "signing_config")]
    pub(crate) trusted_root: Option<PathBuf>,

    /// The signing configuration; without one, the built-in one of the public-good instance.
    #[arg(long, value_name = "FILE", requires = "trusted_root")]
    pub(crate) signing_config: Option<PathBuf>,

    /// The file: what to sign, or with --in-toto the statement.
    #[arg(value_name = "FILE")]
    pub(crate) artifact: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyBundleArgs {
    /// The staging instance is meant. Its root is not built in: give it with --trusted-root.
    #[arg(long)]
    pub(crate) staging: bool,

    /// The bundle.
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: PathBuf,

    /// The identity that must have signed, exactly.
    #[arg(
        long,
        value_name = "IDENTITY",
        required_unless_present = "key",
        requires = "certificate_oidc_issuer"
    )]
    pub(crate) certificate_identity: Option<String>,

    /// The issuer that must have vouched for the identity, exactly.
    #[arg(long, value_name = "URL", requires = "certificate_identity")]
    pub(crate) certificate_oidc_issuer: Option<String>,

    /// The public key that must have signed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["certificate_identity", "certificate_oidc_issuer"])]
    pub(crate) key: Option<KeyReference>,

    /// The trusted root; without one, the built-in one of the public-good instance.
    #[arg(long, value_name = "FILE")]
    pub(crate) trusted_root: Option<PathBuf>,

    /// The artifact: a file, or sha256:HEX when no file has that name.
    #[arg(value_name = "FILE_OR_DIGEST")]
    pub(crate) artifact: PathBuf,
}
