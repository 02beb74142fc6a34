//! Identifiers that follow from content, so that the same content always has the same ones.

use sealwright_core::Digest;

/// Stands where the identifier goes while the content is hashed.
pub(crate) const PLACEHOLDER: &str = "00000000-0000-0000-0000-000000000000";

/// Puts an identifier derived from the whole document in the place of the first [`PLACEHOLDER`],
/// which the writer must have put before anything that comes from outside.
pub(crate) fn identify(mut document: Vec<u8>) -> Vec<u8> {
    let id = uuid(&Digest::sha256(&document));
    if let Some(at) = memchr::memmem::find(&document, PLACEHOLDER.as_bytes())
        && let Some(slot) = document.get_mut(at..at.saturating_add(id.len()))
    {
        slot.copy_from_slice(id.as_bytes());
    }
    document
}

/// A UUID of version 8, made of a digest (RFC 9562, section 5.8).
fn uuid(digest: &Digest) -> String {
    let mut hex: Vec<char> = digest.to_hex().chars().take(32).collect();
    if let Some(version) = hex.get_mut(12) {
        *version = '8';
    }
    if let Some(variant) = hex.get_mut(16) {
        let bits = variant.to_digit(16).unwrap_or(0) & 3;
        *variant = char::from_digit(bits + 8, 16).unwrap_or('8');
    }
    let mut out = String::with_capacity(PLACEHOLDER.len());
    for (index, digit) in hex.into_iter().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

/// Twelve hexadecimal digits that tell apart what has the same readable name.
pub(crate) fn fingerprint(text: &str) -> String {
    let mut hex = Digest::sha256(text.as_bytes()).to_hex();
    hex.truncate(12);
    hex
}

/// Whether both formats take this as a web address.
pub(crate) fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte);
        !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte))
            && rest.bytes().all(plain)
            && rest.matches('#').count() <= 1
            && rest.split('%').skip(1).all(|tail| {
                let mut digits = tail.bytes().take(2);
                let two = [digits.next(), digits.next()];
                two.iter()
                    .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_follow_from_content() {
        let document = |text: &str| format!("{PLACEHOLDER} {text} {PLACEHOLDER}").into_bytes();
        let first = identify(document("a"));
        assert_eq!(first, identify(document("a")));
        assert_ne!(first.get(..36), identify(document("b")).get(..36));
        assert_eq!(first.get(14..15), Some(&b"8"[..]));
        assert!(first.ends_with(PLACEHOLDER.as_bytes()));
    }

    #[test]
    fn takes_plain_web_addresses_only() {
        for (text, wanted) in [
            ("https://example.org/a?b=%20#c", true),
            ("https://example.org", true),
            ("https://", false),
            ("https://user@host/", false),
            ("https://example.org/a b", false),
            ("https://example.org/%zz", false),
            ("ftp://example.org", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_web_address(text), wanted, "{text}");
        }
    }
}
