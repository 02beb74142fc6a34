//! Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath`.
//!
//! Implements the package-url specification, PURL-SPECIFICATION.rst and the type definitions that
//! change how a name is written (<https://github.com/package-url/purl-spec>). One deviation: names
//! of Go modules keep their case, because modules that differ in case alone are different modules.

mod types;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde::Serializer;

use crate::package_url::types::Namespace;
use crate::package_url::types::TypeRules;

/// Longest package URL that is read.
const MAX_LENGTH: usize = 16 * 1024;

/// A package URL in canonical form.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PackageUrl {
    kind: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    /// Sorted by key; no value is empty.
    qualifiers: Vec<(String, String)>,
    subpath: Option<String>,
}

impl PackageUrl {
    /// Makes one from a type and a name, without version, namespace, qualifiers and subpath.
    ///
    /// # Errors
    /// When the type or the name is not one.
    pub fn new(kind: &str, name: &str) -> Result<Self, InvalidPackageUrl> {
        Self::from_parts(Parts {
            kind,
            name,
            ..Parts::default()
        })
    }

    /// Makes one from its parts, which are not percent-encoded, and puts it into canonical form.
    ///
    /// # Errors
    /// When a part is missing or holds what its type does not allow.
    pub fn from_parts(parts: Parts<'_>) -> Result<Self, InvalidPackageUrl> {
        let kind = parts.kind.to_ascii_lowercase();
        let mut kind_bytes = kind.bytes();
        let kind_is_valid = kind_bytes
            .next()
            .is_some_and(|byte| byte.is_ascii_lowercase())
            && kind_bytes.all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte));
        if !kind_is_valid {
            return Err(InvalidPackageUrl::Type(parts.kind.to_owned()));
        }
        let rules = TypeRules::of(&kind);

        let namespace = segments(parts.namespace.unwrap_or_default(), false);
        let namespace = rules.namespace_case.apply(namespace);
        match (rules.namespace, namespace.is_empty()) {
            (Namespace::Required, true) => return Err(InvalidPackageUrl::NoNamespace(kind)),
            (Namespace::Forbidden, false) => return Err(InvalidPackageUrl::Namespace(kind)),
            _ => {}
        }

        let name = parts.name.trim_matches('/');
        let version = parts.version.filter(|version| !version.is_empty());
        let mut qualifiers = Vec::with_capacity(parts.qualifiers.len());
        for (key, value) in parts.qualifiers {
            let mut bytes = key.bytes();
            let is_valid = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
                && bytes.all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte)
                });
            if !is_valid {
                return Err(InvalidPackageUrl::QualifierKey((*key).to_owned()));
            }
            if !value.is_empty() {
                qualifiers.push(((*key).to_owned(), (*value).to_owned()));
            }
        }
        qualifiers.sort();
        if qualifiers.windows(2).any(|pair| match pair {
            [(first, _), (second, _)] => first == second,
            _ => false,
        }) {
            return Err(InvalidPackageUrl::QualifierTwice);
        }
        let subpath = segments(parts.subpath.unwrap_or_default(), true);

        let name = rules.name(name, &qualifiers);
        let version = version.map(|version| rules.version_case.apply(version.to_owned()));
        if name.is_empty() || !rules.accepts(&name, version.as_deref(), &qualifiers) {
            return Err(InvalidPackageUrl::Name(name));
        }
        Ok(Self {
            kind,
            namespace: Some(namespace).filter(|namespace| !namespace.is_empty()),
            name,
            version,
            qualifiers,
            subpath: Some(subpath).filter(|subpath| !subpath.is_empty()),
        })
    }

    /// Reads one that somebody else wrote, forgiving what has only one meaning: upper-case
    /// qualifier keys.
    ///
    /// # Errors
    /// When it is none even so.
    pub fn parse_lenient(text: &str) -> Result<Self, InvalidPackageUrl> {
        Self::parse(text, Keys::AnyCase)
    }

    /// The type, such as `deb` or `npm`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The namespace, such as a distribution or an npm scope with its `@`.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The qualifiers, sorted by key.
    pub fn qualifiers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.qualifiers
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The path inside the package.
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    fn parse(text: &str, keys: Keys) -> Result<Self, InvalidPackageUrl> {
        if text.len() > MAX_LENGTH {
            return Err(InvalidPackageUrl::TooLong);
        }
        let rest = text
            .get(..4)
            .filter(|scheme| scheme.eq_ignore_ascii_case("pkg:"))
            .and_then(|_| text.get(4..))
            .ok_or(InvalidPackageUrl::Scheme)?;
        let (rest, subpath) = match rest.split_once('#') {
            Some((rest, subpath)) => (rest, Some(decode_segments(subpath)?)),
            None => (rest, None),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut qualifiers = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| InvalidPackageUrl::QualifierKey(pair.to_owned()))?;
            let key = match keys {
                Keys::AnyCase => key.to_ascii_lowercase(),
                Keys::LowerCase => key.to_owned(),
            };
            qualifiers.push((key, decode(value)?));
        }
        let rest = rest.trim_matches('/');
        let (kind, path) = rest.split_once('/').ok_or(InvalidPackageUrl::NoName)?;
        // An at sign before the last slash belongs to a scope that somebody forgot to encode.
        let slash = path.rfind('/').map_or(0, |slash| slash + 1);
        let version_mark = path
            .get(slash..)
            .and_then(|last| last.rfind('@'))
            .map(|at| slash + at);
        let (path, version) = match version_mark.and_then(|at| path.split_at_checked(at)) {
            Some((path, version)) => (path, decode(version.get(1..).unwrap_or_default())?),
            None => (path, String::new()),
        };
        let rules = TypeRules::of(&kind.to_ascii_lowercase());
        let (namespace, name) = match rules.split(path) {
            Some((namespace, name)) => (decode_segments(namespace)?, name),
            None => (String::new(), path),
        };
        let qualifiers: Vec<_> = qualifiers
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        Self::from_parts(Parts {
            kind,
            namespace: Some(&namespace),
            name: &decode(name)?,
            version: Some(&version),
            qualifiers: &qualifiers,
            subpath: subpath.as_deref(),
        })
    }
}

/// The parts of a package URL, none of them percent-encoded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts<'a> {
    /// The type.
    pub kind: &'a str,
    /// Segments joined by slashes.
    pub namespace: Option<&'a str>,
    /// The name.
    pub name: &'a str,
    /// The version.
    pub version: Option<&'a str>,
    /// Keys and values in any order; those with an empty value are dropped.
    pub qualifiers: &'a [(&'a str, &'a str)],
    /// Segments joined by slashes.
    pub subpath: Option<&'a str>,
}

impl fmt::Display for PackageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = |text| Encoded { text, keep: "" };
        write!(f, "pkg:{}", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(
                f,
                "/{}",
                Encoded {
                    text: namespace,
                    keep: "/"
                }
            )?;
        }
        let keep = TypeRules::of(&self.kind).kept_in_names();
        write!(
            f,
            "/{}",
            Encoded {
                text: &self.name,
                keep
            }
        )?;
        if let Some(version) = &self.version {
            write!(f, "@{}", encoded(version))?;
        }
        for (index, (key, value)) in self.qualifiers.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{key}={}", encoded(value))?;
        }
        if let Some(subpath) = &self.subpath {
            write!(
                f,
                "#{}",
                Encoded {
                    text: subpath,
                    keep: "/"
                }
            )?;
        }
        Ok(())
    }
}

impl FromStr for PackageUrl {
    type Err = InvalidPackageUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPackageUrl> {
        Self::parse(text, Keys::LowerCase)
    }
}

impl Serialize for PackageUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why some text is no package URL.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPackageUrl {
    /// A percent sign without two hexadecimal digits, or bytes that are no UTF-8.
    #[error("package URL holds {0:?}, which is not percent-encoded UTF-8")]
    Encoding(String),
    /// The name, or the version or a qualifier that the type wants with it.
    #[error("package URL has the name {0:?}, which its type does not allow")]
    Name(String),
    /// The type has no namespaces.
    #[error("package URL has a namespace, which type {0:?} does not have")]
    Namespace(String),
    /// No name at all.
    #[error("package URL has no name, wanted the form pkg:type/name")]
    NoName,
    /// The type has namespaces.
    #[error("package URL has no namespace, which type {0:?} wants")]
    NoNamespace(String),
    /// A qualifier that has no proper key.
    #[error("package URL has the qualifier {0:?}, wanted a lower-case key and a value")]
    QualifierKey(String),
    /// A qualifier key twice.
    #[error("package URL has a qualifier twice")]
    QualifierTwice,
    /// Another scheme.
    #[error("package URL does not start with \"pkg:\"")]
    Scheme,
    /// Longer than any real one.
    #[error("package URL is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// Not a type.
    #[error("package URL has the type {0:?}, wanted letters, digits, '.', '+' or '-'")]
    Type(String),
}

#[derive(Clone, Copy)]
enum Keys {
    AnyCase,
    LowerCase,
}

/// Text written percent-encoded, but for unreserved characters, colons and those in `keep`.
struct Encoded<'a> {
    text: &'a str,
    keep: &'static str,
}

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || b"-._~:".contains(&byte)
                || self.keep.as_bytes().contains(&byte)
        };
        let mut rest = self.text;
        while !rest.is_empty() {
            let run = rest.bytes().take_while(|byte| plain(*byte)).count();
            let (clean, tail) = rest.split_at_checked(run).unwrap_or((rest, ""));
            f.write_str(clean)?;
            let Some(character) = tail.chars().next() else {
                break;
            };
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                write!(f, "%{byte:02X}")?;
            }
            rest = tail.get(character.len_utf8()..).unwrap_or_default();
        }
        Ok(())
    }
}

fn decode(text: &str) -> Result<String, InvalidPackageUrl> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let invalid = || InvalidPackageUrl::Encoding(text.to_owned());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let (high, low) = match rest {
            [high, low, tail @ ..] => {
                rest = tail;
                (digit(high), digit(low))
            }
            _ => return Err(invalid()),
        };
        let value = high.zip(low).map(|(high, low)| high * 16 + low);
        bytes.push(
            value
                .and_then(|value| u8::try_from(value).ok())
                .ok_or_else(invalid)?,
        );
    }
    String::from_utf8(bytes).map_err(|_| invalid())
}

fn decode_segments(text: &str) -> Result<String, InvalidPackageUrl> {
    let mut segments = Vec::new();
    for segment in text.split('/').filter(|segment| !segment.is_empty()) {
        segments.push(decode(segment)?);
    }
    Ok(segments.join("/"))
}

/// Drops empty segments, and in a subpath those that lead nowhere.
fn segments(text: &str, is_subpath: bool) -> String {
    let leads_nowhere =
        |segment: &str| segment.is_empty() || (is_subpath && matches!(segment, "." | ".."));
    let segments: Vec<_> = text
        .split('/')
        .filter(|segment| !leads_nowhere(segment))
        .collect();
    segments.join("/")
}

#[cfg(test)]
mod tests;
