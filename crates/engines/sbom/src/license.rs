//! What a package says its licence is.

/// A declared licence.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum License {
    /// An SPDX licence expression (SPDX 2.3, annex D) of known licences.
    Expression(String),
    /// Anything else, as it stands.
    Named(String),
}

/// Longest licence text that is kept.
const MAX_LENGTH: usize = 4096;

impl License {
    /// Takes the text of a licence field; `None` when it says nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("unknown") {
            return None;
        }
        let is_expression = text.len() <= MAX_LENGTH
            && text.is_ascii()
            && spdx::Expression::parse(text).is_ok_and(|expression| {
                expression
                    .requirements()
                    .all(|part| part.req.license.id().is_some())
            });
        if is_expression {
            return Some(Self::Expression(text.to_owned()));
        }
        let mut name: String = text.chars().take(MAX_LENGTH).collect();
        name.retain(|character| !character.is_control() || character == '\n');
        Some(Self::Named(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_expressions_from_names() {
        for text in [
            "MIT",
            "GPL-2.0-only AND (MIT OR Apache-2.0)",
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
        ] {
            assert_eq!(
                License::parse(text),
                Some(License::Expression(text.to_owned()))
            );
        }
        for text in ["BSD", "MIT/X11", "custom", "MIT OR", "LicenseRef-x"] {
            assert_eq!(License::parse(text), Some(License::Named(text.to_owned())));
        }
        assert_eq!(License::parse(" UNKNOWN "), None);
    }
}
