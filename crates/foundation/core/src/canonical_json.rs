//! Strict reading and canonical writing of JSON.
//!
//! Writing follows RFC 8785 (JCS). Reading refuses what two readers could understand differently:
//! duplicate object keys, arrays in the place of objects, and nesting so deep that it costs more than
//! it says. Every JSON text from outside is read here.

mod objects;

#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde::Serialize;
use serde::de::Deserializer as _;
use serde::de::Error as _;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use self::objects::Objects;

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
/// what `T` wants; a struct wants an object.
pub fn from_slice<'de, T: Deserialize<'de>>(text: &'de [u8]) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    deserializer.deserialize_any(Strict { depth: MAX_DEPTH })?;
    deserializer.end()?;
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    // It was checked above that nothing follows.
    T::deserialize(Objects(&mut deserializer))
}

/// Reads a value from a part of a text that was read with [`from_slice`] and so has no duplicate
/// keys.
///
/// # Errors
/// When it is not what `T` wants; a struct wants an object.
pub fn from_part<'de, T: Deserialize<'de>>(part: &'de RawValue) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(part.get());
    T::deserialize(Objects(&mut deserializer))
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
