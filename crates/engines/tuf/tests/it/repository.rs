//! A small repository: metadata that tests change as they like, signed when it is published.

use std::collections::BTreeMap;

use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_tuf::canonical_json;
use serde_json::Value;
use serde_json::json;

/// When the tests take place.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// What the snapshot and timestamp say of other files, beside their versions.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Listing {
    LengthsAndHashes,
    Versions,
}

pub(crate) struct Repository {
    /// The `signed` part of each role as it would be published now.
    pub(crate) signed: BTreeMap<String, Value>,
    /// Who signs each role: names of keys.
    pub(crate) signers: BTreeMap<String, Vec<String>>,
    /// What is served, by path.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) listing: Listing,
    keys: BTreeMap<String, SigningKey>,
}

impl Repository {
    /// Version 1 of the four roles, each with a key of its name; consistent snapshots.
    pub(crate) fn new() -> Self {
        let mut repository = Self {
            signed: BTreeMap::new(),
            signers: BTreeMap::new(),
            files: BTreeMap::new(),
            listing: Listing::Versions,
            keys: BTreeMap::new(),
        };
        let fields = [
            (
                "root",
                json!({"consistent_snapshot": true, "keys": {}, "roles": {}}),
            ),
            ("timestamp", json!({"meta": {}})),
            ("snapshot", json!({"meta": {}})),
            ("targets", json!({"targets": {}})),
        ];
        for (role, fields) in fields {
            repository.insert(role, role, fields);
        }
        for role in TOP_LEVEL {
            repository.give_keys(role, &[role], 1);
        }
        repository.publish_all();
        repository
    }

    fn insert(&mut self, role: &str, kind: &str, mut fields: Value) {
        fields["_type"] = json!(kind);
        fields["spec_version"] = json!("1.0.34");
        fields["version"] = json!(0);
        fields["expires"] = json!(NOW.plus_seconds(30 * DAY).to_string());
        self.signed.insert(role.to_owned(), fields);
    }

    /// Makes `names` the keys of a role at the top, which sign it from now on.
    pub(crate) fn give_keys(&mut self, role: &str, names: &[&str], threshold: u64) {
        for name in names {
            let (id, public) = self.public_key(name);
            self.signed("root")["keys"][id] = public;
        }
        self.signed("root")["roles"][role] = role_keys(names, threshold);
        self.sign_with(role, names);
    }

    pub(crate) fn sign_with(&mut self, role: &str, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.signers.insert(role.to_owned(), names);
    }

    /// Adds a delegation with a key of the role's name, and the role if it is new.
    pub(crate) fn delegate(&mut self, from: &str, to: &str, fields: Value) {
        self.delegate_with_key(from, to, to, fields);
        self.sign_with(to, &[to]);
    }

    pub(crate) fn delegate_with_key(&mut self, from: &str, to: &str, key: &str, fields: Value) {
        let (id, public) = self.public_key(key);
        let delegations = &mut self.signed(from)["delegations"];
        if delegations.is_null() {
            *delegations = json!({"keys": {}, "roles": []});
        }
        delegations["keys"][id] = public;
        let mut role = fields;
        role["name"] = json!(to);
        role["keyids"] = json!([key_id(key)]);
        role["threshold"] = json!(1);
        delegations["roles"].as_array_mut().unwrap().push(role);
        if !self.signed.contains_key(to) {
            self.insert(to, "targets", json!({"targets": {}}));
        }
    }

    /// Lists a target, and serves it where consistent snapshots want it.
    pub(crate) fn add_target(&mut self, role: &str, path: &str, bytes: &[u8]) {
        let digest = Digest::sha256(bytes).to_hex();
        self.signed(role)["targets"][path] =
            json!({"length": bytes.len(), "hashes": {"sha256": digest}});
        let (folder, name) = path.rsplit_once('/').map_or(("", path), |it| it);
        let slash = if folder.is_empty() { "" } else { "/" };
        let file = format!("targets/{folder}{slash}{digest}.{name}");
        self.files.insert(file, bytes.to_vec());
    }

    pub(crate) fn signed(&mut self, role: &str) -> &mut Value {
        self.signed.get_mut(role).unwrap()
    }

    pub(crate) fn version(&self, role: &str) -> u64 {
        self.signed[role]["version"].as_u64().unwrap()
    }

    /// Publishes the next version of each role, in this order, and lists it in the next one up.
    pub(crate) fn publish(&mut self, roles: &[&str]) {
        for role in roles {
            let version = self.version(role) + 1;
            self.publish_as(role, version);
        }
    }

    pub(crate) fn publish_all(&mut self) {
        let below: Vec<_> = self.signed.keys().cloned().collect();
        let below = below.iter().map(String::as_str);
        let mut roles: Vec<&str> = below.filter(|role| !TOP_LEVEL.contains(role)).collect();
        roles.extend(["root", "targets", "snapshot", "timestamp"]);
        self.publish(&roles);
    }

    /// Publishes a role under a version of one's choice.
    pub(crate) fn publish_as(&mut self, role: &str, version: u64) {
        self.signed(role)["version"] = json!(version);
        let bytes = self.sign(role);
        let mut listed = json!({"version": version});
        if self.listing == Listing::LengthsAndHashes {
            listed["length"] = json!(bytes.len());
            listed["hashes"] = json!({"sha256": Digest::sha256(&bytes).to_hex()});
        }
        match role {
            "root" | "timestamp" => {}
            "snapshot" => self.signed("timestamp")["meta"]["snapshot.json"] = listed,
            role => self.signed("snapshot")["meta"][format!("{role}.json")] = listed,
        }
        self.serve(role, version, bytes);
    }

    /// Puts a file where clients look for it.
    pub(crate) fn serve(&mut self, role: &str, version: u64, bytes: Vec<u8>) {
        let plain = self.signed["root"]["consistent_snapshot"] == json!(false);
        let name = if role == "timestamp" || (plain && role != "root") {
            format!("{role}.json")
        } else {
            format!("{version}.{role}.json")
        };
        self.files.insert(name, bytes);
    }

    /// The role as its keys sign it now.
    pub(crate) fn sign(&self, role: &str) -> Vec<u8> {
        let signed = &self.signed[role];
        let message = canonical_json::to_vec(signed).unwrap();
        let signature = |name: &String| {
            let bytes = self.keys[name].sign(&message).unwrap();
            json!({"keyid": key_id(name), "sig": hex(&bytes)})
        };
        let signatures: Vec<_> = self.signers[role].iter().map(signature).collect();
        serde_json::to_vec(&json!({"signed": signed, "signatures": signatures})).unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> Vec<u8> {
        self.files[name].clone()
    }

    /// A key by name, made when it is first named: Ed25519 and ECDSA in turn.
    fn public_key(&mut self, name: &str) -> (String, Value) {
        let scheme = if self.keys.len().is_multiple_of(2) {
            SignatureScheme::EcdsaP256Sha256
        } else {
            SignatureScheme::Ed25519
        };
        let key = self
            .keys
            .entry(name.to_owned())
            .or_insert_with(|| SigningKey::generate(scheme).unwrap());
        let public = key.public_key();
        let value = match key.scheme() {
            SignatureScheme::Ed25519 => {
                json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": hex(public.raw())}})
            }
            _ => {
                json!({"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": {"public": public.to_pem()}})
            }
        };
        (key_id(name), value)
    }
}

/// An id that is told apart at a glance.
pub(crate) fn key_id(name: &str) -> String {
    Digest::sha256(name.as_bytes()).to_hex()
}

pub(crate) fn role_keys(names: &[&str], threshold: u64) -> Value {
    let ids: Vec<_> = names.iter().map(|name| key_id(name)).collect();
    json!({"keyids": ids, "threshold": threshold})
}

pub(crate) fn expired() -> Value {
    json!(NOW.plus_seconds(-1).to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const TOP_LEVEL: [&str; 4] = ["root", "timestamp", "snapshot", "targets"];
const DAY: i64 = 24 * 60 * 60;
