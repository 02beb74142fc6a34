//! Lengths and hashes by which one file speaks of another (sections 4.4 and 4.5).

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use serde_json::Value;

use crate::Error;
use crate::metadata::Malformed;
use crate::metadata::Object;

/// The digests of one file: at least one, though perhaps none of an algorithm that is known here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hashes {
    known: Vec<Digest>,
}

impl Hashes {
    /// The digests of known algorithms, SHA-256 first.
    pub fn known(&self) -> &[Digest] {
        &self.known
    }

    pub(crate) fn read(object: &Object<'_>) -> Result<Self, Malformed> {
        let mut known = Vec::new();
        for (name, value) in object.fields() {
            let malformed = || object.malformed(name, "a hexadecimal digest");
            let digits = value.as_str().ok_or_else(malformed)?;
            let algorithm = match name {
                "sha256" => DigestAlgorithm::Sha256,
                "sha384" => DigestAlgorithm::Sha384,
                "sha512" => DigestAlgorithm::Sha512,
                _ => continue,
            };
            known.push(Digest::from_hex(algorithm, digits).map_err(|_| malformed())?);
        }
        if object.is_empty() {
            return Err(object.malformed_self("at least one hash"));
        }
        known.sort();
        Ok(Self { known })
    }

    /// Checks that `bytes` have every digest of a known algorithm, and that there is one.
    pub(crate) fn check(&self, file: &str, bytes: &[u8]) -> Result<(), Error> {
        if self.known.is_empty() {
            let file = file.to_owned();
            return Err(Error::UnknownHash { file });
        }
        for wanted in &self.known {
            check_digest(file, Digest::of(wanted.algorithm(), bytes), *wanted)?;
        }
        Ok(())
    }
}

/// What a timestamp or snapshot says of a metadata file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct MetaFile {
    pub(crate) version: u64,
    pub(crate) length: Option<u64>,
    pub(crate) hashes: Option<Hashes>,
}

impl MetaFile {
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, Malformed> {
        let length = match object.optional("length") {
            None => None,
            Some(Value::Number(number)) => Some(
                number
                    .as_u64()
                    .ok_or_else(|| object.malformed("length", "a length"))?,
            ),
            Some(_) => return Err(object.malformed("length", "a length")),
        };
        let hashes = match object.optional("hashes") {
            None => None,
            Some(_) => Some(Hashes::read(&object.object("hashes")?)?),
        };
        Ok(Self {
            version: object.version("version")?,
            length,
            hashes,
        })
    }

    /// Checks length and hashes, where they are given.
    pub(crate) fn check(&self, file: &str, bytes: &[u8]) -> Result<(), Error> {
        if let Some(wanted) = self.length {
            check_length(file, bytes.len() as u64, wanted)?;
        }
        match &self.hashes {
            Some(hashes) => hashes.check(file, bytes),
            None => Ok(()),
        }
    }
}

pub(crate) fn check_length(file: &str, found: u64, wanted: u64) -> Result<(), Error> {
    if found == wanted {
        Ok(())
    } else {
        Err(Error::LengthMismatch {
            file: file.to_owned(),
            found,
            wanted,
        })
    }
}

pub(crate) fn check_digest(file: &str, found: Digest, wanted: Digest) -> Result<(), Error> {
    if found == wanted {
        Ok(())
    } else {
        Err(Error::HashMismatch {
            file: file.to_owned(),
            found: Box::new(found),
            wanted: Box::new(wanted),
        })
    }
}
