//! Unsafe code stands in the crates that may have it; every other crate takes the workspace's lints,
//! which forbid it.

use super::Finding;
use crate::floors;
use crate::rust_text;
use crate::sources::Source;

const RULE: &str = "unsafe";

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let may = |source: &Source| {
        source
            .crate_folder()
            .is_some_and(|folder| floors::UNSAFE_CRATES.contains(&folder))
    };
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| !may(source)) {
        if source.is_rust() {
            let code = rust_text::code_only(&source.text);
            let lines = rust_text::words(&code, "unsafe").map(|at| rust_text::line_of(&code, at));
            findings.extend(lines.map(|line| {
                Finding::new(
                    RULE,
                    &source.path,
                    line,
                    "unsafe code outside the crates for it",
                )
            }));
        } else if source.path.ends_with("/Cargo.toml")
            && !source.path.starts_with("fuzz/")
            && !source.path.starts_with("interop/")
            && !takes_workspace_lints(&source.text)
        {
            let text = "wanted `[lints]` with `workspace = true`";
            findings.push(Finding::new(RULE, &source.path, 1, text));
        }
    }
    findings
}

fn takes_workspace_lints(manifest: &str) -> bool {
    let Ok(manifest) = manifest.parse::<toml::Table>() else {
        return false;
    };
    let lints = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"));
    lints == Some(&toml::Value::Boolean(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_keyword_and_not_the_word() {
        let found = |path, text| check(&[Source::new(path, text)]).len();
        let path = "crates/adapters/git/src/lib.rs";
        assert_eq!(found(path, "fn a() { unsafe { b() } }"), 1);
        assert_eq!(found(path, "unsafe impl Send for A {}"), 1);
        assert_eq!(
            found(path, "// unsafe\nlet a = \"unsafe\"; is_unsafe();"),
            0
        );
        assert_eq!(found("crates/adapters/sandbox/src/lib.rs", "unsafe {}"), 0);
    }

    #[test]
    fn wants_the_workspace_lints_in_each_crate() {
        let found = |path, text| check(&[Source::new(path, text)]).len();
        let path = "crates/adapters/git/Cargo.toml";
        assert_eq!(found(path, "[lints]\nworkspace = true\n"), 0);
        assert_eq!(found(path, "[lints]\nworkspace = false\n"), 1);
        assert_eq!(found(path, "[package]\n"), 1);
        assert_eq!(
            found("crates/adapters/sandbox/Cargo.toml", "[package]\n"),
            0
        );
    }
}
