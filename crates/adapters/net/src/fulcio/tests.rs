use sealwright_core::Class;
use sealwright_core::Diagnostic as _;
use sealwright_core::Identity;
use sealwright_core::IdentityKind;
use sealwright_core::Timestamp;
use sealwright_crypto::CertificateRequest;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_crypto::issue;
use sealwright_crypto::issue::AuthorityName;
use sealwright_crypto::issue::Issuer;
use sealwright_crypto::issue::LeafRequest;
use sealwright_crypto::issue::Validity;

use super::*;
use crate::oidc::GOOD;
use crate::oidc::token_text;
use crate::stub::Reply;
use crate::stub::Stub;
use crate::stub::client;

struct Fixture {
    key: SigningKey,
    leaf: String,
    root: String,
}

impl Fixture {
    fn new() -> Self {
        let key = p256();
        let validity = Validity {
            not_before: Timestamp::from_seconds(1_000_000_000),
            not_after: Timestamp::from_seconds(1_000_000_600),
        };
        let name = AuthorityName {
            organization: "test only",
            common_name: "root",
        };
        let root_key = p256();
        let root = issue::root_certificate(name, validity, &root_key).unwrap();
        let request = LeafRequest {
            public_key: key.public_key(),
            identity: &Identity::new(IdentityKind::Email, "a@example.com"),
            issuer_url: "https://issuer.example",
            fulcio_extensions: &[],
            validity,
        };
        let issuer = Issuer {
            certificate: &root,
            key: &root_key,
        };
        let leaf = issue::code_signing_leaf(&request, issuer, None).unwrap();
        Self {
            key,
            leaf: leaf.to_pem(),
            root: root.to_pem(),
        }
    }

    fn good(&self) -> Value {
        json!({"signedCertificateEmbeddedSct": {
            "chain": {"certificates": [self.leaf, self.root]},
        }})
    }

    async fn certify(&self, server: &Stub) -> Result<IssuedCertificate, Error> {
        let request = sealwright_sigstore::CertificateRequest {
            public_key: self.key.public_key().clone(),
            proof: b"proof".to_vec().into(),
            subject: "repo:o/r".to_owned(),
        };
        let authority = AuthorityClient::new(client(), server.url("/fulcio/"));
        authority.certify(&token(), &request).await
    }

    async fn error(&self, reply: Reply) -> Error {
        self.certify(&Stub::start(vec![reply])).await.unwrap_err()
    }

    async fn code(&self, reply: Reply) -> &'static str {
        self.error(reply).await.code().as_str()
    }
}

fn p256() -> SigningKey {
    SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap()
}

fn token() -> IdentityToken {
    IdentityToken::parse(&token_text(GOOD)).unwrap()
}

fn reply(body: &Value) -> Reply {
    Reply::new(200, body.to_string())
}

#[tokio::test]
async fn sends_the_key_with_its_proof_and_takes_the_chain() {
    let fixture = Fixture::new();
    let server = Stub::start(vec![reply(&fixture.good())]);
    let issued = fixture.certify(&server).await.unwrap();
    assert_eq!(issued.leaf.to_pem(), fixture.leaf);
    assert_eq!(issued.issuers.len(), 1);
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "POST /fulcio/api/v2/signingCert");
    let bearer = format!("Bearer {}", token().secret());
    assert_eq!(seen.header("authorization"), bearer);
    assert_eq!(seen.header("content-type"), "application/json");
    let wanted = json!({"publicKeyRequest": {
        "publicKey": {"algorithm": "ECDSA", "content": fixture.key.public_key().to_pem()},
        "proofOfPossession": Base64::encode(b"proof"),
    }});
    assert_eq!(seen.json(), wanted);
}

#[tokio::test]
async fn sends_a_certificate_signing_request() {
    let fixture = Fixture::new();
    let server = Stub::start(vec![reply(&fixture.good())]);
    let request = CertificateRequest::new(&fixture.key, None)
        .unwrap()
        .to_pem();
    let authority = AuthorityClient::new(client(), server.url(""));
    let key = fixture.key.public_key();
    let issued = authority.certify_request(&token(), &request, key).await;
    assert!(issued.is_ok());
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "POST /api/v2/signingCert");
    let encoded = Base64::encode(request.as_bytes());
    assert_eq!(seen.json(), json!({ "certificateSigningRequest": encoded }));
}

#[tokio::test]
async fn rides_out_an_outage() {
    let fixture = Fixture::new();
    let busy = [429, 502, 503, 504].map(|status| Reply::new(status, ""));
    let mut replies: Vec<Reply> = busy.into_iter().collect();
    replies.push(reply(&fixture.good()));
    let server = Stub::start(replies);
    assert!(fixture.certify(&server).await.is_ok());
    let server = Stub::start(vec![Reply::Close, Reply::Close, reply(&fixture.good())]);
    assert!(fixture.certify(&server).await.is_ok());
}

#[tokio::test]
async fn says_when_the_outage_lasts() {
    let replies = (0..5).map(|_| Reply::new(503, "")).collect();
    let error = Fixture::new().certify(&Stub::start(replies)).await;
    assert_eq!(error.unwrap_err().code().as_str(), "service.unavailable");
}

#[tokio::test]
async fn says_that_the_token_was_not_taken() {
    let fixture = Fixture::new();
    let message = r#"{"code":3,"message":"There was an error processing the identity token"}"#;
    for denied in [
        Reply::new(401, ""),
        Reply::new(403, "who are you?"),
        Reply::new(400, message),
    ] {
        let error = fixture.error(denied).await;
        assert_eq!(error.code().as_str(), "service.denied");
        assert_eq!(error.class(), Class::Auth);
        assert!(!error.to_string().contains(token().secret()));
    }
}

#[tokio::test]
async fn says_what_the_authority_refuses() {
    let message = r#"{"code":3,"message":"The public key supplied in the request is insecure"}"#;
    let error = Fixture::new().error(Reply::new(400, message)).await;
    assert_eq!(error.code().as_str(), "service.refused");
    assert_eq!(error.class(), Class::Undecided);
    assert!(error.to_string().contains("is insecure"));
}

#[tokio::test]
async fn refuses_a_detached_sct() {
    let fixture = Fixture::new();
    let detached = json!({"signedCertificateDetachedSct": {
        "chain": {"certificates": [fixture.leaf, fixture.root]},
        "signedCertificateTimestamp": "e30=",
    }});
    let code = fixture.code(reply(&detached)).await;
    assert_eq!(code, "service.detached-sct");
}

#[tokio::test]
async fn refuses_what_is_no_certificate_for_the_key() {
    let fixture = Fixture::new();
    let chain = |certificates: Vec<&str>| {
        reply(&json!({"signedCertificateEmbeddedSct": {"chain": {"certificates": certificates}}}))
    };
    let cut = fixture.leaf.replacen('M', "", 1);
    for (reply, found) in [
        (Reply::new(200, "<html>"), "something else"),
        (Reply::new(200, "{}"), "JSON without one"),
        (chain(vec![]), "an empty chain"),
        (chain(vec![&cut]), "a chain that cannot be read"),
        (chain(vec![&fixture.leaf; 11]), "more than ten"),
        (chain(vec![&fixture.root]), "another key"),
    ] {
        let error = fixture.error(reply).await;
        assert_eq!(error.code().as_str(), "service.malformed-answer");
        assert!(error.to_string().contains(found), "{error}");
    }
    let long = Reply::new(200, vec![b' '; 2 << 20]);
    assert_eq!(fixture.code(long).await, "net.answer-too-large");
}

#[tokio::test]
async fn does_not_wait_for_ever() {
    let fixture = Fixture::new();
    let server = Stub::start(vec![Reply::Silence]);
    let impatient = Client::new(crate::Options::until(std::time::Duration::from_millis(100)));
    let authority = AuthorityClient::new(impatient, server.url("/"));
    let key = fixture.key.public_key();
    let error = authority.certify_request(&token(), "x", key).await;
    assert_eq!(error.unwrap_err().code().as_str(), "net.timeout");
}
