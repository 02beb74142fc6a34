//! Witness cosignatures, version 1 (C2SP `tlog-cosignature`, Ed25519).
//!
//! A witness vouches that at a time it had seen this checkpoint and that it was consistent with what
//! it had seen before. The newer ML-DSA form is kept as an unknown signature.

use crate::error::Error;
use crate::note::NoteSignature;
use crate::note::SignedNote;

/// The time and signature inside a cosignature line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cosignature {
    /// When the witness saw the checkpoint: seconds since 1970.
    pub time: u64,
    /// Its Ed25519 signature.
    pub signature: [u8; 64],
}

impl Cosignature {
    /// Takes a note signature apart.
    ///
    /// # Errors
    /// `tlog.cosignature-invalid` when it is not 8 bytes of time and 64 of signature.
    pub fn parse(signature: &NoteSignature) -> Result<Self, Error> {
        let (time, signature) = signature
            .signature
            .split_first_chunk::<8>()
            .ok_or(Error::CosignatureLength)?;
        Ok(Self {
            time: u64::from_be_bytes(*time),
            signature: <[u8; 64]>::try_from(signature).map_err(|_| Error::CosignatureLength)?,
        })
    }

    /// The message a witness signs for this checkpoint text at this time.
    pub fn message(text: &str, time: u64) -> Vec<u8> {
        format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
    }

    /// The bytes for a note signature line.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.time.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Looks for a valid cosignature of the witness with this name and Ed25519 key; gives its time.
    ///
    /// `check(message, signature)` says whether the key made the signature.
    ///
    /// # Errors
    /// `tlog.cosignature-invalid` when the note carries none of that witness, or none that is valid.
    pub fn verify(
        note: &SignedNote,
        name: &str,
        public_key: &[u8; 32],
        check: impl Fn(&[u8], &[u8]) -> bool,
    ) -> Result<u64, Error> {
        let hint = crate::key_hint(&crate::cosignature_key_id(name, public_key));
        let mut found = Error::CosignatureAbsent {
            name: name.to_owned(),
        };
        for line in note.signatures_by(hint).filter(|line| line.name == name) {
            match Self::parse(line) {
                Ok(cosignature)
                    if check(
                        &Self::message(note.text(), cosignature.time),
                        &cosignature.signature,
                    ) =>
                {
                    return Ok(cosignature.time);
                }
                Ok(_) => {
                    found = Error::CosignatureWrong {
                        name: name.to_owned(),
                    };
                }
                Err(error) => found = error,
            }
        }
        Err(found)
    }
}

#[cfg(test)]
mod tests;
