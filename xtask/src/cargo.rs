//! The workspace as Cargo sees it: crates, their edges, and what everything resolves to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use cargo_metadata::DependencyKind;
use cargo_metadata::Metadata;
use cargo_metadata::MetadataCommand;

/// One crate of the workspace.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its folder from the root, such as `crates/adapters/files`.
    pub(crate) folder: String,
    /// Its Cargo.toml.
    pub(crate) manifest: String,
    /// Its edges to other crates of the workspace.
    pub(crate) edges: Vec<Edge>,
}

/// An edge to another crate of the workspace.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// The other's package name.
    pub(crate) to: String,
    /// What the edge is for.
    pub(crate) kind: EdgeKind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum EdgeKind {
    /// Built into the crate, or into its build script.
    Product,
    /// For its tests alone.
    Test,
}

/// All crates of the workspace, and the graph of everything built into them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    pub(crate) graph: Graph,
}

/// Who needs whom in a build without tests and build scripts, by package id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) edges: BTreeMap<String, Vec<String>>,
}

impl Package {
    #[cfg(test)]
    pub(crate) fn new(folder: &str, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            manifest: String::new(),
            edges: Vec::new(),
        }
    }

    /// Floor and name, such as `adapters/files`, for crates on a floor.
    pub(crate) fn place(&self) -> Option<&str> {
        self.folder.strip_prefix("crates/")
    }

    pub(crate) fn manifest_path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// The line of the manifest where a dependency is named, or the first.
    pub(crate) fn line_of(&self, dependency: &str) -> usize {
        let names = |line: &str| {
            line.strip_prefix(dependency)
                .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
        };
        let found = self.manifest.lines().position(names);
        found.map_or(1, |index| index + 1)
    }
}

impl Workspace {
    pub(crate) fn load(root: &Path) -> anyhow::Result<Self> {
        let metadata = MetadataCommand::new()
            .current_dir(root)
            .other_options(["--filter-platform".to_owned(), host()?])
            .exec()
            .context("cargo metadata")?;
        Ok(Self {
            packages: packages(&metadata)?,
            graph: graph(&metadata),
        })
    }
}

/// The target triple of the machine.
pub(crate) fn host() -> anyhow::Result<String> {
    let output = std::process::Command::new("rustc").arg("-vV").output();
    let text = String::from_utf8(output.context("rustc -vV")?.stdout)?;
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("rustc -vV names no host")
}

fn packages(metadata: &Metadata) -> anyhow::Result<Vec<Package>> {
    let members = metadata.workspace_packages();
    let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
    let package = |member: &cargo_metadata::Package| {
        let folder = member
            .manifest_path
            .parent()
            .and_then(|folder| folder.strip_prefix(&metadata.workspace_root).ok())
            .with_context(|| format!("{} stands outside the workspace", member.name))?;
        let inside = member
            .dependencies
            .iter()
            .filter(|dependency| names.contains(&dependency.name.as_str()));
        Ok(Package {
            name: member.name.to_string(),
            folder: folder.to_string(),
            manifest: fs::read_to_string(&member.manifest_path)?,
            edges: inside
                .map(|dependency| Edge {
                    to: dependency.name.clone(),
                    kind: match dependency.kind {
                        DependencyKind::Development => EdgeKind::Test,
                        _ => EdgeKind::Product,
                    },
                })
                .collect(),
        })
    };
    members.into_iter().map(package).collect()
}

fn graph(metadata: &Metadata) -> Graph {
    let names = metadata
        .packages
        .iter()
        .map(|package| (package.id.repr.clone(), package.name.to_string()))
        .collect();
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let edges = nodes.map(|node| {
        let built_in = node.deps.iter().filter(|dependency| {
            dependency
                .dep_kinds
                .iter()
                .any(|kind| kind.kind == DependencyKind::Normal)
        });
        let to = built_in.map(|dependency| dependency.pkg.repr.clone());
        (node.id.repr.clone(), to.collect())
    });
    Graph {
        names,
        edges: edges.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_line_of_a_dependency() {
        let mut package = Package::new("crates/adapters/git", "sealwright-git");
        package.manifest = "[dependencies]\ngix-x = \"1\"\ngix.workspace = true\n".to_owned();
        assert_eq!(package.line_of("gix"), 3);
        assert_eq!(package.line_of("absent"), 1);
    }
}
