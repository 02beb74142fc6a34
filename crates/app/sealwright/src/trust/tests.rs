//! Bundles that others made with the instances whose roots are embedded.

use std::path::Path;

use sealwright_core::Digest;
use sealwright_core::Statement;
use sealwright_sigstore::Content;
use sealwright_sigstore::Rejection;

use super::*;

/// Bundles of a corpus, and whose root vouches for each.
const SAMPLES: &[(&str, Profile)] = &[
    (
        "github-actions-attest/v1-custom-issuer.sigstore.json",
        Profile::Public,
    ),
    (
        "github-actions-attest/v1-private-timestamp-only.sigstore.json",
        Profile::Github,
    ),
    (
        "github-actions-attest/v1-private-timestamp-only-early.sigstore.json",
        Profile::Github,
    ),
    (
        "github-actions-attest/v1-release-reusable-workflow.sigstore.json",
        Profile::Public,
    ),
    ("npm/v1-cli-single.sigstore.json", Profile::Public),
    (
        "sigstore-rekor-v2/v1-github-statement-rekor-v2.sigstore.json",
        Profile::Public,
    ),
    (
        "slsa-github-generator/v0.2-generic-v2.1.0.sigstore.json",
        Profile::Public,
    ),
    (
        "slsa-github-generator/v1-byob-maven-v2.1.0.sigstore.json",
        Profile::Public,
    ),
];

/// 2026-11-22.
const NOW: Timestamp = Timestamp::from_seconds(1_795_305_600);

/// A bundle with a statement, as its signer would require it.
struct Sample {
    bundle: Bundle,
    digest: Digest,
    expected: Expected,
}

impl Sample {
    fn read(path: &Path) -> Self {
        let bundle = Bundle::parse(&std::fs::read(path).unwrap()).unwrap();
        let certificate = bundle.certificate().unwrap();
        let identity = certificate.identity().unwrap().to_string();
        let expected = Expected::exactly(identity, certificate.issuer_claim().unwrap());
        let Content::Dsse(envelope) = &bundle.content else {
            panic!("{} holds no statement", path.display());
        };
        let statement = Statement::parse(envelope.payload.as_bytes()).unwrap();
        let (algorithm, hex) = statement.subject[0].digest.first_key_value().unwrap();
        let digest = format!("{algorithm}:{hex}").parse().unwrap();
        Self {
            bundle,
            digest,
            expected,
        }
    }

    fn judge(&self, trust: &Trust) -> ByRoot {
        let artifact = Artifact::from_digest(self.digest);
        trust
            .verify(&self.bundle, &artifact, &self.expected, NOW)
            .unwrap()
    }
}

fn embedded_roots() -> Trust {
    Trust {
        logs: LogCheck::Verify,
        anchors: vec![
            Anchor::embedded(Profile::Public),
            Anchor::embedded(Profile::Github),
        ],
    }
}

#[test]
fn judges_what_others_made() {
    let Some(corpus) = sealwright_testkit::corpus("provenance-samples") else {
        return;
    };
    let trust = embedded_roots();
    for (name, profile) in SAMPLES {
        let judged = Sample::read(&corpus.join(name)).judge(&trust);
        let outcome = &judged.verdict.outcome;
        assert!(
            matches!(outcome, Outcome::Accepted(_)),
            "{name}: {outcome:?}"
        );
        assert_eq!(judged.profile, Some(*profile), "{name}");
    }
}

#[test]
fn says_what_the_root_says_that_knows_the_instance() {
    let Some(corpus) = sealwright_testkit::corpus("provenance-samples") else {
        return;
    };
    let trust = embedded_roots();
    for (name, profile) in SAMPLES {
        let mut sample = Sample::read(&corpus.join(name));
        sample.expected = Expected::exactly("somebody@example.com", "https://example.com");
        let judged = sample.judge(&trust);
        let outcome = &judged.verdict.outcome;
        assert!(
            matches!(
                outcome,
                Outcome::Rejected(Rejection::SigIdentityMismatch { .. })
            ),
            "{name}: {outcome:?}"
        );
        assert_eq!(judged.profile, Some(*profile), "{name}");
    }
    // The staging instance is nobody's that is known.
    let staging = "sigstore-rekor-v2/v1-staging-rekor-v2.sigstore.json";
    let judged = Sample::read(&corpus.join(staging)).judge(&trust);
    assert!(is_stranger(&judged), "{:?}", judged.verdict.outcome);
}

/// A data directory that somebody planted, whose authority certifies what the public one would.
#[test]
fn believes_a_data_directory_about_its_own_issuer_alone() {
    let Some(corpus) = sealwright_testkit::corpus("provenance-samples") else {
        return;
    };
    let sample = Sample::read(&corpus.join(SAMPLES[0].0));
    let planted = |issuer: &str| Trust {
        logs: LogCheck::Verify,
        anchors: vec![Anchor {
            issuer: Some(issuer.to_owned()),
            ..Anchor::of(
                Some(Profile::Local),
                embedded::root(Profile::Public).unwrap().unwrap(),
            )
        }],
    };
    let Expected::Identity { issuer, .. } = &sample.expected else {
        panic!("no identity");
    };
    let sealwright_sigstore::TextMatch::Exact(issuer) = issuer else {
        panic!("no exact issuer");
    };
    let judged = sample.judge(&planted(issuer));
    assert!(matches!(judged.verdict.outcome, Outcome::Accepted(_)));
    let artifact = Artifact::from_digest(sample.digest);
    let refused = planted("https://x.sealwright.invalid").verify(
        &sample.bundle,
        &artifact,
        &sample.expected,
        NOW,
    );
    assert!(refused.is_err());
}
