//! PEM (RFC 7468) as it is found in files: text before, between and behind blocks is passed over,
//! lines may have any length and either end, and the headers of RFC 1421 are noticed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::pem::LineEnding;
use zeroize::Zeroizing;

use crate::Error;
use crate::error::Structure;

/// One block.
pub(crate) struct Block<'a> {
    pub(crate) label: &'a str,
    /// Whether headers stand in it (`Proc-Type: 4,ENCRYPTED`): its bytes are then of no use.
    pub(crate) has_headers: bool,
    /// `None` when its text is no Base64.
    pub(crate) bytes: Option<Zeroizing<Vec<u8>>>,
}

/// All blocks of `text`; a block that does not end is `None`.
pub(crate) fn blocks(text: &str) -> Option<Vec<Block<'_>>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = marker(line, "-----BEGIN ") else {
            continue;
        };
        let mut body = Zeroizing::new(String::with_capacity(text.len()));
        let mut has_headers = false;
        loop {
            let line = lines.next()?;
            if line.starts_with("-----") {
                if marker(line, "-----END ")? != label || blocks.len() == MAX_BLOCKS {
                    return None;
                }
                break;
            }
            has_headers |= line.contains(':');
            body.push_str(line);
        }
        blocks.push(Block {
            label,
            has_headers,
            bytes: STANDARD.decode(body.as_bytes()).ok().map(Zeroizing::new),
        });
    }
    Some(blocks)
}

/// The bytes of the first block of `text`, which must carry `label`.
pub(crate) fn decode(
    text: &str,
    label: &'static str,
    structure: Structure,
) -> Result<Vec<u8>, Error> {
    check_size(text.as_bytes(), structure)?;
    blocks(text)
        .unwrap_or_default()
        .into_iter()
        .next()
        .filter(|block| block.label == label)
        .and_then(|block| block.bytes)
        .map(|mut bytes| std::mem::take(&mut *bytes))
        .ok_or(Error::Pem {
            structure,
            wanted: label,
        })
}

/// Refuses a file that is too large for anything that is read here.
pub(crate) fn check_size(file: &[u8], structure: Structure) -> Result<(), Error> {
    if file.len() > MAX_PEM_BYTES {
        return Err(Error::TooLarge {
            structure,
            limit: MAX_PEM_BYTES,
            found: file.len(),
        });
    }
    Ok(())
}

/// `bytes` as a block labelled `label`, with a line feed at its end.
pub(crate) fn encode(label: &str, bytes: &[u8]) -> String {
    der::pem::encode_string(label, LineEnding::LF, bytes).unwrap_or_default()
}

fn marker<'a>(line: &'a str, prefix: &str) -> Option<&'a str> {
    line.strip_prefix(prefix)?.strip_suffix("-----")
}

const MAX_PEM_BYTES: usize = 256 * 1024;
const MAX_BLOCKS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Option<Vec<(&str, usize)>> {
        Some(
            blocks(text)?
                .into_iter()
                .map(|block| (block.label, block.bytes.map_or(usize::MAX, |b| b.len())))
                .collect(),
        )
    }

    #[test]
    fn blocks_are_found_between_other_text() {
        let one = "note: one\n-----BEGIN A-----\nAAAA\n-----END A-----\n";
        let two = "-----BEGIN B C-----\r\n AAAAAA\r\nAA \r\n-----END B C-----";
        assert_eq!(labels(one), Some(vec![("A", 3)]));
        assert_eq!(
            labels(&[one, "text\n", two].concat()),
            Some(vec![("A", 3), ("B C", 6)])
        );
        assert_eq!(labels("text"), Some(Vec::new()));
    }

    #[test]
    fn a_block_that_does_not_end_is_refused() {
        for text in [
            "-----BEGIN A-----\nAAAA\n",
            "-----BEGIN A-----\nAAAA\n-----END B-----\n",
            "-----BEGIN A-----\nAAAA\n-----END A----\n",
            "-----BEGIN A-----\n-----BEGIN A-----\n-----END A-----\n",
        ] {
            assert_eq!(labels(text), None, "{text}");
        }
    }

    #[test]
    fn text_that_is_no_base64_gives_no_bytes() {
        for body in ["AAA", "A*AA", "AAAA=", "Key: x"] {
            let text = format!("-----BEGIN A-----\n{body}\n-----END A-----\n");
            assert_eq!(labels(&text), Some(vec![("A", usize::MAX)]), "{body}");
        }
    }
}
