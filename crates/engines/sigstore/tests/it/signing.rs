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
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::Selection;
use sealwright_sigstore::SigningConfig;
use sealwright_sigstore::SigningMachine;
use sealwright_sigstore::SigningOptions;
use sealwright_sigstore::SigningService;
use sealwright_sigstore::SigningWith;
use sealwright_sigstore::Step;
use sealwright_sigstore::message_digest;

use crate::authority::*;

/// Answers a machine from a [`World`], everything at a time of its own.
struct Driver<'a> {
    world: &'a World,
    key: SigningKey,
    logs: Vec<LogVersion>,
    timestamp_authorities: usize,
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
            logs: vec![log_version],
            timestamp_authorities: 1,
            certified: vec![signed_at()],
            stamped: signed_at(),
            asked: Vec::new(),
        }
    }

    fn run(&mut self, claims: Vec<ClaimInput>, with: SigningWith) -> Result<Vec<Bundle>, Error> {
        let options = SigningOptions {
            logs: self.logs.clone(),
            timestamp_authorities: self.timestamp_authorities,
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

    fn log(&self, entry: &ProposedEntry) -> LogEntry {
        let version = entry.log_version();
        self.world.log(
            &entry.canonical_body().unwrap(),
            entry.kind(),
            version,
            (version == LogVersion::V1).then_some(self.stamped),
        )
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
                Input::Timestamps(vec![
                    signatures
                        .iter()
                        .map(|signature| self.world.stamp(signature.as_bytes(), self.stamped))
                        .collect();
                    self.timestamp_authorities
                ]),
            ),
            Step::NeedLogEntries(proposed) => (
                "log entries",
                Input::LogEntries(
                    proposed
                        .iter()
                        .map(|batch| batch.iter().map(|entry| self.log(entry)).collect())
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
fn several_logs_and_timestamp_authorities_all_stand_in_the_bundle() {
    let world = World::new();
    let mut driver = Driver::new(&world, LogVersion::V1);
    driver.logs = vec![LogVersion::V2, LogVersion::V1];
    let bundles = driver.run(claims(), SigningWith::Certificate).unwrap();
    for bundle in bundles {
        let versions: Vec<_> = bundle
            .log_entries
            .iter()
            .map(LogEntry::log_version)
            .collect();
        assert_eq!(versions, driver.logs);
        assert_eq!(code(&world.judge(&bundle)), "accepted");
    }
    driver.timestamp_authorities = 2;
    let bundles = driver.run(claims(), SigningWith::Certificate).unwrap();
    assert!(bundles.iter().all(|bundle| bundle.timestamps.len() == 2));
}

#[test]
fn without_a_log_the_timestamp_is_all_there_is() {
    let world = World::new();
    let mut driver = Driver::new(&world, LogVersion::V1);
    driver.logs.clear();
    let bundles = driver.run(claims(), SigningWith::Certificate).unwrap();
    assert_eq!(driver.asked.last(), Some(&"timestamps"));
    for bundle in bundles {
        assert_eq!((bundle.log_entries.len(), bundle.timestamps.len()), (0, 1));
        assert_eq!(code(&world.judge(&bundle)), "log.missing");
    }
}

#[test]
fn an_ed25519_key_signs_digests_in_the_form_that_is_for_them() {
    let world = World::new();
    for version in [LogVersion::V1, LogVersion::V2] {
        let mut driver = Driver::new(&world, version);
        driver.key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
        let claims = vec![
            ClaimInput::Message(Digest::of(message_digest(driver.key.scheme()), ARTIFACT)),
            ClaimInput::Statement(statement_about(&Digest::sha256(ARTIFACT))),
        ];
        let bundles = driver.run(claims, SigningWith::Certificate).unwrap();
        let mut artifact = Artifact::from_digest(Digest::sha256(ARTIFACT));
        artifact.bytes = Some(ARTIFACT);
        for bundle in bundles {
            let root = world.trust_root();
            let verdict =
                sealwright_sigstore::verify(&bundle, &artifact, &root, &expected(), now());
            assert_eq!(code(&verdict), "accepted");
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
        timestamp_authorities: 1,
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

fn configured() -> SigningConfig {
    SigningConfig {
        logs: vec![SigningService::new("https://log", 1, signed_at(), "a")],
        ..SigningConfig::default()
    }
}

fn logs_of(config: &SigningConfig) -> String {
    let error = config.logs(signed_at(), &[LogVersion::V1]).unwrap_err();
    error.code().to_string()
}

pub(crate) fn services_without_a_selector() -> String {
    let mut config = configured();
    config.log_selection = Selection::Undefined;
    logs_of(&config)
}

pub(crate) fn services_of_the_past() -> String {
    let mut config = configured();
    config.logs[0].valid_for.end = Some(signed_at().plus_seconds(-1));
    logs_of(&config)
}

pub(crate) fn a_configuration_of_another_version() -> String {
    let json = String::from_utf8(configured().to_json()).unwrap();
    let other = json.replace("v0.2", "v0.9");
    let error = SigningConfig::parse(other.as_bytes()).unwrap_err();
    error.code().to_string()
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
    let changes: [(&str, Change); 8] = [
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
                all[0][0] = b"garbage".to_vec();
                Input::Timestamps(all)
            }
            other => other,
        }),
        ("the other claim's timestamp", |_, input| match input {
            Input::Timestamps(mut all) => {
                all[0].swap(0, 1);
                Input::Timestamps(all)
            }
            other => other,
        }),
        ("the other claim's entry", |_, input| match input {
            Input::LogEntries(mut all) => {
                all[0].swap(0, 1);
                Input::LogEntries(all)
            }
            other => other,
        }),
        ("an entry too many", |_, input| match input {
            Input::LogEntries(mut all) => {
                let one = all[0][0].clone();
                all[0].push(one);
                Input::LogEntries(all)
            }
            other => other,
        }),
        ("another log's answer", |_, input| match input {
            Input::LogEntries(mut all) => {
                all.push(all[0].clone());
                Input::LogEntries(all)
            }
            other => other,
        }),
        ("no authority's answer", |_, input| match input {
            Input::Timestamps(_) => Input::Timestamps(Vec::new()),
            other => other,
        }),
    ];
    for (name, change) in changes {
        let found = with_answer(|world, _, input| change(world, input));
        assert_eq!(found, "signing.bad-answer", "{name}");
    }
}
