//! One thing is changed in good evidence, and each change has its code. What is verified is never
//! written to.

mod cases;
mod changes;
mod reissue;

use sealwright_core::Base64;
use sealwright_crypto::Certificate;
use sealwright_crypto::SigningKey;
use serde_json::Value;
use serde_json::json;

use self::cases::ANY;
use self::cases::MESSAGE;
use self::cases::STATEMENT;
use self::cases::VERSION_1;
use self::cases::VERSION_2;
use self::changes::*;
use crate::harness::Sandbox;
use crate::harness::case;

/// What is changed, the code that says so, and the change: of our bundle, with another file's
/// evidence at hand.
type Case = (&'static str, &'static str, fn(&mut Value, &World));

/// The same of our trusted root, with another one at hand.
type RootCase = (&'static str, &'static str, fn(&mut Value, &Value));

/// Two sealed files, and the bundles of each: signature, provenance, SBOM.
struct World {
    sandbox: Sandbox,
    ours: Vec<Value>,
    theirs: Vec<Value>,
}

impl World {
    fn new(rekor_version: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("app.txt", "hello");
        sandbox.write("other.txt", "other");
        for name in ["app.txt", "other.txt"] {
            let run = sandbox.run(&["seal", name, "--rekor-version", rekor_version]);
            assert_eq!(run.code, 0, "{}", run.stderr);
        }
        let bundles = |name: &str| {
            let lines = String::from_utf8(sandbox.read(name)).unwrap();
            let read = |line| serde_json::from_str(line).unwrap();
            lines.lines().map(read).collect()
        };
        let (ours, theirs) = (
            bundles("app.txt.sigstore.jsonl"),
            bundles("other.txt.sigstore.jsonl"),
        );
        std::fs::remove_file(sandbox.path("app.txt.sigstore.jsonl")).unwrap();
        Self {
            sandbox,
            ours,
            theirs,
        }
    }

    /// Verifies each change of one of our bundles, the only evidence there is.
    fn check(&self, which: usize, cases: &[Case]) {
        let judge = |bundle: &Value, more: &[&str]| {
            self.sandbox
                .write("app.txt.sigstore.json", bundle.to_string());
            let before = self.sandbox.everything();
            let run = self.sandbox.verify("app.txt", more);
            assert_eq!(self.sandbox.everything(), before);
            run
        };
        let require = ["--require", ["signature", "provenance", "sbom"][which]];
        let run = judge(&self.ours[which], &require);
        assert_eq!(run.code, 0, "unchanged: {}", run.stderr);
        for (what, code, change) in cases {
            case(what);
            let mut bundle = self.ours[which].clone();
            change(&mut bundle, self);
            assert_ne!(bundle, self.ours[which]);
            judge(&bundle, &require).fails_with(1, code);
        }
    }

    /// Verifies our evidence by each change of the trusted root.
    fn check_roots(&self, theirs: &Value, cases: &[RootCase]) {
        let ours = self.sandbox.run(&["root", "show"]).json();
        self.sandbox
            .write("app.txt.sigstore.json", self.ours[0].to_string());
        for (what, code, change) in cases {
            case(what);
            let mut root = ours.clone();
            change(&mut root, theirs);
            assert_ne!(root, ours);
            self.sandbox.write("root.json", root.to_string());
            let before = self.sandbox.everything();
            self.sandbox
                .verify("app.txt", &["--trusted-root", "root.json"])
                .fails_with(1, code);
            assert_eq!(self.sandbox.everything(), before);
        }
    }

    fn key(&self, role: &str) -> SigningKey {
        let path = self
            .sandbox
            .home()
            .join(format!("authority/keys/{role}.pem"));
        SigningKey::from_pkcs8_pem(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// The host name in the authority's names.
    fn domain(&self) -> String {
        let (_, issuer) = self.sandbox.signer();
        issuer.trim_start_matches("https://").to_owned()
    }

    /// A certificate of the authority, by its place in its description.
    fn certificate(&self, pointer: &str) -> Certificate {
        let path = self.sandbox.home().join("authority/instance.json");
        let description: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let text = description.pointer(pointer).unwrap().as_str().unwrap();
        Certificate::from_der(&Base64::decode(text).unwrap().0).unwrap()
    }
}

#[test]
fn every_change_of_a_signature_is_rejected() {
    let world = World::new("1");
    for cases in [ANY, VERSION_1, MESSAGE] {
        world.check(0, cases);
    }
}

#[test]
fn every_change_of_a_signature_in_version_2_is_rejected() {
    let world = World::new("2");
    for cases in [ANY, VERSION_2, MESSAGE] {
        world.check(0, cases);
    }
}

#[test]
fn every_change_of_a_statement_is_rejected() {
    let world = World::new("1");
    for cases in [ANY, VERSION_1, STATEMENT] {
        world.check(1, cases);
    }
}

#[test]
fn every_change_of_a_statement_in_version_2_is_rejected() {
    let world = World::new("2");
    world.check(1, VERSION_2);
    // Version 2 records an envelope by what is signed: its payload's type too.
    let (types, rest): (Vec<Case>, Vec<Case>) = STATEMENT
        .iter()
        .partition(|(_, code, _)| *code == "sig.invalid");
    world.check(1, &rest);
    for (what, _, change) in types {
        world.check(1, &[(what, "log.entry-mismatch", change)]);
    }
}

/// A log of version 1 says when it was signed, too: a timestamp that does not hold is not counted,
/// and what remains is enough.
#[test]
fn a_broken_timestamp_beside_a_promise_is_not_counted() {
    let world = World::new("1");
    let mut bundle = world.ours[0].clone();
    flip(&mut bundle, TIMESTAMP, -1);
    world
        .sandbox
        .write("app.txt.sigstore.json", bundle.to_string());
    assert_eq!(world.sandbox.verify("app.txt", &[]).code, 0);
    bundle["verificationMaterial"]["tlogEntries"] = json!([]);
    world
        .sandbox
        .write("app.txt.sigstore.json", bundle.to_string());
    world
        .sandbox
        .verify("app.txt", &[])
        .fails_with(1, "timestamp.invalid");
}

#[test]
fn every_changed_byte_of_the_artifact_is_rejected() {
    let world = World::new("1");
    world
        .sandbox
        .write("app.txt.sigstore.json", world.ours[0].to_string());
    for content in ["", "hell", "hellO", "hello\n", "other"] {
        world.sandbox.write("app.txt", content);
        let before = world.sandbox.everything();
        let run = world.sandbox.verify("app.txt", &[]);
        run.fails_with(1, "artifact.digest-mismatch");
        assert_eq!(world.sandbox.everything(), before);
    }
}

#[test]
fn every_part_of_the_trusted_root_is_needed() {
    let other = Sandbox::new();
    other.write("x", "x");
    other.seal("x");
    let theirs = other.run(&["root", "show"]).json();
    World::new("1").check_roots(
        &theirs,
        &[
            ("another authority", "cert.untrusted", |root, theirs| {
                take(root, "/certificateAuthorities", theirs);
            }),
            ("no authority", "cert.untrusted", |root, _| {
                *at(root, "/certificateAuthorities") = json!([]);
            }),
            (
                "an authority trusted until yesterday",
                "cert.untrusted",
                |root, _| {
                    *at(root, "/certificateAuthorities/0/validFor") =
                        json!({ "start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z" });
                },
            ),
            ("other logs", "log.untrusted", |root, theirs| {
                take(root, "/tlogs", theirs)
            }),
            ("no log", "log.untrusted", |root, _| {
                *at(root, "/tlogs") = json!([])
            }),
            (
                "another key of the log",
                "log.set-invalid",
                |root, theirs| {
                    take(root, "/tlogs/0/publicKey", theirs);
                },
            ),
            ("other certificate logs", "sct.invalid", |root, theirs| {
                take(root, "/ctlogs", theirs);
            }),
            ("no certificate log", "sct.invalid", |root, _| {
                *at(root, "/ctlogs") = json!([])
            }),
            (
                "another key of the certificate log",
                "sct.invalid",
                |root, theirs| {
                    take(root, "/ctlogs/0/publicKey", theirs);
                },
            ),
        ],
    );
    World::new("2").check_roots(
        &theirs,
        &[
            (
                "another timestamp authority",
                "timestamp.invalid",
                |root, theirs| {
                    take(root, "/timestampAuthorities", theirs);
                },
            ),
            ("no timestamp authority", "timestamp.invalid", |root, _| {
                *at(root, "/timestampAuthorities") = json!([]);
            }),
            (
                "another key of the log",
                "log.checkpoint-invalid",
                |root, theirs| {
                    take(root, "/tlogs/1/publicKey", theirs);
                },
            ),
        ],
    );
}
