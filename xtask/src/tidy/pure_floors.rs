//! Crates of the pure floors reach no crate that is asynchronous or does I/O of its own, however far
//! down. Tests and build scripts may.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use super::Finding;
use crate::cargo::Graph;
use crate::cargo::Package;
use crate::cargo::Workspace;
use crate::floors;

const RULE: &str = "pure-floor";

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    workspace
        .packages
        .iter()
        .filter(|package| is_pure(package))
        .flat_map(|package| impure(package, &workspace.graph))
        .collect()
}

fn is_pure(package: &Package) -> bool {
    package
        .place()
        .and_then(|place| place.split('/').next())
        .is_some_and(|floor| floors::PURE_FLOORS.contains(&floor))
}

/// A finding for each forbidden crate, with the shortest way to it.
fn impure(package: &Package, graph: &Graph) -> Vec<Finding> {
    let name = |id: &str| graph.names.get(id).map_or("?", String::as_str);
    let start = graph.names.iter().find(|(_, name)| **name == package.name);
    let Some((start, _)) = start else {
        let text = format!("{} is not in the resolved graph", package.name);
        return vec![Finding::new(RULE, &package.manifest_path(), 1, text)];
    };
    let mut came_from = BTreeMap::<&str, Option<&str>>::from([(start.as_str(), None)]);
    let mut queue = VecDeque::from([start.as_str()]);
    let mut findings = Vec::new();
    while let Some(id) = queue.pop_front() {
        if floors::IMPURE_CRATES.contains(&name(id)) {
            let mut way = vec![name(id)];
            let mut at = id;
            while let Some(Some(before)) = came_from.get(at).copied() {
                way.push(name(before));
                at = before;
            }
            way.reverse();
            let line = way.get(1).map_or(1, |first| package.line_of(first));
            let text = format!("reaches {}: {}", name(id), way.join(" -> "));
            findings.push(Finding::new(RULE, &package.manifest_path(), line, text));
        }
        for next in graph.edges.get(id).into_iter().flatten() {
            if !came_from.contains_key(next.as_str()) {
                came_from.insert(next, Some(id));
                queue.push_back(next);
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(folder: &str, edges: &[(&str, &[&str])]) -> Workspace {
        let mut graph = Graph::default();
        for (from, to) in edges {
            for name in std::iter::once(from).chain(*to) {
                graph.names.insert((*name).to_owned(), (*name).to_owned());
            }
            let to = to.iter().map(|name| (*name).to_owned()).collect();
            graph.edges.insert((*from).to_owned(), to);
        }
        let name = folder.rsplit('/').next().unwrap();
        let packages = vec![Package::new(folder, &format!("sealwright-{name}"))];
        Workspace { packages, graph }
    }

    #[test]
    fn finds_what_is_reached_through_others_and_says_how() {
        let edges: &[(&str, &[&str])] = &[
            ("sealwright-slsa", &["serde", "outer"]),
            ("outer", &["inner", "sealwright-slsa"]),
            ("inner", &["tokio"]),
        ];
        let found = check(&workspace("crates/engines/slsa", edges));
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .text
                .ends_with("sealwright-slsa -> outer -> inner -> tokio"),
            "{}",
            found[0]
        );
    }

    #[test]
    fn lets_upper_floors_and_harmless_crates_be() {
        let edges: &[(&str, &[&str])] = &[("sealwright-slsa", &["serde"])];
        assert!(check(&workspace("crates/engines/slsa", edges)).is_empty());
        let edges: &[(&str, &[&str])] = &[("sealwright-net", &["tokio"])];
        assert!(check(&workspace("crates/adapters/net", edges)).is_empty());
    }

    #[test]
    fn a_crate_the_graph_does_not_know_is_no_proof() {
        assert_eq!(check(&workspace("crates/engines/slsa", &[])).len(), 1);
    }
}
