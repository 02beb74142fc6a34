use der::asn1::ObjectIdentifier;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::UnixTime;
use sealwright_core::Class;
use sealwright_core::Diagnostic as _;

use super::*;
use crate::SigningKey;
use crate::asn1;
use crate::fixture::NAME;
use crate::fixture::Pki;
use crate::fixture::ROOT;
use crate::fixture::Shape;
use crate::fixture::days;
use crate::fixture::now;
use crate::fixture::p256;
use crate::issue;
use crate::issue::Issuer;
use crate::issue::Validity;
use crate::issue::tbs::Criticality;
use crate::issue::tbs::Extension;
use crate::scheme::SignatureScheme;

fn build(pki: &Pki, leaf: &Certificate) -> Result<CertificateChain, ChainError> {
    build_chain(leaf, &[], &pki.anchors(), now(), Eku::CodeSigning)
}

/// What rustls-webpki says of the same question.
fn webpki_accepts(
    leaf: &Certificate,
    intermediates: &[Certificate],
    root: &Certificate,
    at: Timestamp,
    usage: Eku,
) -> bool {
    let leaf = CertificateDer::from(leaf.der());
    let root = CertificateDer::from(root.der());
    let intermediates: Vec<_> = intermediates
        .iter()
        .map(|certificate| CertificateDer::from(certificate.der()))
        .collect();
    let Ok(anchor) = webpki::anchor_from_trusted_cert(&root) else {
        return false;
    };
    let Ok(leaf) = webpki::EndEntityCert::try_from(&leaf) else {
        return false;
    };
    static CODE_SIGNING: ObjectIdentifier = oid::CODE_SIGNING;
    static TIME_STAMPING: ObjectIdentifier = oid::TIME_STAMPING;
    let usage = match usage {
        Eku::CodeSigning => &CODE_SIGNING,
        Eku::TimeStamping => &TIME_STAMPING,
    };
    let at = std::time::Duration::from_secs(u64::try_from(at.seconds()).unwrap());
    leaf.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &[anchor],
        &intermediates,
        UnixTime::since_unix_epoch(at),
        webpki::KeyUsage::required(usage.as_bytes()),
        None,
        None,
    )
    .is_ok()
}

#[test]
fn accepts_what_the_private_ca_issues_on_every_curve() {
    for scheme in [
        SignatureScheme::EcdsaP256Sha256,
        SignatureScheme::EcdsaP384Sha384,
        SignatureScheme::EcdsaP521Sha512,
        SignatureScheme::Ed25519,
    ] {
        let pki = Pki::with(scheme);
        let leaf = pki.leaf();
        let chain = build(&pki, &leaf).unwrap();
        assert_eq!(chain.leaf, leaf);
        assert_eq!(chain.path, pki.anchors());
        assert_eq!(chain.issuer(), Some(&pki.intermediate));
        assert!(webpki_accepts(
            &leaf,
            std::slice::from_ref(&pki.intermediate),
            &pki.root,
            now(),
            Eku::CodeSigning
        ));
    }
}

#[test]
fn accepts_untrusted_intermediates_under_a_trusted_root() {
    let pki = Pki::new();
    let chain = build_chain(
        &pki.leaf(),
        std::slice::from_ref(&pki.intermediate),
        std::slice::from_ref(&pki.root),
        now(),
        Eku::CodeSigning,
    );
    assert_eq!(chain.unwrap().path, pki.anchors());
}

#[test]
fn accepts_an_intermediate_as_the_anchor() {
    let pki = Pki::new();
    let anchor = std::slice::from_ref(&pki.intermediate);
    assert!(build_chain(&pki.leaf(), &[], anchor, now(), Eku::CodeSigning).is_ok());
}

#[test]
fn accepts_a_leaf_that_the_root_issued() {
    let pki = Pki::new();
    let leaf = pki.leaf_by(
        Issuer {
            certificate: &pki.root,
            key: &pki.root_key,
        },
        None,
    );
    assert_eq!(
        build(&pki, &leaf).unwrap().path,
        std::slice::from_ref(&pki.root)
    );
}

#[test]
fn finds_the_right_one_of_two_issuers_with_one_name() {
    let pki = Pki::new();
    let other = Pki::new();
    let anchors = [
        other.intermediate,
        pki.intermediate.clone(),
        pki.root.clone(),
    ];
    let chain = build_chain(&pki.leaf(), &[], &anchors, now(), Eku::CodeSigning).unwrap();
    assert_eq!(chain.path, pki.anchors());
}

#[test]
fn names_what_is_wrong_with_the_true_issuer_of_two() {
    let (pki, other) = (Pki::new(), Pki::new());
    let expired = Shape {
        validity: Validity {
            not_after: now().plus_seconds(-1),
            ..days(1)
        },
        ..Shape::intermediate(pki.intermediate_key.public_key())
    }
    .issue(Issuer {
        certificate: &pki.root,
        key: &pki.root_key,
    });
    let anchors = [other.intermediate, expired, pki.root.clone()];
    let error = build_chain(&pki.leaf(), &[], &anchors, now(), Eku::CodeSigning).unwrap_err();
    assert!(
        matches!(error, ChainError::OutsideValidity { depth: 1, .. }),
        "{error:?}"
    );
}

#[test]
fn without_the_issuer_nothing_is_decided() {
    let pki = Pki::new();
    let leaf = pki.leaf();
    for anchors in [&[][..], std::slice::from_ref(&pki.root)] {
        let error = build_chain(&leaf, &[], anchors, now(), Eku::CodeSigning).unwrap_err();
        assert_eq!(error, ChainError::UnknownIssuer { depth: 0 });
        assert_eq!(error.class(), Class::Undecided);
    }
    // The intermediate is known and its root is not; the anchor merely has the intermediate's name.
    let stranger = issue::root_certificate(NAME, days(10), &p256()).unwrap();
    let error = build_chain(
        &leaf,
        std::slice::from_ref(&pki.intermediate),
        &[stranger],
        now(),
        Eku::CodeSigning,
    )
    .unwrap_err();
    assert_eq!(error, ChainError::UnknownIssuer { depth: 1 });
}

#[test]
fn rejects_a_leaf_that_another_ca_of_that_name_signed() {
    let pki = Pki::new();
    let error = build(&pki, &Pki::new().leaf()).unwrap_err();
    assert!(matches!(error, ChainError::BadSignature { depth: 0, .. }));
    assert_eq!(error.class(), Class::Rejected);
}

#[test]
fn rejects_an_intermediate_that_another_root_of_that_name_signed() {
    let pki = Pki::new();
    let other = Pki::new();
    let anchors = [pki.intermediate.clone(), other.root];
    let error = build_chain(&pki.leaf(), &[], &anchors, now(), Eku::CodeSigning).unwrap_err();
    assert!(matches!(error, ChainError::BadSignature { depth: 1, .. }));
}

#[test]
fn judges_validity_at_the_moment_asked_about() {
    let pki = Pki::new();
    let leaf = pki.leaf();
    let at = |at| build_chain(&leaf, &[], &pki.anchors(), at, Eku::CodeSigning).map(|_| ());
    assert_eq!(at(leaf.not_before()), Ok(()));
    assert_eq!(at(leaf.not_after()), Ok(()));
    for moment in [
        leaf.not_before().plus_seconds(-1),
        leaf.not_after().plus_seconds(1),
    ] {
        assert!(matches!(
            at(moment),
            Err(ChainError::OutsideValidity { depth: 0, .. })
        ));
        assert!(!webpki_accepts(
            &leaf,
            std::slice::from_ref(&pki.intermediate),
            &pki.root,
            moment,
            Eku::CodeSigning
        ));
    }
}

/// A chain leaf <- intermediate <- root in which `intermediate` is of any shape.
fn with_intermediate(shape: impl FnOnce(&SigningKey) -> Shape<'_>) -> Result<(), ChainError> {
    let pki = Pki::new();
    let intermediate = shape(&pki.intermediate_key).issue(Issuer {
        certificate: &pki.root,
        key: &pki.root_key,
    });
    let leaf = pki.leaf_by(
        Issuer {
            certificate: &intermediate,
            key: &pki.intermediate_key,
        },
        None,
    );
    let ours = build_chain(
        &leaf,
        &[],
        &[intermediate.clone(), pki.root.clone()],
        now(),
        Eku::CodeSigning,
    );
    let theirs = webpki_accepts(&leaf, &[intermediate], &pki.root, now(), Eku::CodeSigning);
    assert!(ours.is_err() || theirs, "webpki rejects what we accept");
    ours.map(|_| ())
}

#[test]
fn rejects_an_intermediate_that_is_wrong_in_one_way() {
    assert_eq!(
        with_intermediate(|key| Shape::intermediate(key.public_key())),
        Ok(())
    );
    type Case = (fn(&SigningKey) -> Shape<'_>, &'static str);
    let cases: [Case; 8] = [
        (
            |key| Shape {
                validity: Validity {
                    not_before: now().plus_seconds(1),
                    ..days(1)
                },
                ..Shape::intermediate(key.public_key())
            },
            "chain.outside-validity",
        ),
        (
            |key| Shape {
                validity: Validity {
                    not_after: now().plus_seconds(-1),
                    ..days(1)
                },
                ..Shape::intermediate(key.public_key())
            },
            "chain.outside-validity",
        ),
        (
            |key| Shape::intermediate(key.public_key()).without(0),
            "chain.not-ca",
        ),
        (
            |key| {
                Shape::intermediate(key.public_key()).with(
                    0,
                    Extension::new(
                        oid::BASIC_CONSTRAINTS,
                        Criticality::Critical,
                        &asn1::sequence(&[]),
                    ),
                )
            },
            "chain.not-ca",
        ),
        (
            |key| Shape::intermediate(key.public_key()).with(1, Extension::leaf_key_usage()),
            "chain.not-ca",
        ),
        (
            |key| {
                Shape::intermediate(key.public_key()).with(
                    2,
                    Extension::extended_key_usage(Eku::TimeStamping, Criticality::Ignorable),
                )
            },
            "chain.wrong-usage",
        ),
        (
            |key| {
                let any = asn1::sequence(&[]);
                Shape::intermediate(key.public_key()).with(
                    3,
                    Extension::new(oid::NAME_CONSTRAINTS, Criticality::Ignorable, &any),
                )
            },
            "chain.name-constraints",
        ),
        (
            |key| {
                let unknown = der::asn1::ObjectIdentifier::new_unwrap("1.2.3.4");
                Shape::intermediate(key.public_key())
                    .with(3, Extension::new(unknown, Criticality::Critical, &[5, 0]))
            },
            "chain.critical-extension",
        ),
    ];
    for (shape, code) in cases {
        assert_eq!(with_intermediate(shape).unwrap_err().code().as_str(), code);
    }
}

#[test]
fn accepts_an_intermediate_for_any_usage_and_one_that_names_none() {
    let pki = Pki::new();
    let any = asn1::sequence(&[&asn1::oid(oid::ANY_EXTENDED_KEY_USAGE)]);
    let any = Extension::new(oid::EXTENDED_KEY_USAGE, Criticality::Ignorable, &any);
    let key = pki.intermediate_key.public_key();
    for shape in [
        Shape::intermediate(key).with(2, any),
        // Here webpki differs: it wants the usage named in intermediates too. RFC 5280 does not,
        // and CAs that are not Fulcio leave it out.
        Shape::intermediate(key).without(2),
    ] {
        let intermediate = shape.issue(Issuer {
            certificate: &pki.root,
            key: &pki.root_key,
        });
        let leaf = pki.leaf_by(
            Issuer {
                certificate: &intermediate,
                key: &pki.intermediate_key,
            },
            None,
        );
        let anchors = [intermediate, pki.root.clone()];
        assert!(build_chain(&leaf, &[], &anchors, now(), Eku::CodeSigning).is_ok());
    }
}

#[test]
fn rejects_a_leaf_that_is_wrong_in_one_way() {
    let pki = Pki::new();
    let key = pki.leaf_key.public_key();
    let good = Shape::leaf(key, Eku::CodeSigning).issue(pki.issuer());
    assert!(build(&pki, &good).is_ok());
    let unknown = der::asn1::ObjectIdentifier::new_unwrap("1.2.3.4");
    let cases = [
        (
            Shape::leaf(key, Eku::CodeSigning).with(9, Extension::basic_constraints(None)),
            "chain.leaf-is-ca",
        ),
        (
            Shape::leaf(key, Eku::CodeSigning).with(0, Extension::ca_key_usage()),
            "chain.wrong-usage",
        ),
        (
            Shape::leaf(key, Eku::CodeSigning).without(1),
            "chain.wrong-usage",
        ),
        (Shape::leaf(key, Eku::TimeStamping), "chain.wrong-usage"),
        (
            Shape::leaf(key, Eku::CodeSigning)
                .with(9, Extension::new(unknown, Criticality::Critical, &[5, 0])),
            "chain.critical-extension",
        ),
    ];
    for (shape, code) in cases {
        let leaf = shape.issue(pki.issuer());
        assert_eq!(build(&pki, &leaf).unwrap_err().code().as_str(), code);
    }
}

#[test]
fn a_timestamping_leaf_is_meant_for_that_alone_and_critically() {
    let pki = Pki::new();
    let key = pki.leaf_key.public_key();
    let root = Issuer {
        certificate: &pki.root,
        key: &pki.root_key,
    };
    let judge = |shape: Shape<'_>| {
        let leaf = shape.issue(root);
        let anchor = std::slice::from_ref(&pki.root);
        build_chain(&leaf, &[], anchor, now(), Eku::TimeStamping).map(|_| ())
    };
    assert_eq!(judge(Shape::leaf(key, Eku::TimeStamping)), Ok(()));
    let both = asn1::sequence(&[
        &asn1::oid(oid::TIME_STAMPING),
        &asn1::oid(oid::CODE_SIGNING),
    ]);
    for extension in [
        Extension::extended_key_usage(Eku::TimeStamping, Criticality::Ignorable),
        Extension::extended_key_usage(Eku::CodeSigning, Criticality::Critical),
        Extension::new(oid::EXTENDED_KEY_USAGE, Criticality::Critical, &both),
    ] {
        assert_eq!(
            judge(Shape::leaf(key, Eku::TimeStamping).with(1, extension)),
            Err(ChainError::WrongUsage {
                depth: 0,
                usage: "timeStamping"
            })
        );
    }
}

#[test]
fn rejects_more_cas_than_the_path_length_allows() {
    // root (no limit) <- upper (0) <- lower <- leaf: one CA too many below upper.
    let root_key = p256();
    let root = issue::root_certificate(ROOT, days(100), &root_key).unwrap();
    let (upper_key, lower_key, leaf_key) = (p256(), p256(), p256());
    let upper = Shape::intermediate(upper_key.public_key()).issue(Issuer {
        certificate: &root,
        key: &root_key,
    });
    let lower = Shape {
        subject: issue::AuthorityName {
            organization: "sealwright.invalid",
            common_name: "lower",
        },
        ..Shape::intermediate(lower_key.public_key())
    }
    .issue(Issuer {
        certificate: &upper,
        key: &upper_key,
    });
    let leaf = Shape::leaf(leaf_key.public_key(), Eku::CodeSigning).issue(Issuer {
        certificate: &lower,
        key: &lower_key,
    });
    let error =
        build_chain(&leaf, &[], &[lower, upper, root], now(), Eku::CodeSigning).unwrap_err();
    assert_eq!(
        error,
        ChainError::PathLength {
            depth: 2,
            allowed: 0,
            found: 1
        }
    );
}

#[test]
fn a_crowd_of_issuers_with_one_name_costs_a_bounded_search() {
    let pki = Pki::new();
    let crowd: Vec<Certificate> = (0..MAX_CHECKS + 1)
        .map(|_| {
            Shape::intermediate(p256().public_key()).issue(Issuer {
                certificate: &pki.root,
                key: &pki.root_key,
            })
        })
        .collect();
    let error = build_chain(
        &pki.leaf(),
        &crowd,
        std::slice::from_ref(&pki.root),
        now(),
        Eku::CodeSigning,
    )
    .unwrap_err();
    assert_eq!(error.code().as_str(), "chain.too-long");
}

#[test]
fn certificates_that_issued_each_other_end_the_search() {
    let (a_key, b_key, leaf_key) = (p256(), p256(), p256());
    let name = |common_name| issue::AuthorityName {
        organization: "loop",
        common_name,
    };
    let b_name = crate::issue::tbs::compose_name(name("b"));
    let unlimited = |key| Shape::intermediate(key).with(0, Extension::basic_constraints(None));
    let a = Shape {
        subject: name("a"),
        ..unlimited(a_key.public_key())
    }
    .issue_under(&b_name, &b_key);
    let b = Shape {
        subject: name("b"),
        ..unlimited(b_key.public_key())
    }
    .issue(Issuer {
        certificate: &a,
        key: &a_key,
    });
    let leaf = Shape::leaf(leaf_key.public_key(), Eku::CodeSigning).issue(Issuer {
        certificate: &a,
        key: &a_key,
    });
    let pki = Pki::new();
    let error = build_chain(
        &leaf,
        &[a, b],
        std::slice::from_ref(&pki.root),
        now(),
        Eku::CodeSigning,
    )
    .unwrap_err();
    assert_eq!(error, ChainError::UnknownIssuer { depth: 2 });
}
