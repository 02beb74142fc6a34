use sealwright_crypto::SignatureInput;
use sealwright_crypto::SigningKey;
use sealwright_testkit::stub::Reply;
use sealwright_testkit::stub::Stub;

use super::*;
use crate::Existing;
use crate::KmsKey;
use crate::KmsReference;
use crate::testing;
use crate::testing::MESSAGE;
use crate::testing::code;

fn described(key: &SigningKey, kind: &str) -> Reply {
    let public = match key.public_key().kind() {
        KeyKind::Ed25519 => Base64::encode(key.public_key().raw()),
        _ => key.public_key().to_pem(),
    };
    let body = json!({
        "request_id": "x",
        "data": {
            "type": kind, "name": "k", "latest_version": 2,
            "keys": {"1": {"public_key": "old"}, "2": {"public_key": public}},
        },
    });
    Reply::new(200, body.to_string())
}

fn signed(signature: &[u8]) -> Reply {
    let text = format!("vault:v2:{}", Base64::encode(signature));
    Reply::new(200, json!({ "data": { "signature": text } }).to_string())
}

async fn open(address: String) -> Result<KmsKey, Error> {
    let variable = move |name: &str| match name {
        "VAULT_ADDR" => Some(address.clone()),
        "VAULT_TOKEN" => Some("s.token\n".to_owned()),
        "VAULT_NAMESPACE" => Some("team".to_owned()),
        _ => None,
    };
    KmsKey::open(&reference(), &testing::surroundings(&variable)).await
}

fn reference() -> KmsReference {
    "hashivault://k".parse().unwrap()
}

#[tokio::test]
async fn asks_as_documented_and_signs() {
    for key in testing::keys() {
        let public = described(&key, "any");
        let pair = key.to_pkcs8_der().unwrap();
        let signs = Reply::Made(Box::new(move |seen| {
            let key = SigningKey::from_pkcs8_der(&pair).unwrap();
            let body = seen.json();
            assert_eq!(body["prehashed"], true);
            assert_eq!(body["key_version"], 2);
            let handed = body["input"].as_str().unwrap();
            signed(&testing::sign_digest(&key, key.scheme(), handed))
        }));
        let stub = Stub::start(vec![public, signs]);
        let opened = open(stub.url("/base").to_string()).await.unwrap();
        let input = SignatureInput::Message(MESSAGE);
        let signature = opened.sign(key.scheme(), input).await.unwrap();
        let verified = key.public_key().verify(key.scheme(), MESSAGE, &signature);
        assert_eq!(verified, Ok(()));
        let seen = stub.seen();
        assert_eq!(seen[0].line, "GET /base/v1/transit/keys/k");
        assert_eq!(seen[1].line, "POST /base/v1/transit/sign/k");
        for request in seen {
            assert_eq!(request.header("x-vault-token"), "s.token");
            assert_eq!(request.header("x-vault-namespace"), "team");
        }
    }
}

#[tokio::test]
async fn pure_ed25519_is_given_the_message() {
    let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let public = described(&key, "ed25519");
    let signature = key.sign(MESSAGE).unwrap();
    let stub = Stub::start(vec![public, signed(&signature)]);
    let opened = open(stub.url("/").to_string()).await.unwrap();
    let input = SignatureInput::Message(MESSAGE);
    let made = opened.sign(SignatureScheme::Ed25519, input).await.unwrap();
    assert_eq!(made, signature);
    let body = stub.seen()[1].json();
    assert_eq!(body["input"], Base64::encode(MESSAGE));
    assert_eq!(body["prehashed"], false);
}

#[tokio::test]
async fn what_it_signs_is_verified() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    testing::never_believed(
        &key,
        |mut replies| {
            replies.insert(0, described(&key, "ecdsa-p256"));
            let stub = Stub::start(replies);
            let opened = open(stub.url("/").to_string());
            (stub, opened)
        },
        |signature| signed(&signature),
    )
    .await;
}

#[tokio::test]
async fn says_what_is_missing() {
    let without = |missing: &'static str| {
        move |name: &str| match name {
            _ if name == missing => None,
            "VAULT_ADDR" => Some("http://127.0.0.1:1".to_owned()),
            "VAULT_TOKEN" => Some("t".to_owned()),
            _ => None,
        }
    };
    for missing in ["VAULT_ADDR", "VAULT_TOKEN"] {
        let variable = without(missing);
        let opened = KmsKey::open(&reference(), &testing::surroundings(&variable)).await;
        assert_eq!(code(opened), "kms.credentials-missing");
    }
    let variable = |name: &str| match name {
        "VAULT_ADDR" => Some("ftp://x".to_owned()),
        _ => Some("t".to_owned()),
    };
    let opened = KmsKey::open(&reference(), &testing::surroundings(&variable)).await;
    assert_eq!(code(opened), "kms.setting-invalid");
}

#[tokio::test]
async fn keys_that_only_encrypt_are_refused() {
    let body = json!({"data": {"type": "aes256-gcm96", "latest_version": 1, "keys": {"1": 1_700_000_000}}});
    let stub = Stub::start(vec![Reply::new(200, body.to_string())]);
    let opened = open(stub.url("/").to_string()).await;
    assert_eq!(code(opened), "kms.unsupported-key");
}

#[tokio::test]
async fn makes_a_key_where_there_is_none() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let create = async |replies: Vec<Reply>, existing| {
        let stub = Stub::start(replies);
        let address = stub.url("/").to_string();
        let variable = move |name: &str| match name {
            "VAULT_ADDR" => Some(address.clone()),
            "VAULT_TOKEN" => Some("t".to_owned()),
            _ => None,
        };
        let kind = NewKey::Kind(KeyKind::EcdsaP256);
        let surroundings = testing::surroundings(&variable);
        let made = KmsKey::create(&reference(), kind, existing, &surroundings).await;
        (made, stub.seen())
    };
    let absent = Reply::new(404, "{\"errors\":[]}");
    let replies = vec![absent, Reply::new(204, ""), described(&key, "ecdsa-p256")];
    let (made, seen) = create(replies, Existing::Refused).await;
    assert_eq!(made.unwrap().public_key(), key.public_key());
    assert_eq!(seen[1].line, "POST /v1/transit/keys/k");
    assert_eq!(seen[1].json()["type"], "ecdsa-p256");
    let there = || vec![described(&key, "ecdsa-p256")];
    let (made, _) = create(there(), Existing::Refused).await;
    assert_eq!(code(made), "kms.key-exists");
    let (made, seen) = create(there(), Existing::Used).await;
    assert!(made.is_ok());
    assert_eq!(seen.len(), 1);
}
