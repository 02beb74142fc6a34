use sealwright_core::Diagnostic as _;
use sealwright_testkit::corpus;
use serde_json::Value;
use serde_json::json;

use super::*;

/// A bundle of the public suite, as JSON that can be changed.
fn recorded(case: &str) -> Option<Value> {
    let folder = corpus("sigstore-conformance")?.join("test/assets/bundle-verify");
    let json = std::fs::read(folder.join(case).join("bundle.sigstore.json")).unwrap();
    Some(serde_json::from_slice(&json).unwrap())
}

fn read(value: &Value) -> Result<Bundle, Error> {
    Bundle::parse(&serde_json::to_vec(value).unwrap())
}

#[test]
fn reads_what_others_wrote_and_writes_the_same_fields() {
    for case in [
        "happy-path-v0.1",
        "happy-path-v0.2",
        "happy-path-v0.3",
        "happy-path-v0.3-new-mediaType",
        "happy-path-intoto-in-dsse-v3",
        "intoto-with-custom-trust-root",
        "rekor2-happy-path",
        "rekor2-dsse-happy-path",
        "managed-key-happy-path",
    ] {
        let Some(mut value) = recorded(case) else {
            return;
        };
        let bundle = read(&value).unwrap();
        let mut written: Value = serde_json::from_slice(&bundle.to_json()).unwrap();
        // The older spelling of the newest media type is not kept, and what is empty or zero may be
        // left out by others.
        value["mediaType"] = written["mediaType"].clone();
        for value in [&mut value, &mut written] {
            if let Some(signature) = value.pointer_mut("/dsseEnvelope/signatures/0") {
                signature.as_object_mut().unwrap().remove("keyid");
            }
            let entry = value
                .pointer_mut("/verificationMaterial/tlogEntries/0")
                .unwrap();
            entry
                .as_object_mut()
                .unwrap()
                .retain(|_, field| !field.is_null());
            let material = value["verificationMaterial"].as_object_mut().unwrap();
            if material["tlogEntries"][0]["integratedTime"] == json!("0") {
                let entry = material["tlogEntries"][0].as_object_mut().unwrap();
                entry.remove("integratedTime");
            }
            material.retain(|_, field| *field != json!({}) && !field.is_null());
        }
        assert_eq!(written, value, "{case}");
    }
}

#[test]
fn accepts_that_zero_and_empty_are_left_out_and_writes_them() {
    let Some(mut value) = recorded("rekor2-happy-path") else {
        return;
    };
    let entry = &mut value["verificationMaterial"]["tlogEntries"][0];
    entry.as_object_mut().unwrap().remove("logIndex");
    let proof = entry["inclusionProof"].as_object_mut().unwrap();
    proof.remove("logIndex");
    proof.remove("hashes");
    let bundle = read(&value).unwrap();
    let written: Value = serde_json::from_slice(&bundle.to_json()).unwrap();
    let entry = &written["verificationMaterial"]["tlogEntries"][0];
    assert_eq!(entry["logIndex"], json!("0"));
    assert_eq!(entry["inclusionProof"]["logIndex"], json!("0"));
    assert_eq!(entry["inclusionProof"]["hashes"], json!([]));
}

#[test]
fn reads_integers_as_numbers_and_null_as_absence() {
    let Some(mut value) = recorded("happy-path-v0.3") else {
        return;
    };
    let entry = &mut value["verificationMaterial"]["tlogEntries"][0];
    entry["logIndex"] = json!(79_571_823);
    entry["inclusionProof"]["treeSize"] = json!(75_408_393);
    value["verificationMaterial"]["timestampVerificationData"] = Value::Null;
    let bundle = read(&value).unwrap();
    assert_eq!(bundle.log_entries[0].log_index, 79_571_823);
}

#[test]
fn each_line_of_a_file_stands_for_itself() {
    let Some(value) = recorded("happy-path-v0.3") else {
        return;
    };
    let good = serde_json::to_string(&value).unwrap();
    let text = format!("{good}\n\nnot a bundle\n{good}\r\n");
    let read = Bundle::parse_lines(text.as_bytes()).unwrap();
    let codes: Vec<_> = read
        .iter()
        .map(|bundle| bundle.as_ref().map_err(|error| error.code().as_str()))
        .map(|bundle| bundle.err())
        .collect();
    assert_eq!(codes, [None, Some("bundle.malformed"), None]);
}

#[test]
fn refuses_too_many_lines() {
    let text = "x\n".repeat(Limits::DEFAULT.lines + 1);
    let error = Bundle::parse_lines(text.as_bytes()).unwrap_err();
    assert_eq!(error.code().as_str(), "bundle.too-large");
}

#[test]
fn refuses_both_or_neither_of_what_excludes_each_other() {
    let Some(value) = recorded("happy-path-v0.3") else {
        return;
    };
    let changes: [fn(&mut Value); 5] = [
        |value| value["dsseEnvelope"] = json!({"payload": "", "payloadType": "", "signatures": []}),
        |value| value["messageSignature"] = Value::Null,
        |value| value["verificationMaterial"]["publicKey"] = json!({"hint": ""}),
        |value| value["verificationMaterial"]["certificate"] = Value::Null,
        |value| value["messageSignature"]["messageDigest"]["algorithm"] = json!("SHA3_256"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = value.clone();
        change(&mut changed);
        let error = read(&changed).unwrap_err();
        assert_eq!(error.code().as_str(), "bundle.malformed", "change {number}");
    }
}

/// cosign writes an empty digest for pure Ed25519, which has none.
#[test]
fn an_empty_digest_is_none_and_half_of_one_is_refused() {
    let bundle = |digest: Value| {
        json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": ""}},
            "messageSignature": {"messageDigest": digest, "signature": "AAAA"},
        })
    };
    let read_back = read(&bundle(json!({}))).unwrap();
    assert!(matches!(
        read_back.content,
        Content::MessageSignature { digest: None, .. }
    ));
    for half in [
        json!({"digest": "AAAA"}),
        json!({"algorithm": "SHA2_256"}),
        json!({"algorithm": "", "digest": "AAAA"}),
    ] {
        let error = read(&bundle(half)).unwrap_err();
        assert_eq!(error.code().as_str(), "bundle.malformed");
    }
}
