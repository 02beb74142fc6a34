//! The order of crates: an edge may point down the table, never up.
//!
//! A crate may depend on crates of lower floors and on those listed above it on its own floor. The
//! list is that of ARCHITECTURE.md, with the crates that are planned but not there yet.

/// Floors from the bottom up, each with its crates in the order they may build on each other.
pub(crate) const FLOORS: &[(&str, &[&str])] = &[
    (
        "foundation",
        &["core", "archive", "crypto", "tlog", "testkit"],
    ),
    (
        "engines",
        &[
            "sigstore", "tuf", "slsa", "sbom", "vuln", "diff", "lint", "policy",
        ],
    ),
    (
        "adapters",
        &["files", "store", "git", "net", "oci", "kms", "sandbox"],
    ),
    (
        "services",
        &["http", "log", "authority", "registry", "admission"],
    ),
    ("app", &["sealwright", "cli", "pkcs11"]),
];

/// Floors whose crates compute on values they are given, and nothing else.
pub(crate) const PURE_FLOORS: &[&str] = &["foundation", "engines"];

/// Crates no pure floor may reach, not even through others.
pub(crate) const IMPURE_CRATES: &[&str] = &[
    "async-std",
    "hyper",
    "kube",
    "object_store",
    "reqwest",
    "rusqlite",
    "tokio",
];

/// Only tests use it, and `core`'s own do not.
pub(crate) const TEST_ONLY: &str = "foundation/testkit";

/// Crates that may hold unsafe code.
pub(crate) const UNSAFE_CRATES: &[&str] = &["adapters/sandbox"];

/// Where a crate stands: floor and place on it. `None` for names that are not in the table.
pub(crate) fn position(folder: &str) -> Option<(usize, usize)> {
    let (floor, name) = folder.split_once('/')?;
    let (index, (_, crates)) = FLOORS
        .iter()
        .enumerate()
        .find(|(_, (found, _))| *found == floor)?;
    let place = crates.iter().position(|found| *found == name)?;
    Some((index, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_grow_from_the_bottom_up() {
        assert_eq!(position("foundation/core"), Some((0, 0)));
        assert!(position("foundation/tlog") < position("engines/sigstore"));
        assert!(position("adapters/files") < position("adapters/git"));
        assert_eq!(position("app/unknown"), None);
        assert_eq!(position("cellar/core"), None);
        assert!(position(TEST_ONLY).is_some());
        assert!(
            UNSAFE_CRATES
                .iter()
                .all(|folder| position(folder).is_some())
        );
    }
}
