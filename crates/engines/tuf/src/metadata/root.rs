//! The root role: which keys speak for the four roles at the top (section 4.3).

use super::Body;
use super::Malformed;
use super::Object;
use crate::RoleName;
use crate::key::Authority;
use crate::key::Keys;
use crate::key::RoleKeys;

/// The `signed` part of a root.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) consistent_snapshot: bool,
    keys: Keys,
    root: RoleKeys,
    snapshot: RoleKeys,
    targets: RoleKeys,
    timestamp: RoleKeys,
}

impl Root {
    /// The keys of a role at the top; of the top-level targets role for any other.
    pub(crate) fn authority(&self, role: &RoleName) -> Authority<'_> {
        let keys = match role.as_str() {
            "root" => &self.root,
            "snapshot" => &self.snapshot,
            "timestamp" => &self.timestamp,
            _ => &self.targets,
        };
        Authority::new("root", &self.keys, keys)
    }

    /// Whether `next` takes a key away from the timestamp or the snapshot role (section 5.3.11). One
    /// that is only added is no rotation.
    pub(crate) fn takes_online_key_away(&self, next: &Self) -> bool {
        [RoleName::timestamp(), RoleName::snapshot()]
            .iter()
            .any(|role| {
                let after = next.authority(role).public_keys();
                !self.authority(role).public_keys().is_subset(&after)
            })
    }
}

impl Body for Root {
    const TYPE: &'static str = "root";

    fn read(signed: &Object<'_>) -> Result<Self, Malformed> {
        let roles = signed.object("roles")?;
        let role = |name| RoleKeys::read(&roles.object(name)?);
        Ok(Self {
            consistent_snapshot: signed.flag("consistent_snapshot")?,
            keys: Keys::read(&signed.object("keys")?)?,
            root: role("root")?,
            snapshot: role("snapshot")?,
            targets: role("targets")?,
            timestamp: role("timestamp")?,
        })
    }
}
