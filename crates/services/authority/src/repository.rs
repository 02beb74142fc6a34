//! The update repository of one Sigstore (The Update Framework 1.0.34, section 6): from where clients
//! that know its first root learn whom to trust and where to sign, and notice when that changes.
//!
//! ```text
//! keys/          one PKCS#8 file a role: root, targets, snapshot, timestamp
//! metadata/      what is served: N.root.json, N.targets.json, N.snapshot.json, timestamp.json
//! metadata/targets/   HASH.NAME
//! lock           held while publishing
//! ```
//!
//! Files are written in the order in which a client may meet them, the timestamp last: whoever comes in
//! between, or after a crash, finds the one state or the other. What stands in the directory is read
//! again and checked before anything is signed anew.
//!
//! What it deliberately does not do: keep the root's key somewhere else, which everybody should who has
//! more than one machine to lose. It is for development.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_files::LockFile;
use sealwright_store::KeyStore;
use sealwright_tuf::editor::CurrentMetadata;
use sealwright_tuf::editor::Editor;
use sealwright_tuf::editor::Lifetimes;
use sealwright_tuf::editor::PublishedFile;
use sealwright_tuf::editor::TopLevelRole;
use sealwright_tuf::inspect;
use serde_json::Value;

use crate::Error;

/// A repository in a directory of its own.
#[derive(Clone, Debug)]
pub struct UpdateRepository {
    directory: PathBuf,
}

/// A file for clients.
#[derive(Clone, Debug)]
pub struct UpdateTarget {
    /// Its name: letters, digits, dots, dashes and underscores.
    pub name: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// What Sigstore's older clients, which know files by their use and not by their names, take it for:
    /// `Fulcio`, `Rekor`, `CTFE`, `TSA`.
    pub usage: Option<&'static str>,
}

/// What publishing came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Publication {
    /// Everything was as it should be.
    Current,
    /// A new state is served.
    New,
}

/// The four files that stand for the present state.
struct Current {
    root: Vec<u8>,
    targets: Vec<u8>,
    snapshot: Vec<u8>,
    timestamp: Vec<u8>,
}

impl UpdateRepository {
    /// The repository in a directory, whether or not anything stands there yet.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// Makes the repository hold exactly these targets, and last from now on. Publishes nothing when it
    /// does already and has more than half of its life before it.
    ///
    /// # Errors
    /// Of what stands there: `tuf.malformed`, `tuf.bad-signature-threshold` and their like; of keys and
    /// files, the codes of reading and writing them (`store.…`, `files.…`).
    pub fn publish(&self, targets: &[UpdateTarget], now: Timestamp) -> Result<Publication, Error> {
        sealwright_files::create_private_directory(&self.directory)?;
        let _lock = LockFile::exclusive(&self.directory.join(LOCK), PATIENCE)?;
        for directory in [METADATA, TARGETS] {
            sealwright_files::create_private_directory(&self.directory.join(directory))?;
        }
        let current = self.current()?;
        let keys = Keys::in_directory(&self.directory, current.is_some())?;
        let listed = current.as_ref().map(Current::listed).unwrap_or_default();
        let (mut editor, mut is_changed) = match &current {
            Some(current) => self.continued(current, now)?,
            None => (self.begun(&keys)?, true),
        };
        for name in listed.keys() {
            if !targets.iter().any(|target| target.name == name) {
                editor.remove_target(name);
                is_changed = true;
            }
        }
        for target in targets {
            if listed.get(target.name) != Some(&Digest::sha256(&target.bytes).to_hex()) {
                let custom = target.usage.map(
                    |usage| serde_json::json!({"sigstore": {"status": "Active", "usage": usage}}),
                );
                editor.set_target(target.name, target.bytes.clone(), custom);
                is_changed = true;
            }
        }
        if !is_changed {
            return Ok(Publication::Current);
        }
        let files = editor
            .publish(&keys.all(), LIFETIMES, now)
            .map_err(|source| self.error(source))?;
        for file in files {
            self.write(&file)?;
        }
        Ok(Publication::New)
    }

    /// The first root, which clients are to begin with.
    ///
    /// # Errors
    /// The codes of reading files.
    pub fn first_root(&self) -> Result<Vec<u8>, Error> {
        Ok(sealwright_files::read_limited(
            &self.directory.join(METADATA).join("1.root.json"),
            MAX_FILE,
        )?)
    }

    /// A file by its path in the repository; `None` when there is none, or could never be.
    ///
    /// # Errors
    /// The codes of reading files.
    pub fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let name = path.strip_prefix("targets/").unwrap_or(path);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty()
            || name == "targets"
            || name.starts_with('.')
            || !name.bytes().all(is_plain)
        {
            return Ok(None);
        }
        self.read(path)
    }

    /// A repository without targets, with its keys.
    fn begun(&self, keys: &Keys) -> Result<Editor, Error> {
        let mut editor = Editor::create();
        for (role, key) in keys.by_role() {
            editor
                .set_keys(role, &[key.public_key()], 1)
                .map_err(|source| self.error(source))?;
        }
        Ok(editor)
    }

    /// The present state, ready to be changed, and whether it has to be.
    fn continued(&self, current: &Current, now: Timestamp) -> Result<(Editor, bool), Error> {
        let mut editor = Editor::open(CurrentMetadata {
            root: &current.root,
            targets: &current.targets,
            snapshot: &current.snapshot,
            timestamp: &current.timestamp,
        })
        .map_err(|source| self.error(source))?;
        let mut is_changed = false;
        let roles = [
            (TopLevelRole::Root, &current.root, LIFETIMES.root),
            (TopLevelRole::Targets, &current.targets, LIFETIMES.targets),
            (
                TopLevelRole::Snapshot,
                &current.snapshot,
                LIFETIMES.snapshot,
            ),
            (
                TopLevelRole::Timestamp,
                &current.timestamp,
                LIFETIMES.timestamp,
            ),
        ];
        for (role, bytes, lifetime) in roles {
            let expires = inspect(bytes).map_err(|source| self.error(source))?.expires;
            if expires < now.plus_seconds(lifetime / 2) {
                editor.renew(role);
                is_changed = true;
            }
        }
        Ok((editor, is_changed))
    }

    /// The present state by what the timestamp says; `None` before the first was complete.
    fn current(&self) -> Result<Option<Current>, Error> {
        let Some(timestamp) = self.read("timestamp.json")? else {
            return Ok(None);
        };
        let snapshot = self.referred(&timestamp, "snapshot")?;
        let targets = self.referred(&snapshot, "targets")?;
        let mut root = None;
        for version in 1..=MAX_ROOTS {
            match self.read(&format!("{version}.root.json"))? {
                Some(bytes) => root = Some(bytes),
                None => break,
            }
        }
        let root = root.ok_or_else(|| self.missing("1.root.json"))?;
        Ok(Some(Current {
            root,
            targets,
            snapshot,
            timestamp,
        }))
    }

    /// The file of the role below a file, which says its version.
    fn referred(&self, above: &[u8], role: &str) -> Result<Vec<u8>, Error> {
        let file: Value = canonical_json::from_slice(above).unwrap_or_default();
        let version = file
            .get("signed")
            .and_then(|signed| signed.get("meta"))
            .and_then(|meta| meta.get(format!("{role}.json")))
            .and_then(|entry| entry.get("version"))
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let name = format!("{version}.{role}.json");
        self.read(&name)?.ok_or_else(|| self.missing(&name))
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        match sealwright_files::read_limited(&self.path(path), MAX_FILE) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(sealwright_files::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn write(&self, file: &PublishedFile) -> Result<(), Error> {
        let path = self.path(&file.path);
        Ok(sealwright_files::write_atomic(
            &path,
            &file.bytes,
            sealwright_files::PRIVATE_FILE,
        )?)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.directory.join(METADATA).join(Path::new(path))
    }

    fn missing(&self, name: &str) -> Error {
        let path = self.path(name);
        sealwright_files::Error::NotFound { path }.into()
    }

    fn error(&self, source: sealwright_tuf::Error) -> Error {
        Error::Repository {
            directory: self.directory.clone(),
            source,
        }
    }
}

impl Current {
    /// The targets by name, with their SHA-256.
    fn listed(&self) -> BTreeMap<String, String> {
        let file: Value = canonical_json::from_slice(&self.targets).unwrap_or_default();
        let targets = file.pointer("/signed/targets").and_then(Value::as_object);
        let hash = |entry: &Value| {
            let hash = entry.pointer("/hashes/sha256").and_then(Value::as_str);
            hash.unwrap_or_default().to_owned()
        };
        targets
            .into_iter()
            .flatten()
            .map(|(name, entry)| (name.clone(), hash(entry)))
            .collect()
    }
}

/// The keys of the four roles.
struct Keys([SigningKey; 4]);

impl Keys {
    /// Made when nothing was published yet, else there.
    fn in_directory(directory: &Path, is_published: bool) -> Result<Self, Error> {
        let keys = KeyStore::at(directory.join("keys"));
        let key = |role: &str| {
            let scheme = SignatureScheme::EcdsaP256Sha256;
            let name = || format!("{role} of the update repository");
            let key = match is_published {
                true => keys.existing(role, scheme),
                false => keys.signing_key(role, scheme).map(Some),
            };
            key.map_err(|source| Error::KeyUnreadable {
                role: name(),
                source,
            })?
            .ok_or_else(|| Error::KeyMissing { role: name() })
        };
        Ok(Self([
            key("root")?,
            key("targets")?,
            key("snapshot")?,
            key("timestamp")?,
        ]))
    }

    fn all(&self) -> [&SigningKey; 4] {
        self.0.each_ref()
    }

    fn by_role(&self) -> impl Iterator<Item = (TopLevelRole, &SigningKey)> {
        let roles = [
            TopLevelRole::Root,
            TopLevelRole::Targets,
            TopLevelRole::Snapshot,
            TopLevelRole::Timestamp,
        ];
        roles.into_iter().zip(&self.0)
    }
}

const DAY: i64 = 24 * 60 * 60;
/// Long, for a server that stands still for weeks must not lock its clients out.
const LIFETIMES: Lifetimes = Lifetimes {
    root: 3650 * DAY,
    targets: 3650 * DAY,
    snapshot: 90 * DAY,
    timestamp: 90 * DAY,
};
const METADATA: &str = "metadata";
const TARGETS: &str = "metadata/targets";
const LOCK: &str = "lock";
const MAX_FILE: u64 = 4 << 20;
const MAX_ROOTS: u32 = 1024;
/// How long another process may take to publish.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
