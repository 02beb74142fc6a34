use std::time::Duration;

use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_testkit::registry::Access as Door;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::FaultKind;
use sealwright_testkit::registry::Referrers;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::Descriptor;
use crate::fixture;
use crate::fixture::NAME;
use crate::fixture::SmallImage;
use crate::fixture::bundle;
use crate::referrer::fallback_tag;

mod refusals;
mod stored;

struct Setup {
    directory: tempfile::TempDir,
    image: SmallImage,
    server: FakeRegistry,
}

impl Setup {
    fn new(referrers: Referrers, access: Door) -> Self {
        let server = FakeRegistry::start(referrers, access);
        let image = SmallImage::new(&[&[("etc/a", "a")]]);
        image.push(&server, Some("x"));
        Self {
            directory: tempfile::tempdir().unwrap(),
            image,
            server,
        }
    }

    fn open(referrers: Referrers) -> Self {
        Self::new(referrers, Door::Open)
    }

    fn options(&self) -> RegistryOptions {
        fixture::options(self.directory.path())
    }

    fn repository(&self, image: &str) -> Repository {
        fixture::repository(&self.server, self.options(), image)
    }

    fn log_in(&self, config: &Value) {
        let path = self.directory.path().join("config.json");
        std::fs::write(path, config.to_string()).unwrap();
    }

    fn tagged(&self) -> Option<Vec<Descriptor>> {
        let tag = fallback_tag(&self.image.descriptor().digest);
        let list: Value = serde_json::from_slice(&self.server.tagged(NAME, &tag)?).unwrap();
        Some(serde_json::from_value(list["manifests"].clone()).unwrap())
    }
}

const API: Referrers = Referrers::Api { page: 2 };

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.unwrap_err().code().as_str()
}

#[test]
fn work_can_move_between_threads() {
    fn check<T: Send>(_: T) {}
    let setup = Setup::open(API);
    let store = crate::ImageStore::Registry(setup.repository(":x"));
    let subject = setup.image.descriptor();
    check(store.resolve());
    check(store.attach(&subject, &[]));
    check(store.stored_evidence(&subject.digest));
    check(async move {
        let subject = store.resolve().await.unwrap();
        let manifest = store.manifest(&subject).await.unwrap();
        store.tree(&manifest).await.unwrap();
    });
}

#[tokio::test]
async fn resolves_by_one_head() {
    let setup = Setup::open(API);
    let found = setup.repository(":x").resolve().await.unwrap();
    assert_eq!(found, setup.image.descriptor());
    assert_eq!(
        setup.server.requests(),
        [format!("HEAD /v2/{NAME}/manifests/x")]
    );
}

#[tokio::test]
async fn resolves_by_get_where_head_says_too_little() {
    for fault in [
        FaultKind::DropHeader("Docker-Content-Digest"),
        FaultKind::DropHeader("Content-Type"),
        FaultKind::error(405, "UNSUPPORTED"),
        FaultKind::error(404, "MANIFEST_UNKNOWN"),
    ] {
        let setup = Setup::open(API);
        setup.server.fail("HEAD", "/manifests/", 1, fault);
        let found = setup.repository(":x").resolve().await.unwrap();
        assert_eq!(found, setup.image.descriptor());
    }
}

#[tokio::test]
async fn resolves_the_digest_of_the_reference_alone() {
    let setup = Setup::open(API);
    let digest = setup.image.descriptor().digest;
    let found = setup.repository(&format!("@{digest}")).resolve().await;
    assert_eq!(found.unwrap().digest, digest);
    let other = Digest::sha256(b"other");
    setup
        .server
        .put_manifest(NAME, Some("y"), fixture::MANIFEST, b"other");
    // A digest goes before a tag; a server that answers something else is caught.
    let both = setup.repository(&format!(":y@{digest}"));
    assert_eq!(both.resolve().await.unwrap().digest, digest);
    let wrong = vec![("Docker-Content-Digest", other.to_string())];
    let wrong = FaultKind::Answer {
        status: 200,
        headers: [wrong, vec![("Content-Type", fixture::MANIFEST.to_owned())]].concat(),
        body: b"other".to_vec(),
    };
    setup.server.fail("", "/manifests/", 2, wrong);
    assert_eq!(code(both.resolve().await), "registry.digest-mismatch");
    assert_eq!(
        code(both.manifest(&setup.image.descriptor()).await),
        "registry.digest-mismatch"
    );
}

#[tokio::test]
async fn reads_manifest_and_blob() {
    let setup = Setup::open(API);
    let repository = setup.repository(":x");
    let manifest = repository
        .manifest(&setup.image.descriptor())
        .await
        .unwrap();
    assert_eq!(manifest.bytes, setup.image.manifest);
    let config = &manifest.image().unwrap().config;
    let blob = repository.blob(config, 1 << 20).await.unwrap();
    assert_eq!(blob, setup.image.config);
    assert_eq!(code(repository.blob(config, 3).await), "image.too-large");
}

#[tokio::test]
async fn takes_up_a_broken_download_where_it_broke() {
    let setup = Setup::open(API);
    let content: Vec<u8> = (0..1 << 20_u32).map(|number| number as u8).collect();
    let digest = setup.server.put_blob(NAME, &content);
    let descriptor = Descriptor::of(MediaType::new(fixture::LAYER), &content);
    let truncated = FaultKind::Truncate(300_000);
    setup
        .server
        .fail("GET", &digest.to_string(), 2, truncated.clone());
    let repository = setup.repository(":x");
    let mut file = repository.spool(&descriptor).await.unwrap();
    let mut read = Vec::new();
    std::io::Seek::rewind(&mut file).unwrap();
    std::io::Read::read_to_end(&mut file, &mut read).unwrap();
    assert!(read == content);
    assert_eq!(setup.server.requests().len(), 3);
    setup
        .server
        .fail("GET", &digest.to_string(), 100, truncated);
    // Each attempt brings it further, until none does.
    let mut longer = descriptor.clone();
    longer.size += 1;
    assert_eq!(
        code(repository.spool(&longer).await),
        "registry.unavailable"
    );
}

#[tokio::test]
async fn spools_an_empty_blob() {
    let setup = Setup::open(API);
    setup.server.put_blob(NAME, b"");
    let descriptor = Descriptor::of(MediaType::new(fixture::LAYER), b"");
    setup.repository(":x").spool(&descriptor).await.unwrap();
}

#[tokio::test]
async fn attaches_with_the_referrers_api() {
    for referrers in [API, Referrers::QuietApi] {
        let setup = Setup::open(referrers);
        let repository = setup.repository(":x");
        let subject = setup.image.descriptor();
        let bundles = [bundle(1), bundle(2), bundle(3)];
        let attached = repository.attach(&subject, &bundles).await.unwrap();
        assert_eq!(setup.tagged(), None);
        let listed = repository.referrers(&subject.digest).await.unwrap();
        assert_eq!(listed.found.len(), 3);
        let evidence = repository.stored_evidence(&subject.digest).await.unwrap();
        assert_eq!(evidence.found.len(), 3);
        for found in &evidence.found {
            assert!(
                attached
                    .iter()
                    .any(|one| one.digest == found.manifest.digest)
            );
        }
    }
}

#[tokio::test]
async fn attaches_under_the_fallback_tag() {
    let setup = Setup::open(Referrers::None);
    let repository = setup.repository(":x");
    let subject = setup.image.descriptor();
    assert!(
        repository
            .referrers(&subject.digest)
            .await
            .unwrap()
            .found
            .is_empty()
    );
    let one = repository.attach(&subject, &[bundle(1)]).await.unwrap();
    let two = repository
        .attach(&subject, &[bundle(2), bundle(3)])
        .await
        .unwrap();
    let all = [one, two].concat();
    assert_eq!(setup.tagged().unwrap(), all);
    assert_eq!(
        repository.referrers(&subject.digest).await.unwrap().found,
        all
    );
    let evidence = repository.stored_evidence(&subject.digest).await.unwrap();
    assert_eq!(evidence.found.len(), 3);
    // The empty configuration and known bundles are written once.
    let uploads = setup.server.requests();
    let uploads = uploads.iter().filter(|one| one.starts_with("POST"));
    assert_eq!(uploads.count(), 4);
}

#[tokio::test]
async fn keeps_entries_of_others_under_the_fallback_tag() {
    let setup = Setup::open(Referrers::None);
    let subject = setup.image.descriptor();
    let foreign = json!({"mediaType": fixture::MANIFEST, "size": 1, "digest": "blake3:x", "x": 1});
    let index = json!({"schemaVersion": 2, "mediaType": fixture::INDEX, "manifests": [foreign]});
    let tag = fallback_tag(&subject.digest);
    let index = index.to_string();
    setup
        .server
        .put_manifest(NAME, Some(&tag), fixture::INDEX, index.as_bytes());
    let repository = setup.repository(":x");
    repository.attach(&subject, &[bundle(1)]).await.unwrap();
    let list = setup.server.tagged(NAME, &tag).unwrap();
    let list: Value = serde_json::from_slice(&list).unwrap();
    assert_eq!(list["manifests"][0], foreign);
    let evidence = repository.stored_evidence(&subject.digest).await.unwrap();
    assert_eq!((evidence.found.len(), evidence.unreadable), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn loses_no_evidence_of_parallel_sealers() {
    let setup = Setup::open(Referrers::None);
    let subject = setup.image.descriptor();
    let sealers = (0..16).map(|number| {
        // Each has its own client, as processes do, and shares nothing but the locks.
        let repository = setup.repository(":x");
        let subject = subject.clone();
        tokio::spawn(async move { repository.attach(&subject, &[bundle(number)]).await })
    });
    for sealer in sealers.collect::<Vec<_>>() {
        sealer.await.unwrap().unwrap();
    }
    assert_eq!(setup.tagged().unwrap().len(), 16);
}

#[tokio::test]
async fn writes_again_what_another_writer_removed() {
    let setup = Setup::open(Referrers::None);
    let subject = setup.image.descriptor();
    let tag = fallback_tag(&subject.digest);
    // The registry says yes and another writer wins.
    let lost = FaultKind::Answer {
        status: 201,
        headers: Vec::new(),
        body: Vec::new(),
    };
    setup
        .server
        .fail("PUT", &format!("/manifests/{tag}"), 2, lost.clone());
    let repository = setup.repository(":x");
    let attached = repository.attach(&subject, &[bundle(1)]).await.unwrap();
    assert_eq!(setup.tagged().unwrap(), attached);
    setup
        .server
        .fail("PUT", &format!("/manifests/{tag}"), 1000, lost);
    assert_eq!(
        code(repository.attach(&subject, &[bundle(2)]).await),
        "registry.referrers-contended"
    );
}

#[tokio::test]
async fn a_lost_answer_to_writing_the_tag_is_no_failure() {
    let setup = Setup::open(Referrers::None);
    let subject = setup.image.descriptor();
    let tag = fallback_tag(&subject.digest);
    let path = format!("/manifests/{tag}");
    setup
        .server
        .fail("PUT", &path, 1, FaultKind::error(503, "UNAVAILABLE"));
    let attached = setup.repository(":x").attach(&subject, &[bundle(1)]).await;
    assert_eq!(setup.tagged().unwrap(), attached.unwrap());
}

#[tokio::test]
async fn writes_again_when_another_writes_the_same() {
    let setup = Setup::open(Referrers::None);
    let subject = setup.image.descriptor();
    for (path, status) in [
        ("/uploads/", 500),
        ("/manifests/", 400),
        ("/manifests/", 500),
    ] {
        setup
            .server
            .fail("PUT", path, 2, FaultKind::error(status, "X"));
    }
    let attached = setup.repository(":x").attach(&subject, &[bundle(1)]).await;
    assert_eq!(setup.tagged().unwrap(), attached.unwrap());
}

#[tokio::test]
async fn reads_a_tag_again_that_is_being_written() {
    let setup = Setup::open(Referrers::None);
    let subject = setup.image.descriptor();
    let repository = setup.repository(":x");
    repository.attach(&subject, &[bundle(1)]).await.unwrap();
    let path = format!("/manifests/{}", fallback_tag(&subject.digest));
    let fault = FaultKind::error(500, "UNKNOWN");
    setup.server.fail("GET", &path, 3, fault.clone());
    let found = repository.referrers(&subject.digest).await.unwrap();
    assert_eq!(found.found.len(), 1);
    setup.server.fail("GET", &path, 100, fault);
    let found = repository.referrers(&subject.digest).await;
    assert_eq!(code(found), "registry.unavailable");
}

#[tokio::test]
async fn evidence_survives_rubbish() {
    let setup = Setup::open(Referrers::None);
    let subject = setup.image.descriptor();
    let repository = setup.repository(":x");
    let bundles: Vec<_> = (0..5).map(bundle).collect();
    let attached = repository.attach(&subject, &bundles).await.unwrap();
    let path = attached[1].digest.to_string();
    setup
        .server
        .fail("GET", &path, 100, FaultKind::error(404, "MANIFEST_UNKNOWN"));
    let path = attached[2].digest.to_string();
    setup
        .server
        .fail("GET", &path, 100, FaultKind::Body(b"{}".to_vec()));
    let path = Digest::sha256(&bundles[3].payload).to_string();
    setup.server.fail(
        "GET",
        &path,
        100,
        FaultKind::Body(br#"{"number":9}"#.to_vec()),
    );
    let found = repository.stored_evidence(&subject.digest).await.unwrap();
    assert_eq!(found.found.len(), 2);
    let codes: Vec<_> = found
        .passed
        .iter()
        .map(|passed| passed.error.as_ref().unwrap().code().as_str())
        .collect();
    assert_eq!(
        codes,
        [
            "registry.not-found",
            "registry.digest-mismatch",
            "registry.digest-mismatch"
        ]
    );
}

#[tokio::test]
async fn reads_no_more_referrers_than_allowed() {
    let setup = Setup::open(API);
    let subject = setup.image.descriptor();
    let bundles: Vec<_> = (0..7).map(bundle).collect();
    setup
        .repository(":x")
        .attach(&subject, &bundles)
        .await
        .unwrap();
    for (referrers, pages, wanted) in [(5, 100, 5), (100, 2, 4), (7, 100, 7)] {
        let mut options = setup.options();
        options.limits.referrers = referrers;
        options.limits.referrer_pages = pages;
        let repository = fixture::repository(&setup.server, options, ":x");
        let found = repository.referrers(&subject.digest).await.unwrap();
        assert_eq!(found.found.len(), wanted);
        assert_eq!(found.truncated, wanted < 7);
    }
}

#[tokio::test]
async fn logs_in_as_the_registry_wishes() {
    let (user, secret) = ("user".to_owned(), "pass:word".to_owned());
    let auth = sealwright_core::Base64::encode(b"user:pass:word");
    let password = json!({"auth": auth});
    let refresh = json!({"auth": "", "identitytoken": "refresh"});
    for (door, credential, known) in [
        (Door::Basic(user.clone(), secret.clone()), &password, true),
        (Door::Token(user.clone(), secret.clone()), &password, true),
        (Door::PrivateToken(user, secret), &password, true),
        (Door::RefreshToken("refresh".to_owned()), &refresh, true),
        (Door::Open, &password, false),
    ] {
        let setup = Setup::new(Referrers::None, door.clone());
        let host = setup.server.host();
        setup.log_in(&json!({"auths": {host: credential}}));
        let repository = setup.repository(":x");
        let subject = repository.resolve().await.unwrap();
        repository.attach(&subject, &[bundle(1)]).await.unwrap();
        let found = repository.stored_evidence(&subject.digest).await.unwrap();
        assert_eq!(found.found.len(), 1, "{door:?}");
        let wish = repository.wish(Access::Push, "");
        let remembered = repository.registry.remembered(&wish).await;
        assert_eq!(remembered.is_some(), known);
        // One token to pull, one to push, whatever number of requests.
        let requests = setup.server.requests();
        let tokens = requests.iter().filter(|one| one.contains(" /token"));
        assert!(tokens.count() <= 2, "{requests:#?}");
    }
}

#[tokio::test]
async fn pulls_without_credentials_where_anybody_may() {
    let door = Door::Token("user".to_owned(), "secret".to_owned());
    let setup = Setup::new(API, door);
    let repository = setup.repository(":x");
    let subject = repository.resolve().await.unwrap();
    assert_eq!(
        code(repository.attach(&subject, &[bundle(1)]).await),
        "registry.unauthorized"
    );
}

#[tokio::test]
async fn fetches_a_new_token_when_the_old_one_has_expired() {
    let door = Door::Token("user".to_owned(), "secret".to_owned());
    let setup = Setup::new(API, door);
    let repository = setup.repository(":x");
    repository.resolve().await.unwrap();
    let challenge = format!(r#"Bearer realm="http://{}/token""#, setup.server.host());
    let expired = FaultKind::Answer {
        status: 401,
        headers: vec![("WWW-Authenticate", challenge)],
        body: Vec::new(),
    };
    setup.server.fail("HEAD", "/manifests/", 1, expired);
    repository.resolve().await.unwrap();
}
