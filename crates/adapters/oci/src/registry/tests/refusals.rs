//! Registries that refuse, fail, lie, or say nothing at all.

use super::*;

fn sent(status: u16, body: &str) -> FaultKind {
    FaultKind::Answer {
        status,
        headers: vec![("Content-Type", fixture::MANIFEST.to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

fn headed(status: u16, name: &'static str, value: &str) -> FaultKind {
    FaultKind::Answer {
        status,
        headers: vec![(name, value.to_owned())],
        body: Vec::new(),
    }
}

#[tokio::test]
async fn every_bad_answer_has_its_code() {
    let cases = [
        (
            FaultKind::error(401, "UNAUTHORIZED"),
            "registry.unauthorized",
        ),
        (FaultKind::error(403, "DENIED"), "registry.forbidden"),
        (
            FaultKind::error(404, "MANIFEST_UNKNOWN"),
            "registry.not-found",
        ),
        (FaultKind::error(418, "TEAPOT"), "registry.refused"),
        (
            FaultKind::error(429, "TOOMANYREQUESTS"),
            "registry.rate-limited",
        ),
        (headed(429, "Retry-After", "3600"), "registry.rate-limited"),
        (FaultKind::error(500, "UNKNOWN"), "registry.unavailable"),
        (FaultKind::error(503, "UNKNOWN"), "registry.unavailable"),
        (sent(200, "<html>"), "registry.malformed-answer"),
        (sent(200, "{}"), "registry.malformed-answer"),
        (FaultKind::Truncate(5), "registry.unavailable"),
        (
            headed(307, "Location", "http://192.0.2.1/"),
            "registry.insecure-refused",
        ),
    ];
    for (fault, wanted) in cases {
        let setup = Setup::open(API);
        // Whatever a HEAD would have said, the GET decides.
        setup
            .server
            .fail("HEAD", "", 1, FaultKind::error(405, "UNSUPPORTED"));
        setup.server.fail("GET", "/manifests/x", 100, fault.clone());
        assert_eq!(
            code(setup.repository(":x").resolve().await),
            wanted,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn help_names_the_deadline_only_when_it_is_why() {
    let help = async |fault: FaultKind| {
        let setup = Setup::open(API);
        setup.server.fail("", "", 100, fault);
        let error = setup.repository(":x").resolve().await.unwrap_err();
        error.help().unwrap().into_owned()
    };
    for status in [429, 503] {
        let out_of_time = help(headed(status, "Retry-After", "3600")).await;
        assert!(out_of_time.contains("--timeout"), "{out_of_time}");
        let out_of_patience = help(headed(status, "Retry-After", "0")).await;
        assert!(!out_of_patience.contains("--timeout"), "{out_of_patience}");
    }
}

#[tokio::test]
async fn a_refused_head_is_enough() {
    for (status, wanted) in [
        (401, "registry.unauthorized"),
        (403, "registry.forbidden"),
        (429, "registry.rate-limited"),
        (500, "registry.unavailable"),
    ] {
        let setup = Setup::open(API);
        setup
            .server
            .fail("HEAD", "", 100, FaultKind::error(status, "X"));
        assert_eq!(code(setup.repository(":x").resolve().await), wanted);
    }
}

#[tokio::test]
async fn a_registry_that_never_answers_is_left() {
    let setup = Setup::open(API);
    setup.server.fail("", "", 100, FaultKind::Hang);
    let mut options = setup.options();
    options.http.timeout = Duration::from_millis(100);
    let repository = fixture::repository(&setup.server, options, ":x");
    assert_eq!(code(repository.resolve().await), "registry.timeout");
    assert_eq!(
        code(repository.spool(&setup.image.descriptor()).await),
        "registry.timeout"
    );
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_unavailable() {
    let setup = Setup::open(API);
    let repository = setup.repository(":x");
    drop(setup.server);
    assert_eq!(code(repository.resolve().await), "registry.unavailable");
}

#[tokio::test]
async fn an_answer_without_end_is_refused() {
    let setup = Setup::open(API);
    let mut options = setup.options();
    options.limits.manifest_bytes = 100;
    let repository = fixture::repository(&setup.server, options, ":x");
    assert_eq!(
        code(repository.manifest(&setup.image.descriptor()).await),
        "registry.malformed-answer"
    );
}

#[tokio::test]
async fn content_that_is_not_what_was_asked_for_is_refused() {
    let setup = Setup::open(API);
    let repository = setup.repository(":x");
    let image = &setup.image;
    let layer = Descriptor::of(MediaType::new(fixture::LAYER), &image.layers[0]);
    let flipped = |content: &[u8]| {
        let mut content = content.to_vec();
        content[7] ^= 1;
        FaultKind::Body(content)
    };
    let longer = |content: &[u8]| FaultKind::Body([content, b" "].concat());
    let shorter = |content: &[u8]| FaultKind::Body(content[1..].to_vec());
    let wanted = "registry.digest-mismatch";
    for change in [&flipped as &dyn Fn(&[u8]) -> FaultKind, &longer, &shorter] {
        setup
            .server
            .fail("GET", "/manifests/", 1, change(&image.manifest));
        assert_eq!(code(repository.manifest(&image.descriptor()).await), wanted);
        setup
            .server
            .fail("GET", "/blobs/", 1, change(&image.layers[0]));
        assert_eq!(code(repository.blob(&layer, 1 << 20).await), wanted);
        setup
            .server
            .fail("GET", "/blobs/", 1, change(&image.layers[0]));
        assert_eq!(code(repository.spool(&layer).await), wanted);
    }
    let renamed = image.descriptor();
    let renamed = Descriptor::new(MediaType::OCI_INDEX, renamed.digest, renamed.size);
    assert_eq!(
        code(repository.manifest(&renamed).await),
        "registry.malformed-answer"
    );
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let (user, secret) = ("user".to_owned(), "secret".to_owned());
    for door in [
        Door::Basic(user.clone(), secret.clone()),
        Door::Token(user.clone(), secret.clone()),
        Door::PrivateToken(user, secret),
        Door::RefreshToken("refresh".to_owned()),
    ] {
        let setup = Setup::new(API, door.clone());
        let auth = sealwright_core::Base64::encode(b"user:wrong");
        setup.log_in(&json!({"auths": {setup.server.host(): {"auth": auth}}}));
        let error = setup.repository(":x").resolve().await.unwrap_err();
        assert_eq!(error.code().as_str(), "registry.unauthorized", "{door:?}");
        assert_eq!(error.class(), sealwright_core::Class::Auth);
        assert!(error.to_string().contains("other credentials"), "{error}");
        assert!(!error.to_string().contains("wrong"), "{error}");
    }
}

#[tokio::test]
async fn missing_credentials_are_asked_for() {
    let door = Door::PrivateToken("user".to_owned(), "secret".to_owned());
    let setup = Setup::new(API, door);
    let error = setup.repository(":x").resolve().await.unwrap_err();
    assert_eq!(error.code().as_str(), "registry.unauthorized");
    let help = error.help().unwrap();
    assert!(help.contains(&setup.server.host()), "{help}");
}

#[tokio::test]
async fn unusable_credentials_are_no_missing_ones() {
    let door = Door::Basic("user".to_owned(), "secret".to_owned());
    let setup = Setup::new(API, door);
    let host = setup.server.host();
    for config in [
        json!([]),
        json!({"auths": {&host: {"auth": "%"}}}),
        json!({"credHelpers": {&host: "sealwright-test-missing"}}),
        json!({"credsStore": "sealwright-test-missing"}),
    ] {
        setup.log_in(&config);
        assert_eq!(
            code(setup.repository(":x").resolve().await),
            "registry.credentials-unusable",
            "{config}"
        );
    }
}

#[tokio::test]
async fn tokens_are_fetched_from_decent_places_alone() {
    for (realm, wanted) in [
        ("http://192.0.2.1/token", "registry.insecure-refused"),
        ("file:///etc/passwd", "registry.insecure-refused"),
        ("http://", "registry.malformed-answer"),
    ] {
        let setup = Setup::open(API);
        let challenge = format!(r#"Bearer realm="{realm}""#);
        let refusal = headed(401, "WWW-Authenticate", &challenge);
        setup.server.fail("", "/v2/", 100, refusal);
        assert_eq!(
            code(setup.repository(":x").resolve().await),
            wanted,
            "{realm}"
        );
    }
}

#[tokio::test]
async fn a_token_service_that_fails_is_reported() {
    for (fault, wanted) in [
        (sent(200, "{}"), "registry.malformed-answer"),
        (sent(200, r#"{"token":""}"#), "registry.malformed-answer"),
        (FaultKind::error(403, "DENIED"), "registry.forbidden"),
        (FaultKind::error(500, "UNKNOWN"), "registry.unavailable"),
    ] {
        let door = Door::Token("user".to_owned(), "secret".to_owned());
        let setup = Setup::new(API, door);
        setup.server.fail("GET", "/token", 100, fault);
        assert_eq!(code(setup.repository(":x").resolve().await), wanted);
    }
}

#[tokio::test]
async fn uploads_go_on_in_decent_places_alone() {
    for (fault, wanted) in [
        (
            headed(202, "Location", "http://192.0.2.1/x"),
            "registry.insecure-refused",
        ),
        (headed(202, "X", "y"), "registry.malformed-answer"),
        (FaultKind::error(403, "DENIED"), "registry.forbidden"),
        (FaultKind::error(413, "SIZE_INVALID"), "registry.refused"),
    ] {
        let setup = Setup::open(API);
        setup.server.fail("POST", "/uploads/", 100, fault);
        let attached = setup
            .repository(":x")
            .attach(&setup.image.descriptor(), &[bundle(1)])
            .await;
        assert_eq!(code(attached), wanted);
    }
}

#[tokio::test]
async fn lists_of_referrers_are_checked() {
    let page = |manifests: &str| format!(r#"{{"schemaVersion":2,"manifests":{manifests}}}"#);
    let linked = FaultKind::Answer {
        status: 200,
        headers: vec![(
            "Link",
            r#"<https://example.com/next>; rel="next""#.to_owned(),
        )],
        body: page("[]").into_bytes(),
    };
    for (fault, wanted) in [
        (sent(200, "<html>"), "registry.malformed-answer"),
        (sent(200, &page("{}")), "registry.malformed-answer"),
        (linked, "registry.malformed-answer"),
        (
            FaultKind::error(401, "UNAUTHORIZED"),
            "registry.unauthorized",
        ),
        (FaultKind::error(500, "UNKNOWN"), "registry.unavailable"),
    ] {
        let setup = Setup::open(API);
        setup.server.fail("GET", "/referrers/", 100, fault);
        let digest = setup.image.descriptor().digest;
        let found = setup.repository(":x").referrers(&digest).await;
        assert_eq!(code(found), wanted);
    }
}

#[tokio::test]
async fn a_broken_fallback_tag_is_not_overwritten() {
    let setup = Setup::open(Referrers::None);
    let subject = setup.image.descriptor();
    let tag = fallback_tag(&subject.digest);
    setup
        .server
        .put_manifest(NAME, Some(&tag), fixture::INDEX, b"broken");
    let attached = setup.repository(":x").attach(&subject, &[bundle(1)]).await;
    assert_eq!(code(attached), "registry.malformed-answer");
    assert_eq!(setup.server.tagged(NAME, &tag).unwrap(), b"broken");
}

#[test]
fn finds_the_next_page() {
    let next = |text| super::super::referrers::next_link(text);
    assert_eq!(next(r#"</a?n=1>; rel="next""#), Some("/a?n=1"));
    assert_eq!(
        next(r#"</b>; rel=prev, </a>; title="x"; rel=next"#),
        Some("/a")
    );
    assert_eq!(next(r#"</a>; rel="last next""#), Some("/a"));
    assert_eq!(next(r#"</a>; rel="prev""#), None);
    assert_eq!(next("</a"), None);
    assert_eq!(next(""), None);
}
