//! Names of roles, and the names of their files.

use std::fmt;
use std::sync::Arc;

/// The name of a role: one of the four at the top, or a delegated one. Cheap to clone.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RoleName(Arc<str>);

impl RoleName {
    /// The root role.
    pub fn root() -> Self {
        Self("root".into())
    }

    /// The timestamp role.
    pub fn timestamp() -> Self {
        Self("timestamp".into())
    }

    /// The snapshot role.
    pub fn snapshot() -> Self {
        Self("snapshot".into())
    }

    /// The top-level targets role.
    pub fn targets() -> Self {
        Self("targets".into())
    }

    /// A delegated role. `None` for a name that is empty, too long for the name of a file, or that of
    /// a role at the top (whose cached file it would replace; in any case, for file systems that do
    /// not tell cases apart).
    pub fn delegated(name: &str) -> Option<Self> {
        let top = TOP_LEVEL.iter().any(|top| name.eq_ignore_ascii_case(top));
        let role = Self(name.into());
        (!name.is_empty() && !top && role.file_name().len() <= MAX_FILE_NAME).then_some(role)
    }

    /// The name as metadata has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that the role's file has in a cache, and without consistent snapshots in the
    /// repository: a single path segment, whatever the role is called.
    pub fn file_name(&self) -> String {
        format!("{}.json", escape(&self.0))
    }

    /// The name its file of one version has in the repository.
    pub(crate) fn versioned_file_name(&self, version: u64) -> String {
        format!("{version}.{}", self.file_name())
    }

    /// The key of the role in a snapshot.
    pub(crate) fn meta_path(&self) -> String {
        format!("{}.json", self.0)
    }
}

/// Any text as part of a path segment: all but letters, digits and `-._~` by their bytes' numbers.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const TOP_LEVEL: &[&str] = &["root", "timestamp", "snapshot", "targets"];
/// With room for a version and a suffix within the 255 bytes a file's name may have.
const MAX_FILE_NAME: usize = 220;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_one_path_segment() {
        let file = |name| RoleName::delegated(name).unwrap().file_name();
        assert_eq!(file("registry.example.org"), "registry.example.org.json");
        assert_eq!(file("../delegatedrole"), "..%2Fdelegatedrole.json");
        assert_eq!(file("?"), "%3F.json");
        assert_eq!(file("a b\\é"), "a%20b%5C%C3%A9.json");
        let role = RoleName::delegated("/x").unwrap();
        assert_eq!(role.versioned_file_name(7), "7.%2Fx.json");
    }

    #[test]
    fn no_delegated_role_takes_a_top_level_name() {
        for name in ["root", "ROOT", "Timestamp", "snapshot", "targets", ""] {
            assert_eq!(RoleName::delegated(name), None, "{name}");
        }
        assert!(RoleName::delegated(&"x".repeat(215)).is_some());
        assert!(RoleName::delegated(&"x".repeat(216)).is_none());
        assert!(RoleName::delegated("roots").is_some());
    }
}
