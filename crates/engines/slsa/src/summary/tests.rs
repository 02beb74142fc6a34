use std::path::Path;

use sealwright_core::Diagnostic as _;
use sealwright_core::Statement;
use sealwright_core::dsse::Envelope;
use serde_json::json;

use super::*;

#[test]
fn reads_version_1() {
    let summary = parse(uris::PREDICATE_SLSA_PROVENANCE_V1, &good_v1()).unwrap();
    assert_eq!(summary.version, Version::V1);
    assert_eq!(summary.builder_id, "https://b.example/1");
    assert_eq!(summary.build_type, "https://t.example/1");
    assert_eq!(summary.entry_point.as_deref(), Some("ci.yml"));
    assert_eq!(summary.invocation_id.as_deref(), Some("7"));
    assert_eq!(summary.started_on.as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(summary.materials.len(), 2);
    assert_eq!(summary.source.unwrap().uri, "git+https://h.example/r");
    assert_eq!(summary.claims, Claims::Unstated);
}

#[test]
fn reads_version_02_in_either_spelling() {
    for spelling in ["buildInvocationId", "buildInvocationID"] {
        let predicate = json!({
            "builder": { "id": "b" },
            "buildType": "t",
            "invocation": { "configSource": {
                "uri": "git+https://h.example/r@refs/heads/main",
                "digest": { "sha1": "abc" },
                "entryPoint": "Makefile",
            }},
            "metadata": { spelling: "9-1", "buildFinishedOn": "2026-01-01T00:00:00Z" },
            "materials": [{ "uri": "m" }],
        });
        let summary = parse(uris::PREDICATE_SLSA_PROVENANCE_V02, &predicate).unwrap();
        assert_eq!(summary.version, Version::V02);
        assert_eq!(summary.invocation_id.as_deref(), Some("9-1"));
        assert_eq!(summary.entry_point.as_deref(), Some("Makefile"));
        assert_eq!(summary.source.unwrap().digest["sha1"], "abc");
        assert_eq!(summary.materials[0].uri, "m");
    }
}

#[test]
fn refuses_provenance_with_one_required_field_missing() {
    for (parent, member) in [
        ("", "buildDefinition"),
        ("", "runDetails"),
        ("/buildDefinition", "buildType"),
        ("/runDetails", "builder"),
        ("/runDetails/builder", "id"),
    ] {
        for wrong in [None, Some(json!(7))] {
            let mut predicate = good_v1();
            let parent = predicate.pointer_mut(parent).unwrap();
            match &wrong {
                None => drop(parent.as_object_mut().unwrap().remove(member)),
                Some(value) => parent[member] = value.clone(),
            }
            let error = parse(uris::PREDICATE_SLSA_PROVENANCE_V1, &predicate).unwrap_err();
            assert_eq!(error.code().as_str(), "slsa.malformed-provenance");
        }
    }
}

#[test]
fn refuses_duplicate_keys_and_what_is_no_json() {
    for text in ["", "[", r#"{"buildDefinition":1,"buildDefinition":2}"#] {
        let error =
            Summary::parse(uris::PREDICATE_SLSA_PROVENANCE_V1, text.as_bytes()).unwrap_err();
        assert_eq!(error.code().as_str(), "slsa.malformed-provenance");
    }
}

#[test]
fn refuses_types_that_look_alike() {
    for found in [
        "https://slsa.dev/provenance/v1.0",
        "https://slsa.dev/provenance/v1/",
        "https://slsa.dev/provenance/v1?x",
        "https://slsa.dev/verification_summary/v1",
        "",
    ] {
        let error = parse(found, &good_v1()).unwrap_err();
        assert_eq!(error.code().as_str(), "slsa.unsupported-provenance");
    }
}

#[test]
fn reads_what_real_builders_write() {
    let Some(corpus) = sealwright_testkit::corpus("provenance-samples") else {
        return;
    };
    let mut read = 0;
    for builder in std::fs::read_dir(corpus).unwrap() {
        let builder = builder.unwrap().path();
        if builder.is_dir() {
            for sample in std::fs::read_dir(builder).unwrap() {
                read += usize::from(reads(&sample.unwrap().path()));
            }
        }
    }
    assert!(read >= 20, "{read}");
}

/// Whether a sample is provenance of a version known here, which then must be readable.
fn reads(sample: &Path) -> bool {
    let text = std::fs::read(sample).unwrap();
    let first_line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let envelope = |bytes: &[u8]| {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let inner = value.get("dsseEnvelope").cloned().unwrap_or(value);
        let envelope: Envelope = serde_json::from_value(inner).ok()?;
        Some(envelope.payload.as_bytes().to_vec())
    };
    let payload = envelope(&text)
        .or_else(|| envelope(first_line))
        .unwrap_or_else(|| text.clone());
    let Ok(statement) = Statement::parse(&payload) else {
        return false;
    };
    match Summary::parse(
        &statement.predicate_type,
        statement.predicate.get().as_bytes(),
    ) {
        Ok(summary) => {
            assert!(!summary.build_type.is_empty(), "{}", sample.display());
            true
        }
        Err(Error::Unsupported { .. }) => false,
        Err(Error::Field { field, .. })
            if INCOMPLETE
                .iter()
                .any(|(path, missing)| sample.ends_with(path) && *missing == field) =>
        {
            false
        }
        Err(error) => panic!("{}: {error}", sample.display()),
    }
}

/// Samples that lack what the specification requires.
const INCOMPLETE: &[(&str, &str)] = &[
    (
        "azure-pipelines/v0.2-kubectl-container-upstream.json",
        "buildType",
    ),
    (
        "google-cloud-build/v1-triggered-build-example.json",
        "runDetails.builder.id",
    ),
    ("jenkins/v0.2-slsa-jenkins-generator.json", "buildType"),
];

fn parse(predicate_type: &str, predicate: &Value) -> Result<Summary, Error> {
    Summary::parse(predicate_type, predicate.to_string().as_bytes())
}

fn good_v1() -> Value {
    json!({
        "buildDefinition": {
            "buildType": "https://t.example/1",
            "externalParameters": { "workflow": { "path": "ci.yml" } },
            "resolvedDependencies": [
                { "name": "compiler", "digest": { "sha256": "00" } },
                { "uri": "git+https://h.example/r", "digest": { "gitCommit": "ab" } },
            ],
        },
        "runDetails": {
            "builder": { "id": "https://b.example/1" },
            "metadata": { "invocationID": 7, "startedOn": "2026-01-01T00:00:00Z" },
        },
    })
}
