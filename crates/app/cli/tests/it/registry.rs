//! Registries that refuse, fail, lie or say nothing, while an image is verified or sealed.

use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_testkit::registry::Access;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::FaultKind;
use sealwright_testkit::registry::Referrers;

use crate::harness::Sandbox;
use crate::image::EVERYTHING;
use crate::image::image;
use crate::image::push;
use crate::image::registry;

type Case = (&'static str, FaultKind, i32, &'static str);

/// What can come instead of any answer. Only what is read is looked for elsewhere when told so.
fn faults(writing: bool) -> Vec<Case> {
    let redirected = match writing {
        true => "registry.refused",
        false => "registry.insecure-refused",
    };
    let error = |status, code: &str| FaultKind::error(status, code);
    vec![
        (
            "401",
            error(401, "UNAUTHORIZED"),
            4,
            "registry.unauthorized",
        ),
        ("403", error(403, "DENIED"), 4, "registry.forbidden"),
        ("404", error(404, "NAME_UNKNOWN"), 3, "registry.not-found"),
        ("418", error(418, "TEAPOT"), 3, "registry.refused"),
        ("429", later(429), 3, "registry.rate-limited"),
        ("500", error(500, "UNKNOWN"), 3, "registry.unavailable"),
        ("503", later(503), 3, "registry.unavailable"),
        ("a redirect to another machine", redirect(), 3, redirected),
        ("nothing at all", FaultKind::Hang, 3, "registry.timeout"),
    ]
}

/// What can come instead of a manifest.
fn manifest_faults() -> Vec<Case> {
    let answer = |body: &[u8]| FaultKind::Answer {
        status: 200,
        headers: vec![("Content-Type", MediaType::OCI_MANIFEST.as_str().to_owned())],
        body: body.to_vec(),
    };
    vec![
        ("garbage", answer(b"<html>"), 3, "registry.malformed-answer"),
        (
            "an empty object",
            answer(b"{}"),
            3,
            "registry.malformed-answer",
        ),
        ("nothing", answer(b""), 3, "registry.malformed-answer"),
        (
            "half an answer",
            FaultKind::Truncate(5),
            3,
            "registry.unavailable",
        ),
        (
            "more than a manifest may have",
            FaultKind::Body(vec![b' '; 5 << 20]),
            3,
            "registry.malformed-answer",
        ),
    ]
}

/// What can come instead of a blob; and the code of one that is far too long.
fn blob_faults(too_long: &'static str) -> Vec<Case> {
    let wrong = "registry.digest-mismatch";
    vec![
        ("garbage", FaultKind::Body(b"<html>".to_vec()), 3, wrong),
        ("nothing", FaultKind::Body(Vec::new()), 3, wrong),
        (
            "far too much",
            FaultKind::Body(vec![0; 8 << 20]),
            3,
            too_long,
        ),
        (
            "half an answer",
            FaultKind::Truncate(5),
            3,
            "registry.unavailable",
        ),
    ]
}

/// Not now, and not soon: nothing is repeated within the time there is.
fn later(status: u16) -> FaultKind {
    FaultKind::Answer {
        status,
        headers: vec![("Retry-After", "3600".to_owned())],
        body: Vec::new(),
    }
}

fn redirect() -> FaultKind {
    FaultKind::Answer {
        status: 307,
        headers: vec![("Location", "http://192.0.2.1/".to_owned())],
        body: Vec::new(),
    }
}

fn fallback_tag() -> String {
    let digest = Digest::sha256(&image("amd64").manifest);
    format!("sha256-{}", digest.to_hex())
}

/// How long a run may take that is to end so: what never comes is not waited for.
fn patience(code: &str) -> [&'static str; 2] {
    let longest = match code {
        "registry.timeout" => "1s",
        _ => "60s",
    };
    ["--timeout", longest]
}

fn seal<'a>(reference: &'a str, code: &str) -> Vec<&'a str> {
    [&["seal", reference, "--again"][..], &patience(code)].concat()
}

#[test]
fn cannot_decide_when_the_registry_does_not_give_the_image() {
    let (registry, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    let listed = registry.tagged("app", &fallback_tag());
    let before = sandbox.everything();
    for (what, fault, exit, code) in faults(false).into_iter().chain(manifest_faults()) {
        println!("case: {what}");
        registry.fail("GET", "/manifests/", 1000, fault.clone());
        // What HEAD says is of no use to them.
        registry.fail("HEAD", "", 1000, FaultKind::error(405, "UNSUPPORTED"));
        sandbox
            .verify(&reference, &patience(code))
            .fails_with(exit, code);
        sandbox.run(&seal(&reference, code)).fails_with(exit, code);
        registry.heal();
        assert_eq!(sandbox.everything(), before, "nothing was signed");
        assert_eq!(registry.tagged("app", &fallback_tag()), listed);
    }
    assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
}

/// By digest, a registry cannot give something else.
#[test]
fn takes_nothing_else_for_the_image_of_a_digest() {
    let (registry, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    let digest = Digest::sha256(&image("amd64").manifest);
    let name = reference.strip_suffix(":1").unwrap();
    let reference = format!("{name}@{digest}");
    let code = "registry.digest-mismatch";
    sandbox.seal(&reference);
    let before = sandbox.everything();
    for content in [image("arm64").manifest, b"{}".to_vec(), Vec::new()] {
        registry.fail("GET", "/manifests/", 1000, FaultKind::Body(content));
        for run in [
            sandbox.verify(&reference, &patience(code)),
            sandbox.run(&seal(&reference, code)),
        ] {
            run.fails_with(3, code);
        }
        registry.heal();
        assert_eq!(sandbox.everything(), before, "nothing was signed");
    }
}

#[test]
fn cannot_decide_when_the_registry_does_not_give_the_evidence() {
    let (registry, reference) = registry(Referrers::Api { page: 2 });
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    let before = sandbox.everything();
    // A registry that knows no referrers says 404.
    let lists = faults(false)
        .into_iter()
        .filter(|(what, ..)| *what != "404");
    let places = [
        ("/referrers/", lists.collect()),
        ("/blobs/", blob_faults("registry.malformed-answer")),
    ];
    for (place, cases) in places {
        for (what, fault, exit, code) in cases {
            println!("case: {what} for {place}");
            registry.fail("GET", place, 1000, fault);
            sandbox
                .verify(&reference, &patience(code))
                .fails_with(exit, code);
            registry.heal();
            assert_eq!(sandbox.everything(), before);
        }
    }
    assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
}

#[test]
fn signs_nothing_when_the_registry_does_not_give_the_layers() {
    let (registry, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    let layer = image("amd64").blobs[0].clone();
    let place = format!("/blobs/{}", Digest::sha256(&layer));
    for (what, fault, exit, code) in faults(false)
        .into_iter()
        .chain(blob_faults("registry.digest-mismatch"))
    {
        println!("case: {what}");
        registry.fail("GET", &place, 1000, fault);
        sandbox.run(&seal(&reference, code)).fails_with(exit, code);
        registry.heal();
        assert_eq!(registry.tagged("app", &fallback_tag()), None);
        assert!(
            !sandbox.home().join("authority").exists(),
            "nothing was signed"
        );
    }
    sandbox.seal(&reference);
    assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
}

/// Nothing is attached when it cannot be stored, and what can be stored afterwards is whole.
#[test]
fn attaches_nothing_when_the_registry_does_not_take_it() {
    for referrers in [Referrers::None, Referrers::Api { page: 10 }] {
        let (registry, reference) = registry(referrers);
        let sandbox = Sandbox::new();
        for (method, place) in [
            ("POST", "/blobs/uploads/"),
            ("PUT", "/blobs/uploads/"),
            ("PUT", "/manifests/"),
        ] {
            for (what, fault, exit, code) in faults(true) {
                println!("case: {what} for {method} {place}");
                registry.fail(method, place, 1000, fault);
                sandbox.run(&seal(&reference, code)).fails_with(exit, code);
                registry.heal();
                assert_eq!(registry.tagged("app", &fallback_tag()), None);
                sandbox
                    .verify(&reference, &[])
                    .fails_with(1, "evidence.missing");
            }
        }
        sandbox.seal(&reference);
        assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
    }
}

/// The fallback tag is the last thing that is written: without it nothing is listed.
#[test]
fn lists_nothing_when_the_fallback_tag_cannot_be_written() {
    let (registry, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    let place = format!("/manifests/{}", fallback_tag());
    for (what, fault, exit, code) in faults(true) {
        // That it cannot be known whether a tag was written is tried a few times.
        if what == "nothing at all" {
            continue;
        }
        println!("case: {what}");
        registry.fail("PUT", &place, 1000, fault);
        sandbox.run(&seal(&reference, code)).fails_with(exit, code);
        registry.heal();
        assert_eq!(registry.tagged("app", &fallback_tag()), None);
        sandbox
            .verify(&reference, &[])
            .fails_with(1, "evidence.missing");
    }
    sandbox.seal(&reference);
    assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
}

#[test]
fn says_that_there_is_no_registry() {
    let (registry, reference) = registry(Referrers::None);
    let sandbox = Sandbox::new();
    sandbox.seal(&reference);
    drop(registry);
    let code = "registry.unavailable";
    sandbox
        .verify(&reference, &patience(code))
        .fails_with(3, code);
    sandbox.run(&seal(&reference, code)).fails_with(3, code);
}

#[test]
fn asks_for_credentials_and_says_which_are_wrong() {
    let access = Access::Token("tester".to_owned(), "TEST-ONLY".to_owned());
    let registry = FakeRegistry::start(Referrers::None, access);
    push(&registry, &image("amd64"), "1");
    let reference = format!("{}/app:1", registry.host());
    let sandbox = Sandbox::new();
    let with = |config: &str| {
        sandbox.write(".docker/config.json", config);
        let mut command = sandbox.command(&seal(&reference, ""));
        command.env("DOCKER_CONFIG", sandbox.path(".docker"));
        crate::harness::Run::of(command.output().unwrap())
    };
    let login = |password: &str| {
        let pair = sealwright_core::Base64::encode(format!("tester:{password}").as_bytes());
        format!(
            r#"{{"auths":{{"{}":{{"auth":"{pair}"}}}}}}"#,
            registry.host()
        )
    };
    // Anybody may pull here, but not push.
    with("{}").fails_with(4, "registry.unauthorized");
    with(&login("wrong")).fails_with(4, "registry.unauthorized");
    with("{").fails_with(4, "registry.credentials-unusable");
    let helper = format!(r#"{{"credHelpers":{{"{}":"missing"}}}}"#, registry.host());
    with(&helper).fails_with(4, "registry.credentials-unusable");
    assert_eq!(registry.tagged("app", &fallback_tag()), None);
    let run = with(&login("TEST-ONLY"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(sandbox.verify(&reference, &EVERYTHING).code, 0);
}
