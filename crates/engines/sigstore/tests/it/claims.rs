//! What a certificate says of the build, and that it must be what is required.

use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::CheckName;
use sealwright_sigstore::Claim;
use sealwright_sigstore::Expected;
use sealwright_sigstore::ExtensionName;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TextMatch;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Verdict;
use sealwright_sigstore::Verified;
use sealwright_testkit::corpus;

use crate::authority::*;

const REPOSITORY: &str = "https://git.test.sealwright.invalid/a/b";
const SAID: &[(u32, &str)] = &[
    (12, REPOSITORY),
    (14, "refs/heads/main"),
    (11, "hosted"),
    (20, ""),
];

fn judge_requiring(claims: &[(ExtensionName, TextMatch)]) -> Verdict<Verified<Claim>> {
    let world = World::new();
    let mut signing = world.signing(LogVersion::V2);
    let not_before = signing.leaf.not_before();
    let promise = sealwright_crypto::issue::TransparencyLog {
        key: &world.ct_key,
        now: not_before,
        extensions: &[],
    };
    let key = signing.key.public_key();
    signing.leaf = world.issue_saying(key, not_before, Some(promise), SAID);
    let expected = claims
        .iter()
        .cloned()
        .fold(expected(), |expected, (name, wanted)| {
            expected.claiming(name, wanted)
        });
    let artifact = Artifact::from_digest(Digest::sha256(ARTIFACT));
    let root = world.trust_root();
    sealwright_sigstore::verify(&signing.message(), &artifact, &root, &expected, now())
}

fn exactly(text: &str) -> TextMatch {
    TextMatch::Exact(text.to_owned())
}

pub(crate) fn another_source_repository() -> String {
    let wanted = exactly("https://git.test.sealwright.invalid/a/bb");
    code(&judge_requiring(&[(
        ExtensionName::SourceRepositoryUri,
        wanted,
    )]))
}

#[test]
fn accepts_what_the_certificate_says_and_tells_all_of_it() {
    let verdict = judge_requiring(&[
        (ExtensionName::SourceRepositoryUri, exactly(REPOSITORY)),
        (
            ExtensionName::SourceRepositoryRef,
            TextMatch::pattern("refs/heads/.*").unwrap(),
        ),
        (ExtensionName::BuildTrigger, exactly("")),
        (ExtensionName::BuildSignerUri, TextMatch::Absent),
    ]);
    assert_eq!(code(&verdict), "accepted", "{:#?}", verdict.trace);
    let check = verdict
        .trace
        .iter()
        .find(|check| check.name == CheckName::CertificateClaims)
        .unwrap();
    assert!(check.detail.contains(REPOSITORY), "{}", check.detail);
    let said = verdict.accepted().unwrap().extensions().unwrap();
    assert_eq!(said.runner_environment.as_deref(), Some("hosted"));
}

#[test]
fn refuses_what_the_certificate_does_not_say() {
    for (name, wanted) in [
        (ExtensionName::SourceRepositoryUri, exactly("")),
        (
            ExtensionName::SourceRepositoryUri,
            exactly(&REPOSITORY[1..]),
        ),
        (
            ExtensionName::SourceRepositoryUri,
            exactly(&REPOSITORY.to_uppercase()),
        ),
        (
            ExtensionName::SourceRepositoryRef,
            TextMatch::pattern("refs/heads").unwrap(),
        ),
        // Said of another name, and not said at all: neither is the empty text.
        (ExtensionName::BuildSignerUri, exactly(REPOSITORY)),
        (ExtensionName::BuildSignerUri, exactly("")),
        // Said, be it nothing.
        (ExtensionName::SourceRepositoryUri, TextMatch::Absent),
        (ExtensionName::BuildTrigger, TextMatch::Absent),
        (
            ExtensionName::BuildSignerUri,
            TextMatch::pattern(".*").unwrap(),
        ),
    ] {
        let good = (ExtensionName::RunnerEnvironment, exactly("hosted"));
        let verdict = judge_requiring(&[good, (name, wanted.clone())]);
        assert_eq!(code(&verdict), "cert.claim-mismatch", "{name} {wanted}");
    }
}

#[test]
fn requires_all_of_several_about_one_name() {
    let name = ExtensionName::SourceRepositoryUri;
    let pattern = TextMatch::pattern("https://git.*").unwrap();
    let good = [(name, pattern.clone()), (name, exactly(REPOSITORY))];
    assert_eq!(code(&judge_requiring(&good)), "accepted");
    let bad = [(name, pattern), (name, exactly("other"))];
    assert_eq!(code(&judge_requiring(&bad)), "cert.claim-mismatch");
}

/// A number up to 6 is read as raw text: what is encoded there as the newer ones are is no text.
#[test]
fn refuses_a_value_that_is_not_encoded_as_its_number_asks() {
    const ENCODED: &str = "\u{c}\u{3}a/b";
    let world = World::new();
    let mut signing = world.signing(LogVersion::V2);
    let not_before = signing.leaf.not_before();
    let promise = sealwright_crypto::issue::TransparencyLog {
        key: &world.ct_key,
        now: not_before,
        extensions: &[],
    };
    let key = signing.key.public_key();
    signing.leaf = world.issue_saying(key, not_before, Some(promise), &[(5, ENCODED)]);
    let artifact = Artifact::from_digest(Digest::sha256(ARTIFACT));
    let root = world.trust_root();
    for wanted in [exactly("a/b"), exactly(ENCODED), TextMatch::Absent] {
        let expected = expected().claiming(ExtensionName::GithubWorkflowRepository, wanted);
        let bundle = signing.message();
        let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, &expected, now());
        assert_eq!(code(&verdict), "cert.claim-mismatch");
    }
}

#[test]
fn an_issuer_that_is_there_is_not_absent_and_an_identity_never_is() {
    let world = World::new();
    let bundle = world.signing(LogVersion::V2).message();
    let artifact = Artifact::from_digest(Digest::sha256(ARTIFACT));
    let root = world.trust_root();
    let judge = |identity, issuer| {
        let expected = Expected::Identity {
            identity,
            issuer,
            claims: Vec::new(),
        };
        code(&sealwright_sigstore::verify(
            &bundle,
            &artifact,
            &root,
            &expected,
            now(),
        ))
    };
    assert_eq!(judge(exactly(IDENTITY), exactly(ISSUER)), "accepted");
    let found = judge(exactly(IDENTITY), TextMatch::Absent);
    assert_eq!(found, "sig.issuer-mismatch");
    let found = judge(TextMatch::Absent, exactly(ISSUER));
    assert_eq!(found, "sig.identity-mismatch");
}

/// Every extension of a certificate of the public instance, one changed at a time.
#[test]
fn judges_each_extension_of_a_recorded_certificate() {
    let (Some(suite), Some(targets)) = (corpus("sigstore-conformance"), corpus("tuf-root-signing"))
    else {
        return;
    };
    let case = suite.join("test/assets/bundle-verify/happy-path-v0.3");
    let bundle = Bundle::parse(&std::fs::read(case.join("bundle.sigstore.json")).unwrap()).unwrap();
    let bytes = std::fs::read(suite.join("test/assets/bundle-verify/a.txt")).unwrap();
    let artifact = Artifact::from_bytes(&bytes);
    let root = std::fs::read(targets.join("targets/trusted_root.json")).unwrap();
    let root = TrustRoot::parse(&root).unwrap();
    let leaf = bundle.certificate().unwrap();
    let signer = Expected::exactly(
        leaf.identity().unwrap().value(),
        leaf.issuer_claim().unwrap(),
    );
    let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let judge = |expected: &Expected| {
        let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, expected, at);
        (code(&verdict), verdict)
    };
    let (outcome, verdict) = judge(&signer);
    assert_eq!(outcome, "accepted", "{:#?}", verdict.trace);
    let verified = verdict.into_accepted().unwrap();
    let said = verified.extensions().unwrap();
    assert!(said.malformed.is_empty());
    let mut all = signer.clone();
    let mut count = 0;
    for name in ExtensionName::ALL {
        let Some(value) = said.get(name.number()) else {
            let any = TextMatch::pattern(".*").unwrap();
            let outcome = judge(&signer.clone().claiming(*name, any)).0;
            assert_eq!(outcome, "cert.claim-mismatch", "{name}");
            continue;
        };
        count += 1;
        all = all.claiming(*name, exactly(value));
        let changed = exactly(&format!("{value} "));
        let outcome = judge(&signer.clone().claiming(*name, changed)).0;
        assert_eq!(outcome, "cert.claim-mismatch", "{name}");
    }
    assert!(count >= 17, "{count}");
    assert_eq!(judge(&all).0, "accepted");
}
