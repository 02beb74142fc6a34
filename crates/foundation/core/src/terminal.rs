//! Making untrusted text safe to show on a terminal.
//!
//! Identities, file names, annotations and messages of remote servers are written by strangers: a
//! control sequence in them could repaint the screen, and a bidirectional override could make a
//! name read as another.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Replaces control characters, invisible formatting and bidirectional overrides by `\u{…}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_ordinary_text_alone() {
        assert!(matches!(escape("Grüße/読む.txt"), Cow::Borrowed(_)));
    }

    #[test]
    fn shows_control_sequences_as_text() {
        assert_eq!(escape("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\u{a}");
        assert_eq!(escape("x\u{202e}y"), "x\\u{202e}y");
    }
}
