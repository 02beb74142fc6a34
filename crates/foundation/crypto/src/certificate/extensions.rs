//! Certificate extensions, and those of them that path building needs (RFC 5280 section 4.2).

use std::ops::Range;

use der::Decode as _;
use der::Tag;
use der::asn1::BitStringRef;
use der::asn1::ObjectIdentifier;

use crate::asn1;
use crate::asn1::Element;
use crate::asn1::Elements;
use crate::asn1::Malformed;
use crate::oid;

/// What a certificate may be used for, as far as Sigstore asks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Eku {
    /// id-kp-codeSigning.
    CodeSigning,
    /// id-kp-timeStamping.
    TimeStamping,
}

impl Eku {
    /// The usage's name in RFC 5280.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodeSigning => "codeSigning",
            Self::TimeStamping => "timeStamping",
        }
    }

    pub(crate) const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::CodeSigning => oid::CODE_SIGNING,
            Self::TimeStamping => oid::TIME_STAMPING,
        }
    }
}

/// One extension and where it lies in the certificate.
#[derive(Clone, Debug)]
pub(crate) struct Extension {
    pub(crate) id: ObjectIdentifier,
    pub(crate) critical: bool,
    /// The contents of its OCTET STRING.
    pub(crate) value: Range<usize>,
    /// The whole Extension.
    pub(crate) whole: Range<usize>,
}

/// All extensions of a certificate, with those path building needs already read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    pub(crate) all: Vec<Extension>,
    pub(crate) basic_constraints: Option<BasicConstraints>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) extended_key_usage: Option<ExtendedKeyUsage>,
    /// `[3] EXPLICIT SEQUENCE OF Extension`, tag to end.
    pub(crate) wrapper: Range<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct BasicConstraints {
    pub(crate) is_ca: bool,
    pub(crate) path_length: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyUsage {
    pub(crate) digital_signature: bool,
    pub(crate) certificate_sign: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct ExtendedKeyUsage {
    pub(crate) critical: bool,
    usages: Vec<ObjectIdentifier>,
}

impl Extensions {
    pub(crate) fn find(&self, id: &ObjectIdentifier) -> Option<&Extension> {
        self.all.iter().find(|extension| extension.id == *id)
    }
}

impl ExtendedKeyUsage {
    pub(crate) fn names(&self, usage: Eku) -> bool {
        self.usages.contains(&usage.oid())
    }

    /// Whether it lets a CA issue for `usage`.
    pub(crate) fn permits(&self, usage: Eku) -> bool {
        self.names(usage) || self.usages.contains(&oid::ANY_EXTENDED_KEY_USAGE)
    }

    pub(crate) fn is_only(&self, usage: Eku) -> bool {
        self.usages == [usage.oid()]
    }
}

/// Reads `[3] EXPLICIT SEQUENCE SIZE (1..MAX) OF Extension`.
pub(super) fn read(wrapper: Element<'_>) -> asn1::Result<Extensions> {
    let mut contents = wrapper.contents();
    let mut list = contents.take(Tag::Sequence, "extensions")?.contents();
    contents.finish("extensions")?;
    let mut extensions = Extensions {
        wrapper: wrapper.range(),
        ..Extensions::default()
    };
    while !list.is_empty() {
        if extensions.all.len() == MAX_EXTENSIONS {
            return Err(Malformed("extensions, of which there are too many"));
        }
        let extension = list.take(Tag::Sequence, "extension")?;
        let mut fields = extension.contents();
        let id = fields
            .take(Tag::ObjectIdentifier, "extension id")?
            .oid("extension id")?;
        let critical = match fields.optional(Tag::Boolean, "extension criticality")? {
            None => false,
            Some(flag) => flag.boolean("extension criticality")?,
        };
        let value = fields.take(Tag::OctetString, "extension value")?;
        fields.finish("extension")?;
        if extensions.find(&id).is_some() {
            return Err(Malformed("extensions, one of which stands twice"));
        }
        match id {
            oid::BASIC_CONSTRAINTS => {
                extensions.basic_constraints = Some(read_basic_constraints(value.value())?);
            }
            oid::KEY_USAGE => extensions.key_usage = Some(read_key_usage(value.value())?),
            oid::EXTENDED_KEY_USAGE => {
                extensions.extended_key_usage = Some(ExtendedKeyUsage {
                    critical,
                    usages: read_usages(value.value())?,
                });
            }
            oid::SUBJECT_KEY_IDENTIFIER => {
                let key_id = Element::only(value.value(), "subject key identifier")?;
                if key_id.tag() != Tag::OctetString {
                    return Err(Malformed("subject key identifier"));
                }
            }
            oid::AUTHORITY_KEY_IDENTIFIER => check_authority_key_id(value.value())?,
            _ => {}
        }
        extensions.all.push(Extension {
            id,
            critical,
            value: value.value_range(),
            whole: extension.range(),
        });
    }
    if extensions.all.is_empty() {
        return Err(Malformed("extensions, of which there are none"));
    }
    Ok(extensions)
}

fn read_basic_constraints(value: &[u8]) -> asn1::Result<BasicConstraints> {
    const PART: &str = "basic constraints";
    let mut fields = Elements::of_sequence(value, PART)?;
    let is_ca = match fields.optional(Tag::Boolean, PART)? {
        None => false,
        Some(flag) => flag.boolean(PART)?,
    };
    let path_length = fields
        .optional(Tag::Integer, PART)?
        .map(|length| length.small_integer(PART))
        .transpose()?;
    fields.finish(PART)?;
    Ok(BasicConstraints { is_ca, path_length })
}

fn read_key_usage(value: &[u8]) -> asn1::Result<KeyUsage> {
    const PART: &str = "key usage";
    let bits = BitStringRef::from_der(value).map_err(|_| Malformed(PART))?;
    // What stands behind the last bit must be zero (X.690 section 11.2.1).
    let unused = !(u8::MAX << bits.unused_bits());
    if bits
        .raw_bytes()
        .last()
        .is_some_and(|last| last & unused != 0)
    {
        return Err(Malformed(PART));
    }
    Ok(KeyUsage {
        digital_signature: bits.get(0).unwrap_or(false),
        certificate_sign: bits.get(5).unwrap_or(false),
    })
}

/// It helps to find an issuer, which is proved by its signature; what it says is not used.
fn check_authority_key_id(value: &[u8]) -> asn1::Result<()> {
    const PART: &str = "authority key identifier";
    let mut fields = Elements::of_sequence(value, PART)?;
    fields.optional(asn1::primitive(0), PART)?;
    let issuer = fields.optional(asn1::constructed(1), PART)?;
    let serial = fields.optional(asn1::primitive(2), PART)?;
    // Both are there, or none is (RFC 5280 section 4.2.1.1).
    if issuer.is_some() != serial.is_some() {
        return Err(Malformed(PART));
    }
    fields.finish(PART)
}

fn read_usages(value: &[u8]) -> asn1::Result<Vec<ObjectIdentifier>> {
    const PART: &str = "extended key usage";
    let mut list = Elements::of_sequence(value, PART)?;
    let mut usages = Vec::new();
    while !list.is_empty() {
        if usages.len() == MAX_USAGES {
            return Err(Malformed(PART));
        }
        usages.push(list.take(Tag::ObjectIdentifier, PART)?.oid(PART)?);
    }
    Ok(usages)
}

const MAX_EXTENSIONS: usize = 64;
const MAX_USAGES: usize = 32;
