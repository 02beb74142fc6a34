//! What a registry asks for in `WWW-Authenticate` (RFC 9110, section 11.6.1; RFC 6750, section 3).

use http::HeaderMap;
use http::header;

/// How a registry wants to be convinced.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Challenge {
    /// User name and password with every request.
    Basic,
    /// A token from somewhere else.
    Bearer {
        /// Where tokens are given.
        realm: String,
        /// For whom.
        service: Option<String>,
        /// For what.
        scope: Option<String>,
    },
}

/// The first challenge that is understood; a token is preferred.
pub(super) fn read(headers: &HeaderMap) -> Option<Challenge> {
    let mut found = None;
    for value in headers.get_all(header::WWW_AUTHENTICATE) {
        for (scheme, parameters) in challenges(value.to_str().ok()?) {
            if scheme.eq_ignore_ascii_case("basic") {
                found.get_or_insert(Challenge::Basic);
            } else if scheme.eq_ignore_ascii_case("bearer") {
                let value = |wanted: &str| {
                    let mut parameters = parameters.iter();
                    let (_, value) =
                        parameters.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
                    Some(value.clone())
                };
                if let Some(realm) = value("realm") {
                    return Some(Challenge::Bearer {
                        realm,
                        service: value("service"),
                        scope: value("scope"),
                    });
                }
            }
        }
    }
    found
}

type Parameters = Vec<(String, String)>;

/// Cuts a header into schemes and their parameters. A comma separates both parameters and
/// challenges; a name followed by `=` is a parameter, any other starts a challenge.
fn challenges(text: &str) -> Vec<(String, Parameters)> {
    let mut found: Vec<(String, Parameters)> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return found;
        }
        match after.trim_start_matches([' ', '\t']).strip_prefix('=') {
            Some(after) => {
                let (value, after) = value(after.trim_start_matches([' ', '\t']));
                if let Some((_, parameters)) = found.last_mut() {
                    parameters.push((name.to_owned(), value));
                }
                rest = after;
            }
            None => {
                found.push((name.to_owned(), Vec::new()));
                rest = after;
            }
        }
    }
}

/// A token or a quoted string, and what follows.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    (value, characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], wanted: impl Into<Option<Challenge>>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::WWW_AUTHENTICATE, value.parse().unwrap());
        }
        assert_eq!(read(&headers), wanted.into(), "{values:?}");
    }

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Option<Challenge> {
        Some(Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
            scope: scope.map(str::to_owned),
        })
    }

    #[test]
    fn reads_what_registries_send() {
        check(&[r#"Basic realm="Registry Realm""#], Some(Challenge::Basic));
        check(&["basic"], Some(Challenge::Basic));
        check(
            &[r#"Bearer realm="https://a/token",service="reg:1",scope="repository:x/y:pull,push""#],
            bearer(
                "https://a/token",
                Some("reg:1"),
                Some("repository:x/y:pull,push"),
            ),
        );
        check(
            &[r#"BEARER Realm = "https://a/\"t", Service=reg"#],
            bearer("https://a/\"t", Some("reg"), None),
        );
        check(
            &[r#"Basic realm="x", Bearer realm="https://a""#],
            bearer("https://a", None, None),
        );
        check(
            &[r#"Basic realm="x""#, r#"Bearer realm="https://a""#],
            bearer("https://a", None, None),
        );
    }

    #[test]
    fn passes_over_what_it_does_not_know() {
        check(&[], None);
        check(&["Negotiate"], None);
        check(&[r#"Bearer service="x""#], None);
        check(&["realm=x"], None);
        check(
            &[r#"Negotiate abc==, Basic realm="x""#],
            Some(Challenge::Basic),
        );
    }

    #[test]
    fn ends_for_every_prefix() {
        let text = r#"Bearer realm="https://a/\"t",service="s" , Basic realm=x, =,,"\"#;
        for end in 0..=text.len() {
            let _ = challenges(text.get(..end).unwrap());
        }
    }
}
