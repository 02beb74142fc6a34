//! The payload that cosign 1 and 2 signed for an image.
//!
//! Source: cosign `specs/SIGNATURE_SPEC.md`, after containers/image `docs/containers-signature.5.md`.
//! The signature is over these bytes as they are; the reference in them is a name somebody had for
//! the image, and says nothing about where it is now.

use std::collections::BTreeMap;

use sealwright_core::Digest;
use sealwright_core::canonical_json;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::Error;

/// What a payload says.
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleSigning {
    /// The digest of the image's manifest.
    pub manifest_digest: Digest,
    /// The name the signer had for the image. Untrusted beyond that.
    pub docker_reference: String,
    /// The signer's annotations.
    pub optional: BTreeMap<String, Value>,
}

impl SimpleSigning {
    /// Reads a payload.
    ///
    /// # Errors
    /// `claim.malformed`.
    pub fn parse(payload: &[u8]) -> Result<Self, Error> {
        let wire: Wire =
            canonical_json::from_slice(payload).map_err(|source| Error::PayloadMalformed {
                reason: source.to_string(),
            })?;
        let critical = wire.critical;
        if !TYPES.contains(&critical.kind.as_str()) {
            return Err(Error::PayloadMalformed {
                reason: format!("its type is {:?}, wanted {:?}", critical.kind, TYPES[0]),
            });
        }
        let digest = critical.image.docker_manifest_digest;
        Ok(Self {
            manifest_digest: digest
                .parse()
                .map_err(
                    |source: sealwright_core::InvalidDigest| Error::PayloadMalformed {
                        reason: source.to_string(),
                    },
                )?,
            docker_reference: critical.identity.docker_reference,
            optional: wire.optional.unwrap_or_default(),
        })
    }

    /// Writes a payload as cosign does; what is signed are these bytes.
    pub fn to_json(&self) -> Vec<u8> {
        let optional = match self.optional.is_empty() {
            true => Value::Null,
            false => json!(self.optional),
        };
        let payload = json!({
            "critical": {
                "identity": {"docker-reference": self.docker_reference},
                "image": {"docker-manifest-digest": self.manifest_digest.to_string()},
                "type": TYPES[0],
            },
            "optional": optional,
        });
        payload.to_string().into_bytes()
    }
}

#[derive(Deserialize)]
struct Wire {
    critical: Critical,
    optional: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Critical {
    #[serde(default)]
    identity: Identity,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Default, Deserialize)]
struct Identity {
    #[serde(default, rename = "docker-reference")]
    docker_reference: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    docker_manifest_digest: String,
}

/// What a payload may call itself: cosign's own name, and the one of Google's Binary Authorization,
/// which cosign takes too.
const TYPES: [&str; 2] = [
    "cosign container image signature",
    "Google cloud binauthz container signature",
];

#[cfg(test)]
mod tests {
    use sealwright_core::Diagnostic as _;

    use super::*;

    const GOOD: &str = r#"{"critical":{"identity":{"docker-reference":"localhost:5000/app"},"image":{"docker-manifest-digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"type":"cosign container image signature"},"optional":{"by":"me"}}"#;

    #[test]
    fn reads_what_cosign_writes() {
        let payload = SimpleSigning::parse(GOOD.as_bytes()).unwrap();
        assert_eq!(payload.manifest_digest, Digest::sha256(b""));
        assert_eq!(payload.docker_reference, "localhost:5000/app");
        assert_eq!(payload.optional["by"], "me");
        assert_eq!(payload.to_json(), GOOD.as_bytes());
        let none = GOOD.replace(r#"{"by":"me"}"#, "null");
        assert!(
            SimpleSigning::parse(none.as_bytes())
                .unwrap()
                .optional
                .is_empty()
        );
    }

    #[test]
    fn refuses_what_is_no_such_payload() {
        for (from, to) in [
            ("cosign container image signature", "something else"),
            ("sha256:e3", "sha256:e"),
            ("\"image\"", "\"picture\""),
            ("{\"critical\"", "{\"critical\":{},\"critical\""),
            ("}}", "}"),
        ] {
            let bad = GOOD.replacen(from, to, 1);
            assert_ne!(bad, GOOD);
            let error = SimpleSigning::parse(bad.as_bytes()).unwrap_err();
            assert_eq!(error.code().as_str(), "claim.malformed", "{bad}");
        }
    }
}
