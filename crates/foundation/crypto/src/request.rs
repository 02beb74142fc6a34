//! Certificate requests (PKCS#10, RFC 2986), as far as a CA that names its subjects itself needs
//! them: the key, and the proof that whoever asks holds its private half.
//!
//! Subject and attributes of a request are what the applicant would like to be called. Sigstore's CA
//! takes the name from an identity token, so they are carried and never read.

use der::Tag;
use sealwright_core::Identity;

use crate::BadSignature;
use crate::Error;
use crate::PublicKey;
use crate::SigningKey;
use crate::asn1;
use crate::asn1::Elements;
use crate::asn1::Malformed;
use crate::error::Structure;
use crate::issue::tbs::Extension;
use crate::oid;
use crate::pem;
use crate::scheme;
use crate::scheme::SignatureAlgorithm;

/// A certificate request that was read, with its proof of possession not yet checked.
#[derive(Clone, Debug)]
pub struct CertificateRequest {
    der: Vec<u8>,
    /// CertificationRequestInfo, the part that is signed.
    info: std::ops::Range<usize>,
    signature: std::ops::Range<usize>,
    algorithm: Option<SignatureAlgorithm>,
    public_key: PublicKey,
}

impl CertificateRequest {
    /// Makes a request for `key`, for a subject without a name that asks to be `identity`.
    ///
    /// # Errors
    /// `crypto.unwritable` when the identity does not fit a certificate or the key's scheme is
    /// Ed25519ph, `crypto.backend-failed`.
    pub fn new(key: &SigningKey, identity: Option<&Identity>) -> Result<Self, Error> {
        let unwritable = |part| Error::Unwritable {
            structure: Structure::CertificateRequest,
            part,
        };
        let attributes = match identity {
            None => Vec::new(),
            Some(identity) => {
                let name = Extension::subject_alternative_name(identity)
                    .ok_or_else(|| unwritable("identity"))?;
                let extensions = asn1::sequence(&[name.der()]);
                asn1::sequence(&[
                    &asn1::oid(oid::EXTENSION_REQUEST),
                    &asn1::element(Tag::Set, &[&extensions]),
                ])
            }
        };
        let info = asn1::sequence(&[
            &asn1::unsigned_integer(&[0]),
            &asn1::sequence(&[]),
            key.public_key().der(),
            &asn1::element(asn1::constructed(0), &[&attributes]),
        ]);
        let algorithm = scheme::signature_identifier(key.scheme())
            .ok_or_else(|| unwritable("signature algorithm"))?;
        let signature = key.sign(&info)?;
        Self::from_der(&asn1::sequence(&[
            &info,
            &algorithm,
            &asn1::bit_string(&signature),
        ]))
    }

    /// Reads a request.
    ///
    /// # Errors
    /// `csr.malformed`, and for its key `key.malformed`, `key.unsupported`, `key.rsa-size`.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > MAX_REQUEST_BYTES {
            return Err(Error::TooLarge {
                structure: Structure::CertificateRequest,
                limit: MAX_REQUEST_BYTES,
                found: der.len(),
            });
        }
        let parts = take_apart(der).map_err(|Malformed(part)| Error::Malformed {
            structure: Structure::CertificateRequest,
            part,
        })?;
        Ok(Self {
            info: parts.info.range(),
            signature: parts.signature.value_range().start + 1..parts.signature.value_range().end,
            algorithm: parts.algorithm,
            public_key: PublicKey::from_der(parts.key.raw())?,
            der: der.to_vec(),
        })
    }

    /// Reads a PEM block labelled `CERTIFICATE REQUEST` or, as older tools write, `NEW CERTIFICATE
    /// REQUEST`.
    ///
    /// # Errors
    /// `csr.malformed`, and for its key `key.malformed`, `key.unsupported`, `key.rsa-size`.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let read = |label| pem::decode(text, label, Structure::CertificateRequest);
        Self::from_der(&read(PEM_LABEL).or_else(|error| read(OLD_PEM_LABEL).map_err(|_| error))?)
    }

    /// The request as it was read.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The request as a PEM block labelled `CERTIFICATE REQUEST`.
    pub fn to_pem(&self) -> String {
        pem::encode(PEM_LABEL, &self.der)
    }

    /// The key, once it is proven that whoever made the request holds its private half.
    ///
    /// # Errors
    /// `crypto.signature-mismatch`.
    pub fn proven_key(&self) -> Result<&PublicKey, BadSignature> {
        let kind = self.public_key.kind();
        let scheme = self
            .algorithm
            .and_then(|algorithm| algorithm.scheme(kind))
            .ok_or(BadSignature::UnsupportedAlgorithm { key: kind })?;
        let slice = |range: &std::ops::Range<usize>| self.der.get(range.clone()).unwrap_or(&[]);
        self.public_key
            .verify(scheme, slice(&self.info), slice(&self.signature))?;
        Ok(&self.public_key)
    }
}

struct Parts<'a> {
    info: asn1::Element<'a>,
    key: asn1::Element<'a>,
    algorithm: Option<SignatureAlgorithm>,
    signature: asn1::Element<'a>,
}

/// CertificationRequest ::= SEQUENCE { CertificationRequestInfo, AlgorithmIdentifier, BIT STRING }
/// CertificationRequestInfo ::= SEQUENCE { 0, Name, SubjectPublicKeyInfo, [0] Attributes }
fn take_apart(der: &[u8]) -> asn1::Result<Parts<'_>> {
    let mut outer = Elements::of_sequence(der, "CertificationRequest")?;
    let info = outer.take(Tag::Sequence, "CertificationRequestInfo")?;
    let algorithm = outer.take(Tag::Sequence, "signature algorithm")?;
    let signature = outer.take(Tag::BitString, "signature")?;
    signature.bit_string("signature")?;
    outer.finish("CertificationRequest")?;

    let mut fields = info.contents();
    if fields
        .take(Tag::Integer, "version")?
        .small_integer("version")?
        != 0
    {
        return Err(Malformed("version, wanted 1"));
    }
    fields.take(Tag::Sequence, "subject")?;
    let key = fields.take(Tag::Sequence, "SubjectPublicKeyInfo")?;
    // Some tools leave empty attributes out.
    fields.optional(asn1::constructed(0), "attributes")?;
    fields.finish("CertificationRequestInfo")?;
    Ok(Parts {
        info,
        key,
        algorithm: SignatureAlgorithm::read(algorithm)?,
        signature,
    })
}

const MAX_REQUEST_BYTES: usize = 64 * 1024;
const PEM_LABEL: &str = "CERTIFICATE REQUEST";
const OLD_PEM_LABEL: &str = "NEW CERTIFICATE REQUEST";

#[cfg(test)]
mod tests;
