//! Walking and composing DER (ITU-T X.690) over the `der` crate's header and primitive codecs.
//!
//! Certificates and timestamp tokens are read by walking, not by deriving structures, for two
//! reasons: signatures cover exact byte ranges that must be remembered (and, for a certificate's
//! SCTs, cut), and the SETs inside real CMS messages are often not sorted, which a strict decoder
//! refuses. Every walk is a fixed sequence of steps: nothing recurses on untrusted depth.

use std::ops::Range;

use der::Decode as _;
use der::Encode as _;
use der::Header;
use der::Length;
use der::Reader as _;
use der::SliceReader;
use der::Tag;
use der::TagNumber;
use der::asn1::BitStringRef;
use der::asn1::GeneralizedTime;
use der::asn1::ObjectIdentifier;
use der::asn1::UtcTime;
use sealwright_core::Timestamp;

/// Which part of a structure is not what its definition says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Malformed(pub(crate) &'static str);

pub(crate) type Result<T> = std::result::Result<T, Malformed>;

/// `[number]` in its constructed form (EXPLICIT, or IMPLICIT of a constructed type).
pub(crate) const fn constructed(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(number),
    }
}

/// `[number]` IMPLICIT of a primitive type.
pub(crate) const fn primitive(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: false,
        number: TagNumber(number),
    }
}

/// One tag, length and value.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    tag: Tag,
    offset: usize,
    header: usize,
    raw: &'a [u8],
}

impl<'a> Element<'a> {
    /// The single element that `bytes` are, with nothing behind it.
    pub(crate) fn only(bytes: &'a [u8], part: &'static str) -> Result<Self> {
        let mut elements = Elements::new(bytes);
        let element = elements.any(part)?;
        elements.finish(part)?;
        Ok(element)
    }

    pub(crate) const fn tag(&self) -> Tag {
        self.tag
    }

    /// Tag, length and value.
    pub(crate) const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Where tag, length and value lie in the outermost bytes walked.
    pub(crate) const fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.raw.len()
    }

    /// The value alone.
    pub(crate) fn value(&self) -> &'a [u8] {
        self.raw.get(self.header..).unwrap_or_default()
    }

    /// Where the value lies in the outermost bytes walked.
    pub(crate) const fn value_range(&self) -> Range<usize> {
        self.offset + self.header..self.offset + self.raw.len()
    }

    /// The elements inside the value.
    pub(crate) fn contents(&self) -> Elements<'a> {
        Elements {
            bytes: self.value(),
            offset: self.offset + self.header,
        }
    }

    pub(crate) fn oid(&self, part: &'static str) -> Result<ObjectIdentifier> {
        // Each number ends with a byte below 0x80 and starts with none of 0x80, which would pad it (X.690
        // section 8.19.2); the type from outside lets both pass.
        let mut at_start = true;
        for byte in self.value() {
            if at_start && *byte == 0x80 {
                return Err(Malformed(part));
            }
            at_start = *byte < 0x80;
        }
        if !at_start {
            return Err(Malformed(part));
        }
        ObjectIdentifier::from_der(self.raw).map_err(|_| Malformed(part))
    }

    /// That a Name is a list of sets of attributes (RFC 5280 section 4.1.2.4); what they say is
    /// compared as bytes and never read.
    pub(crate) fn check_name(&self, part: &'static str) -> Result<()> {
        let mut sets = self.contents();
        while !sets.is_empty() {
            let mut attributes = sets.take(Tag::Set, part)?.contents();
            if attributes.is_empty() {
                return Err(Malformed(part));
            }
            while !attributes.is_empty() {
                let mut fields = attributes.take(Tag::Sequence, part)?.contents();
                fields.take(Tag::ObjectIdentifier, part)?.oid(part)?;
                fields.any(part)?;
                fields.finish(part)?;
            }
        }
        Ok(())
    }

    pub(crate) fn boolean(&self, part: &'static str) -> Result<bool> {
        bool::from_der(self.raw).map_err(|_| Malformed(part))
    }

    /// A non-negative INTEGER that fits 64 bits.
    pub(crate) fn small_integer(&self, part: &'static str) -> Result<u64> {
        u64::from_der(self.raw).map_err(|_| Malformed(part))
    }

    /// The value bytes of a minimally encoded INTEGER of any sign.
    pub(crate) fn integer(&self, part: &'static str) -> Result<&'a [u8]> {
        der::asn1::IntRef::from_der(self.raw).map_err(|_| Malformed(part))?;
        Ok(self.value())
    }

    /// The bytes of a BIT STRING without unused bits.
    pub(crate) fn bit_string(&self, part: &'static str) -> Result<&'a [u8]> {
        BitStringRef::from_der(self.raw)
            .ok()
            .and_then(|bits| bits.as_bytes())
            .ok_or(Malformed(part))
    }

    /// A UTCTime or GeneralizedTime in whole seconds, as certificates hold it.
    pub(crate) fn time(&self, part: &'static str) -> Result<Timestamp> {
        let since_epoch = match self.tag {
            Tag::UtcTime => UtcTime::from_der(self.raw).map(|time| time.to_unix_duration()),
            _ => GeneralizedTime::from_der(self.raw).map(|time| time.to_unix_duration()),
        }
        .map_err(|_| Malformed(part))?;
        let seconds = i64::try_from(since_epoch.as_secs()).map_err(|_| Malformed(part))?;
        Ok(Timestamp::from_seconds(seconds))
    }
}

/// Elements one after another.
#[derive(Clone)]
pub(crate) struct Elements<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Elements<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// The elements of the single SEQUENCE that `bytes` are.
    pub(crate) fn of_sequence(bytes: &'a [u8], part: &'static str) -> Result<Self> {
        let element = Element::only(bytes, part)?;
        if element.tag == Tag::Sequence {
            Ok(element.contents())
        } else {
            Err(Malformed(part))
        }
    }

    /// The next element, whatever its tag.
    pub(crate) fn any(&mut self, part: &'static str) -> Result<Element<'a>> {
        self.read().ok_or(Malformed(part))
    }

    /// The next element, which must carry `tag`.
    pub(crate) fn take(&mut self, tag: Tag, part: &'static str) -> Result<Element<'a>> {
        let element = self.any(part)?;
        if element.tag == tag {
            Ok(element)
        } else {
            Err(Malformed(part))
        }
    }

    /// The next element if it carries `tag`.
    pub(crate) fn optional(&mut self, tag: Tag, part: &'static str) -> Result<Option<Element<'a>>> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let mut ahead = self.clone();
        let element = ahead.any(part)?;
        if element.tag != tag {
            return Ok(None);
        }
        *self = ahead;
        Ok(Some(element))
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Succeeds when nothing is left.
    pub(crate) const fn finish(&self, part: &'static str) -> Result<()> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(Malformed(part))
        }
    }

    fn read(&mut self) -> Option<Element<'a>> {
        let mut reader = SliceReader::new(self.bytes).ok()?;
        let header = Header::decode(&mut reader).ok()?;
        let header_length = usize::try_from(reader.position()).ok()?;
        let value_length = usize::try_from(header.length()).ok()?;
        let (raw, rest) = self
            .bytes
            .split_at_checked(header_length.checked_add(value_length)?)?;
        let element = Element {
            tag: header.tag(),
            offset: self.offset,
            header: header_length,
            raw,
        };
        self.bytes = rest;
        self.offset += raw.len();
        Some(element)
    }
}

/// Composes an element of `tag` whose value is `parts` one after another.
pub(crate) fn element(tag: Tag, parts: &[&[u8]]) -> Vec<u8> {
    let size: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(size + 6);
    let length = Length::try_from(size).unwrap_or(Length::MAX);
    if Header::new(tag, length).encode_to_vec(&mut out).is_err() {
        out.clear();
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// Composes a SEQUENCE.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(Tag::Sequence, parts)
}

/// Composes a SET OF in DER's order.
pub(crate) fn set_of(mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort();
    let parts: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
    element(Tag::Set, &parts)
}

/// Composes an OBJECT IDENTIFIER.
pub(crate) fn oid(id: ObjectIdentifier) -> Vec<u8> {
    element(Tag::ObjectIdentifier, &[id.as_bytes()])
}

/// Composes a non-negative INTEGER from big-endian bytes.
pub(crate) fn unsigned_integer(big_endian: &[u8]) -> Vec<u8> {
    let significant = big_endian
        .iter()
        .position(|byte| *byte != 0)
        .and_then(|start| big_endian.get(start..))
        .unwrap_or(&[0]);
    let sign: &[u8] = match significant.first() {
        Some(first) if *first >= 0x80 => &[0],
        _ => &[],
    };
    element(Tag::Integer, &[sign, significant])
}

/// Composes a BIT STRING without unused bits.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(Tag::BitString, &[&[0], bytes])
}

/// Composes a time as RFC 5280 section 4.1.2.5 asks: UTCTime through 2049, GeneralizedTime after.
pub(crate) fn certificate_time(time: Timestamp) -> Option<Vec<u8>> {
    let since_epoch = std::time::Duration::from_secs(u64::try_from(time.seconds()).ok()?);
    UtcTime::from_unix_duration(since_epoch)
        .and_then(|time| time.to_der())
        .or_else(|_| GeneralizedTime::from_unix_duration(since_epoch)?.to_der())
        .ok()
}

/// Composes a GeneralizedTime in whole seconds.
pub(crate) fn generalized_time(time: Timestamp) -> Option<Vec<u8>> {
    let since_epoch = std::time::Duration::from_secs(u64::try_from(time.seconds()).ok()?);
    GeneralizedTime::from_unix_duration(since_epoch)
        .and_then(|time| time.to_der())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_minimal_and_positive() {
        assert_eq!(unsigned_integer(&[]), [2, 1, 0]);
        assert_eq!(unsigned_integer(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(unsigned_integer(&[0x80]), [2, 2, 0, 0x80]);
    }

    #[test]
    fn numbers_of_an_object_identifier_are_whole_and_not_padded() {
        let read = |value: &[u8]| {
            let der = element(Tag::ObjectIdentifier, &[value]);
            Element::only(&der, "id").unwrap().oid("id").is_ok()
        };
        assert!(read(&[0x55, 0x1d, 0x23]));
        assert!(read(&[0x2b, 0x86, 0x48]));
        for bad in [&[0x55, 0x1d, 0x04, 0x83][..], &[0x55, 0x80, 0x1d], &[]] {
            assert!(!read(bad), "{bad:02x?}");
        }
    }

    #[test]
    fn elements_know_where_they_lie() {
        let inner = sequence(&[&unsigned_integer(&[5])]);
        let outer = sequence(&[&oid(ObjectIdentifier::new_unwrap("1.2.3")), &inner]);
        let mut elements = Element::only(&outer, "outer").unwrap().contents();
        elements.take(Tag::ObjectIdentifier, "oid").unwrap();
        let found = elements.take(Tag::Sequence, "inner").unwrap();
        assert_eq!(&outer[found.range()], inner);
        assert_eq!(&outer[found.value_range()], &inner[2..]);
        assert!(elements.is_empty());
    }

    #[test]
    fn times_change_form_in_2050() {
        let last: Timestamp = "2049-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(certificate_time(last).unwrap()[0], 0x17);
        assert_eq!(certificate_time(last.plus_seconds(1)).unwrap()[0], 0x18);
    }

    #[test]
    fn refuses_trailing_bytes_and_long_form_lengths() {
        assert!(Element::only(&[5, 0, 0], "x").is_err());
        assert!(Element::only(&[4, 0x81, 1, 0], "x").is_err());
        assert!(Element::only(&[4, 2, 0], "x").is_err());
    }
}
