use std::collections::BTreeSet;

use clap::CommandFactory as _;

use super::*;
use crate::cli::Cli;
use crate::compat::cosign::parse;
use crate::compat::cosign::parse::Request;

fn flags() -> impl Iterator<Item = (&'static Command, &'static Flag)> {
    COMMANDS
        .iter()
        .flat_map(|command| command.all_flags().map(move |flag| (command, flag)))
}

/// A command line with this flag in it and as many arguments as the command wants.
fn line(command: &Command, flag: &Flag, value: &str) -> Vec<String> {
    let mut line: Vec<String> = command.path.iter().map(|word| (*word).to_owned()).collect();
    line.push(format!("--{}={value}", flag.name));
    let count = match command.arguments {
        Arguments::Exactly(count) => count,
        Arguments::AtLeastOne => 1,
        Arguments::Any | Arguments::AtMostOne | Arguments::Group => 0,
    };
    line.extend((0..count).map(|_| "argument".to_owned()));
    line
}

fn value(flag: &Flag) -> &'static str {
    match flag.kind {
        Kind::Bool => match flag.default {
            "true" => "false",
            _ => "true",
        },
        Kind::Duration => "9m",
        Kind::Integer => "3",
        Kind::List | Kind::Slice | Kind::Text => "a value",
    }
}

#[test]
fn no_flag_that_narrows_is_ignored() {
    for (command, flag) in flags() {
        assert!(
            flag.effect != Effect::Narrows || !matches!(flag.meaning, Meaning::Accepted(_)),
            "cosign {} --{}",
            command.name(),
            flag.name
        );
    }
}

#[test]
fn every_flag_is_decided_with_a_reason() {
    for (command, flag) in flags() {
        let (Meaning::Accepted(text)
        | Meaning::Here(text)
        | Meaning::Native(text)
        | Meaning::Refused(text)) = flag.meaning;
        assert!(
            text.len() > 3 && text != "not decided",
            "cosign {} --{}",
            command.name(),
            flag.name
        );
        assert!(!flag.about.is_empty());
    }
}

#[test]
fn every_flag_parses() {
    for (command, flag) in flags() {
        if flag.name == "help" || command.arguments == Arguments::Group {
            continue;
        }
        let line = line(command, flag, value(flag));
        let parsed = parse::parse(&line, |_| None);
        let refused = matches!(command.meaning, Meaning::Refused(_))
            || matches!(flag.meaning, Meaning::Refused(_));
        match parsed {
            Ok(Request::Run(parsed)) => {
                assert!(!refused, "{line:?} was to be refused");
                assert_eq!(parsed.command.path, command.path);
            }
            Err(error) => assert!(refused, "{line:?}: {error}"),
            Ok(Request::Help(_)) => panic!("{line:?} is no call for help"),
        }
    }
}

#[test]
fn every_flag_comes_out_of_its_variable() {
    for (command, flag) in flags() {
        let decided = matches!(flag.meaning, Meaning::Native(_) | Meaning::Here(_));
        if flag.name == "help" || flag.name == "password" || !decided {
            continue;
        }
        if command.arguments == Arguments::Group || matches!(command.meaning, Meaning::Refused(_)) {
            continue;
        }
        let name = format!("COSIGN_{}", flag.name.to_uppercase().replace('-', "_"));
        let mut line = line(command, flag, value(flag));
        line.retain(|word| !word.starts_with("--"));
        let parsed = parse::parse(&line, |asked| {
            (asked == name).then(|| value(flag).to_owned())
        });
        let Ok(Request::Run(parsed)) = parsed else {
            panic!("{line:?} with {name}");
        };
        match flag.kind {
            Kind::Bool => assert_eq!(parsed.is_on(flag.name), value(flag) == "true"),
            _ => assert_eq!(parsed.given(flag.name), Some(value(flag)), "{name}"),
        }
    }
}

#[test]
fn names_and_letters_are_used_once() {
    for command in COMMANDS {
        let mut names = BTreeSet::new();
        let mut letters = BTreeSet::new();
        for flag in command.all_flags() {
            assert!(
                names.insert(flag.name),
                "{} --{}",
                command.name(),
                flag.name
            );
            if let Some(letter) = flag.short {
                assert!(letters.insert(letter), "{} -{letter}", command.name());
            }
        }
    }
}

#[test]
fn commands_are_named_once_and_stand_in_groups() {
    let mut paths = BTreeSet::new();
    for command in COMMANDS {
        assert!(paths.insert(command.path), "{}", command.name());
        if let [group, _] = command.path {
            let found = COMMANDS.iter().find(|one| one.path == [*group]);
            assert_eq!(
                found.map(|one| one.arguments),
                Some(Arguments::Group),
                "{group}"
            );
        }
    }
}

/// What the table calls ours is ours: the verb is there, and the flag is one of the verb's.
#[test]
fn what_is_native_exists() {
    let mut cli = Cli::command();
    cli.build();
    let missing: Vec<String> = COMMANDS
        .iter()
        .map(|command| command.meaning)
        .chain(flags().map(|(_, flag)| flag.meaning))
        .filter_map(|meaning| match meaning {
            Meaning::Native(text) => Some(text),
            _ => None,
        })
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter(|text| !exists(&cli, text))
        .map(str::to_owned)
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

fn exists(cli: &clap::Command, text: &str) -> bool {
    let mut command = cli;
    for word in text.split(' ') {
        if let Some(long) = word.strip_prefix("--") {
            return long == "help"
                || long == "version"
                || has_flag(command, long)
                || has_flag(cli, long);
        }
        match command.find_subcommand(word) {
            Some(below) => command = below,
            // Names of arguments are written in capitals.
            None => {
                if !word.chars().all(|c| c.is_ascii_uppercase()) {
                    return false;
                }
            }
        }
    }
    true
}

fn has_flag(command: &clap::Command, long: &str) -> bool {
    command
        .get_arguments()
        .any(|argument| argument.get_long() == Some(long))
}
