//! Metadata files: read strictly, and trusted only once their signatures are counted.
//!
//! Source: TUF 1.0.34 section 4. What a file says beyond the specification is part of its signed
//! form, and is otherwise let be.

mod object;
mod root;
mod snapshot;
mod targets;
mod timestamp;

use std::sync::Arc;

use sealwright_core::Timestamp as Time;
use sealwright_core::canonical_json as strict_json;
use serde_json::Value;

use crate::Error;
use crate::RoleName;
use crate::canonical_json;
use crate::key::Authority;
use crate::key::Signature;

pub(crate) use self::object::Malformed;
pub(crate) use self::object::Object;
pub(crate) use self::root::Root;
pub(crate) use self::snapshot::Snapshot;
pub(crate) use self::targets::Targets;
pub(crate) use self::timestamp::Timestamp;

/// What is particular to one type of role.
pub(crate) trait Body: Sized {
    /// The value of `_type`.
    const TYPE: &'static str;

    fn read(signed: &Object<'_>) -> Result<Self, Malformed>;
}

/// Fields that all roles have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) version: u64,
    pub(crate) expires: Time,
}

/// A metadata file as it was read. Nothing says yet who signed it.
#[derive(Debug)]
pub(crate) struct Signed<T> {
    role: RoleName,
    header: Header,
    body: Arc<T>,
    signatures: Vec<Signature>,
    canonical: Vec<u8>,
}

impl<T: Body> Signed<T> {
    pub(crate) fn parse(role: &RoleName, bytes: &[u8]) -> Result<Self, Error> {
        let file = read_json(role, bytes)?;
        let malformed = |error: Malformed| error.of(role);
        let top = Object::top(&file).map_err(malformed)?;
        let signed = top.object("signed").map_err(malformed)?;
        let found = signed.string("_type").map_err(malformed)?;
        if found != T::TYPE {
            return Err(Error::WrongType {
                role: role.clone(),
                found: found.to_owned(),
                wanted: T::TYPE,
            });
        }
        let spec_version = signed.string("spec_version").map_err(malformed)?;
        if !is_supported(spec_version) {
            return Err(Error::UnsupportedVersion {
                role: role.clone(),
                found: spec_version.to_owned(),
            });
        }
        let header = Header {
            version: signed.version("version").map_err(malformed)?,
            expires: signed.time("expires").map_err(malformed)?,
        };
        let body = T::read(&signed).map_err(malformed)?;
        let signatures = Signature::read_all(&top).map_err(malformed)?;
        let canonical = canonical_json::to_vec(signed.value()).map_err(|source| {
            let role = role.clone();
            Error::NotCanonical { role, source }
        })?;
        Ok(Self {
            role: role.clone(),
            header,
            body: Arc::new(body),
            signatures,
            canonical,
        })
    }

    /// The body before anybody vouches for it: only a root may be asked about itself.
    pub(crate) fn unverified_body(&self) -> &T {
        &self.body
    }

    /// Trusts the file when enough of the authority's keys signed it. The only place where
    /// [`Verified`] is made.
    pub(crate) fn verify(&self, authority: &Authority<'_>) -> Result<Verified<T>, Error> {
        let (found, wanted) = authority.count(&self.signatures, &self.canonical);
        if u64::try_from(found).unwrap_or(u64::MAX) < wanted {
            return Err(Error::Threshold {
                role: self.role.clone(),
                delegator: authority.delegator().to_owned(),
                found,
                wanted,
            });
        }
        Ok(Verified {
            role: self.role.clone(),
            header: self.header,
            body: Arc::clone(&self.body),
        })
    }
}

/// Metadata that the threshold of its role's keys signed.
#[derive(Debug)]
pub(crate) struct Verified<T> {
    role: RoleName,
    header: Header,
    body: Arc<T>,
}

impl<T> Verified<T> {
    pub(crate) fn body(&self) -> &T {
        &self.body
    }

    pub(crate) fn version(&self) -> u64 {
        self.header.version
    }

    pub(crate) fn expires(&self) -> Time {
        self.header.expires
    }

    /// Checks against a freeze: metadata must expire after the update began.
    pub(crate) fn check_fresh(&self, now: Time) -> Result<(), Error> {
        if self.header.expires > now {
            return Ok(());
        }
        Err(Error::Expired {
            role: self.role.clone(),
            expires: self.header.expires,
            now,
        })
    }

    pub(crate) fn check_version(&self, wanted: u64) -> Result<(), Error> {
        if self.header.version == wanted {
            return Ok(());
        }
        Err(Error::WrongVersion {
            role: self.role.clone(),
            found: self.header.version,
            wanted,
        })
    }
}

/// What a metadata file says of itself. Nobody's signature was checked: for showing only.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Inspection {
    /// The type of role: `root`, `timestamp`, `snapshot` or `targets`.
    pub kind: &'static str,
    /// The version of the file.
    pub version: u64,
    /// When it expires.
    pub expires: Time,
    /// Ids of the keys that are said to have signed it.
    pub signed_by: Vec<String>,
}

/// Reads a metadata file of any type as strictly as an update does, without judging it.
///
/// # Errors
/// `tuf.malformed`, `tuf.wrong-type`, `tuf.unsupported-version`.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, Error> {
    fn read<T: Body>(role: &RoleName, bytes: &[u8]) -> Result<Inspection, Error> {
        let signed = Signed::<T>::parse(role, bytes)?;
        let key_ids = signed.signatures.iter().map(|it| it.key_id.clone());
        Ok(Inspection {
            kind: T::TYPE,
            version: signed.header.version,
            expires: signed.header.expires,
            signed_by: key_ids.collect(),
        })
    }
    let root = RoleName::root();
    let file = read_json(&root, bytes)?;
    let kind = file.pointer("/signed/_type").and_then(Value::as_str);
    match kind {
        Some(Timestamp::TYPE) => read::<Timestamp>(&RoleName::timestamp(), bytes),
        Some(Snapshot::TYPE) => read::<Snapshot>(&RoleName::snapshot(), bytes),
        Some(Targets::TYPE) => read::<Targets>(&RoleName::targets(), bytes),
        _ => read::<Root>(&root, bytes),
    }
}

fn read_json(role: &RoleName, bytes: &[u8]) -> Result<Value, Error> {
    strict_json::from_slice(bytes).map_err(|source| {
        let role = role.clone();
        Error::Json { role, source }
    })
}

/// `1.0.34`, or `1.0` as some write it: any version 1.
fn is_supported(version: &str) -> bool {
    let parts: Vec<_> = version.split('.').collect();
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.len(), 2 | 3) && parts.iter().all(number) && parts.first() == Some(&"1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_version_1_is_supported() {
        for version in ["1.0", "1.0.0", "1.0.34", "1.1.0"] {
            assert!(is_supported(version), "{version}");
        }
        for version in ["", "1", "2.0.0", "0.9.0", "1.0.0.0", "1.x", "1.", "10.0"] {
            assert!(!is_supported(version), "{version}");
        }
    }
}
