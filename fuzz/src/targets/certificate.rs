//! X.509 certificates, chains of them, and the certificate timestamps inside.

use sealwright_crypto::Certificate;
use sealwright_crypto::Eku;
use sealwright_crypto::build_chain;

/// The certificate authority's leaf that other targets' seeds come from, too.
const TEMPLATE: &[u8] = include_bytes!("../../seeds/certificate/leaf.der");

pub(super) fn certificate(data: &[u8]) {
    let Ok(certificate) = Certificate::from_der(data) else {
        return;
    };
    assert_eq!(certificate.der(), data);
    let again = Certificate::from_pem(&certificate.to_pem()).expect("reads what it wrote");
    assert_eq!(again.der(), data);
    let _ = (
        certificate.identity(),
        certificate.issuer_claim(),
        certificate.scts(),
        certificate.serial(),
        certificate.subject_key_id(),
        certificate.has_eku(Eku::CodeSigning),
    );
    for number in 1..30 {
        let _ = certificate.fulcio_extension(number);
    }
    // As leaf, intermediate and anchor at once, at both ends of its validity.
    let own = std::slice::from_ref(&certificate);
    for at in [certificate.not_before(), certificate.not_after()] {
        if let Ok(chain) = build_chain(&certificate, own, own, at, Eku::CodeSigning) {
            assert!(!chain.leaf.is_ca());
        }
    }
    let template = template();
    let chain = build_chain(&template, own, own, template.not_before(), Eku::CodeSigning);
    if let Ok(chain) = chain {
        // Only the true issuer's public key can have signed the template.
        let issuer = chain.issuer().expect("a chain has an issuer").public_key();
        assert!(template.verify_signed_by(issuer).is_ok());
    }
}

/// The bytes become the value of the extension that carries the timestamps.
pub(super) fn sct(data: &[u8]) {
    let place = TEMPLATE
        .windows(SCT_LIST.len())
        .position(|window| window == SCT_LIST)
        .expect("the template has such an extension")
        + SCT_LIST.len();
    let certificate = Certificate::from_der(&with_value(TEMPLATE, place, data))
        .expect("the value is not looked at yet");
    let Ok(timestamps) = certificate.scts() else {
        return;
    };
    let template = template();
    for timestamp in timestamps {
        // The key is none of a log's.
        let verified = timestamp.verify(&certificate, &template, template.public_key());
        assert!(verified.is_err());
    }
}

fn template() -> Certificate {
    Certificate::from_der(TEMPLATE).expect("the template")
}

/// A copy of the DER element `der` in which the element at the offset `place` has another content;
/// all lengths around it follow.
fn with_value(der: &[u8], place: usize, value: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    if place == 0 {
        content.extend_from_slice(value);
    } else {
        let (start, end) = content_of(der);
        let mut at = start;
        while at < end {
            let child = &der[at..at + content_of(&der[at..]).1];
            if (at..at + child.len()).contains(&place) {
                content.extend(with_value(child, place - at, value));
            } else {
                content.extend_from_slice(child);
            }
            at += child.len();
        }
    }
    let mut out = vec![der[0]];
    let length = content.len().to_be_bytes();
    let significant = length.iter().skip_while(|byte| **byte == 0).copied();
    match content.len() {
        short @ 0..0x80 => out.push(short as u8),
        _ => {
            out.push(0x80 + significant.clone().count() as u8);
            out.extend(significant);
        }
    }
    out.extend(content);
    out
}

/// Where the content of the element at the front starts and ends.
fn content_of(der: &[u8]) -> (usize, usize) {
    match usize::from(der[1]) {
        short @ 0..0x80 => (2, 2 + short),
        long => {
            let start = 2 + (long - 0x80);
            let length = der[2..start]
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (start, start + length)
        }
    }
}

/// The element 1.3.6.1.4.1.11129.2.4.2 (RFC 6962 section 3.3).
const SCT_LIST: &[u8] = b"\x06\x0a\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02";
