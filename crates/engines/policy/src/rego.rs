//! Rego, through regorus: version 0 of the language, asked for `data.signature.allow`.
//!
//! Regorus is built without its clock, network and random functions, and without its regular
//! expressions, which are not Go's: `re_match` and `regex.match` are ours. A function that is not
//! there, or that fails, is an error of the policy, never a condition that does not hold: `not` would
//! turn that into one that does.

use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use regorus::Engine;
use regorus::Value;
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::utils::limits::TimeSource;
use regorus::utils::limits::set_time_source;

use crate::Error;
use crate::Outcome;
use crate::Position;
use crate::Reason;
use crate::pattern::Pattern;

/// What cosign asks for.
const QUERY: &str = "data.signature.allow";

/// How much regorus does between two looks at its clock, which is ours and counts the looks.
const WORK_PER_TICK: u32 = 256;

/// How many looks an evaluation may take.
const MAX_TICKS: u64 = 20_000;

/// A policy in Rego that was read.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    text: String,
}

impl Program {
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Error> {
        engine(name, text)?;
        Ok(Self {
            text: text.to_owned(),
        })
    }

    pub(crate) fn evaluate(&self, name: &str, statement: &serde_json::Value) -> Outcome {
        let mut engine = match engine(name, &self.text) {
            Ok(engine) => engine,
            Err(error) => return Outcome::Undecided(error),
        };
        let undecidable = |reason: String| {
            Outcome::Undecided(match reason.contains("time limit") {
                true => Error::Limit {
                    name: name.to_owned(),
                    limit: "5000000 steps",
                },
                false => Error::Undecidable {
                    name: name.to_owned(),
                    position: place(&reason),
                    reason: last_line(&reason),
                },
            })
        };
        match Value::from_json_str(&statement.to_string()) {
            Ok(input) => engine.set_input(input),
            Err(error) => return undecidable(error.to_string()),
        }
        let results = match engine.eval_query(QUERY.to_owned(), false) {
            Ok(results) => results,
            Err(error) => return undecidable(error.to_string()),
        };
        let values: Vec<&Value> = results
            .result
            .iter()
            .flat_map(|result| result.expressions.iter().map(|one| &one.value))
            .filter(|value| **value != Value::Undefined)
            .collect();
        let message = match values.as_slice() {
            [Value::Bool(true)] => return Outcome::Satisfied,
            [] => format!("{QUERY} is undefined, wanted true"),
            [value, ..] => {
                const SHOWN: usize = 200;
                let text: String = value.to_string().chars().take(SHOWN).collect();
                format!("{QUERY} is {text}, wanted true")
            }
        };
        Outcome::Violated {
            reasons: vec![Reason {
                path: String::new(),
                message,
                position: None,
            }],
        }
    }
}

fn engine(name: &str, text: &str) -> Result<Engine, Error> {
    // Fails when it was done before.
    let _ = set_time_source(&STEPS);
    let mut engine = Engine::new();
    engine.set_rego_v0(true);
    engine.set_strict_builtin_errors(true);
    // Nothing a policy prints reaches a terminal.
    engine.set_gather_prints(true);
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: Duration::from_nanos(MAX_TICKS),
        check_interval: NonZeroU32::new(WORK_PER_TICK).unwrap_or(NonZeroU32::MIN),
    });
    let malformed = |reason: String| Error::Malformed {
        name: name.to_owned(),
        position: place(&reason),
        reason: last_line(&reason),
    };
    for function in ["re_match", "regex.match"] {
        engine
            .add_extension(function.to_owned(), 2, Box::new(regex_match))
            .map_err(|error| malformed(error.to_string()))?;
    }
    engine
        .add_extension(
            "time.parse_rfc3339_ns".to_owned(),
            1,
            Box::new(parse_rfc3339_ns),
        )
        .map_err(|error| malformed(error.to_string()))?;
    engine
        .add_policy(name.to_owned(), text.to_owned())
        .map_err(|error| malformed(error.to_string()))?;
    Ok(engine)
}

/// Why a function of ours has no value.
#[derive(Debug)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is that of regorus's extensions"
)]
fn regex_match<E: From<Refused>>(arguments: Vec<Value>) -> Result<Value, E> {
    let [Value::String(pattern), Value::String(text)] = arguments.as_slice() else {
        return Err(Refused("regex.match wants two strings".to_owned()).into());
    };
    match Pattern::compile(pattern) {
        Ok(pattern) => Ok(Value::from(pattern.is_match(text))),
        Err(reason) => Err(Refused(reason).into()),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is that of regorus's extensions"
)]
fn parse_rfc3339_ns<E: From<Refused>>(arguments: Vec<Value>) -> Result<Value, E> {
    let time = match arguments.as_slice() {
        [Value::String(text)] => text.parse::<Timestamp>().ok(),
        _ => None,
    };
    let nanoseconds = time.and_then(|time| i64::try_from(time.as_nanosecond()).ok());
    nanoseconds.map(Value::from).ok_or_else(|| {
        Refused("time.parse_rfc3339_ns wants a time as RFC 3339 writes it".to_owned()).into()
    })
}

/// A clock that counts how often it was looked at, so that what a policy may take does not depend on
/// the machine.
struct Steps;

static STEPS: Steps = Steps;

thread_local! {
    static TICKS: Cell<u64> = const { Cell::new(0) };
}

impl TimeSource for Steps {
    fn now(&self) -> Option<Duration> {
        TICKS.with(|ticks| {
            ticks.set(ticks.get().wrapping_add(1));
            Some(Duration::from_nanos(ticks.get()))
        })
    }
}

/// The line and column that a message of regorus begins with: `--> name:line:column`.
fn place(message: &str) -> Option<Position> {
    let line = message.lines().find(|line| line.contains("--> "))?;
    let mut parts = line.trim().rsplit(':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    Some(Position { line, column })
}

/// What a message of regorus says below the excerpt it shows.
fn last_line(message: &str) -> String {
    let last = message
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty());
    let last = last.unwrap_or("it cannot be evaluated");
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
