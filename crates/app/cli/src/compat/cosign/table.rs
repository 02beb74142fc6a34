//! Every command and flag of cosign 3.1.3, and those of 2.6.1 and 1.13 that are gone from it, with what
//! each means here.
//!
//! This one table is what the personality parses by, what `docs/guide/coming-from-cosign.md` is
//! generated from, and what the tests enumerate. Source: the `--help` of cosign 3.1.3 for each command
//! and the option definitions of its source for what is hidden there; the option references of 2.6.1
//! and 1.13.6 for what is gone.

mod commands;
mod keys;
mod registry;
mod sign;
mod stored;
mod trust;
mod verify;

#[cfg(test)]
mod tests;

pub(super) use self::commands::COMMANDS;

/// A command, `attach sbom` being one by itself.
#[derive(Debug)]
pub(super) struct Command {
    /// The words that name it.
    pub(super) path: &'static [&'static str],
    /// What it does.
    pub(super) about: &'static str,
    /// How its arguments are shown.
    pub(super) usage: &'static str,
    /// How many arguments it takes.
    pub(super) arguments: Arguments,
    /// Its flags, in groups that commands share.
    pub(super) flags: &'static [&'static [Flag]],
    /// What it is here.
    pub(super) meaning: Meaning,
    /// Which cosign has it.
    pub(super) era: Era,
}

/// How many arguments a command takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Arguments {
    /// Any number.
    Any,
    /// At least one.
    AtLeastOne,
    /// Exactly so many.
    Exactly(usize),
    /// One or none.
    AtMostOne,
    /// It is but a group of commands.
    Group,
}

/// A flag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flag {
    /// The name without dashes.
    pub(super) name: &'static str,
    /// The letter that is short for it.
    pub(super) short: Option<char>,
    /// What its value is.
    pub(super) kind: Kind,
    /// Its value when it is not given, as cosign shows it.
    pub(super) default: &'static str,
    /// What it does.
    pub(super) about: &'static str,
    /// What it is here.
    pub(super) meaning: Meaning,
    /// What it does to the number of things that are accepted.
    pub(super) effect: Effect,
    /// Which cosign has it.
    pub(super) era: Era,
}

/// What a flag's value is, with the names Go's flag library has for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// `--flag` or `--flag=false`.
    Bool,
    /// Such as `1m30s`.
    Duration,
    /// A whole number.
    Integer,
    /// May be repeated; each value is one, whatever commas it has.
    List,
    /// May be repeated; commas separate values too.
    Slice,
    /// Text.
    Text,
}

/// What a command or a flag is here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meaning {
    /// What this verb, and this flag of it, does natively.
    Native(&'static str),
    /// Done, and there is no native word for it; the text says what is done.
    Here(&'static str),
    /// Taken and without effect; the text says why.
    Accepted(&'static str),
    /// Refused; the text says why, and what to do instead.
    Refused(&'static str),
}

/// What a flag, when it is given, does to the number of things that are accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Effect {
    /// Fewer: to ignore it would accept what somebody asked not to.
    Narrows,
    /// None.
    Neither,
    /// More: it weakens a check.
    Widens,
}

/// Which cosign has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Era {
    /// 3.1.3 has it.
    Current,
    /// 3.1.3 has it still, hidden, and announces its removal.
    Deprecated,
    /// The last version that had it is this one.
    Until(&'static str),
}

impl Command {
    /// All flags, those of every command last.
    pub(super) fn all_flags(&self) -> impl Iterator<Item = &'static Flag> {
        let own: &'static [&'static [Flag]] = self.flags;
        own.iter().copied().flatten().chain(GLOBAL)
    }

    /// Whether it has a flag.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all_flags().any(|flag| flag.name == name)
    }

    /// The words that name it, as one text.
    pub(super) fn name(&self) -> String {
        self.path.join(" ")
    }
}

impl Kind {
    /// The word cosign's help has for the value.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Duration => "duration",
            Self::Integer => "int",
            Self::List => "stringArray",
            Self::Slice => "strings",
            Self::Text => "string",
        }
    }
}

/// Flags of every command.
pub(super) const GLOBAL: &[Flag] = &[
    text("output-file", "a file to write standard output to")
        .here("standard output goes to the file"),
    duration("timeout", "3m0s", "how long a command may take")
        .short('t')
        .native("verify --timeout"),
    switch("verbose", "say more")
        .short('d')
        .native("verify --verbose"),
    switch("help", "show help")
        .short('h')
        .native("verify --help"),
];

const fn flag(name: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Flag {
    Flag {
        name,
        short: None,
        kind,
        default,
        about,
        meaning: Meaning::Refused("not decided"),
        effect: Effect::Neither,
        era: Era::Current,
    }
}

const fn text(name: &'static str, about: &'static str) -> Flag {
    flag(name, Kind::Text, "", about)
}

const fn switch(name: &'static str, about: &'static str) -> Flag {
    flag(name, Kind::Bool, "false", about)
}

/// A switch that is on unless it is turned off.
const fn switch_on(name: &'static str, about: &'static str) -> Flag {
    flag(name, Kind::Bool, "true", about)
}

const fn duration(name: &'static str, default: &'static str, about: &'static str) -> Flag {
    flag(name, Kind::Duration, default, about)
}

const fn list(name: &'static str, about: &'static str) -> Flag {
    flag(name, Kind::List, "[]", about)
}

const fn slice(name: &'static str, about: &'static str) -> Flag {
    flag(name, Kind::Slice, "[]", about)
}

impl Flag {
    const fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
    }

    const fn default(mut self, value: &'static str) -> Self {
        self.default = value;
        self
    }

    const fn native(mut self, what: &'static str) -> Self {
        self.meaning = Meaning::Native(what);
        self
    }

    const fn here(mut self, what: &'static str) -> Self {
        self.meaning = Meaning::Here(what);
        self
    }

    const fn accepted(mut self, why: &'static str) -> Self {
        self.meaning = Meaning::Accepted(why);
        self
    }

    const fn refused(mut self, why: &'static str) -> Self {
        self.meaning = Meaning::Refused(why);
        self
    }

    const fn narrows(mut self) -> Self {
        self.effect = Effect::Narrows;
        self
    }

    const fn widens(mut self) -> Self {
        self.effect = Effect::Widens;
        self
    }

    const fn deprecated(mut self) -> Self {
        self.era = Era::Deprecated;
        self
    }

    const fn until(mut self, version: &'static str) -> Self {
        self.era = Era::Until(version);
        self
    }
}
