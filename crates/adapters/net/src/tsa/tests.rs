use sealwright_core::Diagnostic as _;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_crypto::issue;
use sealwright_crypto::issue::AuthorityName;
use sealwright_crypto::issue::Issuer;
use sealwright_crypto::issue::Validity;
use sealwright_crypto::timestamp::answer;

use super::*;
use crate::stub::Reply;
use crate::stub::Stub;
use crate::stub::client;

const SIGNATURE: &[u8] = b"a signature";

fn p256() -> SigningKey {
    SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap()
}

/// An authority's key and certificate.
fn authority() -> (SigningKey, Certificate) {
    let validity = Validity {
        not_before: Timestamp::from_seconds(1_000_000_000),
        not_after: Timestamp::from_seconds(1_100_000_000),
    };
    let name = |common_name| AuthorityName {
        organization: "test only",
        common_name,
    };
    let root_key = p256();
    let root = issue::root_certificate(name("root"), validity, &root_key).unwrap();
    let issuer = Issuer {
        certificate: &root,
        key: &root_key,
    };
    let key = p256();
    let leaf = issue::tsa_leaf(name("tsa"), validity, key.public_key(), issuer).unwrap();
    (key, leaf)
}

/// Answers what was asked, after `change` had its way with the question.
fn stamped(change: impl FnOnce(TimestampRequest) -> TimestampRequest + Send + 'static) -> Reply {
    Reply::Made(Box::new(move |seen| {
        let (key, certificate) = authority();
        let request = change(TimestampRequest::from_der(&seen.body).unwrap());
        let now = Timestamp::from_seconds(1_000_000_100);
        let reply = answer(&request, &certificate, &key, &[7], now).unwrap();
        Reply::new(201, reply).header("Content-Type", REPLY)
    }))
}

async fn timestamp(server: &Stub) -> Result<Vec<u8>, Error> {
    let authority = TimestampClient::new(client(), server.url("/api/v1/timestamp"));
    authority.timestamp(SIGNATURE).await
}

async fn code(reply: Reply) -> &'static str {
    let error = timestamp(&Stub::start(vec![reply])).await.unwrap_err();
    error.code().as_str()
}

#[tokio::test]
async fn asks_for_a_timestamp_over_the_signature() {
    let server = Stub::start(vec![Reply::new(503, ""), stamped(|request| request)]);
    let der = timestamp(&server).await.unwrap();
    let token = TimestampToken::from_response_der(&der).unwrap();
    assert_eq!(*token.message_imprint(), Digest::sha256(SIGNATURE));
    assert_eq!(token.certificates().len(), 1);
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /api/v1/timestamp");
    assert_eq!(seen[0].header("content-type"), QUERY);
    assert_eq!(seen[0].body, seen[1].body);
}

#[tokio::test]
async fn refuses_a_timestamp_over_something_else() {
    let other = TimestampRequest::new(Digest::sha256(b"another")).unwrap();
    let with_nonce = |request: TimestampRequest| request.with_nonce(&[1]);
    for reply in [stamped(move |_| other), stamped(with_nonce)] {
        assert_eq!(code(reply).await, "service.malformed-answer");
    }
}

#[tokio::test]
async fn says_what_the_authority_does_not_grant() {
    // PKIStatusInfo: rejection (2).
    let rejection = [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02];
    assert_eq!(code(Reply::new(200, rejection)).await, "timestamp.refused");
    assert_eq!(code(Reply::new(200, "<html>")).await, "timestamp.malformed");
    assert_eq!(code(Reply::new(400, "SHA-1?")).await, "service.refused");
    assert_eq!(code(Reply::new(401, "")).await, "service.denied");
    let long = Reply::new(200, vec![0; 300_000]);
    assert_eq!(code(long).await, "net.answer-too-large");
}
