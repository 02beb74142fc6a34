//! The log's private keys: read when something is first signed.

use std::path::Path;
use std::sync::OnceLock;

use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_sigstore::LogVersion;
use sealwright_store::KeyStore;
use sealwright_tlog::Checkpoint;
use sealwright_tlog::DurableHead;
use sealwright_tlog::NoteSignature;
use sealwright_tlog::SignedNote;

use crate::error::Error;
use crate::public::PublicLog;

/// Names, public keys, and the private keys behind them.
#[derive(Debug)]
pub(crate) struct Keys {
    public: PublicLog,
    store: KeyStore,
    v1: OnceLock<SigningKey>,
    v2: OnceLock<SigningKey>,
}

/// Whether a log has entries already.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Making {
    /// It has none: keys may be made.
    New,
    /// It has some: its keys must be there.
    Again,
}

impl Keys {
    /// The keys of an existing log; `None` when there is none.
    pub(crate) fn existing(directory: &Path, host: &str) -> Result<Option<Self>, Error> {
        let public = PublicLog::existing(directory, host)?;
        Ok(public.map(|public| Self {
            public,
            store: store(directory),
            v1: OnceLock::new(),
            v2: OnceLock::new(),
        }))
    }

    /// Makes the keys and the description. Of several processes at once, all get the same.
    pub(crate) fn make(directory: &Path, host: &str, making: Making) -> Result<Self, Error> {
        let store = store(directory);
        let key = |version| {
            let (role, scheme) = role(version);
            match store.existing(role, scheme)? {
                Some(key) => Ok(key),
                None if making == Making::Again => Err(Error::KeyMissing {
                    version: number(version),
                }),
                None => Ok(store.signing_key(role, scheme)?),
            }
        };
        let (v1, v2) = (key(LogVersion::V1)?, key(LogVersion::V2)?);
        let public = PublicLog::new(host, v1.public_key().clone(), v2.public_key().clone())?;
        public.write(directory)?;
        Ok(Self {
            public,
            store,
            v1: v1.into(),
            v2: v2.into(),
        })
    }

    pub(crate) const fn public(&self) -> &PublicLog {
        &self.public
    }

    /// Signs a durable tree as a version's checkpoint.
    pub(crate) fn checkpoint(
        &self,
        head: &DurableHead,
        version: LogVersion,
    ) -> Result<String, Error> {
        let text = Checkpoint::of(self.public.origin(version), head).to_string();
        let signature = self.sign(version, text.as_bytes())?;
        let mut note = SignedNote::new(text)?;
        note.add(NoteSignature {
            name: self.public.host().to_owned(),
            key_hint: self.public.key_hint(version),
            signature,
        })?;
        Ok(note.to_string())
    }

    /// Signs with a version's key.
    pub(crate) fn sign(&self, version: LogVersion, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.key(version)?.sign(message)?)
    }

    /// A version's key, which must be the one that the log was made with.
    pub(crate) fn key(&self, version: LogVersion) -> Result<&SigningKey, Error> {
        let slot = match version {
            LogVersion::V1 => &self.v1,
            LogVersion::V2 => &self.v2,
        };
        if let Some(key) = slot.get() {
            return Ok(key);
        }
        let (role, scheme) = role(version);
        let version_number = number(version);
        let key = self
            .store
            .existing(role, scheme)?
            .ok_or(Error::KeyMissing {
                version: version_number,
            })?;
        if key.public_key() != self.public.key(version) {
            return Err(Error::KeyMismatch {
                version: version_number,
            });
        }
        Ok(slot.get_or_init(|| key))
    }
}

fn store(directory: &Path) -> KeyStore {
    KeyStore::at(directory.join("keys"))
}

const fn role(version: LogVersion) -> (&'static str, SignatureScheme) {
    match version {
        LogVersion::V1 => ("v1", SignatureScheme::EcdsaP256Sha256),
        LogVersion::V2 => ("v2", SignatureScheme::Ed25519),
    }
}

const fn number(version: LogVersion) -> u8 {
    match version {
        LogVersion::V1 => 1,
        LogVersion::V2 => 2,
    }
}
