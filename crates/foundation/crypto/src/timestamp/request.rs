//! TimeStampReq (RFC 3161 section 2.4.1).

use der::Tag;
use der::asn1::ObjectIdentifier;
use sealwright_core::Digest;

use crate::Error;
use crate::asn1;
use crate::asn1::Element;
use crate::asn1::Elements;
use crate::asn1::Malformed;
use crate::error::Structure;
use crate::scheme;
use crate::scheme::Hash;

/// What a client asks of a timestamp authority.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimestampRequest {
    imprint: Digest,
    hash: Hash,
    nonce: Option<Vec<u8>>,
    certificates: Certificates,
    policy: Option<ObjectIdentifier>,
}

/// Whether the answer shall hold the authority's certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Certificates {
    /// The token holds the signing certificate.
    Embed,
    /// It does not: whoever verifies knows the authority.
    Omit,
}

impl TimestampRequest {
    /// Asks for a timestamp on what `imprint` is the digest of, without nonce and without
    /// certificates.
    ///
    /// # Errors
    /// `crypto.unwritable` when the digest is none of SHA-256, SHA-384 and SHA-512.
    pub fn new(imprint: Digest) -> Result<Self, Error> {
        let hash = Hash::of(imprint.algorithm()).ok_or(Error::Unwritable {
            structure: Structure::TimestampRequest,
            part: "digest, wanted SHA-256, SHA-384 or SHA-512",
        })?;
        Ok(Self {
            imprint,
            hash,
            nonce: None,
            certificates: Certificates::Omit,
            policy: None,
        })
    }

    /// The same with a nonce, big-endian.
    #[must_use]
    pub fn with_nonce(mut self, nonce: &[u8]) -> Self {
        // Kept as the INTEGER's value bytes, so that it is echoed exactly.
        let integer = asn1::unsigned_integer(nonce);
        self.nonce = Element::only(&integer, "nonce")
            .ok()
            .map(|integer| integer.value().to_vec());
        self
    }

    /// The same, asking for the signing certificate or not.
    #[must_use]
    pub const fn with_certificates(mut self, certificates: Certificates) -> Self {
        self.certificates = certificates;
        self
    }

    /// Reads a TimeStampReq.
    ///
    /// # Errors
    /// `timestamp.malformed`; so are requests for a hash that is not supported, and nonces of more
    /// than 64 bytes.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > MAX_REQUEST_BYTES {
            return Err(Error::TooLarge {
                structure: Structure::TimestampRequest,
                limit: MAX_REQUEST_BYTES,
                found: der.len(),
            });
        }
        read(der).map_err(|Malformed(part)| Error::Malformed {
            structure: Structure::TimestampRequest,
            part,
        })
    }

    /// The request as a TimeStampReq.
    pub fn to_der(&self) -> Vec<u8> {
        let imprint = self.compose_imprint();
        let version = asn1::unsigned_integer(&[1]);
        let policy = self.policy.map(asn1::oid).unwrap_or_default();
        let nonce = self
            .nonce
            .as_deref()
            .map(|nonce| asn1::element(Tag::Integer, &[nonce]))
            .unwrap_or_default();
        let certificates = match self.certificates {
            Certificates::Embed => asn1::element(Tag::Boolean, &[&[0xff]]),
            Certificates::Omit => Vec::new(),
        };
        asn1::sequence(&[&version, &imprint, &policy, &nonce, &certificates])
    }

    /// The digest to be timestamped.
    pub const fn imprint(&self) -> &Digest {
        &self.imprint
    }

    /// The nonce's INTEGER value bytes.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// Whether the answer shall hold the authority's certificate.
    pub const fn certificates(&self) -> Certificates {
        self.certificates
    }

    /// MessageImprint ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING }
    pub(super) fn compose_imprint(&self) -> Vec<u8> {
        asn1::sequence(&[
            &scheme::digest_identifier(self.hash),
            &asn1::element(Tag::OctetString, &[self.imprint.as_bytes()]),
        ])
    }

    /// The policy asked for.
    pub(super) const fn policy(&self) -> Option<ObjectIdentifier> {
        self.policy
    }
}

/// Reads a MessageImprint.
pub(super) fn read_imprint(imprint: Element<'_>) -> asn1::Result<(Hash, Digest)> {
    const PART: &str = "message imprint";
    let mut fields = imprint.contents();
    let hash = scheme::read_digest_algorithm(fields.take(Tag::Sequence, PART)?, PART)?.ok_or(
        Malformed("imprint hash, wanted SHA-256, SHA-384 or SHA-512"),
    )?;
    let digest = fields.take(Tag::OctetString, PART)?;
    fields.finish(PART)?;
    let digest =
        Digest::from_bytes(hash.algorithm(), digest.value()).map_err(|_| Malformed(PART))?;
    Ok((hash, digest))
}

fn read(der: &[u8]) -> asn1::Result<TimestampRequest> {
    let mut fields = Elements::of_sequence(der, "TimeStampReq")?;
    if fields
        .take(Tag::Integer, "version")?
        .small_integer("version")?
        != 1
    {
        return Err(Malformed("version"));
    }
    let (hash, imprint) = read_imprint(fields.take(Tag::Sequence, "message imprint")?)?;
    let policy = fields
        .optional(Tag::ObjectIdentifier, "policy")?
        .map(|policy| policy.oid("policy"))
        .transpose()?;
    let nonce = fields
        .optional(Tag::Integer, "nonce")?
        .map(|nonce| nonce.integer("nonce"))
        .transpose()?;
    if nonce.is_some_and(|nonce| nonce.len() > MAX_NONCE_BYTES) {
        return Err(Malformed("nonce"));
    }
    let certificates = match fields.optional(Tag::Boolean, "certReq")? {
        Some(flag) if flag.boolean("certReq")? => Certificates::Embed,
        _ => Certificates::Omit,
    };
    // RFC 3161 section 2.4.1: extensions that are not understood are refused; here that is all.
    fields.finish("extensions, which are not supported")?;
    Ok(TimestampRequest {
        imprint,
        hash,
        nonce: nonce.map(<[u8]>::to_vec),
        certificates,
        policy,
    })
}

const MAX_REQUEST_BYTES: usize = 4096;
const MAX_NONCE_BYTES: usize = 64;
