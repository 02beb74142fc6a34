//! Just enough of Rust's grammar to tell code from comments, literals and tests.

/// The text with comments and literals replaced by spaces; every byte after them stays in place.
pub(crate) fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let literal = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if first == '"' {
            string(rest, 1)
        } else if let Some(length) = raw_string(&out, rest) {
            length
        } else if first == '\'' {
            character(rest)
        } else {
            0
        };
        let length = literal.max(first.len_utf8()).min(rest.len());
        let (piece, after) = rest.split_at(length);
        if literal > 0 {
            for c in piece.chars() {
                let blank = if c == '\n' { "\n" } else { " " };
                out.push_str(&blank.repeat(c.len_utf8()));
            }
        } else {
            out.push_str(piece);
        }
        rest = after;
    }
    out
}

/// The part of a file before its tests: everything up to a `#[cfg(test)]` that opens a module.
pub(crate) fn without_tests(text: &str) -> &str {
    let mut offset = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().map_or("", |next| next.trim_start());
        if line.trim() == "#[cfg(test)]" && next.starts_with("mod ") && next.contains('{') {
            return text.get(..offset).unwrap_or(text);
        }
        offset += line.len();
    }
    text
}

/// Whether a file holds nothing but tests and what they need.
pub(crate) fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.contains("/benches/")
}

/// The number of the line an offset stands in, from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    before.matches('\n').count() + 1
}

/// Offsets where a word stands that is no part of a longer one.
pub(crate) fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = text.get(..*at).and_then(|text| text.chars().next_back());
            let after = text
                .get(at + word.len()..)
                .and_then(|text| text.chars().next());
            !before.is_some_and(part) && !after.is_some_and(part)
        })
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Length of a string literal whose content begins at `start`.
fn string(text: &str, start: usize) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < start) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length of a raw string literal (`r"…"`, `br#"…"#`), if one begins here.
fn raw_string(before: &str, text: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    if before.chars().next_back().is_some_and(part) {
        return None;
    }
    let rest = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let opened = rest.trim_start_matches('#');
    let hashes = rest.len() - opened.len();
    let content = opened.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let opening = text.len() - content.len();
    Some(
        content
            .find(&end)
            .map_or(text.len(), |at| opening + at + end.len()),
    )
}

/// Length of a character literal; 0 for the quote of a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            characters.next();
            characters
                .find(|(_, c)| *c == '\'')
                .map_or(0, |(at, _)| at + 1)
        }
        Some(_) => match characters.next() {
            Some((at, '\'')) => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_comments_and_literals_and_keeps_lines() {
        let check = |text: &str, wanted: &str| {
            assert_eq!(code_only(text), wanted, "{text}");
        };
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */\n*/ d", "a             \n   d");
        check(r#"f("x\"y", 'a', '\'', 'b)"#, r#"f(      ,    ,     , 'b)"#);
        check("let r = r#\"a\"b\"#;", "let r =         ;");
        check("for\"x\"", "for   ");
        check("\"open", "     ");
        check("&'a str", "&'a str");
        check("'ü' x", "     x");
    }

    #[test]
    fn cuts_tests_off() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(without_tests(text), "fn a() {}\n");
        let separate = "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}\n";
        assert_eq!(without_tests(separate), separate);
    }

    #[test]
    fn finds_whole_words() {
        let found: Vec<_> = words("unsafe unsafe_code x_unsafe (unsafe)", "unsafe").collect();
        assert_eq!(found, [0, 29]);
        assert_eq!(line_of("a\nb\nc", 4), 3);
    }
}
