//! Signed notes: text with signature lines below it (C2SP `signed-note`).
//!
//! Any number of signatures in any order is read, of any kind: unknown ones are kept and left to the
//! reader to pass over. The layout is strict, and so is the base64.

use std::fmt;

use sealwright_core::Base64;

use crate::error::Error;
use crate::error::NoteFault;
use crate::key_id::KeyHint;

/// Text and the signatures below it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line of a note.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoteSignature {
    /// The name of the key, by convention that of the log or witness.
    pub name: String,
    /// The first four bytes of the key's id.
    pub key_hint: KeyHint,
    /// What follows the key id: for a log its signature, for a cosignature a time and a signature.
    pub signature: Vec<u8>,
}

impl SignedNote {
    /// How many bytes a note may have.
    pub const MAX_BYTES: usize = 64 * 1024;
    /// How many signatures a note may have.
    pub const MAX_SIGNATURES: usize = 100;

    /// A note without signatures yet.
    ///
    /// # Errors
    /// `tlog.note-malformed` when the text does not end in a line feed, holds a control character,
    /// or is too long.
    pub fn new(text: String) -> Result<Self, Error> {
        check_text(&text)?;
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Reads a note with at least one signature.
    ///
    /// # Errors
    /// `tlog.note-malformed` saying which rule of the format is broken.
    pub fn parse(note: &str) -> Result<Self, Error> {
        if note.len() > Self::MAX_BYTES {
            return Err(Error::Note(NoteFault::TooLong { found: note.len() }));
        }
        let blank = note
            .rfind("\n\n")
            .ok_or(Error::Note(NoteFault::NoBlankLine))?;
        let (text, below) = note.split_at(blank + 1);
        check_text(text)?;
        let lines = below
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or(Error::Note(NoteFault::NoSignatures))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == Self::MAX_SIGNATURES {
                return Err(Error::Note(NoteFault::TooManySignatures));
            }
            signatures.push(NoteSignature::parse(line)?);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// Adds a signature line at the end.
    ///
    /// # Errors
    /// `tlog.note-malformed` when the name is empty or holds white space or a plus sign, when the
    /// signature is empty, or when there are too many.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), Error> {
        if self.signatures.len() >= Self::MAX_SIGNATURES {
            return Err(Error::Note(NoteFault::TooManySignatures));
        }
        check_name(&signature.name)?;
        if signature.signature.is_empty() {
            return Err(Error::Note(NoteFault::SignatureTooShort));
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// The text that is signed, its last line feed included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signatures, in the note's order.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The signatures whose key id begins so, in the note's order.
    pub fn signatures_by(&self, hint: KeyHint) -> impl Iterator<Item = &NoteSignature> {
        self.signatures
            .iter()
            .filter(move |signature| signature.key_hint == hint)
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            writeln!(f, "{signature}")?;
        }
        Ok(())
    }
}

impl NoteSignature {
    fn parse(line: &str) -> Result<Self, Error> {
        let (name, encoded) = line
            .strip_prefix("\u{2014} ")
            .and_then(|rest| rest.split_once(' '))
            .ok_or(Error::Note(NoteFault::SignatureLine))?;
        check_name(name)?;
        let bytes = decode_strict(encoded).ok_or(Error::Note(NoteFault::SignatureBase64))?;
        match bytes.split_first_chunk::<4>() {
            Some((key_hint, signature)) if !signature.is_empty() => Ok(Self {
                name: name.to_owned(),
                key_hint: *key_hint,
                signature: signature.to_vec(),
            }),
            _ => Err(Error::Note(NoteFault::SignatureTooShort)),
        }
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.key_hint.to_vec();
        bytes.extend_from_slice(&self.signature);
        write!(f, "\u{2014} {} {}", self.name, Base64::encode(&bytes))
    }
}

/// Decodes standard base64 as it is written by one writer only: padded, no stray bits.
pub(crate) fn decode_strict(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64::decode(text).ok()?.0;
    (Base64::encode(&bytes) == text).then_some(bytes)
}

fn check_text(text: &str) -> Result<(), Error> {
    if text.len() > SignedNote::MAX_BYTES {
        return Err(Error::Note(NoteFault::TooLong { found: text.len() }));
    }
    if text.len() < 2 || !text.ends_with('\n') {
        return Err(Error::Note(NoteFault::NoText));
    }
    if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        return Err(Error::Note(NoteFault::ControlCharacter));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty()
        || name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '+')
    {
        return Err(Error::Note(NoteFault::Name));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
