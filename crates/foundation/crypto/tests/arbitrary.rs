//! Parsers of outside bytes answer whatever they are given, and never panic.

use proptest::prelude::*;
use sealwright_crypto::Certificate;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SigningKey;
use sealwright_crypto::TimestampRequest;
use sealwright_crypto::TimestampToken;

/// Bytes that look like DER more often than random ones do.
fn der() -> impl Strategy<Value = Vec<u8>> {
    let leaf = (
        prop::sample::select(vec![
            0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x17, 0x18, 0x80,
        ]),
        prop::collection::vec(any::<u8>(), 0..40),
    )
        .prop_map(|(tag, value)| element(tag, &value));
    leaf.prop_recursive(6, 64, 8, |inner| {
        (
            prop::sample::select(vec![0x30, 0x31, 0xa0, 0xa1, 0xa3]),
            prop::collection::vec(inner, 0..8),
        )
            .prop_map(|(tag, parts)| element(tag, &parts.concat()))
    })
}

fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(value.len()) {
        Ok(length @ 0..0x80) => out.push(length),
        Ok(length) => out.extend([0x81, length]),
        Err(_) => {
            out.push(0x82);
            out.extend(u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
        }
    }
    out.extend(value);
    out
}

fn read_all(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(bytes) {
        let _ = (certificate.identity(), certificate.scts());
    }
    let _ = PublicKey::from_der(bytes);
    let _ = PublicKey::from_pkcs1_der(bytes);
    let _ = SigningKey::from_pkcs8_der(bytes);
    let _ = TimestampRequest::from_der(bytes);
    if let Ok(token) = TimestampToken::from_response_der(bytes) {
        let _ = token.certificates();
    }
}

proptest! {
    #[test]
    fn random_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_all(&bytes);
    }

    #[test]
    fn random_der_is_answered(bytes in der()) {
        read_all(&bytes);
    }

    #[test]
    fn random_text_is_answered(text in "(-----BEGIN [A-Z ]{0,12}-----\n)?[A-Za-z0-9+/=\n]{0,200}(-----END [A-Z ]{0,12}-----)?") {
        let _ = Certificate::from_pem(&text);
        let _ = PublicKey::from_pem(&text);
        let _ = SigningKey::from_pkcs8_pem(&text);
    }
}
