//! The client trust configuration: a trusted root together with where to sign, in one file that
//! unmodified clients take.
//!
//! Source: sigstore protobuf-specs, `sigstore_trustroot.proto` (`ClientTrustConfig` 0.1).

use sealwright_core::canonical_json;
use serde::Deserialize;
use serde::Serialize;

use crate::Error;
use crate::SigningConfig;
use crate::TrustRoot;
use crate::error::SigningConfigFault;
use crate::signing_config::WireConfig;
use crate::trust_root::WireTrustedRoot;

/// A trusted root with a signing configuration.
#[derive(Clone, Debug)]
pub struct ClientTrustConfig {
    /// Whom to trust.
    pub trust_root: TrustRoot,
    /// Where to sign.
    pub signing: SigningConfig,
}

impl ClientTrustConfig {
    /// Reads media type `clienttrustconfig.v0.1`; both parts must be there.
    ///
    /// # Errors
    /// `signing-config.malformed`, `signing-config.unsupported`, `trust.malformed`,
    /// `trust.unsupported`.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        if json.len() > MAX_BYTES {
            return Err(SigningConfigFault::TooMany {
                what: "bytes",
                found: json.len(),
                limit: MAX_BYTES,
            }
            .into());
        }
        let wire: WireClientConfig = canonical_json::from_slice(json)
            .map_err(|source| SigningConfigFault::Json { source })?;
        let media_type = wire.media_type.unwrap_or_default();
        if media_type != MEDIA_TYPE {
            return Err(Error::SigningConfigUnsupported {
                what: "media type",
                value: media_type,
            });
        }
        let missing = |what| Error::from(SigningConfigFault::Part { what });
        let root = wire.trusted_root.ok_or_else(|| missing("trustedRoot"))?;
        let signing = wire.signing_config;
        Ok(Self {
            trust_root: root.into_trust_root()?,
            signing: signing.ok_or_else(|| missing("signingConfig"))?.read()?,
        })
    }

    /// Writes it as media type `clienttrustconfig.v0.1`.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&WireClientConfig {
            media_type: Some(MEDIA_TYPE.to_owned()),
            trusted_root: Some(WireTrustedRoot::from_trust_root(&self.trust_root)),
            signing_config: Some(WireConfig::of(&self.signing)),
        })
        .unwrap_or_default()
    }
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireClientConfig {
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    trusted_root: Option<WireTrustedRoot>,
    #[serde(default)]
    signing_config: Option<WireConfig>,
}

const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
const MAX_BYTES: usize = 17 << 20;

#[cfg(test)]
mod tests {
    use sealwright_core::Diagnostic as _;
    use sealwright_core::Timestamp;
    use serde_json::Value;
    use serde_json::json;

    use super::*;
    use crate::Selection;
    use crate::SigningService;

    fn config() -> ClientTrustConfig {
        let service = |url, version| SigningService::new(url, version, Timestamp::EPOCH, "test");
        ClientTrustConfig {
            trust_root: TrustRoot::default(),
            signing: SigningConfig {
                certificate_authorities: vec![service("https://ca", 1)],
                token_issuers: vec![service("https://oidc", 1)],
                logs: vec![service("https://log", 2), service("https://log", 1)],
                log_selection: Selection::Any,
                timestamp_authorities: vec![service("https://tsa/api/v1/timestamp", 1)],
                timestamp_selection: Selection::Any,
            },
        }
    }

    #[test]
    fn names_every_service_a_client_wants() {
        let written: Value = serde_json::from_slice(&config().to_json()).unwrap();
        let service = |url, version| {
            json!({
                "url": url,
                "majorApiVersion": version,
                "validFor": {"start": "1970-01-01T00:00:00Z"},
                "operator": "test",
            })
        };
        assert_eq!(
            written["signingConfig"],
            json!({
                "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                "caUrls": [service("https://ca", 1)],
                "oidcUrls": [service("https://oidc", 1)],
                "rekorTlogUrls": [service("https://log", 2), service("https://log", 1)],
                "rekorTlogConfig": {"selector": "ANY"},
                "tsaUrls": [service("https://tsa/api/v1/timestamp", 1)],
                "tsaConfig": {"selector": "ANY"},
            })
        );
        assert_eq!(
            written["trustedRoot"]["mediaType"],
            "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
        );
    }

    #[test]
    fn reads_what_it_wrote() {
        let read = ClientTrustConfig::parse(&config().to_json()).unwrap();
        assert_eq!(read.signing, config().signing);
        assert_eq!(read.to_json(), config().to_json());
    }

    #[test]
    fn refuses_a_file_that_lacks_a_part() {
        let good: Value = serde_json::from_slice(&config().to_json()).unwrap();
        for (part, wanted) in [
            ("trustedRoot", "signing-config.malformed"),
            ("signingConfig", "signing-config.malformed"),
            ("mediaType", "signing-config.unsupported"),
        ] {
            let mut lacking = good.clone();
            lacking.as_object_mut().unwrap().remove(part);
            let error = ClientTrustConfig::parse(lacking.to_string().as_bytes()).unwrap_err();
            assert_eq!(error.code().as_str(), wanted, "{part}");
        }
        let error = ClientTrustConfig::parse(&vec![b' '; MAX_BYTES + 1]).unwrap_err();
        assert_eq!(error.code().as_str(), "signing-config.malformed");
    }
}
