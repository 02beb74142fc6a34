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
    let credentials = Credentials::new("AKID", "secret", Some("session".into()), None, "test");
    Service::new(
        testing::client(),
        stub.url("/"),
        Region::from_static("eu-central-1"),
        SharedCredentialsProvider::new(credentials),
        testing::NOW,
    )
}

fn described(key: &SigningKey) -> Reply {
    let algorithms = match key.scheme() {
        SignatureScheme::EcdsaP256Sha256 => vec!["ECDSA_SHA_256"],
        SignatureScheme::EcdsaP384Sha384 => vec!["ECDSA_SHA_384"],
        SignatureScheme::Ed25519 => vec!["ED25519_PH_SHA_512", "ED25519_SHA_512"],
        _ => vec!["RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_256"],
    };
    let body = json!({
        "KeyId": "arn:aws:kms:eu-central-1:1:key/1",
        "PublicKey": Base64::encode(key.public_key().der()),
        "KeyUsage": "SIGN_VERIFY",
        "SigningAlgorithms": algorithms,
    });
    Reply::new(200, body.to_string())
}

fn signed(signature: &[u8]) -> Reply {
    Reply::new(
        200,
        json!({ "Signature": Base64::encode(signature) }).to_string(),
    )
}

fn refused(kind: &str) -> Reply {
    let body = json!({ "__type": format!("com.amazonaws.kms#{kind}"), "message": "no" });
    Reply::new(400, body.to_string())
}

async fn open(service: Service) -> Result<KmsKey, Error> {
    KmsKey::of_aws(service.open("alias/release").await?)
}

#[tokio::test]
async fn asks_as_documented_and_signs() {
    for key in testing::keys() {
        let pair = key.to_pkcs8_der().unwrap();
        let signs = Reply::Made(Box::new(move |seen| {
            let key = SigningKey::from_pkcs8_der(&pair).unwrap();
            let body = seen.json();
            assert_eq!(body["MessageType"], "DIGEST");
            assert_eq!(body["KeyId"], "alias/release");
            let handed = body["Message"].as_str().unwrap();
            signed(&testing::sign_digest(&key, key.scheme(), handed))
        }));
        let stub = Stub::start(vec![described(&key), signs]);
        let opened = open(service(&stub)).await.unwrap();
        assert_eq!(opened.scheme(), key.scheme());
        let input = SignatureInput::Message(MESSAGE);
        let signature = opened.sign(key.scheme(), input).await.unwrap();
        let verified = key.public_key().verify(key.scheme(), MESSAGE, &signature);
        assert_eq!(verified, Ok(()));
        let seen = stub.seen();
        assert_eq!(seen[0].header("x-amz-target"), "TrentService.GetPublicKey");
        assert_eq!(seen[1].header("x-amz-target"), "TrentService.Sign");
        let authorization = seen[1].header("authorization");
        assert!(authorization.contains("/eu-central-1/kms/aws4_request"));
        assert!(authorization.contains("x-amz-target"), "{authorization}");
        assert_eq!(seen[1].header("x-amz-security-token"), "session");
        assert_eq!(seen[1].header("x-amz-date"), "20260528T202640Z");
    }
}

#[tokio::test]
async fn ed25519_signs_messages_that_are_short() {
    let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let signature = key.sign(MESSAGE).unwrap();
    let stub = Stub::start(vec![described(&key), signed(&signature)]);
    let opened = open(service(&stub)).await.unwrap();
    assert_eq!(opened.scheme(), SignatureScheme::Ed25519);
    let input = SignatureInput::Message(MESSAGE);
    let made = opened.sign(SignatureScheme::Ed25519, input).await.unwrap();
    assert_eq!(made, signature);
    assert_eq!(stub.seen()[1].json()["MessageType"], "RAW");
    let long = vec![0; 4097];
    let input = SignatureInput::Message(&long);
    let made = opened.sign(SignatureScheme::Ed25519, input).await;
    assert_eq!(code(made), "kms.unsupported-key");
}

#[tokio::test]
async fn what_it_signs_is_verified() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    testing::never_believed(
        &key,
        |mut replies| {
            replies.insert(0, described(&key));
            let stub = Stub::start(replies);
            let opened = open(service(&stub));
            (stub, opened)
        },
        |signature| signed(&signature),
    )
    .await;
}

/// Almost every refusal has the status 400 here.
#[tokio::test]
async fn refusals_are_told_apart() {
    for (kind, wanted) in [
        ("NotFoundException", "kms.no-key"),
        ("AccessDeniedException", "kms.denied"),
        ("ExpiredTokenException", "kms.denied"),
        ("InvalidSignatureException", "kms.denied"),
        ("DisabledException", "kms.refused"),
    ] {
        let stub = Stub::start(vec![refused(kind)]);
        assert_eq!(code(open(service(&stub)).await), wanted, "{kind}");
    }
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let stub = Stub::start(vec![
        refused("ThrottlingException"),
        refused("ThrottlingException"),
        described(&key),
    ]);
    assert!(open(service(&stub)).await.is_ok());
    let stub = Stub::start((0..9).map(|_| refused("ThrottlingException")).collect());
    assert_eq!(code(open(service(&stub)).await), "kms.unavailable");
    assert_eq!(stub.seen().len(), 5);
}

#[tokio::test]
async fn keys_that_only_encrypt_are_refused() {
    let key = SigningKey::generate(SignatureScheme::RsaPkcs1Sha256).unwrap();
    let body = json!({
        "PublicKey": Base64::encode(key.public_key().der()),
        "KeyUsage": "ENCRYPT_DECRYPT",
    });
    let stub = Stub::start(vec![Reply::new(200, body.to_string())]);
    assert_eq!(code(open(service(&stub)).await), "kms.unsupported-key");
}

#[tokio::test]
async fn makes_a_key_and_names_it() {
    let made = json!({ "KeyMetadata": { "KeyId": "1234" } }).to_string();
    let stub = Stub::start(vec![Reply::new(200, made), Reply::new(200, "")]);
    let kind = NewKey::Kind(KeyKind::EcdsaP384);
    service(&stub).create("alias/new", kind).await.unwrap();
    let seen = stub.seen();
    assert_eq!(seen[0].json()["KeySpec"], "ECC_NIST_P384");
    assert_eq!(seen[1].header("x-amz-target"), "TrentService.CreateAlias");
    assert_eq!(seen[1].json()["TargetKeyId"], "1234");
    let made = service(&stub).create("1234", kind).await;
    assert_eq!(code(made), "kms.setting-invalid");
}
