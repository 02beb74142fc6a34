//! Sigstore bundles: a signature or signed statement with everything needed to verify it.
//!
//! Source: sigstore protobuf-specs, `sigstore_bundle.proto`, media types 0.1, 0.2 and 0.3 (both
//! spellings). Version 0.3 is what is written. A [`Bundle`] that exists keeps the rules of its
//! version; whether any of it is true only [`crate::verify()`] says.

mod upgrade;
mod wire;

#[cfg(test)]
mod tests;

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::canonical_json;
use sealwright_core::dsse::Envelope;
use sealwright_crypto::Certificate;

use crate::Error;
use crate::LogEntry;
use crate::error::BundleFault;

pub(crate) use self::wire::Entry as WireEntry;

/// A signature or signed statement with its evidence.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Which version's rules it keeps.
    pub version: BundleVersion,
    /// What is said to have signed.
    pub material: VerificationMaterial,
    /// Entries of transparency logs.
    pub log_entries: Vec<LogEntry>,
    /// DER of RFC 3161 timestamp responses.
    pub timestamps: Vec<Base64>,
    /// What was signed, and the signature.
    pub content: Content,
    /// The SHA-256 of an envelope's JSON as it was stored by itself; the oldest kind of log entry
    /// records that. Bundles have no such thing.
    pub stored_envelope: Option<Digest>,
}

/// A version of the bundle format.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum BundleVersion {
    /// 0.1: a signed entry timestamp is required.
    V0_1,
    /// 0.2: an inclusion proof with checkpoint is required.
    V0_2,
    /// 0.3: the same, and a single certificate instead of a chain.
    V0_3,
}

/// What is said to have signed.
#[derive(Clone, Debug)]
pub enum VerificationMaterial {
    /// One signing certificate.
    Certificate(Box<Certificate>),
    /// A signing certificate and its issuers, leaf first, without the root. Versions 0.1 and 0.2.
    Chain {
        /// The signing certificate.
        leaf: Box<Certificate>,
        /// Its issuers.
        intermediates: Vec<Certificate>,
    },
    /// A key the verifier must know already, with an unauthenticated hint which.
    PublicKey {
        /// The hint; may be empty.
        hint: String,
    },
}

/// What was signed, and the signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Content {
    /// A signature over an artifact's bytes.
    MessageSignature {
        /// What the artifact's digest is said to be.
        digest: Option<Digest>,
        /// The raw signature.
        signature: Base64,
    },
    /// A signed statement.
    Dsse(Envelope),
    /// A signature over a payload that names an image's digest, as cosign 1 and 2 made them. No
    /// bundle holds one; see [`LegacyParts`](crate::LegacyParts).
    SimpleSigning {
        /// The bytes that were signed.
        payload: Vec<u8>,
        /// The raw signature.
        signature: Base64,
    },
}

/// What becomes of a root certificate in a chain of version 0.1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum RootInChain {
    /// It is left out.
    Drop,
    /// It makes the bundle malformed.
    Refuse,
}

/// How much of what a bundle may hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of JSON.
    pub bytes: usize,
    /// Certificates in a chain.
    pub certificates: usize,
    /// Log entries.
    pub log_entries: usize,
    /// Timestamps.
    pub timestamps: usize,
    /// Bundles in a file of JSON lines.
    pub lines: usize,
}

impl Limits {
    /// 16 MiB of JSON, 16 certificates, 32 log entries, 32 timestamps, 4096 lines.
    pub const DEFAULT: Self = Self {
        bytes: 16 << 20,
        certificates: 16,
        log_entries: 32,
        timestamps: 32,
        lines: 4096,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Bundle {
    /// Reads one bundle within [`Limits::DEFAULT`].
    ///
    /// # Errors
    /// `bundle.too-large`, `bundle.duplicate-key`, `bundle.unsupported` or `bundle.malformed`.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        Self::parse_within(json, &Limits::DEFAULT)
    }

    /// Reads one bundle within the given limits.
    ///
    /// # Errors
    /// As [`Bundle::parse`].
    pub fn parse_within(json: &[u8], limits: &Limits) -> Result<Self, Error> {
        Self::read(json, limits)?.into_bundle(limits, RootInChain::Refuse)
    }

    /// Reads one bundle as [`Bundle::parse`] does, and leaves out a root certificate that stands in a
    /// chain of version 0.1: early npm and GitHub builders put it there.
    ///
    /// The specification forbids it, since a client might take for trusted what the bundle brings;
    /// this one never does, with or without it. The suite of conformance wants such bundles refused.
    ///
    /// # Errors
    /// As [`Bundle::parse`].
    pub fn parse_without_root(json: &[u8]) -> Result<Self, Error> {
        let limits = Limits::DEFAULT;
        Self::read(json, &limits)?.into_bundle(&limits, RootInChain::Drop)
    }

    fn read(json: &[u8], limits: &Limits) -> Result<wire::Bundle, Error> {
        if json.len() > limits.bytes {
            return Err(Error::BundleTooLarge {
                found: json.len(),
                limit: limits.bytes,
            });
        }
        canonical_json::from_slice(json).map_err(Error::bundle_json)
    }

    /// Reads JSON lines of bundles. A line that is no bundle does not spoil the others; empty lines
    /// are skipped.
    ///
    /// # Errors
    /// `bundle.too-large` when there are more lines than [`Limits::DEFAULT`] allows.
    pub fn parse_lines(text: &[u8]) -> Result<Vec<Result<Self, Error>>, Error> {
        let limits = Limits::DEFAULT;
        let lines: Vec<&[u8]> = text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.iter().all(u8::is_ascii_whitespace))
            .take(limits.lines + 1)
            .collect();
        if lines.len() > limits.lines {
            return Err(Error::BundleTooMany {
                what: "lines",
                found: lines.len(),
                limit: limits.lines,
            });
        }
        Ok(lines.into_iter().map(Self::parse).collect())
    }

    /// Writes the bundle on one line. `logIndex` and `hashes` are always written, as some readers
    /// do not know that zero and empty may be left out.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&wire::Bundle::from_bundle(self)).unwrap_or_default()
    }

    /// The signing certificate, when one signed.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.material.certificate()
    }

    /// The raw signature over the artifact or over the envelope's pre-authentication encoding: what
    /// timestamps are about.
    ///
    /// An envelope of a parsed bundle has exactly one signature; of one made by hand without any,
    /// this is empty.
    pub fn signature(&self) -> &[u8] {
        match &self.content {
            Content::MessageSignature { signature, .. }
            | Content::SimpleSigning { signature, .. } => signature.as_bytes(),
            Content::Dsse(envelope) => envelope
                .signatures
                .first()
                .map_or(&[], |signature| signature.sig.as_bytes()),
        }
    }

    /// The media type this bundle is written with.
    pub fn media_type(&self) -> MediaType {
        self.version.media_type()
    }

    /// Checks the rules that hold across fields.
    pub(crate) fn check(&self) -> Result<(), BundleFault> {
        for (place, entry) in self.log_entries.iter().enumerate() {
            entry.check(self.version)?;
            let twice = |other: &LogEntry| {
                other.log_index == entry.log_index && other.log_id == entry.log_id
            };
            if self.log_entries.iter().take(place).any(twice) {
                return Err(BundleFault::DuplicateEntry {
                    log_index: entry.log_index,
                });
            }
        }
        for (place, timestamp) in self.timestamps.iter().enumerate() {
            if self
                .timestamps
                .iter()
                .take(place)
                .any(|other| other == timestamp)
            {
                return Err(BundleFault::DuplicateTimestamp);
            }
        }
        if let Content::Dsse(envelope) = &self.content
            && envelope.signatures.len() != 1
        {
            return Err(BundleFault::Signatures {
                found: envelope.signatures.len(),
            });
        }
        if self.signature().is_empty() {
            return Err(BundleFault::Missing { field: "signature" });
        }
        Ok(())
    }
}

impl BundleVersion {
    /// The media type this version is written with.
    pub fn media_type(self) -> MediaType {
        match self {
            Self::V0_1 => MediaType::new("application/vnd.dev.sigstore.bundle+json;version=0.1"),
            Self::V0_2 => MediaType::new("application/vnd.dev.sigstore.bundle+json;version=0.2"),
            Self::V0_3 => MediaType::SIGSTORE_BUNDLE_V03,
        }
    }

    /// The version a media type names, in either spelling.
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        Some(match media_type {
            "application/vnd.dev.sigstore.bundle+json;version=0.1"
            | "application/vnd.dev.sigstore.bundle.v0.1+json" => Self::V0_1,
            "application/vnd.dev.sigstore.bundle+json;version=0.2"
            | "application/vnd.dev.sigstore.bundle.v0.2+json" => Self::V0_2,
            "application/vnd.dev.sigstore.bundle+json;version=0.3"
            | "application/vnd.dev.sigstore.bundle.v0.3+json" => Self::V0_3,
            _ => return None,
        })
    }
}

impl VerificationMaterial {
    /// The signing certificate, when one signed.
    pub fn certificate(&self) -> Option<&Certificate> {
        match self {
            Self::Certificate(leaf) | Self::Chain { leaf, .. } => Some(leaf),
            Self::PublicKey { .. } => None,
        }
    }

    /// The issuers the bundle brings along.
    pub fn intermediates(&self) -> &[Certificate] {
        match self {
            Self::Chain { intermediates, .. } => intermediates,
            Self::Certificate(_) | Self::PublicKey { .. } => &[],
        }
    }
}

impl LogEntry {
    fn check(&self, version: BundleVersion) -> Result<(), BundleFault> {
        let promise = self.inclusion_promise.is_some();
        if promise && self.integrated_time.is_none() {
            return Err(BundleFault::Missing {
                field: "tlogEntries[].integratedTime",
            });
        }
        match (version, &self.inclusion_proof) {
            (BundleVersion::V0_1, _) if promise => Ok(()),
            (BundleVersion::V0_1, _) => Err(BundleFault::Missing {
                field: "tlogEntries[].inclusionPromise",
            }),
            (_, None) => Err(BundleFault::Missing {
                field: "tlogEntries[].inclusionProof",
            }),
            (_, Some(proof)) if proof.checkpoint.is_none() => Err(BundleFault::Missing {
                field: "tlogEntries[].inclusionProof.checkpoint",
            }),
            (_, Some(_)) => Ok(()),
        }
    }
}
