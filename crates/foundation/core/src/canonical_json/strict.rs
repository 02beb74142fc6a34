//! Reading a JSON text for nothing but its shape: no key twice in an object, no endless nesting.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use super::MAX_DEPTH;

/// Reads one value and keeps nothing of it.
pub(super) fn check<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    let mut keys = Vec::new();
    Any {
        depth: MAX_DEPTH,
        keys: &mut keys,
    }
    .deserialize(deserializer)
}

/// Any value, at most `depth` levels deep.
struct Any<'a, 'de> {
    depth: usize,
    /// The keys of all objects that are being read, those of the innermost last.
    keys: &'a mut Vec<Cow<'de, str>>,
}

impl<'de> Any<'_, 'de> {
    fn inner<E: Error>(&mut self) -> Result<Any<'_, 'de>, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Any {
                depth,
                keys: self.keys,
            }),
            None => Err(E::custom(format_args!(
                "nested deeper than {MAX_DEPTH} levels"
            ))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Any<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self.inner()?)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let start = self.keys.len();
        let mut many = None;
        while let Some(key) = map.next_key_seed(Key)? {
            let known = self.keys.get(start..).unwrap_or_default();
            let is_new = match &mut many {
                None if known.len() < FEW => !known.contains(&key),
                None => {
                    let set: &mut HashSet<_> = many.insert(known.iter().cloned().collect());
                    set.insert(key.clone())
                }
                Some(set) => set.insert(key.clone()),
            };
            if !is_new {
                return Err(A::Error::custom(format_args!("duplicate key {key:?}")));
            }
            if many.is_none() {
                self.keys.push(key);
            }
            map.next_value_seed(self.inner()?)?;
        }
        self.keys.truncate(start);
        Ok(())
    }
}

/// A key, borrowed unless it is written with escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// How many keys are compared one by one; more are hashed.
const FEW: usize = 16;
