//! A target as its metadata lists it, and the check of what was downloaded (section 5.7).

use sealwright_core::Hasher;
use serde_json::Value;

use crate::Error;
use crate::Hashes;
use crate::hashes::check_digest;
use crate::hashes::check_length;
use crate::metadata::Malformed;
use crate::metadata::Object;
use crate::role_name::escape;

/// What a repository says of one target. It comes from an [`Updater`](crate::Updater) alone, so that
/// who holds one knows that the roles with a say in this path vouch for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TargetFile {
    path: String,
    length: u64,
    hashes: Hashes,
    custom: Option<Value>,
}

impl TargetFile {
    /// Where the target lies, relative to the base URL of targets.
    ///
    /// WARNING: it is the repository's word. Do not use it as the path of a local file unchecked.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A name for a local file: one path segment, another one for each path.
    pub fn file_name(&self) -> String {
        match self.path.as_str() {
            // These name directories.
            "." | ".." => self.path.replace('.', "%2E"),
            path => escape(path),
        }
    }

    /// Its length in bytes.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Its digests.
    pub const fn hashes(&self) -> &Hashes {
        &self.hashes
    }

    /// What the repository adds for the application, as it stands.
    pub const fn custom(&self) -> Option<&Value> {
        self.custom.as_ref()
    }

    /// Checks downloaded bytes.
    ///
    /// # Errors
    /// `tuf.length-exceeded`, `tuf.length-mismatch`, `tuf.hash-mismatch`, `tuf.unknown-hash`.
    pub fn verify(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut verifier = self.verifier()?;
        verifier.update(bytes)?;
        verifier.finish()
    }

    /// Begins the check of bytes that come in pieces.
    ///
    /// # Errors
    /// `tuf.unknown-hash`.
    pub fn verifier(&self) -> Result<TargetVerifier, Error> {
        let hashers: Vec<_> = self
            .hashes
            .known()
            .iter()
            .map(|it| Hasher::new(it.algorithm()))
            .collect();
        if hashers.is_empty() {
            let file = self.path.clone();
            return Err(Error::UnknownHash { file });
        }
        Ok(TargetVerifier {
            target: self.clone(),
            length: 0,
            hashers,
        })
    }

    /// The path to fetch it from; with its digest in front of the file's name where consistent
    /// snapshots are used.
    pub(crate) fn location(&self, consistent_snapshot: bool) -> String {
        match self.hashes.known().first() {
            Some(digest) if consistent_snapshot => {
                let (folder, name) = match self.path.rsplit_once('/') {
                    Some((folder, name)) => (format!("{folder}/"), name),
                    None => (String::new(), self.path.as_str()),
                };
                format!("{folder}{}.{name}", digest.to_hex())
            }
            _ => self.path.clone(),
        }
    }

    pub(crate) fn read(path: &str, object: &Object<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            path: path.to_owned(),
            length: object.length("length")?,
            hashes: Hashes::read(&object.object("hashes")?)?,
            custom: object.optional("custom").cloned(),
        })
    }
}

/// The check of a target that comes in pieces.
pub struct TargetVerifier {
    target: TargetFile,
    length: u64,
    hashers: Vec<Hasher>,
}

impl TargetVerifier {
    /// Takes the next piece.
    ///
    /// # Errors
    /// `tuf.length-exceeded` as soon as there are more bytes than listed.
    pub fn update(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.length = self.length.saturating_add(piece.len() as u64);
        if self.length > self.target.length {
            return Err(Error::LengthExceeded {
                file: self.target.path.clone(),
                found: self.length,
                limit: self.target.length,
            });
        }
        for hasher in &mut self.hashers {
            hasher.update(piece);
        }
        Ok(())
    }

    /// Judges what came.
    ///
    /// # Errors
    /// `tuf.length-mismatch`, `tuf.hash-mismatch`.
    pub fn finish(self) -> Result<(), Error> {
        let file = &self.target.path;
        check_length(file, self.length, self.target.length)?;
        for (hasher, wanted) in self.hashers.into_iter().zip(self.target.hashes.known()) {
            check_digest(file, hasher.finish(), *wanted)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_local_file_stays_in_its_directory() {
        let value = json!({"length": 0, "hashes": {"sha256": "00".repeat(32)}});
        for (path, name) in [
            ("dir/file", "dir%2Ffile"),
            ("../file", "..%2Ffile"),
            ("..", "%2E%2E"),
            (".", "%2E"),
            ("a%2Fb", "a%252Fb"),
        ] {
            let target = TargetFile::read(path, &Object::top(&value).unwrap()).unwrap();
            assert_eq!(target.file_name(), name);
        }
    }
}
