//! OLPC canonical JSON: the form of metadata that is signed.
//!
//! Source: <http://wiki.laptop.org/go/Canonical_JSON>, named by TUF 1.0.34 section 4.1. Keys in the
//! order of their code points, no space, integers alone as numbers, and in strings nothing escaped
//! but the quotation mark and the backslash: a line feed stands there as it is, so the result need
//! not be JSON. It is not RFC 8785, which `sealwright_core::canonical_json` writes.

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

/// A number with a fraction or an exponent, or beyond 64 bits, which the form has no place for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("number is {0}, wanted an integer of at most 64 bits")]
pub struct NotCanonical(String);

/// Writes a value.
///
/// # Errors
/// When a number in it is no integer of at most 64 bits.
pub fn to_vec(value: &Value) -> Result<Vec<u8>, NotCanonical> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(number, out)?,
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_array(items, out)?,
        Value::Object(fields) => write_object(fields, out)?,
    }
    Ok(())
}

fn write_number(number: &Number, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    if number.is_i64() || number.is_u64() {
        out.extend_from_slice(number.to_string().as_bytes());
        Ok(())
    } else {
        Err(NotCanonical(number.to_string()))
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

fn write_array(items: &[Value], out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out)?;
    }
    out.push(b']');
    Ok(())
}

fn write_object(fields: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    // The order of UTF-8 bytes is that of code points.
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by_key(|(key, _)| *key);
    out.push(b'{');
    for (index, (key, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(key, out);
        out.push(b':');
        write(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: &str) {
        let value: Value = serde_json::from_str(text).unwrap();
        let found = String::from_utf8(to_vec(&value).unwrap()).unwrap();
        assert_eq!(found, wanted);
    }

    #[test]
    fn sorts_keys_and_drops_spaces() {
        check(
            r#"{ "b": [1, true, null], "a": {"d": -3, "c": false} }"#,
            r#"{"a":{"c":false,"d":-3},"b":[1,true,null]}"#,
        );
        // By code point: capitals first, and beyond the basic plane last (UTF-16 would differ).
        check(
            r#"{"a":1,"B":2,"\uff5e":3,"\ud83d\ude00":4,"é":5}"#,
            "{\"B\":2,\"a\":1,\"é\":5,\"\u{ff5e}\":3,\"\u{1f600}\":4}",
        );
    }

    #[test]
    fn escapes_nothing_but_quotation_marks_and_backslashes() {
        check(
            r#"{"k\"":"a\\b\"c\n\td\u0001/\u00e9"}"#,
            "{\"k\\\"\":\"a\\\\b\\\"c\n\td\u{1}/é\"}",
        );
    }

    #[test]
    fn writes_every_integer_of_64_bits() {
        check(
            "[0,-9223372036854775808,18446744073709551615]",
            "[0,-9223372036854775808,18446744073709551615]",
        );
    }

    #[test]
    fn refuses_other_numbers() {
        for text in ["1.5", "1.0", "1e3", "-0", "18446744073709551616"] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert!(to_vec(&value).is_err(), "{text}");
        }
    }
}
