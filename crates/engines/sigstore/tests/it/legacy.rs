//! Evidence as cosign 1 and 2 stored it: good, and with one thing wrong.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::dsse::Envelope;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Claim;
use sealwright_sigstore::Content;
use sealwright_sigstore::LegacyParts;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::Outcome;
use sealwright_sigstore::entry::EntryKind;
use serde_json::json;

use crate::authority::*;

/// What lies beside a signature.
struct Stored {
    certificate: String,
    chain: String,
    rekor_bundle: String,
    timestamp: String,
}

impl Stored {
    fn parts(&self) -> LegacyParts<'_> {
        LegacyParts {
            certificate: Some(&self.certificate),
            chain: Some(&self.chain),
            rekor_bundle: Some(&self.rekor_bundle),
            timestamp: Some(&self.timestamp),
        }
    }
}

fn stored(signing: &Signing<'_>, entry: &LogEntry, signature: &[u8]) -> Stored {
    let world = signing.world;
    let rekor_bundle = json!({
        "SignedEntryTimestamp": entry.inclusion_promise.as_ref().unwrap().to_string(),
        "Payload": {
            "body": entry.canonicalized_body.to_string(),
            "integratedTime": entry.integrated_time.unwrap().seconds(),
            "logIndex": entry.log_index,
            "logID": entry.log_id.to_hex(),
        },
    });
    let stamp = Base64(world.stamp(signature, signed_at()));
    Stored {
        certificate: signing.leaf.to_pem(),
        // With the root, as cosign stores it.
        chain: world.intermediate.to_pem() + &world.root_certificate.to_pem(),
        rekor_bundle: rekor_bundle.to_string(),
        timestamp: json!({ "SignedRFC3161Timestamp": stamp.to_string() }).to_string(),
    }
}

fn payload(digest: &Digest) -> Vec<u8> {
    format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"localhost/app"}},"image":{{"docker-manifest-digest":"{digest}"}},"type":"cosign container image signature"}},"optional":null}}"#
    )
    .into_bytes()
}

/// A signature over a payload about [`ARTIFACT`], logged.
fn image(signing: &Signing<'_>) -> (Vec<u8>, Vec<u8>, Stored) {
    let payload = payload(&Digest::sha256(ARTIFACT));
    let signature = signing.key.sign(&payload).unwrap();
    let entry = signing.hashed(Digest::sha256(&payload), &signature);
    let logged = signing.bundle(&entry, message_content(signature.clone()));
    let stored = stored(signing, &logged.log_entries[0], &signature);
    (payload, signature, stored)
}

/// A statement about [`ARTIFACT`], logged in the oldest way.
fn attestation(signing: &Signing<'_>) -> (Vec<u8>, Stored) {
    let envelope = signing.sign_envelope(statement_about(&Digest::sha256(ARTIFACT)));
    let json = serde_json::to_vec(&envelope).unwrap();
    let body = json!({
        "apiVersion": "0.0.1",
        "kind": "intoto",
        "spec": {
            "content": {
                "hash": { "algorithm": "sha256", "value": Digest::sha256(&json).to_hex() },
                "payloadHash": {
                    "algorithm": "sha256",
                    "value": Digest::sha256(envelope.payload.as_bytes()).to_hex(),
                },
            },
            "publicKey": Base64(signing.leaf.to_pem().into_bytes()).to_string(),
        },
    });
    let entry = signing.world.log(
        body.to_string().as_bytes(),
        EntryKind::IntotoV001,
        LogVersion::V1,
        Some(signed_at()),
    );
    let stored = stored(signing, &entry, envelope.signatures[0].sig.as_bytes());
    (json, stored)
}

fn accepted(world: &World, bundle: &Bundle) -> Claim {
    match world.judge(bundle).outcome {
        Outcome::Accepted(verified) => verified.into_claim(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn accepts_an_image_signature() {
    let world = World::new();
    let (payload, signature, stored) = image(&world.signing(LogVersion::V1));
    for parts in [
        stored.parts(),
        // The promise alone gives the time.
        LegacyParts {
            timestamp: None,
            ..stored.parts()
        },
    ] {
        let bundle =
            Bundle::from_simple_signing(&payload, signature.clone().into(), &parts).unwrap();
        let Claim::Image(claim) = accepted(&world, &bundle) else {
            panic!("another claim");
        };
        assert_eq!(claim.docker_reference, "localhost/app");
    }
}

#[test]
fn accepts_an_attestation_of_the_oldest_kind_of_entry() {
    let world = World::new();
    let (json, stored) = attestation(&world.signing(LogVersion::V1));
    let bundle = Bundle::from_envelope(&json, &stored.parts()).unwrap();
    assert!(matches!(accepted(&world, &bundle), Claim::Statement(_)));
}

#[test]
fn accepts_a_signature_of_a_blob() {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let signature = signing.key.sign(ARTIFACT).unwrap();
    let entry = signing.hashed(Digest::sha256(ARTIFACT), &signature);
    let logged = signing.bundle(&entry, message_content(signature.clone()));
    let stored = stored(&signing, &logged.log_entries[0], &signature);
    let detached = Bundle::from_detached(signature.clone().into(), &stored.parts()).unwrap();
    assert!(matches!(accepted(&world, &detached), Claim::Message(_)));

    let written = format!(
        r#"{{"base64Signature":"{}","cert":"{}","rekorBundle":{}}}"#,
        Base64(signature),
        Base64(stored.certificate.clone().into_bytes()),
        stored.rekor_bundle,
    );
    let bundle = Bundle::parse_signed_payload(written.as_bytes()).unwrap();
    // It has no chain: the trusted root's authority issued the leaf itself.
    assert!(matches!(
        accepted(&world, &bundle.unwrap()),
        Claim::Message(_)
    ));
    assert!(Bundle::parse_signed_payload(b"{}").is_none());
    assert!(Bundle::parse_signed_payload(&detached.to_json()).is_none());
}

fn code(world: &World, bundle: Result<Bundle, sealwright_sigstore::Error>) -> String {
    use sealwright_core::Diagnostic as _;
    match bundle {
        Err(error) => error.code().to_string(),
        Ok(bundle) => match world.judge(&bundle).outcome {
            Outcome::Accepted(_) => "accepted".to_owned(),
            Outcome::Rejected(rejection) => rejection.code().to_string(),
            Outcome::Undecided(error) => error.code().to_string(),
        },
    }
}

#[test]
fn one_wrong_thing_spoils_an_image_signature() {
    type Change = fn(&mut Vec<u8>, &mut Vec<u8>, &mut Stored, &World);
    let cases: &[(&str, &str, Change)] = &[
        (
            "a changed payload",
            "log.entry-mismatch",
            |payload, _, _, _| {
                let last = payload.len() - 2;
                payload[last] = b' ';
            },
        ),
        (
            "a changed signature",
            "log.entry-mismatch",
            |_, signature, _, _| signature[20] ^= 1,
        ),
        ("no log", "log.missing", |_, _, stored, _| {
            stored.rekor_bundle.clear();
        }),
        ("a changed promise", "log.set-invalid", |_, _, stored, _| {
            stored.timestamp.clear();
            stored.rekor_bundle = stored
                .rekor_bundle
                .replace("\"logIndex\":1", "\"logIndex\":2");
        }),
        ("half a promise", "bundle.malformed", |_, _, stored, _| {
            stored.rekor_bundle.truncate(40);
        }),
        (
            "a log id that is none",
            "bundle.malformed",
            |_, _, stored, _| {
                stored.rekor_bundle = stored
                    .rekor_bundle
                    .replace("\"logID\":\"", "\"logID\":\"zz");
            },
        ),
        (
            "another certificate",
            "log.entry-mismatch",
            |_, _, stored, world| {
                stored.certificate = world.signing(LogVersion::V1).leaf.to_pem();
            },
        ),
        (
            "half a certificate",
            "bundle.malformed",
            |_, _, stored, _| {
                stored.certificate.truncate(100);
            },
        ),
        (
            "a key for a certificate",
            "bundle.malformed",
            |_, _, stored, _| {
                stored.certificate = p256().public_key().to_pem();
            },
        ),
    ];
    let world = World::new();
    for (what, wanted, change) in cases {
        let (mut payload, mut signature, mut stored) = image(&world.signing(LogVersion::V1));
        change(&mut payload, &mut signature, &mut stored, &world);
        let mut parts = stored.parts();
        parts.rekor_bundle = parts.rekor_bundle.filter(|text| !text.is_empty());
        parts.timestamp = parts.timestamp.filter(|text| !text.is_empty());
        let bundle = Bundle::from_simple_signing(&payload, signature.into(), &parts);
        assert_eq!(code(&world, bundle), *wanted, "{what}");
    }
}

#[test]
fn a_payload_is_about_the_image_it_names_alone() {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    for (payload, wanted) in [
        (
            payload(&Digest::sha256(b"another")),
            "claim.subject-mismatch",
        ),
        (b"{}".to_vec(), "claim.malformed"),
    ] {
        let signature = signing.key.sign(&payload).unwrap();
        let entry = signing.hashed(Digest::sha256(&payload), &signature);
        let logged = signing.bundle(&entry, message_content(signature.clone()));
        let stored = stored(&signing, &logged.log_entries[0], &signature);
        let bundle = Bundle::from_simple_signing(&payload, signature.into(), &stored.parts());
        assert_eq!(code(&world, bundle), wanted);
    }
}

#[test]
fn the_oldest_kind_of_entry_is_of_one_envelope_alone() {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let (json, stored) = attestation(&signing);
    // The same envelope, written otherwise: what was logged is not what is here.
    let mut spaced = json.clone();
    spaced.push(b'\n');
    let bundle = Bundle::from_envelope(&spaced, &stored.parts());
    assert_eq!(code(&world, bundle), "log.entry-mismatch");
    // The same in a bundle, which does not hold the envelope as it was stored.
    let mut bundle = Bundle::from_envelope(&json, &stored.parts()).unwrap();
    bundle.stored_envelope = None;
    assert_eq!(code(&world, Ok(bundle)), "log.entry-mismatch");
    // Another signature by the same key over the same statement.
    let mut envelope: Envelope = serde_json::from_slice(&json).unwrap();
    signing.sign_again(&mut envelope);
    let again = serde_json::to_vec(&envelope).unwrap();
    assert_ne!(again, json);
    let bundle = Bundle::from_envelope(&again, &stored.parts());
    assert_eq!(code(&world, bundle), "log.entry-mismatch");
    // Such an entry says nothing of a signature over the artifact itself.
    let mut bundle = Bundle::from_envelope(&json, &stored.parts()).unwrap();
    bundle.content = Content::MessageSignature {
        digest: None,
        signature: signing.key.sign(ARTIFACT).unwrap().into(),
    };
    assert_ne!(code(&world, Ok(bundle)), "accepted");
}
