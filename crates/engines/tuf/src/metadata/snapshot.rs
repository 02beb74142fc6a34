//! The snapshot role: which versions of all targets metadata belong together (section 4.4).

use std::collections::BTreeMap;

use super::Body;
use super::Malformed;
use super::Object;
use crate::RoleName;
use crate::hashes::MetaFile;

/// The `signed` part of a snapshot.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// By file name without its version, as in `targets.json`.
    pub(crate) meta: BTreeMap<String, MetaFile>,
}

impl Snapshot {
    pub(crate) fn of(&self, role: &RoleName) -> Option<&MetaFile> {
        self.meta.get(&role.meta_path())
    }
}

impl Body for Snapshot {
    const TYPE: &'static str = "snapshot";

    fn read(signed: &Object<'_>) -> Result<Self, Malformed> {
        let files = signed.object("meta")?;
        let mut meta = BTreeMap::new();
        for (name, _) in files.fields() {
            meta.insert(name.to_owned(), MetaFile::read(&files.object(name)?)?);
        }
        Ok(Self { meta })
    }
}
