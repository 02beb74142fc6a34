//! The JSON form of bundles, field by field.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_core::dsse;
use sealwright_crypto::Certificate;
use serde::Deserialize;
use serde::Serialize;

use super::BundleVersion;
use super::Content;
use super::Limits;
use super::RootInChain;
use super::VerificationMaterial;
use crate::Error;
use crate::InclusionProof;
use crate::LogEntry;
use crate::LogId;
use crate::algorithm::HashAlgorithm;
use crate::entry::EntryKind;
use crate::error::BundleFault;
use crate::protojson::Bytes32;
use crate::protojson::Int64;

/// A proof in a tree of 2^64 leaves is no longer.
const MAX_PROOF_HASHES: usize = 64;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Bundle {
    #[serde(default, alias = "media_type")]
    media_type: Option<String>,
    #[serde(default, alias = "verification_material")]
    verification_material: Option<Material>,
    #[serde(
        default,
        alias = "message_signature",
        skip_serializing_if = "Option::is_none"
    )]
    message_signature: Option<MessageSignature>,
    #[serde(
        default,
        alias = "dsse_envelope",
        skip_serializing_if = "Option::is_none"
    )]
    dsse_envelope: Option<Envelope>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Material {
    #[serde(default, alias = "public_key", skip_serializing_if = "Option::is_none")]
    public_key: Option<PublicKey>,
    #[serde(
        default,
        alias = "x509_certificate_chain",
        skip_serializing_if = "Option::is_none"
    )]
    x509_certificate_chain: Option<CertificateChain>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<RawCertificate>,
    #[serde(default, alias = "tlog_entries")]
    tlog_entries: Option<Vec<Entry>>,
    #[serde(
        default,
        alias = "timestamp_verification_data",
        skip_serializing_if = "Option::is_none"
    )]
    timestamp_verification_data: Option<TimestampData>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PublicKey {
    #[serde(default)]
    hint: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct CertificateChain {
    #[serde(default)]
    certificates: Option<Vec<RawCertificate>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawCertificate {
    #[serde(default, alias = "raw_bytes")]
    raw_bytes: Option<Base64>,
}

/// Also the answer of Rekor v2, which is this message alone.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Entry {
    #[serde(default, alias = "log_index")]
    log_index: Option<Int64>,
    #[serde(default, alias = "log_id")]
    log_id: Option<KeyId>,
    #[serde(default, alias = "kind_version")]
    kind_version: Option<KindVersion>,
    #[serde(
        default,
        alias = "integrated_time",
        skip_serializing_if = "Option::is_none"
    )]
    integrated_time: Option<Int64>,
    #[serde(
        default,
        alias = "inclusion_promise",
        skip_serializing_if = "Option::is_none"
    )]
    inclusion_promise: Option<Promise>,
    #[serde(
        default,
        alias = "inclusion_proof",
        skip_serializing_if = "Option::is_none"
    )]
    inclusion_proof: Option<Proof>,
    #[serde(default, alias = "canonicalized_body")]
    canonicalized_body: Option<Base64>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyId {
    #[serde(default, alias = "key_id")]
    key_id: Option<Bytes32>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct KindVersion {
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    version: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Promise {
    #[serde(default, alias = "signed_entry_timestamp")]
    signed_entry_timestamp: Option<Base64>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Proof {
    #[serde(default, alias = "log_index")]
    log_index: Option<Int64>,
    #[serde(default, alias = "root_hash")]
    root_hash: Option<Bytes32>,
    #[serde(default, alias = "tree_size")]
    tree_size: Option<Int64>,
    #[serde(default)]
    hashes: Option<Vec<Bytes32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checkpoint: Option<Checkpoint>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Checkpoint {
    #[serde(default)]
    envelope: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TimestampData {
    #[serde(default, alias = "rfc3161_timestamps")]
    rfc3161_timestamps: Option<Vec<SignedTimestamp>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignedTimestamp {
    #[serde(default, alias = "signed_timestamp")]
    signed_timestamp: Option<Base64>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MessageSignature {
    #[serde(
        default,
        alias = "message_digest",
        skip_serializing_if = "Option::is_none"
    )]
    message_digest: Option<MessageDigest>,
    #[serde(default)]
    signature: Option<Base64>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct MessageDigest {
    #[serde(default)]
    algorithm: Option<String>,
    #[serde(default)]
    digest: Option<Base64>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Envelope {
    #[serde(default)]
    payload: Option<Base64>,
    #[serde(default)]
    payload_type: Option<String>,
    #[serde(default)]
    signatures: Option<Vec<Signature>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    #[serde(default)]
    sig: Option<Base64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
}

impl Bundle {
    pub(super) fn into_bundle(
        self,
        limits: &Limits,
        root: RootInChain,
    ) -> Result<super::Bundle, Error> {
        let media_type = required(self.media_type, "mediaType")?;
        let version = BundleVersion::from_media_type(&media_type)
            .ok_or(Error::BundleUnsupported { media_type })?;
        let mut wire = required(self.verification_material, "verificationMaterial")?;
        let entries = wire.tlog_entries.take().unwrap_or_default();
        limit("log entries", entries.len(), limits.log_entries)?;
        let timestamps = wire
            .timestamp_verification_data
            .take()
            .and_then(|data| data.rfc3161_timestamps)
            .unwrap_or_default();
        limit("timestamps", timestamps.len(), limits.timestamps)?;
        let bundle = super::Bundle {
            version,
            material: wire.into_material(version, limits, root)?,
            log_entries: entries
                .into_iter()
                .map(Entry::into_entry)
                .collect::<Result<_, _>>()?,
            timestamps: timestamps
                .into_iter()
                .map(|timestamp| {
                    required(
                        timestamp.signed_timestamp,
                        "rfc3161Timestamps[].signedTimestamp",
                    )
                })
                .collect::<Result<_, _>>()?,
            content: match (self.message_signature, self.dsse_envelope) {
                (Some(message), None) => message.into_content()?,
                (None, Some(envelope)) => Content::Dsse(envelope.into_envelope()?),
                _ => return Err(BundleFault::Content.into()),
            },
            stored_envelope: None,
        };
        bundle.check()?;
        Ok(bundle)
    }

    pub(super) fn from_bundle(bundle: &super::Bundle) -> Self {
        let raw = |certificate: &Certificate| RawCertificate {
            raw_bytes: Some(certificate.der().into()),
        };
        let mut material = Material {
            public_key: None,
            x509_certificate_chain: None,
            certificate: None,
            tlog_entries: Some(bundle.log_entries.iter().map(Entry::from_entry).collect()),
            timestamp_verification_data: None,
        };
        match &bundle.material {
            VerificationMaterial::Certificate(leaf) => material.certificate = Some(raw(leaf)),
            VerificationMaterial::Chain {
                leaf,
                intermediates,
            } => {
                material.x509_certificate_chain = Some(CertificateChain {
                    certificates: Some(
                        std::iter::once(&**leaf)
                            .chain(intermediates)
                            .map(raw)
                            .collect(),
                    ),
                });
            }
            VerificationMaterial::PublicKey { hint } => {
                material.public_key = Some(PublicKey {
                    hint: Some(hint.clone()),
                });
            }
        }
        if !bundle.timestamps.is_empty() {
            let signed = |timestamp: &Base64| SignedTimestamp {
                signed_timestamp: Some(timestamp.clone()),
            };
            material.timestamp_verification_data = Some(TimestampData {
                rfc3161_timestamps: Some(bundle.timestamps.iter().map(signed).collect()),
            });
        }
        let mut wire = Self {
            media_type: Some(bundle.media_type().as_str().to_owned()),
            verification_material: Some(material),
            message_signature: None,
            dsse_envelope: None,
        };
        match &bundle.content {
            Content::MessageSignature { digest, signature } => {
                wire.message_signature = Some(MessageSignature {
                    message_digest: digest.map(|digest| MessageDigest {
                        algorithm: Some(HashAlgorithm::of(digest.algorithm()).name().to_owned()),
                        digest: Some(digest.as_bytes().into()),
                    }),
                    signature: Some(signature.clone()),
                });
            }
            // What can be said of it here: a signature over these bytes.
            Content::SimpleSigning { payload, signature } => {
                wire.message_signature = Some(MessageSignature {
                    message_digest: Some(MessageDigest {
                        algorithm: Some(HashAlgorithm::Sha2_256.name().to_owned()),
                        digest: Some(Digest::sha256(payload).as_bytes().into()),
                    }),
                    signature: Some(signature.clone()),
                });
            }
            Content::Dsse(envelope) => wire.dsse_envelope = Some(Envelope::from_envelope(envelope)),
        }
        wire
    }
}

impl Material {
    fn into_material(
        self,
        version: BundleVersion,
        limits: &Limits,
        root: RootInChain,
    ) -> Result<VerificationMaterial, Error> {
        match (
            self.public_key,
            self.x509_certificate_chain,
            self.certificate,
        ) {
            (Some(key), None, None) => Ok(VerificationMaterial::PublicKey {
                hint: key.hint.unwrap_or_default(),
            }),
            (None, None, Some(certificate)) => {
                let leaf = certificate.into_certificate(0)?;
                Ok(VerificationMaterial::Certificate(Box::new(leaf)))
            }
            (None, Some(chain), None) if version < BundleVersion::V0_3 => {
                let root = match version {
                    BundleVersion::V0_1 => root,
                    BundleVersion::V0_2 | BundleVersion::V0_3 => RootInChain::Refuse,
                };
                chain.into_material(limits, root)
            }
            _ => Err(BundleFault::Material.into()),
        }
    }
}

impl CertificateChain {
    fn into_material(
        self,
        limits: &Limits,
        root: RootInChain,
    ) -> Result<VerificationMaterial, Error> {
        let raw = self.certificates.unwrap_or_default();
        limit("certificates", raw.len(), limits.certificates)?;
        let mut certificates = raw
            .into_iter()
            .enumerate()
            .map(|(index, raw)| raw.into_certificate(index));
        let leaf = certificates.next().ok_or(BundleFault::Missing {
            field: "x509CertificateChain.certificates",
        })??;
        let mut intermediates = certificates.collect::<Result<Vec<_>, _>>()?;
        let brought = intermediates.len();
        intermediates.retain(|certificate| !certificate.is_self_issued());
        if root == RootInChain::Refuse && intermediates.len() < brought {
            return Err(BundleFault::Root.into());
        }
        Ok(VerificationMaterial::Chain {
            leaf: Box::new(leaf),
            intermediates,
        })
    }
}

impl RawCertificate {
    fn into_certificate(self, index: usize) -> Result<Certificate, Error> {
        let der = required(self.raw_bytes, "certificate.rawBytes")?;
        Certificate::from_der(der.as_bytes())
            .map_err(|source| BundleFault::Certificate { index, source }.into())
    }
}

impl Entry {
    pub(crate) fn into_entry(self) -> Result<LogEntry, Error> {
        let key_id = self.log_id.and_then(|id| id.key_id);
        let kind = required(self.kind_version, "tlogEntries[].kindVersion")?;
        let promise = self
            .inclusion_promise
            .and_then(|promise| promise.signed_entry_timestamp)
            .filter(|timestamp| !timestamp.as_bytes().is_empty());
        let integrated = unsigned(self.integrated_time, "tlogEntries[].integratedTime")?;
        Ok(LogEntry {
            log_index: unsigned(self.log_index, "tlogEntries[].logIndex")?,
            log_id: LogId(required(key_id, "tlogEntries[].logId.keyId")?.0),
            kind: EntryKind::new(
                &required(kind.kind, "tlogEntries[].kindVersion.kind")?,
                &required(kind.version, "tlogEntries[].kindVersion.version")?,
            ),
            integrated_time: match i64::try_from(integrated) {
                Ok(seconds) if seconds > 0 => Some(Timestamp::from_seconds(seconds)),
                _ => None,
            },
            inclusion_promise: promise,
            inclusion_proof: self.inclusion_proof.map(Proof::into_proof).transpose()?,
            canonicalized_body: required(
                self.canonicalized_body
                    .filter(|body| !body.as_bytes().is_empty()),
                "tlogEntries[].canonicalizedBody",
            )?,
        })
    }

    pub(crate) fn from_entry(entry: &LogEntry) -> Self {
        Self {
            log_index: Some(signed(entry.log_index)),
            log_id: Some(KeyId {
                key_id: Some(Bytes32(entry.log_id.0)),
            }),
            kind_version: Some(KindVersion {
                kind: Some(entry.kind.kind().to_owned()),
                version: Some(entry.kind.version().to_owned()),
            }),
            integrated_time: entry.integrated_time.map(|time| Int64(time.seconds())),
            inclusion_promise: entry.inclusion_promise.clone().map(|promise| Promise {
                signed_entry_timestamp: Some(promise),
            }),
            inclusion_proof: entry.inclusion_proof.as_ref().map(Proof::from_proof),
            canonicalized_body: Some(entry.canonicalized_body.clone()),
        }
    }
}

impl Proof {
    fn into_proof(self) -> Result<InclusionProof, Error> {
        let hashes = self.hashes.unwrap_or_default();
        limit(
            "hashes in an inclusion proof",
            hashes.len(),
            MAX_PROOF_HASHES,
        )?;
        Ok(InclusionProof {
            log_index: unsigned(self.log_index, "inclusionProof.logIndex")?,
            root_hash: required(self.root_hash, "inclusionProof.rootHash")?.0,
            tree_size: unsigned(self.tree_size, "inclusionProof.treeSize")?,
            hashes: hashes.into_iter().map(|hash| hash.0).collect(),
            checkpoint: self
                .checkpoint
                .and_then(|checkpoint| checkpoint.envelope)
                .filter(|envelope| !envelope.is_empty()),
        })
    }

    fn from_proof(proof: &InclusionProof) -> Self {
        Self {
            log_index: Some(signed(proof.log_index)),
            root_hash: Some(Bytes32(proof.root_hash)),
            tree_size: Some(signed(proof.tree_size)),
            hashes: Some(proof.hashes.iter().copied().map(Bytes32).collect()),
            checkpoint: proof.checkpoint.clone().map(|envelope| Checkpoint {
                envelope: Some(envelope),
            }),
        }
    }
}

impl MessageSignature {
    fn into_content(self) -> Result<Content, Error> {
        // Said to be there without being it: what cosign writes of pure Ed25519, which has none.
        let digest = self.message_digest.filter(|digest| !digest.is_empty());
        let digest = digest.map(MessageDigest::into_digest);
        Ok(Content::MessageSignature {
            digest: digest.transpose()?,
            signature: required(self.signature, "messageSignature.signature")?,
        })
    }
}

impl MessageDigest {
    fn is_empty(&self) -> bool {
        self.algorithm.is_none() && self.digest.is_none()
    }

    fn into_digest(self) -> Result<Digest, Error> {
        let name = required(self.algorithm, "messageDigest.algorithm")?;
        let algorithm = HashAlgorithm::from_name(&name)
            .and_then(HashAlgorithm::digest_algorithm)
            .ok_or(BundleFault::OutOfRange {
                field: "messageDigest.algorithm",
            })?;
        let bytes = required(self.digest, "messageDigest.digest")?;
        Digest::from_bytes(algorithm, bytes.as_bytes())
            .map_err(|source| BundleFault::Digest { source }.into())
    }
}

impl Envelope {
    fn into_envelope(self) -> Result<dsse::Envelope, Error> {
        let signature = |wire: Signature| -> Result<dsse::Signature, Error> {
            Ok(dsse::Signature {
                sig: required(wire.sig, "dsseEnvelope.signatures[].sig")?,
                keyid: wire.keyid.unwrap_or_default(),
            })
        };
        Ok(dsse::Envelope {
            payload: required(self.payload, "dsseEnvelope.payload")?,
            payload_type: sealwright_core::MediaType::new(required(
                self.payload_type,
                "dsseEnvelope.payloadType",
            )?),
            signatures: self
                .signatures
                .unwrap_or_default()
                .into_iter()
                .map(signature)
                .collect::<Result<_, _>>()?,
        })
    }

    fn from_envelope(envelope: &dsse::Envelope) -> Self {
        let signature = |signature: &dsse::Signature| Signature {
            sig: Some(signature.sig.clone()),
            keyid: Some(signature.keyid.clone()).filter(|keyid| !keyid.is_empty()),
        };
        Self {
            payload: Some(envelope.payload.clone()),
            payload_type: Some(envelope.payload_type.as_str().to_owned()),
            signatures: Some(envelope.signatures.iter().map(signature).collect()),
        }
    }
}

fn required<T>(field: Option<T>, name: &'static str) -> Result<T, Error> {
    field.ok_or_else(|| BundleFault::Missing { field: name }.into())
}

/// A count that may be left out when zero.
fn unsigned(field: Option<Int64>, name: &'static str) -> Result<u64, Error> {
    u64::try_from(field.map_or(0, |number| number.0))
        .map_err(|_| BundleFault::OutOfRange { field: name }.into())
}

/// Counts beyond the mapping's range do not occur: logs that large do not.
fn signed(count: u64) -> Int64 {
    Int64(i64::try_from(count).unwrap_or(i64::MAX))
}

fn limit(what: &'static str, found: usize, limit: usize) -> Result<(), Error> {
    if found > limit {
        return Err(Error::BundleTooMany { what, found, limit });
    }
    Ok(())
}
