//! Parts of a distinguished name (RFC 5280 section 4.1.2.4): for showing, never for comparing.

use der::asn1::ObjectIdentifier;

use crate::asn1::Elements;
use crate::asn1::Malformed;
use crate::oid;

const NAME: &str = "name";

/// The organization, where there is one in text.
pub(super) fn organization(name: &[u8]) -> Option<String> {
    part(name, oid::ORGANIZATION)
}

/// The common name, likewise.
pub(super) fn common_name(name: &[u8]) -> Option<String> {
    part(name, oid::COMMON_NAME)
}

fn part(name: &[u8], id: ObjectIdentifier) -> Option<String> {
    let mut sets = Elements::of_sequence(name, NAME).ok()?;
    while !sets.is_empty() {
        let mut attributes = sets.any(NAME).ok()?.contents();
        while !attributes.is_empty() {
            let mut attribute = attributes.any(NAME).ok()?.contents();
            let found = attribute.any(NAME).ok()?.oid(NAME) == Ok::<_, Malformed>(id);
            let value = attribute.any(NAME).ok()?;
            if found {
                // UTF8String, PrintableString and IA5String are UTF-8 as they are.
                return String::from_utf8(value.value().to_vec()).ok();
            }
        }
    }
    None
}
