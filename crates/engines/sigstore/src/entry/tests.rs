use sealwright_core::dsse;
use sealwright_testkit::corpus;

use super::*;
use crate::Bundle;
use crate::Content;

/// Every good bundle of the public suite.
fn recorded() -> Vec<Bundle> {
    let Some(corpus) = corpus("sigstore-conformance") else {
        return Vec::new();
    };
    std::fs::read_dir(corpus.join("test/assets/bundle-verify"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !path.to_string_lossy().ends_with("_fail"))
        .map(|path| std::fs::read(path.join("bundle.sigstore.json")).unwrap())
        .map(|json| Bundle::parse(&json).unwrap())
        .collect()
}

/// The logs' own bodies are made again, byte for byte, from what they say.
#[test]
fn bodies_are_those_that_logs_write() {
    let bundles = recorded();
    let mut compared = 0;
    for bundle in &bundles {
        let logged = bundle.log_entries[0].canonicalized_body.as_bytes();
        let body = parse_body(logged).unwrap();
        assert_eq!(body.kind, bundle.log_entries[0].kind);
        let EntrySubject::Message(digest) = body.subject else {
            continue;
        };
        let entry = HashedRekord {
            digest,
            signature: body.signature,
            verifier: body.verifier,
            key_details: body.key_details.unwrap_or(KeyDetails::PkixEcdsaP256Sha256),
        };
        let entry = match body.kind.log_version() {
            LogVersion::V1 => ProposedEntry::HashedRekordV001(entry),
            LogVersion::V2 => ProposedEntry::HashedRekordV002(entry),
        };
        let made = String::from_utf8(entry.canonical_body().unwrap()).unwrap();
        assert_eq!(made, String::from_utf8(logged.to_vec()).unwrap());
        compared += 1;
    }
    assert!(bundles.is_empty() || compared >= 15, "only {compared}");
}

/// The hash of the envelope's text is the one part that a bundle does not preserve.
#[test]
fn envelopes_are_recorded_as_logs_record_them() {
    for bundle in recorded() {
        let Content::Dsse(envelope) = &bundle.content else {
            continue;
        };
        let logged = bundle.log_entries[0].canonicalized_body.as_bytes();
        let body = parse_body(logged).unwrap();
        let entry = DsseEntry {
            envelope: envelope.clone(),
            verifier: body.verifier,
            key_details: KeyDetails::PkixEcdsaP256Sha256,
        };
        let (made, varying) = match body.kind {
            EntryKind::DsseV001 => (ProposedEntry::DsseV001(entry), "/spec/envelopeHash"),
            EntryKind::IntotoV002 => (ProposedEntry::IntotoV002(entry), "/spec/content/hash"),
            _ => continue,
        };
        let mut values = [made.canonical_body().unwrap(), logged.to_vec()]
            .map(|json| serde_json::from_slice::<serde_json::Value>(&json).unwrap());
        for value in &mut values {
            *value.pointer_mut(varying).unwrap() = serde_json::Value::Null;
            // The one recorded log of this kind kept the payload, and PEM on one line.
            if let Some(envelope) = value.pointer_mut("/spec/content/envelope") {
                envelope.as_object_mut().unwrap().remove("payload");
                let signature = envelope.pointer_mut("/signatures/0").unwrap();
                signature.as_object_mut().unwrap().remove("publicKey");
            }
        }
        assert_eq!(values[0], values[1]);
    }
}

#[test]
fn reads_what_it_wrote() {
    let signature = dsse::Signature {
        sig: b"signature".as_slice().into(),
        keyid: "key".to_owned(),
    };
    let entry = DsseEntry {
        envelope: Envelope {
            payload: b"{}".as_slice().into(),
            payload_type: sealwright_core::MediaType::IN_TOTO,
            signatures: vec![signature.clone()],
        },
        verifier: Verifier::PublicKey(vec![7; 91]),
        key_details: KeyDetails::PkixEcdsaP256Sha256,
    };
    for entry in [
        ProposedEntry::DsseV001(entry.clone()),
        ProposedEntry::DsseV002(entry.clone()),
        ProposedEntry::IntotoV002(entry),
    ] {
        let body = parse_body(&entry.canonical_body().unwrap()).unwrap();
        assert_eq!(body.kind, entry.kind());
        assert_eq!(body.signature, signature.sig);
        assert_eq!(body.verifier, Verifier::PublicKey(vec![7; 91]));
        assert_eq!(body.subject, EntrySubject::Payload(Digest::sha256(b"{}")));
    }
}

#[test]
fn pem_is_read_as_it_is_written() {
    for length in [0, 1, 47, 48, 49, 96, 500] {
        for verifier in [
            Verifier::Certificate(vec![9; length]),
            Verifier::PublicKey(vec![9; length]),
        ] {
            let pem = verifier.to_pem();
            assert!(pem.lines().all(|line| line.len() <= 64));
            assert_eq!(Verifier::from_pem(&pem), Some(verifier));
        }
    }
    for text in [
        "",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ] {
        assert_eq!(Verifier::from_pem(text), None, "{text}");
    }
}
