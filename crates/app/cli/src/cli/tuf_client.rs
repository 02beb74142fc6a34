//! Arguments of `sealwright tuf-client …`: those that the conformance suite of TUF gives a client.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

#[derive(Args, Debug)]
pub(crate) struct TufClientArgs {
    /// Directory that keeps the trusted metadata.
    #[arg(long, value_name = "DIR")]
    pub(crate) metadata_dir: PathBuf,

    /// What metadata files are below.
    #[arg(long, value_name = "URL", default_value = "")]
    pub(crate) metadata_url: String,

    /// Path of a target; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub(crate) target_name: Vec<String>,

    /// What target files are below.
    #[arg(long, value_name = "URL", default_value = "")]
    pub(crate) target_base_url: String,

    /// Directory for downloaded targets.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) target_dir: PathBuf,

    #[command(subcommand)]
    pub(crate) action: TufAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TufAction {
    /// Trust a root.
    Init {
        /// The root's file.
        root: PathBuf,
    },
    /// Update the metadata at the top.
    Refresh,
    /// Download the named targets in order.
    Download,
}
