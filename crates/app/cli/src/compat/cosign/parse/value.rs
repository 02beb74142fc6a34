//! The values of flags, as Go reads them.

use std::time::Duration;

use super::Error;
use super::Flag;
use super::Kind;

/// Refuses what Go would not read, in its words.
pub(super) fn check(flag: &Flag, text: &str) -> Result<(), Error> {
    let fault = match flag.kind {
        Kind::Bool if boolean(text).is_none() => {
            format!("strconv.ParseBool: parsing {}: invalid syntax", quote(text))
        }
        Kind::Integer if text.parse::<i64>().is_err() => {
            format!("strconv.ParseInt: parsing {}: invalid syntax", quote(text))
        }
        Kind::Duration => match duration(text) {
            Ok(_) => return Ok(()),
            Err(fault) => fault,
        },
        _ => return Ok(()),
    };
    let name = match flag.short {
        Some(letter) => format!("-{letter}, --{}", flag.name),
        None => format!("--{}", flag.name),
    };
    Err(Error::InvalidValue {
        text: text.to_owned(),
        name,
        fault,
    })
}

/// `strconv.ParseBool`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `time.ParseDuration`, of what is not negative.
pub(in crate::compat::cosign) fn duration(text: &str) -> Result<Duration, String> {
    let invalid = || format!("time: invalid duration {}", quote(text));
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0f64;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let letters = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "" => {
                return Err(format!("time: missing unit in duration {}", quote(text)));
            }
            other => {
                return Err(format!(
                    "time: unknown unit {} in duration {}",
                    quote(other),
                    quote(text)
                ));
            }
        };
        total += number * seconds;
        rest = after;
    }
    Duration::try_from_secs_f64(total).map_err(|_| invalid())
}

/// The values in one text of a slice flag: one record of comma-separated values (RFC 4180).
pub(super) fn slice(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut values = vec![String::new()];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(value) = values.last_mut() else {
            break;
        };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                value.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if value.is_empty() => quoted = true,
            ',' if !quoted => values.push(String::new()),
            other => value.push(other),
        }
    }
    values
}

/// As Go quotes text in its messages.
fn quote(text: &str) -> String {
    format!("{text:?}")
}
