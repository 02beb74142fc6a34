//! Content digests as OCI writes them: `sha256:<64 hex digits>`.
//!
//! Source: OCI image-spec v1.1, descriptor.md, "Digests". This module is also the one entry point
//! to hashing in the workspace.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest as backend;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;

use crate::uris;

/// A hash algorithm that may name content.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DigestAlgorithm {
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-384, 48 bytes.
    Sha384,
    /// SHA-512, 64 bytes.
    Sha512,
    /// Sealwright's directory tree digest, 32 bytes: the SHA-256 of a tree's canonical encoding
    /// (docs/reference/tree-digest.md). Never the digest of a file.
    TreeV1,
}

impl DigestAlgorithm {
    /// The name used before the colon and as the key of an in-toto digest set.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::TreeV1 => uris::TREE_DIGEST_NAME,
        }
    }

    /// Length of a digest in bytes.
    pub const fn size(self) -> usize {
        match self {
            Self::Sha256 | Self::TreeV1 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn backend(self) -> &'static backend::Algorithm {
        match self {
            Self::Sha256 | Self::TreeV1 => &backend::SHA256,
            Self::Sha384 => &backend::SHA384,
            Self::Sha512 => &backend::SHA512,
        }
    }
}

impl FromStr for DigestAlgorithm {
    type Err = InvalidDigest;

    fn from_str(name: &str) -> Result<Self, InvalidDigest> {
        match name {
            "sha256" => Ok(Self::Sha256),
            "sha384" => Ok(Self::Sha384),
            "sha512" => Ok(Self::Sha512),
            uris::TREE_DIGEST_NAME => Ok(Self::TreeV1),
            _ => Err(InvalidDigest::Algorithm(name.to_owned())),
        }
    }
}

/// The digest of some bytes: an algorithm and exactly as many bytes as it yields.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    bytes: [u8; 64],
}

impl Digest {
    /// Takes raw digest bytes.
    ///
    /// # Errors
    /// `InvalidDigest::Length` when there are not exactly as many as the algorithm yields.
    pub fn from_bytes(algorithm: DigestAlgorithm, raw: &[u8]) -> Result<Self, InvalidDigest> {
        let mut bytes = [0; 64];
        match bytes.get_mut(..raw.len()) {
            Some(prefix) if raw.len() == algorithm.size() => prefix.copy_from_slice(raw),
            _ => {
                return Err(InvalidDigest::Length {
                    algorithm,
                    found: raw.len(),
                });
            }
        }
        Ok(Self { algorithm, bytes })
    }

    /// Takes a SHA-256 digest.
    pub fn from_sha256(raw: [u8; 32]) -> Self {
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(raw) {
            *to = from;
        }
        Self {
            algorithm: DigestAlgorithm::Sha256,
            bytes,
        }
    }

    /// Takes lower-case or upper-case hexadecimal digits.
    ///
    /// # Errors
    /// When they are not hexadecimal or not of the algorithm's length.
    pub fn from_hex(algorithm: DigestAlgorithm, digits: &str) -> Result<Self, InvalidDigest> {
        let raw = hex::decode(digits).map_err(|_| InvalidDigest::Hex(digits.to_owned()))?;
        Self::from_bytes(algorithm, &raw)
    }

    /// The SHA-256 of `bytes`.
    pub fn sha256(bytes: &[u8]) -> Self {
        Self::of(DigestAlgorithm::Sha256, bytes)
    }

    /// The digest of `bytes` under `algorithm`.
    pub fn of(algorithm: DigestAlgorithm, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    /// The algorithm.
    pub const fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// The raw bytes, as many as the algorithm yields.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.algorithm.size()).unwrap_or_default()
    }

    /// The first 32 bytes; all of a SHA-256.
    pub fn first32(&self) -> [u8; 32] {
        let mut out = [0; 32];
        for (to, from) in out.iter_mut().zip(self.bytes) {
            *to = from;
        }
        out
    }

    /// Lower-case hexadecimal digits without the algorithm.
    pub fn to_hex(&self) -> String {
        hex::encode(self.as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let (algorithm, digits) = text
            .split_once(':')
            .ok_or_else(|| InvalidDigest::NoAlgorithm(text.to_owned()))?;
        if digits.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(InvalidDigest::Hex(digits.to_owned()));
        }
        Self::from_hex(algorithm.parse()?, digits)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An incremental hash computation.
#[derive(Clone)]
pub struct Hasher {
    algorithm: DigestAlgorithm,
    context: backend::Context,
}

impl Hasher {
    /// Starts one.
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        Self {
            algorithm,
            context: backend::Context::new(algorithm.backend()),
        }
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    /// Ends it.
    pub fn finish(self) -> Digest {
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(self.context.finish().as_ref()) {
            *to = *from;
        }
        Digest {
            algorithm: self.algorithm,
            bytes,
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hasher({})", self.algorithm.name())
    }
}

/// Why some text or bytes are no digest.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDigest {
    /// An algorithm this version does not know.
    #[error("digest algorithm is {0:?}, wanted sha256, sha384 or sha512")]
    Algorithm(String),
    /// Not hexadecimal.
    #[error("digest {0:?} is not written in lower-case hexadecimal digits")]
    Hex(String),
    /// Too few or too many bytes.
    #[error("digest has {found} bytes, wanted {} for {}", algorithm.size(), algorithm.name())]
    Length {
        /// The algorithm named.
        algorithm: DigestAlgorithm,
        /// How many bytes there were.
        found: usize,
    },
    /// No colon.
    #[error("digest {0:?} has no algorithm, wanted the form sha256:<hex>")]
    NoAlgorithm(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_parses() {
        let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        assert_eq!(Digest::sha256(b"").to_string(), text);
    }

    #[test]
    fn rejects_what_is_no_digest() {
        for text in [
            "",
            "sha256:",
            "sha256:00",
            "md5:00",
            "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "sha256:z3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
