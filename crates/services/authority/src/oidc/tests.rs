//! Tokens with one thing changed, and what certificates say of those that are believed.

use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use sealwright_core::Base64;
use sealwright_core::Diagnostic as _;
use sealwright_core::IdentityKind;
use sealwright_core::Timestamp;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::Error;

pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "sigstore";
pub(crate) const NOW: Timestamp = Timestamp::from_milliseconds(1_795_348_800_750);

/// An issuer of tokens.
pub(crate) struct Play {
    pub(crate) key: SigningKey,
    kind: IssuerKind,
}

impl Play {
    pub(crate) fn new(kind: IssuerKind) -> Self {
        Self {
            key: SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap(),
            kind,
        }
    }

    /// With more keys beside its own.
    fn verifier_with(&self, more: &[Value]) -> TokenVerifier {
        let mut keys = vec![jwk(&self.key, "k1")];
        keys.extend_from_slice(more);
        let keys = json!({"keys": keys}).to_string();
        let kind = self.kind.clone();
        let issuer = TrustedIssuer::new(ISSUER, AUDIENCE, kind, keys.as_bytes()).unwrap();
        TokenVerifier::new(vec![issuer])
    }

    pub(crate) fn verifier(&self) -> TokenVerifier {
        self.verifier_with(&[])
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        sign(&self.key, Algorithm::ES256, Some("k1"), claims)
    }

    fn fault(&self, token: &str) -> TokenFault {
        match self.verifier().verify(token, NOW).unwrap_err() {
            error @ Error::TokenRefused { .. } => {
                assert_eq!(error.code().as_str(), "authority.token-refused");
                let Error::TokenRefused { fault } = error else {
                    unreachable!()
                };
                fault
            }
            other => panic!("{other}"),
        }
    }
}

/// Claims of a person that are all in order.
pub(crate) fn person() -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "4711",
        "email": "dev@example.com",
        "email_verified": true,
        "iat": NOW.seconds(),
        "nbf": NOW.seconds() - 5,
        "exp": NOW.seconds() + 600,
    })
}

fn with(mut claims: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!() };
    claims.as_object_mut().unwrap().extend(more);
    claims
}

fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name).unwrap();
    claims
}

fn url_safe(bytes: &[u8]) -> String {
    let text = Base64::encode(bytes).replace('+', "-").replace('/', "_");
    text.trim_end_matches('=').to_owned()
}

fn jwk(key: &SigningKey, id: &str) -> Value {
    let raw = key.public_key().raw();
    match raw.len() {
        65 => json!({
            "kty": "EC", "crv": "P-256", "kid": id, "use": "sig",
            "x": url_safe(&raw[1..33]), "y": url_safe(&raw[33..]),
        }),
        _ => json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": url_safe(raw)}),
    }
}

fn sign(key: &SigningKey, algorithm: Algorithm, id: Option<&str>, claims: &Value) -> String {
    let pem = key.to_pkcs8_pem().unwrap();
    let key = match algorithm {
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
        _ => EncodingKey::from_ec_pem(pem.as_bytes()),
    };
    let mut header = Header::new(algorithm);
    header.kid = id.map(str::to_owned);
    jsonwebtoken::encode(&header, claims, &key.unwrap()).unwrap()
}

/// A token with a header of any text, signed by nobody or in some other way.
fn assemble(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| url_safe(value.to_string().as_bytes());
    format!("{}.{}.{}", part(header), part(claims), url_safe(signature))
}

#[test]
fn believes_a_token_that_is_in_order() {
    let play = Play::new(IssuerKind::Email);
    for claims in [
        person(),
        with(person(), json!({"aud": ["other", AUDIENCE]})),
        with(person(), json!({"email_verified": "true"})),
        with(person(), json!({"exp": NOW.seconds() as f64 + 0.5 + 1.0})),
        // Another clock, a little fast.
        with(
            person(),
            json!({"iat": NOW.seconds() + 30, "nbf": NOW.seconds() + 30}),
        ),
        without(without(person(), "iat"), "nbf"),
    ] {
        let principal = play.verifier().verify(&play.token(&claims), NOW).unwrap();
        assert_eq!(principal.challenge, "dev@example.com");
        assert_eq!(principal.identity.value(), "dev@example.com");
        assert_eq!(principal.identity.kind(), IdentityKind::Email);
        assert_eq!(principal.issuer, ISSUER);
        assert_eq!(principal.extensions, [(24, "4711".to_owned())]);
    }
}

#[test]
fn refuses_tokens_with_one_thing_wrong() {
    let play = Play::new(IssuerKind::Email);
    let seconds = NOW.seconds();
    let at = Timestamp::from_seconds;
    let claim = |name| TokenFault::Claim { name };
    for (claims, wanted) in [
        (
            with(person(), json!({"exp": seconds - 1})),
            TokenFault::Expired {
                at: at(seconds - 1),
            },
        ),
        (
            with(person(), json!({"exp": seconds})),
            TokenFault::Expired { at: at(seconds) },
        ),
        (
            with(person(), json!({"nbf": seconds + 62})),
            TokenFault::NotYetValid {
                at: at(seconds + 62),
            },
        ),
        (
            with(person(), json!({"iat": seconds + 62})),
            TokenFault::NotYetValid {
                at: at(seconds + 62),
            },
        ),
        (
            with(person(), json!({"aud": "other"})),
            TokenFault::Audience {
                found: vec!["other".to_owned()],
                wanted: AUDIENCE.to_owned(),
            },
        ),
        (
            without(person(), "aud"),
            TokenFault::Audience {
                found: Vec::new(),
                wanted: AUDIENCE.to_owned(),
            },
        ),
        (
            with(person(), json!({"iss": "https://issuer.example.evil"})),
            TokenFault::Issuer {
                found: "https://issuer.example.evil".to_owned(),
            },
        ),
        (
            with(person(), json!({"iss": "https://issuer.example/"})),
            TokenFault::Issuer {
                found: "https://issuer.example/".to_owned(),
            },
        ),
        (
            with(person(), json!({"email_verified": false})),
            TokenFault::EmailUnverified,
        ),
        (
            without(person(), "email_verified"),
            TokenFault::EmailUnverified,
        ),
        (without(person(), "iss"), claim("iss")),
        (without(person(), "exp"), claim("exp")),
        (with(person(), json!({"exp": "tomorrow"})), claim("exp")),
        (with(person(), json!({"exp": 1e300})), claim("exp")),
        (with(person(), json!({"nbf": -1})), claim("nbf")),
        (without(person(), "sub"), claim("sub")),
        (without(person(), "email"), claim("email")),
        (
            with(person(), json!({"email": ["dev@example.com"]})),
            claim("email"),
        ),
        (
            with(person(), json!({"email": "dév@example.com"})),
            TokenFault::Identity {
                found: "dév@example.com".to_owned(),
            },
        ),
        (
            with(person(), json!({"email": "https://example.com/x"})),
            TokenFault::Identity {
                found: "https://example.com/x".to_owned(),
            },
        ),
    ] {
        assert_eq!(play.fault(&play.token(&claims)), wanted, "{claims}");
    }
}

#[test]
fn refuses_signatures_by_others_and_algorithms_without_a_private_key() {
    let play = Play::new(IssuerKind::Email);
    let good = play.token(&person());
    let other = Play::new(IssuerKind::Email);
    // Another's key under the same name.
    assert_eq!(play.fault(&other.token(&person())), TokenFault::Signature);
    // Other claims under the signature.
    let (header, rest) = good.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let changed = with(person(), json!({"email": "boss@example.com"}));
    let changed = url_safe(changed.to_string().as_bytes());
    assert_eq!(
        play.fault(&format!("{header}.{changed}.{signature}")),
        TokenFault::Signature
    );
    assert_eq!(play.fault(&good[..good.len() - 4]), TokenFault::Signature);
    let unsigned = good.strip_suffix(signature).unwrap();
    assert_eq!(play.fault(unsigned), TokenFault::Signature);

    let algorithm = |found: &str| TokenFault::Algorithm {
        found: found.to_owned(),
    };
    for name in [
        "none", "None", "NONE", "", "HS256", "HS512", "ES512", "es256", "dir",
    ] {
        let header = json!({"alg": name, "kid": "k1"});
        assert_eq!(
            play.fault(&assemble(&header, &person(), b"")),
            algorithm(name)
        );
    }
    // What everybody knows as the secret of a symmetric signature.
    let public_key = play.key.public_key();
    for secret in [
        public_key.to_pem().as_bytes(),
        public_key.der(),
        public_key.raw(),
    ] {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("k1".to_owned());
        let key = EncodingKey::from_secret(secret);
        let token = jsonwebtoken::encode(&header, &person(), &key).unwrap();
        assert_eq!(play.fault(&token), algorithm("HS256"));
    }
    // Not even where the issuer publishes a secret.
    let secret = json!({"kty": "oct", "kid": "k2", "alg": "HS256", "k": url_safe(b"secret")});
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k2".to_owned());
    let key = EncodingKey::from_secret(b"secret");
    let token = jsonwebtoken::encode(&header, &person(), &key).unwrap();
    let error = play
        .verifier_with(&[secret])
        .verify(&token, NOW)
        .unwrap_err();
    assert!(error.to_string().contains("HS256"), "{error}");
}

#[test]
fn a_key_signs_under_its_own_name_and_algorithm() {
    let play = Play::new(IssuerKind::Email);
    let edwards = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let verifier = play.verifier_with(&[jwk(&edwards, "k2")]);
    for (token, wanted) in [
        (
            sign(&edwards, Algorithm::EdDSA, Some("k2"), &person()),
            true,
        ),
        (sign(&edwards, Algorithm::EdDSA, None, &person()), true),
        (sign(&play.key, Algorithm::ES256, None, &person()), true),
        (
            sign(&edwards, Algorithm::EdDSA, Some("k1"), &person()),
            false,
        ),
        (
            sign(&play.key, Algorithm::ES256, Some("k2"), &person()),
            false,
        ),
        (
            sign(&play.key, Algorithm::ES256, Some("k3"), &person()),
            false,
        ),
    ] {
        assert_eq!(verifier.verify(&token, NOW).is_ok(), wanted, "{token}");
    }
    // A key that is for one algorithm or purpose alone.
    for (change, wanted) in [
        (json!({"alg": "ES256"}), true),
        (json!({"alg": "RS256"}), false),
        (json!({"use": "enc"}), false),
    ] {
        let keys = json!({"keys": [with(jwk(&play.key, "k1"), change), jwk(&edwards, "k2")]});
        let keys = keys.to_string();
        let issuer = TrustedIssuer::new(ISSUER, AUDIENCE, IssuerKind::Email, keys.as_bytes());
        let verifier = TokenVerifier::new(vec![issuer.unwrap()]);
        let token = play.token(&person());
        assert_eq!(verifier.verify(&token, NOW).is_ok(), wanted, "{keys}");
    }
}

#[test]
fn believes_rsa_signatures_of_their_own_padding() {
    let key = SigningKey::generate(SignatureScheme::RsaPkcs1Sha256).unwrap();
    let pem = key.to_pkcs8_pem().unwrap();
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    // Issuers say the algorithm with the key, or leave it out.
    for said in [true, false] {
        for algorithm in [Algorithm::RS256, Algorithm::RS512, Algorithm::PS256] {
            let published = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Algorithm::RS256);
            let mut published = serde_json::to_value(published.unwrap()).unwrap();
            if !said {
                published.as_object_mut().unwrap().remove("alg");
            }
            let keys = json!({"keys": [published]}).to_string();
            let issuer = TrustedIssuer::new(ISSUER, AUDIENCE, IssuerKind::Email, keys.as_bytes());
            let verifier = TokenVerifier::new(vec![issuer.unwrap()]);
            let header = Header::new(algorithm);
            let token = jsonwebtoken::encode(&header, &person(), &key).unwrap();
            let wanted = !said || algorithm == Algorithm::RS256;
            assert_eq!(
                verifier.verify(&token, NOW).is_ok(),
                wanted,
                "{algorithm:?} {keys}"
            );
        }
    }
}

#[test]
fn refuses_what_is_no_token() {
    let play = Play::new(IssuerKind::Email);
    let good = play.token(&person());
    let parts: Vec<&str> = good.split('.').collect();
    let header = json!({"alg": "ES256", "kid": "k1"});
    let twice = format!(
        "{}.{}.{}",
        parts[0],
        url_safe(br#"{"iss": "https://issuer.example", "iss": "https://issuer.example"}"#),
        parts[2]
    );
    for token in [
        String::new(),
        "a".to_owned(),
        "a.b".to_owned(),
        "..".to_owned(),
        format!("{good}.x"),
        format!("x.{good}"),
        format!("{}.{}", parts[0], parts[2]),
        format!("!{good}"),
        assemble(&json!([]), &person(), b""),
        assemble(&json!({"kid": "k1"}), &person(), b""),
        assemble(&header, &json!("text"), b""),
        twice,
        format!("{good}{}", "A".repeat(16 << 10)),
    ] {
        let fault = play.fault(&token);
        let is_malformed = matches!(fault, TokenFault::Malformed { .. });
        assert!(is_malformed, "{fault} for {token:.80}");
    }
    let critical = json!({"alg": "ES256", "kid": "k1", "crit": ["exp"]});
    assert_eq!(
        play.fault(&assemble(&critical, &person(), b"")),
        TokenFault::Critical
    );
}

#[test]
fn refuses_issuers_without_a_key_of_use() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let short = json!({"kty": "RSA", "n": url_safe(&[0xff; 128]), "e": "AQAB"});
    for keys in [
        "".to_owned(),
        "{}".to_owned(),
        json!({"keys": []}).to_string(),
        json!({"keys": [{"kty": "oct", "k": "AAAA"}]}).to_string(),
        json!({"keys": [short]}).to_string(),
        json!({"keys": [with(jwk(&key, "k"), json!({"use": "enc"}))]}).to_string(),
        json!({"keys": [with(jwk(&key, "k"), json!({"crv": "P-521"}))]}).to_string(),
    ] {
        let error = TrustedIssuer::new(ISSUER, AUDIENCE, IssuerKind::Email, keys.as_bytes());
        let error = error.unwrap_err();
        assert_eq!(error.code().as_str(), "authority.issuer-unusable", "{keys}");
    }
}

fn job(more: Value) -> Value {
    with(without(without(person(), "email"), "email_verified"), more)
}

#[track_caller]
fn states(play: &Play, claims: &Value, name: &str, extensions: &[(u32, &str)]) {
    let principal = play.verifier().verify(&play.token(claims), NOW).unwrap();
    assert_eq!(principal.identity.value(), name);
    assert_eq!(principal.identity.kind(), IdentityKind::Uri);
    assert_eq!(principal.challenge, claims["sub"].as_str().unwrap());
    let found: Vec<_> = principal
        .extensions
        .iter()
        .map(|(number, value)| (*number, value.as_str()))
        .collect();
    assert_eq!(found, extensions);
}

#[test]
fn states_what_a_github_workflow_is() {
    let play = Play::new(IssuerKind::GitHubActions {
        url: "https://github.com".to_owned(),
    });
    let claims = job(json!({
        "sub": "repo:octo/app:ref:refs/heads/main",
        "event_name": "push",
        "sha": "0123",
        "workflow": "Release",
        "repository": "octo/app",
        "repository_id": "74",
        "repository_owner": "octo",
        "repository_owner_id": 65,
        "repository_visibility": "public",
        "ref": "refs/heads/main",
        "job_workflow_ref": "octo/shared/.github/workflows/build.yml@refs/tags/v1",
        "job_workflow_sha": "4567",
        "workflow_ref": "octo/app/.github/workflows/release.yml@refs/heads/main",
        "workflow_sha": "89ab",
        "runner_environment": "github-hosted",
        "run_id": "9",
        "run_attempt": "2",
    }));
    let name = "https://github.com/octo/shared/.github/workflows/build.yml@refs/tags/v1";
    let mut extensions = vec![
        (2, "push"),
        (3, "0123"),
        (4, "Release"),
        (5, "octo/app"),
        (6, "refs/heads/main"),
        (9, name),
        (10, "4567"),
        (11, "github-hosted"),
        (12, "https://github.com/octo/app"),
        (13, "0123"),
        (14, "refs/heads/main"),
        (15, "74"),
        (16, "https://github.com/octo"),
        (17, "65"),
        (
            18,
            "https://github.com/octo/app/.github/workflows/release.yml@refs/heads/main",
        ),
        (19, "89ab"),
        (20, "push"),
        (21, "https://github.com/octo/app/actions/runs/9/attempts/2"),
        (22, "public"),
        (24, "repo:octo/app:ref:refs/heads/main"),
    ];
    states(&play, &claims, name, &extensions);
    extensions.insert(19, (23, "production"));
    let deployed = with(claims.clone(), json!({"environment": "production"}));
    states(&play, &deployed, name, &extensions);
    for missing in ["job_workflow_ref", "repository_id", "run_attempt"] {
        let token = play.token(&without(claims.clone(), missing));
        assert_eq!(play.fault(&token), TokenFault::Claim { name: missing });
    }
    let foreign = with(
        claims,
        json!({"job_workflow_ref": "octo/app/x.yml@refs/heads/é"}),
    );
    let fault = play.fault(&play.token(&foreign));
    assert!(matches!(fault, TokenFault::Identity { .. }), "{fault}");
}

#[test]
fn states_what_a_gitlab_job_is() {
    let play = Play::new(IssuerKind::GitLab {
        url: "https://gitlab.example".to_owned(),
    });
    let claims = job(json!({
        "sub": "project_path:group/app:ref_type:branch:ref:main",
        "ci_config_ref_uri": "gitlab.example/group/app//.gitlab-ci.yml@refs/heads/main",
        "ci_config_sha": "4567",
        "runner_environment": "self-hosted",
        "project_path": "group/app",
        "project_id": "74",
        "project_visibility": "internal",
        "namespace_path": "group",
        "namespace_id": "65",
        "sha": "0123",
        "ref": "main",
        "ref_type": "branch",
        "pipeline_source": "push",
        "job_id": "9",
    }));
    let name = "https://gitlab.example/group/app//.gitlab-ci.yml@refs/heads/main";
    let extensions = |reference| {
        [
            (9, name),
            (10, "4567"),
            (11, "self-hosted"),
            (12, "https://gitlab.example/group/app"),
            (13, "0123"),
            (14, reference),
            (15, "74"),
            (16, "https://gitlab.example/group"),
            (17, "65"),
            (18, name),
            (19, "4567"),
            (20, "push"),
            (21, "https://gitlab.example/group/app/-/jobs/9"),
            (22, "internal"),
            (24, "project_path:group/app:ref_type:branch:ref:main"),
        ]
    };
    states(&play, &claims, name, &extensions("refs/heads/main"));
    let tagged = with(claims, json!({"ref_type": "tag", "ref": "v1"}));
    states(&play, &tagged, name, &extensions("refs/tags/v1"));
}

#[test]
fn states_what_a_buildkite_job_is() {
    let play = Play::new(IssuerKind::Buildkite);
    let claims = job(json!({
        "sub": "organization:acme:pipeline:app",
        "organization_slug": "acme",
        "pipeline_slug": "app",
        "build_number": 42,
        "job_id": "0184",
        "build_commit": "0123",
        "build_source": "webhook",
        "runner_environment": "self-hosted",
    }));
    states(
        &play,
        &claims,
        "https://buildkite.com/acme/app",
        &[
            (11, "self-hosted"),
            (13, "0123"),
            (20, "webhook"),
            (21, "https://buildkite.com/acme/app/builds/42#0184"),
            (24, "organization:acme:pipeline:app"),
        ],
    );
}

#[test]
fn takes_uris_of_one_domain_alone() {
    let play = Play::new(IssuerKind::Uri {
        subject_domain: "https://example.com".to_owned(),
    });
    let claims = |subject: &str| job(json!({"sub": subject}));
    let name = "https://example.com/users/1";
    states(&play, &claims(name), name, &[(24, name)]);
    for subject in [
        "https://example.com.evil/users/1",
        "http://example.com/users/1",
        "https://example.com@evil/users/1",
        "https://evil/https://example.com/",
        "users/1",
    ] {
        let fault = play.fault(&play.token(&claims(subject)));
        assert!(
            matches!(fault, TokenFault::Subject { .. }),
            "{subject}: {fault}"
        );
    }
}
