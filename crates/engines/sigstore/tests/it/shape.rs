//! Objects are objects: a good document with one of its objects written as an array of the same
//! values is no document any more, whichever object it is.

use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::Statement;
use sealwright_crypto::SignatureScheme;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::BundleVersion;
use sealwright_sigstore::Error;
use sealwright_sigstore::KeyDetails;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::SimpleSigning;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::VerificationMaterial;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::DsseEntry;
use sealwright_sigstore::entry::HashedRekord;
use sealwright_sigstore::entry::parse_body;
use serde_json::Value;

use crate::authority::*;
use crate::positive::managed;

#[test]
fn no_object_of_a_bundle_may_be_an_array() {
    let world = World::new();
    let mut chain = world.signing(LogVersion::V1).message();
    chain.version = BundleVersion::V0_2;
    chain.material = VerificationMaterial::Chain {
        leaf: Box::new(world.signing(LogVersion::V1).leaf),
        intermediates: vec![world.intermediate.clone()],
    };
    for bundle in [
        world.signing(LogVersion::V1).message(),
        world.signing(LogVersion::V1).statement(),
        world.signing(LogVersion::V2).statement(),
        chain,
        managed(&world, LogVersion::V1, SignatureScheme::EcdsaP256Sha256).0,
    ] {
        let refused = each_object_as_array(&bundle.to_json(), Bundle::parse, "bundle.malformed");
        assert!(refused > 8, "{refused}");
    }
}

/// Protobuf's JSON mapping wants readers to take a field under the name in the definition as well.
#[test]
fn fields_may_have_their_names_in_the_definition() {
    let world = World::new();
    let mut chain = world.signing(LogVersion::V1).message();
    chain.version = BundleVersion::V0_2;
    chain.material = VerificationMaterial::Chain {
        leaf: Box::new(world.signing(LogVersion::V1).leaf),
        intermediates: vec![world.intermediate.clone()],
    };
    let managed = managed(&world, LogVersion::V1, SignatureScheme::EcdsaP256Sha256).0;
    let statement = world.signing(LogVersion::V1).statement();
    for bundle in [statement, chain, managed] {
        let written = bundle.to_json();
        let read = Bundle::parse(&renamed(&written)).unwrap();
        assert_eq!(read.to_json(), written);
    }
    let root = world.trust_root().to_json();
    assert_eq!(TrustRoot::parse(&renamed(&root)).unwrap().to_json(), root);
    // Both names at once are one field twice.
    let twice = br#"{"mediaType":"a","media_type":"a"}"#;
    let error = Bundle::parse(twice).unwrap_err();
    assert_eq!(error.code().as_str(), "bundle.malformed");
}

/// With snake_case names, but for the one that has none there.
fn renamed(json: &[u8]) -> Vec<u8> {
    fn rename(value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(rename).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| {
                    let mut snake = String::new();
                    for letter in name.chars() {
                        if letter.is_ascii_uppercase() && name != "payloadType" {
                            snake.push('_');
                            snake.push(letter.to_ascii_lowercase());
                        } else {
                            snake.push(letter);
                        }
                    }
                    (snake, rename(value))
                })
                .collect(),
            other => other,
        }
    }
    let value = serde_json::from_slice(json).unwrap();
    serde_json::to_vec(&rename(value)).unwrap()
}

#[test]
fn no_object_of_a_log_entry_may_be_an_array() {
    let bundle = World::new().signing(LogVersion::V1).message();
    let json = bundle.log_entries[0].to_json();
    assert_eq!(
        each_object_as_array(&json, LogEntry::parse, "bundle.malformed"),
        6
    );
}

#[test]
fn no_object_of_a_trusted_root_may_be_an_array() {
    let json = World::new().trust_root().to_json();
    let refused = each_object_as_array(&json, TrustRoot::parse, "trust.malformed");
    assert!(refused > 20, "{refused}");
}

#[test]
fn no_object_of_an_entry_body_may_be_an_array() {
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    let hashed = HashedRekord {
        digest: Digest::sha256(ARTIFACT),
        signature: signing.key.sign(ARTIFACT).unwrap().into(),
        verifier: Verifier::from(&signing.leaf),
        key_details: KeyDetails::of_key(signing.key.public_key()),
    };
    let envelope = signing.sign_envelope(statement_about(&Digest::sha256(ARTIFACT)));
    let dsse: DsseEntry = signing.dsse(&envelope);
    for (entry, objects) in [
        (ProposedEntry::DsseV001(dsse.clone()), 4),
        (ProposedEntry::DsseV002(dsse.clone()), 7),
        (ProposedEntry::HashedRekordV001(hashed.clone()), 6),
        (ProposedEntry::HashedRekordV002(hashed), 7),
        (ProposedEntry::IntotoV002(dsse), 5),
    ] {
        let body = entry.canonical_body().unwrap();
        let refused = each_object_as_array(&body, parse_body, "entry.malformed");
        assert!(refused >= objects, "{refused} of {}", entry.kind());
    }
}

#[test]
fn no_object_of_a_simple_signing_payload_may_be_an_array() {
    let digest = Digest::sha256(ARTIFACT);
    let payload = format!(
        r#"{{"critical":{{"identity":{{"docker-reference":"a"}},"image":{{"docker-manifest-digest":"{digest}"}},"type":"cosign container image signature"}},"optional":null}}"#
    );
    let refused = each_object_as_array(payload.as_bytes(), SimpleSigning::parse, "claim.malformed");
    assert_eq!(refused, 4);
}

#[test]
fn no_object_of_a_signed_statement_may_be_an_array() {
    let payload = statement_about(&Digest::sha256(ARTIFACT));
    let whole: Value = serde_json::from_slice(&payload).unwrap();
    assert!(Statement::parse(&payload).is_ok());
    let subject = &whole["subject"][0];
    let mut flat_subject = whole.clone();
    flat_subject["subject"][0] = Value::Array(vec![
        subject["name"].clone(),
        "".into(),
        subject["digest"].clone(),
    ]);
    let flat = Value::Array(
        ["_type", "subject", "predicateType", "predicate"]
            .map(|field| whole[field].clone())
            .to_vec(),
    );
    let world = World::new();
    let signing = world.signing(LogVersion::V1);
    for changed in [flat_subject, flat] {
        let envelope = signing.sign_envelope(serde_json::to_vec(&changed).unwrap());
        let verdict = world.judge(&signing.envelope(envelope));
        assert_eq!(code(&verdict), "claim.malformed", "{changed}");
    }
}

/// Rewrites each object in turn and wants it refused for that; tells how many there were.
#[track_caller]
fn each_object_as_array<T>(
    json: &[u8],
    parse: impl Fn(&[u8]) -> Result<T, Error>,
    code: &str,
) -> usize {
    assert!(parse(json).is_ok());
    let whole: Value = serde_json::from_slice(json).unwrap();
    let mut paths = Vec::new();
    list_objects(&whole, "", &mut paths);
    let mut refused = 0;
    for path in &paths {
        let mut changed = whole.clone();
        let object = changed.pointer_mut(path).unwrap();
        let values = object.as_object().unwrap().values().cloned().collect();
        *object = Value::Array(values);
        match parse(&serde_json::to_vec(&changed).unwrap()) {
            Ok(_) => assert!(is_not_read(path), "{path} was taken as an array"),
            Err(error) => {
                let said = error.to_string();
                assert_eq!(error.code().as_str(), code, "{path}: {said}");
                let why = "invalid type: sequence, expected struct";
                assert!(said.contains(why), "{path}: {said}");
                refused += 1;
            }
        }
    }
    refused
}

/// The hash of the envelope's text, which is not canonical: nothing can be compared with it.
fn is_not_read(path: &str) -> bool {
    ["/spec/envelopeHash", "/spec/content/hash"].contains(&path)
}

fn list_objects(value: &Value, path: &str, paths: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            paths.push(path.to_owned());
            for (name, field) in fields {
                list_objects(field, &format!("{path}/{name}"), paths);
            }
        }
        Value::Array(elements) => {
            for (place, element) in elements.iter().enumerate() {
                list_objects(element, &format!("{path}/{place}"), paths);
            }
        }
        _ => {}
    }
}
