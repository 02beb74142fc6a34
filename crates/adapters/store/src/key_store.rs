//! Private keys of the local services: one PKCS#8 PEM file a role, for its owner alone.

use std::path::PathBuf;

use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use zeroize::Zeroizing;

use crate::error::Error;

/// A directory of private keys, `ROLE.pem` each.
#[derive(Clone, Debug)]
pub struct KeyStore {
    directory: PathBuf,
}

impl KeyStore {
    /// The keys in a directory, which is made with mode 0700 when the first key is.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// The key of a role, made and stored durably if there is none yet. Of several processes that
    /// do this at once, all get the same key.
    ///
    /// # Errors
    /// `store.key-unusable` when what is stored is no private key of this scheme, and the codes of
    /// reading and writing files.
    pub fn signing_key(&self, role: &str, scheme: SignatureScheme) -> Result<SigningKey, Error> {
        if let Some(key) = self.existing(role, scheme)? {
            return Ok(key);
        }
        let key = SigningKey::generate(scheme).map_err(unusable(role))?;
        let pem = key.to_pkcs8_pem().map_err(unusable(role))?;
        sealwright_files::create_private_directory(&self.directory)?;
        let path = self.path(role)?;
        match sealwright_files::write_new(&path, pem.as_bytes(), sealwright_files::PRIVATE_FILE) {
            // Another process was faster: its key is the one that counts.
            Err(sealwright_files::Error::Exists { .. }) => self
                .existing(role, scheme)?
                .ok_or(Error::Files(sealwright_files::Error::Exists { path })),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(key),
        }
    }

    /// The key of a role; `None` when there is none.
    ///
    /// # Errors
    /// `store.key-unusable` when what is stored is no private key of this scheme, and the codes of
    /// reading files.
    pub fn existing(
        &self,
        role: &str,
        scheme: SignatureScheme,
    ) -> Result<Option<SigningKey>, Error> {
        let path = self.path(role)?;
        let pem = match sealwright_files::read_limited_text(&path, MAX_BYTES) {
            Err(sealwright_files::Error::NotFound { .. }) => return Ok(None),
            other => Zeroizing::new(other?),
        };
        let key = SigningKey::from_pkcs8_pem(&pem).map_err(unusable(role))?;
        if key.scheme() != scheme {
            return Err(Error::KeyScheme {
                role: role.to_owned(),
                found: key.scheme().name(),
                wanted: scheme.name(),
            });
        }
        Ok(Some(key))
    }

    fn path(&self, role: &str) -> Result<PathBuf, Error> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if role.is_empty() || !role.bytes().all(plain) {
            return Err(Error::KeyRole {
                role: role.to_owned(),
            });
        }
        Ok(self.directory.join(format!("{role}.pem")))
    }
}

fn unusable(role: &str) -> impl FnOnce(sealwright_crypto::Error) -> Error {
    let role = role.to_owned();
    move |source| Error::Key { role, source }
}

const MAX_BYTES: u64 = 64 << 10;

#[cfg(test)]
mod tests;
