//! Strict reading and canonical writing of JSON.
//!
//! Writing follows RFC 8785 (JCS). Reading refuses what two readers could understand differently:
//! duplicate object keys, and nesting so deep that it costs more than it says.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::Deserializer as _;
use serde::de::Error as _;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: usize = 64;

/// Writes a value as RFC 8785 canonical JSON.
///
/// # Errors
/// When the value has map keys that are no strings, or numbers JSON cannot write.
pub fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}

/// Reads a value from exactly one JSON text without duplicate keys.
///
/// # Errors
/// When the text is no JSON, repeats a key in an object, nests deeper than [`MAX_DEPTH`], or is not
/// what `T` wants.
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    deserializer.deserialize_any(Strict { depth: MAX_DEPTH })?;
    deserializer.end()?;
    serde_json::from_slice(text)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom(format_args!(
                "nested deeper than {MAX_DEPTH} levels"
            ))),
        }
    }
}

impl<'de> serde::de::DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while seq.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut seen = std::collections::HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if seen.contains(&key) {
                return Err(A::Error::custom(format_args!("duplicate key {key:?}")));
            }
            seen.insert(key);
            map.next_value_seed(inner)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_duplicate_keys_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"x":{"b":1,"c":2,"b":3}}]"#] {
            let error = from_slice::<serde_json::Value>(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("duplicate key"), "{error}");
        }
    }

    #[test]
    fn refuses_deep_nesting_and_trailing_text() {
        let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
        assert!(from_slice::<serde_json::Value>(deep.as_bytes()).is_err());
        let fits = format!("{}{}", "[".repeat(64), "]".repeat(64));
        assert!(from_slice::<serde_json::Value>(fits.as_bytes()).is_ok());
        assert!(from_slice::<serde_json::Value>(b"{} {}").is_err());
    }

    #[test]
    fn writes_sorted_keys_without_spaces() {
        let value: serde_json::Value = from_slice(br#"{ "b": 1, "a": [true, "x"] }"#).unwrap();
        assert_eq!(to_vec(&value).unwrap(), br#"{"a":[true,"x"],"b":1}"#);
    }
}
