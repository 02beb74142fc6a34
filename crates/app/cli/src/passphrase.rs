//! Passphrases of keys: from the environment, from a file it names, or from a person at a terminal.
//! No flag takes one: every process of the machine may read the arguments of every other.

use std::path::Path;

use sealwright::Failure;
use sealwright::Passphrase;
use sealwright::PassphraseSource;
use sealwright_core::terminal;

use crate::env;
use crate::error::Error;
use crate::terminal_prompt::Prompt;

/// What the environment or a person says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ambient;

impl PassphraseSource for Ambient {
    fn existing(&self, what: &str) -> Result<Option<Passphrase>, Failure> {
        if let Some(passphrase) = from_environment()? {
            return Ok(Some(passphrase));
        }
        let Some(prompt) = Prompt::open() else {
            return Ok(None);
        };
        let question = format!("Passphrase of {}: ", terminal::escape(what));
        Ok(Some(prompt.ask(&question)?.into()))
    }

    fn new_for(&self, what: &str) -> Result<Option<Passphrase>, Failure> {
        if let Some(passphrase) = from_environment()? {
            return Ok(Some(passphrase));
        }
        let Some(prompt) = Prompt::open() else {
            return Ok(None);
        };
        let what = terminal::escape(what);
        let first = Passphrase::from(prompt.ask(&format!("New passphrase for {what}: "))?);
        let second = Passphrase::from(prompt.ask("The same once more: ")?);
        if first.as_bytes() != second.as_bytes() {
            return Err(Error::PassphraseMismatch.into());
        }
        Ok(Some(first))
    }

    fn pin(&self, what: &str) -> Result<Option<Passphrase>, Failure> {
        let Some(prompt) = Prompt::open() else {
            return Ok(None);
        };
        let question = format!("PIN of the token of {}: ", terminal::escape(what));
        Ok(Some(prompt.ask(&question)?.into()))
    }
}

/// What the environment says; nobody is asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Environment;

impl PassphraseSource for Environment {
    fn existing(&self, _: &str) -> Result<Option<Passphrase>, Failure> {
        from_environment()
    }

    fn new_for(&self, _: &str) -> Result<Option<Passphrase>, Failure> {
        from_environment()
    }
}

/// A variable that is set to nothing is a passphrase, too: the empty one.
fn from_environment() -> Result<Option<Passphrase>, Failure> {
    if let Some(text) = env::read_even_empty(env::SEALWRIGHT_KEY_PASSPHRASE) {
        return Ok(Some(text.into_bytes().into()));
    }
    if let Some(path) = env::read(env::SEALWRIGHT_KEY_PASSPHRASE_FILE) {
        return sealwright::passphrase_from_file(Path::new(&path)).map(Some);
    }
    Ok(env::read_even_empty(env::COSIGN_PASSWORD).map(|text| text.into_bytes().into()))
}
