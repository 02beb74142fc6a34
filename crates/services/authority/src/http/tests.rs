//! The routes, asked without a socket.

use axum::body::Body;
use axum::http::Method;
use axum::http::Request;
use axum::http::StatusCode;
use axum::response::Response;
use sealwright_core::Base64;
use sealwright_core::Clock as _;
use sealwright_core::Digest;
use sealwright_crypto::Certificate;
use sealwright_crypto::CertificateRequest;
use sealwright_crypto::Eku;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_crypto::TimestampRequest;
use sealwright_crypto::TimestampToken;
use sealwright_crypto::build_chain;
use sealwright_crypto::timestamp::Certificates;
use sealwright_testkit::FakeClock;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::*;
use crate::Authority;
use crate::InstanceConfig;
use crate::oidc::IssuerKind;
use crate::oidc::TokenVerifier;
use crate::oidc::tests::ISSUER;
use crate::oidc::tests::NOW;
use crate::oidc::tests::Play;
use crate::oidc::tests::person;

struct Place {
    directory: TempDir,
    clock: Arc<FakeClock>,
    play: Play,
    service: Arc<AuthorityService>,
    key: SigningKey,
}

struct Answer {
    status: StatusCode,
    response: Response,
    bytes: Vec<u8>,
}

impl Place {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let clock = Arc::new(FakeClock::at(NOW));
        let play = Play::new(IssuerKind::Email);
        let config = InstanceConfig {
            user: "alice",
            identity: None,
        };
        let authority = Authority::open(directory.path(), &*clock, config).unwrap();
        let service = AuthorityService::new(authority, play.verifier(), clock.clone());
        Self {
            directory,
            clock,
            play,
            service: Arc::new(service),
            key: p256(),
        }
    }

    fn authority(&self) -> Authority {
        Authority::existing(self.directory.path()).unwrap().unwrap()
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let router = router(Arc::clone(&self.service));
        let response = router.oneshot(request.body(body.into()).unwrap()).await;
        let (parts, body) = response.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 30).await.unwrap();
        Answer {
            status: parts.status,
            response: Response::from_parts(parts, Body::empty()),
            bytes: bytes.to_vec(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], "").await
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        self.ask(Method::POST, path, headers, body.to_string())
            .await
    }

    fn token(&self) -> String {
        self.play.token(&person())
    }

    /// A signature over the challenge of `person()`.
    fn proof(&self) -> String {
        Base64::encode(&self.key.sign(b"dev@example.com").unwrap())
    }

    fn key_request(&self) -> Value {
        json!({
            "credentials": {"oidcIdentityToken": self.token()},
            "publicKeyRequest": {
                "publicKey": {
                    "algorithm": "ECDSA",
                    "content": self.key.public_key().to_pem(),
                },
                "proofOfPossession": self.proof(),
            },
        })
    }

    fn csr(&self) -> Value {
        let request = CertificateRequest::new(&self.key, None).unwrap();
        json!(Base64::encode(request.to_pem().as_bytes()))
    }

    /// Checks a chain as a client does, leaf first.
    fn check(&self, chain: &[Certificate]) {
        let [leaf, intermediate, root] = chain else {
            panic!("{} certificates", chain.len());
        };
        assert_eq!(leaf.public_key(), self.key.public_key());
        assert_eq!(leaf.identity().unwrap().value(), "dev@example.com");
        assert_eq!(leaf.issuer_claim().unwrap(), ISSUER);
        assert_eq!(leaf.fulcio_extension(24).unwrap(), "4711");
        let now = self.clock.now();
        let trusted = self.authority().trust_root([]);
        let anchors = &trusted.certificate_authorities[0].chain;
        assert_eq!(anchors, &[intermediate.clone(), root.clone()]);
        let built = build_chain(leaf, &[], anchors, now, Eku::CodeSigning).unwrap();
        assert!(build_chain(leaf, &[], anchors, now.plus_seconds(601), Eku::CodeSigning).is_err());
        let log = trusted.ct_logs[0].key.public_key().unwrap();
        let [promise] = &leaf.scts().unwrap()[..] else {
            panic!("one promise");
        };
        promise.verify(leaf, built.issuer().unwrap(), log).unwrap();
        let record = std::fs::read_to_string(self.directory.path().join("issued.pem")).unwrap();
        assert!(record.contains(&leaf.to_pem()));
    }
}

impl Answer {
    #[track_caller]
    fn is(self, status: StatusCode) -> Self {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, status, "{text}");
        self
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.response.headers()[name].to_str().unwrap()
    }

    fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }
}

fn p256() -> SigningKey {
    SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap()
}

/// A chain from JSON's list of PEM blocks.
fn chain(list: &Value) -> Vec<Certificate> {
    let list = list.as_array().unwrap().iter();
    list.map(|pem| Certificate::from_pem(pem.as_str().unwrap()).unwrap())
        .collect()
}

/// A chain from PEM blocks one after another.
fn blocks(pem: &[u8]) -> Vec<Certificate> {
    const END: &str = "-----END CERTIFICATE-----\n";
    std::str::from_utf8(pem)
        .unwrap()
        .split_inclusive(END)
        .map(|block| Certificate::from_pem(block).unwrap())
        .collect()
}

const V2: &str = "/api/v2/signingCert";
const V1: &str = "/api/v1/signingCert";

#[tokio::test]
async fn certifies_the_holder_of_a_token_and_a_key() {
    let place = Place::new();
    let bearer = format!("Bearer {}", place.token());
    let bearer = [("authorization", bearer.as_str())];
    let of_v2 = |answer: &Answer| {
        chain(&answer.json()["signedCertificateEmbeddedSct"]["chain"]["certificates"])
    };
    // As the clients in Go and JavaScript ask.
    let answer = place.post(V2, &[], &place.key_request()).await;
    place.check(&of_v2(&answer.is(StatusCode::OK)));
    let mut request = place.key_request();
    request.as_object_mut().unwrap().remove("credentials");
    let answer = place.post(V2, &bearer, &request).await;
    place.check(&of_v2(&answer.is(StatusCode::OK)));
    // As the one in Python does.
    let request = json!({"certificateSigningRequest": place.csr()});
    let answer = place.post(V2, &bearer, &request).await;
    place.check(&of_v2(&answer.is(StatusCode::OK)));
    // As old ones do.
    let pem = Base64::encode(place.key.public_key().to_pem().as_bytes());
    let der = Base64::encode(place.key.public_key().der());
    let with_key = |content: &str| {
        json!({
            "publicKey": {"algorithm": "ecdsa", "content": content},
            "signedEmailAddress": place.proof(),
        })
    };
    for request in [
        with_key(&pem),
        // As gitsign does.
        with_key(&der),
        json!({"certificateSigningRequest": place.csr()}),
    ] {
        let answer = place.post(V1, &bearer, &request).await;
        let answer = answer.is(StatusCode::CREATED);
        assert_eq!(
            answer.header("content-type"),
            "application/pem-certificate-chain"
        );
        place.check(&blocks(&answer.bytes));
    }
}

#[tokio::test]
async fn certifies_nobody_when_one_thing_is_wrong() {
    let place = Place::new();
    let changed = |pointer: &str, value: Value| {
        let mut request = place.key_request();
        *request.pointer_mut(pointer).unwrap() = value;
        request
    };
    let token = "There was an error processing the identity token";
    let key = "The public key supplied in the request";
    let proof = "The signature supplied in the request could not be verified";
    let request = "The certificate signing request could not be parsed";
    let other = p256();
    let foreign = Play::new(IssuerKind::Email).token(&person());
    let mut expired = person();
    expired["exp"] = json!(NOW.seconds());
    let rsa = SigningKey::generate(SignatureScheme::RsaPkcs1Sha256).unwrap();
    let key_content = "/publicKeyRequest/publicKey/content";
    let possession = "/publicKeyRequest/proofOfPossession";
    let sign =
        |key: &SigningKey, text: &str| json!(Base64::encode(&key.sign(text.as_bytes()).unwrap()));
    let mut turned = CertificateRequest::new(&place.key, None)
        .unwrap()
        .der()
        .to_vec();
    *turned.last_mut().unwrap() ^= 1;
    let turned = CertificateRequest::from_der(&turned).unwrap().to_pem();
    let with_request = |content: Value| {
        json!({
            "credentials": {"oidcIdentityToken": place.token()},
            "certificateSigningRequest": content,
        })
    };
    for (request, wanted) in [
        (changed("/credentials", json!({})), token),
        (
            changed("/credentials/oidcIdentityToken", json!("a.b.c")),
            token,
        ),
        (
            changed("/credentials/oidcIdentityToken", json!(foreign)),
            token,
        ),
        (
            changed(
                "/credentials/oidcIdentityToken",
                json!(place.play.token(&expired)),
            ),
            token,
        ),
        (changed(key_content, json!("nothing")), key),
        (changed(key_content, json!(rsa.public_key().to_pem())), key),
        (
            changed(key_content, json!(other.public_key().to_pem())),
            proof,
        ),
        (changed(possession, sign(&other, "dev@example.com")), proof),
        (changed(possession, sign(&place.key, "4711")), proof),
        (changed(possession, json!("")), proof),
        (with_request(json!("AAAA")), request),
        (
            with_request(json!(Base64::encode(turned.as_bytes()))),
            proof,
        ),
        (
            changed("/publicKeyRequest", Value::Null),
            "wanted a public key",
        ),
        (json!([]), "the request could not be parsed"),
        (json!({"credentials": 1}), "the request could not be parsed"),
    ] {
        let answer = place.post(V2, &[], &request).await;
        let answer = answer.is(StatusCode::BAD_REQUEST);
        assert!(
            answer.message().starts_with(wanted),
            "{} for {request}",
            answer.message()
        );
        assert_eq!(answer.json()["code"], 3);
    }
    let mut both = place.key_request();
    both["certificateSigningRequest"] = place.csr();
    place.post(V2, &[], &both).await.is(StatusCode::BAD_REQUEST);
    let scheme = format!("Basic {}", place.token());
    let answer = place
        .post(
            V1,
            &[("authorization", &scheme)],
            &json!({"certificateSigningRequest": place.csr()}),
        )
        .await;
    assert!(
        answer
            .is(StatusCode::BAD_REQUEST)
            .message()
            .starts_with(token)
    );
    let large = vec![b' '; (4 << 20) + 1];
    let answer = place.ask(Method::POST, V2, &[], large).await;
    answer.is(StatusCode::PAYLOAD_TOO_LARGE);
    assert!(!place.directory.path().join("issued.pem").exists());
}

#[tokio::test]
async fn believes_whom_it_is_told_to_while_it_runs() {
    let place = Place::new();
    let next = Play::new(IssuerKind::Email);
    let mut request = place.key_request();
    request["credentials"]["oidcIdentityToken"] = json!(next.token(&person()));
    place
        .post(V2, &[], &request)
        .await
        .is(StatusCode::BAD_REQUEST);
    place.service.replace_tokens(next.verifier());
    place.post(V2, &[], &request).await.is(StatusCode::OK);
    let answer = place.post(V2, &[], &place.key_request()).await;
    answer.is(StatusCode::BAD_REQUEST);
    place.service.replace_tokens(TokenVerifier::new(Vec::new()));
    place
        .post(V2, &[], &request)
        .await
        .is(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn says_whom_to_trust_and_whom_it_believes() {
    let place = Place::new();
    let trusted = place.authority().trust_root([]);
    let anchors = &trusted.certificate_authorities[0].chain;
    let bundle = place.get("/api/v2/trustBundle").await.is(StatusCode::OK);
    let bundle = bundle.json();
    assert_eq!(&chain(&bundle["chains"][0]["certificates"]), anchors);
    let root = place.get("/api/v1/rootCert").await.is(StatusCode::OK);
    assert_eq!(&blocks(&root.bytes), anchors);
    let configuration = place.get("/api/v2/configuration").await;
    assert_eq!(
        configuration.is(StatusCode::OK).json(),
        json!({"issuers": [{
            "issuerUrl": ISSUER,
            "audience": "sigstore",
            "challengeClaim": "email",
            "issuerType": "email",
        }]})
    );
}

#[tokio::test]
async fn timestamps_what_is_asked_in_either_form() {
    const PATH: &str = "/api/v1/timestamp";
    let place = Place::new();
    let certificates = place.get("/api/v1/timestamp/certchain").await;
    let certificates = blocks(&certificates.is(StatusCode::OK).bytes);
    let trusted = place.authority().trust_root([]);
    assert_eq!(certificates, trusted.timestamp_authorities[0].chain);
    let digest = Digest::sha256(b"signature");
    let query = TimestampRequest::new(digest)
        .unwrap()
        .with_nonce(&[1, 2, 3])
        .with_certificates(Certificates::Embed);
    let der = [("content-type", "application/timestamp-query")];
    let answer = place.ask(Method::POST, PATH, &der, query.to_der()).await;
    let answer = answer.is(StatusCode::CREATED);
    assert_eq!(answer.header("content-type"), "application/timestamp-reply");
    let token = TimestampToken::from_response_der(&answer.bytes).unwrap();
    let at = token.verify(b"signature", &certificates).unwrap();
    assert_eq!(at, NOW.truncated_to_second());

    let form = [("content-type", "application/json")];
    let asked = json!({
        "artifactHash": Base64::encode(digest.as_bytes()),
        "hashAlgorithm": "sha256",
    });
    let with = |name: &str, value: Value| {
        let mut asked = asked.clone();
        asked[name] = value;
        asked
    };
    for asked in [
        asked.clone(),
        with("nonce", json!(1_u64 << 63)),
        with("certificates", json!(true)),
        with("tsaPolicyOID", json!("1.3.6.1.4.1.57264.2")),
    ] {
        let answer = place.post(PATH, &form, &asked).await;
        let token = TimestampToken::from_response_der(&answer.is(StatusCode::CREATED).bytes);
        token.unwrap().verify(b"signature", &certificates).unwrap();
    }
    for wrong in [
        with("hashAlgorithm", json!("sha1")),
        with("hashAlgorithm", json!("sha512")),
        with("artifactHash", json!("AAAA")),
        with("tsaPolicyOID", json!("1.2.3")),
        with("nonce", json!(-1)),
        with("more", json!(1)),
    ] {
        let answer = place.post(PATH, &form, &wrong).await;
        let answer = answer.is(StatusCode::BAD_REQUEST);
        assert!(
            answer
                .message()
                .starts_with("Error parsing timestamp request")
        );
    }
    let cut = query.to_der();
    let cut = cut[..cut.len() - 1].to_vec();
    place
        .ask(Method::POST, PATH, &der, cut)
        .await
        .is(StatusCode::BAD_REQUEST);
    let large = vec![0; (64 << 10) + 1];
    let answer = place.ask(Method::POST, PATH, &der, large).await;
    answer.is(StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_is_broken_here_is_not_told_outside() {
    let place = Place::new();
    std::fs::remove_file(place.directory.path().join("keys/ca-intermediate-1.pem")).unwrap();
    let answer = place.post(V2, &[], &place.key_request()).await;
    let answer = answer.is(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.message(), "the authority failed to answer");
    let inside = answer
        .response
        .extensions()
        .get::<sealwright_http::InsideMessage>()
        .unwrap();
    assert!(inside.0.starts_with("authority.key-missing"), "{inside:?}");
    let key: &PublicKey = place.key.public_key();
    assert!(!inside.0.contains(&key.to_pem()));
}
