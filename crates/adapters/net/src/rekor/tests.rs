use sealwright_core::Base64;
use sealwright_core::Class;
use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::Timestamp;
use sealwright_core::dsse::Envelope;
use sealwright_core::dsse::Signature;
use sealwright_sigstore::InclusionProof;
use sealwright_sigstore::KeyDetails;
use sealwright_sigstore::LogId;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::DsseEntry;
use sealwright_sigstore::entry::EntryKind;
use sealwright_sigstore::entry::HashedRekord;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::stub::Reply;
use crate::stub::Seen;
use crate::stub::Stub;
use crate::stub::client;

const ID: &str = "108e9186e8c5677a0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

fn record() -> HashedRekord {
    HashedRekord {
        digest: Digest::sha256(b"artifact"),
        signature: b"signature".to_vec().into(),
        verifier: Verifier::Certificate(b"certificate".to_vec()),
        key_details: KeyDetails::PkixEcdsaP256Sha256,
    }
}

fn dsse() -> DsseEntry {
    let sig = b"signature".to_vec().into();
    let keyid = String::new();
    DsseEntry {
        envelope: Envelope {
            payload: b"{}".to_vec().into(),
            payload_type: MediaType::new("application/vnd.in-toto+json"),
            signatures: vec![Signature { sig, keyid }],
        },
        verifier: Verifier::PublicKey(b"key".to_vec()),
        key_details: KeyDetails::PkixEcdsaP256Sha256,
    }
}

fn v1() -> ProposedEntry {
    ProposedEntry::HashedRekordV001(record())
}

/// What a version 1 log answers to [`v1`].
fn logged_v1() -> Value {
    json!({ID: {
        "body": Base64::encode(&v1().canonical_body().unwrap()),
        "integratedTime": 1_700_000_000,
        "logID": "ab".repeat(32),
        "logIndex": 1007,
        "verification": {
            "inclusionProof": {
                "checkpoint": "log - 1\n8\nAAAA\n\n— log AAAA\n",
                "hashes": ["cd".repeat(32), "ef".repeat(32)],
                "logIndex": 7,
                "rootHash": "01".repeat(32),
                "treeSize": 8,
            },
            "signedEntryTimestamp": Base64::encode(b"promise"),
        },
    }})
}

fn entry_v1() -> LogEntry {
    LogEntry {
        log_index: 1007,
        log_id: LogId([0xab; 32]),
        kind: EntryKind::HashedRekordV001,
        integrated_time: Some(Timestamp::from_seconds(1_700_000_000)),
        inclusion_promise: Some(b"promise".to_vec().into()),
        inclusion_proof: Some(InclusionProof {
            log_index: 7,
            root_hash: [1; 32],
            tree_size: 8,
            hashes: vec![[0xcd; 32], [0xef; 32]],
            checkpoint: Some("log - 1\n8\nAAAA\n\n— log AAAA\n".to_owned()),
        }),
        canonicalized_body: v1().canonical_body().unwrap().into(),
    }
}

/// What a version 2 log answers to `entry`.
fn entry_v2(entry: &ProposedEntry) -> LogEntry {
    LogEntry {
        kind: entry.kind(),
        integrated_time: None,
        inclusion_promise: None,
        canonicalized_body: entry.canonical_body().unwrap().into(),
        ..entry_v1()
    }
}

async fn add(server: &Stub, entry: &ProposedEntry) -> Result<LogEntry, Error> {
    let log = LogClient::new(client(), server.url("/rekor"));
    log.add(entry).await
}

/// What is sent to propose an entry.
async fn proposal(entry: ProposedEntry) -> Seen {
    let server = Stub::start(vec![Reply::new(400, "")]);
    assert!(add(&server, &entry).await.is_err());
    server.seen().remove(0)
}

async fn error(reply: Reply, entry: &ProposedEntry) -> Error {
    add(&Stub::start(vec![reply]), entry).await.unwrap_err()
}

fn created(answer: &Value) -> Reply {
    Reply::new(201, answer.to_string())
}

fn conflict(location: &str) -> Reply {
    Reply::new(409, r#"{"code":409,"message":"exists"}"#).header("Location", location)
}

#[tokio::test]
async fn takes_the_entry_of_a_version_1_log() {
    let server = Stub::start(vec![created(&logged_v1())]);
    assert_eq!(add(&server, &v1()).await.unwrap(), entry_v1());
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "POST /rekor/api/v1/log/entries");
    assert_eq!(seen.body, v1().canonical_body().unwrap());
}

#[tokio::test]
async fn takes_the_entry_of_a_version_2_log() {
    let entry = ProposedEntry::HashedRekordV002(record());
    let logged = entry_v2(&entry);
    let server = Stub::start(vec![Reply::new(201, logged.to_json())]);
    assert_eq!(add(&server, &entry).await.unwrap(), logged);
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "POST /rekor/api/v2/log/entries");
    let wanted = json!({"hashedRekordRequestV002": {
        "digest": Base64::encode(Digest::sha256(b"artifact").as_bytes()),
        "signature": {
            "content": Base64::encode(b"signature"),
            "verifier": {
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "x509Certificate": {"rawBytes": Base64::encode(b"certificate")},
            },
        },
    }});
    assert_eq!(seen.json(), wanted);
}

#[tokio::test]
async fn proposes_envelopes_whole() {
    let envelope = String::from_utf8(dsse().envelope_json()).unwrap();
    let pem = Base64::encode(dsse().verifier.to_pem().as_bytes());
    let seen = proposal(ProposedEntry::DsseV001(dsse())).await;
    let content = json!({"envelope": envelope, "verifiers": [pem]});
    let wanted = json!({
        "apiVersion": "0.0.1", "kind": "dsse", "spec": {"proposedContent": content},
    });
    assert_eq!(seen.json(), wanted);

    let seen = proposal(ProposedEntry::DsseV002(dsse())).await;
    let key = json!({
        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        "publicKey": {"rawBytes": Base64::encode(b"key")},
    });
    let envelope = serde_json::to_value(dsse().envelope).unwrap();
    let wanted = json!({"dsseRequestV002": {"envelope": envelope, "verifiers": [key]}});
    assert_eq!(seen.json(), wanted);

    let seen = proposal(ProposedEntry::IntotoV002(dsse())).await;
    let sent = seen.json();
    let twice = |bytes| Base64::encode(Base64::encode(bytes).as_bytes());
    let envelope = &sent["spec"]["content"]["envelope"];
    assert_eq!(envelope["payload"], twice(b"{}"));
    assert_eq!(envelope["signatures"][0]["sig"], twice(b"signature"));
}

#[tokio::test]
async fn follows_a_conflict_to_the_entry_that_is_there() {
    let found = || Reply::new(200, logged_v1().to_string());
    for location in [
        format!("/api/v1/log/entries/{ID}"),
        format!("https://elsewhere.example/api/v1/log/entries/{ID}"),
    ] {
        let server = Stub::start(vec![conflict(&location), found()]);
        assert_eq!(add(&server, &v1()).await.unwrap(), entry_v1());
        let line = format!("GET /rekor/api/v1/log/entries/{ID}");
        assert_eq!(server.seen()[1].line, line);
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_again() {
    let server = Stub::start(vec![
        Reply::Close,
        conflict(&format!("/api/v1/log/entries/{ID}")),
        Reply::new(502, ""),
        Reply::new(200, logged_v1().to_string()),
    ]);
    assert_eq!(add(&server, &v1()).await.unwrap(), entry_v1());
}

#[tokio::test]
async fn follows_no_conflict_to_anything_else() {
    for location in ["", "/api/v1/log/entries/..", "/log?x=abcdef"] {
        let error = error(conflict(location), &v1()).await;
        assert_eq!(error.code().as_str(), "service.malformed-answer");
    }
}

#[tokio::test]
async fn refuses_what_is_no_entry() {
    let changed = |pointer: &str, value: Value| {
        let mut answer = logged_v1();
        *answer[ID].pointer_mut(pointer).unwrap() = value;
        created(&answer)
    };
    let mut two = logged_v1();
    two["other"] = two[ID].clone();
    let deep = json!(vec!["cd".repeat(32); 65]);
    for reply in [
        Reply::new(201, "<html>"),
        created(&json!({})),
        created(&two),
        changed("/logID", json!("ab")),
        changed("/logIndex", json!(-1)),
        changed("/body", json!("!")),
        changed("/body", json!(Base64::encode(b"[]"))),
        changed("/verification/inclusionProof/rootHash", json!("01")),
        changed("/verification/inclusionProof/hashes/0", json!("cd")),
        changed("/verification/inclusionProof/hashes", deep),
    ] {
        let error = error(reply, &v1()).await;
        assert_eq!(error.code().as_str(), "service.malformed-answer");
    }
    let v2 = ProposedEntry::HashedRekordV002(record());
    let error = error(Reply::new(201, "{}"), &v2).await;
    assert_eq!(error.code().as_str(), "service.malformed-answer");
}

#[tokio::test]
async fn says_what_the_log_refuses() {
    let entries = [v1(), ProposedEntry::DsseV002(dsse())];
    for entry in &entries {
        let too_long = Reply::new(413, r#"{"code":413,"message":"too large"}"#);
        let refused = error(too_long, entry).await;
        assert_eq!(refused.code().as_str(), "service.refused");
        assert!(refused.to_string().contains("too large"));
        let denied = error(Reply::new(403, ""), entry).await;
        assert_eq!(denied.code().as_str(), "service.denied");
        assert_eq!(denied.class(), Class::Auth);
    }
    // A version 2 log does not say where the equivalent entry is.
    let refused = error(Reply::new(409, ""), &entries[1]).await;
    assert_eq!(refused.code().as_str(), "service.refused");
}

#[tokio::test]
async fn proposes_no_envelope_without_its_one_signature() {
    let mut unsigned = dsse();
    unsigned.envelope.signatures.clear();
    let server = Stub::start(Vec::new());
    let error = add(&server, &ProposedEntry::DsseV001(unsigned)).await;
    assert_eq!(error.unwrap_err().code().as_str(), "entry.malformed");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn finds_entries_by_what_they_are_about() {
    let digest = Digest::sha256(b"artifact");
    let search = async |answer: String| {
        let server = Stub::start(vec![Reply::new(200, answer)]);
        let log = LogClient::new(client(), server.url("/rekor"));
        (log.search(&digest).await, server.seen().remove(0))
    };
    let (found, asked) = search(json!([ID]).to_string()).await;
    assert_eq!(found.unwrap(), [ID]);
    assert_eq!(asked.line, "POST /rekor/api/v1/index/retrieve");
    assert_eq!(asked.json(), json!({ "hash": digest.to_string() }));
    assert!(search("[]".to_owned()).await.0.unwrap().is_empty());
    let many = vec![ID; MAX_FOUND + 1];
    assert_eq!(search(json!(many).to_string()).await.0.unwrap().len(), 100);
    for wrong in [json!(["../x"]), json!({ "found": [] }), json!([&ID[1..]])] {
        let error = search(wrong.to_string()).await.0.unwrap_err();
        assert_eq!(error.code().as_str(), "service.malformed-answer", "{wrong}");
    }
}
