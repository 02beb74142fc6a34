use std::collections::BTreeMap;

use sealwright_core::Class;
use sealwright_core::Diagnostic as _;

use super::super::DEFAULT_AUDIENCE;
use super::super::GOOD;
use super::super::token_text;
use super::*;
use crate::stub::Reply;
use crate::stub::Stub;
use crate::stub::client;

/// The surroundings of a test: variables, and a folder for the two files.
struct Place {
    folder: tempfile::TempDir,
    variables: BTreeMap<&'static str, String>,
}

impl Place {
    fn new(variables: &[(&'static str, &str)]) -> Self {
        let owned = variables
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: owned.collect(),
        }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    async fn detect(&self) -> Option<TokenSource> {
        let variable = |name: &str| self.variables.get(name).cloned();
        self.ambient(&variable).detect().await
    }

    async fn token(&self) -> Result<(TokenSource, IdentityToken), Error> {
        let variable = |name: &str| self.variables.get(name).cloned();
        let ambient = self.ambient(&variable);
        ambient.token(&client(), DEFAULT_AUDIENCE, now()).await
    }

    async fn code(&self) -> &'static str {
        let error = self.token().await.unwrap_err();
        if error.code().as_str().starts_with("token.") {
            assert_eq!(error.class(), Class::Auth);
        }
        assert!(!error.to_string().contains("s3cret"), "{error}");
        error.code().as_str()
    }

    fn ambient<'a>(
        &self,
        variable: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
    ) -> Ambient<'a> {
        Ambient::new(variable)
            .with_token_file(self.folder.path().join("token"))
            .with_product_name_file(self.folder.path().join("product"))
    }
}

fn now() -> Timestamp {
    Timestamp::from_seconds(1000)
}

fn good() -> String {
    token_text(GOOD)
}

fn github(server: &Stub) -> Place {
    Place::new(&[
        ("GITHUB_ACTIONS", "true"),
        (
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            server.url("/token?v=2").as_str(),
        ),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "s3cret"),
    ])
}

fn value(token: &str) -> Reply {
    Reply::new(
        200,
        serde_json::json!({"value": token, "count": 1}).to_string(),
    )
}

fn metadata(server: &Stub) -> Place {
    let host = server.url("/").authority().to_owned();
    Place::new(&[("GCE_METADATA_HOST", &host)])
}

#[tokio::test]
async fn looks_in_the_documented_order() {
    let mut place = Place::new(&[
        ("SIGSTORE_ID_TOKEN", "x"),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "x"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x"),
        ("BUILDKITE_AGENT_ACCESS_TOKEN", "x"),
        ("CIRCLE_OIDC_TOKEN_V2", "x"),
    ]);
    place.write("token", "x");
    place.write("product", "Google Compute Engine\n");
    for (name, source) in [
        ("SIGSTORE_ID_TOKEN", TokenSource::Variable),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", TokenSource::GithubActions),
        ("BUILDKITE_AGENT_ACCESS_TOKEN", TokenSource::Buildkite),
        ("CIRCLE_OIDC_TOKEN_V2", TokenSource::CircleCi),
    ] {
        assert_eq!(place.detect().await, Some(source));
        // A variable that holds nothing is as good as none.
        place.variables.insert(name, " ".to_owned());
    }
    assert_eq!(place.detect().await, Some(TokenSource::File));
    std::fs::remove_file(place.folder.path().join("token")).unwrap();
    assert_eq!(place.detect().await, Some(TokenSource::Google));
    place.write("product", "KVM");
    assert_eq!(place.detect().await, None);
}

#[test]
fn every_source_has_its_name() {
    for source in TokenSource::ALL {
        assert_eq!(TokenSource::of_name(source.name()), Some(source));
    }
    let spiffe = TokenSource::of_name("spiffe");
    assert_eq!(spiffe.is_some(), cfg!(feature = "spiffe"));
}

#[tokio::test]
async fn takes_the_token_a_variable_or_a_file_holds() {
    for name in ["SIGSTORE_ID_TOKEN", "CIRCLE_OIDC_TOKEN_V2"] {
        let place = Place::new(&[(name, &good())]);
        assert_eq!(place.token().await.unwrap().1.secret(), good());
    }
    let place = Place::new(&[]);
    place.write("token", &format!("{}\n", good()));
    let (source, token) = place.token().await.unwrap();
    assert_eq!((source, token.secret()), (TokenSource::File, &*good()));
}

#[tokio::test]
async fn takes_a_token_or_the_name_of_its_file() {
    let place = Place::new(&[]);
    place.write("token", &good());
    let path = place.folder.path().join("token");
    for given in [&good(), path.to_str().unwrap()] {
        let token = IdentityToken::given(given, now()).await.unwrap();
        assert_eq!(token.secret(), good());
    }
    let code = async |given: &str| {
        let error = IdentityToken::given(given, now()).await.unwrap_err();
        error.code().as_str()
    };
    assert_eq!(code("eyJub3QgYSB0b2tlbg").await, "token.malformed");
    assert_eq!(code("no-such-file").await, "token.source-failed");
    let late = Timestamp::from_seconds(2000);
    let error = IdentityToken::given(&good(), late).await.unwrap_err();
    assert_eq!(error.code().as_str(), "token.expired");
}

#[tokio::test]
async fn asks_github_for_the_audience() {
    let server = Stub::start(vec![Reply::new(503, ""), value(&good())]);
    let (source, token) = github(&server).token().await.unwrap();
    assert_eq!(
        (source, token.secret()),
        (TokenSource::GithubActions, &*good())
    );
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].line, "GET /token?v=2&audience=sigstore");
    assert_eq!(seen[1].header("authorization"), "bearer s3cret");
}

#[tokio::test]
async fn asks_buildkite_for_the_jobs_token() {
    let reply = Reply::new(200, serde_json::json!({"token": good()}).to_string());
    let server = Stub::start(vec![reply]);
    let mut place = Place::new(&[
        ("BUILDKITE_AGENT_ENDPOINT", server.url("/v3/").as_str()),
        ("BUILDKITE_AGENT_ACCESS_TOKEN", "s3cret"),
        ("BUILDKITE_JOB_ID", "01-ab"),
    ]);
    assert_eq!(place.token().await.unwrap().0, TokenSource::Buildkite);
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /v3/jobs/01-ab/oidc/tokens");
    assert_eq!(seen[0].header("authorization"), "Token s3cret");
    assert_eq!(seen[0].json(), serde_json::json!({"audience": "sigstore"}));
    for job in ["", "../x"] {
        place.variables.insert("BUILDKITE_JOB_ID", job.to_owned());
        assert_eq!(place.code().await, "token.source-failed");
    }
}

#[tokio::test]
async fn asks_googles_metadata_server() {
    let reply = || Reply::new(200, good());
    let server = Stub::start(vec![reply().header("Metadata-Flavor", "Google"), reply()]);
    let place = metadata(&server);
    assert_eq!(place.token().await.unwrap().0, TokenSource::Google);
    let seen = server.seen();
    let line = format!("GET {GOOGLE_PATH}?audience=sigstore&format=full");
    assert_eq!(seen[0].line, line);
    assert_eq!(seen[0].header("metadata-flavor"), "Google");
    // Something else answers at that address.
    assert_eq!(place.code().await, "token.source-failed");
}

#[tokio::test]
async fn a_machine_without_an_account_has_no_token() {
    let server = Stub::start(vec![Reply::new(404, ""), Reply::new(403, "")]);
    let place = metadata(&server);
    assert_eq!(place.code().await, "token.missing");
    assert_eq!(place.code().await, "token.source-failed");
}

#[tokio::test]
async fn only_the_metadata_server_is_spoken_to_in_plain_http() {
    let place = Place::new(&[("GCE_METADATA_HOST", "192.0.2.1")]);
    assert_eq!(place.code().await, "net.insecure-refused");
    let place = Place::new(&[
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://169.254.169.254/"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "s3cret"),
    ]);
    assert_eq!(place.code().await, "net.insecure-refused");
}

#[tokio::test]
async fn says_that_nothing_gives_a_token() {
    let mut place = Place::new(&[]);
    assert_eq!(place.code().await, "token.missing");
    place.variables.insert("GITHUB_ACTIONS", "true".to_owned());
    let error = place.token().await.unwrap_err();
    assert!(error.help().unwrap().contains("id-token: write"));
}

#[tokio::test]
async fn says_what_a_source_did_wrong() {
    for (reply, code) in [
        (
            Reply::new(401, r#"{"message":"no"}"#),
            "token.source-failed",
        ),
        (Reply::new(200, "garbage"), "token.source-failed"),
        (Reply::new(200, "{}"), "token.source-failed"),
        (value("garbage"), "token.malformed"),
        (value(&good().replace('.', "")), "token.malformed"),
        (value(&"x".repeat(70_000)), "net.answer-too-large"),
        (
            value(&token_text(&GOOD.replace("2000", "1000"))),
            "token.expired",
        ),
    ] {
        let server = Stub::start(vec![reply]);
        assert_eq!(github(&server).code().await, code);
    }
    let place = Place::new(&[
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "no url"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "s3cret"),
    ]);
    assert_eq!(place.code().await, "token.source-failed");
    let server = Stub::start(Vec::new());
    let mut place = github(&server);
    let two_lines = "s3cret\nx".to_owned();
    place
        .variables
        .insert("ACTIONS_ID_TOKEN_REQUEST_TOKEN", two_lines);
    assert_eq!(place.code().await, "token.source-failed");
    assert!(server.seen().is_empty());
}
