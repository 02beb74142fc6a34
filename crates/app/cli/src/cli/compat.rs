//! Arguments of `sealwright compat`.

use clap::Subcommand;

/// The tools.
#[derive(Debug, Subcommand)]
pub(crate) enum CompatCommand {
    /// cosign: the same commands, flags, output and exit codes. A symlink named cosign does the same.
    #[command(
        disable_help_flag = true,
        disable_version_flag = true,
        after_help = "\
Examples:
  sealwright compat cosign verify --key cosign.pub ghcr.io/org/app:1
  ln -s \"$(command -v sealwright)\" ~/bin/cosign && cosign sign --yes ghcr.io/org/app@sha256:…"
    )]
    Cosign {
        /// The rest of the command line; --help among them shows cosign's commands and flags.
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "ARGUMENTS"
        )]
        line: Vec<String>,
    },
    /// Write the table of cosign's commands and flags beside ours.
    #[command(hide = true)]
    CosignGuide,
}
