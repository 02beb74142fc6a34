//! `instance.json`: everything public about an authority in one file, written whole or not at all.
//!
//! Verifying with the local trusted root reads this file and no key. The names `id`, `identity` and
//! `issuer` at its top are for people and scripts.

use std::path::Path;

use sealwright_core::Base64;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use sealwright_crypto::Certificate;
use sealwright_crypto::PublicKey;
use serde::Deserialize;
use serde::Serialize;

use crate::CertificateAuthority;
use crate::Error;
use crate::Instance;
use crate::TimestampAuthority;

/// What an authority is, apart from its private keys.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    pub(crate) instance: Instance,
    /// Oldest first; never empty.
    pub(crate) certificate_authorities: Vec<CertificateAuthority>,
    pub(crate) ct_log_key: PublicKey,
    /// Oldest first; never empty.
    pub(crate) timestamp_authorities: Vec<TimestampAuthority>,
}

impl Description {
    /// Reads the file; `None` when it does not exist, which is to say that no authority was made.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let bytes = match sealwright_files::read_limited(path, MAX_BYTES) {
            Err(sealwright_files::Error::NotFound { .. }) => return Ok(None),
            other => other?,
        };
        let malformed = |part: String| Error::InstanceMalformed {
            path: path.to_owned(),
            part,
        };
        let document: Document =
            canonical_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
        document.into_description().map(Some).map_err(malformed)
    }

    /// Writes the file durably in one step.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let mut json =
            serde_json::to_vec_pretty(&Document::of(self)).map_err(|source| Error::Files {
                source: sealwright_files::Error::Write {
                    path: path.to_owned(),
                    source: source.into(),
                },
            })?;
        json.push(b'\n');
        sealwright_files::write_atomic(path, &json, sealwright_files::PRIVATE_FILE)?;
        Ok(())
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    id: String,
    identity: String,
    issuer: String,
    created: Timestamp,
    certificate_authorities: Vec<CertificateAuthorityEntry>,
    ct_log_key: Base64,
    timestamp_authorities: Vec<TimestampAuthorityEntry>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct CertificateAuthorityEntry {
    number: u32,
    root_number: u32,
    since: Timestamp,
    intermediate: Base64,
    root: Base64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct TimestampAuthorityEntry {
    number: u32,
    since: Timestamp,
    leaf: Base64,
    root: Base64,
}

impl Document {
    fn of(description: &Description) -> Self {
        let der = |certificate: &Certificate| Base64::from(certificate.der());
        let instance = &description.instance;
        Self {
            schema: SCHEMA.to_owned(),
            id: instance.id().to_owned(),
            identity: instance.identity().value().to_owned(),
            issuer: instance.issuer(),
            created: instance.created(),
            certificate_authorities: description
                .certificate_authorities
                .iter()
                .map(|authority| CertificateAuthorityEntry {
                    number: authority.number,
                    root_number: authority.root_number,
                    since: authority.since,
                    intermediate: der(&authority.intermediate),
                    root: der(&authority.root),
                })
                .collect(),
            ct_log_key: Base64::from(description.ct_log_key.der()),
            timestamp_authorities: description
                .timestamp_authorities
                .iter()
                .map(|authority| TimestampAuthorityEntry {
                    number: authority.number,
                    since: authority.since,
                    leaf: der(&authority.leaf),
                    root: der(&authority.root),
                })
                .collect(),
        }
    }

    fn into_description(self) -> Result<Description, String> {
        if self.schema != SCHEMA {
            return Err(format!("schema is {:?}, wanted {SCHEMA:?}", self.schema));
        }
        let instance = Instance::known(self.id, &self.identity, self.created)
            .ok_or_else(|| "id or identity".to_owned())?;
        if instance.issuer() != self.issuer {
            return Err("issuer, which is another's than the id says".to_owned());
        }
        if self.certificate_authorities.is_empty() || self.timestamp_authorities.is_empty() {
            return Err("authorities, of which there are none".to_owned());
        }
        let read =
            |der: &Base64| Certificate::from_der(der.as_bytes()).map_err(|error| error.to_string());
        Ok(Description {
            instance,
            certificate_authorities: self
                .certificate_authorities
                .iter()
                .map(|entry| {
                    Ok(CertificateAuthority {
                        number: entry.number,
                        root_number: entry.root_number,
                        since: entry.since,
                        intermediate: read(&entry.intermediate)?,
                        root: read(&entry.root)?,
                    })
                })
                .collect::<Result<_, String>>()?,
            ct_log_key: PublicKey::from_der(self.ct_log_key.as_bytes())
                .map_err(|error| error.to_string())?,
            timestamp_authorities: self
                .timestamp_authorities
                .iter()
                .map(|entry| {
                    Ok(TimestampAuthority {
                        number: entry.number,
                        since: entry.since,
                        leaf: read(&entry.leaf)?,
                        root: read(&entry.root)?,
                    })
                })
                .collect::<Result<_, String>>()?,
        })
    }
}

const SCHEMA: &str = "sealwright.dev/instance/v1";
const MAX_BYTES: u64 = 1 << 20;
