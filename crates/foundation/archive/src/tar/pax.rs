//! PAX extended header records (POSIX.1-2017, `pax`, "pax Extended Header").
//!
//! Records are cut by their length, as the standard says. Cutting at line ends instead lets a
//! binary value, such as an extended attribute, smuggle in a record that only some readers see.

/// The records that decide which bytes belong to which path.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Pax {
    pub(crate) path: Option<Vec<u8>>,
    pub(crate) link_path: Option<Vec<u8>>,
    pub(crate) size: Option<u64>,
    /// Whether the file is stored as a GNU sparse file in PAX form.
    pub(crate) sparse: bool,
    /// The real path of such a file.
    pub(crate) sparse_name: Option<Vec<u8>>,
}

impl Pax {
    /// Reads the content of an extended header.
    ///
    /// # Errors
    /// Says what is wrong, when a record is malformed or two of them disagree.
    pub(crate) fn parse(mut data: &[u8]) -> Result<Self, &'static str> {
        let mut pax = Self::default();
        while !data.is_empty() {
            let (key, value, rest) = record(data).ok_or("a PAX record is malformed")?;
            data = rest;
            // An empty value takes the record back.
            if value.is_empty() {
                continue;
            }
            match key {
                b"path" => once(&mut pax.path, value.to_vec())?,
                b"linkpath" => once(&mut pax.link_path, value.to_vec())?,
                b"size" => {
                    let size = decimal(value).ok_or("the PAX size is no number")?;
                    once(&mut pax.size, size)?;
                }
                b"GNU.sparse.name" => once(&mut pax.sparse_name, value.to_vec())?,
                key if key.starts_with(b"GNU.sparse.") => pax.sparse = true,
                _ => {}
            }
        }
        Ok(pax)
    }

    /// Whether nothing in it concerns paths or sizes.
    pub(crate) fn is_harmless(&self) -> bool {
        *self == Self::default()
    }
}

fn once<T: PartialEq>(slot: &mut Option<T>, value: T) -> Result<(), &'static str> {
    match slot {
        Some(known) if *known != value => Err("two PAX records disagree"),
        _ => {
            *slot = Some(value);
            Ok(())
        }
    }
}

/// Cuts off one record: `LENGTH KEY=VALUE\n`, where the length counts all of it.
fn record(data: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = data.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(data.get(..space)?)?).ok()?;
    let rest = data.get(length..)?;
    let body = data
        .get(space.checked_add(1)?..length)?
        .strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    let key = body.get(..equals).filter(|key| !key.is_empty())?;
    Some((key, body.get(equals.checked_add(1)?..)?, rest))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, value: &[u8]) -> Vec<u8> {
        let body = key.len() + value.len() + 3;
        let mut length = body + 1;
        while length.to_string().len() + body != length {
            length += 1;
        }
        let mut out = format!("{length} {key}=").into_bytes();
        out.extend_from_slice(value);
        out.push(b'\n');
        out
    }

    #[test]
    fn reads_paths_and_sizes() {
        let data = [
            line("path", b"a/b"),
            line("mtime", b"1.5"),
            line("size", b"12"),
        ]
        .concat();
        let pax = Pax::parse(&data).unwrap();
        assert_eq!(pax.path.as_deref(), Some(&b"a/b"[..]));
        assert_eq!(pax.size, Some(12));
        assert!(!pax.is_harmless());
        assert!(Pax::parse(&line("comment", b"x")).unwrap().is_harmless());
    }

    #[test]
    fn sees_no_record_inside_a_binary_value() {
        let data = line("SCHILY.xattr.user.x", b"1\n11 path=evil\n");
        assert_eq!(Pax::parse(&data).unwrap().path, None);
    }

    #[test]
    fn refuses_malformed_and_contradictory_records() {
        for data in [
            &b"8 path=a\n"[..],
            b"11 path=a\n",
            b"9 path=a",
            b"+9 path=a\n",
            b"10path=aa\n",
            b"7 path\n",
            b"5 =a\n",
            b"99999999999999999999 path=a\n",
        ] {
            assert!(Pax::parse(data).is_err(), "{}", data.escape_ascii());
        }
        let twice = [line("path", b"a"), line("path", b"b")].concat();
        assert!(Pax::parse(&twice).is_err());
        assert!(Pax::parse(&line("size", b"-1")).is_err());
    }
}
