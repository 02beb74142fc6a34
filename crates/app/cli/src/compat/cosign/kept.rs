//! What was made, kept for a moment in a directory of its own, to be printed.

use std::path::PathBuf;

use serde_json::Value;

use super::error::Error;
use super::session;
use super::session::write_failed;

/// A directory that is removed in the end.
pub(super) struct Kept(PathBuf);

impl Kept {
    pub(super) fn new() -> Result<Self, Error> {
        let base = std::env::temp_dir();
        // Made by nobody else: a directory that stands there already is refused.
        let mut last = None;
        for number in 0..100_u32 {
            let path = base.join(format!("sealwright-{}-{number}", std::process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) => last = Some(error),
            }
        }
        let error = last.unwrap_or_else(|| std::io::ErrorKind::AlreadyExists.into());
        Err(write_failed(&base, error))
    }

    pub(super) fn bundle(&self) -> PathBuf {
        self.0.join("bundle")
    }

    pub(super) fn signature(&self) -> PathBuf {
        self.0.join("signature")
    }

    /// The envelope in the bundle.
    pub(super) fn envelope(&self) -> Result<String, Error> {
        let path = self.bundle();
        let bundle = session::read(&path.display().to_string())?;
        let bundle: Value = serde_json::from_slice(&bundle)
            .map_err(|error| Error::said(format!("{}: {error}", path.display())))?;
        let envelope = bundle.get("dsseEnvelope");
        let envelope = envelope.ok_or_else(|| Error::said("no envelope was made"))?;
        Ok(envelope.to_string())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
