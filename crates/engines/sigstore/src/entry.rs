//! Log entries: what is proposed to a log, the canonical body a log hashes, and reading it back.
//!
//! Sources: rekor v1 `pkg/types/{hashedrekord/v0.0.1,dsse/v0.0.1,intoto/v0.0.1,intoto/v0.0.2}`; rekor-tiles
//! `api/proto/rekor/v2/{hashedrekord,dsse}.proto`. Bodies are RFC 8785 JSON.

mod body;
mod read;

#[cfg(test)]
mod tests;

use std::fmt;

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::dsse::Envelope;
use sealwright_crypto::Certificate;
use sealwright_crypto::PublicKey;

use crate::Error;
use crate::algorithm::KeyDetails;

pub use self::body::canonical_body;
pub(crate) use self::read::kind_of;
pub use self::read::parse_body;

/// A generation of log: its API, what it signs and which entries it takes.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum LogVersion {
    /// Rekor v1: signed entry timestamps; entry kinds 0.0.1 (and intoto 0.0.2).
    #[default]
    V1,
    /// Rekor v2: checkpoints alone; entry kinds 0.0.2.
    V2,
}

/// What a body is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EntryKind {
    /// A DSSE envelope, Rekor v1.
    DsseV001,
    /// A DSSE envelope, early Rekor v2.
    DsseV002,
    /// A digest and a signature over it, Rekor v1.
    HashedRekordV001,
    /// A digest and a signature over it, Rekor v2.
    HashedRekordV002,
    /// A DSSE envelope, the oldest form of Rekor v1: it records the hash of the envelope's JSON.
    IntotoV001,
    /// A DSSE envelope, older Rekor v1.
    IntotoV002,
    /// A kind or version this program does not know.
    Other {
        /// Its kind.
        kind: String,
        /// Its version.
        version: String,
    },
}

impl EntryKind {
    /// The kind of these names.
    pub fn new(kind: &str, version: &str) -> Self {
        match (kind, version) {
            ("dsse", "0.0.1") => Self::DsseV001,
            ("dsse", "0.0.2") => Self::DsseV002,
            ("hashedrekord", "0.0.1") => Self::HashedRekordV001,
            ("hashedrekord", "0.0.2") => Self::HashedRekordV002,
            ("intoto", "0.0.1") => Self::IntotoV001,
            ("intoto", "0.0.2") => Self::IntotoV002,
            _ => Self::Other {
                kind: kind.to_owned(),
                version: version.to_owned(),
            },
        }
    }

    /// `kind` in JSON.
    pub fn kind(&self) -> &str {
        match self {
            Self::DsseV001 | Self::DsseV002 => "dsse",
            Self::HashedRekordV001 | Self::HashedRekordV002 => "hashedrekord",
            Self::IntotoV001 | Self::IntotoV002 => "intoto",
            Self::Other { kind, .. } => kind,
        }
    }

    /// `version` or `apiVersion` in JSON.
    pub fn version(&self) -> &str {
        match self {
            Self::DsseV001 | Self::HashedRekordV001 | Self::IntotoV001 => "0.0.1",
            Self::DsseV002 | Self::HashedRekordV002 | Self::IntotoV002 => "0.0.2",
            Self::Other { version, .. } => version,
        }
    }

    /// Which generation of log takes this kind. What is not known is taken for the older one, whose
    /// evidence is checked more.
    pub const fn log_version(&self) -> LogVersion {
        match self {
            Self::DsseV002 | Self::HashedRekordV002 => LogVersion::V2,
            Self::DsseV001
            | Self::HashedRekordV001
            | Self::IntotoV001
            | Self::IntotoV002
            | Self::Other { .. } => LogVersion::V1,
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.version())
    }
}

/// The certificate or key under which an entry's signature verifies, as DER.
///
/// Not parsed: a verifier compares these bytes with the bundle's certificate, which is parsed
/// already, and a log stores them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Verifier {
    /// A signing certificate.
    Certificate(Vec<u8>),
    /// A SubjectPublicKeyInfo.
    PublicKey(Vec<u8>),
}

impl Verifier {
    /// The DER bytes.
    pub fn der(&self) -> &[u8] {
        match self {
            Self::Certificate(der) | Self::PublicKey(der) => der,
        }
    }

    /// The PEM form Rekor v1 stores.
    pub fn to_pem(&self) -> String {
        let label = self.label();
        let encoded = Base64::encode(self.der());
        let mut pem = format!("-----BEGIN {label}-----\n");
        let mut rest = encoded.as_str();
        while let Some((line, after)) = rest.split_at_checked(PEM_LINE) {
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        if !rest.is_empty() {
            pem.push_str(rest);
            pem.push('\n');
        }
        pem.push_str(&format!("-----END {label}-----\n"));
        pem
    }

    /// Reads the PEM form.
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        let (label, rest) = pem
            .trim()
            .strip_prefix("-----BEGIN ")?
            .split_once("-----")?;
        let (body, end) = rest.split_once("-----END ")?;
        if end.strip_suffix("-----")? != label {
            return None;
        }
        let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = Base64::decode(&body).ok()?.0;
        match label {
            "CERTIFICATE" => Some(Self::Certificate(der)),
            "PUBLIC KEY" => Some(Self::PublicKey(der)),
            _ => None,
        }
    }

    const fn label(&self) -> &'static str {
        match self {
            Self::Certificate(_) => "CERTIFICATE",
            Self::PublicKey(_) => "PUBLIC KEY",
        }
    }
}

impl From<&Certificate> for Verifier {
    fn from(certificate: &Certificate) -> Self {
        Self::Certificate(certificate.der().to_vec())
    }
}

impl From<&PublicKey> for Verifier {
    fn from(key: &PublicKey) -> Self {
        Self::PublicKey(key.der().to_vec())
    }
}

/// An entry to be logged: everything its canonical body is made of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ProposedEntry {
    /// A DSSE envelope for a Rekor v1 log.
    DsseV001(DsseEntry),
    /// A DSSE envelope for an early Rekor v2 log.
    DsseV002(DsseEntry),
    /// A digest and a signature over it for a Rekor v1 log.
    HashedRekordV001(HashedRekord),
    /// A digest and a signature over it for a Rekor v2 log.
    HashedRekordV002(HashedRekord),
    /// A DSSE envelope for an older Rekor v1 log.
    IntotoV002(DsseEntry),
}

/// A digest and a signature over it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HashedRekord {
    /// What was signed.
    pub digest: Digest,
    /// The raw signature.
    pub signature: Base64,
    /// Whose.
    pub verifier: Verifier,
    /// How the key signs, as Rekor v2 records it.
    pub key_details: KeyDetails,
}

/// An envelope with exactly one signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DsseEntry {
    /// The envelope.
    pub envelope: Envelope,
    /// Whose signature it carries.
    pub verifier: Verifier,
    /// How the key signs, as Rekor v2 records it.
    pub key_details: KeyDetails,
}

impl DsseEntry {
    /// The envelope as the text that is proposed to a Rekor v1 log, which records its hash.
    pub fn envelope_json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.envelope).unwrap_or_default()
    }
}

impl ProposedEntry {
    /// What kind of body it becomes.
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::DsseV001(_) => EntryKind::DsseV001,
            Self::DsseV002(_) => EntryKind::DsseV002,
            Self::HashedRekordV001(_) => EntryKind::HashedRekordV001,
            Self::HashedRekordV002(_) => EntryKind::HashedRekordV002,
            Self::IntotoV002(_) => EntryKind::IntotoV002,
        }
    }

    /// Which generation of log it is for.
    pub fn log_version(&self) -> LogVersion {
        self.kind().log_version()
    }

    /// The bytes a log hashes as its leaf.
    ///
    /// # Errors
    /// `entry.malformed` when an envelope has not exactly one signature.
    pub fn canonical_body(&self) -> Result<Vec<u8>, Error> {
        canonical_body(self)
    }
}

/// What the body of a log entry says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryBody {
    /// What it is, by its own words.
    pub kind: EntryKind,
    /// What was signed.
    pub subject: EntrySubject,
    /// The raw signature; empty where the subject's digest covers it.
    pub signature: Base64,
    /// Whose.
    pub verifier: Verifier,
    /// How the key signs, where the kind says so.
    pub key_details: Option<KeyDetails>,
}

/// What an entry says was signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntrySubject {
    /// The bytes with this digest: an artifact, or an envelope's pre-authentication encoding.
    Message(Digest),
    /// An envelope whose JSON, signature and all, had this digest when it was logged.
    Envelope(Digest),
    /// An envelope whose payload has this digest.
    Payload(Digest),
}

/// Characters of base64 on a PEM line (RFC 7468 section 2).
const PEM_LINE: usize = 64;
