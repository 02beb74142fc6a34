use serde_json::Value;
use serde_json::json;

use super::*;

mod cue;
#[cfg(feature = "rego")]
mod rego;

fn statement() -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "app", "digest": {"sha256": "aa"}}],
        "predicateType": "https://cosign.sigstore.dev/attestation/vuln/v1",
        "predicate": {
            "scanner": {"uri": "scanner.example.com", "version": "1.2.3", "findings": 0},
            "metadata": {
                "scanStartedOn": "2022-04-12T00:00:00Z",
                "scanFinishedOn": "2022-04-12T00:10:00Z",
            },
            "tags": ["a", "b"],
            "score": 7.5,
            "approved": true,
            "nothing": null,
        },
    })
}

#[test]
fn tells_languages_apart_by_the_name_of_the_file() {
    assert_eq!(
        PolicyLanguage::of_file_name("a/b.cue"),
        Some(PolicyLanguage::Cue)
    );
    assert_eq!(
        PolicyLanguage::of_file_name("b.rego"),
        Some(PolicyLanguage::Rego)
    );
    for name in ["b", "b.CUE", "b.json", "cue", "b.cue.txt"] {
        assert_eq!(PolicyLanguage::of_file_name(name), None);
    }
}

#[test]
fn refuses_what_is_too_large_or_no_text() {
    let large = vec![b' '; 1 << 20];
    assert!(Policy::parse(PolicyLanguage::Cue, "p.cue", &large).is_ok());
    let large = vec![b' '; (1 << 20) + 1];
    let error = Policy::parse(PolicyLanguage::Cue, "p.cue", &large).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }));
    for language in [PolicyLanguage::Cue, PolicyLanguage::Rego] {
        let error = Policy::parse(language, "p", b"a: \"\xff\"").unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{error}");
    }
}

#[cfg(not(feature = "rego"))]
#[test]
fn says_that_rego_is_not_built_in() {
    let error = Policy::parse(PolicyLanguage::Rego, "p.rego", b"package signature").unwrap_err();
    assert!(matches!(error, Error::LanguageMissing { .. }));
}
