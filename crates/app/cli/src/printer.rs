//! The one place that writes to stdout and stderr: stdout is data, stderr is talk.

use std::io;
use std::io::Write as _;

use anstyle::AnsiColor;
use anstyle::Style;

/// How much to say on stderr.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verbosity {
    /// Errors only.
    Quiet,
    /// Results and warnings.
    Normal,
    /// Everything.
    Verbose,
}

/// Writes to the terminal, honouring `NO_COLOR`, `CLICOLOR_FORCE` and whether there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    verbosity: Verbosity,
    /// Whether results are said, too, instead of being written to stdout.
    talks_only: bool,
}

/// Style of what holds.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Style of what does not hold.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Style of what needs attention.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// Style of names.
pub(crate) const BOLD: Style = Style::new().bold();
/// Style of what matters less.
pub(crate) const DIM: Style = Style::new().dimmed();

impl Printer {
    pub(crate) const fn new(verbosity: Verbosity) -> Self {
        Self {
            verbosity,
            talks_only: false,
        }
    }

    /// The same, but for results, which are said as everything else.
    pub(crate) const fn talking(&self) -> Self {
        Self {
            verbosity: self.verbosity,
            talks_only: true,
        }
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.verbosity == Verbosity::Verbose
    }

    /// Whether progress bars make sense on this terminal, which calls itself so.
    pub(crate) fn shows_progress(&self, term: Option<&str>) -> bool {
        use std::io::IsTerminal as _;
        self.verbosity != Verbosity::Quiet
            && term.is_some_and(|term| term != "dumb")
            && io::stderr().is_terminal()
    }

    /// Writes a result to stdout. A closed pipe is no failure: whoever read had enough.
    pub(crate) fn data(&self, text: &str) -> io::Result<()> {
        if self.talks_only {
            self.talk(text.trim_end());
            return Ok(());
        }
        let mut out = anstream::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Writes raw bytes to stdout.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Says something on stderr, unless quiet.
    pub(crate) fn talk(&self, line: &str) {
        if self.verbosity != Verbosity::Quiet {
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }

    /// Asks a person for something, always.
    pub(crate) fn request(&self, line: &str) {
        let _ = writeln!(anstream::stderr(), "{line}");
    }

    /// Warns on stderr, unless quiet.
    pub(crate) fn warn(&self, message: &str) {
        self.talk(&format!("{WARN}warning{WARN:#}: {message}"));
    }

    /// Writes a line to stderr, always, as other tools report errors.
    pub(crate) fn plain_error(&self, line: &str) {
        let _ = writeln!(anstream::stderr(), "{line}");
    }

    /// Reports an error on stderr, always.
    pub(crate) fn error(&self, code: &str, message: &str, help: Option<&str>) {
        let mut err = anstream::stderr();
        let _ = writeln!(err, "{BAD}error{BAD:#}[{code}]: {message}");
        if let Some(help) = help {
            let _ = writeln!(err, "  {BOLD}help{BOLD:#}: {help}");
        }
    }
}
