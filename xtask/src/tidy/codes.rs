//! Every error code has a page in docs/codes/, and every page a code.

use std::collections::BTreeMap;

use super::Finding;
use crate::rust_text;
use crate::sources::Source;

const RULE: &str = "code";
const PAGES: &str = "docs/codes/";
const SECTIONS: &[&str] = &["## What was found", "## What was wanted", "## What to do"];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Where each code is first declared.
    let mut codes = BTreeMap::<String, (&str, usize, &str)>::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let Some(folder) = source.crate_folder() else {
            continue;
        };
        if rust_text::is_test_file(&source.path) {
            continue;
        }
        for (line, code) in declared(&source.text) {
            let finding = |text| Finding::new(RULE, &source.path, line, text);
            match code {
                Some(code) if !is_well_formed(&code) => {
                    findings.push(finding(format!(
                        "{code:?} is not of the form area.what-is-wrong"
                    )));
                }
                Some(code) => {
                    let (_, _, owner) =
                        *codes
                            .entry(code.clone())
                            .or_insert((&source.path, line, folder));
                    if owner != folder {
                        findings.push(finding(format!(
                            "{code} is declared in {owner} too: declare it once"
                        )));
                    }
                }
                None => findings.push(finding(
                    "a code is a literal, for this check to see it".into(),
                )),
            }
        }
    }
    let pages: BTreeMap<_, _> = sources.iter().filter_map(page).collect();
    for (code, (path, line, _)) in &codes {
        if !pages.contains_key(code.as_str()) {
            let text = format!("{code} has no page {PAGES}{code}.md");
            findings.push(Finding::new(RULE, path, *line, text));
        }
    }
    for (code, page) in &pages {
        if !codes.contains_key(*code) {
            let text = format!("no crate declares the code {code}");
            findings.push(Finding::new(RULE, &page.path, 1, text));
        }
        findings.extend(shape(code, page));
    }
    findings
}

/// The first sentence of a page's first section.
pub(crate) fn first_sentence(page: &str) -> &str {
    let section = page
        .split_once("## What was found")
        .map_or(page, |(_, section)| section)
        .trim_start();
    let paragraph = section.split("\n\n").next().unwrap_or(section);
    let end = paragraph
        .match_indices(['.', ':'])
        .map(|(at, _)| at + 1)
        .find(|end| {
            let after = paragraph.get(*end..).unwrap_or_default();
            after.is_empty() || after.starts_with(['\n', ' '])
        });
    paragraph
        .get(..end.unwrap_or(paragraph.len()))
        .unwrap_or(paragraph)
}

/// The code literals of a file with their lines; `None` where something else is given.
fn declared(text: &str) -> Vec<(usize, Option<String>)> {
    let text = rust_text::without_tests(text);
    let code = rust_text::code_only(text);
    code.match_indices("Code::new")
        .filter_map(|(at, found)| {
            let start = at + found.len();
            let argument = text.get(start..)?.trim_start().strip_prefix('(')?;
            let literal = argument
                .trim_start()
                .strip_prefix('"')
                .and_then(|rest| rest.split_once('"'))
                .map(|(literal, _)| literal.to_owned());
            Some((rust_text::line_of(text, at), literal))
        })
        .collect()
}

fn is_well_formed(code: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && !part.ends_with('-')
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    code.split_once('.')
        .is_some_and(|(area, what)| part(area) && part(what))
}

fn page(source: &Source) -> Option<(&str, &Source)> {
    let code = source.path.strip_prefix(PAGES)?.strip_suffix(".md")?;
    Some((code, source))
}

/// Heading and sections, none of them empty.
fn shape(code: &str, page: &Source) -> Vec<Finding> {
    let finding = |text| Finding::new(RULE, &page.path, 1, text);
    let mut findings = Vec::new();
    if page.text.lines().next() != Some(format!("# {code}").as_str()) {
        findings.push(finding(format!("the first line is not `# {code}`")));
    }
    for section in SECTIONS {
        let content = page
            .text
            .split_once(&format!("\n{section}\n"))
            .map(|(_, after)| after.split("\n## ").next().unwrap_or(after).trim());
        if content.is_none_or(str::is_empty) {
            findings.push(finding(format!("nothing below `{section}`")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "# a.b\n\n## What was found\n\nX.\n\n## What was wanted\n\nY.\n\n## What to do\n\nZ.\n";

    fn found(rust: &str, path: &str, page: &str) -> Vec<String> {
        let sources = [
            Source::new("crates/adapters/git/src/error.rs", rust),
            Source::new(path, page),
        ];
        check(&sources).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_code_and_its_page_belong_together() {
        let rust = "const A: Code = Code::new(\"a.b\");";
        assert!(found(rust, "docs/codes/a.b.md", PAGE).is_empty());
        assert!(found("Code::new(\n    \"a.b\",\n)", "docs/codes/a.b.md", PAGE).is_empty());
        let missing = found(rust, "README.md", "");
        assert_eq!(missing.len(), 1);
        assert!(missing[0].contains("has no page docs/codes/a.b.md"));
        let orphan = found("", "docs/codes/a.b.md", PAGE);
        assert!(orphan[0].contains("no crate declares"), "{orphan:?}");
    }

    #[test]
    fn codes_in_tests_comments_and_strings_do_not_count() {
        for rust in [
            "// Code::new(\"a.b\")",
            "#[cfg(test)]\nmod tests {\n Code::new(\"a.b\") }",
            "let x = r#\"Code::new(\"a.b\")\"#;",
        ] {
            assert!(found(rust, "README.md", "").is_empty(), "{rust}");
        }
    }

    #[test]
    fn a_code_has_the_right_form_and_one_owner() {
        for wrong in ["a", "A.b", "a.b.c", "a.b_c", "a.", ".b", "a.b-"] {
            assert_eq!(
                found(&format!("Code::new(\"{wrong}\")"), "README.md", "").len(),
                1
            );
        }
        assert_eq!(found("Code::new(name)", "README.md", "").len(), 1);
        let twice = [
            Source::new(
                "crates/adapters/git/src/a.rs",
                "Code::new(\"a.b\") Code::new(\"a.b\")",
            ),
            Source::new("crates/adapters/net/src/a.rs", "Code::new(\"a.b\")"),
            Source::new("docs/codes/a.b.md", PAGE),
        ];
        let findings = check(&twice);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].text.contains("is declared in adapters/git too"));
    }

    #[test]
    fn a_page_has_its_heading_and_sections() {
        let rust = "Code::new(\"a.b\")";
        for (from, to) in [
            ("# a.b", "# a.c"),
            ("## What was wanted", "## Wanted"),
            ("\nX.\n", "\n"),
            ("\nZ.\n", "\n"),
        ] {
            let changed = PAGE.replacen(from, to, 1);
            assert_eq!(
                found(rust, "docs/codes/a.b.md", &changed).len(),
                1,
                "{from}"
            );
        }
    }

    #[test]
    fn the_first_sentence_ends_at_its_end() {
        let page = |text| format!("# a.b\n\n## What was found\n\n{text}\n\n## What was wanted\n");
        assert_eq!(
            first_sentence(&page("A file `a.b` is.\nMore.")),
            "A file `a.b` is."
        );
        assert_eq!(first_sentence(&page("No end")), "No end");
    }
}
