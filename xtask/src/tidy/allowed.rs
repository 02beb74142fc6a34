//! Exceptions: xtask/tidy.allow, one a line, `RULE PATH: reason`.
//!
//! An exception without a reason is a finding, and so is one that excuses nothing.

use super::Finding;

pub(super) const FILE: &str = "xtask/tidy.allow";
const RULE: &str = "exception";

/// The exceptions, and what is wrong with the file itself.
#[derive(Debug)]
pub(super) struct Exceptions {
    entries: Vec<Entry>,
    findings: Vec<Finding>,
}

#[derive(Debug)]
struct Entry {
    line: usize,
    rule: String,
    path: String,
}

impl Exceptions {
    pub(super) fn parse(text: &str) -> Self {
        let mut entries = Vec::new();
        let mut findings = Vec::new();
        for (index, content) in text.lines().enumerate() {
            let line = index + 1;
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let parsed = content.split_once(": ").and_then(|(what, reason)| {
                let (rule, path) = what.split_once(' ')?;
                (!reason.trim().is_empty()).then_some((rule, path))
            });
            match parsed {
                Some((rule, path)) => entries.push(Entry {
                    line,
                    rule: rule.to_owned(),
                    path: path.trim().to_owned(),
                }),
                None => findings.push(Finding::new(RULE, FILE, line, "wanted `RULE PATH: reason`")),
            }
        }
        Self { entries, findings }
    }

    /// Takes away what is excused and adds what is wrong with the excuses.
    pub(super) fn apply(mut self, findings: Vec<Finding>) -> Vec<Finding> {
        let excuses = |entry: &Entry, finding: &Finding| {
            entry.rule == finding.rule && entry.path == finding.path
        };
        for entry in &self.entries {
            if !findings.iter().any(|finding| excuses(entry, finding)) {
                let text = format!("{} {} excuses nothing: remove it", entry.rule, entry.path);
                self.findings
                    .push(Finding::new(RULE, FILE, entry.line, text));
            }
        }
        let entries = &self.entries;
        let mut kept: Vec<_> = findings
            .into_iter()
            .filter(|finding| !entries.iter().any(|entry| excuses(entry, finding)))
            .collect();
        kept.append(&mut self.findings);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(text: &str) -> Vec<String> {
        let findings = vec![
            Finding::new("size", "a.rs", 1, "too long"),
            Finding::new("size", "b.rs", 1, "too long"),
        ];
        Exceptions::parse(text)
            .apply(findings)
            .iter()
            .map(Finding::to_string)
            .collect()
    }

    #[test]
    fn excuses_the_rule_and_path_it_names_and_no_other() {
        assert_eq!(
            apply("# comment\n\nsize a.rs: one table\n"),
            ["b.rs:1: size: too long"]
        );
        assert_eq!(apply("names a.rs: x").len(), 3);
    }

    #[test]
    fn wants_a_reason_and_a_use() {
        for unreasoned in ["size a.rs", "size a.rs:", "size: x"] {
            let found = apply(unreasoned);
            assert_eq!(found.len(), 3, "{found:?}");
            assert!(found[2].contains("wanted `RULE PATH: reason`"));
        }
        let unused = apply("size c.rs: gone");
        assert!(unused[2].contains("excuses nothing"), "{unused:?}");
    }
}
