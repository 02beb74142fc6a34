//! Version 1: packages nested in each other, as their directories are.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;

use crate::cataloger::npm_lock::Node;
use crate::cataloger::npm_lock::v3::Key;
use crate::cataloger::npm_lock::v3::Names;

/// A `dependencies` member, in its order.
#[derive(Debug, Default)]
pub(super) struct Dependencies<'a>(Vec<(Cow<'a, str>, Entry<'a>)>);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resolved: Option<Cow<'a, str>>,
    #[serde(borrow)]
    integrity: Option<Cow<'a, str>>,
    #[serde(borrow)]
    requires: Requires<'a>,
    #[serde(borrow)]
    dependencies: Dependencies<'a>,
    dev: bool,
    optional: bool,
}

impl Dependencies<'_> {
    /// `name` and `version` are those of the lock file itself. It does not say what the project
    /// asks for directly, so the project needs whatever no other package of the top level needs.
    pub(super) fn nodes<'b>(
        &'b self,
        name: Option<&'b str>,
        version: Option<&'b str>,
    ) -> Vec<Node<'b>> {
        let mut nodes = Vec::new();
        self.collect("", &mut nodes);
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            let needed: std::collections::HashSet<&str> = nodes
                .iter()
                .flat_map(|node| node.needs.iter().copied())
                .collect();
            let needs = self.0.iter().map(|(name, _)| name.as_ref());
            nodes.push(Node {
                name,
                version,
                needs: needs.filter(|name| !needed.contains(name)).collect(),
                is_local: true,
                ..Node::default()
            });
        }
        nodes
    }

    // The depth is bounded by the JSON reader's own limit.
    fn collect<'b>(&'b self, directory: &str, nodes: &mut Vec<Node<'b>>) {
        for (name, entry) in &self.0 {
            let path = match directory {
                "" => format!("node_modules/{name}"),
                directory => format!("{directory}/node_modules/{name}"),
            };
            // An alias has its real name in its version: `npm:real@1.0.0`.
            let version = entry.version.as_deref();
            let alias = version
                .and_then(|version| version.strip_prefix("npm:"))
                .and_then(|alias| alias.rsplit_once('@'));
            let (real_name, version) = match alias {
                Some((real_name, version)) => (real_name, Some(version)),
                None => (name.as_ref(), version),
            };
            let is_git = version.is_some_and(|version| version.starts_with("git"));
            nodes.push(Node {
                path: Cow::Owned(path.clone()),
                name: real_name,
                version,
                resolved: if is_git {
                    version
                } else {
                    entry.resolved.as_deref()
                },
                integrity: entry.integrity.as_deref(),
                license: None,
                needs: entry.requires.0.0.iter().map(Cow::as_ref).collect(),
                is_development: entry.dev,
                is_optional: entry.optional,
                is_local: version.is_some_and(|version| version.starts_with("file:")),
            });
            entry.dependencies.collect(&path, nodes);
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Dependencies<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Dependencies<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of dependencies")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((Key(name), entry)) = map.next_entry()? {
                    entries.push((name, entry));
                }
                Ok(Dependencies(entries))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// What a package asks for; the oldest files say just whether they say.
#[derive(Debug, Default)]
struct Requires<'a>(Names<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Requires<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Any<'a> {
            Names(#[serde(borrow)] Names<'a>),
            Other(IgnoredAny),
        }
        Ok(Self(match Any::deserialize(deserializer)? {
            Any::Names(names) => names,
            Any::Other(IgnoredAny) => Names::default(),
        }))
    }
}
