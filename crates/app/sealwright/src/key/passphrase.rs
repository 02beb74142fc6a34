//! What opens an encrypted key.

use std::fmt;
use std::path::Path;

use sealwright_files as files;
use zeroize::Zeroizing;

use crate::Failure;

/// A passphrase. Wiped from memory when it is dropped; it never shows itself in `Debug`.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Passphrase {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Reads a passphrase from a file; a line end at its end does not count.
///
/// # Errors
/// `files.…`
pub fn passphrase_from_file(path: &Path) -> Result<Passphrase, Failure> {
    let mut bytes = files::read_limited_or_pipe(path, MAX_PASSPHRASE)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    Ok(bytes.into())
}

/// Most bytes of a file with a passphrase.
const MAX_PASSPHRASE: u64 = 4096;

/// Where passphrases come from: the environment, a file, a person at a terminal. Never a flag, which
/// every process of the machine can read.
pub trait PassphraseSource {
    /// The passphrase of a key that has one; `what` says which key to a person. `None` when there is
    /// nobody to ask.
    ///
    /// # Errors
    /// Whatever keeps a named source from being read.
    fn existing(&self, what: &str) -> Result<Option<Passphrase>, Failure>;

    /// The passphrase for a key that is being written; a person is asked twice. `None` when there is
    /// nobody to ask.
    ///
    /// # Errors
    /// Whatever keeps a named source from being read; that the two differ.
    fn new_for(&self, what: &str) -> Result<Option<Passphrase>, Failure>;

    /// The PIN of a token: of a person only, as wrong ones lock it. `None` when there is nobody to ask.
    ///
    /// # Errors
    /// Whatever keeps a person from answering.
    fn pin(&self, what: &str) -> Result<Option<Passphrase>, Failure> {
        let _ = what;
        Ok(None)
    }
}

/// Gives no passphrase: for keys that have none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPassphrase;

impl PassphraseSource for NoPassphrase {
    fn existing(&self, _: &str) -> Result<Option<Passphrase>, Failure> {
        Ok(None)
    }

    fn new_for(&self, _: &str) -> Result<Option<Passphrase>, Failure> {
        Ok(None)
    }
}
