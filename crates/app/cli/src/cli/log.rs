//! Arguments of `sealwright log …`.

use clap::Subcommand;

use crate::cli::OutputFormat;

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Recompute the whole log from its entries and compare every hash, tile and signature.
    #[command(after_help = "Examples:\n  sealwright log fsck")]
    Fsck {
        /// Output format.
        #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
        output: OutputFormat,
    },
    /// Print one entry.
    #[command(after_help = "Examples:\n  sealwright log show 0\n  sealwright log show 12 -o json")]
    Show {
        /// Its index, counted from 0.
        index: u64,
        /// Output format.
        #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
        output: OutputFormat,
    },
}
