//! The client trust configuration: a trusted root together with where to sign, in one file that
//! unmodified clients take.
//!
//! Source: sigstore protobuf-specs, `sigstore_trustroot.proto` (`SigningConfig` 0.2,
//! `ClientTrustConfig` 0.1).

use sealwright_core::Timestamp;
use serde::Serialize;

use crate::TrustRoot;
use crate::trust_root::WireTrustedRoot;

/// Where a client signs: one service of each kind.
///
/// sigstore-python does not load a configuration without URLs of an authority and a log, even one
/// it only verifies with, so all of them are written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SigningConfig {
    /// Who runs the services.
    pub operator: String,
    /// From when on they take part.
    pub start: Timestamp,
    /// Base URL of the certificate authority (Fulcio's API).
    pub ca_url: String,
    /// The token issuer.
    pub oidc_url: String,
    /// Base URLs of the logs, newest first, each with its API's major version.
    pub log_urls: Vec<(String, u32)>,
    /// The whole URL of the timestamp authority.
    pub tsa_url: String,
}

/// A trusted root with a signing configuration.
#[derive(Clone, Debug)]
pub struct ClientTrustConfig {
    /// Whom to trust.
    pub trust_root: TrustRoot,
    /// Where to sign.
    pub signing: SigningConfig,
}

impl SigningConfig {
    /// Writes it as media type `signingconfig.v0.2`.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.wire()).unwrap_or_default()
    }

    fn wire(&self) -> WireConfig<'_> {
        let service = |url, version| Service {
            url,
            major_api_version: version,
            valid_for: Start { start: self.start },
            operator: &self.operator,
        };
        WireConfig {
            media_type: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            ca_urls: vec![service(&self.ca_url, 1)],
            oidc_urls: vec![service(&self.oidc_url, 1)],
            rekor_tlog_urls: self
                .log_urls
                .iter()
                .map(|(url, version)| service(url, *version))
                .collect(),
            rekor_tlog_config: Selection { selector: "ANY" },
            tsa_urls: vec![service(&self.tsa_url, 1)],
            tsa_config: Selection { selector: "ANY" },
        }
    }
}

impl ClientTrustConfig {
    /// Writes it as media type `clienttrustconfig.v0.1`.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&WireClientConfig {
            media_type: "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            trusted_root: WireTrustedRoot::from_trust_root(&self.trust_root),
            signing_config: self.signing.wire(),
        })
        .unwrap_or_default()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireClientConfig<'a> {
    media_type: &'static str,
    trusted_root: WireTrustedRoot,
    signing_config: WireConfig<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireConfig<'a> {
    media_type: &'static str,
    ca_urls: Vec<Service<'a>>,
    oidc_urls: Vec<Service<'a>>,
    rekor_tlog_urls: Vec<Service<'a>>,
    rekor_tlog_config: Selection,
    tsa_urls: Vec<Service<'a>>,
    tsa_config: Selection,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Service<'a> {
    url: &'a str,
    major_api_version: u32,
    valid_for: Start,
    operator: &'a str,
}

#[derive(Serialize)]
struct Start {
    start: Timestamp,
}

#[derive(Serialize)]
struct Selection {
    selector: &'static str,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;

    #[test]
    fn names_every_service_a_client_wants() {
        let config = ClientTrustConfig {
            trust_root: TrustRoot::default(),
            signing: SigningConfig {
                operator: "test".to_owned(),
                start: Timestamp::EPOCH,
                ca_url: "https://ca".to_owned(),
                oidc_url: "https://oidc".to_owned(),
                log_urls: vec![("https://log".to_owned(), 2), ("https://log".to_owned(), 1)],
                tsa_url: "https://tsa/api/v1/timestamp".to_owned(),
            },
        };
        let written: Value = serde_json::from_slice(&config.to_json()).unwrap();
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
}
