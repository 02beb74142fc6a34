//! The directory where Sealwright keeps what must last: keys, the log, the trust root.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::Error;
use crate::LockFile;
use crate::private;

/// The values of the environment variables that decide where the data directory is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Locations<'a> {
    /// `SEALWRIGHT_HOME`: the directory itself.
    pub sealwright_home: Option<&'a OsStr>,
    /// `XDG_DATA_HOME`: the directory is `sealwright` in it.
    pub xdg_data_home: Option<&'a OsStr>,
    /// `HOME`: the directory is `.local/share/sealwright` in it.
    pub home: Option<&'a OsStr>,
}

/// A place for the data directory, whether or not anything stands there yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DataDirectory {
    path: PathBuf,
}

impl DataDirectory {
    /// The data directory at a path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where the environment puts the data directory: `SEALWRIGHT_HOME`, else `sealwright` in
    /// `XDG_DATA_HOME`, else `.local/share/sealwright` in `HOME`. Empty values count as unset, and
    /// so do relative ones of the latter two (XDG Base Directory Specification 0.8).
    ///
    /// # Errors
    /// `files.no-data-directory`.
    pub fn locate(locations: Locations<'_>) -> Result<Self, Error> {
        let absolute =
            |value: Option<&OsStr>| value.map(PathBuf::from).filter(|path| path.is_absolute());
        if let Some(own) = locations.sealwright_home.filter(|value| !value.is_empty()) {
            return Ok(Self::at(own));
        }
        absolute(locations.xdg_data_home)
            .or_else(|| absolute(locations.home).map(|home| home.join(".local/share")))
            .map(|base| Self::at(base.join("sealwright")))
            .ok_or(Error::NoDataDirectory)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file or directory in it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Whether it stands there already and is for its owner alone.
    ///
    /// # Errors
    /// `files.not-private`, `files.not-a-directory`, `files.unreadable`, `files.read-failed`.
    pub fn exists(&self) -> Result<bool, Error> {
        match private::check_private(&self.path) {
            Ok(()) => {}
            Err(Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
        // Being able to stat it is not being able to use it.
        fs::read_dir(&self.path)
            .map(|_| true)
            .map_err(|source| Error::reading(&self.path, source))
    }

    /// Whether nothing stands there, or an empty directory.
    ///
    /// # Errors
    /// `files.not-a-directory`, `files.unreadable`, `files.read-failed`.
    pub fn is_vacant(&self) -> Result<bool, Error> {
        match fs::read_dir(&self.path) {
            Ok(mut entries) => Ok(entries.next().is_none()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(source) => Err(Error::reading(&self.path, source)),
        }
    }

    /// Makes it, mode 0700, if it is not there.
    ///
    /// # Errors
    /// `files.not-private`, `files.not-a-directory`, `files.no-space`, `files.write-failed`.
    pub fn create(&self) -> Result<(), Error> {
        private::create_private_directory(&self.path)
    }

    /// Takes the lock over the whole directory for this holder alone.
    ///
    /// # Errors
    /// `files.locked`, `files.no-space`, `files.write-failed`.
    pub fn lock(&self, wait: Duration) -> Result<LockFile, Error> {
        LockFile::exclusive(&self.join(LOCK_NAME), wait)
    }

    /// Takes the lock over the whole directory together with others who share it. Everything that
    /// writes in the directory holds it, so that an export sees no half of anything.
    ///
    /// # Errors
    /// `files.locked`, `files.no-space`, `files.write-failed`.
    pub fn lock_shared(&self, wait: Duration) -> Result<LockFile, Error> {
        LockFile::shared(&self.join(LOCK_NAME), wait)
    }
}

/// Name of the lock file in the directory.
pub(crate) const LOCK_NAME: &str = "lock";

#[cfg(test)]
mod tests;
