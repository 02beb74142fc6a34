//! The routes, asked without a socket.

use std::path::Path;

use axum::body::Body;
use axum::http::Method;
use axum::http::Request;
use axum::http::StatusCode;
use axum::response::Response;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_core::dsse;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_store::Disk;
use sealwright_testkit::FakeClock;
use sealwright_tlog::InclusionProof;
use sealwright_tlog::leaf_hash;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::*;
use crate::Log;
use crate::PublicLog;

const HOST: &str = "log.abc123.sealwright.invalid";
const NOW: Timestamp = Timestamp::from_milliseconds(1_795_000_000_789);
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

struct Place {
    directory: TempDir,
    router: Router,
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
        let router = serve(directory.path());
        Self {
            directory,
            router,
            key: SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap(),
        }
    }

    fn log(&self) -> Log {
        Log::open(self.directory.path(), HOST).unwrap()
    }

    fn public(&self) -> PublicLog {
        PublicLog::existing(self.directory.path(), HOST)
            .unwrap()
            .unwrap()
    }

    async fn ask(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(body.into())
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 30).await.unwrap();
        Answer {
            status: parts.status,
            response: Response::from_parts(parts, Body::empty()),
            bytes: bytes.to_vec(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, "").await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, body.to_string()).await
    }

    fn hashed(&self, message: &str) -> Value {
        let pem = self.key.public_key().to_pem();
        json!({"kind": "hashedrekord", "apiVersion": "0.0.1", "spec": {
            "data": {"hash": {
                "algorithm": "sha256",
                "value": Digest::sha256(message.as_bytes()).to_hex(),
            }},
            "signature": {
                "content": Base64::encode(&self.key.sign(message.as_bytes()).unwrap()),
                "publicKey": {"content": Base64::encode(pem.as_bytes())},
            },
        }})
    }

    fn signature(&self, payload: &str) -> String {
        let signed = dsse::pre_authentication_encoding(PAYLOAD_TYPE, payload.as_bytes());
        Base64::encode(&self.key.sign(&signed).unwrap())
    }

    fn verifier(&self) -> Value {
        json!({
            "publicKey": {"rawBytes": Base64::encode(self.key.public_key().der())},
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        })
    }

    fn hashed_v2(&self, message: &str) -> Value {
        json!({"hashedRekordRequestV002": {
            "digest": Base64::encode(Digest::sha256(message.as_bytes()).as_bytes()),
            "signature": {
                "content": Base64::encode(&self.key.sign(message.as_bytes()).unwrap()),
                "verifier": self.verifier(),
            },
        }})
    }
}

impl Answer {
    #[track_caller]
    fn is(self, status: StatusCode) -> Self {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, status, "{text}");
        self
    }

    fn header(&self, name: &str) -> &str {
        self.response.headers()[name].to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }
}

fn serve(directory: &Path) -> Router {
    let log: Log<Disk> = Log::open(directory, HOST).unwrap();
    let clock = Arc::new(FakeClock::at(NOW));
    router(Arc::new(LogService::new(log, clock).unwrap()))
}

fn hash(hex: &Value) -> [u8; 32] {
    let algorithm = sealwright_core::DigestAlgorithm::Sha256;
    Digest::from_hex(algorithm, hex.as_str().unwrap())
        .unwrap()
        .first32()
}

/// Checks an entry of version 1 as a client does; gives its id and body.
fn check(public: &PublicLog, answer: &Value) -> (String, Value) {
    let (id, entry) = answer.as_object().unwrap().iter().next().unwrap();
    let body = Base64::decode(entry["body"].as_str().unwrap()).unwrap();
    let leaf = leaf_hash(body.as_bytes());
    assert_eq!(
        *id,
        format!(
            "{:016x}{}",
            public.tree_id(),
            Digest::from_sha256(leaf).to_hex()
        )
    );
    let payload = format!(
        r#"{{"body":{},"integratedTime":{},"logID":{},"logIndex":{}}}"#,
        entry["body"], entry["integratedTime"], entry["logID"], entry["logIndex"]
    );
    assert_eq!(entry["integratedTime"], NOW.seconds());
    let verification = &entry["verification"];
    let promise = verification["signedEntryTimestamp"].as_str().unwrap();
    let promise = Base64::decode(promise).unwrap();
    let key = public.key(LogVersion::V1);
    key.verify(key.default_scheme(), payload.as_bytes(), promise.as_bytes())
        .unwrap();
    let proof = &verification["inclusionProof"];
    let hashes = proof["hashes"].as_array().unwrap();
    let root = hash(&proof["rootHash"]);
    let tree_size = proof["treeSize"].as_u64().unwrap();
    InclusionProof {
        index: proof["logIndex"].as_u64().unwrap(),
        tree_size,
        hashes: hashes.iter().map(hash).collect(),
    }
    .verify(leaf, &root)
    .unwrap();
    let checkpoint = proof["checkpoint"].as_str().unwrap();
    let checkpoint = public
        .verify_checkpoint(checkpoint, LogVersion::V1)
        .unwrap();
    assert_eq!((checkpoint.size, checkpoint.root), (tree_size, root));
    (id.clone(), serde_json::from_slice(body.as_bytes()).unwrap())
}

#[tokio::test]
async fn version_1_adds_an_entry_and_finds_it_again() {
    let place = Place::new();
    let public = place.public();
    let proposed = place.hashed("a");
    let added = place.post("/api/v1/log/entries", &proposed).await;
    let added = added.is(StatusCode::CREATED);
    let (id, body) = check(&public, &added.json());
    assert_eq!(body, proposed);
    assert_eq!(added.header("etag"), id);
    assert_eq!(
        added.header("location"),
        format!("/api/v1/log/entries/{id}")
    );
    place
        .post("/api/v1/log/entries", &place.hashed("b"))
        .await
        .is(StatusCode::CREATED);
    for path in [
        format!("/api/v1/log/entries/{id}"),
        format!("/api/v1/log/entries/{}", &id[16..]),
        "/api/v1/log/entries?logIndex=0".to_owned(),
    ] {
        let found = place.get(&path).await.is(StatusCode::OK).json();
        assert_eq!(check(&public, &found), (id.clone(), body.clone()));
        // In the tree as it is now.
        assert_eq!(found[&id]["verification"]["inclusionProof"]["treeSize"], 2);
    }
    let other_tree = format!("{}{}", "0".repeat(16), &id[16..]);
    for (path, status) in [
        (format!("/api/v1/log/entries/{other_tree}"), 404),
        (format!("/api/v1/log/entries/{}", "0".repeat(64)), 404),
        ("/api/v1/log/entries/abc".to_owned(), 400),
        ("/api/v1/log/entries?logIndex=2".to_owned(), 404),
        ("/api/v1/log/entries?logIndex=-1".to_owned(), 400),
        ("/api/v1/log/entries".to_owned(), 400),
    ] {
        let answer = place.get(&path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.json()["code"], status);
    }
}

#[tokio::test]
async fn version_1_says_where_an_equal_entry_stands() {
    let place = Place::new();
    let proposed = place.hashed("a");
    let added = place.post("/api/v1/log/entries", &proposed).await;
    let (id, _) = check(&place.public(), &added.json());
    let again = place.post("/api/v1/log/entries", &proposed).await;
    let again = again.is(StatusCode::CONFLICT);
    assert!(again.json()["message"].as_str().unwrap().ends_with(&id));
    let location = again.header("location").to_owned();
    let found = place.get(&location).await.is(StatusCode::OK);
    assert_eq!(check(&place.public(), &found.json()).0, id);
    assert_eq!(place.log().head().unwrap().size, 1);
    // A log that was opened later knows it too.
    let later = Place {
        router: serve(place.directory.path()),
        ..place
    };
    let again = later.post("/api/v1/log/entries", &proposed).await;
    again.is(StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_equal_entries_at_once_one_is_added() {
    let place = Arc::new(Place::new());
    let proposed = Arc::new(place.hashed("a"));
    let asking: Vec<_> = (0..16)
        .map(|_| {
            let (place, proposed) = (Arc::clone(&place), Arc::clone(&proposed));
            tokio::spawn(async move { place.post("/api/v1/log/entries", &proposed).await.status })
        })
        .collect();
    let mut created = 0;
    for one in asking {
        match one.await.unwrap() {
            StatusCode::CREATED => created += 1,
            status => assert_eq!(status, StatusCode::CONFLICT),
        }
    }
    assert_eq!(created, 1);
    assert_eq!(place.log().head().unwrap().size, 1);
}

#[tokio::test]
async fn version_1_records_the_envelope_as_its_client_wrote_it() {
    let place = Place::new();
    let pem = Base64::encode(place.key.public_key().to_pem().as_bytes());
    let (payload, signature) = ("{}", place.signature("{}"));
    // Not as this program would write it.
    let text = format!(
        r#"{{ "payloadType":"{PAYLOAD_TYPE}", "payload":"{}", "signatures":[{{"keyid":"","sig":"{signature}"}}] }}"#,
        Base64::encode(payload.as_bytes()),
    );
    let proposed = json!({"kind": "dsse", "apiVersion": "0.0.1", "spec": {
        "proposedContent": {"envelope": text, "verifiers": [pem]},
    }});
    let added = place.post("/api/v1/log/entries", &proposed).await;
    let (_, body) = check(&place.public(), &added.is(StatusCode::CREATED).json());
    assert_eq!(
        body,
        json!({"kind": "dsse", "apiVersion": "0.0.1", "spec": {
            "envelopeHash": {
                "algorithm": "sha256",
                "value": Digest::sha256(text.as_bytes()).to_hex(),
            },
            "payloadHash": {
                "algorithm": "sha256",
                "value": Digest::sha256(payload.as_bytes()).to_hex(),
            },
            "signatures": [{"signature": signature, "verifier": pem}],
        }})
    );
    let twice = |text: &str| Base64::encode(text.as_bytes());
    let hash = Digest::sha256(b"as the client says").to_hex();
    let proposed = json!({"kind": "intoto", "apiVersion": "0.0.2", "spec": {"content": {
        "envelope": {
            "payloadType": PAYLOAD_TYPE,
            "payload": twice(&Base64::encode(payload.as_bytes())),
            "signatures": [{"sig": twice(&signature), "publicKey": pem}],
        },
        "hash": {"algorithm": "sha256", "value": hash},
    }}});
    let added = place.post("/api/v1/log/entries", &proposed).await;
    let (_, body) = check(&place.public(), &added.is(StatusCode::CREATED).json());
    assert_eq!(body["spec"]["content"]["hash"]["value"], hash);
    let recorded = &body["spec"]["content"]["envelope"];
    assert_eq!(recorded["signatures"][0]["sig"], twice(&signature));
    assert!(recorded.get("payload").is_none());
}

#[tokio::test]
async fn entries_are_retrieved_and_searched_for() {
    let place = Place::new();
    let mut ids = Vec::new();
    for message in ["a", "b", "c"] {
        let proposed = place.hashed(message);
        let added = place.post("/api/v1/log/entries", &proposed).await;
        ids.push(check(&place.public(), &added.json()).0);
    }
    // Of the other version: not served here.
    let other = place.hashed_v2("d");
    let other = place.post("/api/v2/log/entries", &other).await;
    other.is(StatusCode::CREATED);
    place
        .get("/api/v1/log/entries?logIndex=3")
        .await
        .is(StatusCode::NOT_FOUND);
    let known = place.log().get(1).unwrap();
    let proposed: Value = serde_json::from_slice(known.canonicalized_body.as_bytes()).unwrap();
    let retrieve = "/api/v1/log/entries/retrieve";
    for (wanted, count) in [
        (json!({"entryUUIDs": [ids[0], "0".repeat(64)]}), 1),
        (json!({"logIndexes": [0, 2, 3, 9]}), 2),
        (json!({"entries": [proposed, place.hashed("z")]}), 1),
        (
            json!({"entries": [proposed], "entryUUIDs": null, "logIndexes": null}),
            1,
        ),
        (
            json!({"entries": [
                proposed,
                {"kind": "intoto", "apiVersion": "0.0.1", "spec": {}},
            ]}),
            1,
        ),
        (json!({}), 0),
    ] {
        let found = place.post(retrieve, &wanted).await.is(StatusCode::OK);
        let found = found.json();
        assert_eq!(found.as_array().unwrap().len(), count, "{wanted}");
        for entry in found.as_array().unwrap() {
            check(&place.public(), entry);
        }
    }
    let many = json!({"logIndexes": vec![0; 11]});
    let answer = place.post(retrieve, &many).await;
    answer.is(StatusCode::UNPROCESSABLE_ENTITY);

    let hash = |message: &str| format!("sha256:{}", Digest::sha256(message.as_bytes()).to_hex());
    let pem = |key: &PublicKey| json!({"format": "x509", "content": Base64::encode(key.to_pem().as_bytes())});
    let ours = pem(place.key.public_key());
    let other = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let other = pem(other.public_key());
    let search = "/api/v1/index/retrieve";
    for (wanted, found) in [
        (json!({"hash": hash("b")}), vec![&ids[1]]),
        (json!({"hash": hash("b")["sha256:".len()..]}), vec![&ids[1]]),
        (json!({"hash": hash("d")}), vec![]),
        (json!({"publicKey": ours}), ids.iter().collect()),
        (json!({"publicKey": other}), vec![]),
        (
            json!({"publicKey": ours, "hash": hash("c"), "operator": "and"}),
            vec![&ids[2]],
        ),
        (
            json!({"publicKey": other, "hash": hash("c"), "operator": "and"}),
            vec![],
        ),
        (
            json!({"publicKey": other, "hash": hash("c"), "operator": "or"}),
            vec![&ids[2]],
        ),
        (json!({"email": "nobody@example.com"}), vec![]),
    ] {
        let answer = place.post(search, &wanted).await.is(StatusCode::OK);
        assert_eq!(answer.json(), json!(found), "{wanted}");
    }
    for wanted in [
        json!({}),
        json!({"hash": "sha256:abc"}),
        json!({"hash": "tree:abc"}),
        json!({"publicKey": {"format": "pgp"}}),
        json!({"subjectName": "x"}),
    ] {
        let answer = place.post(search, &wanted).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wanted}");
    }
}

#[tokio::test]
async fn version_1_tells_its_tree_and_proves_that_it_grew() {
    let place = Place::new();
    for number in 0..5 {
        let entry = place.hashed(&number.to_string());
        place.post("/api/v1/log/entries", &entry).await;
    }
    let log = place.log();
    let info = place.get("/api/v1/log").await.is(StatusCode::OK).json();
    let checkpoint = info["signedTreeHead"].as_str().unwrap();
    let checkpoint = log.public().verify_checkpoint(checkpoint, LogVersion::V1);
    assert_eq!(checkpoint.unwrap().head(), log.head().unwrap());
    assert_eq!(info["treeSize"], 5);
    assert_eq!(hash(&info["rootHash"]), log.head().unwrap().root);
    let tree_id = info["treeID"].as_str().unwrap();
    assert_eq!(tree_id, log.public().tree_id().to_string());

    let key = place.get("/api/v1/log/publicKey").await.is(StatusCode::OK);
    assert_eq!(key.header("content-type"), "application/x-pem-file");
    let key = PublicKey::from_pem(std::str::from_utf8(&key.bytes).unwrap()).unwrap();
    assert_eq!(&key, log.public().key(LogVersion::V1));

    for (query, first, last) in [
        ("lastSize=5".to_owned(), 1, 5),
        ("firstSize=2&lastSize=4".to_owned(), 2, 4),
        (format!("firstSize=5&lastSize=5&treeID={tree_id}"), 5, 5),
    ] {
        let path = format!("/api/v1/log/proof?{query}");
        let answer = place.get(&path).await.is(StatusCode::OK).json();
        let (proof, root) = log.consistency_between(first, last).unwrap();
        assert_eq!(hash(&answer["rootHash"]), root);
        let hashes = answer["hashes"].as_array().unwrap();
        assert!(hashes.iter().map(hash).eq(proof.hashes));
    }
    for query in [
        "",
        "lastSize=6",
        "firstSize=0&lastSize=1",
        "firstSize=3&lastSize=2",
        "lastSize=5&treeID=1",
    ] {
        let answer = place.get(&format!("/api/v1/log/proof?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn version_2_adds_an_entry_once_and_answers_each_time() {
    let place = Place::new();
    let public = place.public();
    let mut snake = place.hashed_v2("b");
    let mut request = snake["hashedRekordRequestV002"].take();
    let verifier = request["signature"]["verifier"].take();
    request["signature"]["verifier"] = json!({
        "public_key": {"raw_bytes": verifier["publicKey"]["rawBytes"]},
        "key_details": verifier["keyDetails"],
    });
    let dsse = json!({"dsseRequestV002": {
        "envelope": {
            "payload": Base64::encode(b"{}"),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": place.signature("{}"), "keyid": ""}],
        },
        "verifiers": [place.verifier()],
    }});
    let requests = [
        (place.hashed_v2("a"), "hashedrekord 0.0.2"),
        (
            json!({"hashed_rekord_request_v002": request}),
            "hashedrekord 0.0.2",
        ),
        (dsse, "dsse 0.0.2"),
    ];
    for round in 0..2 {
        for (index, (proposed, kind)) in (0..).zip(&requests) {
            let answer = place.post("/api/v2/log/entries", proposed).await;
            let answer = answer.is(StatusCode::CREATED);
            assert!(answer.json()["inclusionProof"]["hashes"].is_array());
            let entry = LogEntry::parse(&answer.bytes).unwrap();
            assert_eq!(
                (entry.log_index, entry.kind.to_string()),
                (index, (*kind).to_owned())
            );
            assert_eq!(entry.log_id, public.log_id(LogVersion::V2));
            let proof = entry.inclusion_proof.unwrap();
            assert_eq!(proof.tree_size, if round == 0 { index + 1 } else { 3 });
            let checkpoint = proof.checkpoint.unwrap();
            let checkpoint = public.verify_checkpoint(&checkpoint, LogVersion::V2);
            assert_eq!(checkpoint.unwrap().root, proof.root_hash);
            InclusionProof {
                index: proof.log_index,
                tree_size: proof.tree_size,
                hashes: proof.hashes,
            }
            .verify(
                leaf_hash(entry.canonicalized_body.as_bytes()),
                &proof.root_hash,
            )
            .unwrap();
        }
    }
    assert_eq!(place.log().head().unwrap().size, 3);
}

#[tokio::test]
async fn version_2_serves_what_monitors_read() {
    let place = Place::new();
    let log = place.log();
    let batch: Vec<_> = (0..260)
        .map(|number: u64| {
            let message = number.to_string();
            let request = place.hashed_v2(&message);
            request::version_2(request.to_string().as_bytes()).unwrap()
        })
        .collect();
    // By another process, after the service was opened.
    log.add(&batch, LogVersion::V2, NOW).unwrap();
    let checkpoint = place.get("/api/v2/checkpoint").await.is(StatusCode::OK);
    assert_eq!(checkpoint.header("cache-control"), "no-store");
    let text = std::str::from_utf8(&checkpoint.bytes).unwrap();
    let read = log.public().verify_checkpoint(text, LogVersion::V2);
    assert_eq!(read.unwrap().size, 260);
    for (path, first, count) in [("000", 0, 256), ("001.p/4", 256, 4), ("001.p/3", 256, 3)] {
        let tile = place.get(&format!("/api/v2/tile/0/{path}")).await;
        let tile = tile.is(StatusCode::OK);
        assert!(tile.header("cache-control").contains("immutable"));
        let bundle = place.get(&format!("/api/v2/tile/entries/{path}")).await;
        let bundle = bundle.is(StatusCode::OK);
        let mut rest = bundle.bytes.as_slice();
        let mut hashes = Vec::new();
        let mut index = first;
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let (body, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
            assert_eq!(body, log.body(index).unwrap().0);
            hashes.extend_from_slice(&leaf_hash(body));
            index += 1;
            rest = after;
        }
        assert_eq!(index, first + count);
        assert_eq!(hashes, tile.bytes);
    }
    assert_eq!(place.get("/api/v2/tile/1/000.p/1").await.bytes.len(), 32);
    for (path, status) in [
        ("/api/v2/tile/0/001", 404),
        ("/api/v2/tile/0/001.p/5", 404),
        ("/api/v2/tile/entries/001", 404),
        ("/api/v2/tile/entries/001.p/5", 404),
        ("/api/v2/tile/0/1", 400),
        ("/api/v2/tile/x/000", 400),
        ("/api/v2/tile/0/000.p/0", 400),
    ] {
        assert_eq!(place.get(path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_right_is_refused_and_adds_nothing() {
    let place = Place::new();
    let changed = |pointer: &str, value: Value| {
        let mut proposed = place.hashed("a");
        *proposed.pointer_mut(pointer).unwrap() = value;
        proposed
    };
    let changed_v2 = |pointer: &str, value: Value| {
        let mut proposed = place.hashed_v2("a");
        *proposed.pointer_mut(pointer).unwrap() = value;
        proposed
    };
    let other = Digest::sha256(b"other");
    let request = "/hashedRekordRequestV002";
    let cases = [
        ("v1", changed("/kind", json!("rpm"))),
        ("v1", changed("/apiVersion", json!("0.0.9"))),
        (
            "v1",
            changed("/spec/data/hash/value", json!(other.to_hex())),
        ),
        ("v1", changed("/spec/data/hash/algorithm", json!("sha512"))),
        ("v1", changed("/spec/signature/content", json!("AAAA"))),
        (
            "v1",
            changed("/spec/signature/publicKey/content", json!("AAAA")),
        ),
        ("v1", json!([])),
        ("v1", json!({"kind": "hashedrekord"})),
        ("v1", place.hashed_v2("a")),
        (
            "v2",
            changed_v2(
                &format!("{request}/digest"),
                json!(Base64::encode(other.as_bytes())),
            ),
        ),
        (
            "v2",
            changed_v2(&format!("{request}/digest"), json!("AAAA")),
        ),
        (
            "v2",
            changed_v2(
                &format!("{request}/signature/verifier/keyDetails"),
                json!("PKIX_ECDSA_P384_SHA_384"),
            ),
        ),
        (
            "v2",
            changed_v2(
                &format!("{request}/signature/verifier/keyDetails"),
                json!("PKIX_ED25519"),
            ),
        ),
        (
            "v2",
            changed_v2(
                &format!("{request}/signature/verifier/publicKey"),
                json!({"rawBytes": "AAAA"}),
            ),
        ),
        (
            "v2",
            changed_v2(
                &format!("{request}/signature/verifier/publicKey"),
                json!({"rawBytes": "AAAA", "more": 1}),
            ),
        ),
        ("v2", json!({})),
        ("v2", place.hashed("a")),
    ];
    for (version, proposed) in cases {
        let path = format!("/api/{version}/log/entries");
        let answer = place.post(&path, &proposed).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{proposed}");
        let answer = answer.json();
        assert_eq!(answer["code"], if version == "v1" { 400 } else { 3 });
        assert!(
            answer["message"]
                .as_str()
                .unwrap()
                .starts_with("error processing entry")
        );
    }
    for version in ["v1", "v2"] {
        let path = format!("/api/{version}/log/entries");
        let answer = place
            .ask(Method::POST, &path, vec![b' '; (4 << 20) + 1])
            .await;
        answer.is(StatusCode::PAYLOAD_TOO_LARGE);
        let twice = r#"{"kind": "hashedrekord", "kind": "dsse"}"#;
        let answer = place.ask(Method::POST, &path, twice).await;
        answer.is(StatusCode::BAD_REQUEST);
        let answer = place.ask(Method::DELETE, &path, "").await;
        answer.is(StatusCode::METHOD_NOT_ALLOWED);
    }
    place.get("/api/v3/log").await.is(StatusCode::NOT_FOUND);
    assert_eq!(place.log().head().unwrap().size, 0);
}

#[tokio::test]
async fn what_is_broken_here_is_not_told_outside() {
    let place = Place::new();
    let segment = place.directory.path().join("tree/segment");
    std::fs::write(&segment, "").unwrap();
    for version in ["v1", "v2"] {
        let proposed = match version {
            "v1" => place.hashed("a"),
            _ => place.hashed_v2("a"),
        };
        let path = format!("/api/{version}/log/entries");
        let answer = place.post(&path, &proposed).await;
        let answer = answer.is(StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.json()["message"], "the log failed to answer");
        let inside = answer
            .response
            .extensions()
            .get::<sealwright_http::InsideMessage>()
            .unwrap();
        assert!(inside.0.contains("store.io-failed"), "{inside:?}");
    }
    std::fs::remove_file(segment).unwrap();
    // What was on its way is not taken for added.
    let answer = place.post("/api/v1/log/entries", &place.hashed("a")).await;
    answer.is(StatusCode::CREATED);
}
