//! Which installed package a name means, seen from another one (Node.js, "Loading from
//! `node_modules` folders").

use std::collections::HashMap;

use crate::cataloger::npm_lock::Node;

/// All edges as pairs of indexes into `nodes`. `links` maps installed paths to the paths they are
/// symbolic links to.
pub(super) fn edges(nodes: &[Node<'_>], links: &[(&str, &str)]) -> Vec<(usize, usize)> {
    let mut by_path: HashMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| (node.path.as_ref(), index))
        .collect();
    for (link, target) in links {
        if let Some(index) = by_path.get(target).copied() {
            by_path.entry(link).or_insert(index);
        }
    }
    let mut edges = Vec::new();
    let mut candidate = String::new();
    for (index, node) in nodes.iter().enumerate() {
        for name in &node.needs {
            if let Some(found) = resolve(&by_path, &node.path, name, &mut candidate) {
                edges.push((index, found));
            }
        }
    }
    edges
}

fn resolve(
    by_path: &HashMap<&str, usize>,
    from: &str,
    name: &str,
    candidate: &mut String,
) -> Option<usize> {
    let mut directory = from;
    loop {
        let is_modules = directory == "node_modules" || directory.ends_with("/node_modules");
        if !is_modules {
            candidate.clear();
            candidate.push_str(directory);
            if !directory.is_empty() {
                candidate.push('/');
            }
            candidate.push_str("node_modules/");
            candidate.push_str(name);
            if let Some(index) = by_path.get(candidate.as_str()) {
                return Some(*index);
            }
        }
        if directory.is_empty() {
            return None;
        }
        directory = directory.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
}
