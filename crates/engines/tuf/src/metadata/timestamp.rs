//! The timestamp role: which snapshot is the latest (section 4.6).

use super::Body;
use super::Malformed;
use super::Object;
use crate::hashes::MetaFile;

/// The `signed` part of a timestamp.
#[derive(Debug)]
pub(crate) struct Timestamp {
    pub(crate) snapshot: MetaFile,
}

impl Body for Timestamp {
    const TYPE: &'static str = "timestamp";

    fn read(signed: &Object<'_>) -> Result<Self, Malformed> {
        let snapshot = signed.object("meta")?.object("snapshot.json")?;
        Ok(Self {
            snapshot: MetaFile::read(&snapshot)?,
        })
    }
}
