//! DSSE envelopes and in-toto statements.

use sealwright_core::Digest;
use sealwright_core::Statement;
use sealwright_core::canonical_json;
use sealwright_core::dsse::Envelope;
use sealwright_core::uris;
use sealwright_slsa::Summary;

pub(super) fn statement(data: &[u8]) {
    if let Ok(envelope) = canonical_json::from_slice::<Envelope>(data) {
        let signed = envelope.signed_bytes();
        assert!(signed.starts_with(b"DSSEv1 ") && signed.ends_with(envelope.payload.as_bytes()));
        read(envelope.payload.as_bytes());
    }
    read(data);
}

fn read(payload: &[u8]) {
    let Ok(statement) = Statement::parse(payload) else {
        return;
    };
    // A statement is about none but the digests it names.
    let stranger = Digest::sha256(b"an artifact that no seed is about");
    assert!(!statement.is_about(&stranger));
    let predicate = statement.predicate.get().as_bytes();
    for version in [
        uris::PREDICATE_SLSA_PROVENANCE_V1,
        uris::PREDICATE_SLSA_PROVENANCE_V02,
    ] {
        let _ = Summary::parse(version, predicate);
    }
    let written = serde_json::to_vec(&statement).expect("writes what it read");
    let again = Statement::parse(&written).expect("reads what it wrote");
    assert_eq!(again.subject, statement.subject);
    assert_eq!(again.predicate_type, statement.predicate_type);
}
