//! The log's private keys: read when they are first needed.

use std::path::Path;
use std::path::PathBuf;
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
use crate::public::Answered;
use crate::public::PublicLog;

/// Names, public keys, and the private keys behind them.
#[derive(Debug)]
pub(crate) struct Keys {
    directory: PathBuf,
    public: PublicLog,
    /// Set once the description says that the log has answered.
    answered: OnceLock<()>,
    store: KeyStore,
    v1: OnceLock<SigningKey>,
    v2: OnceLock<SigningKey>,
}

impl Keys {
    /// The keys of an existing log; `None` when there is none.
    pub(crate) fn existing(directory: &Path, host: &str) -> Result<Option<Self>, Error> {
        let described = PublicLog::described(directory, host)?;
        Ok(described.map(|(public, answered)| {
            let keys = Self::new(directory, public);
            if answered == Answered::Yes {
                keys.answered.get_or_init(|| ());
            }
            keys
        }))
    }

    /// Makes the keys and the description. Of several processes at once, all get the same.
    pub(crate) fn make(directory: &Path, host: &str) -> Result<Self, Error> {
        let store = store(directory);
        let [v1, v2] = VERSIONS.map(|version| {
            let (role, scheme) = role(version);
            store.signing_key(role, scheme)
        });
        let (v1, v2) = (v1?, v2?);
        let public = PublicLog::new(host, v1.public_key().clone(), v2.public_key().clone())?;
        public.write(directory, Answered::NotYet)?;
        let keys = Self::new(directory, public);
        keys.v1.get_or_init(|| v1);
        keys.v2.get_or_init(|| v2);
        Ok(keys)
    }

    fn new(directory: &Path, public: PublicLog) -> Self {
        Self {
            directory: directory.to_owned(),
            public,
            answered: OnceLock::new(),
            store: store(directory),
            v1: OnceLock::new(),
            v2: OnceLock::new(),
        }
    }

    /// Whether the log has answered, and so must hold entries.
    pub(crate) fn has_answered(&self) -> bool {
        self.answered.get().is_some()
    }

    /// Remembers durably that the log answers: asked when entries are durable and nobody was told.
    pub(crate) fn answering(&self) -> Result<(), Error> {
        if !self.has_answered() {
            self.public.write(&self.directory, Answered::Yes)?;
            self.answered.get_or_init(|| ());
        }
        Ok(())
    }

    pub(crate) const fn public(&self) -> &PublicLog {
        &self.public
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
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

    /// Checks that the keys of all versions are there and those that the log was made with.
    pub(crate) fn all(&self) -> Result<(), Error> {
        VERSIONS
            .into_iter()
            .try_for_each(|version| self.key(version).map(|_| ()))
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

pub(crate) const VERSIONS: [LogVersion; 2] = [LogVersion::V1, LogVersion::V2];

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
