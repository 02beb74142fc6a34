//! The subject alternative name of a signing certificate (RFC 5280 section 4.2.1.6; Sigstore's
//! certificate specification asks for exactly one).

use der::Tag;
use sealwright_core::Identity;
use sealwright_core::IdentityKind;

use crate::asn1;
use crate::asn1::Element;
use crate::asn1::Elements;
use crate::oid;

/// Reads GeneralNames; `None` unless there is exactly one and it is an e-mail address, a URI or
/// Sigstore's own other name.
pub(super) fn read(value: &[u8]) -> Option<Identity> {
    let mut names = Elements::of_sequence(value, "subject alternative name").ok()?;
    let name = names.any("general name").ok()?;
    names.finish("general name").ok()?;
    if name.tag() == asn1::primitive(1) {
        ascii(name.value()).map(|value| Identity::new(IdentityKind::Email, value))
    } else if name.tag() == asn1::primitive(6) {
        ascii(name.value()).map(|value| Identity::new(IdentityKind::Uri, value))
    } else if name.tag() == asn1::constructed(0) {
        read_other_name(name)
    } else {
        None
    }
}

/// Composes GeneralNames with the one name; `None` when its text does not fit the kind.
pub(crate) fn compose(identity: &Identity) -> Option<Vec<u8>> {
    let value = identity.value().as_bytes();
    let name = match identity.kind() {
        IdentityKind::Email => asn1::element(asn1::primitive(1), &[ascii(value)?.as_bytes()]),
        IdentityKind::Uri => asn1::element(asn1::primitive(6), &[ascii(value)?.as_bytes()]),
        IdentityKind::OtherName => {
            let text = asn1::element(Tag::Utf8String, &[value]);
            asn1::element(
                asn1::constructed(0),
                &[
                    &asn1::oid(oid::FULCIO_OTHER_NAME),
                    &asn1::element(asn1::constructed(0), &[&text]),
                ],
            )
        }
    };
    Some(asn1::sequence(&[&name]))
}

/// OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }
fn read_other_name(name: Element<'_>) -> Option<Identity> {
    let mut fields = name.contents();
    let id = fields.any("other name").ok()?.oid("other name").ok()?;
    let value = fields.take(asn1::constructed(0), "other name").ok()?;
    fields.finish("other name").ok()?;
    let text = Element::only(value.value(), "other name").ok()?;
    if id != oid::FULCIO_OTHER_NAME || text.tag() != Tag::Utf8String {
        return None;
    }
    let text = str::from_utf8(text.value()).ok()?;
    Some(Identity::new(IdentityKind::OtherName, text))
}

/// IA5String: ASCII, and here never empty and without control characters, so that nothing can hide
/// in a name that people compare.
fn ascii(value: &[u8]) -> Option<&str> {
    if value.is_empty() || !value.iter().all(|byte| (0x20..0x7f).contains(byte)) {
        return None;
    }
    str::from_utf8(value).ok()
}
