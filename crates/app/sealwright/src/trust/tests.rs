//! Bundles that others made with the instances whose roots are embedded.

use std::path::Path;

use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::Statement;
use sealwright_sigstore::Content;
use sealwright_sigstore::Rejection;

use super::*;
use crate::file_evidence::FoundBundle;

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
        Self::of(&std::fs::read(path).unwrap())
    }

    /// As evidence of others is read.
    fn of(json: &[u8]) -> Self {
        let bundle = FoundBundle::new(String::new(), json).bundle.unwrap();
        let certificate = bundle.certificate().unwrap();
        let identity = certificate.identity().unwrap().to_string();
        let expected = Expected::exactly(identity, certificate.issuer_claim().unwrap());
        let Content::Dsse(envelope) = &bundle.content else {
            panic!("no statement: {}", String::from_utf8_lossy(json));
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
    Trust::of(
        [Profile::Public, Profile::Github]
            .map(Anchor::of_instance)
            .into(),
        Checks::default(),
    )
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
    let planted = |issuer: &str| {
        let root = embedded::root(Profile::Public).unwrap();
        let anchor = Anchor {
            issuer: Some(issuer.to_owned()),
            ..Anchor::of(Some(Profile::Local), root)
        };
        Trust::of(vec![anchor], Checks::default())
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

/// Bundles of version 0.1 whose chains hold a root, as others published them.
fn with_roots() -> Option<Vec<Vec<u8>>> {
    let corpus = sealwright_testkit::corpus("provenance-samples")?;
    let read = |name: &str| std::fs::read(corpus.join(name)).unwrap();
    let mut found = vec![
        read("slsa-github-generator/v1-container-based-v1.7.0.sigstore.json"),
        read("slsa-github-generator/v1-draft-delegator.sigstore.json"),
    ];
    for name in [
        "npm/v0.2-cli-gha-v0.attestations.json",
        "npm/v0.2-cli-gha-v2.attestations.json",
        "npm/v0.2-slsa-nodejs-builder.attestations.json",
    ] {
        let answer: serde_json::Value = serde_json::from_slice(&read(name)).unwrap();
        let bundles = answer["attestations"].as_array().unwrap();
        // What the registry itself signed has no chain.
        let mut chains = bundles
            .iter()
            .map(|one| &one["bundle"])
            .filter(|bundle| bundle["verificationMaterial"]["x509CertificateChain"].is_object());
        found.push(serde_json::to_vec(chains.next().unwrap()).unwrap());
    }
    Some(found)
}

#[test]
fn judges_early_bundles_without_the_root_they_bring() {
    let Some(bundles) = with_roots() else {
        return;
    };
    let trust = embedded_roots();
    for json in bundles {
        assert!(Bundle::parse(&json).is_err());
        let sample = Sample::of(&json);
        let judged = sample.judge(&trust);
        let outcome = &judged.verdict.outcome;
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
        assert_eq!(judged.profile, Some(Profile::Public));
    }
}

/// The public instance in everything but the authorities, so that the bundle's own root is the only
/// one that could vouch for its certificate.
#[test]
fn does_not_trust_the_root_that_a_bundle_brings() {
    let Some(bundles) = with_roots() else {
        return;
    };
    let mut root = embedded::root(Profile::Public).unwrap();
    let github = embedded::root(Profile::Github).unwrap();
    root.certificate_authorities = github.certificate_authorities;
    let trust = Trust::of(vec![Anchor::of(None, root)], Checks::default());
    for json in bundles {
        let judged = Sample::of(&json).judge(&trust);
        let outcome = &judged.verdict.outcome;
        let Outcome::Rejected(rejection) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(rejection.code().as_str(), "cert.untrusted");
    }
}
