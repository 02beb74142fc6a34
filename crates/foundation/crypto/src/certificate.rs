//! X.509 v3 certificates (RFC 5280), read once and kept beside their bytes.
//!
//! Everything path building asks for is taken out while reading; names, identities, SCTs and the
//! Sigstore extensions are read from the remembered bytes when asked for. What this does not do:
//! revocation, which Sigstore replaces by short lifetimes and a transparency log.

mod extensions;
mod fulcio;
mod identity;
mod name;
mod read;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::OnceLock;

use der::Tag;
use sealwright_core::Identity;
use sealwright_core::IdentityKind;
use sealwright_core::Timestamp;

use crate::BadSignature;
use crate::Error;
use crate::PublicKey;
use crate::SignedCertificateTimestamp;
use crate::asn1::Element;
use crate::error::Structure;
use crate::oid;
use crate::pem;
use crate::scheme::SignatureAlgorithm;
use crate::sct;

pub use self::extensions::Eku;
pub(crate) use self::extensions::Extensions;
pub use self::fulcio::FulcioExtensions;
pub(crate) use self::identity::compose as compose_identity;

/// A certificate that remembers the bytes it was read from. Cheap to clone; clones share what was
/// already checked.
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

pub(crate) struct Inner {
    der: Box<[u8]>,
    tbs: Range<usize>,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    signature: Range<usize>,
    signature_algorithm: Option<SignatureAlgorithm>,
    not_before: Timestamp,
    not_after: Timestamp,
    public_key: PublicKey,
    /// The extension list's place and every extension in it.
    extensions: Extensions,
    /// The key that was found to have signed this certificate. Whether it did is a pure function of
    /// bytes that cannot change, so the answer is kept: a CA link is checked once per process.
    signed_by: OnceLock<PublicKey>,
}

impl Certificate {
    /// Reads a certificate.
    ///
    /// # Errors
    /// `certificate.malformed`, `key.malformed`, `key.unsupported`.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(Error::TooLarge {
                structure: Structure::Certificate,
                limit: MAX_CERTIFICATE_BYTES,
                found: der.len(),
            });
        }
        read::read(der).map(|inner| Self(Arc::new(inner)))
    }

    /// Reads a PEM block labelled `CERTIFICATE`.
    ///
    /// # Errors
    /// `certificate.malformed`, `key.malformed`, `key.unsupported`.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_der(&pem::decode(text, PEM_LABEL, Structure::Certificate)?)
    }

    /// Reads the PEM blocks labelled `CERTIFICATE`, which are all there are, up to 16.
    ///
    /// # Errors
    /// `certificate.malformed`, `key.malformed`, `key.unsupported`.
    pub fn list_from_pem(text: &str) -> Result<Vec<Self>, Error> {
        pem::check_size(text.as_bytes(), Structure::Certificate)?;
        let malformed = || Error::Pem {
            structure: Structure::Certificate,
            wanted: PEM_LABEL,
        };
        let blocks = pem::blocks(text).ok_or_else(malformed)?;
        if blocks.is_empty() || blocks.len() > MAX_LIST {
            return Err(malformed());
        }
        blocks
            .into_iter()
            .map(|block| match block.bytes {
                Some(der) if block.label == PEM_LABEL => Self::from_der(&der),
                _ => Err(malformed()),
            })
            .collect()
    }

    /// The certificate as it was read.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The certificate as a PEM block labelled `CERTIFICATE`.
    pub fn to_pem(&self) -> String {
        pem::encode(PEM_LABEL, &self.0.der)
    }

    /// The certified key.
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// The TBSCertificate, the part its issuer signed.
    pub fn tbs_der(&self) -> &[u8] {
        self.0.slice(&self.0.tbs)
    }

    /// The issuer's Name.
    pub fn issuer_der(&self) -> &[u8] {
        self.0.slice(&self.0.issuer)
    }

    /// The subject's Name.
    pub fn subject_der(&self) -> &[u8] {
        self.0.slice(&self.0.subject)
    }

    /// The subject's organization, for showing.
    pub fn subject_organization(&self) -> Option<String> {
        name::organization(self.subject_der())
    }

    /// The subject's common name, for showing.
    pub fn subject_common_name(&self) -> Option<String> {
        name::common_name(self.subject_der())
    }

    /// The serial number's value bytes, as in the INTEGER.
    pub fn serial(&self) -> &[u8] {
        self.0.slice(&self.0.serial)
    }

    /// The first second of its validity.
    pub fn not_before(&self) -> Timestamp {
        self.0.not_before
    }

    /// The last second of its validity.
    pub fn not_after(&self) -> Timestamp {
        self.0.not_after
    }

    /// Whether `at` lies within its validity. Both ends belong to it.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        let at = at.truncated_to_second();
        self.0.not_before <= at && at <= self.0.not_after
    }

    /// Who is certified: the one subject alternative name. `None` when there is not exactly one,
    /// or one of a kind that names no signer.
    pub fn identity(&self) -> Option<Identity> {
        let extension = self.extension(&oid::SUBJECT_ALT_NAME)?;
        identity::read(extension)
    }

    /// The value of Sigstore's extension 1.3.6.1.4.1.57264.1.`number`, whether it is written as a
    /// raw string (1 to 6) or as a DER UTF8String (8 and up).
    pub fn fulcio_extension(&self, number: u32) -> Option<String> {
        fulcio::value(number, self.fulcio_bytes(number)?)
    }

    /// Everything Sigstore's extensions say.
    pub fn fulcio_extensions(&self) -> FulcioExtensions {
        let other_name = self
            .identity()
            .filter(|identity| identity.kind() == IdentityKind::OtherName)
            .map(|identity| identity.value().to_owned());
        FulcioExtensions::read(|number| self.fulcio_bytes(number), other_name)
    }

    /// The issuer of the identity token: Sigstore's extension 8 or, only when there is none, 1.
    pub fn issuer_claim(&self) -> Option<String> {
        let number = match self.fulcio_bytes(8) {
            Some(_) => 8,
            None => 1,
        };
        self.fulcio_extension(number)
    }

    /// The embedded signed certificate timestamps; empty when there are none.
    ///
    /// # Errors
    /// `sct.malformed`.
    pub fn scts(&self) -> Result<Vec<SignedCertificateTimestamp>, Error> {
        match self.extension(&oid::SCT_LIST) {
            None => Ok(Vec::new()),
            Some(extension) => sct::read_extension(extension),
        }
    }

    /// Whether basic constraints say that it may issue certificates.
    pub fn is_ca(&self) -> bool {
        self.0
            .extensions
            .basic_constraints
            .is_some_and(|constraints| constraints.is_ca)
    }

    /// Whether it may be used for `usage`, by name (`anyExtendedKeyUsage` does not count).
    pub fn has_eku(&self, usage: Eku) -> bool {
        self.0
            .extensions
            .extended_key_usage
            .as_ref()
            .is_some_and(|usages| usages.names(usage))
    }

    /// The subject key identifier, when there is one.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        let value = self.extension(&oid::SUBJECT_KEY_IDENTIFIER)?;
        let element = Element::only(value, "subject key identifier").ok()?;
        (element.tag() == Tag::OctetString).then(|| element.value())
    }

    /// Whether subject and issuer have the same name.
    pub fn is_self_issued(&self) -> bool {
        self.subject_der() == self.issuer_der()
    }

    /// Checks that `issuer`'s key signed this certificate. Names, dates and usages are not looked
    /// at: that is `build_chain`'s work.
    ///
    /// # Errors
    /// `crypto.signature-mismatch`.
    pub fn verify_signed_by(&self, issuer: &PublicKey) -> Result<(), BadSignature> {
        if self.0.signed_by.get() == Some(issuer) {
            return Ok(());
        }
        let scheme = self
            .0
            .signature_algorithm
            .and_then(|algorithm| algorithm.scheme(issuer.kind()))
            .ok_or_else(|| BadSignature::UnsupportedAlgorithm { key: issuer.kind() })?;
        issuer.verify(scheme, self.tbs_der(), self.0.slice(&self.0.signature))?;
        // Another thread may have been first, with this or another right answer: either serves.
        let _ = self.0.signed_by.set(issuer.clone());
        Ok(())
    }

    pub(crate) fn extension(&self, id: &der::asn1::ObjectIdentifier) -> Option<&[u8]> {
        let extension = self.0.extensions.find(id)?;
        Some(self.0.slice(&extension.value))
    }

    fn fulcio_bytes(&self, number: u32) -> Option<&[u8]> {
        self.extension(&oid::FULCIO.push_arc(number).ok()?)
    }

    pub(crate) fn tbs_range(&self) -> Range<usize> {
        self.0.tbs.clone()
    }

    pub(crate) fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }
}

impl Inner {
    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.der.get(range.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("serial", &format_args!("{:02x?}", self.serial()))
            .field("not_before", &self.0.not_before)
            .field("not_after", &self.0.not_after)
            .field("public_key", &self.0.public_key)
            .finish_non_exhaustive()
    }
}

impl Eq for Certificate {}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

/// Certificates in one PEM file.
const MAX_LIST: usize = 16;
const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;
const PEM_LABEL: &str = "CERTIFICATE";

#[cfg(test)]
mod tests;
