//! One measured value with its limit.

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    group: &'static str,
    name: String,
    value: Option<f64>,
    unit: Unit,
    limit: Limit,
    detail: String,
}

/// What a value counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unit {
    Mebibytes,
    PerSecond,
    Percent,
    Ratio,
    Seconds,
}

/// What a value must keep to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Limit {
    AtLeast(f64),
    AtMost(f64),
    /// Recorded, with no limit.
    None,
}

/// Whether it does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// What it needs is not on this machine.
    Absent,
    Met,
    Missed,
    Recorded,
}

impl Figure {
    /// A value that was measured.
    pub(crate) fn measured(
        group: &'static str,
        name: impl Into<String>,
        (value, unit): (f64, Unit),
        limit: Limit,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            group,
            name: name.into(),
            value: Some(value),
            unit,
            limit,
            detail: detail.into(),
        }
    }

    /// A value that could not be measured here, and why.
    pub(crate) fn absent(
        group: &'static str,
        name: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        Self {
            group,
            name: name.into(),
            value: None,
            unit: Unit::Ratio,
            limit: Limit::None,
            detail: why.into(),
        }
    }

    /// Whether the limit holds.
    pub(crate) fn outcome(&self) -> Outcome {
        match (self.value, self.limit) {
            (None, _) => Outcome::Absent,
            (Some(_), Limit::None) => Outcome::Recorded,
            (Some(value), Limit::AtLeast(limit)) if value >= limit => Outcome::Met,
            (Some(value), Limit::AtMost(limit)) if value <= limit => Outcome::Met,
            (Some(_), Limit::AtLeast(_) | Limit::AtMost(_)) => Outcome::Missed,
        }
    }

    /// The cells of its row.
    pub(crate) fn cells(&self) -> [String; 6] {
        let outcome = match self.outcome() {
            Outcome::Absent => "absent",
            Outcome::Met => "met",
            Outcome::Missed => "MISSED",
            Outcome::Recorded => "recorded",
        };
        let limit = match self.limit {
            Limit::AtLeast(limit) => format!("at least {}", self.unit.print(limit)),
            Limit::AtMost(limit) => format!("at most {}", self.unit.print(limit)),
            Limit::None => String::new(),
        };
        [
            self.group.to_owned(),
            self.name.clone(),
            self.value
                .map_or_else(String::new, |it| self.unit.print(it)),
            limit,
            outcome.to_owned(),
            self.detail.clone(),
        ]
    }
}

impl Unit {
    fn print(self, value: f64) -> String {
        match self {
            Self::Mebibytes => format!("{value:.1} MiB"),
            Self::PerSecond => format!("{value:.0}/s"),
            Self::Percent => format!("{value:.0} %"),
            Self::Ratio => format!("{value:.2} x"),
            Self::Seconds => format!("{value:.0} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_by_the_limit() {
        let outcome =
            |value, limit| Figure::measured("g", "n", (value, Unit::Ratio), limit, "").outcome();
        assert_eq!(outcome(2.0, Limit::AtMost(2.0)), Outcome::Met);
        assert_eq!(outcome(2.1, Limit::AtMost(2.0)), Outcome::Missed);
        assert_eq!(outcome(94.9, Limit::AtLeast(95.0)), Outcome::Missed);
        assert_eq!(outcome(f64::NAN, Limit::AtMost(2.0)), Outcome::Missed);
        assert_eq!(outcome(9.0, Limit::None), Outcome::Recorded);
        assert_eq!(Figure::absent("g", "n", "why").outcome(), Outcome::Absent);
    }
}
