//! Every code has a page, and every code is provoked: by a test of the process here, or by a test
//! of the crate that declares it where the binary cannot be brought to it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use sealwright_core::Code;

use crate::harness::Sandbox;

/// The codes of all crates. The binary's own are not to be had from here.
const CRATES: &[&[Code]] = &[
    sealwright::CODES,
    sealwright_archive::CODES,
    sealwright_authority::CODES,
    sealwright_crypto::CODES,
    sealwright_files::CODES,
    sealwright_git::CODES,
    sealwright_kms::CODES,
    sealwright_log::CODES,
    sealwright_net::CODES,
    sealwright_oci::CODES,
    sealwright_policy::CODES,
    sealwright_sbom::CODES,
    sealwright_sigstore::CODES,
    sealwright_slsa::CODES,
    sealwright_store::CODES,
    sealwright_tlog::CODES,
    sealwright_tuf::CODES,
    &[
        Code::new("output.write-failed"),
        Code::new("usage.interrupted"),
        Code::new("usage.confirmation-missing"),
        Code::new("usage.invalid-target"),
        Code::new("usage.passphrase-mismatch"),
        Code::new("usage.unknown-code"),
    ],
];

/// Codes that no run of the binary gives, or none that a test can bring about: the test that does,
/// as its file below `crates`, its name, and the codes it provokes.
const ELSEWHERE: &[(&str, &str, &[&str])] = &[
    (
        "adapters/files/src/hash/tests.rs",
        "notices_a_file_that_grows_while_it_is_read",
        &["files.changed-while-reading"],
    ),
    (
        "adapters/git/src/describe/tests.rs",
        "another_users_repository_does_not_count_unless_asked_for",
        &["git.foreign-repository"],
    ),
    (
        "adapters/git/src/describe/tests.rs",
        "damage_is_an_error_and_never_clean",
        &["git.unreadable-repository"],
    ),
    (
        "adapters/kms/src/kubernetes/tests.rs",
        "kubeconfigs_that_weaken_or_lack_something_are_refused",
        &["kms.credentials-missing", "kms.setting-invalid"],
    ),
    (
        "adapters/kms/src/kubernetes/tests.rs",
        "refusals_are_told_apart",
        &[
            "kms.denied",
            "kms.malformed-answer",
            "kms.no-key",
            "kms.refused",
        ],
    ),
    (
        "adapters/kms/src/kubernetes/tests.rs",
        "writes_a_new_secret_or_adds_to_one",
        &["kms.key-exists"],
    ),
    (
        "adapters/kms/src/pkcs11/tests.rs",
        "a_token_is_not_believed",
        &["pkcs11.refused"],
    ),
    (
        "adapters/kms/src/pkcs11/tests.rs",
        "says_what_stands_in_the_way",
        &["pkcs11.no-key", "pkcs11.pin"],
    ),
    (
        "adapters/kms/src/aws/tests.rs",
        "refusals_are_told_apart",
        &["kms.unavailable"],
    ),
    (
        "adapters/kms/src/vault/tests.rs",
        "keys_that_only_encrypt_are_refused",
        &["kms.unsupported-key"],
    ),
    (
        "adapters/kms/src/vault/tests.rs",
        "what_it_signs_is_verified",
        &["kms.wrong-signature"],
    ),
    (
        "adapters/net/src/client/tests.rs",
        "refuses_an_answer_that_is_too_large",
        &["net.answer-too-large"],
    ),
    (
        "adapters/net/src/client/tests.rs",
        "refuses_plain_http_to_another_machine",
        &["net.insecure-refused"],
    ),
    (
        "adapters/net/src/client/tests.rs",
        "refuses_redirects_that_lead_astray",
        &["net.redirect-refused"],
    ),
    (
        "adapters/net/src/client/tests.rs",
        "repeats_a_broken_answer_and_reports_it_at_last",
        &["net.interrupted"],
    ),
    (
        "adapters/net/src/client/tests.rs",
        "reports_a_client_that_cannot_be_made",
        &["net.client-unavailable"],
    ),
    (
        "adapters/net/src/client/tests.rs",
        "reports_a_closed_port",
        &["net.unreachable"],
    ),
    (
        "adapters/net/src/client/tests.rs",
        "reports_a_server_that_never_answers",
        &["net.timeout"],
    ),
    (
        "adapters/net/src/fulcio/tests.rs",
        "refuses_a_detached_sct",
        &["service.detached-sct"],
    ),
    (
        "adapters/net/src/fulcio/tests.rs",
        "says_what_the_authority_refuses",
        &["service.refused"],
    ),
    (
        "adapters/net/src/oauth/tests.rs",
        "says_why_a_login_gave_no_token",
        &["token.login-failed"],
    ),
    (
        "adapters/net/src/oidc/ambient/tests.rs",
        "says_what_a_source_did_wrong",
        &["token.source-failed"],
    ),
    (
        "adapters/oci/src/image/tests.rs",
        "finds_a_flipped_byte_anywhere_in_a_layer",
        &["layer.digest-mismatch"],
    ),
    (
        "adapters/oci/src/image/tests.rs",
        "needs_a_place_for_layers",
        &["image.spool-failed"],
    ),
    (
        "adapters/oci/src/registry/tests.rs",
        "writes_again_what_another_writer_removed",
        &["registry.referrers-contended"],
    ),
    (
        "adapters/store/src/durable_log/tests.rs",
        "a_lock_held_elsewhere_is_said",
        &["store.locked"],
    ),
    (
        "adapters/store/src/durable_log/tests.rs",
        "refuses_what_no_batch_takes",
        &["store.batch-too-large", "tlog.entry-too-large"],
    ),
    (
        "engines/policy/src/tests.rs",
        "refuses_what_is_too_large_or_no_text",
        &["policy.too-large"],
    ),
    (
        "engines/sbom/src/generate/tests.rs",
        "a_tree_that_cannot_be_read_has_no_inventory",
        &["tree.unreadable"],
    ),
    (
        "engines/sbom/src/read/tests.rs",
        "says_why_a_document_is_not_read",
        &["sbom.malformed", "sbom.unknown-format"],
    ),
    (
        "engines/sigstore/tests/it/negative.rs",
        "each_wrong_thing_gives_its_code",
        &[
            "artifact.bytes-needed",
            "claim.malformed",
            "entry.malformed",
            "entry.unsupported",
            "log.witness-missing",
            "pattern.invalid",
            "signing-config.malformed",
            "signing-config.unsupported",
            "signing.expired",
            "signing.key-unsupported",
            "signing.out-of-order",
        ],
    ),
    (
        "engines/slsa/src/summary/tests.rs",
        "refuses_provenance_with_one_required_field_missing",
        &["slsa.malformed-provenance"],
    ),
    (
        "engines/slsa/src/summary/tests.rs",
        "refuses_types_that_look_alike",
        &["slsa.unsupported-provenance"],
    ),
    (
        "engines/tuf/src/editor/tests.rs",
        "without_enough_keys_nothing_is_published",
        &["tuf.unsupported-key"],
    ),
    (
        "engines/tuf/tests/it/attacks.rs",
        "a_role_does_not_vanish_from_the_snapshot",
        &["tuf.role-removed"],
    ),
    (
        "engines/tuf/tests/it/attacks.rs",
        "a_rollback_of_any_version_is_noticed",
        &["tuf.rollback"],
    ),
    (
        "engines/tuf/tests/it/attacks.rs",
        "arbitrary_software_is_not_signed",
        &["tuf.bad-signature-threshold"],
    ),
    (
        "engines/tuf/tests/it/attacks.rs",
        "malformed_metadata_is_refused",
        &["tuf.unsupported-version", "tuf.wrong-type"],
    ),
    (
        "engines/tuf/tests/it/attacks.rs",
        "metadata_of_two_snapshots_does_not_mix",
        &["tuf.length-mismatch", "tuf.wrong-version"],
    ),
    (
        "engines/tuf/tests/it/delegations.rs",
        "delegated_metadata_is_checked_like_any_other",
        &["tuf.not-in-snapshot"],
    ),
    (
        "engines/tuf/tests/it/delegations.rs",
        "targets_are_named_by_any_of_their_hashes",
        &["tuf.unknown-hash"],
    ),
    (
        "engines/tuf/tests/it/limits.rs",
        "a_machine_driven_out_of_order_says_so",
        &["tuf.out-of-order"],
    ),
    (
        "engines/tuf/tests/it/limits.rs",
        "endless_data_is_cut_off",
        &["tuf.length-exceeded"],
    ),
    (
        "engines/tuf/tests/it/limits.rs",
        "endless_delegations_end",
        &["tuf.too-many-delegations"],
    ),
    (
        "engines/tuf/tests/it/limits.rs",
        "endless_roots_end",
        &["tuf.too-many-roots"],
    ),
    (
        "foundation/crypto/src/certificate/tests.rs",
        "an_extension_that_stands_twice_is_refused",
        &["certificate.malformed"],
    ),
    (
        "foundation/crypto/src/chain/tests.rs",
        "a_crowd_of_issuers_with_one_name_costs_a_bounded_search",
        &["chain.too-long"],
    ),
    (
        "foundation/crypto/src/chain/tests.rs",
        "rejects_a_leaf_that_another_ca_of_that_name_signed",
        &["chain.bad-signature"],
    ),
    (
        "foundation/crypto/src/chain/tests.rs",
        "rejects_a_leaf_that_is_wrong_in_one_way",
        &[
            "chain.critical-extension",
            "chain.leaf-is-ca",
            "chain.wrong-usage",
        ],
    ),
    (
        "foundation/crypto/src/chain/tests.rs",
        "rejects_an_intermediate_that_is_wrong_in_one_way",
        &[
            "chain.name-constraints",
            "chain.not-ca",
            "chain.outside-validity",
        ],
    ),
    (
        "app/sealwright/src/key/tests.rs",
        "a_keeper_that_makes_no_keys_is_said",
        &["usage.key-keeper-unavailable"],
    ),
    (
        "foundation/crypto/src/chain/tests.rs",
        "rejects_more_cas_than_the_path_length_allows",
        &["chain.path-length"],
    ),
    (
        "foundation/crypto/src/chain/tests.rs",
        "without_the_issuer_nothing_is_decided",
        &["chain.unknown-issuer"],
    ),
    (
        "foundation/crypto/src/issue/tests.rs",
        "identities_that_do_not_fit_a_certificate_are_refused",
        &["crypto.unwritable"],
    ),
    (
        "foundation/crypto/src/key/import/tests.rs",
        "other_encryption_is_named",
        &["key.encryption-unsupported"],
    ),
    (
        "foundation/crypto/src/key/import/tests.rs",
        "rsa_keys_of_the_wrong_size_are_refused",
        &["key.rsa-size"],
    ),
    (
        "foundation/crypto/src/key/import/tests.rs",
        "several_keys_in_one_file_are_refused",
        &["key.several"],
    ),
    (
        "foundation/crypto/src/key/tests.rs",
        "digests_serve_where_the_scheme_hashes_first",
        &["crypto.message-needed"],
    ),
    (
        "foundation/crypto/src/key/tests.rs",
        "unsupported_keys_say_what_they_are",
        &["key.unsupported"],
    ),
    (
        "foundation/crypto/src/key/tests.rs",
        "what_a_key_signs_its_public_half_verifies",
        &["crypto.signature-mismatch"],
    ),
    (
        "foundation/crypto/src/request/tests.rs",
        "damaged_requests_are_refused_or_prove_nothing",
        &["csr.malformed"],
    ),
    (
        "foundation/crypto/src/sct/tests.rs",
        "lists_are_read_back_and_damaged_ones_refused",
        &["sct.malformed"],
    ),
    (
        "foundation/crypto/src/timestamp/tests.rs",
        "a_refusal_is_no_token",
        &["timestamp.refused"],
    ),
    (
        "foundation/crypto/src/timestamp/tests.rs",
        "an_embedded_certificate_needs_a_known_root",
        &["timestamp.chain", "timestamp.unknown-signer"],
    ),
    (
        "foundation/crypto/src/timestamp/tests.rs",
        "no_flipped_bit_dates_anything_differently",
        &["timestamp.bad-signature"],
    ),
    (
        "foundation/crypto/src/timestamp/tests.rs",
        "rejects_a_token_about_other_bytes",
        &["timestamp.imprint-mismatch"],
    ),
    (
        "foundation/crypto/src/timestamp/tests.rs",
        "rejects_a_token_that_another_key_signed_in_the_authoritys_name",
        &["timestamp.attribute-mismatch"],
    ),
    (
        "foundation/crypto/src/timestamp/tests.rs",
        "requests_are_limited_to_plain_hashes_and_short_nonces",
        &["timestamp.malformed"],
    ),
    (
        "foundation/tlog/src/checkpoint/tests.rs",
        "refuses_one_thing_wrong_at_a_time",
        &["tlog.checkpoint-malformed"],
    ),
    (
        "foundation/tlog/src/cosignature/tests.rs",
        "refuses_one_thing_wrong_at_a_time",
        &["tlog.cosignature-invalid"],
    ),
    (
        "foundation/tlog/src/edge/tests.rs",
        "bytes_come_back_and_must_be_exactly_as_many",
        &["tlog.edge-malformed"],
    ),
    (
        "foundation/tlog/src/note/tests.rs",
        "refuses_more_than_its_limits",
        &["tlog.note-malformed"],
    ),
    (
        "foundation/tlog/src/sequencer/tests.rs",
        "refuses_a_plan_from_another_tree",
        &["tlog.plan-stale"],
    ),
    (
        "foundation/tlog/src/tile/tests.rs",
        "refuses_other_spellings_and_impossible_tiles",
        &["tlog.tile-malformed"],
    ),
    (
        "foundation/tlog/src/tree/tests.rs",
        "a_flipped_bit_or_a_hash_more_or_less_breaks_a_proof",
        &["tlog.consistency-invalid", "tlog.inclusion-invalid"],
    ),
    (
        "foundation/tlog/src/tree/tests.rs",
        "says_which_hash_is_missing",
        &["tlog.hash-missing"],
    ),
    (
        "services/authority/src/authority/tests.rs",
        "certificates_of_an_authority_that_was_not_renewed_run_out",
        &["authority.expired"],
    ),
    (
        "services/authority/src/authority/tests.rs",
        "certifies_no_key_without_proof_that_it_is_held",
        &["authority.proof-invalid"],
    ),
    (
        "services/authority/src/authority/tests.rs",
        "certifies_no_rsa_key",
        &["authority.key-refused"],
    ),
    (
        "services/authority/src/authority/tests.rs",
        "the_identity_is_fixed_when_the_authority_is_made",
        &["authority.identity-fixed", "authority.identity-invalid"],
    ),
    (
        "services/authority/src/oidc/tests.rs",
        "refuses_tokens_with_one_thing_wrong",
        &["authority.token-refused"],
    ),
    (
        "services/log/src/log/tests.rs",
        "entries_it_did_not_write_itself_are_said_to_be_malformed",
        &["log.stored-entry-malformed"],
    ),
    (
        "services/log/src/log/tests.rs",
        "refuses_a_name_that_is_no_host",
        &["log.name-invalid"],
    ),
    (
        "services/log/src/log/tests.rs",
        "refuses_entries_whose_signature_does_not_fit",
        &[
            "log.entry-other-version",
            "log.entry-refused",
            "log.entry-unverifiable",
        ],
    ),
];

/// Codes that nothing is known to bring about, and why they are there.
const NOWHERE: &[(&str, &str)] = &[
    ("app.encode-failed", "our own documents are JSON"),
    ("app.runtime-failed", "the system has no threads left"),
    (
        "crypto.backend-failed",
        "the cryptography library has no randomness or memory left",
    ),
    (
        "sbom.too-large",
        "the limit is far above that of the bundle around it",
    ),
    (
        "seal.self-check-failed",
        "what is signed does not verify: a defect",
    ),
    (
        "seal.signing-stuck",
        "the signing machine goes round in circles: a defect",
    ),
];

fn all() -> BTreeSet<&'static str> {
    let lists = CRATES.iter().flat_map(|codes| codes.iter());
    lists.map(|code| code.as_str()).collect()
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let explained = Sandbox::new().run(&["explain"]).stdout;
    let pages: BTreeSet<&str> = explained.lines().collect();
    assert_eq!(pages, all());
}

#[test]
fn every_code_is_declared_once() {
    let mut seen = BTreeMap::new();
    for (place, codes) in CRATES.iter().enumerate() {
        for code in *codes {
            let before = seen.insert(code.as_str(), place);
            assert_eq!(before, None, "{code} is listed twice");
        }
    }
}

#[test]
fn every_code_is_provoked() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    let mut folders = vec![here.join("tests/it")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("codes.rs") {
                tests.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let provoked_here = |code: &str| tests.contains(&format!("{code:?}"));
    let elsewhere = ELSEWHERE
        .iter()
        .flat_map(|(.., codes)| codes.iter().copied());
    let nowhere = NOWHERE.iter().map(|(code, _)| *code);
    let elsewhere: BTreeSet<&str> = elsewhere.chain(nowhere).collect();
    let wanted: BTreeSet<&str> = all()
        .into_iter()
        .filter(|code| !provoked_here(code))
        .collect();
    assert_eq!(elsewhere, wanted);
    for (path, name, codes) in ELSEWHERE {
        let text = std::fs::read_to_string(here.join("../..").join(path)).unwrap_or_default();
        let is_there = text.contains(&format!("fn {name}("));
        assert!(is_there, "{codes:?}: no test {name} in {path}");
    }
}
