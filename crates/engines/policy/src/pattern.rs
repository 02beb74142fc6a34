//! Regular expressions as Go reads them (RE2), matched anywhere in a text.
//!
//! Go and this program's matcher share nearly all of their syntax. What one of them reads otherwise,
//! or not at all, is refused, so that a pattern that is taken means the same to both.

use regex::bytes::Regex;
use regex::bytes::RegexBuilder;

/// Stands for any one character beyond ASCII: no pattern that is taken can tell two of them apart.
const BEYOND_ASCII: u8 = 0xff;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern; the error says in words what is wrong with it.
    pub(crate) fn compile(pattern: &str) -> Result<Self, String> {
        if let Some(construct) = foreign(pattern) {
            return Err(format!(
                "the regular expression {pattern:?} has {construct}"
            ));
        }
        RegexBuilder::new(pattern)
            .unicode(false)
            .size_limit(1 << 20)
            .build()
            .map(Self)
            .map_err(|_| format!("{pattern:?} is no regular expression"))
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        if text.is_ascii() {
            return self.0.is_match(text.as_bytes());
        }
        let bytes: Vec<u8> = text
            .chars()
            .map(|c| match u8::try_from(c) {
                Ok(byte) if byte.is_ascii() => byte,
                _ => BEYOND_ASCII,
            })
            .collect();
        self.0.is_match(&bytes)
    }
}

/// What the two matchers do not read alike.
fn foreign(pattern: &str) -> Option<&'static str> {
    if !pattern.is_ascii() {
        return Some("characters beyond ASCII");
    }
    let bytes = pattern.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut in_class = false;
    let mut repeated = false;
    let mut index = 0;
    while index < bytes.len() {
        let (byte, next) = (at(index), at(index + 1));
        let repeats = !in_class && matches!(byte, b'*' | b'+' | b'?' | b'{');
        if repeats && repeated && byte != b'?' {
            return Some("a repetition of a repetition");
        }
        // Once more a question mark means that as little as possible is taken.
        let group = byte == b'?' && index.checked_sub(1).map(at) == Some(b'(');
        let ends = !in_class && byte == b'}';
        if repeats && repeated && matches!(next, b'*' | b'+' | b'?' | b'{') {
            return Some("a repetition of a repetition");
        }
        repeated = (repeats && byte != b'{' && !group) || ends;
        match byte {
            b'\\' => {
                let known = match next {
                    b'd' | b'D' | b'w' | b'W' | b's' | b'S' => true,
                    b'a' | b'f' | b'n' | b'r' | b't' | b'v' => true,
                    b'b' => !in_class && at(index + 2) != b'{',
                    b'A' | b'z' | b'B' => !in_class,
                    _ => next.is_ascii_punctuation() && next != b'<' && next != b'>',
                };
                if !known {
                    return Some("an escape that is not read everywhere alike");
                }
                index += 1;
            }
            b'[' if in_class && next == b':' => {
                // A named class such as [:alpha:].
                let Some(end) = pattern.get(index..).and_then(|rest| rest.find(":]")) else {
                    return Some("a class that does not end");
                };
                index += end + 1;
            }
            b'[' if in_class => return Some("a class within a class"),
            b'[' => {
                in_class = true;
                // The first bracket of a class, or of a negated one, is a member.
                if next == b'^' {
                    index += 1;
                }
                if at(index + 1) == b']' {
                    index += 1;
                }
            }
            b']' => in_class = false,
            b'&' | b'-' | b'~' if in_class && next == byte => {
                return Some("an operation on classes");
            }
            b'{' if !in_class && next == b',' => return Some("a repetition without a least count"),
            b'(' if !in_class && next == b'?' => {
                let rest = pattern.get(index + 2..).unwrap_or_default();
                let plain = rest.starts_with(':') || rest.starts_with("P<");
                let flags = rest
                    .find([':', ')'])
                    .and_then(|end| rest.get(..end))
                    .is_some_and(|flags| {
                        !flags.is_empty() && flags.bytes().all(|flag| b"sm-".contains(&flag))
                    });
                if !plain && !flags {
                    return Some("a group or flag that is not read everywhere alike");
                }
            }
            _ => {}
        }
        index += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, wanted: bool) {
        let pattern = Pattern::compile(pattern).unwrap();
        assert_eq!(pattern.is_match(text), wanted);
    }

    #[test]
    fn matches_anywhere_unless_anchored() {
        check("b", "abc", true);
        check("^b", "abc", false);
        check("^a.c$", "abc", true);
        check(r"^\d+\.\d+$", "1.25", true);
        check(r"^[^/]+/[a-z-]+$", "org/app-x", true);
        check("^[]a]+$", "a]", true);
        check(r"(?s)^a.b$", "a\nb", true);
        check("[[:alpha:]]+", "1a", true);
        check("^a+?b{1,2}?(?:c|d)?$", "aab", true);
    }

    #[test]
    fn counts_characters_and_not_bytes() {
        check("^.$", "\u{fc}", true);
        check(r"^\W$", "\u{fc}", true);
        check(r"^\w$", "\u{fc}", false);
    }

    #[test]
    fn refuses_what_go_reads_otherwise() {
        for pattern in [
            "\u{fc}",
            r"\x{41}",
            r"\pL",
            r"\Qa\E",
            "[a[b]]",
            "[a&&b]",
            "[a--b]",
            "[a~~b]",
            "a{,3}",
            "(?i)a",
            "(?x) a",
            "(?u:a)",
            "(?<n>a)",
            r"\b{start}a",
            r"\<a",
            r"\u0041",
            "(",
            "a**",
            "a*+",
            "a+{2}",
            "a{2}*",
            "a???",
            "[a",
        ] {
            assert!(Pattern::compile(pattern).is_err(), "{pattern}");
        }
    }
}
