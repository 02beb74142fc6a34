//! What everybody may know of a log: its names and public keys.

use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Base64;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_crypto::PublicKey;
use sealwright_sigstore::LogId;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TransparencyLog;
use sealwright_tlog::Checkpoint;
use sealwright_tlog::KeyHint;
use sealwright_tlog::SignedNote;
use sealwright_tlog::ecdsa_key_id;
use sealwright_tlog::ed25519_key_id;
use sealwright_tlog::key_hint;
use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;

/// A log's names and public keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicLog {
    host: String,
    v1: PublicKey,
    v2: PublicKey,
    v2_id: LogId,
}

impl PublicLog {
    /// Reads them from a log's directory; `None` when there is no log. Touches no private key.
    ///
    /// # Errors
    /// `log.description-malformed`, `log.name-invalid`, and the codes of reading files.
    pub fn existing(directory: &Path, host: &str) -> Result<Option<Self>, Error> {
        Ok(Self::described(directory, host)?.map(|(public, _)| public))
    }

    /// Reads them, and whether the log has answered.
    pub(crate) fn described(
        directory: &Path,
        host: &str,
    ) -> Result<Option<(Self, Answered)>, Error> {
        let path = Self::description(directory);
        let text = match sealwright_files::read_limited(&path, MAX_DESCRIPTION) {
            Err(sealwright_files::Error::NotFound { .. }) => return Ok(None),
            other => other?,
        };
        let description: Description = canonical_json::from_slice(&text)
            .map_err(|source| Error::Description { path, source })?;
        let answered = match description.answered {
            true => Answered::Yes,
            false => Answered::NotYet,
        };
        let v1 = PublicKey::from_der(description.v1.as_bytes())?;
        let v2 = PublicKey::from_der(description.v2.as_bytes())?;
        Ok(Some((Self::new(host, v1, v2)?, answered)))
    }

    /// The file that says them, in a log's directory.
    pub(crate) fn description(directory: &Path) -> PathBuf {
        directory.join(DESCRIPTION)
    }

    pub(crate) fn new(host: &str, v1: PublicKey, v2: PublicKey) -> Result<Self, Error> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        if host.is_empty() || host.len() > MAX_HOST || !host.bytes().all(plain) {
            return Err(Error::Name {
                name: host.to_owned(),
            });
        }
        let raw = <[u8; 32]>::try_from(v2.raw()).map_err(|_| Error::KeyMismatch { version: 2 })?;
        Ok(Self {
            host: host.to_owned(),
            v1,
            v2,
            v2_id: LogId(ed25519_key_id(host, &raw)),
        })
    }

    /// Stores them, durably.
    pub(crate) fn write(&self, directory: &Path, answered: Answered) -> Result<(), Error> {
        let path = Self::description(directory);
        let description = Description {
            v1: self.v1.der().into(),
            v2: self.v2.der().into(),
            answered: answered == Answered::Yes,
        };
        let text = canonical_json::to_vec(&description).map_err(|source| Error::Description {
            path: path.clone(),
            source,
        })?;
        Ok(sealwright_files::write_atomic(
            &path,
            &text,
            sealwright_files::PRIVATE_FILE,
        )?)
    }

    /// The host name: the name of the signatures of both versions.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The URL that stands in trust roots. Nobody answers there.
    pub fn base_url(&self) -> String {
        format!("https://{}", self.host)
    }

    /// The number Rekor v1 calls a tree id: positive, and the same as long as the key is.
    pub fn tree_id(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.v1.key_id();
        // The highest bit off, since clients read a signed number; one bit on, since 0 is none.
        u64::from_be_bytes([a & 0x3f | 0x40, b, c, d, e, f, g, h])
    }

    /// The first line of the checkpoints of a version.
    pub fn origin(&self, version: LogVersion) -> String {
        match version {
            LogVersion::V1 => format!("{} - {}", self.host, self.tree_id()),
            LogVersion::V2 => self.host.clone(),
        }
    }

    /// The public key of a version.
    pub const fn key(&self, version: LogVersion) -> &PublicKey {
        match version {
            LogVersion::V1 => &self.v1,
            LogVersion::V2 => &self.v2,
        }
    }

    /// How entries and trust roots name the log of a version.
    pub fn log_id(&self, version: LogVersion) -> LogId {
        match version {
            LogVersion::V1 => LogId(ecdsa_key_id(self.v1.der())),
            LogVersion::V2 => self.v2_id,
        }
    }

    /// Both versions, as a trusted root lists them; trusted from `start` on.
    pub fn transparency_logs(&self, start: Timestamp) -> [TransparencyLog; 2] {
        [LogVersion::V1, LogVersion::V2].map(|version| {
            TransparencyLog::with_id(
                self.base_url(),
                self.key(version).clone(),
                self.log_id(version),
                start,
            )
        })
    }

    /// Reads a checkpoint of a version and checks its signature; `None` when this log did not sign
    /// it.
    pub fn verify_checkpoint(&self, note: &str, version: LogVersion) -> Option<Checkpoint> {
        let note = SignedNote::parse(note).ok()?;
        let checkpoint = Checkpoint::parse(note.text()).ok()?;
        let key = self.key(version);
        let is_signed = note.signatures_by(self.key_hint(version)).any(|line| {
            line.name == self.host
                && key
                    .verify(
                        key.default_scheme(),
                        note.text().as_bytes(),
                        &line.signature,
                    )
                    .is_ok()
        });
        (is_signed && checkpoint.origin == self.origin(version)).then_some(checkpoint)
    }

    /// Whether a note names this log's key as one that signed it, whatever the signature says.
    pub(crate) fn is_named_in(&self, note: &str, version: LogVersion) -> bool {
        SignedNote::parse(note).is_ok_and(|note| {
            note.signatures_by(self.key_hint(version))
                .any(|line| line.name == self.host)
        })
    }

    pub(crate) fn key_hint(&self, version: LogVersion) -> KeyHint {
        key_hint(&self.log_id(version).0)
    }
}

/// Whether a log has answered anybody, and so must hold entries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answered {
    NotYet,
    Yes,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Description {
    v1: Base64,
    v2: Base64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    answered: bool,
}

const DESCRIPTION: &str = "log.json";
const MAX_DESCRIPTION: u64 = 16 << 10;
/// The longest host name (RFC 1035 section 2.3.4).
const MAX_HOST: usize = 253;
