//! Path patterns of delegations: shell wildcards that stay within one path segment (section 4.5,
//! PATHPATTERN; glob(7)).
//!
//! `*` is any number of characters, `?` one, `[a-z]` one of a set and `[!a-z]` one outside it. A
//! bracket that is never closed stands for itself. Nothing is special about leading dots.

/// Whether `path` matches `pattern`: segment by segment, as many of the one as of the other.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let mut patterns = pattern.split('/');
    let mut segments = path.split('/');
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment)) if segment_matches(pattern, segment) => {}
            _ => return false,
        }
    }
}

/// On a mismatch it is enough to let the last `*` take one character more: linear in the lengths'
/// product.
fn segment_matches(pattern: &str, segment: &str) -> bool {
    let (mut pattern, mut segment) = (pattern, segment);
    let mut retry = None;
    loop {
        if let Some(after_star) = pattern.strip_prefix('*') {
            retry = Some((after_star, segment));
            pattern = after_star;
            continue;
        }
        let mut rest = segment.chars();
        match (Token::next(pattern), rest.next()) {
            (None, None) => return true,
            (Some((token, after)), Some(character)) if token.takes(character) => {
                (pattern, segment) = (after, rest.as_str());
            }
            _ => {
                let Some((after_star, from)) = retry else {
                    return false;
                };
                let mut longer = from.chars();
                if longer.next().is_none() {
                    return false;
                }
                retry = Some((after_star, longer.as_str()));
                (pattern, segment) = (after_star, longer.as_str());
            }
        }
    }
}

/// What takes exactly one character.
enum Token<'a> {
    Any,
    Literal(char),
    Set { negated: bool, members: &'a str },
}

impl<'a> Token<'a> {
    /// The first token and what follows it.
    fn next(pattern: &'a str) -> Option<(Self, &'a str)> {
        let mut rest = pattern.chars();
        let first = rest.next()?;
        let rest = rest.as_str();
        Some(match first {
            '?' => (Self::Any, rest),
            '[' => Self::set(rest).unwrap_or((Self::Literal('['), rest)),
            other => (Self::Literal(other), rest),
        })
    }

    /// A set, after its opening bracket. A closing one that comes first is a member.
    fn set(rest: &'a str) -> Option<(Self, &'a str)> {
        let (negated, body) = match rest.strip_prefix('!') {
            Some(body) => (true, body),
            None => (false, rest),
        };
        let first = body.chars().next()?.len_utf8();
        let end = first + body.get(first..)?.find(']')?;
        let set = Self::Set {
            negated,
            members: body.get(..end)?,
        };
        Some((set, body.get(end + 1..)?))
    }

    fn takes(&self, character: char) -> bool {
        match self {
            Self::Any => true,
            Self::Literal(literal) => *literal == character,
            Self::Set { negated, members } => *negated != is_member(members, character),
        }
    }
}

fn is_member(members: &str, character: char) -> bool {
    let mut rest = members.chars();
    while let Some(low) = rest.next() {
        let mut ahead = rest.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(high)) => {
                if (low..=high).contains(&character) {
                    return true;
                }
                rest = ahead;
            }
            _ if low == character => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_within_a_segment() {
        for (pattern, path) in [
            ("targets/*.tgz", "targets/foo.tgz"),
            ("foo-version-?.tgz", "foo-version-2.tgz"),
            ("foo-version-?.tgz", "foo-version-a.tgz"),
            ("*.tgz", "bar.tgz"),
            ("foo.tgz", "foo.tgz"),
            ("*", ""),
            ("*", ".hidden"),
            ("*/*", "a/b"),
            ("a*b*c", "a-b-b-c"),
            ("*a", "aaa"),
            ("**", "x"),
            ("?", "é"),
            ("/x", "/x"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("targets/*.tgz", "targets/foo.txt"),
            ("foo-version-?.tgz", "foo-version-alpha.tgz"),
            ("*.tgz", "targets/foo.tgz"),
            ("foo.tgz", "foo.tgzx"),
            ("foo.tgz", "FOO.tgz"),
            ("*", "a/b"),
            ("*/*", "a"),
            ("**", "a/b"),
            ("?", ""),
            ("?", "/"),
            ("a?b", "a/b"),
            ("a[/]b", "a/b"),
            ("", "a"),
            ("a", ""),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn brackets_choose_one_character() {
        for (pattern, path) in [
            ("[abc]x", "bx"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[]]", "]"),
            ("[!]]", "a"),
            ("[a-]", "-"),
            ("[0-9a-f]*", "f00"),
            ("[", "["),
            ("a[b", "a[b"),
            ("[]", "[]"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("[abc]", "d"),
            ("[a-c]", "-"),
            ("[!a-c]", "b"),
            ("[c-a]", "b"),
            ("[a]", "[a]"),
            ("[!]]", "]"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn many_stars_take_little_time() {
        let pattern = "*a".repeat(1000);
        assert!(!matches(&pattern, &"a".repeat(999)));
        assert!(matches(&pattern, &"a".repeat(5000)));
    }
}
