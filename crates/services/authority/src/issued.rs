//! The record of certificates issued: PEM blocks one after another.
//!
//! A block that a crash cut short is followed by a whole one, and readers of PEM find their way; so
//! appending needs no lock and no repair. One write puts a block at the end, whoever else writes.

use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sealwright_crypto::Certificate;

use crate::Error;

/// Whether any certificate stands in it.
pub(crate) fn is_begun(path: &Path) -> Result<bool, Error> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len() > 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(sealwright_files::Error::reading(path, source).into()),
    }
}

/// Appends a certificate. Not synced: see the crate's description for what that means.
pub(crate) fn append(path: &Path, certificate: &Certificate) -> Result<(), Error> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(sealwright_files::PRIVATE_FILE)
        .open(path)
        .and_then(|mut file| file.write_all(certificate.to_pem().as_bytes()))
        .map_err(|source| {
            let path = path.to_owned();
            Error::Files {
                source: match source.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                        sealwright_files::Error::NoSpace { path }
                    }
                    _ => sealwright_files::Error::Write { path, source },
                },
            }
        })
}
