use der::Tag;
use sealwright_core::Identity;
use sealwright_core::IdentityKind;

use super::*;
use crate::Certificate;
use crate::Eku;
use crate::asn1;
use crate::fixture::Shape;
use crate::fixture::p256;
use crate::issue::tbs::Criticality;
use crate::issue::tbs::Extension;
use crate::oid;

fn certificate(extensions: Vec<Extension>) -> Certificate {
    let key = p256();
    let mut shape = Shape::leaf(key.public_key(), Eku::CodeSigning);
    shape.extensions.extend(extensions);
    shape.issue_under(&[0x30, 0], &key)
}

/// Extension `number` with any bytes as its value.
fn with_bytes(number: u32, bytes: &[u8]) -> Extension {
    let id = oid::FULCIO.push_arc(number).unwrap();
    Extension::new(id, Criticality::Ignorable, bytes)
}

/// Extension `number` as it is encoded in the field.
fn good(number: u32) -> Extension {
    let text = format!("value {number}");
    if number <= 6 {
        with_bytes(number, text.as_bytes())
    } else {
        with_bytes(number, &asn1::element(Tag::Utf8String, &[text.as_bytes()]))
    }
}

#[test]
fn every_field_is_read_under_its_number() {
    let name = Identity::new(IdentityKind::OtherName, "value 7");
    let mut extensions = vec![Extension::subject_alternative_name(&name).unwrap()];
    extensions.extend((1..=24).filter(|number| *number != 7).map(good));
    let read = certificate(extensions).fulcio_extensions();
    let wanted: Vec<(u32, String)> = (1..=24)
        .map(|number| (number, format!("value {number}")))
        .collect();
    let found: Vec<(u32, String)> = read
        .iter()
        .map(|(number, value)| (number, value.to_owned()))
        .collect();
    assert_eq!(found, wanted);
    for number in 1..=24 {
        assert_eq!(read.get(number), Some(format!("value {number}").as_str()));
        assert!(FulcioExtensions::name(number).is_some());
    }
    assert!(read.malformed.is_empty());
    assert_eq!(read.issuer(), Some("value 8"));
    assert_eq!(read.github_workflow_trigger.as_deref(), Some("value 2"));
    assert_eq!(read.github_workflow_ref.as_deref(), Some("value 6"));
    assert_eq!(read.other_name.as_deref(), Some("value 7"));
    assert_eq!(read.runner_environment.as_deref(), Some("value 11"));
    assert_eq!(read.source_repository_uri.as_deref(), Some("value 12"));
    assert_eq!(read.run_invocation_uri.as_deref(), Some("value 21"));
    assert_eq!(read.token_subject.as_deref(), Some("value 24"));
    assert_eq!(FulcioExtensions::name(12), Some("source_repository_uri"));
    assert_eq!((FulcioExtensions::name(0), read.get(0)), (None, None));
    assert_eq!((FulcioExtensions::name(25), read.get(25)), (None, None));
}

#[test]
fn a_certificate_without_them_says_nothing() {
    let read = certificate(Vec::new()).fulcio_extensions();
    assert_eq!(read, FulcioExtensions::default());
    assert_eq!((read.iter().count(), read.issuer()), (0, None));
}

#[test]
fn the_old_issuer_serves_only_where_there_is_no_new_one() {
    assert_eq!(
        certificate(vec![good(1)]).fulcio_extensions().issuer(),
        Some("value 1")
    );
    let both = certificate(vec![good(1), good(8)]);
    assert_eq!(both.fulcio_extensions().issuer(), Some("value 8"));
    let broken = certificate(vec![good(1), with_bytes(8, b"raw")]);
    assert_eq!(broken.fulcio_extensions().issuer(), None);
}

#[test]
fn a_raw_string_where_a_utf8_string_belongs_is_malformed() {
    for number in 8..=24 {
        let read = certificate(vec![with_bytes(number, b"value")]).fulcio_extensions();
        assert_eq!(
            (read.get(number), read.malformed.clone()),
            (None, vec![number])
        );
    }
}

#[test]
fn a_utf8_string_where_raw_bytes_belong_is_malformed() {
    for number in 1..=6 {
        let bytes = asn1::element(Tag::Utf8String, &[b"value"]);
        let read = certificate(vec![with_bytes(number, &bytes)]).fulcio_extensions();
        assert_eq!(
            (read.get(number), read.malformed.clone()),
            (None, vec![number])
        );
    }
}

#[test]
fn other_encodings_are_malformed() {
    let text = asn1::element(Tag::Utf8String, &[b"value"]);
    for bytes in [
        asn1::element(Tag::PrintableString, &[b"value"]),
        asn1::element(Tag::Ia5String, &[b"value"]),
        asn1::element(Tag::OctetString, &[&text]),
        asn1::element(Tag::Utf8String, &[b"\xff"]),
        asn1::element(Tag::Utf8String, &[b"value\0"]),
        [&text[..], &[0]].concat(),
        text[..text.len() - 1].to_vec(),
        Vec::new(),
    ] {
        let read = certificate(vec![with_bytes(12, &bytes)]).fulcio_extensions();
        assert_eq!(
            (read.get(12), read.malformed.clone()),
            (None, vec![12]),
            "{bytes:02x?}"
        );
    }
    let read = certificate(vec![with_bytes(5, b"\xff")]).fulcio_extensions();
    assert_eq!((read.get(5), read.malformed.clone()), (None, vec![5]));
}

#[test]
fn number_seven_is_an_other_name_and_no_extension() {
    let email = Identity::new(IdentityKind::Email, "a@b.example");
    let name = Extension::subject_alternative_name(&email).unwrap();
    let read = certificate(vec![name, good(7)]).fulcio_extensions();
    assert_eq!(read.get(7), None);
}
