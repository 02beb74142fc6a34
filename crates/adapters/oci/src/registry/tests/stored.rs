//! Evidence in every form, in registries that are well and in others.

use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;

use super::*;
use crate::fixture::INDEX;
use crate::fixture::attestation;
use crate::fixture::describe;
use crate::fixture::legacy;
use crate::fixture::sbom;
use crate::fixture::signature;
use crate::stored::EvidenceSource;
use crate::stored::FoundStored;
use crate::stored::LegacyKind;
use crate::stored::StoredEvidence;

/// An image with evidence under all tags: two signatures, an attestation, an SBOM.
fn put_tagged(setup: &Setup, name: &str) {
    let subject = setup.image.descriptor().digest;
    for (kind, suffix, layers) in [
        (
            LegacyKind::Signatures,
            "sig",
            vec![signature(b"one"), signature(b"two")],
        ),
        (LegacyKind::Attestations, "att", vec![attestation(b"three")]),
        (LegacyKind::Sbom, "sbom", vec![sbom(b"four")]),
    ] {
        let manifest = legacy(suffix, None, &layers);
        manifest.push_to(&setup.server, name, Some(&kind.tag(&subject)));
    }
}

/// A bundle and a legacy signature that refer to the image; listed under the fallback tag where
/// there is no API.
fn put_referring(setup: &Setup, referrers: Referrers) {
    let subject = setup.image.descriptor();
    let encoded = bundle(5).encode(&subject).unwrap();
    for (_, blob) in &encoded.blobs {
        setup.server.put_blob(NAME, blob);
    }
    let media_type = encoded.descriptor.media_type.as_str();
    setup
        .server
        .put_manifest(NAME, None, media_type, &encoded.manifest);
    let signed = legacy("sig", Some(&subject), &[signature(b"six")]);
    signed.push(&setup.server, None);
    if referrers == Referrers::None {
        let listed = [
            json!(encoded.descriptor),
            describe(fixture::MANIFEST, &signed.manifest),
        ];
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed});
        let tag = fallback_tag(&subject.digest);
        let index = index.to_string();
        setup
            .server
            .put_manifest(NAME, Some(&tag), INDEX, index.as_bytes());
    }
}

/// What was found, as `PLACE content`, sorted.
fn shown(found: &FoundStored) -> Vec<String> {
    let mut shown: Vec<_> = found
        .found
        .iter()
        .map(|one| {
            let place = match &one.source {
                EvidenceSource::Referrer => "referrer",
                EvidenceSource::Saved => "saved",
                EvidenceSource::Tag(tag) => tag.rsplit('.').next().unwrap(),
            };
            let content = match &one.evidence {
                StoredEvidence::Bundle { bundle, .. } => bundle,
                StoredEvidence::LegacyAttestation { envelope, .. } => envelope,
                StoredEvidence::LegacySignature { payload, .. } => payload,
                StoredEvidence::Sbom { document, .. } => document,
            };
            assert_eq!(one.layer, Digest::sha256(content));
            format!("{place} {}", String::from_utf8_lossy(content))
        })
        .collect();
    shown.sort();
    shown
}

const TAGGED: [&str; 4] = ["att three", "sbom four", "sig one", "sig two"];
const REFERRING: [&str; 2] = ["referrer six", r#"referrer {"number":5}"#];

#[tokio::test]
async fn finds_every_form_wherever_referrers_are_listed() {
    for referrers in [API, Referrers::QuietApi, Referrers::None] {
        let setup = Setup::open(referrers);
        put_tagged(&setup, NAME);
        put_referring(&setup, referrers);
        let subject = setup.image.descriptor().digest;
        let found = setup.repository(":x").stored_evidence(&subject).await;
        let found = found.unwrap();
        let wanted = [&TAGGED[..1], &REFERRING, &TAGGED[1..]].concat();
        assert_eq!(shown(&found), wanted, "{referrers:?}");
        assert!(!found.truncated && found.passed.is_empty() && found.unanswered.is_empty());
    }
}

#[tokio::test]
async fn an_image_without_evidence_has_none() {
    for referrers in [API, Referrers::None] {
        let setup = Setup::open(referrers);
        let subject = setup.image.descriptor().digest;
        let found = setup.repository(":x").stored_evidence(&subject).await;
        let found = found.unwrap();
        assert!(found.found.is_empty() && found.passed.is_empty());
        // Evidence of another image is not taken for it.
        put_tagged(&setup, NAME);
        let other = Digest::sha256(b"other");
        let found = setup.repository(":x").stored_evidence(&other).await;
        assert!(found.unwrap().found.is_empty());
    }
}

#[tokio::test]
async fn evidence_may_be_in_another_repository() {
    let setup = Setup::open(API);
    put_tagged(&setup, "team/signatures");
    let subject = setup.image.descriptor().digest;
    let here = setup.repository(":x");
    assert!(
        here.stored_evidence(&subject)
            .await
            .unwrap()
            .found
            .is_empty()
    );
    let there = format!("{}/team/signatures", setup.server.host());
    let there = here.registry.repository(&there.parse().unwrap());
    let found = there.stored_evidence(&subject).await.unwrap();
    assert_eq!(shown(&found), TAGGED);
}

#[tokio::test]
async fn what_cannot_be_read_is_passed_over_and_said() {
    let setup = Setup::open(API);
    put_tagged(&setup, NAME);
    put_referring(&setup, API);
    let subject = setup.image.descriptor().digest;
    let blob = |content: &[u8]| format!("/blobs/{}", Digest::sha256(content));
    let wrong = FaultKind::Body(b"ONE".to_vec());
    setup.server.fail("GET", &blob(b"one"), 100, wrong);
    let gone = FaultKind::error(404, "BLOB_UNKNOWN");
    setup.server.fail("GET", &blob(b"six"), 100, gone);
    let found = setup.repository(":x").stored_evidence(&subject).await;
    let found = found.unwrap();
    let wanted = ["att three", REFERRING[1], "sbom four", "sig two"];
    assert_eq!(shown(&found), wanted);
    let mut codes: Vec<_> = found
        .passed
        .iter()
        .map(|passed| passed.error.as_ref().unwrap().code().as_str())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["registry.digest-mismatch", "registry.not-found"]);
}

#[tokio::test]
async fn no_answer_is_not_no_evidence() {
    let setup = Setup::open(API);
    let subject = setup.image.descriptor().digest;
    let signatures = LegacyKind::Signatures.tag(&subject);
    let path = format!("/manifests/{signatures}");
    for (path, fault, wanted) in [
        (
            path.as_str(),
            FaultKind::error(503, "X"),
            "registry.unavailable",
        ),
        (&path, FaultKind::error(403, "X"), "registry.forbidden"),
        (
            "/referrers/",
            FaultKind::error(500, "X"),
            "registry.unavailable",
        ),
    ] {
        setup.server.fail("GET", path, 100, fault);
        let found = setup.repository(":x").stored_evidence(&subject).await;
        assert_eq!(code(found), wanted);
        setup.server.heal();
    }
    // Where something else is found, that is given, and what is missing is said.
    put_referring(&setup, API);
    let fault = FaultKind::error(403, "X");
    setup.server.fail("GET", &path, 100, fault);
    let found = setup.repository(":x").stored_evidence(&subject).await;
    let found = found.unwrap();
    assert_eq!(shown(&found), REFERRING);
    let [(source, error)] = found.unanswered.as_slice() else {
        panic!("{:?}", found.unanswered);
    };
    assert_eq!(*source, EvidenceSource::Tag(signatures));
    assert_eq!(error.code().as_str(), "registry.forbidden");
}

/// A tag has no digest to be checked against but the one that the registry states.
#[tokio::test]
async fn a_tag_is_what_the_registry_says_it_is() {
    let setup = Setup::open(API);
    put_tagged(&setup, NAME);
    let subject = setup.image.descriptor().digest;
    let path = format!("/manifests/{}", LegacyKind::Signatures.tag(&subject));
    let other = legacy("sig", None, &[signature(b"other")]);
    for (body, wanted) in [
        (other.manifest, "registry.digest-mismatch"),
        (b"<html>".to_vec(), "registry.digest-mismatch"),
    ] {
        setup.server.fail("GET", &path, 100, FaultKind::Body(body));
        let found = setup.repository(":x").stored_evidence(&subject).await;
        let found = found.unwrap();
        assert_eq!(shown(&found), ["att three", "sbom four"]);
        assert_eq!(found.unanswered[0].1.code().as_str(), wanted);
        setup.server.heal();
    }
    let unnamed = FaultKind::DropHeader("Docker-Content-Digest");
    setup.server.fail("GET", &path, 1, unnamed);
    let found = setup.repository(":x").stored_evidence(&subject).await;
    assert_eq!(shown(&found.unwrap()), TAGGED);
}

#[tokio::test]
async fn reads_no_more_than_allowed() {
    let setup = Setup::open(API);
    put_tagged(&setup, NAME);
    put_referring(&setup, API);
    let subject = setup.image.descriptor().digest;
    // Of each place: the others are read whatever one is flooded with.
    for (pieces, wanted) in [(0, 0), (1, 4), (2, 6)] {
        let mut options = setup.options();
        options.limits.evidence_pieces = pieces;
        let repository = fixture::repository(&setup.server, options, ":x");
        let found = repository.stored_evidence(&subject).await.unwrap();
        assert_eq!(found.found.len(), wanted);
        assert_eq!(found.truncated, wanted < 6);
    }
    for (bytes, total, most) in [(4, 1 << 20, 4), (1 << 20, 4 * 3, 2)] {
        let mut options = setup.options();
        options.limits.evidence_bytes = bytes;
        options.limits.evidence_total_bytes = total;
        let repository = fixture::repository(&setup.server, options, ":x");
        let found = repository.stored_evidence(&subject).await.unwrap();
        assert_eq!(found.found.len(), most, "{:?}", shown(&found));
        assert_eq!(found.found.len() + found.passed.len(), 6);
        for passed in found.passed {
            assert_eq!(passed.error.unwrap().code().as_str(), "image.too-large");
        }
    }
}

#[tokio::test]
async fn logs_in_once_for_all() {
    let door = Door::PrivateToken("user".to_owned(), "secret".to_owned());
    let setup = Setup::new(API, door);
    put_tagged(&setup, NAME);
    let subject = setup.image.descriptor().digest;
    let repository = setup.repository(":x");
    let refused = repository.stored_evidence(&subject).await;
    assert_eq!(code(refused), "registry.unauthorized");
    let auth = sealwright_core::Base64::encode(b"user:secret");
    setup.log_in(&json!({"auths": {setup.server.host(): {"auth": auth}}}));
    let repository = setup.repository(":x");
    let found = repository.stored_evidence(&subject).await.unwrap();
    assert_eq!(shown(&found), TAGGED);
}

/// However many pieces there are, three times are waited for an answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn takes_three_round_trips() {
    for referrers in [API, Referrers::None] {
        let setup = Setup::open(referrers);
        put_tagged(&setup, NAME);
        put_referring(&setup, referrers);
        let subject = setup.image.descriptor().digest;
        // Referrers, fallback tag, three tags; two referrers and four blobs; two blobs.
        let gate = Gate::start(setup.server.host(), &[5, 6, 2]);
        let reference = format!("{}/{NAME}@{subject}", gate.host).parse().unwrap();
        let repository = Registry::new(setup.options()).repository(&reference);
        let found = repository.stored_evidence(&subject).await.unwrap();
        assert_eq!(found.found.len(), 6);
        let state = gate.state.0.lock().unwrap();
        assert_eq!((state.arrived, state.alone), (13, 0), "{referrers:?}");
    }
}

/// Lets requests through in waves: none before all of its wave have come.
struct Gate {
    host: String,
    state: Arc<(Mutex<GateState>, Condvar)>,
}

#[derive(Default)]
struct GateState {
    arrived: usize,
    /// Requests whose wave did not fill: they waited for something else.
    alone: usize,
}

impl Gate {
    fn start(upstream: String, waves: &'static [usize]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let state = Arc::<(Mutex<GateState>, Condvar)>::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (shared, upstream) = (Arc::clone(&shared), upstream.clone());
                std::thread::spawn(move || serve(&client.unwrap(), &upstream, &shared, waves));
            }
        });
        Self { host, state }
    }
}

fn serve(
    mut client: &TcpStream,
    upstream: &str,
    (state, changed): &(Mutex<GateState>, Condvar),
    waves: &[usize],
) {
    while let Some(request) = head(client) {
        let mut now = state.lock().unwrap();
        now.arrived += 1;
        let mut full = 0;
        let mut ends = waves.iter().map(|wave| {
            full += wave;
            full
        });
        let wanted = ends.find(|end| *end >= now.arrived).unwrap();
        changed.notify_all();
        let waiting = changed.wait_timeout_while(now, PATIENCE, |now| now.arrived < wanted);
        let (mut now, waited) = waiting.unwrap();
        now.alone += usize::from(waited.timed_out());
        drop(now);
        let mut server = TcpStream::connect(upstream).unwrap();
        server.write_all(&request).unwrap();
        let mut answer = head(&server).unwrap();
        let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        let (_, length) = text.split_once("content-length: ").unwrap();
        let length = length.split("\r\n").next().unwrap().parse().unwrap();
        server.take(length).read_to_end(&mut answer).unwrap();
        client.write_all(&answer).unwrap();
    }
}

/// Everything up to the empty line; `None` when there is nothing more.
fn head(mut stream: &TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    Some(head)
}

/// How long a wave is waited for that may never fill.
const PATIENCE: Duration = Duration::from_secs(10);
