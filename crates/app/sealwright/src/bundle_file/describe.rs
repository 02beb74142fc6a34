//! `bundle inspect`: everything a bundle says, in words. Nothing of it is verified.

use std::path::Path;

use sealwright_core::Digest;
use sealwright_core::Statement;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::TimestampToken;
use sealwright_files as files;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::BundleVersion;
use sealwright_sigstore::Content;
use sealwright_sigstore::ExtensionName;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::SimpleSigning;
use sealwright_sigstore::VerificationMaterial;

use crate::Failure;
use crate::failure::About as _;
use crate::file_evidence::FoundBundle;
use crate::file_evidence::MAX_BUNDLES_SIZE;
use crate::file_evidence::split;

/// What a bundle says.
#[derive(Clone, Debug)]
pub struct BundleDescription {
    /// Where it was read.
    pub location: String,
    /// `0.1`, `0.2`, `0.3`; `None` when it is older than any bundle.
    pub version: Option<&'static str>,
    /// What was signed.
    pub content: DescribedContent,
    /// The signature's length in bytes.
    pub signature_bytes: usize,
    /// The certificates, the signer's first; empty when a key signed.
    pub certificates: Vec<DescribedCertificate>,
    /// What it says about which key signed, when there is no certificate.
    pub key_hint: Option<String>,
    /// The log entries.
    pub log_entries: Vec<DescribedLogEntry>,
    /// The timestamps.
    pub timestamps: Vec<DescribedTimestamp>,
}

/// What was signed.
#[derive(Clone, Debug)]
pub enum DescribedContent {
    /// An artifact's bytes.
    Message {
        /// What its digest is said to be.
        digest: Option<Digest>,
    },
    /// A statement.
    Statement {
        /// The type of the envelope's payload.
        payload_type: String,
        /// The predicate type; `None` when it is no statement.
        predicate_type: Option<String>,
        /// Name and digests of each subject.
        subjects: Vec<(String, Vec<String>)>,
        /// The payload's length in bytes.
        bytes: usize,
    },
    /// A payload that names an image's digest.
    SimpleSigning {
        /// The image's digest.
        digest: Option<Digest>,
        /// The name the signer had for it.
        reference: Option<String>,
    },
}

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct DescribedCertificate {
    /// Whom it names.
    pub identity: Option<String>,
    /// Who vouches for that.
    pub issuer: Option<String>,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// The SHA-256 of the whole certificate.
    pub fingerprint: Digest,
    /// The kind of its key.
    pub key: String,
    /// The SHA-256 of its key.
    pub key_id: Digest,
    /// Whether it may issue others.
    pub is_authority: bool,
    /// What it says of the build, by the names that `--require-claim` takes.
    pub claims: Vec<(&'static str, String)>,
    /// Certificate transparency: log id, hexadecimal, and time.
    pub scts: Vec<(String, Timestamp)>,
}

/// What a log entry says.
#[derive(Clone, Debug)]
pub struct DescribedLogEntry {
    /// Its index.
    pub log_index: u64,
    /// The log's id, hexadecimal.
    pub log_id: String,
    /// Kind and version of its body.
    pub kind: String,
    /// When a log of version 1 took it.
    pub integrated_at: Option<Timestamp>,
    /// Whether the log promised to include it.
    pub has_promise: bool,
    /// Index in the tree and size of the tree that a proof leads to.
    pub proof: Option<(u64, u64)>,
    /// Root hash of that tree, hexadecimal.
    pub root_hash: Option<String>,
    /// The first line of the checkpoint.
    pub checkpoint_origin: Option<String>,
    /// The names that signed the checkpoint.
    pub checkpoint_signers: Vec<String>,
}

/// What a timestamp says.
#[derive(Clone, Debug)]
pub struct DescribedTimestamp {
    /// The time; `None` when it cannot be read.
    pub time: Option<Timestamp>,
    /// What its digest is of, in the timestamp's algorithm.
    pub imprint: Option<Digest>,
    /// Its serial number, hexadecimal.
    pub serial: Option<String>,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// Describes all bundles of a file, also what cosign wrote before there were any.
///
/// # Errors
/// `bundle.malformed` and the like for the first that is none, `files.…`.
pub fn bundle_inspect(file: &Path) -> Result<Vec<BundleDescription>, Failure> {
    let content = files::read_limited_or_pipe(file, MAX_BUNDLES_SIZE)?;
    split(file, &content)?
        .into_iter()
        .map(|(location, json)| {
            let is_legacy = Bundle::parse_signed_payload(json).is_some();
            let found = FoundBundle::new(location, json);
            let bundle = found.bundle.about(&found.location)?;
            Ok(describe(found.location, &bundle, is_legacy))
        })
        .collect()
}

fn describe(location: String, bundle: &Bundle, is_legacy: bool) -> BundleDescription {
    let certificates = match &bundle.material {
        VerificationMaterial::PublicKey { .. } => Vec::new(),
        VerificationMaterial::Certificate(leaf) => vec![certificate(leaf)],
        VerificationMaterial::Chain {
            leaf,
            intermediates,
        } => std::iter::once(leaf.as_ref())
            .chain(intermediates)
            .map(certificate)
            .collect(),
    };
    BundleDescription {
        location,
        version: match (is_legacy, bundle.version) {
            (true, _) => None,
            (false, BundleVersion::V0_1) => Some("0.1"),
            (false, BundleVersion::V0_2) => Some("0.2"),
            (false, BundleVersion::V0_3) => Some("0.3"),
        },
        content: content(&bundle.content),
        signature_bytes: bundle.signature().len(),
        certificates,
        key_hint: match &bundle.material {
            VerificationMaterial::PublicKey { hint } => Some(hint.clone()),
            _ => None,
        },
        log_entries: bundle.log_entries.iter().map(log_entry).collect(),
        timestamps: bundle
            .timestamps
            .iter()
            .map(|response| timestamp(response.as_bytes()))
            .collect(),
    }
}

fn content(content: &Content) -> DescribedContent {
    match content {
        Content::MessageSignature { digest, .. } => DescribedContent::Message { digest: *digest },
        Content::Dsse(envelope) => {
            let statement = Statement::parse(envelope.payload.as_bytes()).ok();
            let subjects = statement.iter().flat_map(|found| &found.subject);
            DescribedContent::Statement {
                payload_type: envelope.payload_type.as_str().to_owned(),
                subjects: subjects
                    .map(|subject| {
                        let digests = subject.digest.iter();
                        let digests = digests.map(|(name, hex)| format!("{name}:{hex}"));
                        (subject.name.clone(), digests.collect())
                    })
                    .collect(),
                predicate_type: statement.map(|found| found.predicate_type),
                bytes: envelope.payload.as_bytes().len(),
            }
        }
        Content::SimpleSigning { payload, .. } => {
            let payload = SimpleSigning::parse(payload).ok();
            DescribedContent::SimpleSigning {
                digest: payload.as_ref().map(|found| found.manifest_digest),
                reference: payload.map(|found| found.docker_reference),
            }
        }
    }
}

fn certificate(certificate: &Certificate) -> DescribedCertificate {
    let extensions = certificate.fulcio_extensions();
    let claims = ExtensionName::ALL.iter().filter_map(|name| {
        let value = extensions.get(name.number())?;
        Some((name.name(), value.to_owned()))
    });
    DescribedCertificate {
        identity: certificate.identity().map(|found| found.to_string()),
        issuer: certificate.issuer_claim(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        serial: hex(certificate.serial()),
        fingerprint: Digest::sha256(certificate.der()),
        key: certificate.public_key().kind().name().to_owned(),
        key_id: Digest::from_sha256(certificate.public_key().key_id()),
        is_authority: certificate.is_ca(),
        claims: claims.collect(),
        scts: certificate
            .scts()
            .unwrap_or_default()
            .iter()
            .map(|sct| (hex(&sct.log_id), sct.timestamp))
            .collect(),
    }
}

fn log_entry(entry: &LogEntry) -> DescribedLogEntry {
    let proof = entry.inclusion_proof.as_ref();
    let checkpoint = proof.and_then(|proof| proof.checkpoint.as_deref());
    let checkpoint = checkpoint.unwrap_or_default();
    let signers = checkpoint.lines().filter_map(|line| {
        let name = line.strip_prefix("\u{2014} ")?.split(' ').next()?;
        Some(name.to_owned())
    });
    DescribedLogEntry {
        log_index: entry.log_index,
        log_id: entry.log_id.to_hex(),
        kind: format!("{} {}", entry.kind.kind(), entry.kind.version()),
        integrated_at: entry.integrated_time,
        has_promise: entry.inclusion_promise.is_some(),
        proof: proof.map(|proof| (proof.log_index, proof.tree_size)),
        root_hash: proof.map(|proof| hex(&proof.root_hash)),
        checkpoint_origin: checkpoint.lines().next().map(str::to_owned),
        checkpoint_signers: signers.collect(),
    }
}

fn timestamp(response: &[u8]) -> DescribedTimestamp {
    match TimestampToken::from_response_der(response) {
        Ok(token) => DescribedTimestamp {
            time: Some(token.gen_time()),
            imprint: Some(*token.message_imprint()),
            serial: Some(hex(token.serial())),
            problem: None,
        },
        Err(error) => DescribedTimestamp {
            time: None,
            imprint: None,
            serial: None,
            problem: Some(error.to_string()),
        },
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
