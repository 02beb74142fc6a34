//! Numbers as exact decimals, of which integers and floats are two kinds.

use std::cmp::Ordering;
use std::fmt;

/// A decimal number. `1` is an integer and `1.0` a float, and CUE tells them apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Number {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Vec<u8>,
    /// Where the point stands: the value is 0.d1d2d3… times ten to this power.
    exponent: i64,
    float: bool,
}

impl Number {
    /// Reads a number of CUE or JSON without its sign: digits, underscores, point, exponent.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mantissa, power) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let float = text.contains(['.', 'e', 'E']);
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let mut digits = Vec::with_capacity(text.len());
        let mut places: i64 = 0;
        for (text, counts) in [(whole, true), (part, false)] {
            for byte in text.bytes() {
                match byte {
                    b'0'..=b'9' => digits.push(byte - b'0'),
                    _ => return None,
                }
                if counts {
                    places = places.checked_add(1)?;
                }
            }
        }
        let exponent = places.checked_add(i64::from(power))?;
        Some(Self::normal(false, digits, exponent, float))
    }

    /// The number of a statement, as cosign hands it to a policy: it went through a 64-bit float.
    pub(crate) fn of_json(number: &serde_json::Number) -> Option<Self> {
        let value = number.as_f64()?;
        let magnitude = value.abs();
        let text = match magnitude.fract() == 0.0 && magnitude < 1e21 {
            true => format!("{magnitude:.0}"),
            // The shortest text that reads back as the same float.
            false => format!("{magnitude:e}"),
        };
        let mut read = Self::parse(&text)?;
        read.negative = value < 0.0 && !read.digits.is_empty();
        Some(read)
    }

    pub(crate) fn of_integer(value: i128) -> Self {
        let digits: Vec<u8> = value
            .unsigned_abs()
            .to_string()
            .bytes()
            .map(|b| b - b'0')
            .collect();
        let exponent = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        Self::normal(value < 0, digits, exponent, false)
    }

    fn normal(negative: bool, digits: Vec<u8>, exponent: i64, float: bool) -> Self {
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        let mut digits: Vec<u8> = digits.into_iter().skip(leading).collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let exponent = match digits.is_empty() {
            true => 0,
            false => exponent.saturating_sub(i64::try_from(leading).unwrap_or(i64::MAX)),
        };
        Self {
            negative: negative && !digits.is_empty(),
            digits,
            exponent,
            float,
        }
    }

    #[must_use]
    pub(crate) fn negated(mut self) -> Self {
        self.negative = !self.negative && !self.digits.is_empty();
        self
    }

    pub(crate) const fn is_float(&self) -> bool {
        self.float
    }

    /// As a count, where it is a small integer that is not negative.
    pub(crate) fn as_count(&self) -> Option<usize> {
        match self.float {
            true => None,
            false => self.to_string().parse().ok(),
        }
    }

    /// By value; `1` and `1.0` are equal.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self
                .exponent
                .cmp(&other.exponent)
                .then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        let length = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        if self.exponent < -6 || self.exponent > 32 {
            f.write_str("0.")?;
            for digit in &self.digits {
                write!(f, "{digit}")?;
            }
            return write!(f, "e{}", self.exponent);
        }
        if self.exponent <= 0 {
            f.write_str("0")?;
        }
        for place in self.exponent.min(0)..self.exponent.max(length) {
            let is_point = match self.exponent > 0 {
                true => place == self.exponent && place < length,
                false => place == self.exponent && length > 0,
            };
            if is_point {
                f.write_str(".")?;
            }
            let digit = usize::try_from(place)
                .ok()
                .and_then(|place| self.digits.get(place))
                .unwrap_or(&0);
            write!(f, "{digit}")?;
        }
        match self.float && self.exponent >= length {
            true => f.write_str(".0"),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn compares_by_value() {
        let order = [
            "0",
            "0.001",
            "0.5",
            "1",
            "1.5",
            "9",
            "10",
            "10.5",
            "1e3",
            "123456789012345678901",
        ];
        for (i, a) in order.iter().enumerate() {
            for (j, b) in order.iter().enumerate() {
                assert_eq!(number(a).compare(&number(b)), i.cmp(&j), "{a} {b}");
                let (a, b) = (number(a).negated(), number(b).negated());
                assert_eq!(a.compare(&b), j.cmp(&i));
            }
        }
        assert_eq!(number("1.0").compare(&number("1")), Ordering::Equal);
        assert_eq!(number("15e-1").compare(&number("1.5")), Ordering::Equal);
        assert_eq!(
            number("0").negated().compare(&number("0.0")),
            Ordering::Equal
        );
    }

    #[test]
    fn prints_what_it_read() {
        for text in [
            "0", "1", "10", "1.5", "0.5", "0.25", "120", "1.0", "100.0", "0.001",
        ] {
            assert_eq!(number(text).to_string(), text);
        }
    }

    #[test]
    fn reads_numbers_of_statements_as_cosign_does() {
        let read = |text: &str| {
            let value: serde_json::Number = serde_json::from_str(text).unwrap();
            let number = Number::of_json(&value).unwrap();
            (number.to_string(), number.is_float())
        };
        assert_eq!(read("1"), ("1".to_owned(), false));
        assert_eq!(read("1.0"), ("1".to_owned(), false));
        assert_eq!(read("-2.50"), ("-2.5".to_owned(), true));
        assert_eq!(
            read("9007199254740993"),
            ("9007199254740992".to_owned(), false)
        );
        assert_eq!(read("1e20"), ("100000000000000000000".to_owned(), false));
        assert!(read("1e21").1);
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", ".", "e1", "1e", "1x", "1e99999999999", "1_0"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
