//! Commands that work as pasted.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use sealwright_core::terminal;

use crate::env;

/// How this program is called: by its bare name when that finds it on `PATH`, else as it was typed.
pub(crate) fn program() -> String {
    let typed = std::env::args().next().unwrap_or_default();
    let by_name = env::read(env::PATH).is_some_and(|path| {
        std::env::split_paths(&path)
            .any(|directory| same_file(&directory.join("sealwright"), Path::new(&typed)))
    });
    if by_name || typed.is_empty() {
        "sealwright".to_owned()
    } else {
        quote(&typed)
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Quotes a word for a POSIX shell when it needs it. What a terminal would act on is written by
/// number, which bash, zsh and POSIX shells since 2024 read.
pub(crate) fn quote(word: &str) -> String {
    let plain = !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&b));
    if plain {
        word.to_owned()
    } else if is_safe(word) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        let mut quoted = String::from("$'");
        for c in word.chars() {
            let mut buffer = [0; 4];
            let text = c.encode_utf8(&mut buffer);
            match c {
                '\'' | '\\' => {
                    quoted.push('\\');
                    quoted.push(c);
                }
                _ if is_safe(text) => quoted.push(c),
                _ => {
                    for byte in text.bytes() {
                        let _ = write!(quoted, "\\{byte:03o}");
                    }
                }
            }
        }
        quoted.push('\'');
        quoted
    }
}

fn is_safe(text: &str) -> bool {
    matches!(terminal::escape(text), Cow::Borrowed(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_a_shell_would_split_or_expand() {
        assert_eq!(quote("./a-b_c.tar.gz"), "./a-b_c.tar.gz");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quote(""), "''");
    }

    #[test]
    fn writes_by_number_what_a_terminal_would_act_on() {
        assert_eq!(quote("a\u{1b}[2J'b\\c"), r"$'a\033[2J\'b\\c'");
        assert_eq!(quote("x\u{202e}y\n"), r"$'x\342\200\256y\012'");
    }
}
