use sealwright_core::Digest;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_sigstore::LogVersion;
use serde_json::json;

use super::*;
use crate::authority;
use crate::authority::Signing;
use crate::authority::World;

fn context(world: &World) -> Context {
    let signer = Signer::Identity {
        identity: authority::IDENTITY.to_owned(),
        issuer: authority::ISSUER.to_owned(),
    };
    let root = world.trust_root().to_json();
    Context::new("test", root, authority::ARTIFACT.to_vec(), signer)
}

/// The class of a bundle that a peer refuses with `why`, and accepts when `accepts` says so.
fn class(
    (judge, world): (Judge, &World),
    bytes: &[u8],
    why: &str,
    accepts: impl Fn(&Bundle) -> bool,
) -> Option<Class> {
    let context = context(world);
    let difference = Difference {
        judge,
        context: &context,
        bytes,
        why,
    };
    Class::of(&difference, |bundle| {
        match accepts(&Bundle::parse(bundle).expect("what we wrote")) {
            true => Theirs::Accepted,
            false => Theirs::Refused("something else".to_owned()),
        }
    })
}

fn with_key(world: &World, scheme: SignatureScheme, version: LogVersion) -> Signing<'_> {
    let mut signing = world.signing(version);
    signing.key = SigningKey::generate(scheme).unwrap();
    signing.leaf = world.issue(signing.key.public_key());
    signing
}

/// The bundle with another body of its only entry.
fn with_body(bundle: &Bundle, change: impl FnOnce(&mut Value)) -> Bundle {
    let mut bundle = bundle.clone();
    let entry = &mut bundle.log_entries[0];
    let mut body: Value = serde_json::from_slice(entry.canonicalized_body.as_bytes()).unwrap();
    change(&mut body);
    entry.canonicalized_body = body.to_string().into_bytes().into();
    bundle
}

#[test]
fn what_is_in_no_class_has_none() {
    let world = World::new();
    let bundle = world.signing(LogVersion::V1).message();
    for judge in [Judge::Rust, Judge::Python] {
        for why in [
            "",
            "signature is wrong",
            "Invalid",
            "error parsing asn1 value",
        ] {
            let bytes = bundle.to_json();
            assert_eq!(
                class((judge, &world), &bytes, why, |_| false),
                None,
                "{why}"
            );
        }
    }
}

#[test]
fn classes_that_the_peer_proves() {
    let world = World::new();
    let bundle = world.signing(LogVersion::V1).message();
    let on = (Judge::Rust, &world);
    let spelled = String::from_utf8(bundle.to_json())
        .unwrap()
        .replace("logIndex", "log_index");
    assert_eq!(
        class(on, spelled.as_bytes(), "", |_| true),
        Some(Class::Spelling)
    );

    let mut older = bundle.clone();
    older.version = BundleVersion::V0_2;
    let newer = |it: &Bundle| it.version == BundleVersion::V0_3;
    assert_eq!(
        class(on, &older.to_json(), "", newer),
        Some(Class::SingleCertificate)
    );

    let hintless =
        |it: &Bundle| matches!(it.content, Content::MessageSignature { digest: None, .. });
    let mut hinted = bundle.clone();
    if let Content::MessageSignature { digest, .. } = &mut hinted.content {
        *digest = Some(Digest::of(sealwright_core::DigestAlgorithm::Sha512, b"x"));
    }
    assert_eq!(
        class(on, &hinted.to_json(), "", hintless),
        Some(Class::DigestHint)
    );

    let mut twice = bundle.clone();
    twice.timestamps.push(
        world
            .stamp(b"something else", authority::signed_at())
            .into(),
    );
    let one = |it: &Bundle| it.timestamps == bundle.timestamps && it.log_entries.len() == 1;
    assert_eq!(
        class(on, &twice.to_json(), "", one),
        Some(Class::UncountedEvidence)
    );
}

#[test]
fn classes_that_a_peer_names() {
    let world = World::new();
    let (rust, python) = ((Judge::Rust, &world), (Judge::Python, &world));
    let never = |_: &Bundle| false;
    let good = world.signing(LogVersion::V1).message();
    let statement = world.signing(LogVersion::V1).statement();

    let curve = "unsupported or invalid EC curve parameters";
    let p521 = with_key(&world, SignatureScheme::EcdsaP521Sha512, LogVersion::V1).message();
    assert_eq!(
        class(rust, &p521.to_json(), curve, never),
        Some(Class::KeyKind)
    );
    assert_eq!(class(rust, &good.to_json(), curve, never), None);

    let hash = "SHA-256 hash must be 32 bytes, got 48";
    let sha384 = with_body(&good, |it| {
        it["spec"]["data"]["hash"]["algorithm"] = "sha384".into()
    });
    assert_eq!(
        class(rust, &sha384.to_json(), hash, never),
        Some(Class::EntryHash)
    );
    assert_eq!(class(rust, &good.to_json(), hash, never), None);

    let kind = "Integrated time only supported for dsse/hashedrekord 0.0.1 types";
    let mut intoto = statement.clone();
    intoto.log_entries[0].kind = EntryKind::IntotoV002;
    assert_eq!(
        class(python, &intoto.to_json(), kind, never),
        Some(Class::EntryKind)
    );
    assert_eq!(class(python, &statement.to_json(), kind, never), None);

    let member = "failed to parse Rekor body: missing field";
    let fewer = with_body(&statement, |it| it["spec"]["envelopeHash"] = json!({}));
    assert_eq!(
        class(rust, &fewer.to_json(), member, never),
        Some(Class::EntryMember)
    );
    assert_eq!(class(rust, &statement.to_json(), member, never), None);

    let checkpoint = "Bundle error: inclusion proof has no checkpoint";
    let mut early = good.clone();
    early.version = BundleVersion::V0_1;
    early.log_entries[0]
        .inclusion_proof
        .as_mut()
        .unwrap()
        .checkpoint = None;
    assert_eq!(
        class(rust, &early.to_json(), checkpoint, never),
        Some(Class::EarlyBundle)
    );
    assert_eq!(class(rust, &good.to_json(), checkpoint, never), None);

    let end = "not enough sources of verified time";
    assert_ne!(
        class(python, &good.to_json(), end, never),
        Some(Class::ValidityEnd)
    );
    let wrapper = "VerificationError: Invalid Timestamp Response";
    assert_eq!(
        class(python, &good.to_json(), wrapper, never),
        Some(Class::TimestampWrapper)
    );
    assert_eq!(class(rust, &good.to_json(), wrapper, never), None);

    let differs = "transparency log entry is inconsistent with other materials";
    let capitals = with_body(&good, |it| {
        let value = &mut it["spec"]["data"]["hash"]["value"];
        *value = value.as_str().unwrap().to_uppercase().into();
    });
    assert_eq!(
        class(python, &capitals.to_json(), differs, never),
        Some(Class::EntrySpelling)
    );
    assert_eq!(class(python, &good.to_json(), differs, never), None);

    // What only a changed certificate shows: a good one is in no such class.
    for why in [
        "Certificate does not contain OIDCIssuer (1.3.6.1.4.1.57264.1.1)",
        "invalid extension: 2.5.29.35: Certificate is missing required extension",
        "EE subjectAltName MUST be critical when subject is empty",
    ] {
        assert_eq!(class(python, &good.to_json(), why, never), None, "{why}");
    }
    assert_eq!(
        class(
            rust,
            &good.to_json(),
            "malformed OID at DER byte 299",
            never
        ),
        None
    );
}
