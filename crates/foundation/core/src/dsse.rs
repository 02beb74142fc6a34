//! Dead Simple Signing Envelopes.
//!
//! Source: DSSE v1.0.2, protocol.md and envelope.md.

use serde::Deserialize;
use serde::Serialize;

use crate::Base64;
use crate::MediaType;

/// A payload with its type and signatures over both (envelope.md).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// The bytes that were signed.
    pub payload: Base64,
    /// What they are.
    pub payload_type: MediaType,
    /// The signatures, each over [`pre_authentication_encoding`].
    pub signatures: Vec<Signature>,
}

/// One signature of an [`Envelope`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Signature {
    /// The signature bytes.
    pub sig: Base64,
    /// An unauthenticated hint about the key; never trusted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub keyid: String,
}

impl Envelope {
    /// The bytes a signature of this envelope signs.
    pub fn signed_bytes(&self) -> Vec<u8> {
        pre_authentication_encoding(self.payload_type.as_str(), self.payload.as_bytes())
    }
}

/// `PAE(type, body)` of protocol.md: what is signed instead of the body alone.
pub fn pre_authentication_encoding(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        body.len()
    );
    let mut out = head.into_bytes();
    out.extend_from_slice(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_the_specification_example() {
        assert_eq!(
            pre_authentication_encoding("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }
}
