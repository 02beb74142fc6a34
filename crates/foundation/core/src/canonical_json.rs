//! Strict reading and canonical writing of JSON.
//!
//! Writing follows RFC 8785 (JCS). Reading refuses what two readers could understand differently:
//! duplicate object keys, arrays in the place of objects, and nesting so deep that it costs more than
//! it says. Every JSON text from outside that decides anything is read here.

mod objects;
mod strict;

#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde::Serialize;
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
    strict::check(&mut deserializer)?;
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
