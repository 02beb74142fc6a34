//! PEM (RFC 7468) with one expected label.

use der::pem::LineEnding;

use crate::Error;
use crate::error::Structure;

/// The bytes of the first block of `text`, which must carry `label`.
pub(crate) fn decode(
    text: &str,
    label: &'static str,
    structure: Structure,
) -> Result<Vec<u8>, Error> {
    if text.len() > MAX_PEM_BYTES {
        return Err(Error::TooLarge {
            structure,
            limit: MAX_PEM_BYTES,
            found: text.len(),
        });
    }
    match der::pem::decode_vec(text.as_bytes()) {
        Ok((found, bytes)) if found == label => Ok(bytes),
        _ => Err(Error::Pem {
            structure,
            wanted: label,
        }),
    }
}

/// `bytes` as a block labelled `label`, with a line feed at its end.
pub(crate) fn encode(label: &str, bytes: &[u8]) -> String {
    der::pem::encode_string(label, LineEnding::LF, bytes).unwrap_or_default()
}

const MAX_PEM_BYTES: usize = 256 * 1024;
