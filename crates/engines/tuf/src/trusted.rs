//! The metadata that is trusted at the moment, and the checks that lead to more of it (section 5).
//!
//! Everything in here carries enough signatures. A timestamp or snapshot from the cache may be
//! expired or out of date: it then serves against rollbacks, and nothing else is trusted on its word.

use std::collections::BTreeMap;
use std::sync::Arc;

use sealwright_core::Timestamp as Time;

use crate::Error;
use crate::RoleName;
use crate::hashes::MetaFile;
use crate::key::Authority;
use crate::metadata::Root;
use crate::metadata::Signed;
use crate::metadata::Snapshot;
use crate::metadata::Targets;
use crate::metadata::Timestamp;
use crate::metadata::Verified;

/// What a new root means for the cache.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OnlineKeys {
    Kept,
    Rotated,
}

/// Whether metadata that came is newer than what is trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Newness {
    New,
    Same,
}

#[derive(Debug)]
pub(crate) struct TrustedMetadata {
    now: Time,
    root: Verified<Root>,
    timestamp: Option<Verified<Timestamp>>,
    snapshot: Option<Verified<Snapshot>>,
    targets: BTreeMap<RoleName, Loaded>,
}

/// One file of targets metadata, and what it is to each role that delegates to it.
#[derive(Debug)]
struct Loaded {
    signed: Signed<Targets>,
    by_delegator: BTreeMap<RoleName, Arc<Verified<Targets>>>,
}

impl TrustedMetadata {
    /// Section 5.2. The root must at least have signed itself; it may have expired.
    pub(crate) fn new(root: &[u8], now: Time) -> Result<Self, Error> {
        let role = RoleName::root();
        let signed = Signed::<Root>::parse(&role, root)?;
        let root = signed.verify(&signed.unverified_body().authority(&role))?;
        Ok(Self {
            now,
            root,
            timestamp: None,
            snapshot: None,
            targets: BTreeMap::new(),
        })
    }

    /// Sections 5.3.4 to 5.3.7.
    pub(crate) fn update_root(&mut self, bytes: &[u8]) -> Result<OnlineKeys, Error> {
        let role = RoleName::root();
        let signed = Signed::<Root>::parse(&role, bytes)?;
        signed.verify(&self.root.body().authority(&role))?;
        let next = signed.verify(&signed.unverified_body().authority(&role))?;
        next.check_version(self.root.version().saturating_add(1))?;
        let rotated = self.root.body().takes_online_key_away(next.body());
        self.root = next;
        Ok(if rotated {
            OnlineKeys::Rotated
        } else {
            OnlineKeys::Kept
        })
    }

    /// Section 5.3.10.
    pub(crate) fn check_root_fresh(&self) -> Result<(), Error> {
        self.root.check_fresh(self.now)
    }

    /// A timestamp from the cache, to be measured against, even when it has expired.
    pub(crate) fn load_timestamp(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.timestamp = Some(self.verify_timestamp(bytes)?);
        Ok(())
    }

    /// Sections 5.4.2 to 5.4.4.
    pub(crate) fn update_timestamp(&mut self, bytes: &[u8]) -> Result<Newness, Error> {
        let next = self.verify_timestamp(bytes)?;
        if let Some(trusted) = &self.timestamp {
            check_rollback("timestamp.json", next.version(), trusted.version())?;
            if next.version() == trusted.version() {
                // What is said twice under one version counts as it was said first.
                trusted.check_fresh(self.now)?;
                return Ok(Newness::Same);
            }
            check_rollback(
                "snapshot.json",
                next.body().snapshot.version,
                trusted.body().snapshot.version,
            )?;
        }
        next.check_fresh(self.now)?;
        self.timestamp = Some(next);
        Ok(Newness::New)
    }

    fn verify_timestamp(&self, bytes: &[u8]) -> Result<Verified<Timestamp>, Error> {
        let role = RoleName::timestamp();
        let signed = Signed::<Timestamp>::parse(&role, bytes)?;
        signed.verify(&self.root.body().authority(&role))
    }

    /// A snapshot from the cache, to be measured against. Says whether it is the one that the
    /// timestamp lists, and has not expired.
    pub(crate) fn load_snapshot(&mut self, bytes: &[u8]) -> Result<Newness, Error> {
        let snapshot = self.verify_snapshot(bytes)?;
        let listed = self.snapshot_meta()?;
        let current = snapshot.version() == listed.version
            && listed.check("snapshot.json", bytes).is_ok()
            && snapshot.check_fresh(self.now).is_ok();
        self.snapshot = Some(snapshot);
        Ok(if current { Newness::Same } else { Newness::New })
    }

    /// Sections 5.5.2 to 5.5.6.
    pub(crate) fn update_snapshot(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let listed = self.snapshot_meta()?;
        listed.check("snapshot.json", bytes)?;
        let next = self.verify_snapshot(bytes)?;
        next.check_version(listed.version)?;
        if let Some(trusted) = &self.snapshot {
            for (file, before) in &trusted.body().meta {
                let Some(after) = next.body().meta.get(file) else {
                    let file = file.clone();
                    return Err(Error::RoleRemoved { file });
                };
                check_rollback(file, after.version, before.version)?;
            }
        }
        next.check_fresh(self.now)?;
        self.snapshot = Some(next);
        Ok(())
    }

    fn verify_snapshot(&self, bytes: &[u8]) -> Result<Verified<Snapshot>, Error> {
        let role = RoleName::snapshot();
        let signed = Signed::<Snapshot>::parse(&role, bytes)?;
        signed.verify(&self.root.body().authority(&role))
    }

    /// Sections 5.6.2 to 5.6.5, for the file of any targets role, from cache or repository.
    pub(crate) fn update_targets(
        &mut self,
        role: &RoleName,
        delegator: &RoleName,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let listed = self.targets_meta(role)?;
        listed.check(&role.file_name(), bytes)?;
        let signed = Signed::<Targets>::parse(role, bytes)?;
        let verified = signed.verify(&self.targets_authority(role, delegator)?)?;
        verified.check_version(listed.version)?;
        verified.check_fresh(self.now)?;
        let by_delegator = BTreeMap::from([(delegator.clone(), Arc::new(verified))]);
        let loaded = Loaded {
            signed,
            by_delegator,
        };
        self.targets.insert(role.clone(), loaded);
        Ok(())
    }

    /// The metadata of a targets role as `delegator` vouches for it; `None` when its file is not
    /// there yet. What another role vouched for is verified once more, with this one's keys.
    pub(crate) fn targets(
        &mut self,
        role: &RoleName,
        delegator: &RoleName,
    ) -> Result<Option<Arc<Verified<Targets>>>, Error> {
        let Some(loaded) = self.targets.get(role) else {
            return Ok(None);
        };
        if let Some(verified) = loaded.by_delegator.get(delegator) {
            return Ok(Some(Arc::clone(verified)));
        }
        let authority = self.targets_authority(role, delegator)?;
        let verified = Arc::new(loaded.signed.verify(&authority)?);
        if let Some(loaded) = self.targets.get_mut(role) {
            let entry = Arc::clone(&verified);
            loaded.by_delegator.insert(delegator.clone(), entry);
        }
        Ok(Some(verified))
    }

    fn targets_authority<'a>(
        &'a self,
        role: &RoleName,
        delegator: &'a RoleName,
    ) -> Result<Authority<'a>, Error> {
        if *role == RoleName::targets() {
            return Ok(self.root.body().authority(role));
        }
        let parents = self.targets.get(delegator);
        parents
            .and_then(|loaded| loaded.by_delegator.values().next())
            .and_then(|parent| parent.body().authority(delegator, role))
            .ok_or(Error::OutOfOrder {
                found: "a role before the one that delegates to it",
                wanted: "the delegating role",
            })
    }

    /// The version of the trusted root.
    pub(crate) fn root_version(&self) -> u64 {
        self.root.version()
    }

    /// When the trusted root expires.
    pub(crate) fn root_expires(&self) -> Time {
        self.root.expires()
    }

    /// Section 5.3.12.
    pub(crate) fn consistent_snapshot(&self) -> bool {
        self.root.body().consistent_snapshot
    }

    /// What the trusted timestamp says of the snapshot.
    pub(crate) fn snapshot_meta(&self) -> Result<MetaFile, Error> {
        let timestamp = self.timestamp.as_ref();
        timestamp
            .map(|it| it.body().snapshot.clone())
            .ok_or(Error::OutOfOrder {
                found: "a snapshot before the timestamp",
                wanted: "a timestamp",
            })
    }

    /// What the trusted snapshot says of a targets role.
    pub(crate) fn targets_meta(&self, role: &RoleName) -> Result<MetaFile, Error> {
        let snapshot = self.snapshot.as_ref();
        let listed = snapshot.and_then(|it| it.body().of(role)).cloned();
        listed.ok_or_else(|| Error::NotInSnapshot { role: role.clone() })
    }
}

fn check_rollback(file: &str, found: u64, trusted: u64) -> Result<(), Error> {
    if found >= trusted {
        Ok(())
    } else {
        Err(Error::Rollback {
            file: file.to_owned(),
            found,
            trusted,
        })
    }
}
