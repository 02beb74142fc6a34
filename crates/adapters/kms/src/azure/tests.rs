use sealwright_crypto::SignatureInput;
use sealwright_crypto::SigningKey;
use sealwright_testkit::stub::Reply;
use sealwright_testkit::stub::Stub;

use super::*;
use crate::KmsKey;
use crate::testing;
use crate::testing::MESSAGE;
use crate::testing::code;

fn service(stub: &Stub) -> Service {
    Service {
        client: testing::client(),
        url: stub.url("/"),
        scope: String::new(),
        token: Token::Fixed("token"),
    }
}

/// The two numbers of an ECDSA signature, each as long as the curve's.
fn p1363(der: &[u8], field: usize) -> Vec<u8> {
    let mut rest = &der[if der[1] == 0x81 { 3 } else { 2 }..];
    let mut out = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(rest[1].into());
        rest = after;
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        out.extend(vec![0; field - number.len()]);
        out.extend(number);
    }
    out
}

fn described(key: &SigningKey) -> Value {
    let raw = key.public_key().raw();
    let kid = "https://v.vault.azure.net/keys/k/7";
    let curve = |name: &str, size: usize| {
        json!({ "key": {
            "kid": kid, "kty": "EC", "crv": name, "key_ops": ["sign", "verify"],
            "x": to_base64url(&raw[1..=size]), "y": to_base64url(&raw[1 + size..]),
        } })
    };
    match key.public_key().kind() {
        KeyKind::EcdsaP256 => curve("P-256", 32),
        KeyKind::EcdsaP384 => curve("P-384", 48),
        _ => {
            // SEQUENCE { INTEGER 00 modulus, INTEGER 010001 } of a key of 3072 bits.
            let modulus = &raw[raw.len() - 5 - 384..raw.len() - 5];
            json!({ "key": {
                "kid": kid, "kty": "RSA-HSM", "n": to_base64url(modulus), "e": "AQAB",
            } })
        }
    }
}

fn signed(key: &SigningKey, signature: &[u8]) -> Reply {
    let raw = match key.public_key().kind() {
        KeyKind::EcdsaP256 if signature.len() > 60 => p1363(signature, 32),
        KeyKind::EcdsaP384 => p1363(signature, 48),
        _ => signature.to_vec(),
    };
    let kid = "https://v.vault.azure.net/keys/k/7";
    let body = json!({ "kid": kid, "value": to_base64url(&raw) });
    Reply::new(200, body.to_string())
}

async fn open(service: Service) -> Result<KmsKey, Error> {
    KmsKey::of_azure(service.open("k", None).await?)
}

#[tokio::test]
async fn asks_as_documented_and_signs() {
    for key in testing::keys() {
        let pair = key.to_pkcs8_der().unwrap();
        let signs = Reply::Made(Box::new(move |seen| {
            let key = SigningKey::from_pkcs8_der(&pair).unwrap();
            let body = seen.json();
            let name = match key.public_key().kind() {
                KeyKind::EcdsaP256 => "ES256",
                KeyKind::EcdsaP384 => "ES384",
                _ => "RS256",
            };
            assert_eq!(body["alg"], name);
            let handed = from_base64url(body["value"].as_str().unwrap()).unwrap();
            let handed = Base64::encode(&handed);
            let signature = testing::sign_digest(&key, key.scheme(), &handed);
            signed(&key, &signature)
        }));
        let stub = Stub::start(vec![Reply::new(200, described(&key).to_string()), signs]);
        let opened = open(service(&stub)).await.unwrap();
        let input = SignatureInput::Message(MESSAGE);
        let signature = opened.sign(key.scheme(), input).await.unwrap();
        let verified = key.public_key().verify(key.scheme(), MESSAGE, &signature);
        assert_eq!(verified, Ok(()));
        let seen = stub.seen();
        assert_eq!(seen[0].line, "GET /keys/k?api-version=7.4");
        assert_eq!(seen[1].line, "POST /keys/k/7/sign?api-version=7.4");
        assert_eq!(seen[1].header("authorization"), "Bearer token");
    }
}

#[tokio::test]
async fn what_it_signs_is_verified() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    testing::never_believed(
        &key,
        |mut replies| {
            replies.insert(0, Reply::new(200, described(&key).to_string()));
            let stub = Stub::start(replies);
            let opened = open(service(&stub));
            (stub, opened)
        },
        |signature| signed(&key, &signature),
    )
    .await;
}

#[tokio::test]
async fn one_thing_wrong_with_a_key() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    for (place, value, wanted) in [
        ("kty", json!("oct-HSM"), "kms.unsupported-key"),
        ("crv", json!("P-256K"), "kms.unsupported-key"),
        ("x", json!("AAAA"), "kms.malformed-answer"),
        ("y", Value::Null, "kms.malformed-answer"),
        ("key_ops", json!(["wrapKey"]), "kms.unsupported-key"),
        (
            "kid",
            json!("https://v.vault.azure.net/keys/other/7"),
            "kms.malformed-answer",
        ),
        (
            "kid",
            json!("https://v.vault.azure.net/keys/k"),
            "kms.malformed-answer",
        ),
    ] {
        let mut body = described(&key);
        body["key"][place] = value;
        let stub = Stub::start(vec![Reply::new(200, body.to_string())]);
        assert_eq!(code(open(service(&stub)).await), wanted, "{place}");
    }
}

#[tokio::test]
async fn makes_a_key() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP384Sha384).unwrap();
    let stub = Stub::start(vec![Reply::new(200, described(&key).to_string())]);
    let kind = NewKey::Kind(KeyKind::EcdsaP384);
    service(&stub).create("k", kind).await.unwrap();
    let seen = stub.seen();
    assert_eq!(seen[0].line, "POST /keys/k/create?api-version=7.4");
    assert_eq!(seen[0].json()["crv"], "P-384");
    let made = service(&stub)
        .create("k", NewKey::Kind(KeyKind::Ed25519))
        .await;
    assert_eq!(code(made), "kms.unsupported-key");
}

/// Whoever names another host does not get a token for vaults.
#[tokio::test]
async fn tokens_go_to_vaults_alone() {
    let variable = |_: &str| Some("x".to_owned());
    let surroundings = testing::surroundings(&variable);
    for host in ["vault.azure.net.example.com", "xvault.azure.net", "a.b.c"] {
        let connected = Service::connect(host, &surroundings).map(|_| ());
        assert_eq!(code(connected), "kms.setting-invalid", "{host}");
    }
    let connected = Service::connect("v.vault.azure.net", &surroundings).unwrap();
    assert_eq!(connected.scope, "https://vault.azure.net/.default");
}
