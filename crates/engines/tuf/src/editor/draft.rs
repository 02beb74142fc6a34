//! The `signed` part of one role, to be changed and signed.

use std::collections::BTreeSet;

use sealwright_core::Timestamp as Time;
use sealwright_core::canonical_json as strict_json;
use sealwright_crypto::SigningKey;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::PublishedFile;
use super::key_entry;
use crate::Error;
use crate::RoleName;
use crate::canonical_json;

#[derive(Debug)]
pub(super) struct Draft {
    role: &'static str,
    signed: Map<String, Value>,
    changed: bool,
}

impl Draft {
    /// The beginning of a role, to be published as version 1.
    pub(super) fn new(role: &'static str, mut signed: Map<String, Value>) -> Self {
        signed.insert("_type".to_owned(), json!(role));
        signed.insert("spec_version".to_owned(), json!(SPEC_VERSION));
        signed.insert("version".to_owned(), json!(0));
        Self {
            role,
            signed,
            changed: true,
        }
    }

    /// A role that was published, and read before.
    pub(super) fn open(role: &'static str, bytes: &[u8]) -> Result<Self, Error> {
        let file: Value = strict_json::from_slice(bytes).map_err(|source| Error::Json {
            role: role_name(role),
            source,
        })?;
        let signed = match file {
            Value::Object(mut file) => file.remove("signed"),
            _ => None,
        };
        let Some(Value::Object(signed)) = signed else {
            return Err(Error::Field {
                role: role_name(role),
                field: "signed".to_owned(),
                wanted: "an object",
            });
        };
        Ok(Self {
            role,
            signed,
            changed: false,
        })
    }

    /// The fields, which from now on are not those that were published.
    pub(super) fn change(&mut self) -> &mut Map<String, Value> {
        self.changed = true;
        &mut self.signed
    }

    /// Raises the version of a role that was changed, and says whether it was.
    pub(super) fn finish(&mut self, expires: Time) -> bool {
        if self.changed {
            let version = self.version().saturating_add(1);
            self.signed.insert("version".to_owned(), json!(version));
            let expires = json!(expires.to_string());
            self.signed.insert("expires".to_owned(), expires);
            let spec_version = json!(SPEC_VERSION);
            self.signed.insert("spec_version".to_owned(), spec_version);
        }
        self.changed
    }

    #[cfg(test)]
    pub(super) const fn signed(&self) -> &Map<String, Value> {
        &self.signed
    }

    pub(super) fn version(&self) -> u64 {
        let version = self.signed.get("version").and_then(Value::as_u64);
        version.unwrap_or_default()
    }

    /// Where its file belongs.
    pub(super) fn path(&self) -> String {
        role_name(self.role).versioned_file_name(self.version())
    }

    pub(super) fn file(&self, bytes: Vec<u8>) -> PublishedFile {
        PublishedFile {
            path: self.path(),
            bytes,
        }
    }

    /// The file, signed with those of `signers` whose ids are among `allowed`.
    pub(super) fn sign(
        &self,
        signers: &[&SigningKey],
        allowed: &BTreeSet<String>,
    ) -> Result<Vec<u8>, Error> {
        let signed = Value::Object(self.signed.clone());
        let role = || role_name(self.role);
        let message = canonical_json::to_vec(&signed).map_err(|source| {
            let role = role();
            Error::NotCanonical { role, source }
        })?;
        let mut signatures = Vec::new();
        for signer in signers {
            let (id, _) = key_entry::of(signer.public_key())?;
            if allowed.contains(&id) {
                let signature = signer.sign(&message).map_err(|source| {
                    let role = role();
                    Error::Sign { role, source }
                })?;
                signatures.push(json!({"keyid": id, "sig": hex::encode(signature)}));
            }
        }
        let file = json!({"signatures": signatures, "signed": signed});
        serde_json::to_vec_pretty(&file).map_err(|source| {
            let role = role();
            Error::Json { role, source }
        })
    }

    /// The ids of the keys that a root gives to a role.
    pub(super) fn key_ids_of(&self, role: &str) -> BTreeSet<String> {
        let role = self.signed.get("roles").and_then(|roles| roles.get(role));
        role.and_then(|role| role.get("keyids"))
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }
}

/// Changes the object in a field, an empty one if there is none.
pub(super) fn edit(
    fields: &mut Map<String, Value>,
    name: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) {
    let mut object = match fields.remove(name) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    };
    change(&mut object);
    fields.insert(name.to_owned(), Value::Object(object));
}

fn role_name(role: &str) -> RoleName {
    match role {
        "root" => RoleName::root(),
        "snapshot" => RoleName::snapshot(),
        "timestamp" => RoleName::timestamp(),
        _ => RoleName::targets(),
    }
}

const SPEC_VERSION: &str = "1.0.34";
