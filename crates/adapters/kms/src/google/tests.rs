use sealwright_crypto::SignatureInput;
use sealwright_crypto::SigningKey;
use sealwright_testkit::stub::Reply;
use sealwright_testkit::stub::Stub;

use super::*;
use crate::KmsKey;
use crate::testing;
use crate::testing::MESSAGE;
use crate::testing::code;

const RING: &str = "projects/p/locations/global/keyRings/r";
const NAME: &str = "projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/3";

fn service(stub: &Stub) -> Service {
    Service {
        client: testing::client(),
        url: stub.url("/"),
        token: Token::Fixed("token"),
    }
}

fn described(key: &SigningKey, algorithm: &str) -> Reply {
    let body = json!({ "name": NAME, "algorithm": algorithm, "pem": key.public_key().to_pem() });
    Reply::new(200, body.to_string())
}

fn signed(signature: &[u8]) -> Reply {
    let body = json!({ "name": NAME, "signature": Base64::encode(signature) });
    Reply::new(200, body.to_string())
}

async fn open(service: Service) -> Result<KmsKey, Error> {
    let found = service.open(RING, "k", Some("3")).await?;
    KmsKey::of_google(found)
}

fn algorithm(key: &SigningKey) -> &'static str {
    match key.scheme() {
        SignatureScheme::EcdsaP256Sha256 => "EC_SIGN_P256_SHA256",
        SignatureScheme::EcdsaP384Sha384 => "EC_SIGN_P384_SHA384",
        SignatureScheme::Ed25519 => "EC_SIGN_ED25519",
        _ => "RSA_SIGN_PKCS1_3072_SHA256",
    }
}

#[tokio::test]
async fn asks_as_documented_and_signs() {
    for key in testing::keys() {
        let pair = key.to_pkcs8_der().unwrap();
        let signs = Reply::Made(Box::new(move |seen| {
            let key = SigningKey::from_pkcs8_der(&pair).unwrap();
            let name = key.scheme().digest_algorithm().unwrap().name();
            let body = seen.json();
            let handed = body["digest"][name].as_str().unwrap();
            signed(&testing::sign_digest(&key, key.scheme(), handed))
        }));
        let stub = Stub::start(vec![described(&key, algorithm(&key)), signs]);
        let opened = open(service(&stub)).await.unwrap();
        let input = SignatureInput::Message(MESSAGE);
        let signature = opened.sign(key.scheme(), input).await.unwrap();
        let verified = key.public_key().verify(key.scheme(), MESSAGE, &signature);
        assert_eq!(verified, Ok(()));
        let seen = stub.seen();
        assert_eq!(seen[0].line, format!("GET /v1/{NAME}/publicKey"));
        assert_eq!(seen[1].line, format!("POST /v1/{NAME}:asymmetricSign"));
        assert_eq!(seen[1].header("authorization"), "Bearer token");
    }
}

#[tokio::test]
async fn pure_ed25519_is_given_the_message() {
    let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let signature = key.sign(MESSAGE).unwrap();
    let stub = Stub::start(vec![described(&key, algorithm(&key)), signed(&signature)]);
    let opened = open(service(&stub)).await.unwrap();
    let input = SignatureInput::Message(MESSAGE);
    let made = opened.sign(SignatureScheme::Ed25519, input).await.unwrap();
    assert_eq!(made, signature);
    assert_eq!(stub.seen()[1].json()["data"], Base64::encode(MESSAGE));
}

#[tokio::test]
async fn what_it_signs_is_verified() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    testing::never_believed(
        &key,
        |mut replies| {
            replies.insert(0, described(&key, "EC_SIGN_P256_SHA256"));
            let stub = Stub::start(replies);
            let opened = open(service(&stub));
            (stub, opened)
        },
        |signature| signed(&signature),
    )
    .await;
}

#[tokio::test]
async fn the_newest_enabled_version_is_taken() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let version = |number: u32, state: &str| json!({ "name": format!("{RING}/cryptoKeys/k/cryptoKeyVersions/{number}"), "state": state });
    let list = json!({ "cryptoKeyVersions": [
        version(9, "ENABLED"), version(10, "ENABLED"), version(11, "DESTROYED"),
    ] });
    let body = json!({ "algorithm": "EC_SIGN_P256_SHA256", "pem": key.public_key().to_pem() });
    let stub = Stub::start(vec![
        Reply::new(200, list.to_string()),
        Reply::new(200, body.to_string()),
    ]);
    assert!(service(&stub).open(RING, "k", None).await.is_ok());
    let seen = stub.seen();
    assert!(seen[0].line.contains("filter=state%3DENABLED"));
    assert!(seen[1].line.contains("/cryptoKeyVersions/10/publicKey"));
    let none = json!({ "cryptoKeyVersions": [version(1, "DISABLED")] });
    let stub = Stub::start(vec![Reply::new(200, none.to_string())]);
    let opened = service(&stub).open(RING, "k", None).await.map(|_| ());
    assert_eq!(code(opened), "kms.unsupported-key");
}

#[tokio::test]
async fn answers_about_another_key_are_refused() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let body = json!({
        "name": NAME.replace("Versions/3", "Versions/4"),
        "algorithm": "EC_SIGN_P256_SHA256",
        "pem": key.public_key().to_pem(),
    });
    let stub = Stub::start(vec![Reply::new(200, body.to_string())]);
    assert_eq!(code(open(service(&stub)).await), "kms.malformed-answer");
    // A key's algorithm that is not its own.
    let stub = Stub::start(vec![described(&key, "RSA_SIGN_PSS_2048_SHA256")]);
    assert_eq!(code(open(service(&stub)).await), "kms.unsupported-key");
    let stub = Stub::start(vec![described(&key, "GOOGLE_SYMMETRIC_ENCRYPTION")]);
    assert_eq!(code(open(service(&stub)).await), "kms.unsupported-key");
}

#[tokio::test]
async fn makes_a_key() {
    let version = json!({ "name": NAME, "state": "ENABLED" });
    let pending = json!({ "cryptoKeyVersions": [{ "name": NAME, "state": "PENDING_GENERATION" }] });
    let ready = json!({ "cryptoKeyVersions": [version] });
    let stub = Stub::start(vec![
        Reply::new(200, "{\"name\":\"k\"}"),
        Reply::new(200, pending.to_string()),
        Reply::new(200, ready.to_string()),
    ]);
    let kind = NewKey::Kind(KeyKind::EcdsaP384);
    service(&stub).create(RING, "k", kind).await.unwrap();
    let seen = stub.seen();
    assert_eq!(
        seen[0].line,
        format!("POST /v1/{RING}/cryptoKeys?cryptoKeyId=k")
    );
    let body = seen[0].json();
    assert_eq!(body["versionTemplate"]["algorithm"], "EC_SIGN_P384_SHA384");
    let stub = Stub::start(vec![Reply::new(409, "{}")]);
    let made = service(&stub).create(RING, "k", kind).await;
    assert_eq!(code(made), "kms.key-exists");
    let p521 = NewKey::Kind(KeyKind::EcdsaP521);
    let made = service(&stub).create(RING, "k", p521).await;
    assert_eq!(code(made), "kms.unsupported-key");
}
