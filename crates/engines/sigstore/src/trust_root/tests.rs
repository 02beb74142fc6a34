use sealwright_core::Diagnostic as _;
use sealwright_testkit::corpus;
use serde_json::Value;
use serde_json::json;

use super::*;

fn public_good() -> Option<Value> {
    let targets = corpus("tuf-root-signing")?.join("targets");
    let json = std::fs::read(targets.join("trusted_root.json")).unwrap();
    Some(serde_json::from_slice(&json).unwrap())
}

fn read(value: &Value) -> Result<TrustRoot, Error> {
    TrustRoot::parse(&serde_json::to_vec(value).unwrap())
}

#[test]
fn writes_what_it_read() {
    let Some(value) = public_good() else {
        return;
    };
    let root = read(&value).unwrap();
    assert_eq!(root.logs.len(), 2);
    let written: Value = serde_json::from_slice(&root.to_json()).unwrap();
    assert_eq!(written, value);
}

#[test]
fn reads_the_newer_version_and_the_names_of_operators() {
    let Some(mut value) = public_good() else {
        return;
    };
    value["mediaType"] = json!("application/vnd.dev.sigstore.trustedroot.v0.2+json");
    value["tlogs"][0]["operator"] = json!("sigstore.dev");
    value["tlogs"][0]["checkpointKeyId"] = json!({"keyId": "wNI9ag=="});
    let root = read(&value).unwrap();
    assert_eq!(root.logs[0].operator, "sigstore.dev");
}

#[test]
fn keys_known_by_name_only_do_not_spoil_the_rest() {
    let Some(mut value) = public_good() else {
        return;
    };
    value["tlogs"][1]["publicKey"]["keyDetails"] = json!("ML_DSA_65");
    let root = read(&value).unwrap();
    assert!(root.logs[1].key.public_key().is_none());
    assert!(root.logs[0].key.public_key().is_some());
}

#[test]
fn refuses_what_lacks_something() {
    let Some(value) = public_good() else {
        return;
    };
    for (path, field) in [
        ("/tlogs/0", "publicKey"),
        ("/tlogs/0", "logId"),
        ("/tlogs/0", "hashAlgorithm"),
        ("/tlogs/0/publicKey", "validFor"),
        ("/tlogs/0/publicKey", "rawBytes"),
        ("/tlogs/0/publicKey", "keyDetails"),
        ("/ctlogs/0/publicKey/validFor", "start"),
        ("/certificateAuthorities/0", "certChain"),
        (
            "/timestampAuthorities/0/certChain/certificates/0",
            "rawBytes",
        ),
    ] {
        let mut changed = value.clone();
        let object = changed.pointer_mut(path).unwrap().as_object_mut().unwrap();
        assert!(object.remove(field).is_some(), "{path}/{field}");
        let error = read(&changed).unwrap_err();
        assert_eq!(error.code().as_str(), "trust.malformed", "{path}/{field}");
    }
}

#[test]
fn validity_is_closed_at_both_ends() {
    let start = Timestamp::from_seconds(100);
    let end = Timestamp::from_seconds(200);
    let validity = Validity {
        start: Some(start),
        end: Some(end),
    };
    assert!(validity.contains(start) && validity.contains(end));
    assert!(!validity.contains(Timestamp::from_milliseconds(99_999)));
    assert!(!validity.contains(Timestamp::from_milliseconds(200_001)));
}
