//! `#[expect(lint, reason = "…")]` instead of `#[allow]`: an expectation that is no longer needed
//! says so, an allowance never does.

use super::Finding;
use crate::rust_text;
use crate::sources::Source;

const RULE: &str = "attribute";

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let code = rust_text::code_only(&source.text);
        for at in rust_text::words(&code, "allow") {
            let after = code.get(at + "allow".len()..).unwrap_or_default();
            if after.trim_start().starts_with('(') && is_in_attribute(&code, at) {
                let line = rust_text::line_of(&code, at);
                let text = "write #[expect(lint, reason = \"…\")] instead of allow";
                findings.push(Finding::new(RULE, &source.path, line, text));
            }
        }
    }
    findings
}

/// Whether the innermost bracket open at an offset is an attribute's, parentheses aside.
fn is_in_attribute(code: &str, offset: usize) -> bool {
    let before = code.get(..offset).unwrap_or_default();
    let mut closed = 0usize;
    for (at, c) in before.char_indices().rev() {
        match c {
            ']' => closed += 1,
            '[' if closed > 0 => closed -= 1,
            '[' => {
                let head = before.get(..at).unwrap_or_default().trim_end();
                return head.ends_with('#') || head.ends_with("#!");
            }
            ';' | '{' | '}' => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_allow_in_every_position_of_an_attribute() {
        let found = |text| check(&[Source::new("a.rs", text)]).len();
        assert_eq!(found("#[allow(dead_code)] fn a() {}"), 1);
        assert_eq!(found("#![allow(dead_code)]"), 1);
        assert_eq!(found("#[cfg_attr(test, allow(unused))]"), 1);
        assert_eq!(
            found("#[cfg_attr(any(unix, windows),\n    allow (unused))]"),
            1
        );
        assert_eq!(found("#[expect(dead_code, reason = \"allow(x)\")]"), 0);
        assert_eq!(found("// #[allow(dead_code)]\nfn allow() { allow(1); }"), 0);
        assert_eq!(found("let x = [allow(1)];"), 0);
    }
}
