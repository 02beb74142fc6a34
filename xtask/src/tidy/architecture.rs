//! ARCHITECTURE.md has a paragraph for every crate, below its floor's heading.

use super::Finding;
use crate::cargo::Package;

const RULE: &str = "architecture";
const FILE: &str = "ARCHITECTURE.md";

pub(super) fn check(packages: &[Package], architecture: &str) -> Vec<Finding> {
    packages
        .iter()
        .filter_map(|package| {
            let (floor, name) = package.folder.strip_prefix("crates/")?.split_once('/')?;
            let text = format!("no paragraph `- **`{name}`**: …` below the heading `{floor}`");
            (!has_paragraph(architecture, floor, name)).then(|| Finding::new(RULE, FILE, 1, text))
        })
        .collect()
}

fn has_paragraph(architecture: &str, floor: &str, name: &str) -> bool {
    let mut below = false;
    let start = format!("- **`{name}`**");
    architecture.lines().any(|line| {
        if line.starts_with('#') {
            below = line.trim_start_matches('#').trim() == floor;
        }
        let described = line.strip_prefix(&start).map(str::len);
        below && described.is_some_and(|length| length > 20)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wants_a_paragraph_below_the_right_heading() {
        let package = Package::new("crates/adapters/git", "sealwright-git");
        let found = |text: &str| check(std::slice::from_ref(&package), text).len();
        let paragraph = "- **`git`**: commit, branch and remote of a checkout.";
        assert_eq!(found(&format!("### adapters\n\n{paragraph}\n")), 0);
        assert_eq!(found(&format!("### engines\n\n{paragraph}\n")), 1);
        assert_eq!(found("### adapters\n\n- **`git`**:\n"), 1);
        assert_eq!(found(""), 1);
        let other = Package::new("xtask", "xtask");
        assert_eq!(check(&[other], "").len(), 0);
    }
}
