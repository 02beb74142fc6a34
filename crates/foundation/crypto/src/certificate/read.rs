//! Taking a Certificate apart (RFC 5280 section 4.1).

use der::Tag;
use sealwright_core::Timestamp;

use super::Inner;
use super::extensions;
use super::extensions::Extensions;
use crate::Error;
use crate::PublicKey;
use crate::asn1;
use crate::asn1::Element;
use crate::asn1::Elements;
use crate::asn1::Malformed;
use crate::error::Structure;
use crate::scheme::SignatureAlgorithm;

pub(super) fn read(der: &[u8]) -> Result<Inner, Error> {
    let parts = take_apart(der).map_err(|Malformed(part)| Error::Malformed {
        structure: Structure::Certificate,
        part,
    })?;
    Ok(Inner {
        der: der.into(),
        tbs: parts.tbs.range(),
        serial: parts.serial.value_range(),
        issuer: parts.issuer.range(),
        subject: parts.subject.range(),
        signature: parts.signature.value_range().start + 1..parts.signature.value_range().end,
        signature_algorithm: parts.algorithm,
        not_before: parts.not_before,
        not_after: parts.not_after,
        public_key: PublicKey::from_der(parts.key.raw())?,
        extensions: parts.extensions,
        signed_by: std::sync::OnceLock::new(),
    })
}

struct Parts<'a> {
    tbs: Element<'a>,
    serial: Element<'a>,
    issuer: Element<'a>,
    subject: Element<'a>,
    signature: Element<'a>,
    algorithm: Option<SignatureAlgorithm>,
    not_before: Timestamp,
    not_after: Timestamp,
    key: Element<'a>,
    extensions: Extensions,
}

fn take_apart(der: &[u8]) -> asn1::Result<Parts<'_>> {
    let mut outer = Elements::of_sequence(der, "Certificate")?;
    let tbs = outer.take(Tag::Sequence, "TBSCertificate")?;
    let algorithm = outer.take(Tag::Sequence, "signature algorithm")?;
    let signature = outer.take(Tag::BitString, "signature")?;
    signature.bit_string("signature")?;
    outer.finish("Certificate")?;

    let mut fields = tbs.contents();
    // Version 3 is 2, written explicitly; versions 1 and 2 know no extensions and are refused.
    let version = fields.take(asn1::constructed(0), "version")?;
    if Element::only(version.value(), "version")?.small_integer("version")? != 2 {
        return Err(Malformed("version, wanted 3"));
    }
    let serial = fields.take(Tag::Integer, "serial number")?;
    serial.integer("serial number")?;
    // RFC 5280 says 20 octets; a sign byte in front of 20 is seen in practice and harmless.
    if serial.value().len() > 21 {
        return Err(Malformed("serial number"));
    }
    let inner_algorithm = fields.take(Tag::Sequence, "signature algorithm")?;
    if inner_algorithm.raw() != algorithm.raw() {
        return Err(Malformed(
            "signature algorithm, which is named twice and differs",
        ));
    }
    let issuer = fields.take(Tag::Sequence, "issuer")?;
    issuer.check_name("issuer")?;
    let (not_before, not_after) = read_validity(fields.take(Tag::Sequence, "validity")?)?;
    let subject = fields.take(Tag::Sequence, "subject")?;
    subject.check_name("subject")?;
    let key = fields.take(Tag::Sequence, "SubjectPublicKeyInfo")?;
    fields.optional(asn1::primitive(1), "issuer unique id")?;
    fields.optional(asn1::primitive(2), "subject unique id")?;
    let extensions = read_extensions(&mut fields)?;
    fields.finish("TBSCertificate")?;

    Ok(Parts {
        tbs,
        serial,
        issuer,
        subject,
        signature,
        algorithm: SignatureAlgorithm::read(algorithm)?,
        not_before,
        not_after,
        key,
        extensions,
    })
}

fn read_validity(validity: Element<'_>) -> asn1::Result<(Timestamp, Timestamp)> {
    let mut times = validity.contents();
    let not_before = times.any("notBefore")?.time("notBefore")?;
    let not_after = times.any("notAfter")?.time("notAfter")?;
    times.finish("validity")?;
    Ok((not_before, not_after))
}

fn read_extensions(fields: &mut Elements<'_>) -> asn1::Result<Extensions> {
    match fields.optional(asn1::constructed(3), "extensions")? {
        None => Ok(Extensions::default()),
        Some(wrapper) => extensions::read(wrapper),
    }
}
