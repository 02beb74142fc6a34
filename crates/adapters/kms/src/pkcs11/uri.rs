//! URIs of keys in tokens (RFC 7512): those parts that name a private key, as cosign takes them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use zeroize::Zeroizing;

/// `pkcs11:token=…;object=…?module-path=…`
#[derive(Clone, Eq, PartialEq)]
pub struct Pkcs11Uri {
    pub(crate) token: Option<String>,
    pub(crate) slot: Option<u64>,
    pub(crate) object: Option<String>,
    pub(crate) id: Option<Vec<u8>>,
    /// The path of the maker's library.
    pub module: Option<String>,
    /// The PIN itself.
    pub pin: Option<Zeroizing<String>>,
    /// A file that holds it.
    pub pin_file: Option<PathBuf>,
    shown: String,
}

impl FromStr for Pkcs11Uri {
    type Err = InvalidPkcs11Uri;

    fn from_str(text: &str) -> Result<Self, InvalidPkcs11Uri> {
        let rest = text.strip_prefix("pkcs11:");
        let rest = rest.ok_or(InvalidPkcs11Uri("pkcs11:token=…;object=…"))?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self {
            token: None,
            slot: None,
            object: None,
            id: None,
            module: None,
            pin: None,
            pin_file: None,
            shown: format!("pkcs11:{path}"),
        };
        for (name, value) in attributes(path, ';')? {
            match name {
                "token" => once(&mut uri.token, in_utf8(value)?)?,
                "object" => once(&mut uri.object, in_utf8(value)?)?,
                "id" => once(&mut uri.id, value)?,
                "slot-id" => {
                    let number = in_utf8(value)?.parse();
                    let number = number.map_err(|_| InvalidPkcs11Uri("a number as slot-id"))?;
                    once(&mut uri.slot, number)?;
                }
                "type" if value == b"private" => {}
                // Whoever names more of a token or library than can be looked at here would be given
                // another one.
                _ => {
                    return Err(InvalidPkcs11Uri(
                        "token, slot-id, object, id and type=private before the question mark",
                    ));
                }
            }
        }
        for (name, value) in attributes(query, '&')? {
            match name {
                "module-path" => once(&mut uri.module, in_utf8(value)?)?,
                "pin-value" => once(&mut uri.pin, Zeroizing::new(in_utf8(value)?))?,
                "pin-source" => {
                    let source = in_utf8(value)?;
                    let path = source.strip_prefix("file://").unwrap_or(&source);
                    let path = path.strip_prefix("file:").unwrap_or(path);
                    if !path.starts_with('/') {
                        return Err(InvalidPkcs11Uri("the path of a file as pin-source"));
                    }
                    once(&mut uri.pin_file, PathBuf::from(path))?;
                }
                _ => {
                    return Err(InvalidPkcs11Uri(
                        "module-path, pin-value and pin-source after the question mark",
                    ));
                }
            }
        }
        match uri.object.is_some() || uri.id.is_some() {
            true => Ok(uri),
            false => Err(InvalidPkcs11Uri("object or id: which key it is")),
        }
    }
}

impl fmt::Display for Pkcs11Uri {
    /// Without what stands after the question mark, where the PIN may be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Pkcs11Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkcs11Uri({})", self.shown)
    }
}

/// Text that names no key in a token; says what was wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("wanted {0}")]
pub struct InvalidPkcs11Uri(pub &'static str);

fn attributes(part: &str, separator: char) -> Result<Vec<(&str, Vec<u8>)>, InvalidPkcs11Uri> {
    part.split(separator)
        .filter(|attribute| !attribute.is_empty())
        .map(|attribute| {
            let (name, value) = attribute
                .split_once('=')
                .ok_or(InvalidPkcs11Uri("NAME=VALUE in each part"))?;
            Ok((name, decode(value)?))
        })
        .collect()
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<(), InvalidPkcs11Uri> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(InvalidPkcs11Uri("each name once")),
    }
}

fn decode(text: &str) -> Result<Vec<u8>, InvalidPkcs11Uri> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        match (digit(), digit()) {
            (Some(high), Some(low)) => out.push(u8::try_from(high * 16 + low).unwrap_or_default()),
            _ => return Err(InvalidPkcs11Uri("two hexadecimal digits after each %")),
        }
    }
    Ok(out)
}

fn in_utf8(bytes: Vec<u8>) -> Result<String, InvalidPkcs11Uri> {
    String::from_utf8(bytes).map_err(|_| InvalidPkcs11Uri("UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_names_a_key() {
        let uri: Pkcs11Uri = "pkcs11:token=My%20token;slot-id=7;object=rel;id=%01%ab;type=private?module-path=/usr/lib/x.so&pin-value=12%3B4"
            .parse()
            .unwrap();
        assert_eq!(uri.token.as_deref(), Some("My token"));
        assert_eq!(uri.slot, Some(7));
        assert_eq!(uri.object.as_deref(), Some("rel"));
        assert_eq!(uri.id.as_deref(), Some(&[1, 0xab][..]));
        assert_eq!(uri.module.as_deref(), Some("/usr/lib/x.so"));
        assert_eq!(uri.pin.as_ref().map(|pin| pin.as_str()), Some("12;4"));
        assert!(!format!("{uri} {uri:?}").contains("12"));
        let uri: Pkcs11Uri = "pkcs11:object=a?pin-source=file:/run/pin".parse().unwrap();
        assert_eq!(uri.pin_file, Some(PathBuf::from("/run/pin")));
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "pkcs11:",
            "pkcs11:token=a",
            "pkcs11:object",
            "pkcs11:object=a;object=b",
            "pkcs11:object=%4",
            "pkcs11:object=%zz",
            "pkcs11:object=%ff",
            "pkcs11:object=a;slot-id=x",
            "pkcs11:object=a;type=public",
            "pkcs11:object=a;serial=1",
            "pkcs11:object=a?module-name=x",
            "pkcs11:object=a?pin-source=|program",
            "file:object=a",
        ] {
            assert!(text.parse::<Pkcs11Uri>().is_err(), "{text}");
        }
    }
}
