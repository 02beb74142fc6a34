//! The rules of the repository that no lint checks, one module a rule.

use std::fmt;
use std::path::Path;

use anyhow::Context as _;

use crate::cargo;
use crate::sources;
use crate::sources::Source;

mod allowed;
mod architecture;
mod attributes;
mod codes;
mod edges;
mod forbidden_text;
mod names;
mod pure_floors;
mod size;
mod unsafe_code;

pub(crate) use self::codes::first_sentence;

/// Something that breaks a rule, and where.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) rule: &'static str,
    pub(crate) text: String,
}

impl Finding {
    fn new(rule: &'static str, path: &str, line: usize, text: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            text: text.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}: {}",
            self.path, self.line, self.rule, self.text
        )
    }
}

/// Everything tidy finds in the repository, sorted.
pub(crate) fn findings(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let sources = sources::read_all(root)?;
    let workspace = cargo::Workspace::load(root)?;
    let architecture = text_of(&sources, "ARCHITECTURE.md")?;
    let exceptions = allowed::Exceptions::parse(text_of(&sources, allowed::FILE)?);

    let mut findings = Vec::new();
    findings.extend(edges::check(&workspace.packages));
    findings.extend(pure_floors::check(&workspace));
    findings.extend(size::check(&sources));
    findings.extend(codes::check(&sources));
    findings.extend(names::check(&sources));
    findings.extend(forbidden_text::check(&sources));
    findings.extend(unsafe_code::check(&sources));
    findings.extend(architecture::check(&workspace.packages, architecture));
    findings.extend(attributes::check(&sources));

    let mut findings = exceptions.apply(findings);
    findings.sort();
    findings.dedup();
    Ok(findings)
}

fn text_of<'a>(sources: &'a [Source], path: &str) -> anyhow::Result<&'a str> {
    sources
        .iter()
        .find(|source| source.path == path)
        .map(|source| source.text.as_str())
        .with_context(|| format!("there is no {path}"))
}
