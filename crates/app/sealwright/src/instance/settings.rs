//! Where an instance's repository is, and where trust in it begins.

use std::path::Path;
use std::path::PathBuf;

use sealwright_core::canonical_json;
use sealwright_files as files;
use serde::Deserialize;
use serde::Serialize;

use crate::Error;
use crate::Failure;
use crate::Profile;
use crate::failure::About as _;
use crate::trust::embedded;

/// An instance that a TUF repository speaks for.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) profile: Profile,
    /// Where all about it is kept; nowhere without a data directory.
    pub(crate) directory: Option<PathBuf>,
    /// The base URL of its repository.
    pub(crate) mirror: String,
    /// The root that trust in the repository begins with.
    pub(crate) anchor: Vec<u8>,
}

impl Instance {
    /// The instance of a profile; the local one has no repository.
    ///
    /// # Errors
    /// `usage.unknown-profile`, `trust.kept-unusable`; `files.…`.
    pub(crate) fn open(home: &Path, profile: Profile) -> Result<Self, Failure> {
        let directory = directory(home, profile);
        let wire = match &directory {
            Some(directory) => Wire::read(&directory.join(SETTINGS))?,
            None => None,
        };
        let unknown = || Error::UnknownInstance(profile);
        let (anchor, mirror) = match (embedded::tuf_repository(profile), wire) {
            // Another root would make it another instance.
            (Some((root, own)), wire) => {
                let mirror = wire.map_or_else(|| own.to_owned(), |wire| wire.mirror);
                (root.to_owned(), mirror)
            }
            (None, Some(wire)) => (wire.root.ok_or_else(unknown)?, wire.mirror),
            (None, None) => return Err(unknown().into()),
        };
        Ok(Self {
            profile,
            directory,
            mirror,
            anchor: anchor.into_bytes(),
        })
    }

    /// Writes down what the program does not know by itself.
    pub(crate) fn store(&self) -> Result<(), Failure> {
        let Some(directory) = &self.directory else {
            return Err(files::Error::NoDataDirectory.into());
        };
        let root = match embedded::tuf_repository(self.profile) {
            Some(_) => None,
            None => Some(String::from_utf8_lossy(&self.anchor).into_owned()),
        };
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            mirror: self.mirror.clone(),
            root,
        };
        let json = serde_json::to_vec_pretty(&wire).map_err(Error::Encode)?;
        Ok(files::write_atomic(
            &directory.join(SETTINGS),
            &json,
            files::PUBLIC_FILE,
        )?)
    }
}

/// Where all about an instance is kept.
pub(super) fn directory(home: &Path, profile: Profile) -> Option<PathBuf> {
    let named = !home.as_os_str().is_empty();
    named.then(|| home.join(FOLDER).join(profile.name()))
}

/// The instances that were made known here, by name.
///
/// # Errors
/// `files.…`.
pub(crate) fn names(home: &Path) -> Result<Vec<Profile>, Failure> {
    let folder = home.join(FOLDER);
    let found = match files::directory_names(&folder) {
        Ok(found) => found,
        Err(files::Error::NotFound { .. }) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let mut profiles: Vec<Profile> = found
        .iter()
        .filter_map(|name| name.to_str()?.parse().ok())
        .filter(|profile| matches!(profile, Profile::Custom(_)))
        .collect();
    profiles.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(profiles)
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    mirror: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<String>,
}

impl Wire {
    fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let json = match files::read_limited(path, MAX_BYTES) {
            Ok(json) => json,
            Err(files::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let wire: Self = canonical_json::from_slice(&json)
            .map_err(|source| Error::kept(path, &source))
            .about(path.display())?;
        if wire.schema != SCHEMA {
            return Err(Error::kept(path, &format!("schema {:?}", wire.schema)).into());
        }
        Ok(Some(wire))
    }
}

/// In the data directory.
pub(super) const FOLDER: &str = "tuf";
const SETTINGS: &str = "instance.json";
const SCHEMA: &str = "sealwright.dev/instance/v1";
const MAX_BYTES: u64 = 1 << 20;
