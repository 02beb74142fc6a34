//! `docs/guide/coming-from-cosign.md`, from the table.

use std::fmt::Write as _;

use super::parse::ALIASES;
use super::table::COMMANDS;
use super::table::Effect;
use super::table::Era;
use super::table::Flag;
use super::table::GLOBAL;
use super::table::Meaning;

/// The page.
pub(crate) fn guide() -> String {
    let mut text = BEGINNING.to_owned();
    text.push_str("| cosign | what it does | here |\n|---|---|---|\n");
    for command in COMMANDS {
        let _ = writeln!(
            text,
            "| `cosign {}`{} | {} | {} |",
            command.name(),
            era(command.era),
            command.about,
            meaning(command.meaning)
        );
    }
    text.push_str("\n## Flags of every command\n\n");
    table(&mut text, GLOBAL.iter());
    let aliases: Vec<String> = ALIASES
        .iter()
        .map(|(alias, name)| format!("`--{alias}` for `--{name}`"))
        .collect();
    let _ = writeln!(text, "\nOther names: {}.", aliases.join(", "));
    text.push_str("\n## Flags of each command\n");
    for command in COMMANDS {
        let mut flags: Vec<&Flag> = command.flags.iter().copied().flatten().collect();
        if flags.is_empty() {
            continue;
        }
        flags.sort_by_key(|flag| flag.name);
        let _ = writeln!(text, "\n### cosign {}\n", command.name());
        if let Meaning::Refused(why) = command.meaning {
            let names: Vec<String> = flags
                .iter()
                .map(|flag| format!("`--{}`", flag.name))
                .collect();
            let _ = writeln!(
                text,
                "Refused, with all its flags: {why}.\n\n{}",
                names.join(" ")
            );
            continue;
        }
        table(&mut text, flags.into_iter());
    }
    text
}

fn table<'a>(text: &mut String, flags: impl Iterator<Item = &'a Flag>) {
    text.push_str("| flag | default | what it does | here |\n|---|---|---|---|\n");
    for flag in flags {
        let short = flag
            .short
            .map_or(String::new(), |letter| format!(", `-{letter}`"));
        let default = match flag.default {
            "" | "[]" => String::new(),
            default => format!("`{default}`"),
        };
        let weakens = match flag.effect {
            Effect::Widens => "; **weakens a check**",
            Effect::Narrows | Effect::Neither => "",
        };
        let _ = writeln!(
            text,
            "| `--{}`{short} {}{} | {default} | {}{weakens} | {} |",
            flag.name,
            flag.kind.word(),
            era(flag.era),
            flag.about,
            meaning(flag.meaning)
        );
    }
}

fn era(era: Era) -> String {
    match era {
        Era::Current => String::new(),
        Era::Deprecated => " (deprecated there)".to_owned(),
        Era::Until(version) => format!(" (until {version})"),
    }
}

fn meaning(meaning: Meaning) -> String {
    let text = match meaning {
        Meaning::Native(what) => format!("`sealwright {what}`"),
        Meaning::Here(what) => what.to_owned(),
        Meaning::Accepted(why) => format!("no effect: {why}"),
        Meaning::Refused(why) => format!("refused: {why}"),
    };
    text.replace('|', "\\|")
}

const BEGINNING: &str = "\
<!-- Written by cargo xtask gen. -->
# Coming from cosign

Started as `cosign`, or as `sealwright compat cosign`, Sealwright takes cosign's command lines as they are:

```sh
ln -s \"$(command -v sealwright)\" ~/bin/cosign
cosign verify --certificate-identity I --certificate-oidc-issuer U ghcr.io/org/app:1
```

Standard output and exit codes are cosign's: 0; 1; of `verify` also 10 (no signature), 11 (no such image) and 12 (no
signature matches). What it says on standard error keeps cosign's shape, and adds what to do.

What is different, all of it on purpose:

- Every flag of cosign 3.1.3, 2.6.1 and 1.13 is known, deprecated ones too, and none is announced to go away. What
  cannot be done is refused, with what to do instead; what would narrow the result is never ignored.
- Whatever weakens a check is warned of, once.
- Regular expressions match any part of a text, as cosign's do. One warning shows them anchored. The flags of
  `sealwright verify` always match the whole text.
- `verify` and `verify-attestation` find evidence in every form at once: bundles, tags, OCI 1.1 referrers.
- `verify-blob` with a signature alone finds the bundle that `sign-blob` left beside the file.
- What is trusted is what `sealwright root show` lists, unless `--trusted-root` or `initialize` says otherwise. Claims are
  always checked.
- `COSIGN_EXPERIMENTAL` is accepted and changes nothing. Every flag can be given as a variable, as with cosign:
  `COSIGN_YES=true`, `COSIGN_KEY=…`.

## Commands

";
