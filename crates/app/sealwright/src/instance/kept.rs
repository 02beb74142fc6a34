//! What the last whole update brought, in one file.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Diagnostic as _;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_files as files;
use sealwright_tuf::Answer;
use sealwright_tuf::Step;
use sealwright_tuf::Updater;
use sealwright_tuf::Wanted;
use sealwright_tuf::inspect;
use serde::Deserialize;
use serde::Serialize;

use super::TRUSTED_ROOT;
use crate::Error;
use crate::Failure;

/// Metadata and targets of a repository, as they were when it was last asked.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    schema: String,
    /// Who was asked.
    pub(super) mirror: String,
    /// When.
    pub(super) updated: Timestamp,
    /// Metadata by the names a client keeps it under, new roots with their versions before them.
    metadata: BTreeMap<String, String>,
    /// What was asked for.
    targets: BTreeMap<String, String>,
}

impl Kept {
    pub(super) fn new(
        mirror: &str,
        updated: Timestamp,
        metadata: &BTreeMap<String, Vec<u8>>,
        targets: BTreeMap<String, Vec<u8>>,
    ) -> Self {
        // All of it is JSON. What is not, is found when it is read as a client would.
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            schema: SCHEMA.to_owned(),
            mirror: mirror.to_owned(),
            updated: updated.truncated_to_second(),
            metadata: metadata
                .iter()
                .map(|(name, bytes)| (name.clone(), text(bytes)))
                .collect(),
            targets: targets
                .into_iter()
                .map(|(name, bytes)| (name, text(&bytes)))
                .collect(),
        }
    }

    /// What is kept in a directory, unproved.
    ///
    /// # Errors
    /// `trust.kept-unusable`, `files.…`.
    pub(super) fn read(directory: &Path) -> Result<Option<Self>, Failure> {
        let path = path(directory);
        let json = match files::read_limited(&path, MAX_BYTES) {
            Ok(json) => json,
            Err(files::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let kept: Self =
            canonical_json::from_slice(&json).map_err(|source| Error::kept(&path, &source))?;
        if kept.schema != SCHEMA {
            return Err(Error::kept(&path, &format!("schema {:?}", kept.schema)).into());
        }
        Ok(Some(kept))
    }

    /// Puts it in the place of what was kept before.
    pub(super) fn store(&self, directory: &Path) -> Result<(), Failure> {
        let path = path(directory);
        let json = serde_json::to_vec(self).map_err(Error::Encode)?;
        if json.len() as u64 > MAX_BYTES {
            return Err(files::Error::TooLarge {
                path,
                limit: MAX_BYTES,
                unit: "bytes",
            }
            .into());
        }
        Ok(files::write_atomic(&path, &json, files::PUBLIC_FILE)?)
    }

    /// A target. [`Self::check`] says whether it is the repository's.
    pub(super) fn target(&self, name: &str) -> Option<&str> {
        self.targets.get(name).map(String::as_str)
    }

    /// Goes the way of a client from a root that is trusted to each target. That something has
    /// expired is no hindrance.
    ///
    /// # Errors
    /// `trust.kept-unusable`.
    pub(super) fn check(&self, anchor: &[u8], directory: &Path) -> Result<(), Failure> {
        let failed = |error: &sealwright_tuf::Error| {
            Error::kept(&path(directory), &format!("{}: {error}", error.code()))
        };
        if !self.targets.contains_key(TRUSTED_ROOT) {
            return Err(Error::kept(&path(directory), &"no trusted root").into());
        }
        // Before anything was made, nothing had expired.
        let mut updater =
            Updater::new(anchor, Timestamp::from_seconds(0)).map_err(|error| failed(&error))?;
        for (name, text) in &self.targets {
            updater.look_for(name);
            self.walk(&mut updater, text.as_bytes())
                .map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    fn walk(&self, updater: &mut Updater, bytes: &[u8]) -> Result<(), sealwright_tuf::Error> {
        loop {
            match updater.step()? {
                Step::Done => return Ok(()),
                Step::Found(target) => return target.verify(bytes),
                Step::Load(_) => updater.answer(Answer::Absent)?,
                Step::Fetch(wanted) => updater.answer(self.answer(&wanted))?,
                Step::Remove { .. } | Step::Store { .. } => {}
            }
        }
    }

    /// As the repository answered.
    fn answer(&self, wanted: &Wanted) -> Answer {
        let found = self.metadata.get(&wanted.path).or_else(|| {
            let (version, name) = wanted.path.split_once('.')?;
            let versioned = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit());
            // A root of another version is another root.
            (versioned && name != ROOT).then(|| self.metadata.get(name))?
        });
        found.map_or(Answer::Absent, |text| {
            Answer::Bytes(text.clone().into_bytes())
        })
    }

    /// When the first of all the metadata that is in force expires.
    pub(super) fn expires(&self, anchor: &[u8]) -> Option<Timestamp> {
        let newest_root = self.newest_root().map_or(anchor, str::as_bytes);
        let others = self
            .metadata
            .iter()
            .filter(|(name, _)| !name.ends_with(ROOT))
            .map(|(_, text)| text.as_bytes());
        std::iter::once(newest_root)
            .chain(others)
            .filter_map(|bytes| inspect(bytes).ok())
            .map(|found| found.expires)
            .min()
    }

    /// When the repository had last to say that it has nothing new.
    pub(super) fn timestamp_expires(&self) -> Option<Timestamp> {
        let timestamp = self.metadata.get(TIMESTAMP)?;
        inspect(timestamp.as_bytes())
            .ok()
            .map(|found| found.expires)
    }

    /// The version of the newest root, of the timestamp and so on, by name.
    pub(super) fn version(&self, name: &str, anchor: &[u8]) -> Option<u64> {
        let bytes = match name {
            ROOT => self.newest_root().map_or(anchor, str::as_bytes),
            name => self.metadata.get(name)?.as_bytes(),
        };
        inspect(bytes).ok().map(|found| found.version)
    }

    fn newest_root(&self) -> Option<&str> {
        let version = |name: &str| -> Option<u64> { name.strip_suffix(".root.json")?.parse().ok() };
        self.metadata
            .iter()
            .filter_map(|(name, text)| Some((version(name)?, text)))
            .max_by_key(|(version, _)| *version)
            .map(|(_, text)| text.as_str())
    }
}

pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join("kept.json")
}

pub(super) const ROOT: &str = "root.json";
pub(super) const TIMESTAMP: &str = "timestamp.json";
const SCHEMA: &str = "sealwright.dev/kept-root/v1";
const MAX_BYTES: u64 = 64 << 20;
