//! Which installed package a name means, seen from another one (Node.js, "Loading from
//! `node_modules` folders").

use std::collections::HashMap;

use crate::cataloger::npm_lock::Node;

/// Packages by the directory whose `node_modules` holds them, then by name.
type Modules<'a> = HashMap<&'a str, HashMap<&'a str, usize>>;

/// All edges as pairs of indexes into `nodes`. `links` maps installed paths to the paths they are
/// symbolic links to.
pub(super) fn edges(nodes: &[Node<'_>], links: &[(&str, &str)]) -> Vec<(usize, usize)> {
    let mut modules = Modules::new();
    let mut install = |path, index| {
        if let Some((directory, name)) = installed(path) {
            modules.entry(directory).or_default().insert(name, index);
        }
    };
    let by_path: HashMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| (node.path.as_ref(), index))
        .collect();
    for (link, target) in links {
        if let Some(index) = by_path.get(target) {
            install(link, *index);
        }
    }
    for (index, node) in nodes.iter().enumerate() {
        install(&node.path, index);
    }
    let mut edges = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let visible = visible(&modules, &node.path);
        for name in &node.needs {
            let found = visible.iter().find_map(|names| names.get(name));
            edges.extend(found.map(|found| (index, *found)));
        }
    }
    edges
}

/// The directory and the name of an installed path: `a/node_modules/@s/b` is `@s/b` in `a`.
fn installed(path: &str) -> Option<(&str, &str)> {
    let (directory, name) = match path.rsplit_once("/node_modules/") {
        Some(parts) => parts,
        None => ("", path.strip_prefix("node_modules/")?),
    };
    Some((directory, name))
}

/// What can be loaded from a directory, the nearest first.
fn visible<'m, 'a>(modules: &'m Modules<'a>, from: &str) -> Vec<&'m HashMap<&'a str, usize>> {
    let mut visible = Vec::new();
    let mut directory = from;
    loop {
        visible.extend(modules.get(directory));
        if directory.is_empty() {
            return visible;
        }
        directory = directory.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
}
