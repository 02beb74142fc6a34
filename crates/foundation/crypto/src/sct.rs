//! Signed certificate timestamps embedded in certificates (RFC 6962 sections 3.2 and 3.3).
//!
//! A log signs the certificate as it was before the timestamp was put in: the same TBSCertificate
//! without the extension that holds the list. That form is rebuilt here by cutting the extension
//! out of the bytes and writing the three enclosing lengths anew; nothing else is re-encoded.

use std::fmt;

use der::Tag;
use sealwright_core::Timestamp;

use crate::BadSignature;
use crate::Certificate;
use crate::Error;
use crate::PublicKey;
use crate::asn1;
use crate::asn1::Element;
use crate::error::Structure;
use crate::oid;
use crate::scheme::KeyKind;
use crate::scheme::SignatureScheme;

/// A log's promise to include a certificate.
#[derive(Clone, Eq, PartialEq)]
pub struct SignedCertificateTimestamp {
    /// SHA-256 of the log's public key.
    pub log_id: [u8; 32],
    /// When the log saw the certificate.
    pub timestamp: Timestamp,
    /// The log's extensions, signed too; static-ct logs put the entry's index here.
    pub extensions: Vec<u8>,
    /// TLS hash and signature algorithm numbers (RFC 5246 section 7.4.1.4.1).
    pub algorithm: [u8; 2],
    /// The signature.
    pub signature: Vec<u8>,
}

impl SignedCertificateTimestamp {
    /// Checks that the log signed `leaf` as issued by `issuer`, which must come from the verified
    /// chain.
    ///
    /// # Errors
    /// `crypto.signature-mismatch`.
    pub fn verify(
        &self,
        leaf: &Certificate,
        issuer: &Certificate,
        log_key: &PublicKey,
    ) -> Result<(), BadSignature> {
        let scheme = match (self.algorithm, log_key.kind()) {
            (SHA256_ECDSA, KeyKind::EcdsaP256) => SignatureScheme::EcdsaP256Sha256,
            (SHA256_ECDSA, KeyKind::EcdsaP384) => SignatureScheme::EcdsaP384Sha256,
            (SHA256_RSA, KeyKind::Rsa) => SignatureScheme::RsaPkcs1Sha256,
            (_, found) => return Err(BadSignature::UnsupportedAlgorithm { key: found }),
        };
        let signed = signed_bytes(
            &without_scts(leaf),
            issuer.public_key(),
            self.timestamp,
            &self.extensions,
        )
        .ok_or(BadSignature::Mismatch { scheme })?;
        log_key.verify(scheme, &signed, &self.signature)
    }

    /// The timestamp as it stands in a list.
    pub(crate) fn compose(&self) -> Option<Vec<u8>> {
        let mut out = vec![VERSION_1];
        out.extend_from_slice(&self.log_id);
        out.extend_from_slice(&milliseconds(self.timestamp)?.to_be_bytes());
        out.extend_from_slice(&short_length(&self.extensions)?);
        out.extend_from_slice(&self.extensions);
        out.extend_from_slice(&self.algorithm);
        out.extend_from_slice(&short_length(&self.signature)?);
        out.extend_from_slice(&self.signature);
        Some(out)
    }
}

impl fmt::Debug for SignedCertificateTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedCertificateTimestamp")
            .field("log_id", &format_args!("{:02x?}", self.log_id))
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// The bytes a log signs for a precertificate: `CertificateTimestamp` of RFC 6962 section 3.2.
pub(crate) fn signed_bytes(
    tbs: &[u8],
    issuer_key: &PublicKey,
    timestamp: Timestamp,
    extensions: &[u8],
) -> Option<Vec<u8>> {
    let [0, tbs_length @ ..] = u32::try_from(tbs.len()).ok()?.to_be_bytes() else {
        return None;
    };
    let mut out = Vec::with_capacity(tbs.len() + extensions.len() + 64);
    out.extend_from_slice(&[VERSION_1, CERTIFICATE_TIMESTAMP]);
    out.extend_from_slice(&milliseconds(timestamp)?.to_be_bytes());
    out.extend_from_slice(&PRECERT_ENTRY);
    out.extend_from_slice(&issuer_key.key_id());
    out.extend_from_slice(&tbs_length);
    out.extend_from_slice(tbs);
    out.extend_from_slice(&short_length(extensions)?);
    out.extend_from_slice(extensions);
    Some(out)
}

/// The extension's OCTET STRING contents for a list of timestamps.
pub(crate) fn compose_extension(list: &[SignedCertificateTimestamp]) -> Option<Vec<u8>> {
    let mut entries = Vec::new();
    for timestamp in list {
        let entry = timestamp.compose()?;
        entries.extend_from_slice(&short_length(&entry)?);
        entries.extend_from_slice(&entry);
    }
    let length = short_length(&entries)?;
    Some(asn1::element(Tag::OctetString, &[&length, &entries]))
}

/// Reads the extension's OCTET STRING contents.
pub(crate) fn read_extension(value: &[u8]) -> Result<Vec<SignedCertificateTimestamp>, Error> {
    let malformed = |part| Error::Malformed {
        structure: Structure::SignedCertificateTimestamps,
        part,
    };
    let list = Element::only(value, "extension")
        .ok()
        .filter(|element| element.tag() == Tag::OctetString)
        .ok_or_else(|| malformed("extension"))?;
    let mut outer = Bytes(list.value());
    let mut entries = Bytes(outer.sized().ok_or_else(|| malformed("list length"))?);
    if !outer.0.is_empty() {
        return Err(malformed("list length"));
    }
    let mut timestamps = Vec::new();
    while !entries.0.is_empty() {
        if timestamps.len() == MAX_TIMESTAMPS {
            return Err(malformed("list, which is too long"));
        }
        let entry = entries.sized().ok_or_else(|| malformed("entry length"))?;
        timestamps.push(read_timestamp(entry).ok_or_else(|| malformed("entry"))?);
    }
    Ok(timestamps)
}

fn read_timestamp(entry: &[u8]) -> Option<SignedCertificateTimestamp> {
    let mut bytes = Bytes(entry);
    let [VERSION_1] = bytes.array()? else {
        return None;
    };
    let timestamp = SignedCertificateTimestamp {
        log_id: bytes.array()?,
        timestamp: Timestamp::from_milliseconds(
            i64::try_from(u64::from_be_bytes(bytes.array()?)).ok()?,
        ),
        extensions: bytes.sized()?.to_vec(),
        algorithm: bytes.array()?,
        signature: bytes.sized()?.to_vec(),
    };
    bytes.0.is_empty().then_some(timestamp)
}

/// The TBSCertificate without its list of timestamps.
fn without_scts(leaf: &Certificate) -> Vec<u8> {
    let extensions = leaf.extensions();
    let der = leaf.der();
    let Some(list) = extensions.find(&oid::SCT_LIST) else {
        return leaf.tbs_der().to_vec();
    };
    let kept: Vec<&[u8]> = extensions
        .all
        .iter()
        .filter(|extension| extension.whole != list.whole)
        .filter_map(|extension| der.get(extension.whole.clone()))
        .collect();
    let tbs_start = leaf.tbs_range().start;
    let before = Element::only(leaf.tbs_der(), "TBSCertificate")
        .ok()
        .and_then(|tbs| der.get(tbs_start + tbs.value_range().start..extensions.wrapper.start))
        .unwrap_or_default();
    if kept.is_empty() {
        return asn1::sequence(&[before]);
    }
    let wrapper = asn1::element(asn1::constructed(3), &[&asn1::sequence(&kept)]);
    asn1::sequence(&[before, &wrapper])
}

/// A cursor over TLS presentation language (RFC 5246 section 4).
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    /// A vector behind its two-byte length.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(u16::from_be_bytes(self.array()?));
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

fn milliseconds(timestamp: Timestamp) -> Option<u64> {
    u64::try_from(timestamp.milliseconds()).ok()
}

fn short_length(bytes: &[u8]) -> Option<[u8; 2]> {
    u16::try_from(bytes.len()).ok().map(u16::to_be_bytes)
}

/// sha256, ecdsa.
pub(crate) const SHA256_ECDSA: [u8; 2] = [4, 3];
const SHA256_RSA: [u8; 2] = [4, 1];
const VERSION_1: u8 = 0;
const CERTIFICATE_TIMESTAMP: u8 = 0;
const PRECERT_ENTRY: [u8; 2] = [0, 1];
const MAX_TIMESTAMPS: usize = 32;

#[cfg(test)]
mod tests;
