use sealwright_core::Diagnostic as _;
use sealwright_core::IdentityKind;

use super::*;
use crate::build_chain;
use crate::fixture::NAME;
use crate::fixture::Pki;
use crate::fixture::days;
use crate::fixture::identity;
use crate::fixture::now;
use crate::fixture::p256;

#[test]
fn nothing_outlives_its_issuer() {
    let pki = Pki::new();
    let intermediate = intermediate(
        NAME,
        Validity {
            not_before: now(),
            not_after: pki.root.not_after().plus_seconds(1),
        },
        p256().public_key(),
        Eku::CodeSigning,
        Issuer {
            certificate: &pki.root,
            key: &pki.root_key,
        },
    )
    .unwrap();
    assert_eq!(intermediate.not_after(), pki.root.not_after());
}

#[test]
fn serials_differ_and_are_positive() {
    let pki = Pki::new();
    let (one, two) = (pki.leaf(), pki.leaf());
    assert_ne!(one.serial(), two.serial());
    for leaf in [one, two] {
        assert_eq!(leaf.serial().len(), 20);
        assert!(leaf.serial()[0] < 0x80);
    }
}

#[test]
fn a_leaf_without_a_log_has_no_promise() {
    let pki = Pki::new();
    let leaf = pki.leaf_by(pki.issuer(), None);
    assert_eq!(leaf.scts().unwrap(), []);
    assert!(build_chain(&leaf, &[], &pki.anchors(), now(), Eku::CodeSigning).is_ok());
}

#[test]
fn identities_that_do_not_fit_a_certificate_are_refused() {
    let pki = Pki::new();
    for text in ["", "ä@b.example", "a@b.example\n"] {
        let identity = Identity::new(IdentityKind::Email, text);
        let error = code_signing_leaf(
            &LeafRequest {
                public_key: pki.leaf_key.public_key(),
                identity: &identity,
                issuer_url: "https://test.sealwright.invalid",
                fulcio_extensions: &[],
                validity: days(1),
            },
            pki.issuer(),
            None,
        )
        .unwrap_err();
        assert_eq!(error.code().as_str(), "crypto.unwritable");
    }
    assert_eq!(pki.leaf().identity(), Some(identity()));
}

#[test]
fn times_before_1970_cannot_be_written() {
    let validity = Validity {
        not_before: Timestamp::from_seconds(-1),
        not_after: now(),
    };
    let error = root_certificate(NAME, validity, &p256()).unwrap_err();
    assert_eq!(error.code().as_str(), "crypto.unwritable");
}
