//! Targets roles: the targets themselves, and delegations to other roles (section 4.5; TAP 15).

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use sealwright_core::Digest;

use super::Body;
use super::Malformed;
use super::Object;
use crate::RoleName;
use crate::TargetFile;
use crate::key::Authority;
use crate::key::Keys;
use crate::key::RoleKeys;
use crate::pattern;

/// The `signed` part of targets metadata.
#[derive(Debug)]
pub(crate) struct Targets {
    pub(crate) targets: BTreeMap<String, TargetFile>,
    delegations: Option<Delegations>,
}

#[derive(Debug)]
struct Delegations {
    keys: Keys,
    roles: Roles,
}

#[derive(Debug)]
enum Roles {
    Listed(Vec<Delegation>),
    Bins(Bins),
}

#[derive(Debug)]
struct Delegation {
    role: RoleName,
    keys: RoleKeys,
    paths: Paths,
    terminating: bool,
}

#[derive(Debug)]
enum Paths {
    Patterns(Vec<String>),
    HashPrefixes(Vec<String>),
}

/// Roles that share all targets among them by hash.
#[derive(Debug)]
struct Bins {
    keys: RoleKeys,
    bit_length: u32,
    name_prefix: String,
}

/// A role that may speak of a certain target.
#[derive(Debug)]
pub(crate) struct DelegatedRole {
    pub(crate) role: RoleName,
    pub(crate) terminating: bool,
}

impl Targets {
    /// The roles that `path` is delegated to, in order of appearance.
    pub(crate) fn delegated(&self, path: &str) -> Vec<DelegatedRole> {
        match self.delegations.as_ref().map(|it| &it.roles) {
            None => Vec::new(),
            Some(Roles::Listed(listed)) => {
                let matching = listed.iter().filter(|role| role.paths.contain(path));
                matching
                    .map(|delegation| DelegatedRole {
                        role: delegation.role.clone(),
                        terminating: delegation.terminating,
                    })
                    .collect()
            }
            // No other bin has the target.
            Some(Roles::Bins(bins)) => bins
                .role_of(path)
                .map(|role| DelegatedRole {
                    role,
                    terminating: true,
                })
                .into_iter()
                .collect(),
        }
    }

    /// The keys given to a delegated role. `delegator` is this role's own name.
    pub(crate) fn authority<'a>(
        &'a self,
        delegator: &'a RoleName,
        role: &RoleName,
    ) -> Option<Authority<'a>> {
        let delegations = self.delegations.as_ref()?;
        let keys = match &delegations.roles {
            Roles::Listed(listed) => &listed.iter().find(|it| it.role == *role)?.keys,
            Roles::Bins(bins) => &bins.keys,
        };
        Some(Authority::new(delegator.as_str(), &delegations.keys, keys))
    }
}

impl Body for Targets {
    const TYPE: &'static str = "targets";

    fn read(signed: &Object<'_>) -> Result<Self, Malformed> {
        let files = signed.object("targets")?;
        let mut targets = BTreeMap::new();
        for (path, _) in files.fields() {
            let file = TargetFile::read(path, &files.object(path)?)?;
            targets.insert(path.to_owned(), file);
        }
        let delegations = match signed.optional("delegations") {
            None => None,
            Some(_) => Some(Delegations::read(&signed.object("delegations")?)?),
        };
        Ok(Self {
            targets,
            delegations,
        })
    }
}

impl Delegations {
    fn read(object: &Object<'_>) -> Result<Self, Malformed> {
        let listed = object.optional("roles").is_some();
        let roles = match (listed, object.optional("succinct_roles").is_some()) {
            (true, true) => {
                return Err(object.malformed_self("either roles or succinct_roles"));
            }
            (false, true) => Roles::Bins(Bins::read(&object.object("succinct_roles")?)?),
            (_, false) => Roles::Listed(read_roles(object)?),
        };
        Ok(Self {
            keys: Keys::read(&object.object("keys")?)?,
            roles,
        })
    }
}

fn read_roles(object: &Object<'_>) -> Result<Vec<Delegation>, Malformed> {
    let mut names = BTreeSet::new();
    let mut roles = Vec::new();
    for role in object.objects("roles")? {
        let delegation = Delegation::read(&role)?;
        if !names.insert(delegation.role.clone()) {
            return Err(role.malformed("name", "a name that no other role there has"));
        }
        roles.push(delegation);
    }
    Ok(roles)
}

impl Delegation {
    fn read(object: &Object<'_>) -> Result<Self, Malformed> {
        let prefixes = object.optional("path_hash_prefixes").is_some();
        let paths = match (object.optional("paths").is_some(), prefixes) {
            (true, true) => {
                return Err(object.malformed_self("either paths or path_hash_prefixes"));
            }
            (false, true) => Paths::HashPrefixes(object.strings("path_hash_prefixes")?),
            (true, false) => Paths::Patterns(object.strings("paths")?),
            // Trusted with no target at all.
            (false, false) => Paths::Patterns(Vec::new()),
        };
        Ok(Self {
            role: RoleName::delegated(object.string("name")?)
                .ok_or_else(|| object.malformed("name", "a name for a delegated role"))?,
            keys: RoleKeys::read(object)?,
            paths,
            terminating: object.flag("terminating")?,
        })
    }
}

impl Paths {
    fn contain(&self, path: &str) -> bool {
        match self {
            Self::Patterns(patterns) => patterns.iter().any(|it| pattern::matches(it, path)),
            Self::HashPrefixes(prefixes) => {
                let hash = Digest::sha256(path.as_bytes()).to_hex();
                prefixes.iter().any(|prefix| hash.starts_with(prefix))
            }
        }
    }
}

impl Bins {
    fn read(object: &Object<'_>) -> Result<Self, Malformed> {
        let wanted = "an integer from 1 to 32";
        let bit_length = u32::try_from(object.version("bit_length")?)
            .ok()
            .filter(|bits| *bits <= 32)
            .ok_or_else(|| object.malformed("bit_length", wanted))?;
        let bins = Self {
            keys: RoleKeys::read(object)?,
            bit_length,
            name_prefix: object.string("name_prefix")?.to_owned(),
        };
        match bins.role(0) {
            Some(_) => Ok(bins),
            None => Err(object.malformed("name_prefix", "the beginning of roles' names")),
        }
    }

    fn role_of(&self, path: &str) -> Option<RoleName> {
        let hash = Digest::sha256(path.as_bytes()).first32();
        let first = hash.first_chunk().copied().unwrap_or_default();
        // bit_length is 1 to 32, so the shift is 31 to 0.
        let bin = u32::from_be_bytes(first) >> 32_u32.saturating_sub(self.bit_length);
        self.role(bin)
    }

    fn role(&self, bin: u32) -> Option<RoleName> {
        let digits = usize::try_from(self.bit_length.div_ceil(4)).unwrap_or(8);
        RoleName::delegated(&format!("{}-{bin:0digits$x}", self.name_prefix))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(delegations: &serde_json::Value) -> Result<Targets, Malformed> {
        let value = json!({"targets": {}, "delegations": delegations});
        Targets::read(&Object::top(&value)?)
    }

    fn delegated(delegations: &serde_json::Value, path: &str) -> Vec<String> {
        let roles = read(delegations).unwrap().delegated(path);
        let name =
            |it: &DelegatedRole| format!("{}{}", it.role, if it.terminating { "!" } else { "" });
        roles.iter().map(name).collect()
    }

    #[test]
    fn roles_come_in_order_of_appearance() {
        let delegations = json!({"keys": {}, "roles": [
            {"name": "z", "keyids": [], "threshold": 1, "paths": ["a/*"], "terminating": false},
            {"name": "b", "keyids": [], "threshold": 1, "paths": ["b/*", "a/?"], "terminating": true},
            {"name": "none", "keyids": [], "threshold": 1},
            {"name": "a", "keyids": [], "threshold": 1, "paths": ["*/x"]},
        ]});
        assert_eq!(delegated(&delegations, "a/x"), ["z", "b!", "a"]);
        assert_eq!(delegated(&delegations, "a/xx"), ["z"]);
        assert_eq!(delegated(&delegations, "a/b/x"), [""; 0]);
    }

    #[test]
    fn hash_prefixes_choose_by_the_hash_of_the_path() {
        // sha256("file") = 3b9c358f...
        let delegations = |prefix: &str| {
            json!({"keys": {}, "roles": [
                {"name": "a", "keyids": [], "threshold": 1, "path_hash_prefixes": ["00", prefix]},
            ]})
        };
        assert_eq!(delegated(&delegations("3b9"), "file"), ["a"]);
        assert_eq!(delegated(&delegations("3ba"), "file"), [""; 0]);
    }

    #[test]
    fn bins_take_the_first_bits_of_the_hash() {
        let delegations = |bits: u32| {
            json!({"keys": {}, "succinct_roles": {
                "keyids": [], "threshold": 1, "bit_length": bits, "name_prefix": "bin"}})
        };
        // 3b9c358f: 0011 1011 1001 1100 ...
        for (bits, role) in [
            (1, "bin-0!"),
            (3, "bin-1!"),
            (4, "bin-3!"),
            (5, "bin-07!"),
            (8, "bin-3b!"),
            (14, "bin-0ee7!"),
            (32, "bin-3b9c358f!"),
        ] {
            assert_eq!(delegated(&delegations(bits), "file"), [role]);
        }
        assert!(read(&delegations(33)).is_err());
        assert!(read(&delegations(0)).is_err());
    }

    #[test]
    fn refuses_delegations_that_can_be_read_in_two_ways() {
        let role = json!({"name": "a", "keyids": [], "threshold": 1, "paths": []});
        assert!(read(&json!({"keys": {}, "roles": [role]})).is_ok());
        assert!(read(&json!({"keys": {}, "roles": [role, role]})).is_err());
        let with = |field: &str, value: serde_json::Value| {
            let mut role = role.clone();
            role[field] = value;
            read(&json!({"keys": {}, "roles": [role]})).is_err()
        };
        assert!(with("path_hash_prefixes", json!([])));
        assert!(with("name", json!("targets")));
        assert!(with("name", json!("")));
        assert!(with("keyids", json!(["k", "k"])));
        assert!(with("threshold", json!(0)));
        assert!(with("terminating", json!("yes")));
        let bins = json!({"keyids": [], "threshold": 1, "bit_length": 1, "name_prefix": "b"});
        assert!(read(&json!({"keys": {}, "succinct_roles": bins})).is_ok());
        assert!(read(&json!({"keys": {}, "roles": [], "succinct_roles": bins})).is_err());
        assert!(read(&json!({"keys": {}})).is_err());
    }
}
