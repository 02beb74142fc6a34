//! Runs one cataloger over a few files.

use sealwright_core::FileTree as _;
use sealwright_core::file_tree::MemoryTree;

use super::Cataloger;
use super::Findings;
use crate::generate::Collector;
use crate::inventory::Problem;
use crate::os_release::parse_os_release;
use crate::package::Package;

/// What a cataloger found: packages in the order of discovery, edges between their names, sorted.
pub(crate) struct Found {
    pub(crate) packages: Vec<Package>,
    edges: Vec<(String, String)>,
    pub(crate) problems: Vec<Problem>,
}

impl Found {
    pub(crate) fn edges(&self) -> Vec<(&str, &str)> {
        self.edges
            .iter()
            .map(|(from, to)| (from.as_str(), to.as_str()))
            .collect()
    }
}

pub(crate) fn catalog<C: Cataloger + Default + 'static>(
    files: &[(&str, &[u8])],
    system: Option<&str>,
) -> Found {
    let tree = files
        .iter()
        .fold(MemoryTree::default(), |tree, (path, content)| {
            tree.with_file(path, *content)
        });
    run::<C>(&tree, system)
}

pub(crate) fn catalog_executable<C: Cataloger + Default + 'static>(
    path: &str,
    content: &[u8],
) -> Found {
    run::<C>(&MemoryTree::default().with_executable(path, content), None)
}

fn run<C: Cataloger + Default + 'static>(tree: &MemoryTree, system: Option<&str>) -> Found {
    let mut collector = Collector::new(vec![Box::<C>::default()]);
    tree.scan(&mut collector).unwrap();
    let system = system.and_then(parse_os_release);
    let mut findings: Findings = collector.findings;
    for cataloger in &mut collector.catalogers {
        cataloger.finish(system.as_ref(), &mut findings);
    }
    for (from, to) in &findings.edges {
        let to = to.0;
        let package = &mut findings.packages[from.0];
        if !package.dependencies.contains(&to) {
            package.dependencies.push(to);
        }
    }
    let name = |index: usize| findings.packages[index].name.clone();
    let mut edges: Vec<_> = findings
        .edges
        .iter()
        .map(|(from, to)| (name(from.0), name(to.0)))
        .collect();
    edges.sort();
    Found {
        packages: findings.packages,
        edges,
        problems: findings.problems,
    }
}
