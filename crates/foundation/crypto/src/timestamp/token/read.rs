//! Taking a TimeStampResp apart.

use std::ops::Range;
use std::sync::OnceLock;

use der::Tag;
use sealwright_core::Digest;
use sealwright_core::Timestamp;

use super::Binding;
use super::BindingHash;
use super::Inner;
use super::Signer;
use super::SignerId;
use crate::asn1;
use crate::asn1::Element;
use crate::asn1::Elements;
use crate::asn1::Malformed;
use crate::oid;
use crate::scheme;
use crate::scheme::Hash;
use crate::scheme::SignatureAlgorithm;
use crate::timestamp::request;

pub(super) enum Status<'a> {
    Granted(Element<'a>),
    Refused(u64),
}

/// TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo OPTIONAL }
pub(super) fn status(der: &[u8]) -> asn1::Result<Status<'_>> {
    let mut fields = Elements::of_sequence(der, "TimeStampResp")?;
    let mut info = fields.take(Tag::Sequence, "status")?.contents();
    let status = info.take(Tag::Integer, "status")?.small_integer("status")?;
    info.optional(Tag::Sequence, "status text")?;
    info.optional(Tag::BitString, "failure info")?;
    info.finish("status")?;
    // granted, grantedWithMods
    if status > 1 {
        return Ok(Status::Refused(status));
    }
    let token = fields.take(Tag::Sequence, "ContentInfo")?;
    fields.finish("TimeStampResp")?;
    Ok(Status::Granted(token))
}

/// ContentInfo ::= SEQUENCE { contentType, content [0] EXPLICIT SignedData }
pub(super) fn token(der: &[u8], content_info: Element<'_>) -> asn1::Result<Inner> {
    let mut outer = content_info.contents();
    if outer
        .take(Tag::ObjectIdentifier, "content type")?
        .oid("content type")?
        != oid::SIGNED_DATA
    {
        return Err(Malformed("content type, wanted signed data"));
    }
    let mut wrapper = outer.take(asn1::constructed(0), "content")?.contents();
    outer.finish("ContentInfo")?;
    let mut fields = wrapper.take(Tag::Sequence, "SignedData")?.contents();
    wrapper.finish("content")?;

    check_version(fields.take(Tag::Integer, "SignedData version")?)?;
    check_algorithms(fields.take(Tag::Set, "digest algorithms")?)?;
    let info = read_content(fields.take(Tag::Sequence, "encapsulated content")?)?;
    let certificates = match fields.optional(asn1::constructed(0), "certificates")? {
        None => Vec::new(),
        Some(set) => read_certificates(set)?,
    };
    fields.optional(asn1::constructed(1), "revocation lists")?;
    let mut signers = fields.take(Tag::Set, "signer infos")?.contents();
    fields.finish("SignedData")?;
    let signer = read_signer(signers.take(Tag::Sequence, "signer info")?)?;
    signers.finish("signer infos, of which there is more than one")?;

    let fields = read_info(info)?;
    Ok(Inner {
        der: der.into(),
        info: info.value_range(),
        imprint: fields.imprint,
        gen_time: fields.gen_time,
        serial: fields.serial,
        nonce: fields.nonce,
        certificates,
        signer,
        parsed_certificates: OnceLock::new(),
    })
}

/// Nothing signs this list, and nothing is read from it; what signed says which hash it used.
fn check_algorithms(set: Element<'_>) -> asn1::Result<()> {
    const PART: &str = "digest algorithms";
    let mut algorithms = set.contents();
    while !algorithms.is_empty() {
        let mut fields = algorithms.take(Tag::Sequence, PART)?.contents();
        fields.take(Tag::ObjectIdentifier, PART)?.oid(PART)?;
        if !fields.is_empty() {
            fields.any(PART)?;
        }
        fields.finish(PART)?;
    }
    Ok(())
}

/// CMSVersion ::= INTEGER { v0(0), v1(1), v2(2), v3(3), v4(4), v5(5) } (RFC 5652 section 10.2.5)
fn check_version(version: Element<'_>) -> asn1::Result<()> {
    match version.small_integer("version")? {
        0..=5 => Ok(()),
        _ => Err(Malformed("version of signed data")),
    }
}

/// EncapsulatedContentInfo ::= SEQUENCE { eContentType, eContent [0] EXPLICIT OCTET STRING }
fn read_content(content: Element<'_>) -> asn1::Result<Element<'_>> {
    let mut fields = content.contents();
    if fields
        .take(Tag::ObjectIdentifier, "encapsulated content type")?
        .oid("encapsulated content type")?
        != oid::TST_INFO
    {
        return Err(Malformed("encapsulated content type, wanted TSTInfo"));
    }
    let mut wrapper = fields
        .take(asn1::constructed(0), "encapsulated content")?
        .contents();
    fields.finish("encapsulated content")?;
    let octets = wrapper.take(Tag::OctetString, "encapsulated content")?;
    wrapper.finish("encapsulated content")?;
    Ok(octets)
}

/// CertificateSet ::= SET OF CertificateChoices, of which only plain certificates are kept.
fn read_certificates(set: Element<'_>) -> asn1::Result<Vec<Range<usize>>> {
    let mut list = set.contents();
    let mut certificates = Vec::new();
    while !list.is_empty() {
        if certificates.len() == MAX_CERTIFICATES {
            return Err(Malformed("certificates, of which there are too many"));
        }
        let certificate = list.any("certificates")?;
        if certificate.tag() == Tag::Sequence {
            certificates.push(certificate.range());
        }
    }
    Ok(certificates)
}

struct Info {
    imprint: Digest,
    serial: Range<usize>,
    gen_time: Timestamp,
    nonce: Option<Range<usize>>,
}

/// TSTInfo (RFC 3161 section 2.4.2).
fn read_info(octets: Element<'_>) -> asn1::Result<Info> {
    let mut content = octets.contents();
    let mut fields = content.take(Tag::Sequence, "TSTInfo")?.contents();
    content.finish("TSTInfo")?;
    if fields
        .take(Tag::Integer, "TSTInfo version")?
        .small_integer("TSTInfo version")?
        != 1
    {
        return Err(Malformed("TSTInfo version, wanted 1"));
    }
    fields
        .take(Tag::ObjectIdentifier, "policy")?
        .oid("policy")?;
    let (_, imprint) = request::read_imprint(fields.take(Tag::Sequence, "message imprint")?)?;
    let serial = fields.take(Tag::Integer, "serial number")?;
    serial.integer("serial number")?;
    let gen_time = read_gen_time(fields.take(Tag::GeneralizedTime, "genTime")?)?;
    fields.optional(Tag::Sequence, "accuracy")?;
    if let Some(ordering) = fields.optional(Tag::Boolean, "ordering")? {
        ordering.boolean("ordering")?;
    }
    let nonce = fields.optional(Tag::Integer, "nonce")?;
    if let Some(nonce) = nonce {
        nonce.integer("nonce")?;
    }
    fields.optional(asn1::constructed(0), "tsa")?;
    if let Some(extensions) = fields.optional(asn1::constructed(1), "extensions")? {
        refuse_critical(extensions)?;
    }
    fields.finish("TSTInfo")?;
    Ok(Info {
        imprint,
        serial: serial.value_range(),
        gen_time,
        nonce: nonce.map(|nonce| nonce.value_range()),
    })
}

/// GeneralizedTime with an optional fraction of a second (RFC 3161 section 2.4.2), which is kept
/// to the millisecond.
fn read_gen_time(time: Element<'_>) -> asn1::Result<Timestamp> {
    const PART: &str = "genTime";
    let Some(dot) = time.value().iter().position(|byte| *byte == b'.') else {
        return time.time(PART);
    };
    let (whole, fraction) = time.value().split_at_checked(dot).ok_or(Malformed(PART))?;
    let digits = fraction
        .strip_prefix(b".")
        .and_then(|rest| rest.strip_suffix(b"Z"))
        .filter(|digits| {
            !digits.is_empty()
                && digits.iter().all(u8::is_ascii_digit)
                && digits.last() != Some(&b'0')
        })
        .ok_or(Malformed(PART))?;
    let milliseconds = digits
        .iter()
        .chain(b"00")
        .take(3)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let whole = asn1::element(Tag::GeneralizedTime, &[whole, b"Z"]);
    let seconds = Element::only(&whole, PART)?.time(PART)?;
    Ok(Timestamp::from_milliseconds(
        seconds.milliseconds().saturating_add(milliseconds),
    ))
}

fn refuse_critical(extensions: Element<'_>) -> asn1::Result<()> {
    const PART: &str = "TSTInfo extensions";
    let mut list = extensions.contents();
    while !list.is_empty() {
        let mut fields = list.take(Tag::Sequence, PART)?.contents();
        fields.take(Tag::ObjectIdentifier, PART)?;
        if let Some(critical) = fields.optional(Tag::Boolean, PART)?
            && critical.boolean(PART)?
        {
            return Err(Malformed("TSTInfo extension, critical and not understood"));
        }
    }
    Ok(())
}

/// SignerInfo (RFC 5652 section 5.3).
fn read_signer(info: Element<'_>) -> asn1::Result<Signer> {
    let mut fields = info.contents();
    check_version(fields.take(Tag::Integer, "signer version")?)?;
    let id = read_signer_id(fields.any("signer id")?)?;
    let digest = scheme::read_digest_algorithm(
        fields.take(Tag::Sequence, "signer digest algorithm")?,
        "signer digest algorithm",
    )?
    .ok_or(Malformed(
        "signer digest algorithm, wanted SHA-256, SHA-384 or SHA-512",
    ))?;
    let attributes = fields.take(asn1::constructed(0), "signed attributes")?;
    let algorithm = SignatureAlgorithm::read(fields.take(Tag::Sequence, "signature algorithm")?)?;
    let signature = fields.take(Tag::OctetString, "signature")?;
    fields.optional(asn1::constructed(1), "unsigned attributes")?;
    fields.finish("signer info")?;
    let parsed = read_attributes(attributes)?;
    Ok(Signer {
        id,
        digest,
        attributes: attributes.range(),
        content_type: parsed.content_type,
        message_digest: parsed.message_digest,
        binding: parsed.binding,
        algorithm,
        signature: signature.value_range(),
    })
}

fn read_signer_id(id: Element<'_>) -> asn1::Result<SignerId> {
    if id.tag() == asn1::primitive(0) {
        return Ok(SignerId::SubjectKey(id.value_range()));
    }
    if id.tag() != Tag::Sequence {
        return Err(Malformed("signer id"));
    }
    let mut fields = id.contents();
    let issuer = fields.take(Tag::Sequence, "signer's issuer")?;
    issuer.check_name("signer's issuer")?;
    let serial = fields.take(Tag::Integer, "signer's serial number")?;
    fields.finish("signer id")?;
    Ok(SignerId::IssuerAndSerial {
        issuer: issuer.range(),
        serial: serial.value_range(),
    })
}

struct Attributes {
    content_type: der::asn1::ObjectIdentifier,
    message_digest: Range<usize>,
    binding: Binding,
}

fn read_attributes(set: Element<'_>) -> asn1::Result<Attributes> {
    let mut list = set.contents();
    let mut content_type = None;
    let mut message_digest = None;
    let mut binding_1 = None;
    let mut binding_2 = None;
    let mut count = 0;
    while !list.is_empty() {
        count += 1;
        if count > MAX_ATTRIBUTES {
            return Err(Malformed("signed attributes, of which there are too many"));
        }
        let mut fields = list.take(Tag::Sequence, "signed attribute")?.contents();
        let id = fields
            .take(Tag::ObjectIdentifier, "signed attribute")?
            .oid("signed attribute")?;
        let values = fields.take(Tag::Set, "signed attribute")?;
        fields.finish("signed attribute")?;
        let place = match id {
            oid::CONTENT_TYPE => &mut content_type,
            oid::MESSAGE_DIGEST => &mut message_digest,
            oid::SIGNING_CERTIFICATE => &mut binding_1,
            oid::SIGNING_CERTIFICATE_V2 => &mut binding_2,
            _ => continue,
        };
        let mut values = values.contents();
        let value = values.any("signed attribute")?;
        values.finish("signed attribute, which has more than one value")?;
        if place.replace(value).is_some() {
            return Err(Malformed("signed attribute, which stands twice"));
        }
    }
    let content_type = content_type.ok_or(Malformed("contentType attribute, which is missing"))?;
    let message_digest = message_digest
        .filter(|value| value.tag() == Tag::OctetString)
        .ok_or(Malformed("messageDigest attribute"))?;
    let binding = match (binding_2, binding_1) {
        (Some(value), _) => read_binding(value, Version::Two)?,
        (None, Some(value)) => read_binding(value, Version::One)?,
        (None, None) => {
            return Err(Malformed("signingCertificate attribute, which is missing"));
        }
    };
    Ok(Attributes {
        content_type: content_type.oid("contentType attribute")?,
        message_digest: message_digest.value_range(),
        binding,
    })
}

#[derive(Clone, Copy)]
enum Version {
    One,
    Two,
}

/// SigningCertificate and SigningCertificateV2: the first certificate named is the signer's.
fn read_binding(attribute: Element<'_>, version: Version) -> asn1::Result<Binding> {
    const PART: &str = "signingCertificate attribute";
    if attribute.tag() != Tag::Sequence {
        return Err(Malformed(PART));
    }
    let mut list = attribute.contents().take(Tag::Sequence, PART)?.contents();
    let mut fields = list.take(Tag::Sequence, PART)?.contents();
    let hash = match version {
        Version::One => BindingHash::Sha1,
        Version::Two => match fields.optional(Tag::Sequence, PART)? {
            None => BindingHash::Named(Hash::Sha256),
            Some(algorithm) => BindingHash::Named(
                scheme::read_digest_algorithm(algorithm, PART)?.ok_or(Malformed(PART))?,
            ),
        },
    };
    let value = fields.take(Tag::OctetString, PART)?;
    let issuer_and_serial = fields
        .optional(Tag::Sequence, PART)?
        .map(read_issuer_and_serial)
        .transpose()?
        .flatten();
    fields.finish(PART)?;
    Ok(Binding {
        hash,
        value: value.value_range(),
        issuer_and_serial,
    })
}

/// IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber }; only a directory name can be
/// compared, anything else counts as not stated.
fn read_issuer_and_serial(
    element: Element<'_>,
) -> asn1::Result<Option<(Range<usize>, Range<usize>)>> {
    const PART: &str = "signingCertificate attribute";
    let mut fields = element.contents();
    let mut names = fields.take(Tag::Sequence, PART)?.contents();
    let name = names.any(PART)?;
    let serial = fields.take(Tag::Integer, PART)?;
    fields.finish(PART)?;
    if name.tag() != asn1::constructed(4) || !names.is_empty() {
        return Ok(None);
    }
    Ok(Some((name.value_range(), serial.value_range())))
}

const MAX_CERTIFICATES: usize = 16;
const MAX_ATTRIBUTES: usize = 32;
