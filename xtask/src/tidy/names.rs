//! A file is named after what stands in it: no `mod.rs`, no drawers for odds and ends.

use super::Finding;
use crate::sources::Source;

const RULE: &str = "name";

const DRAWERS: &[&str] = &[
    "common",
    "helper",
    "helpers",
    "misc",
    "util",
    "utilities",
    "utils",
];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let rust = sources.iter().filter(|source| source.is_rust());
    rust.filter_map(|source| {
        let mut parts = source.path.trim_end_matches(".rs").split('/');
        let text = if source.path.ends_with("/mod.rs") {
            "write foo.rs beside foo/ instead of foo/mod.rs"
        } else if parts.any(|part| DRAWERS.contains(&part)) {
            "name it after the one thing it holds"
        } else {
            return None;
        };
        Some(Finding::new(RULE, &source.path, 1, text))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_drawers_and_mod_files() {
        let found = |path| check(&[Source::new(path, "")]).len();
        assert_eq!(found("crates/a/b/src/c/mod.rs"), 1);
        assert_eq!(found("crates/a/b/src/utils.rs"), 1);
        assert_eq!(found("crates/a/b/src/common/x.rs"), 1);
        assert_eq!(found("crates/a/b/src/model.rs"), 0);
        assert_eq!(found("crates/a/b/src/commonality.rs"), 0);
        assert_eq!(found("docs/common.md"), 0);
    }
}
