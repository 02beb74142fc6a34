//! Bytes that are written as base64 in JSON.

use std::fmt;

use base64::DecodeError;
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;

/// Bytes written as standard base64 with padding; read with either alphabet, as protobuf's JSON
/// mapping asks (proto3 language guide, "JSON Mapping", type `bytes`).
#[derive(Clone, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Base64(pub Vec<u8>);

impl Base64 {
    /// Decodes standard or URL-safe base64, padded or not.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn decode(text: &str) -> Result<Self, InvalidBase64> {
        match STANDARD.decode(text) {
            // Where the alphabets differ the other one is tried, so that nothing is read twice that
            // is in the usual one.
            Err(DecodeError::InvalidByte(_, b'-' | b'_')) => URL_SAFE.decode(text),
            decoded => decoded,
        }
        .map(Self)
        .map_err(|error| InvalidBase64(error.to_string()))
    }

    /// Encodes bytes in the standard alphabet with padding.
    pub fn encode(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Self::encode(&self.0))
    }
}

impl fmt::Debug for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64({self})")
    }
}

impl From<Vec<u8>> for Base64 {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Base64 {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl AsRef<[u8]> for Base64 {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::decode(&text).map_err(serde::de::Error::custom)
    }
}

const READ: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
static STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, READ);
static URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, READ);

/// Why some text is not base64.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not base64: {0}")]
pub struct InvalidBase64(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_alphabets_and_missing_padding() {
        for text in ["+/8=", "-_8=", "+/8", "-_8"] {
            assert_eq!(Base64::decode(text).unwrap().0, [0xfb, 0xff], "{text}");
        }
        assert!(Base64::decode("+_8=").is_err());
        assert!(Base64::decode("a").is_err());
    }

    #[test]
    fn reads_whatever_length_in_whichever_form() {
        for length in 0..100_u8 {
            for first in [0, 0x3f, 0xfb, 0xff] {
                let bytes: Vec<u8> = (0..length).map(|byte| first ^ (byte / 3)).collect();
                let standard = Base64::encode(&bytes);
                let url_safe = standard.replace('+', "-").replace('/', "_");
                for text in [&standard, &url_safe] {
                    assert_eq!(Base64::decode(text).unwrap().0, bytes, "{text}");
                    let bare = text.trim_end_matches('=');
                    assert_eq!(Base64::decode(bare).unwrap().0, bytes, "{bare}");
                }
                let mixed = format!("{url_safe}+A-_");
                assert!(Base64::decode(&mixed).is_err(), "{mixed}");
            }
        }
    }
}
