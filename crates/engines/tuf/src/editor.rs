//! Making a repository: the four roles at the top and the targets they list, as static files.
//!
//! [`Editor`] holds what is to be published; [`Editor::publish`] raises the versions that must
//! rise, signs, and hands out files in the order in which they are to be written, so that a client
//! that comes in between finds one consistent state or the other (section 6.2). It always uses
//! consistent snapshots, and lists lengths and hashes. Before it hands out anything it reads all of
//! it as a client would.
//!
//! Delegations are kept as they are; making them is left to other tools.

mod draft;
mod key_entry;

use std::collections::BTreeMap;

use sealwright_core::Digest;
use sealwright_core::Timestamp as Time;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SigningKey;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use self::draft::Draft;
use self::draft::edit;
use crate::Error;
use crate::RoleName;
use crate::metadata::Root;
use crate::metadata::Signed;
use crate::metadata::Snapshot;
use crate::metadata::Targets;
use crate::metadata::Timestamp;
use crate::trusted::TrustedMetadata;

/// How long metadata is valid from the moment it is published, in seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lifetimes {
    /// Of the root.
    pub root: i64,
    /// Of the targets.
    pub targets: i64,
    /// Of the snapshot.
    pub snapshot: i64,
    /// Of the timestamp.
    pub timestamp: i64,
}

impl Default for Lifetimes {
    /// A year for what is signed by hand, a week for what is signed by a machine.
    fn default() -> Self {
        const DAY: i64 = 24 * 60 * 60;
        Self {
            root: 365 * DAY,
            targets: 365 * DAY,
            snapshot: 7 * DAY,
            timestamp: 7 * DAY,
        }
    }
}

/// A role at the top.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TopLevelRole {
    /// Says which keys the four have.
    Root,
    /// Lists targets.
    Targets,
    /// Lists versions of targets metadata.
    Snapshot,
    /// Lists the latest snapshot.
    Timestamp,
}

impl TopLevelRole {
    const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Targets => "targets",
            Self::Snapshot => "snapshot",
            Self::Timestamp => "timestamp",
        }
    }
}

/// A file of a repository: where it belongs, below the repository's base, and what it holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublishedFile {
    /// Its path; targets are below `targets/`.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The metadata of a repository as it is served: the latest file of each role.
#[derive(Clone, Copy, Debug)]
pub struct CurrentMetadata<'a> {
    /// The root.
    pub root: &'a [u8],
    /// The targets.
    pub targets: &'a [u8],
    /// The snapshot.
    pub snapshot: &'a [u8],
    /// The timestamp.
    pub timestamp: &'a [u8],
}

/// A repository that is being made or changed.
#[derive(Debug)]
pub struct Editor {
    root: Draft,
    targets: Draft,
    snapshot: Draft,
    timestamp: Draft,
    /// Targets that are new since the last publication, by path.
    new_targets: BTreeMap<String, Vec<u8>>,
    /// The root before this one, whose keys must sign the next.
    published_root: Option<Vec<u8>>,
}

impl Editor {
    /// A repository without targets, whose roles have no keys yet.
    pub fn create() -> Self {
        let fields = |value: Value| match value {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Self {
            root: Draft::new(
                "root",
                fields(json!({"consistent_snapshot": true, "keys": {}, "roles": {}})),
            ),
            targets: Draft::new("targets", fields(json!({"targets": {}}))),
            snapshot: Draft::new("snapshot", fields(json!({"meta": {}}))),
            timestamp: Draft::new("timestamp", fields(json!({"meta": {}}))),
            new_targets: BTreeMap::new(),
            published_root: None,
        }
    }

    /// A repository that was published. Its signatures are checked, for what was changed by others
    /// must not be signed again; that it may have expired is no hindrance.
    ///
    /// # Errors
    /// `tuf.malformed`, `tuf.wrong-type`, `tuf.unsupported-version`, `tuf.bad-signature-threshold`.
    pub fn open(current: CurrentMetadata<'_>) -> Result<Self, Error> {
        let role = RoleName::root();
        let signed = Signed::<Root>::parse(&role, current.root)?;
        let root = signed.verify(&signed.unverified_body().authority(&role))?;
        let authority = |role: &RoleName| root.body().authority(role);
        let role = RoleName::targets();
        Signed::<Targets>::parse(&role, current.targets)?.verify(&authority(&role))?;
        let role = RoleName::snapshot();
        Signed::<Snapshot>::parse(&role, current.snapshot)?.verify(&authority(&role))?;
        let role = RoleName::timestamp();
        Signed::<Timestamp>::parse(&role, current.timestamp)?.verify(&authority(&role))?;
        Ok(Self {
            root: Draft::open("root", current.root)?,
            targets: Draft::open("targets", current.targets)?,
            snapshot: Draft::open("snapshot", current.snapshot)?,
            timestamp: Draft::open("timestamp", current.timestamp)?,
            new_targets: BTreeMap::new(),
            published_root: Some(current.root.to_vec()),
        })
    }

    /// Gives a role its keys, in the place of any others, and says how many of them must sign.
    ///
    /// # Errors
    /// `tuf.unsupported-key`.
    pub fn set_keys(
        &mut self,
        role: TopLevelRole,
        keys: &[&PublicKey],
        threshold: u64,
    ) -> Result<(), Error> {
        let mut entries = Map::new();
        for key in keys {
            let (id, entry) = key_entry::of(key)?;
            entries.insert(id, entry);
        }
        let ids: Vec<_> = entries.keys().cloned().collect();
        let signed = self.root.change();
        edit(signed, "roles", |roles| {
            let role_keys = json!({"keyids": ids, "threshold": threshold});
            roles.insert(role.name().to_owned(), role_keys);
        });
        let used = used_key_ids(signed);
        edit(signed, "keys", |keys| {
            keys.append(&mut entries);
            keys.retain(|id, _| used.contains(id));
        });
        Ok(())
    }

    /// Adds or replaces a target. `custom` is for the application.
    pub fn set_target(&mut self, path: &str, bytes: Vec<u8>, custom: Option<Value>) {
        let sha256 = Digest::sha256(&bytes).to_hex();
        let mut entry = json!({"length": bytes.len(), "hashes": {"sha256": sha256}});
        if let (Some(custom), Value::Object(entry)) = (custom, &mut entry) {
            entry.insert("custom".to_owned(), custom);
        }
        edit(self.targets.change(), "targets", |targets| {
            targets.insert(path.to_owned(), entry);
        });
        self.new_targets.insert(path.to_owned(), bytes);
    }

    /// Takes a target off the list. Its file stays where it is, for clients of older snapshots.
    pub fn remove_target(&mut self, path: &str) {
        edit(self.targets.change(), "targets", |targets| {
            targets.remove(path);
        });
        self.new_targets.remove(path);
    }

    /// Publishes the next version of a role even if nothing in it changes, for a later expiry. The
    /// timestamp is always new.
    pub fn renew(&mut self, role: TopLevelRole) {
        let draft = match role {
            TopLevelRole::Root => &mut self.root,
            TopLevelRole::Targets => &mut self.targets,
            TopLevelRole::Snapshot => &mut self.snapshot,
            TopLevelRole::Timestamp => &mut self.timestamp,
        };
        draft.change();
    }

    /// Signs what changed and what follows from it, with those of `signers` that have a say, and
    /// gives the files in the order to write them in.
    ///
    /// # Errors
    /// `tuf.bad-signature-threshold` when keys are missing; of signing, `crypto.backend-failed`;
    /// otherwise what a client would say to the result.
    pub fn publish(
        mut self,
        signers: &[&SigningKey],
        lifetimes: Lifetimes,
        now: Time,
    ) -> Result<Vec<PublishedFile>, Error> {
        let expiry = |seconds| now.plus_seconds(seconds).truncated_to_second();
        let mut files = Vec::new();
        let mut new_targets = Vec::new();
        for (path, bytes) in std::mem::take(&mut self.new_targets) {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            let slash = if folder.is_empty() { "" } else { "/" };
            let digest = Digest::sha256(&bytes).to_hex();
            let path = format!("targets/{folder}{slash}{digest}.{name}");
            new_targets.push(PublishedFile { path, bytes });
        }
        let mut root_keys = self.root.key_ids_of("root");
        if let Some(root) = &self.published_root {
            // Its keys vouch for the next one.
            root_keys.extend(Draft::open("root", root)?.key_ids_of("root"));
        }
        let root = if self.root.finish(expiry(lifetimes.root)) {
            Some(self.root.sign(signers, &root_keys)?)
        } else {
            None
        };
        let keys = |role| self.root.key_ids_of(role);
        if self.targets.finish(expiry(lifetimes.targets)) {
            let bytes = self.targets.sign(signers, &keys("targets"))?;
            list(
                &mut self.snapshot,
                "targets.json",
                self.targets.version(),
                &bytes,
            );
            files.push(self.targets.file(bytes));
        }
        if self.snapshot.finish(expiry(lifetimes.snapshot)) {
            let bytes = self.snapshot.sign(signers, &keys("snapshot"))?;
            let version = self.snapshot.version();
            list(&mut self.timestamp, "snapshot.json", version, &bytes);
            files.push(self.snapshot.file(bytes));
        }
        // Late, for its keys may not be those of the timestamp that is still served.
        if let Some(bytes) = &root {
            files.push(self.root.file(bytes.clone()));
        }
        self.timestamp.change();
        self.timestamp.finish(expiry(lifetimes.timestamp));
        let timestamp = self.timestamp.sign(signers, &keys("timestamp"))?;
        files.push(PublishedFile {
            path: RoleName::timestamp().file_name(),
            bytes: timestamp,
        });
        if let Some(bytes) = &root {
            files.push(PublishedFile {
                path: RoleName::root().file_name(),
                bytes: bytes.clone(),
            });
        }
        self.check(root.as_deref(), &files, now)?;
        new_targets.extend(files);
        Ok(new_targets)
    }

    /// Reads what is new as a client would that knew the repository before.
    fn check(&self, root: Option<&[u8]>, files: &[PublishedFile], now: Time) -> Result<(), Error> {
        let first = self.published_root.as_deref().or(root).unwrap_or_default();
        let mut trusted = TrustedMetadata::new(first, now)?;
        if let (Some(_), Some(root)) = (&self.published_root, root) {
            trusted.update_root(root)?;
        }
        trusted.check_root_fresh()?;
        let of = |path: String| files.iter().find(|file| file.path == path);
        if let Some(file) = of(RoleName::timestamp().file_name()) {
            trusted.update_timestamp(&file.bytes)?;
        }
        if let Some(file) = of(self.snapshot.path()) {
            trusted.update_snapshot(&file.bytes)?;
        }
        if let Some(file) = of(self.targets.path()) {
            trusted.update_targets(&RoleName::targets(), &RoleName::root(), &file.bytes)?;
        }
        Ok(())
    }
}

/// Enters a file into the `meta` of the role above it.
fn list(draft: &mut Draft, name: &str, version: u64, bytes: &[u8]) {
    let sha256 = Digest::sha256(bytes).to_hex();
    let entry = json!({"version": version, "length": bytes.len(), "hashes": {"sha256": sha256}});
    edit(draft.change(), "meta", |meta| {
        meta.insert(name.to_owned(), entry);
    });
}

/// Ids that some role of a root has.
fn used_key_ids(root: &Map<String, Value>) -> Vec<String> {
    let roles = root.get("roles").and_then(Value::as_object);
    roles
        .into_iter()
        .flat_map(Map::values)
        .filter_map(|role| role.get("keyids").and_then(Value::as_array))
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
