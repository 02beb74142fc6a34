//! The files of the repository, as tidy sees them.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;

/// A text file: its path from the root with `/` between parts, and what stands in it.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The folder below `crates/` it belongs to, such as `adapters/files`.
    pub(crate) fn crate_folder(&self) -> Option<&str> {
        let inner = self.path.strip_prefix("crates/")?;
        let mut slashes = inner.match_indices('/').map(|(at, _)| at);
        let end = slashes.nth(1)?;
        inner.get(..end)
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// The repository's root: the folder above this crate.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = own.parent().context("xtask stands in no folder")?;
    // Cargo runs xtask from anywhere below; a moved checkout shows in a rebuilt xtask only.
    anyhow::ensure!(
        root.join("Cargo.toml").is_file(),
        "no workspace in {}",
        root.display()
    );
    Ok(root.to_owned())
}

/// All text files below a root, sorted by path. What Git ignores, build products and binary files
/// are left out.
pub(crate) fn read_all(root: &Path) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    walk(root, "", &mut sources)?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn walk(directory: &Path, prefix: &str, sources: &mut Vec<Source>) -> anyhow::Result<()> {
    let entries = fs::read_dir(directory).with_context(|| directory.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            anyhow::bail!("{} is not named in UTF-8", entry.path().display());
        };
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !is_skipped(&path, &name) {
                walk(&entry.path(), &format!("{path}/"), sources)?;
            }
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).with_context(|| path.clone())?;
            // Anything that is no text has no lines to point at.
            if let Ok(text) = String::from_utf8(bytes) {
                sources.push(Source { path, text });
            }
        }
    }
    Ok(())
}

fn is_skipped(path: &str, name: &str) -> bool {
    SKIPPED_NAMES.contains(&name) || SKIPPED_PATHS.contains(&path)
}

const SKIPPED_NAMES: &[&str] = &[".git", "__pycache__", "node_modules", "target"];
const SKIPPED_PATHS: &[&str] = &["fuzz/artifacts", "fuzz/corpus", "interop/.work"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_crate_a_file_belongs_to() {
        let folder = |path| Source::new(path, "").crate_folder().map(str::to_owned);
        assert_eq!(
            folder("crates/adapters/git/src/lib.rs").as_deref(),
            Some("adapters/git")
        );
        assert_eq!(folder("crates/adapters/README.md"), None);
        assert_eq!(folder("xtask/src/main.rs"), None);
    }

    #[test]
    fn reads_this_repository_without_build_products() {
        let sources = read_all(&root().unwrap()).unwrap();
        let has = |path: &str| sources.iter().any(|source| source.path == path);
        assert!(has("Cargo.toml"));
        assert!(has("xtask/src/sources.rs"));
        assert!(!sources.iter().any(|source| source.path.contains("target/")));
    }
}
