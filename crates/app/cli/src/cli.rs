//! The command line as a type: arguments and help only. Execution lives in `commands/`.

mod attach;
mod attest;
mod bundle;
mod clean;
mod compat;
mod conformance;
mod copy;
mod download;
mod keys;
mod log;
mod output;
mod root;
mod root_create;
mod sbom;
mod seal;
mod sign;
mod signing;
mod tree;
mod tuf_client;
mod up;
mod verify;

use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use sealwright::Profile;

pub(crate) use self::attach::AttachArgs;
pub(crate) use self::attach::AttachCommand;
pub(crate) use self::attest::AttestArgs;
pub(crate) use self::bundle::BundleCommand;
pub(crate) use self::clean::CleanArgs;
pub(crate) use self::clean::CleanChoice;
pub(crate) use self::compat::CompatCommand;
pub(crate) use self::conformance::ConformanceCommand;
pub(crate) use self::conformance::SignBundleArgs;
pub(crate) use self::conformance::VerifyBundleArgs;
pub(crate) use self::copy::CopyArgs;
pub(crate) use self::copy::EvidenceChoice;
pub(crate) use self::copy::LoadArgs;
pub(crate) use self::copy::SaveArgs;
pub(crate) use self::download::DownloadArgs;
pub(crate) use self::download::DownloadCommand;
pub(crate) use self::keys::KeyFileChoice;
pub(crate) use self::keys::KeyFilesArgs;
pub(crate) use self::keys::KeysCommand;
pub(crate) use self::log::LogCommand;
pub(crate) use self::output::OutputFormat;
pub(crate) use self::root::RootCommand;
pub(crate) use self::root::RootFormat;
pub(crate) use self::root::RootInitArgs;
pub(crate) use self::root::RootUpdateArgs;
pub(crate) use self::root_create::RootCreateArgs;
pub(crate) use self::root_create::SigningConfigArgs;
pub(crate) use self::root_create::SigningConfigCommand;
pub(crate) use self::sbom::DocumentFormat;
pub(crate) use self::sbom::SbomCommand;
pub(crate) use self::seal::ProvenanceChoice;
pub(crate) use self::seal::SbomChoice;
pub(crate) use self::seal::SealArgs;
pub(crate) use self::sign::FormChoice;
pub(crate) use self::sign::SignArgs;
pub(crate) use self::sign::StorageArgs;
pub(crate) use self::signing::FlowChoice;
pub(crate) use self::signing::SigningArgs;
pub(crate) use self::tree::TreeArgs;
pub(crate) use self::tuf_client::TufAction;
pub(crate) use self::tuf_client::TufClientArgs;
pub(crate) use self::up::UpArgs;
pub(crate) use self::verify::VerifyArgs;
use crate::env;

/// Prove where an artifact came from, what is in it and who says so; refuse what cannot be proved.
#[derive(Debug, Parser)]
#[command(
    name = "sealwright",
    version,
    disable_help_subcommand = true,
    propagate_version = true,
    after_help = "\
Examples:
  sealwright seal ./app.tar.gz                 sign it, with provenance and SBOM
  sealwright verify ./app.tar.gz --identity I --issuer U
  sealwright explain artifact.digest-mismatch  what a code means and what to do

Exit codes:
  0 accepted   1 rejected   2 usage   3 undecided   4 credentials   5 bug   130 interrupted"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Which Sigstore to use: local is the private one in the data directory, public the public-good
    /// instance, github that of GitHub; others by the names that `root init` gave them. By default
    /// local signs, or public where a CI system gives an identity token, and verify accepts any of the
    /// first three.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<Profile>,

    /// Data directory of the local profile [default: $XDG_DATA_HOME/sealwright].
    #[arg(long, global = true, value_name = "DIR", env = env::SEALWRIGHT_HOME)]
    pub(crate) home: Option<PathBuf>,

    /// Print nothing on stderr but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print every check, not only the failing ones.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

// Deferred: what the other verbs take is not built at every start.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Make SBOM, provenance and signature for artifacts, log them and store them beside.
    Seal(Box<SealArgs>),
    /// Sign artifacts, and nothing else: with the data directory's identity, your own, or a key.
    Sign(Box<SignArgs>),
    /// State something about artifacts, signed: a scan, a review, an SBOM of your own.
    Attest(Box<AttestArgs>),
    /// Verify everything that was claimed about artifacts.
    Verify(Box<VerifyArgs>),
    /// Copy an image with everything attached to it.
    Copy(Box<CopyArgs>),
    /// Save an image with everything attached to it into a directory.
    Save(Box<SaveArgs>),
    /// Load an image with everything attached to it from a directory.
    Load(Box<LoadArgs>),
    /// Show everything that is attached to an image.
    Tree(Box<TreeArgs>),
    /// Remove evidence from an image.
    Clean(Box<CleanArgs>),
    /// Attach evidence to an image that was made elsewhere.
    #[command(subcommand)]
    Attach(AttachCommand),
    /// Print what is attached to an image.
    #[command(subcommand)]
    Download(DownloadCommand),
    /// Make, describe and upgrade bundle files.
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Show what is in an artifact.
    #[command(subcommand)]
    Sbom(SbomCommand),
    /// Make, take over and show keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Show, update or move what verifiers must trust.
    #[command(subcommand)]
    Root(RootCommand),
    /// Inspect the transparency log.
    #[command(subcommand)]
    Log(LogCommand),
    /// Serve the data directory's Sigstore to other clients.
    Up(Box<UpArgs>),
    /// Update the metadata of a TUF repository and download its targets: the command line that the
    /// conformance suite of TUF wants.
    #[command(hide = true)]
    TufClient(Box<TufClientArgs>),
    /// Behave as another tool does.
    #[command(subcommand)]
    Compat(CompatCommand),
    /// Judge bundles: the command line that the conformance suite of Sigstore wants.
    #[command(subcommand, hide = true)]
    Conformance(ConformanceCommand),
    /// Print what an error code means and what to do about it.
    #[command(
        after_help = "Examples:\n  sealwright explain sig.identity-mismatch\n  sealwright explain            list all codes"
    )]
    Explain {
        /// The code, as an error message shows it; without one, all codes are listed.
        code: Option<String>,
    },
    /// Print a completion script for a shell.
    #[command(
        after_help = "Examples:\n  sealwright completions bash > /etc/bash_completion.d/sealwright\n  source <(sealwright completions zsh)"
    )]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a directory.
    #[command(after_help = "Examples:\n  sealwright man /usr/local/share/man/man1")]
    Man {
        /// The directory, made when absent.
        directory: PathBuf,
    },
}
