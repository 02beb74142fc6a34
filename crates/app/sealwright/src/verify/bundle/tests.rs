use std::path::PathBuf;
use std::time::Duration;

use sealwright_core::Statement;
use sealwright_core::Timestamp;
use sealwright_sigstore::Content;
use sealwright_slsa::Environment;
use sealwright_testkit::FakeClock;

use super::*;
use crate::Profile;
use crate::Silent;

/// Judges a bundle of a corpus by its own signer and the digest its statement is about, or that
/// digest changed.
fn judge(path: &Path, change: fn(Digest) -> Digest) -> JudgedEvidence {
    let bundle = Bundle::parse_without_root(&std::fs::read(path).unwrap()).unwrap();
    let Content::Dsse(envelope) = &bundle.content else {
        panic!("no statement");
    };
    let statement = Statement::parse(envelope.payload.as_bytes()).unwrap();
    let (algorithm, hex) = statement.subject[0].digest.first_key_value().unwrap();
    let digest = format!("{algorithm}:{hex}").parse().unwrap();
    let certificate = bundle.certificate().unwrap();
    let identity = certificate.identity().unwrap().to_string();
    let signer = Signer::exactly(&identity, &certificate.issuer_claim().unwrap());
    let silent = Silent::default();
    let clock = FakeClock::at(NOW);
    let context = Context {
        profile: Some(Profile::Public),
        home: PathBuf::new(),
        clock: &clock,
        user: String::new(),
        docker_config: None,
        variable: &|_| None,
        ci: Environment::from_lookup(|_| None),
        source_date_epoch: None,
        temporary: PathBuf::new(),
        timeout: Duration::from_secs(30),
        progress: &silent,
    };
    let artifact = BundleArtifact::Digest(change(digest));
    verify_bundle(&context, path, artifact, &signer, None).unwrap()
}

fn code(judged: &JudgedEvidence) -> Option<&'static str> {
    judged.problem.as_ref().map(|problem| problem.code.as_str())
}

#[test]
fn judges_by_the_digest_alone() {
    let Some(corpus) = sealwright_testkit::corpus("provenance-samples") else {
        return;
    };
    let path = corpus.join("slsa-github-generator/v1-container-based-v2.1.0.sigstore.json");
    let judged = judge(&path, |digest| digest);
    assert_eq!(code(&judged), None);
    assert_eq!(judged.profile, Some(Profile::Public));
    let judged = judge(&path, |_| Digest::sha256(b"something else"));
    assert_eq!(code(&judged), Some("artifact.digest-mismatch"));
}

/// `verify` takes this one.
#[test]
fn refuses_a_root_in_the_chain() {
    let Some(corpus) = sealwright_testkit::corpus("provenance-samples") else {
        return;
    };
    let path = corpus.join("slsa-github-generator/v1-container-based-v1.7.0.sigstore.json");
    let judged = judge(&path, |digest| digest);
    assert_eq!(code(&judged), Some("bundle.malformed"));
}

/// 2026-11-22.
const NOW: Timestamp = Timestamp::from_seconds(1_795_305_600);
