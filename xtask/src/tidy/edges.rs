//! Edges between crates point down the floors, or to a crate listed above on the same floor.

use std::collections::BTreeMap;

use super::Finding;
use crate::cargo::Edge;
use crate::cargo::EdgeKind;
use crate::cargo::Package;
use crate::floors;

const RULE: &str = "edge";

pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let by_name: BTreeMap<_, _> = packages
        .iter()
        .map(|package| (package.name.as_str(), package))
        .collect();
    let mut findings = Vec::new();
    for package in packages {
        let finding = |line, text| Finding::new(RULE, &package.manifest_path(), line, text);
        if let Some(place) = package.place() {
            if floors::position(place).is_none() {
                let text = format!("{place} has no place in xtask/src/floors.rs");
                findings.push(finding(1, text));
            }
            if !is_named_after(package, place) {
                let text = format!("{} is not named after its folder {place}", package.name);
                findings.push(finding(1, text));
            }
        }
        for edge in &package.edges {
            let to = by_name.get(edge.to.as_str());
            if let Some(text) = to.and_then(|to| complaint(package, to, edge)) {
                findings.push(finding(package.line_of(&edge.to), text));
            }
        }
    }
    findings
}

/// `sealwright-files` in `adapters/files`; the library `sealwright` in `app/sealwright`.
fn is_named_after(package: &Package, place: &str) -> bool {
    let folder = place.rsplit('/').next().unwrap_or(place);
    package.name == folder || package.name.strip_prefix("sealwright-") == Some(folder)
}

/// What is wrong with an edge, if anything is.
fn complaint(from: &Package, to: &Package, edge: &Edge) -> Option<String> {
    let Some(to_place) = to.place() else {
        return Some(format!("nothing depends on {}, which is a tool", to.name));
    };
    // Tools may use everything.
    let from_place = from.place()?;
    if to_place == floors::TEST_ONLY {
        return match edge.kind {
            EdgeKind::Product => Some(format!("{} is for tests alone", to.name)),
            EdgeKind::Test if from_place == "foundation/core" => Some(format!(
                "{} builds on core, so core's tests cannot use it",
                to.name
            )),
            EdgeKind::Test => None,
        };
    }
    let (up, down) = (floors::position(from_place)?, floors::position(to_place)?);
    (down >= up)
        .then(|| format!("{from_place} may not depend on {to_place}, which stands above it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(from: &str, to: &str, kind: EdgeKind) -> usize {
        let package = |folder: &str| {
            let name = folder.rsplit('/').next().unwrap();
            Package::new(folder, &format!("sealwright-{name}"))
        };
        let (mut from, to) = (package(from), package(to));
        let name = to.name.clone();
        from.edges.push(Edge { to: name, kind });
        check(&[from, to]).len()
    }

    #[test]
    fn edges_point_down_or_to_the_left() {
        let product = |from, to| found(from, to, EdgeKind::Product);
        assert_eq!(product("crates/adapters/git", "crates/foundation/core"), 0);
        assert_eq!(product("crates/adapters/git", "crates/adapters/files"), 0);
        assert_eq!(product("crates/adapters/files", "crates/adapters/git"), 1);
        assert_eq!(product("crates/foundation/core", "crates/adapters/git"), 1);
        assert_eq!(product("crates/engines/slsa", "crates/services/log"), 1);
        assert_eq!(product("xtask", "crates/services/log"), 0);
        assert_eq!(product("crates/app/cli", "xtask"), 1);
    }

    #[test]
    fn only_tests_use_the_testkit() {
        let testkit = "crates/foundation/testkit";
        assert_eq!(found("crates/foundation/tlog", testkit, EdgeKind::Test), 0);
        assert_eq!(found("crates/app/cli", testkit, EdgeKind::Test), 0);
        assert_eq!(found("crates/app/cli", testkit, EdgeKind::Product), 1);
        assert_eq!(found("crates/foundation/core", testkit, EdgeKind::Test), 1);
        // Other edges are no better for being in tests.
        assert_eq!(
            found("crates/engines/slsa", "crates/adapters/git", EdgeKind::Test),
            1
        );
    }

    #[test]
    fn a_crate_has_a_place_and_its_folders_name() {
        let check = |folder, name| check(&[Package::new(folder, name)]).len();
        assert_eq!(check("crates/adapters/git", "sealwright-git"), 0);
        assert_eq!(check("crates/app/sealwright", "sealwright"), 0);
        assert_eq!(check("crates/adapters/git", "sealwright-vcs"), 1);
        assert_eq!(check("crates/adapters/new", "sealwright-new"), 1);
        assert_eq!(check("crates/cellar/git", "sealwright-git"), 1);
        assert_eq!(check("xtask", "xtask"), 0);
    }
}
