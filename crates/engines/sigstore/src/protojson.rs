//! Pieces of the protobuf JSON mapping (proto3 language guide, "JSON Mapping").
//!
//! 64-bit integers are read as strings or numbers and written as strings. `null` is read as absence,
//! which the wire types get by making every field an `Option`. Unknown fields are refused, as the
//! mapping wants of a parser by default: a field we do not know may restrict what we would accept.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use serde::de::Visitor;

/// A 64-bit integer as the JSON mapping writes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Int64(pub(crate) i64);

impl Serialize for Int64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Int64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Int64Visitor)
    }
}

struct Int64Visitor;

impl Visitor<'_> for Int64Visitor {
    type Value = Int64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a 64-bit integer, as a number or a string")
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Int64, E> {
        Ok(Int64(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Int64, E> {
        i64::try_from(value).map(Int64).map_err(E::custom)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Int64, E> {
        let plain = !value.starts_with('+');
        match value.parse() {
            Ok(number) if plain => Ok(Int64(number)),
            _ => Err(E::custom(format_args!("{value:?} is no 64-bit integer"))),
        }
    }
}

/// Exactly 32 bytes, written as base64.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Bytes32(pub(crate) [u8; 32]);

impl Serialize for Bytes32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&sealwright_core::Base64::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = sealwright_core::Base64::deserialize(deserializer)?;
        <[u8; 32]>::try_from(bytes.as_bytes())
            .map(Self)
            .map_err(|_| D::Error::custom(format_args!("{} bytes, wanted 32", bytes.0.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_integers_as_strings_and_numbers() {
        for text in ["5", "\"5\""] {
            assert_eq!(serde_json::from_str::<Int64>(text).unwrap(), Int64(5));
        }
        assert_eq!(serde_json::to_string(&Int64(5)).unwrap(), "\"5\"");
    }

    #[test]
    fn refuses_what_is_no_integer() {
        for text in [
            "1.5",
            "\"1.5\"",
            "\"\"",
            "\"+5\"",
            "\" 5\"",
            "9223372036854775808",
            "true",
            "null",
        ] {
            assert!(serde_json::from_str::<Int64>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refuses_digests_of_another_length() {
        let short = format!("\"{}\"", sealwright_core::Base64::encode(&[0; 31]));
        assert!(serde_json::from_str::<Bytes32>(&short).is_err());
        let fits = format!("\"{}\"", sealwright_core::Base64::encode(&[7; 32]));
        assert_eq!(
            serde_json::from_str::<Bytes32>(&fits).unwrap(),
            Bytes32([7; 32])
        );
    }
}
