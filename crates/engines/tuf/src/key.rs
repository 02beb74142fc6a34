//! Keys, signatures, and counting these towards a threshold (sections 4.2.1 and 4.2.2).

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;

use crate::metadata::Malformed;
use crate::metadata::Object;

/// The keys that one file lists, by id: those that can be used. The others count for nothing.
#[derive(Debug)]
pub(crate) struct Keys(BTreeMap<String, Key>);

#[derive(Clone, Debug)]
struct Key {
    public_key: PublicKey,
    scheme: SignatureScheme,
}

impl Keys {
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, Malformed> {
        let mut keys = BTreeMap::new();
        for (id, _) in object.fields() {
            if let Some(key) = Key::read(&object.object(id)?)? {
                keys.insert(id.to_owned(), key);
            }
        }
        Ok(Self(keys))
    }
}

impl Key {
    /// `None` for a key that is unknown or damaged.
    fn read(object: &Object<'_>) -> Result<Option<Self>, Malformed> {
        let kind = object.string("keytype")?;
        let scheme = object.string("scheme")?;
        let value = object.object("keyval")?;
        let Some(form) = Form::of(kind, scheme) else {
            return Ok(None);
        };
        let public = value.string("public")?;
        let public_key = if public.trim_start().starts_with("-----BEGIN") {
            PublicKey::from_pem(public).ok()
        } else {
            form.read_hex(public)
        };
        Ok(public_key.map(|public_key| Self {
            public_key,
            scheme: form.scheme,
        }))
    }
}

/// How the keys of a scheme are written where they are hexadecimal digits.
struct Form {
    scheme: SignatureScheme,
    /// What stands before the key in a SubjectPublicKeyInfo, and the key's length in bytes.
    raw: Option<(&'static str, usize)>,
}

impl Form {
    fn of(kind: &str, scheme: &str) -> Option<Self> {
        let (scheme, raw) = match (kind, scheme) {
            ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => {
                (SignatureScheme::EcdsaP256Sha256, Some((P256_PREFIX, 65)))
            }
            ("ecdsa" | "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384") => {
                (SignatureScheme::EcdsaP384Sha384, Some((P384_PREFIX, 97)))
            }
            ("ed25519", "ed25519") => (SignatureScheme::Ed25519, Some((ED25519_PREFIX, 32))),
            ("rsa", "rsassa-pss-sha256") => (SignatureScheme::RsaPssSha256, None),
            _ => return None,
        };
        Some(Self { scheme, raw })
    }

    fn read_hex(&self, digits: &str) -> Option<PublicKey> {
        let (prefix, length) = self.raw?;
        let key = hex::decode(digits).ok()?;
        let mut der = hex::decode(prefix).ok()?;
        der.extend_from_slice(&key);
        (key.len() == length)
            .then(|| PublicKey::from_der(&der).ok())
            .flatten()
    }
}

/// SEQUENCE { SEQUENCE { ecPublicKey, secp256r1 }, BIT STRING of 65 bytes }
const P256_PREFIX: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
/// SEQUENCE { SEQUENCE { ecPublicKey, secp384r1 }, BIT STRING of 97 bytes }
const P384_PREFIX: &str = "3076301006072a8648ce3d020106052b81040022036200";
/// SEQUENCE { SEQUENCE { Ed25519 }, BIT STRING of 32 bytes }
const ED25519_PREFIX: &str = "302a300506032b6570032100";

/// Which keys a role has, and how many of them must sign.
#[derive(Debug)]
pub(crate) struct RoleKeys {
    key_ids: Vec<String>,
    threshold: u64,
}

impl RoleKeys {
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, Malformed> {
        let key_ids = object.strings("keyids")?;
        let distinct: BTreeSet<_> = key_ids.iter().collect();
        if distinct.len() != key_ids.len() {
            return Err(object.malformed("keyids", "each key id once"));
        }
        Ok(Self {
            key_ids,
            threshold: object.version("threshold")?,
        })
    }
}

/// One of the signatures of a file.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) key_id: String,
    /// Empty when it is not hexadecimal, as that of a signer whose turn is still to come.
    bytes: Vec<u8>,
}

impl Signature {
    pub(crate) fn read_all(file: &Object<'_>) -> Result<Vec<Self>, Malformed> {
        let mut ids = BTreeSet::new();
        let mut signatures = Vec::new();
        for object in file.objects("signatures")? {
            let key_id = object.string("keyid")?;
            if !ids.insert(key_id) || ids.len() > MAX_SIGNATURES {
                return Err(file.malformed("signatures", "at most 256, each key id once"));
            }
            signatures.push(Self {
                key_id: key_id.to_owned(),
                bytes: hex::decode(object.string("sig")?).unwrap_or_default(),
            });
        }
        Ok(signatures)
    }
}

const MAX_SIGNATURES: usize = 256;

/// The keys that one role gives to another, or to itself.
pub(crate) struct Authority<'a> {
    delegator: &'a str,
    keys: &'a Keys,
    role: &'a RoleKeys,
}

impl<'a> Authority<'a> {
    pub(crate) const fn new(delegator: &'a str, keys: &'a Keys, role: &'a RoleKeys) -> Self {
        Self {
            delegator,
            keys,
            role,
        }
    }

    pub(crate) const fn delegator(&self) -> &str {
        self.delegator
    }

    /// The role's keys that can be used, as their DER.
    pub(crate) fn public_keys(&self) -> BTreeSet<&'a [u8]> {
        self.usable().map(|(_, key)| key.public_key.der()).collect()
    }

    /// How many distinct keys of the role signed `message`, and how many must have. A key that
    /// stands there under two ids counts once.
    pub(crate) fn count(&self, signatures: &[Signature], message: &[u8]) -> (usize, u64) {
        let signatures: BTreeMap<&str, &[u8]> = signatures
            .iter()
            .map(|it| (it.key_id.as_str(), it.bytes.as_slice()))
            .collect();
        let signed = |(id, key): &(&str, &Key)| {
            signatures.get(id).is_some_and(|signature| {
                let verified = key.public_key.verify(key.scheme, message, signature);
                verified.is_ok()
            })
        };
        let keys: BTreeSet<_> = self
            .usable()
            .filter(signed)
            .map(|(_, key)| key.public_key.der())
            .collect();
        (keys.len(), self.role.threshold)
    }

    fn usable(&self) -> impl Iterator<Item = (&'a str, &'a Key)> {
        let keys = self.keys;
        let ids = self.role.key_ids.iter();
        ids.filter_map(move |id| Some((id.as_str(), keys.0.get(id)?)))
    }
}

#[cfg(test)]
mod tests;
