//! Values that have no parts, and what constrains them.

use std::cmp::Ordering;
use std::fmt;

use serde_json::Value;

use crate::Position;
use crate::cue::Fault;
use crate::cue::builtin::Validator;
use crate::cue::number::Number;
use crate::cue::syntax::Bound;
use crate::pattern::Pattern;

/// A concrete value without parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Scalar {
    Bool(bool),
    Null,
    Number(Number),
    String(String),
}

impl Scalar {
    /// `None` for arrays and objects.
    pub(crate) fn of_json(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(Number::of_json(number)?),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(_) | Value::Object(_) => return None,
        })
    }

    pub(crate) fn types(&self) -> Types {
        match self {
            Self::Bool(_) => Types::BOOL,
            Self::Null => Types::NULL,
            Self::Number(number) if number.is_float() => Types::FLOAT,
            Self::Number(_) => Types::INT,
            Self::String(_) => Types::STRING,
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Null => f.write_str("null"),
            Self::Number(number) => number.fmt(f),
            Self::String(text) => {
                const SHOWN: usize = 120;
                match text.char_indices().nth(SHOWN) {
                    Some((end, _)) => write!(f, "{:?}…", text.get(..end).unwrap_or_default()),
                    None => write!(f, "{text:?}"),
                }
            }
        }
    }
}

/// A set of types.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOL: Self = Self(2);
    pub(crate) const INT: Self = Self(4);
    pub(crate) const FLOAT: Self = Self(8);
    pub(crate) const NUMBER: Self = Self(4 | 8);
    pub(crate) const STRING: Self = Self(16);
    pub(crate) const BYTES: Self = Self(32);
    pub(crate) const LIST: Self = Self(64);
    pub(crate) const STRUCT: Self = Self(128);
    pub(crate) const ALL: Self = Self(255);

    /// The types that have a name, with the bounds that belong to it.
    pub(crate) fn named(name: &str) -> Option<(Self, Option<(i128, i128)>)> {
        let bits = |bits: u32| 1_i128.checked_shl(bits).unwrap_or(i128::MAX);
        Some(match name {
            "bool" => (Self::BOOL, None),
            "bytes" => (Self::BYTES, None),
            "float" => (Self::FLOAT, None),
            "int" => (Self::INT, None),
            "int8" => (Self::INT, Some((-bits(7), bits(7) - 1))),
            "int16" => (Self::INT, Some((-bits(15), bits(15) - 1))),
            "int32" => (Self::INT, Some((-bits(31), bits(31) - 1))),
            "int64" => (Self::INT, Some((-bits(63), bits(63) - 1))),
            "number" => (Self::NUMBER, None),
            "string" => (Self::STRING, None),
            "uint" => (Self::INT, Some((0, i128::MAX))),
            "uint8" => (Self::INT, Some((0, bits(8) - 1))),
            "uint16" => (Self::INT, Some((0, bits(16) - 1))),
            "uint32" => (Self::INT, Some((0, bits(32) - 1))),
            "uint64" => (Self::INT, Some((0, bits(64) - 1))),
            _ => return None,
        })
    }

    /// Names of CUE itself that are not evaluated here.
    pub(crate) fn is_predeclared(name: &str) -> bool {
        matches!(
            name,
            "and"
                | "div"
                | "error"
                | "float32"
                | "float64"
                | "int128"
                | "matchIf"
                | "matchN"
                | "mod"
                | "or"
                | "quo"
                | "rem"
                | "rune"
                | "self"
                | "uint128"
        )
    }

    pub(crate) const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl fmt::Display for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::NULL, "null"),
            (Self::BOOL, "bool"),
            (Self::NUMBER, "number"),
            (Self::INT, "int"),
            (Self::FLOAT, "float"),
            (Self::STRING, "string"),
            (Self::BYTES, "bytes"),
            (Self::LIST, "list"),
            (Self::STRUCT, "struct"),
        ];
        let mut left = *self;
        let mut first = true;
        for (types, name) in names {
            if left.contains(types) {
                left = left.without(types);
                f.write_str(if first { "" } else { " or " })?;
                f.write_str(name)?;
                first = false;
            }
        }
        Ok(())
    }
}

/// One thing that a policy says of a value.
#[derive(Clone, Debug)]
pub(crate) enum Constraint {
    Bound(Bound, Scalar),
    Matches(Bound, Pattern, String),
    Types(Types),
    Validator(Validator),
    Value(Scalar),
}

impl Constraint {
    /// A bound as it was written, whose operand is known by now. `Ok(Err(_))` when nothing can be
    /// within such a bound.
    pub(crate) fn bound(
        bound: Bound,
        operand: Scalar,
        position: Position,
    ) -> Result<Result<Self, String>, Fault> {
        match (bound, operand) {
            (Bound::Matches | Bound::MatchesNot, Scalar::String(pattern)) => {
                let compiled = Pattern::compile(&pattern)
                    .map_err(|construct| Fault::Unsupported(position, construct))?;
                Ok(Ok(Self::Matches(bound, compiled, pattern)))
            }
            (Bound::NotEqual, operand @ Scalar::Null)
            | (_, operand @ (Scalar::Number(_) | Scalar::String(_))) => {
                match matches!(bound, Bound::Matches | Bound::MatchesNot) {
                    true => Ok(Err(format!("{operand} is no regular expression"))),
                    false => Ok(Ok(Self::Bound(bound, operand))),
                }
            }
            (_, operand) => Ok(Err(format!(
                "{operand} cannot be a bound of {:?}",
                bound.symbol()
            ))),
        }
    }

    /// The types of the values that it can be true of.
    pub(crate) fn types(&self) -> Types {
        match self {
            Self::Bound(Bound::NotEqual, Scalar::Null) => Types::ALL.without(Types::NULL),
            Self::Bound(_, Scalar::Number(_)) => Types::NUMBER,
            Self::Bound(_, operand) => operand.types(),
            Self::Matches(..) => Types::STRING,
            Self::Types(types) => *types,
            Self::Validator(validator) => validator.types(),
            Self::Value(value) => value.types(),
        }
    }

    /// Whether a value of one of its types satisfies it.
    pub(crate) fn admits(&self, value: &Scalar, position: Position) -> Result<bool, Fault> {
        Ok(match self {
            Self::Bound(bound, operand) => {
                let order = match (value, operand) {
                    (Scalar::Number(a), Scalar::Number(b)) => a.compare(b),
                    (Scalar::String(a), Scalar::String(b)) => a.as_bytes().cmp(b.as_bytes()),
                    // `!=null` of anything that is not null.
                    _ => return Ok(*bound == Bound::NotEqual && value != operand),
                };
                match bound {
                    Bound::Greater => order == Ordering::Greater,
                    Bound::GreaterOrEqual => order != Ordering::Less,
                    Bound::Less => order == Ordering::Less,
                    Bound::LessOrEqual => order != Ordering::Greater,
                    Bound::NotEqual => order != Ordering::Equal,
                    Bound::Matches | Bound::MatchesNot => false,
                }
            }
            Self::Matches(bound, pattern, _) => match value {
                Scalar::String(text) => pattern.is_match(text) == (*bound == Bound::Matches),
                _ => false,
            },
            Self::Types(types) => types.contains(value.types()),
            Self::Validator(validator) => validator.admits(value, position)?,
            Self::Value(wanted) => wanted == value,
        })
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bound(bound, operand) => write!(f, "{}{operand}", bound.symbol()),
            Self::Matches(bound, _, pattern) => write!(f, "{}{pattern:?}", bound.symbol()),
            Self::Types(types) => types.fmt(f),
            Self::Validator(validator) => validator.fmt(f),
            Self::Value(value) => value.fmt(f),
        }
    }
}

/// Whether bounds leave room for a value, where there is none yet. `None` when that is not plain.
pub(crate) fn leave_room<'a>(
    constraints: &(impl Iterator<Item = &'a Constraint> + Clone),
    types: Types,
) -> Option<bool> {
    let bounds = |wanted: [Bound; 2]| {
        constraints.clone().filter_map(move |one| match one {
            Constraint::Bound(bound, operand) if wanted.contains(bound) => Some((*bound, operand)),
            _ => None,
        })
    };
    for (low_bound, low) in bounds([Bound::Greater, Bound::GreaterOrEqual]) {
        for (high_bound, high) in bounds([Bound::Less, Bound::LessOrEqual]) {
            let order = match (low, high) {
                (Scalar::Number(low), Scalar::Number(high)) => low.compare(high),
                (Scalar::String(low), Scalar::String(high)) => low.as_bytes().cmp(high.as_bytes()),
                _ => return None,
            };
            let touch = low_bound == Bound::GreaterOrEqual && high_bound == Bound::LessOrEqual;
            match order {
                Ordering::Greater => return Some(false),
                Ordering::Equal if !touch => return Some(false),
                // Between neighbouring integers there may be none.
                _ if types.both(Types::NUMBER) == Types::INT && !far_apart(low, high) => {
                    return None;
                }
                Ordering::Equal => return None,
                Ordering::Less => {}
            }
        }
    }
    Some(true)
}

/// Whether there are integers between two integers.
fn far_apart(low: &Scalar, high: &Scalar) -> bool {
    let integer = |value: &Scalar| match value {
        Scalar::Number(number) if !number.is_float() => number.to_string().parse::<i128>().ok(),
        _ => None,
    };
    match (integer(low), integer(high)) {
        (Some(low), Some(high)) => high.checked_sub(low).is_some_and(|apart| apart >= 2),
        _ => false,
    }
}
