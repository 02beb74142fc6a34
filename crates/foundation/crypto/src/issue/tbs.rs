//! Composing TBSCertificate (RFC 5280 section 4.1).

use der::Tag;
use der::asn1::ObjectIdentifier;
use sealwright_core::Digest;
use sealwright_core::Identity;

use super::AuthorityName;
use super::Validity;
use super::unwritable;
use crate::Certificate;
use crate::Error;
use crate::PublicKey;
use crate::SignatureScheme;
use crate::SignedCertificateTimestamp;
use crate::SigningKey;
use crate::asn1;
use crate::certificate;
use crate::certificate::Eku;
use crate::oid;
use crate::scheme;
use crate::sct;

/// A certificate before it is signed.
pub(crate) struct Tbs<'a> {
    pub(crate) serial: &'a [u8],
    pub(crate) issuer: &'a [u8],
    pub(crate) subject: &'a [u8],
    pub(crate) validity: Validity,
    pub(crate) public_key: &'a PublicKey,
    pub(crate) extensions: Vec<Extension>,
}

/// A composed Extension.
pub(crate) struct Extension(Vec<u8>);

#[derive(Clone, Copy)]
pub(crate) enum Criticality {
    Critical,
    Ignorable,
}

impl Tbs<'_> {
    /// The bytes to be signed with `scheme`.
    pub(crate) fn compose(&self, scheme: SignatureScheme) -> Result<Vec<u8>, Error> {
        let time = |time| asn1::certificate_time(time).ok_or_else(|| unwritable("validity"));
        let version = asn1::element(asn1::constructed(0), &[&asn1::unsigned_integer(&[2])]);
        let validity = asn1::sequence(&[
            &time(self.validity.not_before)?,
            &time(self.validity.not_after)?,
        ]);
        let extensions: Vec<&[u8]> = self
            .extensions
            .iter()
            .map(|extension| extension.0.as_slice())
            .collect();
        Ok(asn1::sequence(&[
            &version,
            &asn1::unsigned_integer(self.serial),
            &identifier(scheme)?,
            self.issuer,
            &validity,
            self.subject,
            self.public_key.der(),
            &asn1::element(asn1::constructed(3), &[&asn1::sequence(&extensions)]),
        ]))
    }

    pub(crate) fn sign(&self, key: &SigningKey) -> Result<Certificate, Error> {
        let tbs = self.compose(key.scheme())?;
        let signature = key.sign(&tbs)?;
        Certificate::from_der(&asn1::sequence(&[
            &tbs,
            &identifier(key.scheme())?,
            &asn1::bit_string(&signature),
        ]))
    }
}

impl Extension {
    pub(crate) fn basic_constraints(path_length: Option<u8>) -> Self {
        let is_ca = asn1::element(Tag::Boolean, &[&[0xff]]);
        let path_length = path_length
            .map(|length| asn1::unsigned_integer(&[length]))
            .unwrap_or_default();
        Self::new(
            oid::BASIC_CONSTRAINTS,
            Criticality::Critical,
            &asn1::sequence(&[&is_ca, &path_length]),
        )
    }

    /// keyCertSign and cRLSign: bits 5 and 6, one bit unused.
    pub(crate) fn ca_key_usage() -> Self {
        Self::key_usage([1, 0b0000_0110])
    }

    /// digitalSignature: bit 0, seven bits unused.
    pub(crate) fn leaf_key_usage() -> Self {
        Self::key_usage([7, 0b1000_0000])
    }

    pub(crate) fn extended_key_usage(usage: Eku, criticality: Criticality) -> Self {
        Self::new(
            oid::EXTENDED_KEY_USAGE,
            criticality,
            &asn1::sequence(&[&asn1::oid(usage.oid())]),
        )
    }

    pub(crate) fn subject_key_id(key_id: &[u8]) -> Self {
        Self::new(
            oid::SUBJECT_KEY_IDENTIFIER,
            Criticality::Ignorable,
            &asn1::element(Tag::OctetString, &[key_id]),
        )
    }

    /// AuthorityKeyIdentifier in its key identifier form.
    pub(crate) fn authority_key_id(issuer: &Certificate) -> Self {
        let computed = key_id(issuer.public_key());
        let key_id = issuer.subject_key_id().unwrap_or(&computed);
        Self::new(
            oid::AUTHORITY_KEY_IDENTIFIER,
            Criticality::Ignorable,
            &asn1::sequence(&[&asn1::element(asn1::primitive(0), &[key_id])]),
        )
    }

    /// Critical, because the subject is empty (RFC 5280 section 4.1.2.6).
    pub(crate) fn subject_alternative_name(identity: &Identity) -> Option<Self> {
        let names = certificate::compose_identity(identity)?;
        Some(Self::new(
            oid::SUBJECT_ALT_NAME,
            Criticality::Critical,
            &names,
        ))
    }

    pub(crate) fn fulcio_raw(number: u32, value: &str) -> Option<Self> {
        let id = oid::FULCIO.push_arc(number).ok()?;
        Some(Self::new(id, Criticality::Ignorable, value.as_bytes()))
    }

    pub(crate) fn fulcio_utf8(number: u32, value: &str) -> Option<Self> {
        let id = oid::FULCIO.push_arc(number).ok()?;
        Some(Self::new(
            id,
            Criticality::Ignorable,
            &asn1::element(Tag::Utf8String, &[value.as_bytes()]),
        ))
    }

    pub(crate) fn scts(list: &[SignedCertificateTimestamp]) -> Option<Self> {
        let value = sct::compose_extension(list)?;
        Some(Self::new(oid::SCT_LIST, Criticality::Ignorable, &value))
    }

    pub(crate) fn key_usage(bits: [u8; 2]) -> Self {
        Self::new(
            oid::KEY_USAGE,
            Criticality::Critical,
            &asn1::element(Tag::BitString, &[&bits]),
        )
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn new(id: ObjectIdentifier, criticality: Criticality, value: &[u8]) -> Self {
        let critical = match criticality {
            Criticality::Critical => asn1::element(Tag::Boolean, &[&[0xff]]),
            Criticality::Ignorable => Vec::new(),
        };
        Self(asn1::sequence(&[
            &asn1::oid(id),
            &critical,
            &asn1::element(Tag::OctetString, &[value]),
        ]))
    }
}

fn identifier(scheme: SignatureScheme) -> Result<Vec<u8>, Error> {
    scheme::signature_identifier(scheme).ok_or_else(|| unwritable("signature algorithm"))
}

/// Name ::= SEQUENCE OF RelativeDistinguishedName: organization, then common name.
pub(crate) fn compose_name(name: AuthorityName<'_>) -> Vec<u8> {
    let part = |id, value: &str| {
        asn1::element(
            Tag::Set,
            &[&asn1::sequence(&[
                &asn1::oid(id),
                &asn1::element(Tag::Utf8String, &[value.as_bytes()]),
            ])],
        )
    };
    asn1::sequence(&[
        &part(oid::ORGANIZATION, name.organization),
        &part(oid::COMMON_NAME, name.common_name),
    ])
}

/// The leftmost 160 bits of the SHA-256 of the key bits (RFC 7093 section 2, method 1).
pub(crate) fn key_id(key: &PublicKey) -> Vec<u8> {
    Digest::sha256(key.raw())
        .as_bytes()
        .iter()
        .copied()
        .take(20)
        .collect()
}
