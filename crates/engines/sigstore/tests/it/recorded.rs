//! Bundles that builders of the world made, judged by the trusted roots of the public-good instance
//! and of GitHub's, each under its own profile.

use std::path::Path;

use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::Statement;
use sealwright_core::Timestamp;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Content;
use sealwright_sigstore::Expected;
use sealwright_sigstore::TextMatch;
use sealwright_sigstore::TrustProfile;
use sealwright_sigstore::TrustRoot;
use sealwright_testkit::corpus;

use crate::authority::code;

const ACTIONS: &str = "https://token.actions.githubusercontent.com";

struct Sample {
    bundle: Bundle,
    artifact: Artifact<'static>,
}

impl Sample {
    /// Evidence and what it is about, by its own words.
    fn of(bundle: Bundle) -> Self {
        let Content::Dsse(envelope) = &bundle.content else {
            panic!("no envelope");
        };
        let statement = Statement::parse(envelope.payload.as_bytes()).unwrap();
        let digests = statement.subject.iter().flat_map(|subject| &subject.digest);
        let digests = digests
            .filter_map(|(algorithm, digits)| {
                Digest::from_hex(algorithm.parse().ok()?, digits).ok()
            })
            .collect();
        let artifact = Artifact {
            digests,
            bytes: None,
        };
        Self { bundle, artifact }
    }
}

fn sample(path: &str) -> Option<Sample> {
    let path = corpus("provenance-samples")?.join(path);
    let bundle = Bundle::parse(&std::fs::read(path).unwrap()).unwrap();
    Some(Sample::of(bundle))
}

fn public_good() -> Option<TrustRoot> {
    let root = corpus("tuf-root-signing")?.join("targets/trusted_root.json");
    let root = TrustRoot::parse(&std::fs::read(root).unwrap()).unwrap();
    Some(root.with_profile(TrustProfile::PUBLIC_GOOD))
}

/// The one that is built in.
fn github() -> TrustRoot {
    let roots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../app/sealwright/roots");
    let root = std::fs::read(roots.join("github.trusted-root.json")).unwrap();
    TrustRoot::parse(&root)
        .unwrap()
        .with_profile(TrustProfile::GITHUB)
}

fn judge(sample: &Sample, root: &TrustRoot, issuer: TextMatch) -> String {
    let leaf = sample.bundle.certificate().unwrap();
    let expected = Expected::Identity {
        identity: TextMatch::Exact(leaf.identity().unwrap().value().to_owned()),
        issuer,
        claims: Vec::new(),
    };
    let now: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    code(&sealwright_sigstore::verify(
        &sample.bundle,
        &sample.artifact,
        root,
        &expected,
        now,
    ))
}

fn exactly(text: &str) -> TextMatch {
    TextMatch::Exact(text.to_owned())
}

#[test]
fn accepts_what_the_public_instance_certified_and_logged() {
    let Some(root) = public_good() else {
        return;
    };
    for path in [
        "github-actions-attest/v1-release-reusable-workflow.sigstore.json",
        "github-actions-attest/v1-reusable-workflow-early.sigstore.json",
        "npm/v1-cli-single-v0.3.sigstore.json",
        "npm/v1-cli-single.sigstore.json",
        "sigstore-rekor-v2/v1-github-statement-rekor-v2.sigstore.json",
        "slsa-github-generator/v0.2-generic-v2.1.0.sigstore.json",
        "slsa-github-generator/v0.2-go-v2.1.0.sigstore.json",
        "slsa-github-generator/v1-byob-delegator-v2.1.0.sigstore.json",
        "slsa-github-generator/v1-byob-gradle-v2.1.0.sigstore.json",
        "slsa-github-generator/v1-byob-maven-v2.1.0.sigstore.json",
        "slsa-github-generator/v1-container-based-v2.1.0.sigstore.json",
    ] {
        let Some(sample) = sample(path) else {
            return;
        };
        let leaf = sample.bundle.certificate().unwrap();
        let issuer = leaf.issuer_claim().unwrap();
        assert_eq!(
            judge(&sample, &root, exactly(&issuer)),
            "accepted",
            "{path}"
        );
        let absent = judge(&sample, &root, TextMatch::Absent);
        assert_eq!(absent, "sig.issuer-mismatch", "{path}");
        assert_eq!(
            judge(&sample, &github(), exactly(&issuer)),
            "trust.none",
            "{path}"
        );
    }
}

#[test]
fn accepts_what_githubs_instance_certified_and_timestamped() {
    for path in [
        "github-actions-attest/v1-private-timestamp-only-early.sigstore.json",
        "github-actions-attest/v1-private-timestamp-only.sigstore.json",
    ] {
        let Some(mut sample) = sample(path) else {
            return;
        };
        let root = github();
        assert_eq!(
            judge(&sample, &root, exactly(ACTIONS)),
            "accepted",
            "{path}"
        );
        let public = root.with_profile(TrustProfile::PUBLIC_GOOD);
        let found = judge(&sample, &public, exactly(ACTIONS));
        assert_eq!(found, "sct.missing", "{path}");
        sample.bundle.timestamps.clear();
        let found = judge(&sample, &github(), exactly(ACTIONS));
        assert_eq!(found, "time.missing", "{path}");
    }
}

/// Their chains hold the root, which nobody takes from there.
#[test]
fn accepts_early_bundles_with_a_root_when_told_to_leave_it_out() {
    let (Some(samples), Some(root)) = (corpus("provenance-samples"), public_good()) else {
        return;
    };
    for path in [
        "slsa-github-generator/v1-container-based-v1.7.0.sigstore.json",
        "slsa-github-generator/v1-draft-delegator.sigstore.json",
    ] {
        let json = std::fs::read(samples.join(path)).unwrap();
        let error = Bundle::parse(&json).unwrap_err();
        assert_eq!(error.code().as_str(), "bundle.malformed", "{path}");
        let sample = Sample::of(Bundle::parse_without_root(&json).unwrap());
        assert_eq!(
            judge(&sample, &root, exactly(ACTIONS)),
            "accepted",
            "{path}"
        );
        // The root the bundle brought is no anchor.
        let mut strange = crate::authority::World::new().trust_root();
        strange.logs = root.logs.clone();
        let found = judge(&sample, &strange, exactly(ACTIONS));
        assert_eq!(found, "cert.untrusted", "{path}");
        let newer = String::from_utf8(json).unwrap();
        let newer = newer.replacen("version=0.1", "version=0.2", 1);
        let error = Bundle::parse_without_root(newer.as_bytes()).unwrap_err();
        assert_eq!(error.code().as_str(), "bundle.malformed", "{path}");
    }
}

/// GitHub certifies its own releases without an issuer: that must be expected in so many words.
#[test]
fn accepts_a_certificate_without_issuer_where_none_is_expected() {
    let Some(sample) = sample("release/v0.2-github-immutable-release.sigstore.json") else {
        return;
    };
    let root = github();
    assert_eq!(judge(&sample, &root, TextMatch::Absent), "accepted");
    for issuer in [
        exactly(""),
        exactly(ACTIONS),
        TextMatch::pattern(".*").unwrap(),
    ] {
        assert_eq!(judge(&sample, &root, issuer), "sig.issuer-mismatch");
    }
}
