//! Asks a person at the terminal for something that is not shown.
//!
//! It reads `/dev/tty`, so that standard input can be a pipe. The terminal is given back as it was
//! also when the person interrupts: keys that send signals are read as what they are.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read as _;
use std::io::Write as _;

use rustix::termios;
use rustix::termios::LocalModes;
use rustix::termios::OptionalActions;
use rustix::termios::SpecialCodeIndex;
use rustix::termios::Termios;

use crate::error::Error;

/// The terminal of this process.
pub(crate) struct Prompt {
    terminal: File,
}

impl Prompt {
    /// `None` when there is no terminal.
    pub(crate) fn open() -> Option<Self> {
        let terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .ok()?;
        termios::isatty(&terminal).then_some(Self { terminal })
    }

    /// Asks and reads one line without showing it.
    pub(crate) fn ask(&self, question: &str) -> Result<Vec<u8>, Error> {
        let hidden = Hidden::new(&self.terminal).map_err(Error::terminal)?;
        let mut terminal = &self.terminal;
        terminal
            .write_all(question.as_bytes())
            .map_err(Error::terminal)?;
        #[expect(
            clippy::unbuffered_bytes,
            reason = "nothing behind the line may be taken from the terminal"
        )]
        let line = read_line(&mut (&self.terminal).bytes());
        // The person's line end was not shown either.
        let _ = terminal.write_all(b"\n");
        drop(hidden);
        line
    }
}

/// Reads to the end of a line, as an editor of one line that shows nothing.
fn read_line(bytes: &mut impl Iterator<Item = io::Result<u8>>) -> Result<Vec<u8>, Error> {
    let mut line = Vec::with_capacity(MAX_LINE);
    loop {
        match bytes.next() {
            None => return Err(Error::Interrupted),
            Some(Err(error)) => return Err(Error::terminal(error)),
            Some(Ok(INTERRUPT | QUIT)) => return Err(Error::Interrupted),
            Some(Ok(b'\r' | b'\n')) => return Ok(line),
            Some(Ok(END)) if line.is_empty() => return Err(Error::Interrupted),
            Some(Ok(END)) => return Ok(line),
            Some(Ok(BACKSPACE | DELETE)) => {
                // A whole character, which may have several bytes.
                while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
            }
            Some(Ok(KILL_LINE)) => line.clear(),
            Some(Ok(byte)) if line.len() < MAX_LINE => line.push(byte),
            Some(Ok(_)) => return Err(Error::terminal(io::ErrorKind::FileTooLarge.into())),
        }
    }
}

/// The terminal shows nothing while this lives.
struct Hidden<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn new(terminal: &'a File) -> io::Result<Self> {
        let before = termios::tcgetattr(terminal)?;
        let mut modes = before.clone();
        modes
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        termios::tcsetattr(terminal, OptionalActions::Flush, &modes)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Longer than any passphrase that a person types.
const MAX_LINE: usize = 4096;
const INTERRUPT: u8 = 3;
const END: u8 = 4;
const BACKSPACE: u8 = 8;
const KILL_LINE: u8 = 21;
const QUIT: u8 = 28;
const DELETE: u8 = 127;

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Option<Vec<u8>> {
        read_line(&mut text.bytes().map(Ok)).ok()
    }

    #[test]
    fn lines_can_be_mended() {
        assert_eq!(typed("secret\nmore").unwrap(), b"secret");
        assert_eq!(typed("\r").unwrap(), b"");
        assert_eq!(typed("sez\u{8}x\u{7f}cret\n").unwrap(), b"secret");
        assert_eq!(typed("a\u{e9}\u{7f}b\n").unwrap(), b"ab");
        assert_eq!(typed("\u{7f}a\u{15}b\n").unwrap(), b"b");
        assert_eq!(typed("secret\u{4}").unwrap(), b"secret");
    }

    #[test]
    fn interruptions_give_nothing() {
        for text in ["sec\u{3}ret\n", "sec\u{1c}\n", "\u{4}", "unended"] {
            assert_eq!(typed(text), None, "{text:?}");
        }
        assert_eq!(typed(&format!("{}\n", "x".repeat(9999))), None);
    }
}
