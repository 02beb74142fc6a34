//! The command line as cosign's libraries read it: pflag's flags, cobra's commands, and what its
//! `main` mends before either.
//!
//! Source: github.com/spf13/pflag 1.0 (`FlagSet.Parse`, the value types), github.com/spf13/cobra 1.10
//! (`Command.Find`, `PositionalArgs`), Go's `strconv.ParseBool` and `time.ParseDuration`, and
//! viper's binding of `COSIGN_<FLAG>` variables to flags that are not given.

mod value;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::error::Error;
use super::table::Arguments;
use super::table::COMMANDS;
use super::table::Command;
use super::table::Flag;
use super::table::GLOBAL;
use super::table::Kind;
use super::table::Meaning;
use crate::env;

pub(super) use self::value::duration;

/// What was asked for.
#[derive(Debug)]
pub(super) enum Request {
    /// The help of everything, or of a group of commands.
    Help(Vec<&'static str>),
    /// A command.
    Run(Box<Parsed>),
}

/// A command with its flags and arguments.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The command.
    pub(super) command: &'static Command,
    /// What are no flags.
    pub(super) arguments: Vec<String>,
    /// What its `main` would have said about the form of the command line.
    pub(super) warnings: Vec<String>,
    given: BTreeMap<&'static str, Vec<String>>,
    read: RefCell<BTreeSet<&'static str>>,
}

/// Reads a command line without the program's name. `variable` reads the environment.
///
/// # Errors
/// What cosign refuses, in its words.
pub(super) fn parse(
    line: &[String],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Request, Error> {
    let (line, warnings) = mend(line);
    let (path, rest) = find(line)?;
    let Some(command) = COMMANDS.iter().find(|command| command.path == path) else {
        // Nothing but flags: what they are is still looked at.
        let flags = GLOBAL.iter().collect::<Vec<_>>();
        read_flags(&flags, &rest)?;
        return Ok(Request::Help(path));
    };
    let flags: Vec<&'static Flag> = command.all_flags().collect();
    let Given { given, arguments } = read_flags(&flags, &rest)?;
    if is_on(given.get("help")) || command.arguments == Arguments::Group {
        if let (Arguments::Group, Some(unknown)) = (command.arguments, arguments.first()) {
            return Err(Error::UnknownCommand {
                name: unknown.clone(),
                parent: format!("cosign {}", command.name()),
            });
        }
        return Ok(Request::Help(path));
    }
    check_count(command.arguments, arguments.len())?;
    let mut parsed = Parsed {
        command,
        arguments,
        warnings,
        given,
        read: RefCell::default(),
    };
    parsed.bind(&flags, variable)?;
    parsed.check(&flags)?;
    Ok(Request::Run(Box::new(parsed)))
}

impl Parsed {
    /// The text of a flag, or its default.
    pub(super) fn text(&self, name: &'static str) -> Option<&str> {
        let flag = self.flag(name)?;
        let value = match self.values(name) {
            Some(values) => values.last().map(String::as_str)?,
            None => flag.default,
        };
        (!value.is_empty()).then_some(value)
    }

    /// The text of a flag that was given and is not empty.
    pub(super) fn given(&self, name: &'static str) -> Option<&str> {
        let value = self.values(name)?.last()?.as_str();
        (!value.is_empty()).then_some(value)
    }

    /// Whether a switch is on. One that a command lacks is off.
    pub(super) fn is_on(&self, name: &'static str) -> bool {
        match (self.values(name), self.flag(name)) {
            (Some(values), _) => is_on(Some(values)),
            (None, Some(flag)) => flag.default == "true",
            (None, None) => false,
        }
    }

    /// The values of a flag that may be repeated.
    pub(super) fn list(&self, name: &'static str) -> Vec<String> {
        let Some(values) = self.values(name) else {
            return Vec::new();
        };
        match self.flag(name).map(|flag| flag.kind) {
            Some(Kind::Slice) => values.iter().flat_map(|text| value::slice(text)).collect(),
            _ => values.clone(),
        }
    }

    /// How long the command may take.
    pub(super) fn timeout(&self) -> std::time::Duration {
        let text = self.text("timeout").unwrap_or("3m");
        duration(text).unwrap_or(std::time::Duration::from_secs(180))
    }

    /// A flag that was given, that means something and that nobody has read: to go on would be to
    /// ignore it.
    pub(super) fn unread(&self) -> Option<&'static str> {
        let read = self.read.borrow();
        self.command
            .all_flags()
            .filter(|flag| !matches!(flag.meaning, Meaning::Accepted(_)))
            .filter(|flag| !GLOBAL.iter().any(|global| global.name == flag.name))
            .map(|flag| flag.name)
            .find(|name| self.given.contains_key(name) && !read.contains(name))
    }

    fn values(&self, name: &'static str) -> Option<&Vec<String>> {
        self.read.borrow_mut().insert(name);
        self.given.get(name)
    }

    fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.command.all_flags().find(|flag| flag.name == name)
    }

    /// Takes flags that were not given from `COSIGN_<FLAG>`.
    fn bind(
        &mut self,
        flags: &[&'static Flag],
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(), Error> {
        for flag in flags {
            // A password of a key, which has nothing to do with one of a registry.
            if flag.name == "password" || self.given.contains_key(flag.name) {
                continue;
            }
            let name = flag.name.to_uppercase().replace('-', "_");
            let name = format!("{}{name}", env::COSIGN_);
            if let Some(text) = variable(&name) {
                value::check(flag, &text)?;
                self.given.insert(flag.name, vec![text]);
            }
        }
        Ok(())
    }

    /// Refuses what cannot be done, and flags that go not together.
    fn check(&self, flags: &[&'static Flag]) -> Result<(), Error> {
        if let Meaning::Refused(why) = self.command.meaning {
            return Err(Error::CommandRefused {
                command: self.command.name(),
                why,
            });
        }
        for flag in flags {
            let Some(values) = self.given.get(flag.name) else {
                continue;
            };
            if let Meaning::Refused(why) = flag.meaning
                && values.last().is_some_and(|value| value != flag.default)
            {
                return Err(Error::FlagRefused {
                    flag: flag.name,
                    why,
                });
            }
        }
        for (one, other) in EXCLUSIVE {
            if self.given.contains_key(one) && self.given.contains_key(other) {
                return Err(Error::Exclusive { one, other });
            }
        }
        Ok(())
    }
}

/// Flags of which one alone may be given.
const EXCLUSIVE: &[(&str, &str)] = &[
    ("ca-roots", "certificate-chain"),
    ("ca-intermediates", "certificate-chain"),
];

fn is_on(values: Option<&Vec<String>>) -> bool {
    let last = values.and_then(|values| values.last());
    last.is_some_and(|text| value::boolean(text) == Some(true))
}

/// What cosign's `main` does first: `-output` becomes `--output`, and `--o` becomes `-o`.
fn mend(line: &[String]) -> (Vec<String>, Vec<String>) {
    let mut warnings = Vec::new();
    let mut all_arguments = false;
    let mended = line
        .iter()
        .map(|argument| {
            all_arguments |= argument == "--";
            let letters = argument.trim_start_matches('-').chars().count();
            let dashes = argument.chars().take_while(|c| *c == '-').count();
            let (new, kind) = match (dashes, letters) {
                _ if all_arguments => return argument.clone(),
                (2, 1) => (argument.replacen("--", "-", 1), "flag"),
                (1, 2..) if argument == "-version" => ("version".to_owned(), "subcommand"),
                (1, 2..) => (format!("-{argument}"), "flag"),
                _ => return argument.clone(),
            };
            warnings.push(format!(
                "the {argument} flag is deprecated and will be removed in a future release. Please \
                 use the {new} {kind} instead."
            ));
            new
        })
        .collect();
    (mended, warnings)
}

/// Finds the command, and what of the line is left when its words are taken out.
fn find(mut line: Vec<String>) -> Result<(Vec<&'static str>, Vec<String>), Error> {
    let mut path: Vec<&'static str> = Vec::new();
    while let Some(at) = first_word(&line) {
        let Some(word) = line.get(at) else { break };
        let below = COMMANDS.iter().find_map(|command| {
            let name = *command.path.get(path.len())?;
            (command.path.starts_with(&path) && name == word).then_some(name)
        });
        match below {
            Some(name) => {
                path.push(name);
                line.remove(at);
            }
            None if path.is_empty() => {
                return Err(Error::UnknownCommand {
                    name: word.clone(),
                    parent: "cosign".to_owned(),
                });
            }
            None => break,
        }
    }
    Ok((path, line))
}

/// Where the first word stands that is neither a flag nor the value of one.
fn first_word(line: &[String]) -> Option<usize> {
    let mut at = 0;
    loop {
        let word = line.get(at)?;
        if word == "--" {
            return None;
        }
        if !word.starts_with('-') || word == "-" {
            return Some(at);
        }
        let name = word.trim_start_matches('-');
        let is_switch = GLOBAL.iter().any(|flag| {
            let is_it = flag.name == name || flag.short.is_some_and(|c| name == c.to_string());
            is_it && flag.kind == Kind::Bool
        });
        at += if is_switch || word.contains('=') {
            1
        } else {
            2
        };
    }
}

struct Given {
    given: BTreeMap<&'static str, Vec<String>>,
    arguments: Vec<String>,
}

fn read_flags(flags: &[&'static Flag], line: &[String]) -> Result<Given, Error> {
    let mut given: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut arguments = Vec::new();
    let mut line = line.iter();
    while let Some(word) = line.next() {
        if word == "--" {
            arguments.extend(line.cloned());
            break;
        }
        let (flag, value) = if let Some(text) = word.strip_prefix("--") {
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (text, None),
            };
            if name.is_empty() || name.starts_with('-') {
                return Err(Error::BadFlag(word.clone()));
            }
            let flag = by_name(flags, name).ok_or_else(|| Error::UnknownFlag(name.to_owned()))?;
            (flag, value)
        } else if let Some(letter) = word.strip_prefix('-').and_then(|rest| rest.chars().next()) {
            let known = flags.iter().find(|flag| flag.short == Some(letter));
            let flag = known.ok_or_else(|| Error::UnknownLetter {
                letter,
                word: word.clone(),
            })?;
            (*flag, None)
        } else {
            arguments.push(word.clone());
            continue;
        };
        let value = match (value, flag.kind) {
            (Some(value), _) => value,
            (None, Kind::Bool) => "true".to_owned(),
            (None, _) => line.next().cloned().ok_or_else(|| {
                Error::ValueMissing(match word.strip_prefix("--") {
                    Some(_) => format!("--{}", flag.name),
                    None => format!("'{}' in {word}", flag.short.unwrap_or_default()),
                })
            })?,
        };
        value::check(flag, &value)?;
        given.entry(flag.name).or_default().push(value);
    }
    Ok(Given { given, arguments })
}

/// A flag by its name, or by one of the short forms cosign has for some.
fn by_name(flags: &[&'static Flag], name: &str) -> Option<&'static Flag> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, name)| *name);
    flags.iter().find(|flag| flag.name == name).copied()
}

/// Other names of flags, on every command.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("cert", "certificate"),
    ("cert-chain", "certificate-chain"),
    ("cert-email", "certificate-email"),
    ("cert-identity", "certificate-identity"),
    ("cert-oidc-issuer", "certificate-oidc-issuer"),
    ("output-cert", "output-certificate"),
];

fn check_count(wanted: Arguments, found: usize) -> Result<(), Error> {
    let holds = match wanted {
        Arguments::Any | Arguments::Group => true,
        Arguments::AtLeastOne => found >= 1,
        Arguments::AtMostOne => found <= 1,
        Arguments::Exactly(count) => found == count,
    };
    match holds {
        true => Ok(()),
        false => Err(Error::ArgumentCount { wanted, found }),
    }
}
