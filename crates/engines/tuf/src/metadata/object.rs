//! JSON objects read field by field, with the path of what is wrong.

use sealwright_core::Timestamp;
use serde_json::Map;
use serde_json::Value;

use crate::Error;
use crate::RoleName;

/// A field that is missing or of another form.
#[derive(Debug)]
pub(crate) struct Malformed {
    field: String,
    wanted: &'static str,
}

impl Malformed {
    pub(crate) fn of(self, role: &RoleName) -> Error {
        Error::Field {
            role: role.clone(),
            field: self.field,
            wanted: self.wanted,
        }
    }
}

/// An object and where it stands in its file.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    value: &'a Value,
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Object<'a> {
    pub(crate) fn top(file: &'a Value) -> Result<Self, Malformed> {
        Self::new(file, String::new())
    }

    fn new(value: &'a Value, path: String) -> Result<Self, Malformed> {
        match value {
            Value::Object(map) => Ok(Self { value, map, path }),
            _ => Err(Malformed {
                field: if path.is_empty() {
                    "the top".to_owned()
                } else {
                    path
                },
                wanted: "an object",
            }),
        }
    }

    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.map.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn optional(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name)
    }

    pub(crate) fn object(&self, name: &str) -> Result<Self, Malformed> {
        match self.map.get(name) {
            Some(value) => Self::new(value, self.path_of(name)),
            None => Err(self.malformed(name, "an object")),
        }
    }

    pub(crate) fn string(&self, name: &str) -> Result<&'a str, Malformed> {
        let text = self.map.get(name).and_then(Value::as_str);
        text.ok_or_else(|| self.malformed(name, "a string"))
    }

    /// An array, and objects alone in it.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, Malformed> {
        let items = self.array(name)?;
        let at = |index: usize| format!("{}[{index}]", self.path_of(name));
        let objects = items.iter().enumerate();
        objects
            .map(|(index, item)| Self::new(item, at(index)))
            .collect()
    }

    /// An array, and strings alone in it.
    pub(crate) fn strings(&self, name: &str) -> Result<Vec<String>, Malformed> {
        let text = |item: &Value| item.as_str().map(str::to_owned);
        let strings: Option<_> = self.array(name)?.iter().map(text).collect();
        strings.ok_or_else(|| self.malformed(name, "an array of strings"))
    }

    /// An integer above zero.
    pub(crate) fn version(&self, name: &str) -> Result<u64, Malformed> {
        let number = self.map.get(name).and_then(Value::as_u64);
        number
            .filter(|number| *number > 0)
            .ok_or_else(|| self.malformed(name, "an integer above zero"))
    }

    /// An integer that is not negative.
    pub(crate) fn length(&self, name: &str) -> Result<u64, Malformed> {
        let number = self.map.get(name).and_then(Value::as_u64);
        number.ok_or_else(|| self.malformed(name, "a length in bytes"))
    }

    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, Malformed> {
        let time = self.string(name)?.parse();
        time.map_err(|_| self.malformed(name, "a time such as 2030-01-31T12:00:00Z"))
    }

    /// A boolean that is `false` when it is left out.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Malformed> {
        match self.map.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.malformed(name, "true or false")),
        }
    }

    pub(crate) fn malformed(&self, name: &str, wanted: &'static str) -> Malformed {
        Malformed {
            field: self.path_of(name),
            wanted,
        }
    }

    pub(crate) fn malformed_self(&self, wanted: &'static str) -> Malformed {
        Malformed {
            field: self.path.clone(),
            wanted,
        }
    }

    fn array(&self, name: &str) -> Result<&'a [Value], Malformed> {
        match self.map.get(name) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(self.malformed(name, "an array")),
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}
