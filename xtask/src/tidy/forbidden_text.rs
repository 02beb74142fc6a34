//! What must not stand in the repository: host names of package registries (builds go through the
//! configured ones) and paths of the machines it was written on.

use super::Finding;
use crate::sources::Source;

const RULE: &str = "text";

/// In two parts, or this file would break its own rule.
const HOSTS: &[(&str, &str)] = &[
    ("crates", ".io"),
    ("deb.debian", ".org"),
    ("files.pythonhosted", ".org"),
    ("npmjs", ".com"),
    ("proxy.golang", ".org"),
    ("pypi", ".org"),
    ("registry.npmjs", ".org"),
    ("registry.yarnpkg", ".com"),
    ("rubygems", ".org"),
    ("security.debian", ".org"),
    ("sum.golang", ".org"),
];

const MACHINE_PATHS: &[(&str, &str)] = &[("/wo", "rk/"), ("/fa", "rm/")];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let forbidden: Vec<(String, &str)> = HOSTS
        .iter()
        .map(|(a, b)| (format!("{a}{b}"), "names a package registry"))
        .chain(
            MACHINE_PATHS
                .iter()
                .map(|(a, b)| (format!("{a}{b}"), "is a path of some machine")),
        )
        .collect();
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| !is_lock(&source.path)) {
        for (index, line) in source.text.lines().enumerate() {
            for (word, why) in &forbidden {
                if holds(line, word) {
                    let text = format!("{word:?} {why}");
                    findings.push(Finding::new(RULE, &source.path, index + 1, text));
                }
            }
        }
    }
    findings
}

/// Lockfiles name registries by nature; their tools write them.
fn is_lock(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "Cargo.lock" | "package-lock.json")
}

/// A host name counts where no letter goes on before or after it; a path where nothing stands before.
fn holds(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line
            .get(at + word.len()..)
            .and_then(|text| text.chars().next());
        if word.starts_with('/') {
            !before.is_some_and(|c| part(c) || matches!(c, '.' | '_' | '}' | ')'))
        } else {
            !before.is_some_and(part) && !after.is_some_and(part)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&[Source::new(path, text)]).len()
    }

    #[test]
    fn finds_every_registry_host() {
        for (a, b) in HOSTS {
            let host = format!("{a}{b}");
            assert_eq!(found("a.md", &format!("see https://{host}/x")), 1, "{host}");
            assert_eq!(found("a.md", &format!("x{host}")), 0, "{host}");
            assert_eq!(found("a/Cargo.lock", &host), 0);
        }
        let sub = format!("https://index.{}{}/x", "crates", ".io");
        assert_eq!(found("a.md", &sub), 1);
    }

    #[test]
    fn finds_absolute_paths_of_machines_only() {
        for (a, b) in MACHINE_PATHS {
            let path = format!("{a}{b}");
            assert_eq!(found("a.sh", &format!("cd {path}main")), 1);
            assert_eq!(found("a.sh", &format!("cd \"{path}main\"")), 1);
            assert_eq!(found("a.sh", &format!("cd net{path}main")), 0);
            assert_eq!(found("a.sh", &format!("cd ../interop/.{path}x")), 0);
            assert_eq!(found("a.sh", &format!("cd ${{ROOT}}{path}x")), 0);
        }
    }

    #[test]
    fn says_the_line() {
        let text = format!("a\nb {}{}\n", "pypi", ".org");
        let findings = check(&[Source::new("a.md", &text)]);
        assert_eq!(findings[0].line, 2);
    }
}
