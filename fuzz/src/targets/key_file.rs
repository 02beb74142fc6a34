//! Keys in every form that people keep them in, cosign's encrypted key files, certificate requests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealwright_core::Diagnostic as _;
use sealwright_crypto::CertificateRequest;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SigningKey;

const PASSWORD: &[u8] = b"sealwright";

/// A whole file, PEM or DER, under the password of the seeds.
pub(super) fn key_file(data: &[u8]) {
    if let Ok(key) = PublicKey::import(data) {
        let again = PublicKey::import(key.to_pem().as_bytes()).expect("reads what it wrote");
        assert_eq!(again, key);
        assert!(
            SigningKey::import(data, None).is_err(),
            "one file, two halves"
        );
    }
    if let Ok(key) = SigningKey::import(data, None) {
        private(&key);
        assert!(PublicKey::import(data).is_err(), "one file, two halves");
    }
    // A key file of cosign costs 64 MiB a try: it has a target of its own.
    let is_cosigns = data
        .windows(7)
        .any(|part| part == b"SIGSTOR" || part == b"COSIGN ");
    if !is_cosigns && let Ok(key) = SigningKey::import(data, Some(PASSWORD)) {
        private(&key);
    }
}

/// The JSON inside a key file of cosign.
pub(super) fn cosign_key_file(data: &[u8]) {
    let label = "ENCRYPTED SIGSTORE PRIVATE KEY";
    let body = STANDARD.encode(data);
    let file = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let error = SigningKey::import(file.as_bytes(), None).expect_err("nothing opens unasked");
    if error.code().as_str() == "key.password-needed"
        && is_cheap(data)
        && let Ok(key) = SigningKey::import(file.as_bytes(), Some(PASSWORD))
    {
        private(&key);
    }
}

/// PEM or DER.
pub(super) fn certificate_request(data: &[u8]) {
    let read = match std::str::from_utf8(data) {
        Ok(text) if text.contains("-----") => CertificateRequest::from_pem(text),
        _ => CertificateRequest::from_der(data),
    };
    let Ok(request) = read else {
        return;
    };
    let again = CertificateRequest::from_pem(&request.to_pem()).expect("reads what it wrote");
    assert_eq!(again.der(), request.der());
    assert_eq!(again.proven_key(), request.proven_key());
}

fn private(key: &SigningKey) {
    let text = key
        .to_pkcs8_pem()
        .expect("a key that was read can be written");
    let again = SigningKey::import(text.as_bytes(), None).expect("reads what it wrote");
    assert_eq!(again.public_key(), key.public_key());
    assert_eq!(again.scheme(), key.scheme());
    let signature = key.sign(b"message").expect("a key that was read can sign");
    let public = key.public_key();
    assert_eq!(public.verify(key.scheme(), b"message", &signature), Ok(()));
}

/// Whether trying the password takes next to nothing.
fn is_cheap(json: &[u8]) -> bool {
    let Ok(file) = serde_json::from_slice::<serde_json::Value>(json) else {
        return false;
    };
    let cost = |name| file["kdf"]["params"][name].as_u64();
    match (cost("N"), cost("r"), cost("p")) {
        (Some(n), Some(r), Some(p)) => n.saturating_mul(r).saturating_mul(p) <= 1024,
        _ => false,
    }
}
