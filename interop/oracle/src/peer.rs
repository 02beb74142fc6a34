//! Peers as judges: long-lived children that read bundles and write verdicts.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::base::Context;

/// What a peer says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Theirs {
    Accepted,
    Refused(String),
    /// It ended over this bundle.
    Crashed,
    /// It cannot judge by this context.
    Skipped,
}

/// A running judge.
pub(crate) struct Peer<'a> {
    words: Vec<String>,
    contexts: &'a [Context],
    /// Contexts whose trusted root or key the peer cannot use, and what it says of them.
    unusable: BTreeMap<usize, String>,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl<'a> Peer<'a> {
    pub(crate) fn start(command: &str, contexts: &'a [Context]) -> std::io::Result<Self> {
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let (child, input, output) = spawn(&words)?;
        let mut peer = Self {
            words,
            contexts,
            unusable: BTreeMap::new(),
            child,
            input,
            output,
        };
        peer.introduce()?;
        Ok(peer)
    }

    fn introduce(&mut self) -> std::io::Result<()> {
        for (number, context) in self.contexts.iter().enumerate() {
            writeln!(self.input, "{}", context.to_json(number))?;
            self.input.flush()?;
            // A root that a peer cannot read is one whose bundles it refuses.
            let said = self.answer()?;
            if said != "ready" {
                self.unusable.insert(number, said);
            }
        }
        Ok(())
    }

    /// Asks for several verdicts at once, without waiting for any.
    pub(crate) fn ask(&mut self, cases: &[(usize, &[u8])]) {
        for (context, bundle) in cases {
            if self.unusable.contains_key(context) {
                continue;
            }
            let line = json!({"judge": context, "bundle": STANDARD.encode(bundle)});
            // A peer that is gone is noticed when it does not answer.
            let _ = writeln!(self.input, "{line}");
        }
        let _ = self.input.flush();
    }

    /// The verdicts of what was asked, in order.
    pub(crate) fn verdicts(&mut self, cases: &[(usize, &[u8])]) -> std::io::Result<Vec<Theirs>> {
        let mut verdicts = Vec::with_capacity(cases.len());
        while let Some((context, _)) = cases.get(verdicts.len()) {
            if let Some(said) = self.unusable.get(context) {
                verdicts.push(match said.as_str() {
                    "skipped" => Theirs::Skipped,
                    said => Theirs::Refused(said.to_owned()),
                });
                continue;
            }
            let line = self.answer()?;
            match line.split_once(' ').unwrap_or((&line, "")) {
                ("accepted", _) => verdicts.push(Theirs::Accepted),
                ("refused", why) => verdicts.push(Theirs::Refused(why.to_owned())),
                _ => {
                    verdicts.push(Theirs::Crashed);
                    let _ = self.child.kill();
                    let _ = self.child.wait();
                    (self.child, self.input, self.output) = spawn(&self.words)?;
                    self.introduce()?;
                    self.ask(cases.get(verdicts.len()..).unwrap_or_default());
                }
            }
        }
        Ok(verdicts)
    }

    pub(crate) fn judge(&mut self, context: usize, bundle: &[u8]) -> std::io::Result<Theirs> {
        let case = [(context, bundle)];
        self.ask(&case);
        Ok(self.verdicts(&case)?.pop().unwrap_or(Theirs::Crashed))
    }

    fn answer(&mut self) -> std::io::Result<String> {
        let mut line = Vec::new();
        self.output.read_until(b'\n', &mut line)?;
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

impl Drop for Peer<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(words: &[String]) -> std::io::Result<(Child, ChildStdin, BufReader<ChildStdout>)> {
    let gone = || std::io::Error::other("the peer has no pipes");
    let (program, arguments) = words.split_first().ok_or_else(gone)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let input = child.stdin.take().ok_or_else(gone)?;
    let output = BufReader::new(child.stdout.take().ok_or_else(gone)?);
    Ok((child, input, output))
}
