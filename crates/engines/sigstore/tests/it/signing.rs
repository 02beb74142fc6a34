//! The signing machine: what it asks for, in which order, and what it does with wrong answers.

use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Timestamp;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::ClaimInput;
use sealwright_sigstore::Content;
use sealwright_sigstore::Error;
use sealwright_sigstore::Expected;
use sealwright_sigstore::Input;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::SigningMachine;
use sealwright_sigstore::SigningOptions;
use sealwright_sigstore::SigningWith;
use sealwright_sigstore::Step;

use crate::authority::*;

/// Answers a machine from a [`World`], everything at a time of its own.
struct Driver<'a> {
    world: &'a World,
    key: SigningKey,
    log_version: LogVersion,
    /// When each certificate begins, the last one for all further ones.
    certified: Vec<Timestamp>,
    stamped: Timestamp,
    /// What was asked for.
    asked: Vec<&'static str>,
}

impl<'a> Driver<'a> {
    fn new(world: &'a World, log_version: LogVersion) -> Self {
        Self {
            world,
            key: p256(),
            log_version,
            certified: vec![signed_at()],
            stamped: signed_at(),
            asked: Vec::new(),
        }
    }

    fn run(&mut self, claims: Vec<ClaimInput>, with: SigningWith) -> Result<Vec<Bundle>, Error> {
        let options = SigningOptions {
            log_version: self.log_version,
            timestamps: true,
            with,
        };
        let mut machine = SigningMachine::new(claims, options);
        let mut input = Input::Start;
        loop {
            match self.answer(machine.step(input)?) {
                Ok(answer) => input = answer,
                Err(bundles) => return Ok(bundles),
            }
        }
    }

    fn answer(&mut self, step: Step) -> Result<Input, Vec<Bundle>> {
        let (name, input) = match step {
            Step::NeedIdentityToken => (
                "token",
                Input::IdentityToken {
                    subject: IDENTITY.to_owned(),
                },
            ),
            Step::NeedPublicKey => (
                "key",
                Input::PublicKey {
                    key: self.key.public_key().clone(),
                    scheme: self.key.scheme(),
                },
            ),
            Step::NeedSignatures(requests) => (
                "signatures",
                Input::Signatures(
                    requests
                        .iter()
                        .map(|request| request.sign_with(&self.key).unwrap())
                        .collect(),
                ),
            ),
            Step::NeedCertificate(request) => {
                assert_eq!(request.public_key, *self.key.public_key());
                request
                    .public_key
                    .verify(
                        self.key.scheme(),
                        request.subject.as_bytes(),
                        request.proof.as_bytes(),
                    )
                    .unwrap();
                let begins = if self.certified.len() > 1 {
                    self.certified.remove(0)
                } else {
                    self.certified[0]
                };
                let leaf = self.world.issue_from(&request.public_key, begins);
                ("certificate", Input::Certificate(Box::new(leaf)))
            }
            Step::NeedTimestamps(signatures) => (
                "timestamps",
                Input::Timestamps(
                    signatures
                        .iter()
                        .map(|signature| self.world.stamp(signature.as_bytes(), self.stamped))
                        .collect(),
                ),
            ),
            Step::NeedLogEntries(proposed) => (
                "log entries",
                Input::LogEntries(
                    proposed
                        .iter()
                        .map(|entry| {
                            self.world.log(
                                &entry.canonical_body().unwrap(),
                                entry.kind(),
                                self.log_version,
                                (self.log_version == LogVersion::V1).then_some(self.stamped),
                            )
                        })
                        .collect(),
                ),
            ),
            Step::Done(bundles) => return Err(bundles),
        };
        self.asked.push(name);
        Ok(input)
    }
}

fn claims() -> Vec<ClaimInput> {
    vec![
        ClaimInput::Message(Digest::sha256(ARTIFACT)),
        ClaimInput::Statement(statement_about(&Digest::sha256(ARTIFACT))),
    ]
}

#[test]
fn makes_bundles_that_verify_with_one_batch_of_each_kind() {
    let world = World::new();
    for version in [LogVersion::V1, LogVersion::V2] {
        let mut driver = Driver::new(&world, version);
        let bundles = driver.run(claims(), SigningWith::Certificate).unwrap();
        assert_eq!(
            driver.asked,
            [
                "token",
                "key",
                "signatures",
                "certificate",
                "signatures",
                "timestamps",
                "log entries"
            ]
        );
        assert_eq!(bundles.len(), 2);
        for bundle in bundles {
            let read = Bundle::parse(&bundle.to_json()).unwrap();
            assert_eq!(code(&world.judge(&read)), "accepted");
            assert_eq!(read.timestamps.len(), 1);
        }
    }
}

#[test]
fn an_expired_certificate_is_replaced_and_the_signatures_kept() {
    let world = World::new();
    let mut driver = Driver::new(&world, LogVersion::V1);
    driver.certified = vec![signed_at().plus_seconds(-700), signed_at()];
    let bundles = driver.run(claims(), SigningWith::Certificate).unwrap();
    assert_eq!(
        driver.asked[3..],
        [
            "certificate",
            "signatures",
            "timestamps",
            "certificate",
            "timestamps",
            "log entries"
        ]
    );
    assert!(
        bundles
            .iter()
            .all(|bundle| code(&world.judge(bundle)) == "accepted")
    );
}

#[test]
fn a_managed_key_needs_no_certificate() {
    let world = World::new();
    let mut driver = Driver::new(&world, LogVersion::V1);
    let with = SigningWith::ManagedKey {
        hint: "test only".to_owned(),
    };
    let bundles = driver.run(claims(), with).unwrap();
    assert_eq!(
        driver.asked,
        ["key", "signatures", "timestamps", "log entries"]
    );
    let expected = Expected::Key(driver.key.public_key().clone());
    let artifact = Artifact::from_digest(Digest::sha256(ARTIFACT));
    for bundle in bundles {
        let root = world.trust_root();
        let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, &expected, now());
        assert_eq!(code(&verdict), "accepted");
    }
}

#[test]
fn an_ed25519_key_signs_statements_as_they_are() {
    let world = World::new();
    let mut driver = Driver::new(&world, LogVersion::V1);
    driver.key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let bundles = driver
        .run(claims().split_off(1), SigningWith::Certificate)
        .unwrap();
    assert_eq!(code(&world.judge(&bundles[0])), "accepted");
}

#[test]
fn a_directory_tree_is_signed_as_the_hash_it_is() {
    let world = World::new();
    let tree = Digest::of(DigestAlgorithm::TreeV1, b"the encoding of a tree");
    let mut driver = Driver::new(&world, LogVersion::V1);
    let bundles = driver
        .run(vec![ClaimInput::Message(tree)], SigningWith::Certificate)
        .unwrap();
    let Content::MessageSignature { digest, .. } = bundles[0].content else {
        panic!("no message signature");
    };
    assert_eq!(digest, Some(Digest::from_sha256(tree.first32())));
    let root = world.trust_root();
    let artifact = Artifact::from_digest(tree);
    let verdict = sealwright_sigstore::verify(&bundles[0], &artifact, &root, &expected(), now());
    assert_eq!(code(&verdict), "accepted");
}

/// Runs a machine whose answer to one step is changed, and gives the code it ends with.
fn with_answer(change: impl Fn(&World, &str, Input) -> Input) -> String {
    let world = World::new();
    let mut driver = Driver::new(&world, LogVersion::V1);
    let options = SigningOptions {
        timestamps: true,
        ..SigningOptions::default()
    };
    let mut machine = SigningMachine::new(claims(), options);
    let mut input = Input::Start;
    loop {
        let step = match machine.step(input) {
            Ok(step) => step,
            Err(error) => return error.code().to_string(),
        };
        match driver.answer(step) {
            Ok(answer) => {
                let name = driver.asked.last().unwrap();
                input = change(&world, name, answer);
            }
            Err(_) => return "accepted".to_owned(),
        }
    }
}

pub(crate) fn certificate_of_another_key() -> String {
    with_answer(|world, _, input| match input {
        Input::Certificate(_) => Input::Certificate(Box::new(world.issue(p256().public_key()))),
        other => other,
    })
}

pub(crate) fn expired_again_and_again() -> String {
    let world = World::new();
    let mut driver = Driver::new(&world, LogVersion::V1);
    driver.certified = vec![signed_at().plus_seconds(-700)];
    driver
        .run(claims(), SigningWith::Certificate)
        .unwrap_err()
        .code()
        .to_string()
}

pub(crate) fn ed25519_and_a_digest() -> String {
    let world = World::new();
    let mut driver = Driver::new(&world, LogVersion::V1);
    driver.key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    driver
        .run(claims(), SigningWith::Certificate)
        .unwrap_err()
        .code()
        .to_string()
}

pub(crate) fn signatures_before_a_key() -> String {
    let mut machine = SigningMachine::new(claims(), SigningOptions::default());
    machine.step(Input::Start).unwrap();
    machine
        .step(Input::Signatures(Vec::new()))
        .unwrap_err()
        .code()
        .to_string()
}

#[test]
fn refuses_answers_that_do_not_fit() {
    type Change = fn(&World, Input) -> Input;
    let changes: [(&str, Change); 6] = [
        ("too few signatures", |_, input| match input {
            Input::Signatures(_) => Input::Signatures(Vec::new()),
            other => other,
        }),
        ("a flipped signature", |_, input| match input {
            Input::Signatures(mut all) => {
                *all[0].last_mut().unwrap() ^= 1;
                Input::Signatures(all)
            }
            other => other,
        }),
        ("garbage for a timestamp", |_, input| match input {
            Input::Timestamps(mut all) => {
                all[0] = b"garbage".to_vec();
                Input::Timestamps(all)
            }
            other => other,
        }),
        ("the other claim's timestamp", |_, input| match input {
            Input::Timestamps(mut all) => {
                all.swap(0, 1);
                Input::Timestamps(all)
            }
            other => other,
        }),
        ("the other claim's entry", |_, input| match input {
            Input::LogEntries(mut all) => {
                all.swap(0, 1);
                Input::LogEntries(all)
            }
            other => other,
        }),
        ("an entry too many", |_, input| match input {
            Input::LogEntries(mut all) => {
                all.push(all[0].clone());
                Input::LogEntries(all)
            }
            other => other,
        }),
    ];
    for (name, change) in changes {
        let found = with_answer(|world, _, input| change(world, input));
        assert_eq!(found, "signing.bad-answer", "{name}");
    }
}
