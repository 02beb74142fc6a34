//! Bundles, trusted roots and the bodies of log entries.

use sealwright_core::Timestamp;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::ClientTrustConfig;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::SigningConfig;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::entry;

pub(super) fn bundle(data: &[u8]) {
    let without_root = Bundle::parse_without_root(data);
    if let Ok(bundle) = &without_root {
        check(bundle);
    }
    if let Ok(bundle) = Bundle::parse(data) {
        let other = without_root.expect("what is read at all is read without a root");
        assert_eq!(bundle.to_json(), other.to_json());
    }
}

pub(super) fn bundle_lines(data: &[u8]) {
    for bundle in Bundle::parse_lines(data).into_iter().flatten().flatten() {
        check(&bundle);
    }
}

fn check(bundle: &Bundle) {
    let written = bundle.to_json();
    let again = Bundle::parse(&written).expect("reads what it wrote");
    assert_eq!(again.to_json(), written, "one text for one bundle");
    assert_eq!(again.content, bundle.content);
    assert_eq!(again.signature(), bundle.signature());
    for log_entry in &bundle.log_entries {
        let _ = (log_entry.log_version(), log_entry.promise_payload());
    }
}

pub(super) fn trusted_root(data: &[u8]) {
    let Ok(root) = TrustRoot::parse(data) else {
        return;
    };
    let written = root.to_json();
    let again = TrustRoot::parse(&written).expect("reads what it wrote");
    assert_eq!(again.to_json(), written, "one text for one trusted root");
}

pub(super) fn signing_config(data: &[u8]) {
    if let Ok(config) = SigningConfig::parse(data) {
        let written = config.to_json();
        let again = SigningConfig::parse(&written).expect("reads what it wrote");
        assert_eq!(again, config);
        for at in [0, 1_700_000_000, 4_000_000_000] {
            let now = Timestamp::from_seconds(at);
            let versions = [LogVersion::V1, LogVersion::V2];
            let logs = config.logs(now, &versions).unwrap_or_default();
            let mut operators: Vec<_> = logs.iter().map(|(log, _)| &log.operator).collect();
            operators.sort();
            operators.dedup();
            assert_eq!(operators.len(), logs.len(), "one log of each operator");
            let _ = config.timestamp_authorities(now);
            let _ = (config.certificate_authority(now), config.token_issuer(now));
        }
    }
    let _ = ClientTrustConfig::parse(data);
}

pub(super) fn log_entry_body(data: &[u8]) {
    let _ = entry::parse_body(data);
}
