//! Commands that work as pasted.

use std::path::Path;

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

/// Quotes a word for a POSIX shell when it needs it.
pub(crate) fn quote(word: &str) -> String {
    let plain = !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&b));
    if plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
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
}
