//! What others need in order to trust this authority.

use sealwright_sigstore::Authority as TrustedAuthority;
use sealwright_sigstore::ClientTrustConfig;
use sealwright_sigstore::Selection;
use sealwright_sigstore::SigningConfig;
use sealwright_sigstore::SigningService;
use sealwright_sigstore::TransparencyLog;
use sealwright_sigstore::TrustProfile;
use sealwright_sigstore::TrustRoot;

use crate::Authority;

impl Authority {
    /// The trusted root: this authority's certificates and keys together with the signature logs
    /// given. Newest certificates come last, older ones stay.
    pub fn trust_root(&self, logs: impl IntoIterator<Item = TransparencyLog>) -> TrustRoot {
        let instance = self.instance();
        let domain = instance.domain();
        let mut root = TrustRoot::new(TrustProfile::DEFAULT);
        root.logs = logs.into_iter().collect();
        root.certificate_authorities = self
            .certificate_authorities()
            .iter()
            .map(|authority| {
                TrustedAuthority::new(
                    domain.clone(),
                    "sealwright root",
                    instance.ca_url(),
                    vec![authority.intermediate.clone(), authority.root.clone()],
                    authority.since,
                )
            })
            .collect();
        root.ct_logs = vec![TransparencyLog::new(
            instance.ct_url(),
            self.ct_log_key().clone(),
            instance.created(),
        )];
        root.timestamp_authorities = self
            .timestamp_authorities()
            .iter()
            .map(|authority| {
                TrustedAuthority::new(
                    domain.clone(),
                    "sealwright timestamp root",
                    instance.tsa_url(),
                    vec![authority.leaf.clone(), authority.root.clone()],
                    authority.since,
                )
            })
            .collect();
        root
    }

    /// The same together with where to sign, as unmodified clients take it in one file. The URLs
    /// name this authority; nobody answers under them.
    pub fn client_trust_config(
        &self,
        logs: impl IntoIterator<Item = TransparencyLog>,
    ) -> ClientTrustConfig {
        let instance = self.instance();
        let service = |url: String, version| {
            SigningService::new(url, version, instance.created(), instance.domain())
        };
        ClientTrustConfig {
            trust_root: self.trust_root(logs),
            signing: SigningConfig {
                certificate_authorities: vec![service(instance.ca_url(), 1)],
                token_issuers: vec![service(instance.issuer(), 1)],
                logs: vec![
                    service(instance.log_url(), 2),
                    service(instance.log_url(), 1),
                ],
                log_selection: Selection::Any,
                timestamp_authorities: vec![service(instance.tsa_url(), 1)],
                timestamp_selection: Selection::Any,
            },
        }
    }
}
