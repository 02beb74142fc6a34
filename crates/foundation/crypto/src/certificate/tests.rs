use der::asn1::ObjectIdentifier;
use sealwright_core::Diagnostic as _;
use sealwright_core::IdentityKind;

use super::*;
use crate::fixture::Pki;
use crate::fixture::Shape;
use crate::fixture::days;
use crate::fixture::identity;
use crate::fixture::now;
use crate::fixture::p256;
use crate::issue::tbs::Criticality;
use crate::issue::tbs::Extension;
use crate::mutation;

#[test]
fn reads_what_was_issued() {
    let pki = Pki::new();
    let leaf = pki.leaf();
    assert_eq!(leaf.identity(), Some(identity()));
    assert_eq!(
        leaf.issuer_claim().as_deref(),
        Some("https://test.sealwright.invalid")
    );
    assert_eq!(leaf.fulcio_extension(1), leaf.fulcio_extension(8));
    assert_eq!(
        leaf.fulcio_extension(24).as_deref(),
        Some("alice@test.sealwright.invalid")
    );
    assert_eq!(leaf.fulcio_extension(9), None);
    assert_eq!(leaf.not_before(), now());
    assert_eq!(leaf.not_after(), now().plus_seconds(600));
    assert_eq!(leaf.public_key(), pki.leaf_key.public_key());
    assert_eq!(leaf.issuer_der(), pki.intermediate.subject_der());
    assert_eq!(leaf.subject_der(), [0x30, 0]);
    assert!(leaf.has_eku(Eku::CodeSigning) && !leaf.has_eku(Eku::TimeStamping));
    assert!(!leaf.is_ca() && pki.intermediate.is_ca() && pki.root.is_ca());
    assert!(pki.root.is_self_issued() && !pki.intermediate.is_self_issued());
    assert_eq!(leaf.scts().unwrap().len(), 1);
    assert!(pki.root.scts().unwrap().is_empty());
    assert_eq!(leaf.serial().len(), 20);
    assert_eq!(Certificate::from_pem(&leaf.to_pem()).unwrap(), leaf);
}

#[test]
fn validity_is_closed_at_both_ends() {
    let leaf = Pki::new().leaf();
    let end = leaf.not_after();
    assert!(leaf.is_valid_at(leaf.not_before()));
    assert!(!leaf.is_valid_at(leaf.not_before().plus_seconds(-1)));
    assert!(leaf.is_valid_at(end));
    assert!(leaf.is_valid_at(Timestamp::from_milliseconds(end.milliseconds() + 999)));
    assert!(!leaf.is_valid_at(end.plus_seconds(1)));
}

#[test]
fn damaged_certificates_are_refused_or_no_longer_signed() {
    let pki = Pki::new();
    let leaf = pki.leaf();
    mutation::refuses_every_truncation(leaf.der(), Certificate::from_der);
    let issuer = pki.intermediate.public_key();
    leaf.verify_signed_by(issuer).unwrap();
    mutation::each_bit_flipped(leaf.der(), |position, bytes| {
        let Ok(certificate) = Certificate::from_der(bytes) else {
            return;
        };
        let _ = (
            certificate.identity(),
            certificate.scts(),
            certificate.issuer_claim(),
        );
        assert!(
            certificate.verify_signed_by(issuer).is_err(),
            "byte {position} may be changed"
        );
    });
}

#[test]
fn a_signature_that_was_checked_does_not_vouch_for_another_key() {
    let pki = Pki::new();
    let leaf = pki.leaf();
    assert_eq!(leaf.verify_signed_by(pki.intermediate.public_key()), Ok(()));
    assert_eq!(leaf.verify_signed_by(pki.intermediate.public_key()), Ok(()));
    assert!(leaf.verify_signed_by(pki.root.public_key()).is_err());
}

#[test]
fn every_kind_of_identity_is_read_back() {
    let key = p256();
    for identity in [
        Identity::new(IdentityKind::Email, "a@b.example"),
        Identity::new(IdentityKind::Uri, "https://b.example/x@refs/heads/main"),
        Identity::new(IdentityKind::OtherName, "alice!b.example"),
    ] {
        let extension = Extension::subject_alternative_name(&identity).unwrap();
        let certificate = Shape::leaf(key.public_key(), Eku::CodeSigning)
            .with(2, extension)
            .issue_under(&[0x30, 0], &key);
        assert_eq!(certificate.identity(), Some(identity));
    }
}

#[test]
fn identities_that_could_deceive_are_none() {
    let key = p256();
    let email = crate::asn1::element(crate::asn1::primitive(1), &[b"a@b.example"]);
    let uri = crate::asn1::element(crate::asn1::primitive(6), &[b"https://b.example"]);
    let dns = crate::asn1::element(crate::asn1::primitive(2), &[b"b.example"]);
    let hidden = crate::asn1::element(crate::asn1::primitive(1), &[b"a@b.example\0.evil"]);
    let empty = crate::asn1::element(crate::asn1::primitive(1), &[]);
    for names in [
        vec![],
        vec![&email, &uri],
        vec![&email, &email],
        vec![&dns],
        vec![&hidden],
        vec![&empty],
    ] {
        let names: Vec<&[u8]> = names.into_iter().map(Vec::as_slice).collect();
        let extension = Extension::new(
            oid::SUBJECT_ALT_NAME,
            Criticality::Critical,
            &crate::asn1::sequence(&names),
        );
        let certificate = Shape::leaf(key.public_key(), Eku::CodeSigning)
            .with(2, extension)
            .issue_under(&[0x30, 0], &key);
        assert_eq!(certificate.identity(), None, "{names:?}");
    }
    let without = Shape::leaf(key.public_key(), Eku::CodeSigning).issue_under(&[0x30, 0], &key);
    assert_eq!(without.identity(), None);
}

#[test]
fn an_issuer_that_cannot_be_read_is_not_replaced_by_the_old_one() {
    let key = p256();
    let old = Extension::fulcio_raw(1, "https://old.example").unwrap();
    let broken = Extension::fulcio_raw(8, "https://raw.example").unwrap();
    let shape = || Shape::leaf(key.public_key(), Eku::CodeSigning);
    let certificate = shape().with(9, old).issue_under(&[0x30, 0], &key);
    assert_eq!(
        certificate.issuer_claim().as_deref(),
        Some("https://old.example")
    );
    let old = Extension::fulcio_raw(1, "https://old.example").unwrap();
    let certificate = shape()
        .with(9, old)
        .with(9, broken)
        .issue_under(&[0x30, 0], &key);
    assert_eq!(certificate.issuer_claim(), None);
}

#[test]
fn an_extension_that_stands_twice_is_refused() {
    let key = p256();
    let good = Shape::leaf(key.public_key(), Eku::CodeSigning).issue_under(&[0x30, 0], &key);
    assert!(Certificate::from_der(good.der()).is_ok());
    // `Tbs::sign` reads what it made, so the bytes are composed here.
    let twice = crate::issue::tbs::Tbs {
        serial: &[1],
        issuer: &[0x30, 0],
        subject: &[0x30, 0],
        validity: days(1),
        public_key: key.public_key(),
        extensions: vec![Extension::leaf_key_usage(), Extension::leaf_key_usage()],
    }
    .sign(&key);
    assert_eq!(twice.unwrap_err().code().as_str(), "certificate.malformed");
}

#[test]
fn names_key_identifiers_and_usages_that_are_none_are_refused() {
    let key = p256();
    let name = |outer: &[u8]| {
        let mut name = vec![0x30, outer.len().try_into().unwrap()];
        name.extend(outer);
        name
    };
    // CN=a.
    let attribute = [0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, b'a'];
    let set = [&[0x31, 10], attribute.as_slice()].concat();
    let issue = |subject: &[u8], extension: (ObjectIdentifier, &[u8])| {
        let (id, value) = extension;
        crate::issue::tbs::Tbs {
            serial: &[1],
            issuer: &[0x30, 0],
            subject,
            validity: days(1),
            public_key: key.public_key(),
            extensions: vec![Extension::new(id, Criticality::Ignorable, value)],
        }
        .sign(&key)
        .map_err(|error| error.code().to_string())
    };
    let usage: (_, &[u8]) = (oid::KEY_USAGE, &[3, 2, 7, 0x80]);
    for good in [
        name(&[]),
        name(&set),
        name(&[set.clone(), set.clone()].concat()),
    ] {
        assert!(issue(&good, usage).is_ok(), "{good:02x?}");
    }
    let malformed = Err("certificate.malformed".to_owned());
    let as_sequence = [&[0x30, 10], attribute.as_slice()].concat();
    for bad in [
        &attribute[..],
        &as_sequence,
        &[0x31, 0],
        &[0x31, 2, 0x30, 0],
    ] {
        assert_eq!(
            issue(&name(bad), usage).map(|_| ()),
            malformed,
            "{bad:02x?}"
        );
    }
    let bits: [&[u8]; 3] = [&[3, 2, 7, 0xc0], &[3, 2, 8, 0x80], &[4, 1, 0x80]];
    let subject: [&[u8]; 3] = [&[5, 0], &[4, 1, 7, 0], &[]];
    let authority: [&[u8]; 3] = [
        &[0x30, 3, 0x40, 1, 7],
        &[0x80, 1, 7],
        &[0x30, 4, 0x80, 1, 7, 0],
    ];
    for (id, values) in [
        (oid::KEY_USAGE, bits),
        (oid::SUBJECT_KEY_IDENTIFIER, subject),
        (oid::AUTHORITY_KEY_IDENTIFIER, authority),
    ] {
        for value in values {
            let issued = issue(&[0x30, 0], (id, value));
            assert_eq!(issued.map(|_| ()), malformed, "{id} {value:02x?}");
        }
    }
}

#[test]
fn a_signature_algorithm_named_differently_outside_is_refused() {
    let pki = Pki::new();
    let der = pki.leaf().der().to_vec();
    let sha256 = oid::ECDSA_WITH_SHA256;
    let places: Vec<usize> = (0..der.len())
        .filter(|start| der[*start..].starts_with(sha256.as_bytes()))
        .collect();
    assert_eq!(places.len(), 2);
    let mut changed = der;
    let last = places[1] + sha256.as_bytes().len() - 1;
    changed[last] = 3;
    let error = Certificate::from_der(&changed).unwrap_err();
    assert!(error.to_string().contains("named twice"), "{error}");
}

#[test]
fn certificates_have_a_size_limit() {
    let error = Certificate::from_der(&vec![0x30; MAX_CERTIFICATE_BYTES + 1]).unwrap_err();
    assert_eq!(error.code().as_str(), "certificate.malformed");
    assert!(matches!(error, Error::TooLarge { .. }));
}
