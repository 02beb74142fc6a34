//! The help of commands, from the table.

use super::table::Arguments;
use super::table::COMMANDS;
use super::table::Command;
use super::table::Era;
use super::table::Flag;
use super::table::GLOBAL;
use super::table::Kind;
use super::table::Meaning;

/// The help of a command, or of all below it.
pub(super) fn of(path: &[&'static str]) -> String {
    let command = COMMANDS.iter().find(|command| command.path == path);
    let mut text = match command {
        Some(command) => format!(
            "{}\n\nUsage:\ncosign {} {}{}\n",
            command.about,
            command.name(),
            if command.arguments == Arguments::Group {
                ""
            } else {
                "[flags] "
            },
            command.usage
        ),
        None => {
            "Sign, verify and store evidence of container images and files, as cosign does.\n\n\
                 Usage:\ncosign [command]\n"
                .to_owned()
        }
    };
    let below: Vec<&Command> = COMMANDS
        .iter()
        .filter(|one| one.path.len() == path.len() + 1 && one.path.starts_with(path))
        .collect();
    if !below.is_empty() {
        text.push_str("\nAvailable Commands:\n");
        for command in below {
            let word = command.path.last().copied().unwrap_or_default();
            text.push_str(&format!("{word:<23} {}\n", command.about));
        }
    }
    if let Some(command) = command {
        let mut flags: Vec<&Flag> = command.flags.iter().copied().flatten().collect();
        flags.sort_by_key(|flag| flag.name);
        if !flags.is_empty() {
            text.push_str("\nFlags:\n");
            for flag in flags {
                text.push_str(&describe(flag));
            }
        }
        text.push_str("\nGlobal Flags:\n");
    } else {
        text.push_str("\nFlags:\n");
    }
    for flag in GLOBAL {
        text.push_str(&describe(flag));
    }
    if path.is_empty() {
        text.push_str("\nUse \"cosign [command] --help\" for more information about a command.\n");
    }
    text
}

fn describe(flag: &Flag) -> String {
    let short = flag
        .short
        .map_or(String::new(), |letter| format!("-{letter}, "));
    let default = match flag.kind {
        Kind::Text => format!("'{}'", flag.default),
        _ => flag.default.to_owned(),
    };
    let era = match flag.era {
        Era::Current | Era::Deprecated => String::new(),
        Era::Until(version) => format!(" (cosign {version})"),
    };
    let meaning = match flag.meaning {
        Meaning::Native(what) => format!("natively: {what}"),
        Meaning::Here(what) => what.to_owned(),
        Meaning::Accepted(why) => format!("no effect: {why}"),
        Meaning::Refused(why) => format!("refused: {why}"),
    };
    format!(
        "    {short}--{}={default}:\n\t{}{era}\n\t{meaning}\n\n",
        flag.name, flag.about
    )
}
