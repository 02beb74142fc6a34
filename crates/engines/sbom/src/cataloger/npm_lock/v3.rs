//! Versions 2 and 3: a flat map from installed path to package.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;

use crate::cataloger::npm_lock::Node;

/// The `packages` member, in its order.
#[derive(Debug)]
pub(super) struct Packages<'a>(Vec<(Cow<'a, str>, Entry<'a>)>);

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resolved: Option<Cow<'a, str>>,
    #[serde(borrow)]
    integrity: Option<Cow<'a, str>>,
    #[serde(borrow)]
    license: LicenseField<'a>,
    #[serde(borrow)]
    dependencies: Names<'a>,
    #[serde(borrow)]
    dev_dependencies: Names<'a>,
    #[serde(borrow)]
    optional_dependencies: Names<'a>,
    #[serde(borrow)]
    peer_dependencies: Names<'a>,
    dev: bool,
    dev_optional: bool,
    optional: bool,
    link: bool,
}

impl Packages<'_> {
    /// `name` and `version` are those of the lock file itself.
    pub(super) fn nodes<'b>(
        &'b self,
        name: Option<&'b str>,
        version: Option<&'b str>,
    ) -> Vec<Node<'b>> {
        let mut nodes = Vec::with_capacity(self.0.len());
        for (path, entry) in &self.0 {
            if entry.link {
                continue;
            }
            let installed = path.rsplit_once("node_modules/").map(|(_, name)| name);
            let is_root = path.is_empty();
            let known_as = match (entry.name.as_deref(), installed, is_root) {
                (Some(name), _, _) => Some(name),
                (None, Some(name), _) => Some(name),
                (None, None, true) => name,
                (None, None, false) => path.rsplit('/').next(),
            };
            let Some(known_as) = known_as.filter(|name| !name.is_empty()) else {
                continue;
            };
            let mut needs: Vec<&str> = Vec::new();
            needs.extend(entry.dependencies.0.iter().map(Cow::as_ref));
            needs.extend(entry.optional_dependencies.0.iter().map(Cow::as_ref));
            needs.extend(entry.peer_dependencies.0.iter().map(Cow::as_ref));
            if installed.is_none() {
                needs.extend(entry.dev_dependencies.0.iter().map(Cow::as_ref));
            }
            nodes.push(Node {
                path: Cow::Borrowed(path),
                name: known_as,
                version: entry
                    .version
                    .as_deref()
                    .or(if is_root { version } else { None }),
                resolved: entry.resolved.as_deref(),
                integrity: entry.integrity.as_deref(),
                license: entry.license.0.as_deref(),
                needs,
                is_development: entry.dev,
                is_optional: entry.optional || entry.dev_optional,
                is_local: installed.is_none(),
            });
        }
        nodes
    }

    /// Installed paths that are symbolic links, with their targets.
    pub(super) fn links(&self) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .filter(|(_, entry)| entry.link)
            .filter_map(|(path, entry)| Some((path.as_ref(), entry.resolved.as_deref()?)))
            .collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Packages<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Packages<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of packages")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut packages = Vec::new();
                while let Some((Key(path), entry)) = map.next_entry()? {
                    packages.push((path, entry));
                }
                Ok(Packages(packages))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// The names in a map of dependencies; what they ask for was decided when the file was written.
#[derive(Debug, Default)]
pub(super) struct Names<'a>(pub(super) Vec<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Names<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Names<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of dependencies")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut names = Vec::new();
                while let Some((Key(name), IgnoredAny)) = map.next_entry()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// A map's key, borrowed where it can be.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Key<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// A licence: text, or in old packages an object or a list, which say nothing reliable.
#[derive(Debug, Default)]
struct LicenseField<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for LicenseField<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Any<'a> {
            Text(#[serde(borrow)] Cow<'a, str>),
            Other(IgnoredAny),
        }
        Ok(Self(match Any::deserialize(deserializer)? {
            Any::Text(text) => Some(text),
            Any::Other(IgnoredAny) => None,
        }))
    }
}
