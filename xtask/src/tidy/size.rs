//! No Rust file has more than 800 lines beside its tests.

use super::Finding;
use crate::rust_text;
use crate::sources::Source;

const RULE: &str = "size";
const MAX_LINES: usize = 800;

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let rust = sources
        .iter()
        .filter(|source| source.is_rust() && !rust_text::is_test_file(&source.path));
    rust.filter_map(|source| {
        let lines = rust_text::without_tests(&source.text).lines().count();
        let text = format!("{lines} lines beside tests, at most {MAX_LINES}: split it");
        (lines > MAX_LINES).then(|| Finding::new(RULE, &source.path, MAX_LINES + 1, text))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&[Source::new(path, text)]).len()
    }

    #[test]
    fn counts_what_is_no_test() {
        let long = "x\n".repeat(MAX_LINES);
        assert_eq!(found("a.rs", &long), 0);
        assert_eq!(found("a.rs", &format!("{long}x\n")), 1);
        let tested = format!("{long}#[cfg(test)]\nmod tests {{\n{long}}}\n");
        assert_eq!(found("a.rs", &tested), 0);
        assert_eq!(found("a/tests.rs", &format!("{long}x\n")), 0);
        assert_eq!(found("a.md", &format!("{long}x\n")), 0);
    }
}
