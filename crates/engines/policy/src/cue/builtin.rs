//! Functions and constants of CUE's packages, those that policies use.

use std::fmt;

use jiff::Timestamp;

use crate::Position;
use crate::cue::Fault;
use crate::cue::scalar::Scalar;
use crate::cue::scalar::Types;
use crate::cue::syntax::Package;
use crate::pattern::Pattern;

const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";
const RFC3339_DATE: &str = "2006-01-02";

/// A condition on values that a function makes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Validator {
    HasPrefix(String),
    HasSuffix(String),
    HoldsText(String),
    ListContains(Scalar),
    MaxFields(usize),
    MaxItems(usize),
    MaxRunes(usize),
    MinFields(usize),
    MinItems(usize),
    MinRunes(usize),
    Time,
    UniqueItems,
}

impl Validator {
    pub(crate) const fn types(&self) -> Types {
        match self {
            Self::HasPrefix(_)
            | Self::HasSuffix(_)
            | Self::HoldsText(_)
            | Self::MaxRunes(_)
            | Self::MinRunes(_)
            | Self::Time => Types::STRING,
            Self::ListContains(_) | Self::MaxItems(_) | Self::MinItems(_) | Self::UniqueItems => {
                Types::LIST
            }
            Self::MaxFields(_) | Self::MinFields(_) => Types::STRUCT,
        }
    }

    /// Whether a value without parts satisfies it.
    pub(crate) fn admits(&self, value: &Scalar, position: Position) -> Result<bool, Fault> {
        let Scalar::String(text) = value else {
            return Ok(false);
        };
        Ok(match self {
            Self::HasPrefix(prefix) => text.starts_with(prefix.as_str()),
            Self::HasSuffix(suffix) => text.ends_with(suffix.as_str()),
            Self::HoldsText(part) => text.contains(part.as_str()),
            Self::MaxRunes(most) => text.chars().count() <= *most,
            Self::MinRunes(least) => text.chars().count() >= *least,
            Self::Time => time(text).is_some(),
            _ => {
                let construct = format!("{self} of a string");
                return Err(Fault::Unsupported(position, construct));
            }
        })
    }
}

impl fmt::Display for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HasPrefix(text) => write!(f, "strings.HasPrefix({text:?})"),
            Self::HasSuffix(text) => write!(f, "strings.HasSuffix({text:?})"),
            Self::HoldsText(text) => write!(f, "strings.Contains({text:?})"),
            Self::ListContains(value) => write!(f, "list.Contains({value})"),
            Self::MaxFields(count) => write!(f, "struct.MaxFields({count})"),
            Self::MaxItems(count) => write!(f, "list.MaxItems({count})"),
            Self::MaxRunes(count) => write!(f, "strings.MaxRunes({count})"),
            Self::MinFields(count) => write!(f, "struct.MinFields({count})"),
            Self::MinItems(count) => write!(f, "list.MinItems({count})"),
            Self::MinRunes(count) => write!(f, "strings.MinRunes({count})"),
            Self::Time => f.write_str("time.Time"),
            Self::UniqueItems => f.write_str("list.UniqueItems"),
        }
    }
}

/// What a function or constant stands for.
#[derive(Clone, Debug)]
pub(crate) enum Applied {
    Validator(Validator),
    Value(Scalar),
}

/// A constant of a package, or a function of it that wants nothing but the value it constrains.
pub(crate) fn constant(package: Package, name: &str, position: Position) -> Result<Applied, Fault> {
    let text = |text: &str| Ok(Applied::Value(Scalar::String(text.to_owned())));
    match (package, name) {
        (Package::List, "UniqueItems") => Ok(Applied::Validator(Validator::UniqueItems)),
        (Package::Time, "RFC3339") => text(RFC3339),
        (Package::Time, "RFC3339Date") => text(RFC3339_DATE),
        (Package::Time, "RFC3339Nano") => text(RFC3339_NANO),
        (Package::Time, "Time") => Ok(Applied::Validator(Validator::Time)),
        _ => Err(unsupported(package, name, position)),
    }
}

/// A call of a function of a package.
pub(crate) fn call(
    package: Package,
    name: &str,
    arguments: &[Scalar],
    position: Position,
) -> Result<Applied, Fault> {
    if let Some(validator) = validator(package, name, arguments) {
        return Ok(Applied::Validator(validator));
    }
    let value = match (package, name, arguments) {
        (Package::List, "UniqueItems", []) | (Package::Time, "Time", []) => {
            return constant(package, name, position);
        }
        (Package::Time, "Format", [Scalar::String(layout)])
            if layout == RFC3339 || layout == RFC3339_NANO =>
        {
            return Ok(Applied::Validator(Validator::Time));
        }
        (Package::Time, "Parse", [Scalar::String(layout), Scalar::String(text)]) => {
            let read = match layout.as_str() {
                RFC3339 | RFC3339_NANO => time(text),
                RFC3339_DATE => time(&format!("{text}T00:00:00Z")),
                _ => {
                    let construct = format!("the time layout {layout:?}");
                    return Err(Fault::Unsupported(position, construct));
                }
            };
            let Some(read) = read else {
                let reason = format!("{text:?} is no time of the layout {layout:?}");
                return Err(Fault::Malformed(position, reason));
            };
            Scalar::String(read.to_string())
        }
        (Package::Strings, "ToLower", [Scalar::String(text)]) if text.is_ascii() => {
            Scalar::String(text.to_ascii_lowercase())
        }
        (Package::Strings, "ToUpper", [Scalar::String(text)]) if text.is_ascii() => {
            Scalar::String(text.to_ascii_uppercase())
        }
        (Package::Strings, "HasPrefix", [Scalar::String(text), Scalar::String(prefix)]) => {
            Scalar::Bool(text.starts_with(prefix.as_str()))
        }
        (Package::Strings, "HasSuffix", [Scalar::String(text), Scalar::String(suffix)]) => {
            Scalar::Bool(text.ends_with(suffix.as_str()))
        }
        (Package::Strings, "Contains", [Scalar::String(text), Scalar::String(part)]) => {
            Scalar::Bool(text.contains(part.as_str()))
        }
        (Package::Regexp, "Match", [Scalar::String(pattern), Scalar::String(text)]) => {
            let pattern = Pattern::compile(pattern)
                .map_err(|construct| Fault::Unsupported(position, construct))?;
            Scalar::Bool(pattern.is_match(text))
        }
        _ => return Err(unsupported(package, name, position)),
    };
    Ok(Applied::Value(value))
}

fn validator(package: Package, name: &str, arguments: &[Scalar]) -> Option<Validator> {
    let [argument] = arguments else {
        return None;
    };
    let text = match argument {
        Scalar::String(text) => Some(text.clone()),
        _ => None,
    };
    let count = match argument {
        Scalar::Number(number) => number.as_count(),
        _ => None,
    };
    match (package, name) {
        (Package::List, "Contains") => Some(Validator::ListContains(argument.clone())),
        (Package::List, "MaxItems") => count.map(Validator::MaxItems),
        (Package::List, "MinItems") => count.map(Validator::MinItems),
        (Package::Strings, "Contains") => text.map(Validator::HoldsText),
        (Package::Strings, "HasPrefix") => text.map(Validator::HasPrefix),
        (Package::Strings, "HasSuffix") => text.map(Validator::HasSuffix),
        (Package::Strings, "MaxRunes") => count.map(Validator::MaxRunes),
        (Package::Strings, "MinRunes") => count.map(Validator::MinRunes),
        (Package::Struct, "MaxFields") => count.map(Validator::MaxFields),
        (Package::Struct, "MinFields") => count.map(Validator::MinFields),
        _ => None,
    }
}

fn unsupported(package: Package, name: &str, position: Position) -> Fault {
    Fault::Unsupported(position, format!("{}.{name} in this way", package.name()))
}

/// A time as RFC 3339 writes it, and nothing looser.
fn time(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape = |from: usize, shape: &[u8]| {
        shape.iter().enumerate().all(|(at, wanted)| {
            bytes.get(from + at).is_some_and(|found| match wanted {
                b'0' => found.is_ascii_digit(),
                wanted => found == wanted,
            })
        })
    };
    if !shape(0, b"0000-00-00T00:00:00") || text.get(17..19)? >= "60" {
        return None;
    }
    let mut end = 19;
    if bytes.get(end) == Some(&b'.') {
        let digits = bytes
            .iter()
            .skip(end + 1)
            .take_while(|b| b.is_ascii_digit());
        match digits.count() {
            count @ 1..=9 => end += 1 + count,
            _ => return None,
        }
    }
    let zone = text.get(end..)?;
    let offset = matches!(zone.as_bytes(), [b'+' | b'-', ..])
        && shape(end + 1, b"00:00")
        && zone.len() == 6
        && zone.get(1..3)? < "24"
        && zone.get(4..6)? < "60";
    match zone == "Z" || offset {
        true => text.parse().ok(),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_as_rfc_3339_writes_them() {
        let read = |text| time(text).map(|time| time.to_string());
        assert_eq!(
            read("2049-10-09T17:10:27+02:00").as_deref(),
            Some("2049-10-09T15:10:27Z")
        );
        assert_eq!(
            read("2049-10-09T17:10:27.500Z").as_deref(),
            Some("2049-10-09T17:10:27.5Z")
        );
        for text in [
            "",
            "2049-10-09",
            "2049-10-09 17:10:27Z",
            "2049-10-09t17:10:27z",
            "2049-10-09T17:10:60Z",
            "2049-10-09T17:10:27",
            "2049-10-09T17:10:27.Z",
            "2049-10-09T17:10:27,5Z",
            "2049-13-09T17:10:27Z",
            "2049-10-09T17:10:27+2:00",
            "2049-10-09T17:10:27+24:00",
            "2049-10-09T17:10:27Z ",
            "\u{ff12}049-10-09T17:10:27Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
