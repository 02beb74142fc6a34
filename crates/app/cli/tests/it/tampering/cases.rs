//! What is changed, and the code that says so.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Identity;
use sealwright_core::IdentityKind;
use sealwright_crypto::Certificate;
use sealwright_crypto::TimestampRequest;
use sealwright_crypto::issue::Validity;
use sealwright_crypto::timestamp;
use serde_json::json;

use super::Case;
use super::changes::*;
use super::reissue::new_key;
use super::reissue::reissue;
use super::reissue::validity;

/// What every bundle has, whatever its log's version and whatever it signs.
pub(super) const ANY: &[Case] = &[
    (
        "the certificate's signature",
        "cert.chain-invalid",
        |bundle, _| {
            flip(bundle, CERTIFICATE, -1);
        },
    ),
    (
        "the certificate's serial number",
        "cert.chain-invalid",
        |bundle, _| {
            flip(bundle, CERTIFICATE, 20);
        },
    ),
    (
        "the timestamp in the certificate of its log",
        "cert.chain-invalid",
        |bundle, _| {
            // Inside what the authority signed: whoever changes it breaks that signature first.
            const OID: &[u8] = &[0x06, 0x0a, 0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2];
            let der = bytes(at(bundle, CERTIFICATE));
            let found = der.windows(OID.len()).position(|part| part == OID).unwrap();
            flip(bundle, CERTIFICATE, isize::try_from(found + 60).unwrap());
        },
    ),
    (
        "the checkpoint's signature",
        "log.checkpoint-invalid",
        |bundle, _| {
            change_checkpoint(bundle, 4, |line| flip_word(line, 1));
        },
    ),
    (
        "the checkpoint's key",
        "log.checkpoint-invalid",
        |bundle, _| {
            change_checkpoint(bundle, 4, |line| {
                let length = Base64::decode(line.rsplit_once(' ').unwrap().1)
                    .unwrap()
                    .0
                    .len();
                flip_word(line, length)
            });
        },
    ),
    (
        "the checkpoint's origin",
        "log.checkpoint-invalid",
        |bundle, _| {
            change_checkpoint(bundle, 0, |line| format!("x{line}"));
        },
    ),
    (
        "the checkpoint's size",
        "log.checkpoint-invalid",
        |bundle, _| {
            change_checkpoint(bundle, 1, |line| format!("1{line}"));
        },
    ),
    (
        "the checkpoint's root",
        "log.checkpoint-invalid",
        |bundle, _| {
            change_checkpoint(bundle, 2, |line| flip_word(line, 1));
        },
    ),
    ("the proof's root", "log.inclusion-invalid", |bundle, _| {
        flip(bundle, &format!("{PROOF}/rootHash"), 0);
    }),
    ("the proof's size", "log.checkpoint-invalid", |bundle, _| {
        *at(bundle, &format!("{PROOF}/treeSize")) = "4".into();
    }),
    (
        "a hash of the proof",
        "log.inclusion-invalid",
        |bundle, _| {
            flip(bundle, &format!("{PROOF}/hashes/0"), 0);
        },
    ),
    (
        "one hash of the proof less",
        "log.inclusion-invalid",
        |bundle, _| {
            at(bundle, &format!("{PROOF}/hashes"))
                .as_array_mut()
                .unwrap()
                .pop();
        },
    ),
    ("the log's id", "log.untrusted", |bundle, _| {
        flip(bundle, &format!("{ENTRIES}/0/logId/keyId"), 0);
    }),
    (
        "the kind of the entry",
        "log.entry-mismatch",
        |bundle, _| {
            *at(bundle, &format!("{ENTRIES}/0/kindVersion/kind")) = "intoto".into();
        },
    ),
    (
        "the entry of another signature",
        "log.entry-mismatch",
        |bundle, world| {
            take(bundle, ENTRIES, &world.theirs[0]);
        },
    ),
    ("no entry", "log.missing", |bundle, _| {
        *at(bundle, ENTRIES) = json!([])
    }),
    (
        "a key in place of the certificate",
        "sig.key-required",
        |bundle, _| {
            let material = at(bundle, "/verificationMaterial").as_object_mut().unwrap();
            material.remove("certificate");
            material.insert("publicKey".to_owned(), json!({ "hint": "x" }));
        },
    ),
    (
        "a certificate that had expired",
        "cert.expired-at-signing",
        |bundle, world| {
            reissue(bundle, world, |issued| {
                let Validity { not_before, .. } = issued.validity;
                issued.validity =
                    validity(not_before.plus_seconds(-660), not_before.plus_seconds(-60));
            });
        },
    ),
    (
        "a certificate that was not valid yet",
        "cert.expired-at-signing",
        |bundle, world| {
            reissue(bundle, world, |issued| {
                let Validity { not_after, .. } = issued.validity;
                issued.validity = validity(not_after, not_after.plus_seconds(600));
            });
        },
    ),
    (
        "a certificate for somebody else",
        "sig.identity-mismatch",
        |bundle, world| {
            reissue(bundle, world, |issued| {
                issued.identity = Identity::new(IdentityKind::Email, "other@example.com");
            });
        },
    ),
    (
        "a certificate by another issuer of identities",
        "sig.issuer-mismatch",
        |bundle, world| {
            reissue(bundle, world, |issued| {
                issued.issuer_url = "https://example.com".to_owned()
            });
        },
    ),
    (
        "a certificate that no log knows of",
        "sct.missing",
        |bundle, world| {
            reissue(bundle, world, |issued| issued.ct_key = None);
        },
    ),
    (
        "a certificate that another log knows of",
        "sct.invalid",
        |bundle, world| {
            reissue(bundle, world, |issued| issued.ct_key = Some(new_key()));
        },
    ),
    (
        "a certificate by another key in the authority's name",
        "cert.chain-invalid",
        |bundle, world| {
            reissue(bundle, world, |issued| issued.ca_key = new_key());
        },
    ),
    (
        "a certificate that is not the one logged",
        "log.entry-mismatch",
        |bundle, world| {
            reissue(bundle, world, |_| {});
        },
    ),
    (
        "the authority's own certificate",
        "cert.chain-invalid",
        |bundle, world| {
            let own = world.certificate("/certificate_authorities/0/intermediate");
            set_bytes(at(bundle, CERTIFICATE), own.der());
        },
    ),
];

/// What only entries of version 1 have.
pub(super) const VERSION_1: &[Case] = &[
    ("the signature", "log.entry-mismatch", |bundle, _| {
        flip(bundle, signature(bundle), -1)
    }),
    (
        "another signature",
        "log.entry-mismatch",
        |bundle, world| take_signature(bundle, world),
    ),
    (
        "the proof of another entry",
        "log.inclusion-invalid",
        |bundle, world| {
            take(bundle, PROOF, &world.theirs[0]);
        },
    ),
    ("the log's promise", "log.set-invalid", |bundle, _| {
        flip(bundle, PROMISE, -1)
    }),
    (
        "the time the log promised",
        "log.set-invalid",
        |bundle, _| {
            *at(bundle, &format!("{ENTRIES}/0/integratedTime")) = "1700000000".into();
        },
    ),
    (
        "the index the log promised",
        "log.set-invalid",
        |bundle, _| {
            *at(bundle, &format!("{ENTRIES}/0/logIndex")) = "77".into();
        },
    ),
    (
        "the body of another entry",
        "log.set-invalid",
        |bundle, world| {
            take(bundle, BODY, &world.theirs[0]);
        },
    ),
];

/// What only entries of version 2 leave to others.
pub(super) const VERSION_2: &[Case] = &[
    // What was timestamped is the signature.
    ("the signature", "timestamp.invalid", |bundle, _| {
        flip(bundle, signature(bundle), -1)
    }),
    ("another signature", "timestamp.invalid", |bundle, world| {
        take_signature(bundle, world)
    }),
    (
        "the proof of another entry",
        "log.entry-mismatch",
        |bundle, world| {
            take(bundle, PROOF, &world.theirs[0]);
        },
    ),
    ("the index", "log.entry-mismatch", |bundle, _| {
        *at(bundle, &format!("{ENTRIES}/0/logIndex")) = "77".into();
    }),
    (
        "the body of another entry",
        "log.inclusion-invalid",
        |bundle, world| {
            take(bundle, BODY, &world.theirs[0]);
        },
    ),
    (
        "the timestamp's signature",
        "timestamp.invalid",
        |bundle, _| flip(bundle, TIMESTAMP, -1),
    ),
    (
        "the timestamp's digest",
        "timestamp.invalid",
        |bundle, _| flip(bundle, TIMESTAMP, 100),
    ),
    (
        "the timestamp of another signature",
        "timestamp.invalid",
        |bundle, world| {
            take(bundle, TIMESTAMP, &world.theirs[0]);
        },
    ),
    ("no timestamp", "time.missing", |bundle, _| {
        at(bundle, "/verificationMaterial")
            .as_object_mut()
            .unwrap()
            .remove("timestampVerificationData");
    }),
    (
        "a timestamp of tomorrow",
        "time.in-future",
        |bundle, world| {
            let signature = bundle.pointer(signature(bundle)).unwrap();
            let request = TimestampRequest::new(Digest::sha256(&bytes(signature))).unwrap();
            let signer = world.certificate("/timestamp_authorities/0/leaf");
            let leaf = Certificate::from_der(&bytes(at(bundle, CERTIFICATE))).unwrap();
            let tomorrow = leaf.not_before().plus_seconds(86_400);
            let answer = timestamp::answer(&request, &signer, &world.key("tsa-1"), &[1], tomorrow);
            set_bytes(at(bundle, TIMESTAMP), &answer.unwrap());
        },
    ),
];

pub(super) const MESSAGE: &[Case] = &[
    (
        "the digest it names",
        "artifact.digest-mismatch",
        |bundle, _| {
            flip(bundle, "/messageSignature/messageDigest/digest", 0);
        },
    ),
    (
        "all of another file's",
        "artifact.digest-mismatch",
        |bundle, world| {
            bundle.clone_from(&world.theirs[0]);
        },
    ),
];

pub(super) const STATEMENT: &[Case] = &[
    (
        "the entry of the SBOM",
        "log.entry-mismatch",
        |bundle, world| {
            take(bundle, ENTRIES, &world.ours[2]);
        },
    ),
    ("the type of the payload", "sig.invalid", |bundle, _| {
        *at(bundle, "/dsseEnvelope/payloadType") = "application/json".into();
    }),
    ("the subject", "log.entry-mismatch", |bundle, _| {
        change_payload(bundle, |statement| {
            *at(statement, "/subject/0/digest/sha256") = "0".repeat(64).into();
        });
    }),
    ("the builder", "log.entry-mismatch", |bundle, _| {
        change_payload(bundle, |statement| {
            let builder = at(statement, "/predicate/runDetails/builder/id");
            *builder = "https://example.com/builder".into();
        });
    }),
    (
        "the spaces of the payload",
        "log.entry-mismatch",
        |bundle, _| {
            let mut spaced = bytes(at(bundle, PAYLOAD));
            spaced.push(b' ');
            set_bytes(at(bundle, PAYLOAD), &spaced);
        },
    ),
    (
        "all of another file's",
        "artifact.digest-mismatch",
        |bundle, world| {
            bundle.clone_from(&world.theirs[1]);
        },
    ),
];
