//! The JSON form of trusted roots, field by field.

use sealwright_core::Base64;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::PublicKey;
use serde::Deserialize;
use serde::Serialize;

use super::Authority;
use super::LogKey;
use super::TransparencyLog;
use super::TrustProfile;
use super::TrustRoot;
use super::Validity;
use crate::Error;
use crate::LogId;
use crate::algorithm::HashAlgorithm;
use crate::algorithm::KeyDetails;
use crate::error::TrustFault;
use crate::protojson::Bytes32;

const MEDIA_TYPE_V01: &str = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";
const MEDIA_TYPES: [&str; 4] = [
    MEDIA_TYPE_V01,
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
];
const MAX_ELEMENTS: usize = 1024;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TrustedRoot {
    #[serde(default, alias = "media_type")]
    media_type: Option<String>,
    #[serde(default)]
    tlogs: Option<Vec<Log>>,
    #[serde(default, alias = "certificate_authorities")]
    certificate_authorities: Option<Vec<WireAuthority>>,
    #[serde(default)]
    ctlogs: Option<Vec<Log>>,
    #[serde(default, alias = "timestamp_authorities")]
    timestamp_authorities: Option<Vec<WireAuthority>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Log {
    #[serde(default, alias = "base_url")]
    base_url: Option<String>,
    #[serde(default, alias = "hash_algorithm")]
    hash_algorithm: Option<String>,
    #[serde(default, alias = "public_key")]
    public_key: Option<WireKey>,
    #[serde(default, alias = "log_id")]
    log_id: Option<KeyId>,
    /// Read and not used: signature lines are found by the id computed from name and key.
    #[serde(default, rename = "checkpointKeyId", skip_serializing)]
    _checkpoint_key_id: Option<AnyKeyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireKey {
    #[serde(default, alias = "raw_bytes")]
    raw_bytes: Option<Base64>,
    #[serde(default, alias = "key_details")]
    key_details: Option<String>,
    #[serde(default, alias = "valid_for")]
    valid_for: Option<TimeRange>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyId {
    #[serde(default, alias = "key_id")]
    key_id: Option<Bytes32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AnyKeyId {
    #[serde(default, rename = "keyId")]
    _key_id: Option<Base64>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeRange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<Timestamp>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireAuthority {
    #[serde(default)]
    subject: Option<Subject>,
    #[serde(default)]
    uri: Option<String>,
    #[serde(default, alias = "cert_chain")]
    cert_chain: Option<CertChain>,
    #[serde(default, alias = "valid_for", skip_serializing_if = "Option::is_none")]
    valid_for: Option<TimeRange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Subject {
    #[serde(default)]
    organization: Option<String>,
    #[serde(default, alias = "common_name")]
    common_name: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct CertChain {
    #[serde(default)]
    certificates: Option<Vec<RawCertificate>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawCertificate {
    #[serde(default, alias = "raw_bytes")]
    raw_bytes: Option<Base64>,
}

impl TrustedRoot {
    pub(crate) fn into_trust_root(self) -> Result<TrustRoot, Error> {
        let media_type = self.media_type.unwrap_or_default();
        if !MEDIA_TYPES.contains(&media_type.as_str()) {
            return Err(Error::TrustUnsupported {
                what: "media type",
                value: media_type,
            });
        }
        Ok(TrustRoot {
            logs: each(self.tlogs, "logs", Log::into_log)?,
            certificate_authorities: each(
                self.certificate_authorities,
                "certificate authorities",
                |wire| wire.into_authority("certificate authority"),
            )?,
            ct_logs: each(self.ctlogs, "certificate logs", Log::into_log)?,
            timestamp_authorities: each(
                self.timestamp_authorities,
                "timestamp authorities",
                |wire| wire.into_authority("timestamp authority"),
            )?,
            witnesses: Vec::new(),
            profile: TrustProfile::DEFAULT,
        })
    }

    pub(crate) fn from_trust_root(root: &TrustRoot) -> Self {
        let logs = |logs: &[TransparencyLog]| Some(logs.iter().map(Log::from_log).collect());
        let authorities =
            |all: &[Authority]| Some(all.iter().map(WireAuthority::from_authority).collect());
        Self {
            media_type: Some(MEDIA_TYPE_V01.to_owned()),
            tlogs: logs(&root.logs),
            certificate_authorities: authorities(&root.certificate_authorities),
            ctlogs: logs(&root.ct_logs),
            timestamp_authorities: authorities(&root.timestamp_authorities),
        }
    }
}

impl Log {
    fn into_log(self) -> Result<TransparencyLog, Error> {
        let base_url = self.base_url.unwrap_or_default();
        let missing = |field| TrustFault::Missing {
            what: "log",
            name: base_url.clone(),
            field,
        };
        let hash_name = self
            .hash_algorithm
            .ok_or_else(|| missing("hashAlgorithm"))?;
        let hash_algorithm =
            HashAlgorithm::from_name(&hash_name).ok_or_else(|| Error::TrustUnsupported {
                what: "hash algorithm",
                value: hash_name.clone(),
            })?;
        let key = self.public_key.ok_or_else(|| missing("publicKey"))?;
        let valid_for = Validity::from(key.valid_for);
        if valid_for.start.is_none() {
            return Err(missing("publicKey.validFor.start").into());
        }
        let details_name = key
            .key_details
            .ok_or_else(|| missing("publicKey.keyDetails"))?;
        let details =
            KeyDetails::from_name(&details_name).ok_or_else(|| Error::TrustUnsupported {
                what: "key details",
                value: details_name.clone(),
            })?;
        let raw = key.raw_bytes.ok_or_else(|| missing("publicKey.rawBytes"))?;
        let log_id = self
            .log_id
            .and_then(|id| id.key_id)
            .ok_or_else(|| missing("logId.keyId"))?;
        Ok(TransparencyLog {
            hash_algorithm,
            key: LogKey::read(details, raw.0, &base_url)?,
            valid_for,
            log_id: LogId(log_id.0),
            operator: self.operator.unwrap_or_default(),
            base_url,
        })
    }

    fn from_log(log: &TransparencyLog) -> Self {
        Self {
            base_url: Some(log.base_url.clone()),
            hash_algorithm: Some(log.hash_algorithm.name().to_owned()),
            public_key: Some(WireKey {
                raw_bytes: Some(log.key.raw.as_slice().into()),
                key_details: Some(log.key.details.name().to_owned()),
                valid_for: Some(log.valid_for.into()),
            }),
            log_id: Some(KeyId {
                key_id: Some(Bytes32(log.log_id.0)),
            }),
            _checkpoint_key_id: None,
            operator: present(&log.operator),
        }
    }
}

impl LogKey {
    fn read(details: KeyDetails, raw: Vec<u8>, url: &str) -> Result<Self, TrustFault> {
        if details.scheme().is_none() {
            return Ok(Self {
                details,
                raw,
                key: None,
            });
        }
        let key = if details.is_pkcs1() {
            // Both spellings occur under this name.
            PublicKey::from_der(&raw).or_else(|_| PublicKey::from_der(&rsa_key_info(&raw)))
        } else {
            PublicKey::from_der(&raw)
        };
        let key = key.map_err(|source| TrustFault::Key {
            url: url.to_owned(),
            source,
        })?;
        Ok(Self {
            details,
            raw,
            key: Some(key),
        })
    }
}

impl WireAuthority {
    fn into_authority(self, what: &'static str) -> Result<Authority, Error> {
        let uri = self.uri.unwrap_or_default();
        let subject = self.subject.unwrap_or(Subject {
            organization: None,
            common_name: None,
        });
        let raw = self
            .cert_chain
            .and_then(|chain| chain.certificates)
            .filter(|certificates| !certificates.is_empty())
            .ok_or_else(|| TrustFault::Missing {
                what,
                name: uri.clone(),
                field: "certChain.certificates",
            })?;
        let mut place = 0_usize;
        let chain = each(Some(raw), "certificates", |raw| {
            let index = place;
            place = place.saturating_add(1);
            Certificate::from_der(raw.raw_bytes.unwrap_or_default().as_bytes()).map_err(|source| {
                TrustFault::Certificate {
                    uri: uri.clone(),
                    index,
                    source,
                }
                .into()
            })
        })?;
        Ok(Authority {
            organization: subject.organization.unwrap_or_default(),
            common_name: subject.common_name.unwrap_or_default(),
            chain,
            valid_for: self.valid_for.into(),
            operator: self.operator.unwrap_or_default(),
            uri,
        })
    }

    fn from_authority(authority: &Authority) -> Self {
        let raw = |certificate: &Certificate| RawCertificate {
            raw_bytes: Some(certificate.der().into()),
        };
        Self {
            subject: Some(Subject {
                organization: Some(authority.organization.clone()),
                common_name: Some(authority.common_name.clone()),
            }),
            uri: Some(authority.uri.clone()),
            cert_chain: Some(CertChain {
                certificates: Some(authority.chain.iter().map(raw).collect()),
            }),
            valid_for: Some(authority.valid_for.into()),
            operator: present(&authority.operator),
        }
    }
}

impl From<Option<TimeRange>> for Validity {
    fn from(range: Option<TimeRange>) -> Self {
        range.map_or_else(Self::default, |range| Self {
            start: range.start,
            end: range.end,
        })
    }
}

impl From<Validity> for TimeRange {
    fn from(validity: Validity) -> Self {
        Self {
            start: validity.start,
            end: validity.end,
        }
    }
}

fn each<T, U>(
    wire: Option<Vec<T>>,
    what: &'static str,
    read: impl FnMut(T) -> Result<U, Error>,
) -> Result<Vec<U>, Error> {
    let wire = wire.unwrap_or_default();
    if wire.len() > MAX_ELEMENTS {
        return Err(TrustFault::TooMany {
            what,
            found: wire.len(),
            limit: MAX_ELEMENTS,
        }
        .into());
    }
    wire.into_iter().map(read).collect()
}

fn present(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// Wraps an RSAPublicKey (RFC 8017, A.1.1) into a SubjectPublicKeyInfo.
fn rsa_key_info(key: &[u8]) -> Vec<u8> {
    // SEQUENCE { OID rsaEncryption, NULL }
    const ALGORITHM: [u8; 15] = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    let bits = [&[0], key].concat();
    let bit_string = der(0x03, &bits);
    der(0x30, &[&ALGORITHM, bit_string.as_slice()].concat())
}

fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let significant = length.iter().skip_while(|byte| **byte == 0).copied();
    let mut out = vec![tag];
    if value.len() < 0x80 {
        out.extend(significant.chain(value.is_empty().then_some(0)));
    } else {
        let digits: Vec<u8> = significant.collect();
        out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0x7f));
        out.extend(digits);
    }
    out.extend_from_slice(value);
    out
}
