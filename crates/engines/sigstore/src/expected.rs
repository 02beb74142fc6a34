//! Who must have signed.

use std::fmt;

use regex::bytes::Regex;
use regex::bytes::RegexBuilder;
use sealwright_crypto::PublicKey;

use crate::Error;
use crate::ExtensionName;

/// Who must have signed.
#[derive(Clone, Debug)]
pub enum Expected {
    /// Whoever an issuer of identities says it was.
    Identity {
        /// The certificate's subject alternative name.
        identity: TextMatch,
        /// The issuer of the identity token.
        issuer: TextMatch,
        /// What else the certificate must say; of several about one name, all.
        claims: Vec<(ExtensionName, TextMatch)>,
    },
    /// The holder of a key.
    Key(PublicKey),
}

impl Expected {
    /// Exactly this identity, vouched for by exactly this issuer.
    pub fn exactly(identity: impl Into<String>, issuer: impl Into<String>) -> Self {
        Self::Identity {
            identity: TextMatch::Exact(identity.into()),
            issuer: TextMatch::Exact(issuer.into()),
            claims: Vec::new(),
        }
    }

    /// The same, and the certificate must also say this. A key says nothing, so of a key nothing
    /// more can be asked and this changes nothing: ask for an identity instead.
    #[must_use]
    pub fn claiming(mut self, name: ExtensionName, wanted: TextMatch) -> Self {
        if let Self::Identity { claims, .. } = &mut self {
            claims.push((name, wanted));
        }
        self
    }
}

/// Text that must be found.
#[derive(Clone, Debug)]
pub enum TextMatch {
    /// Nothing: what must not be there. No identity matches it; an issuer or a claim does when the
    /// certificate has no such extension, not even an empty one.
    Absent,
    /// Exactly this.
    Exact(String),
    /// Whatever a pattern covers, from its first to its last character unless it was made with
    /// [`TextMatch::pattern_anywhere`].
    Pattern(Pattern),
}

impl TextMatch {
    /// Compiles a pattern, anchored at both ends whether or not it says so.
    ///
    /// # Errors
    /// `pattern.invalid`.
    pub fn pattern(pattern: &str) -> Result<Self, Error> {
        // A pattern such as `a)|(b` would be two that are each anchored at one end only.
        compile(pattern, pattern)?;
        compile(pattern, &format!(r"\A(?:{pattern})\z"))
    }

    /// Compiles a pattern that may cover any part of the text, as cosign's do.
    ///
    /// WARNING: `https://example.com/` so also matches `https://evil.test/?https://example.com/`.
    /// Use [`TextMatch::pattern`] wherever cosign's command lines need not be kept.
    ///
    /// # Errors
    /// `pattern.invalid`.
    pub fn pattern_anywhere(pattern: &str) -> Result<Self, Error> {
        compile(pattern, pattern)
    }

    /// Whether `text` is what is wanted.
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Absent => false,
            Self::Exact(wanted) => wanted == text,
            Self::Pattern(pattern) => pattern.regex.is_match(text.as_bytes()),
        }
    }
}

impl TextMatch {
    /// Whether an extension says what is wanted.
    pub(crate) fn holds(&self, found: Option<&str>) -> bool {
        match (self, found) {
            (Self::Absent, None) => true,
            (_, found) => found.is_some_and(|text| self.matches(text)),
        }
    }
}

impl fmt::Display for TextMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("none"),
            Self::Exact(text) => write!(f, "{text:?}"),
            Self::Pattern(pattern) => write!(f, "a match of {:?}", pattern.source),
        }
    }
}

/// Compiles `expression`, which stands for the `pattern` that was given.
fn compile(pattern: &str, expression: &str) -> Result<TextMatch, Error> {
    // Bytes and ASCII classes: what `\w` covers does not depend on a table of Unicode.
    let regex = RegexBuilder::new(expression)
        .unicode(false)
        .size_limit(1 << 20)
        .build()
        .map_err(|source| Error::PatternInvalid {
            pattern: pattern.to_owned(),
            source: Box::new(source),
        })?;
    Ok(TextMatch::Pattern(Pattern {
        source: pattern.to_owned(),
        regex,
    }))
}

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

impl Pattern {
    /// The expression as it was given.
    pub fn as_str(&self) -> &str {
        &self.source
    }
}

#[cfg(test)]
mod tests {
    use sealwright_core::Diagnostic as _;

    use super::*;

    #[test]
    fn patterns_are_anchored_at_both_ends() {
        let pattern = TextMatch::pattern("https://example.com/.*").unwrap();
        assert!(pattern.matches("https://example.com/a"));
        assert!(!pattern.matches("xhttps://example.com/a"));
        let pattern = TextMatch::pattern("a|b").unwrap();
        assert!(pattern.matches("b"));
        assert!(!pattern.matches("ab"));
        assert!(!pattern.matches("b\n"));
    }

    #[test]
    fn patterns_for_anywhere_are_anchored_where_they_say() {
        let pattern = TextMatch::pattern_anywhere("example[.]com/").unwrap();
        assert!(pattern.matches("https://example.com/a"));
        assert!(!pattern.matches("https://example-com/a"));
        let pattern = TextMatch::pattern_anywhere("^https://example[.]com/a$").unwrap();
        assert!(pattern.matches("https://example.com/a"));
        assert!(!pattern.matches("https://example.com/a/b"));
        assert!(!pattern.matches("x\nhttps://example.com/a"));
        assert!(TextMatch::pattern_anywhere("(").is_err());
    }

    #[test]
    fn refuses_what_is_no_pattern() {
        for text in ["(", "a)|(b", "[z-a]", "a{1000}{1000}"] {
            let error = TextMatch::pattern(text).unwrap_err();
            assert_eq!(error.code().as_str(), "pattern.invalid", "{text}");
        }
    }
}
