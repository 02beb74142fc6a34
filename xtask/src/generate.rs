//! Generated pages: docs/reference/codes.md from the code pages, docs/reference/cli.md from the
//! binary's own help, docs/guide/coming-from-cosign.md from its table of cosign's flags.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::Outcome;
use crate::tidy;

mod command_line;

pub(crate) use self::command_line::executable;

/// Writes all pages.
pub(crate) fn write(root: &Path) -> anyhow::Result<Outcome> {
    for (path, text) in pages(root)? {
        let target = root.join(path);
        if fs::read_to_string(&target).ok().as_deref() != Some(&text) {
            fs::write(&target, text).with_context(|| path.to_owned())?;
            println!("wrote {path}");
        }
    }
    Ok(Outcome::Good)
}

/// Says which pages are not what they would be.
pub(crate) fn check(root: &Path) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::Good;
    for (path, text) in pages(root)? {
        let found = fs::read_to_string(root.join(path)).unwrap_or_default();
        if found != text {
            let line = found
                .lines()
                .zip(text.lines())
                .position(|(found, wanted)| found != wanted)
                .unwrap_or_else(|| found.lines().count().min(text.lines().count()));
            println!("{path}:{}: differs: run cargo xtask gen", line + 1);
            outcome = Outcome::Bad;
        }
    }
    Ok(outcome)
}

fn pages(root: &Path) -> anyhow::Result<Vec<(&'static str, String)>> {
    let binary = command_line::build(root)?;
    Ok(vec![
        ("docs/reference/codes.md", codes(&code_pages(root)?)),
        ("docs/reference/cli.md", command_line::page(&binary)?),
        (
            "docs/guide/coming-from-cosign.md",
            command_line::printed(&binary, &["compat", "cosign-guide"])?,
        ),
    ])
}

/// Codes with their pages, in order.
fn code_pages(root: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(root.join("docs/codes")).context("docs/codes")? {
        let path = entry?.path();
        let Some(code) = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_suffix(".md"))
        else {
            continue;
        };
        pages.push((code.to_owned(), fs::read_to_string(&path)?));
    }
    pages.sort();
    Ok(pages)
}

fn codes(pages: &[(String, String)]) -> String {
    let mut out = String::from(
        "<!-- Written by cargo xtask gen. -->\n# All codes\n\nEvery error and every rejection has a \
         code. `sealwright explain CODE` prints its page.\n\n| code | what was found |\n|---|---|\n",
    );
    for (code, page) in pages {
        let sentence = tidy::first_sentence(page)
            .replace('\n', " ")
            .replace('|', "\\|");
        let _ = writeln!(out, "| [`{code}`](../codes/{code}.md) | {sentence} |");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_codes_with_their_first_sentence() {
        let page = "# a.b\n\n## What was found\n\nOne | two\nlines. More.\n".to_owned();
        let text = codes(&[("a.b".to_owned(), page)]);
        let last = text.lines().last().unwrap();
        assert_eq!(last, "| [`a.b`](../codes/a.b.md) | One \\| two lines. |");
    }
}
