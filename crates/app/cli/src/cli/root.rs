//! Arguments of `sealwright root …`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;
use sealwright::InstanceName;
use sealwright::Profile;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;

use crate::cli::OutputFormat;
use crate::cli::root_create::RootCreateArgs;
use crate::cli::root_create::SigningConfigCommand;

#[derive(Debug, Subcommand)]
pub(crate) enum RootCommand {
    /// Print a trusted root: what verifiers on other machines need in order to trust this data
    /// directory, or with --profile that of another instance, as it is known here. Where it comes
    /// from is said on stderr.
    #[command(after_help = "\
Examples:
  sealwright root show > trusted_root.json
  sealwright root show --format trust-config > trust_config.json   for `sigstore --trust-config`
  sealwright root show --profile public                            the public-good instance's")]
    Show {
        /// The document to print.
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: RootFormat,
    },
    /// List the instances that are known here, and where their roots come from.
    #[command(after_help = "Examples:\n  sealwright root list\n  sealwright root list -o json")]
    List {
        /// Output format.
        #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
        output: OutputFormat,
    },
    /// Ask the TUF repositories of instances for newer roots: of all that are known here, or of
    /// --profile. Nothing else asks them; what is found is used from then on, without a network.
    #[command(after_help = "\
Examples:
  sealwright root update                    the public-good instance, GitHub's and those of `root init`
  sealwright root update --profile public")]
    Update(RootUpdateArgs),
    /// Make an instance known by its TUF repository, under a name that --profile takes; or without
    /// --name, say which copy of a repository is asked from now on.
    #[command(after_help = "\
Examples:
  sealwright root init --name corp --mirror https://tuf.corp.example --root root.json
  sealwright root init --name corp --mirror https://tuf.corp.example \\
      --root https://tuf.corp.example/1.root.json --root-checksum sha256:…
  sealwright root init --mirror file:///mnt/sigstore-tuf    the public-good instance, from a copy

WARNING: everything the repository will ever say is believed because of the root that is given here.")]
    Init(RootInitArgs),
    /// Make a trusted root of its parts, for `verify --trusted-root` and other clients.
    #[command(after_help = "\
Examples:
  sealwright root create \\
      --fulcio https://fulcio.corp.example=fulcio.pem \\
      --rekor https://rekor.corp.example=rekor.pub,start-time=2026-01-01T00:00:00Z \\
      --ctfe https://ct.corp.example=ct.pub,start-time=2026-01-01T00:00:00Z \\
      --out trusted_root.json
  sealwright root create --with-default-services --tsa url=https://tsa.example,certificate-chain=tsa.pem")]
    Create(Box<RootCreateArgs>),
    /// Make what says where to sign.
    #[command(subcommand)]
    SigningConfig(SigningConfigCommand),
    /// Write the whole data directory, private keys included, into one file.
    #[command(
        after_help = "Examples:\n  sealwright root export backup.tar\n\nWARNING: whoever holds the file can sign as you. Keep it as you keep a password."
    )]
    Export {
        /// The file to write (mode 0600); it must not exist.
        file: PathBuf,
    },
    /// Make the data directory from an exported file.
    #[command(after_help = "Examples:\n  sealwright root import backup.tar")]
    Import {
        /// The file to read. May be a pipe: <(command), /dev/stdin.
        file: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(crate) struct RootUpdateArgs {
    /// Give up on an instance after this long, for example 90s or 5m.
    #[arg(long, value_name = "DURATION", default_value = "3m", value_parser = super::seal::parse_duration)]
    pub(crate) timeout: Duration,

    /// Output format.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: OutputFormat,
}

#[derive(Args, Debug)]
pub(crate) struct RootInitArgs {
    /// Base URL of the TUF repository: https, http on this machine, or file:///DIRECTORY.
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: String,

    /// The name that --profile will take: lower-case letters, digits, dots, hyphens, underscores.
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    pub(crate) name: Option<InstanceName>,

    /// The root that the repository is trusted by: a file, or a URL with --root-checksum.
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) root: Option<String>,

    /// Checksum of the root: SHA-256, or sha512:HEX.
    #[arg(long, value_name = "DIGEST", requires = "root", value_parser = parse_checksum)]
    pub(crate) root_checksum: Option<Digest>,

    #[command(flatten)]
    pub(crate) update: RootUpdateArgs,
}

fn parse_name(text: &str) -> Result<InstanceName, String> {
    match text.parse() {
        Ok(Profile::Custom(name)) => Ok(name),
        Ok(profile) => Err(format!("{profile} is known already")),
        Err(error) => Err(error.to_string()),
    }
}

fn parse_checksum(text: &str) -> Result<Digest, String> {
    let (algorithm, digits) = match text.split_once(':') {
        Some(("sha512", digits)) => (DigestAlgorithm::Sha512, digits),
        Some(("sha256", digits)) => (DigestAlgorithm::Sha256, digits),
        Some(_) => return Err("wanted sha256:HEX or sha512:HEX".to_owned()),
        None => (DigestAlgorithm::Sha256, text),
    };
    Digest::from_hex(algorithm, &digits.to_ascii_lowercase()).map_err(|error| error.to_string())
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum RootFormat {
    /// Client trust config: trusted root and signing config in one.
    TrustConfig,
    /// Sigstore trusted root.
    #[default]
    TrustedRoot,
}
