//! The output formats.

/// How a command prints its result on stdout.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum OutputFormat {
    /// Text for people.
    #[default]
    Text,
    /// JSON with a versioned schema, for programs.
    Json,
}
