//! The helper process: found, started, asked, ended.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStdin;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use sealwright_core::canonical_json;
use sealwright_net::ServerMessage;
use serde_json::Value;
use zeroize::Zeroizing;

use super::HelperPlaces;
use crate::Error;
use crate::error::TokenFault;

/// A helper that runs as long as this lives.
pub(super) struct Helper {
    talk: Mutex<Talk>,
    child: Child,
}

struct Talk {
    input: Option<ChildStdin>,
    lines: Receiver<Vec<u8>>,
    patience: Duration,
}

impl Helper {
    pub(super) fn start(places: &HelperPlaces, patience: Duration) -> Result<Self, Error> {
        let program = find(places).ok_or(Error::HelperFailed {
            reason: "it is neither beside this program nor on PATH",
        })?;
        let child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.map_err(|_| Error::HelperFailed {
            reason: "it cannot be started",
        })?;
        let input = child.stdin.take();
        let (say, lines) = mpsc::sync_channel(1);
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                let mut output = BufReader::new(output);
                loop {
                    let mut line = Vec::new();
                    let read = output.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
                    // An end, and a line that is too long, which lacks its end.
                    if read.is_err() || line.last() != Some(&b'\n') || say.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self {
            talk: Mutex::new(Talk {
                input,
                lines,
                patience,
            }),
            child,
        })
    }

    pub(super) fn ask(&mut self, request: &Value) -> Result<Value, Error> {
        self.ask_shared(request)
    }

    /// One request after the other.
    pub(super) fn ask_shared(&self, request: &Value) -> Result<Value, Error> {
        let Ok(mut talk) = self.talk.lock() else {
            return Err(ENDED);
        };
        // It may hold a PIN.
        let mut line = Zeroizing::new(request.to_string());
        line.push('\n');
        let patience = talk.patience;
        let input = talk.input.as_mut().ok_or(ENDED)?;
        let written = input
            .write_all(line.as_bytes())
            .and_then(|()| input.flush());
        written.map_err(|_| ENDED)?;
        let line = match talk.lines.recv_timeout(patience) {
            Ok(line) => line,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                // What comes later would be taken for the answer to something else.
                talk.input = None;
                return Err(Error::HelperFailed {
                    reason: "it does not answer in time",
                });
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(ENDED),
        };
        let answer: Value = canonical_json::from_slice(&line).map_err(|_| super::MALFORMED)?;
        match answer.get("error") {
            None => Ok(answer),
            Some(error) => {
                let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or("");
                Err(Error::TokenRefused {
                    fault: TokenFault::of_name(text("kind")),
                    message: ServerMessage::of(text("message").as_bytes()),
                })
            }
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // The end of input lets it log out; one that does not end is ended.
        if let Ok(mut talk) = self.talk.lock() {
            talk.input = None;
            let _ = talk.lines.recv_timeout(FAREWELL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn find(places: &HelperPlaces) -> Option<PathBuf> {
    if let Some(named) = &places.named {
        return Some(named.clone());
    }
    let beside = places.beside.iter().cloned();
    let path = places.path.iter().flat_map(std::env::split_paths);
    beside
        .chain(path.filter(|directory| directory.is_absolute()))
        .map(|directory| directory.join(NAME))
        .find(|program| program.is_file())
}

const NAME: &str = "sealwright-pkcs11";
const ENDED: Error = Error::HelperFailed { reason: "it ended" };
const FAREWELL: Duration = Duration::from_secs(2);
/// A key or a signature.
const MAX_LINE: u64 = 64 << 10;
