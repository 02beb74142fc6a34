//! Arguments of `sealwright root …`.

use std::path::PathBuf;

use clap::Subcommand;
use clap::ValueEnum;

#[derive(Debug, Subcommand)]
pub(crate) enum RootCommand {
    /// Print a trusted root: what verifiers on other machines need in order to trust this data
    /// directory, or with --profile the root of a Sigstore that comes with this program.
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

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum RootFormat {
    /// Client trust config: trusted root and signing config in one.
    TrustConfig,
    /// Sigstore trusted root.
    #[default]
    TrustedRoot,
}
