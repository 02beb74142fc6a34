//! `sealwright-pkcs11`: lets a PKCS#11 token sign (PKCS#11 version 2.40 and later).
//!
//! A program of its own, as the maker's library has to be loaded into the process: that neither works in
//! a static binary nor belongs beside everything else Sealwright does. Requests come as lines of JSON on
//! standard input, each is answered by one line on standard output, and the end of input is the end. The
//! protocol is described in `docs/reference/pkcs11-helper.md`. It decides nothing: Sealwright verifies what it
//! answers.

mod protocol;
mod token;

use std::io;
use std::io::BufRead as _;
use std::io::Read as _;
use std::io::Write as _;
use std::process::ExitCode;

use crate::protocol::Answer;
use crate::protocol::Fault;
use crate::protocol::Refusal;
use crate::protocol::Request;
use crate::token::OpenKey;

fn main() -> ExitCode {
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let mut key = None;
    loop {
        let mut line = String::new();
        // A longer line is no request of ours.
        match input.by_ref().take(MAX_LINE).read_line(&mut line) {
            Ok(0) => return ExitCode::SUCCESS,
            Ok(_) => {}
            Err(_) => return ExitCode::FAILURE,
        }
        let answer = match serde_json::from_str(&line) {
            Ok(request) => answer(request, &mut key),
            Err(_) => Answer::Error(Refusal::new(Fault::Request, "no request of the protocol")),
        };
        let Ok(text) = serde_json::to_string(&answer) else {
            return ExitCode::FAILURE;
        };
        let written = writeln!(output, "{text}").and_then(|()| output.flush());
        if written.is_err() {
            return ExitCode::FAILURE;
        }
    }
}

fn answer(request: Request, key: &mut Option<OpenKey>) -> Answer {
    let result = match (request, key.as_ref()) {
        (Request::Open(open), None) => token::open(&open).map(|(opened, public)| {
            *key = Some(opened);
            Answer::Key(public)
        }),
        (Request::Sign(sign), Some(key)) => key.sign(&sign).map(Answer::Signature),
        (Request::Open(_), Some(_)) => Err(Refusal::new(Fault::Request, "a key is open already")),
        (Request::Sign(_), None) => Err(Refusal::new(Fault::Request, "no key is open")),
    };
    result.unwrap_or_else(Answer::Error)
}

/// A message to sign with Ed25519 is the longest thing in a request.
const MAX_LINE: u64 = 64 << 20;
