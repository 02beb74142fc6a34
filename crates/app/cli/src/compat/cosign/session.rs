//! One run of a command: what it was given, and where its output goes.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use sealwright::Context;
use sealwright::Failure;
use sealwright::Profile;
use sealwright::Progress;
use sealwright_core::terminal;

use super::error::Error;
use super::initialize;
use super::parse::Parsed;
use crate::env;
use crate::error::Error as CliError;
use crate::printer::Printer;
use crate::settings::Settings;

/// One run of a command.
pub(super) struct Session<'a> {
    pub(super) parsed: &'a Parsed,
    pub(super) settings: &'a Settings,
    pub(super) printer: &'a Printer,
    /// Where standard output goes instead.
    output: Option<(PathBuf, RefCell<File>)>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        parsed: &'a Parsed,
        settings: &'a Settings,
        printer: &'a Printer,
    ) -> Result<Self, Error> {
        let output = match parsed.given("output-file") {
            Some(path) => {
                let path = PathBuf::from(path);
                let file = File::create(&path).map_err(|source| write_failed(&path, source))?;
                Some((path, RefCell::new(file)))
            }
            None => None,
        };
        Ok(Self {
            parsed,
            settings,
            printer,
            output,
        })
    }

    /// What commands know of the world: of instances, that which was initialised.
    pub(super) fn context(&self, progress: &'a dyn Progress) -> Result<Context<'a>, Error> {
        self.may_be_about_images()?;
        let mut context = self.settings.context(self.parsed.timeout(), progress);
        let signs = matches!(
            self.parsed.command.path,
            ["sign" | "sign-blob" | "attest" | "attest-blob"]
        );
        // A key that signs alone needs nobody: no instance is asked for anything.
        let logs = self.parsed.is_on("tlog-upload") && !self.parsed.is_on("no-tlog-upload");
        if signs && !logs && self.parsed.given("key").is_some() {
            context.profile = None;
            return Ok(context);
        }
        let trusts_file = self.parsed.given("trusted-root").is_some();
        if context.profile.is_none() && !trusts_file {
            context.profile = initialize::profile(self)?;
        }
        // What cosign signs by is the public instance; what it verifies by is all that is known.
        if context.profile.is_none() && signs {
            context.profile = Some(Profile::Public);
        }
        Ok(context)
    }

    /// Refuses variables about images that are not honoured.
    pub(super) fn may_be_about_images(&self) -> Result<(), Error> {
        let about_images = self.parsed.command.has("registry-token");
        if about_images && env::read(env::COSIGN_REPOSITORY).is_some() {
            return Err(Error::said(
                "COSIGN_REPOSITORY: evidence is kept in the image's own repository; unset it",
            ));
        }
        if env::read(env::COSIGN_DOCKER_MEDIA_TYPES).is_some_and(|value| value == "1") {
            return Err(Error::said(
                "COSIGN_DOCKER_MEDIA_TYPES: OCI's media types alone are written; unset it",
            ));
        }
        Ok(())
    }

    /// Whether standard output goes to a file.
    pub(super) const fn has_output_file(&self) -> bool {
        self.output.is_some()
    }

    /// Refuses to go on when something was given that nobody has read.
    pub(super) fn all_read(&self) -> Result<(), Error> {
        match self.parsed.unread() {
            Some(flag) => Err(Error::Unread(flag)),
            None => Ok(()),
        }
    }

    /// The one argument, when there is one.
    pub(super) fn argument(&self) -> Option<&str> {
        self.parsed.arguments.first().map(String::as_str)
    }

    /// Writes a result.
    pub(super) fn print(&self, text: &str) -> Result<(), Error> {
        match &self.output {
            Some((path, file)) => file
                .borrow_mut()
                .write_all(text.as_bytes())
                .map_err(|source| write_failed(path, source)),
            None => self
                .printer
                .bytes(text.as_bytes())
                .map_err(|source| Failure::from(CliError::stdout(source)).into()),
        }
    }

    /// Says something.
    pub(super) fn say(&self, line: &str) {
        self.printer.talk(&terminal::escape(line));
    }

    /// Warns as cosign does.
    pub(super) fn warn(&self, message: &str) {
        self.say(&format!("WARNING: {message}"));
    }
}

/// A file that could not be written.
pub(super) fn write_failed(path: &Path, source: std::io::Error) -> Error {
    let path = path.to_owned();
    Failure::from(CliError::WriteOutput { path, source }).into()
}

/// A file that could not be read.
pub(super) fn read(path: &str) -> Result<Vec<u8>, Error> {
    sealwright::read_input(Path::new(path)).map_err(Error::from)
}
