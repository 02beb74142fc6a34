//! The reference of the command line: the help of every command, as the binary prints it.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use cargo_metadata::Message;

/// The page, by a binary.
pub(super) fn page(binary: &str) -> anyhow::Result<String> {
    let mut out = String::from(
        "<!-- Written by cargo xtask gen. -->\n# The command line\n\nWhat `sealwright COMMAND --help` \
         prints, for every command.\n",
    );
    describe(binary, &mut Vec::new(), &mut out)?;
    Ok(out)
}

/// What the binary prints when it is run so.
pub(super) fn printed(binary: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(binary)
        .args(arguments)
        .env_clear()
        .output()
        .with_context(|| binary.to_owned())?;
    anyhow::ensure!(output.status.success(), "{arguments:?} failed");
    String::from_utf8(output.stdout).context("a page is no UTF-8")
}

/// A binary built for it.
pub(super) fn build(root: &Path) -> anyhow::Result<String> {
    let output = Command::new("cargo")
        .args(["build", "--quiet", "--package", "sealwright-cli"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(root)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cargo build")?;
    anyhow::ensure!(output.status.success(), "cargo build failed");
    executable(&output.stdout).context("cargo build made no binary")
}

/// The binary that Cargo's messages name.
pub(crate) fn executable(messages: &[u8]) -> Option<String> {
    Message::parse_stream(messages)
        .filter_map(Result::ok)
        .find_map(|message| match message {
            Message::CompilerArtifact(artifact) => artifact.executable.map(|path| path.to_string()),
            _ => None,
        })
}

fn describe(binary: &str, path: &mut Vec<String>, out: &mut String) -> anyhow::Result<()> {
    anyhow::ensure!(
        path.len() <= MAX_DEPTH,
        "commands nest too deeply: {path:?}"
    );
    let output = Command::new(binary)
        .args(path.iter())
        .arg("--help")
        .env_clear()
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .with_context(|| binary.to_owned())?;
    let name = std::iter::once("sealwright")
        .chain(path.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(" ");
    anyhow::ensure!(output.status.success(), "`{name} --help` failed");
    let help = String::from_utf8(output.stdout).context("help is no UTF-8")?;
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    let help = help.join("\n");
    out.push_str(&format!(
        "\n## {name}\n\n```text\n{}\n```\n",
        help.trim_end()
    ));
    for command in subcommands(&help) {
        path.push(command.to_owned());
        describe(binary, path, out)?;
        path.pop();
    }
    Ok(())
}

/// The names below `Commands:`, of which clap indents each by two spaces.
fn subcommands(help: &str) -> Vec<&str> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with("  "))
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect()
}

const MAX_DEPTH: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_subcommands_in_help() {
        let help = "Usage: x\n\nCommands:\n  seal    Makes\n          more text\n  verify  Checks\n  \
                    help    Print\n\nOptions:\n  -h  Help\n";
        assert_eq!(subcommands(help), ["seal", "verify"]);
        assert!(subcommands("Usage: x\n\nOptions:\n  -h\n").is_empty());
    }
}
