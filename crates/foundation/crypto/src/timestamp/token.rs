//! Timestamp responses and the tokens inside them: reading and verifying.
//!
//! RFC 3161 section 2.4.2 (TimeStampResp, TSTInfo), RFC 5652 section 5 (SignedData), RFC 5035 and
//! RFC 2634 (signing certificate attributes). What a token must be to count is section 2.3 and
//! 2.4.2 of RFC 3161 in full: one signer, whose certificate is bound by a signed attribute, is
//! meant critically for timestamping and nothing else, and chains to the authority at the time the
//! token states.

mod read;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::OnceLock;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Timestamp;

use crate::BadSignature;
use crate::Certificate;
use crate::ChainError;
use crate::Error;
use crate::asn1::Malformed;
use crate::build_chain;
use crate::certificate::Eku;
use crate::error::Structure;
use crate::oid;
use crate::scheme::Hash;
use crate::scheme::SignatureAlgorithm;
use crate::timestamp::TimestampRequest;

/// A timestamp token that was granted, taken apart and not yet verified.
#[derive(Clone)]
pub struct TimestampToken(Arc<Inner>);

struct Inner {
    der: Box<[u8]>,
    /// The TSTInfo: what the authority signed, through the message digest attribute.
    info: Range<usize>,
    imprint: Digest,
    gen_time: Timestamp,
    serial: Range<usize>,
    nonce: Option<Range<usize>>,
    certificates: Vec<Range<usize>>,
    signer: Signer,
    parsed_certificates: OnceLock<Vec<Certificate>>,
}

struct Signer {
    id: SignerId,
    digest: Hash,
    /// The signed attributes with their `[0]` tag.
    attributes: Range<usize>,
    content_type: der::asn1::ObjectIdentifier,
    message_digest: Range<usize>,
    binding: Binding,
    algorithm: Option<SignatureAlgorithm>,
    signature: Range<usize>,
}

enum SignerId {
    IssuerAndSerial {
        issuer: Range<usize>,
        serial: Range<usize>,
    },
    SubjectKey(Range<usize>),
}

/// The signing certificate attribute, version 1 (SHA-1) or 2.
struct Binding {
    hash: BindingHash,
    value: Range<usize>,
    /// Issuer's Name and serial number, when stated.
    issuer_and_serial: Option<(Range<usize>, Range<usize>)>,
}

enum BindingHash {
    Named(Hash),
    Sha1,
}

impl TimestampToken {
    /// Reads a TimeStampResp.
    ///
    /// # Errors
    /// `timestamp.malformed`; `timestamp.refused` when the authority granted none.
    pub fn from_response_der(der: &[u8]) -> Result<Self, Error> {
        if der.len() > MAX_RESPONSE_BYTES {
            return Err(Error::TooLarge {
                structure: Structure::TimestampResponse,
                limit: MAX_RESPONSE_BYTES,
                found: der.len(),
            });
        }
        let malformed = |Malformed(part)| Error::Malformed {
            structure: Structure::TimestampResponse,
            part,
        };
        let token = match read::status(der).map_err(malformed)? {
            read::Status::Granted(token) => token,
            read::Status::Refused(status) => return Err(Error::TimestampRefused { status }),
        };
        read::token(der, token)
            .map(|inner| Self(Arc::new(inner)))
            .map_err(malformed)
    }

    /// The response as it was read.
    pub fn response_der(&self) -> &[u8] {
        &self.0.der
    }

    /// When the authority says it saw the digest. Not verified before `verify` returns it.
    pub fn gen_time(&self) -> Timestamp {
        self.0.gen_time
    }

    /// The hash of the message imprint.
    pub fn hash_algorithm(&self) -> DigestAlgorithm {
        self.0.imprint.algorithm()
    }

    /// The digest that was timestamped.
    pub fn message_imprint(&self) -> &Digest {
        &self.0.imprint
    }

    /// The token's serial number, as INTEGER value bytes.
    pub fn serial(&self) -> &[u8] {
        self.0.slice(&self.0.serial)
    }

    /// The request's nonce, as INTEGER value bytes.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.nonce.as_ref().map(|range| self.0.slice(range))
    }

    /// Whether it is about what `request` asked: the same digest, the same nonce.
    pub fn answers(&self, request: &TimestampRequest) -> bool {
        self.0.imprint == *request.imprint() && self.nonce() == request.nonce()
    }

    /// The certificates inside the token. Those of a kind that is not supported are left out.
    pub fn certificates(&self) -> &[Certificate] {
        self.0.parsed_certificates.get_or_init(|| {
            self.0
                .certificates
                .iter()
                .filter_map(|range| Certificate::from_der(self.0.slice(range)).ok())
                .collect()
        })
    }

    /// Checks the token over `signed_bytes` against one authority and returns its time.
    ///
    /// `tsa_chain` is the authority's chain as a trust root holds it: the signing certificate if
    /// the trust root knows it, then CA certificates, the anchor last. When the trust root names a
    /// signing certificate, only that one counts.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn verify(
        &self,
        signed_bytes: &[u8],
        tsa_chain: &[Certificate],
    ) -> Result<Timestamp, TimestampError> {
        let inner = &*self.0;
        if Digest::of(inner.imprint.algorithm(), signed_bytes) != inner.imprint {
            return Err(TimestampError::ImprintMismatch {
                algorithm: inner.imprint.algorithm(),
            });
        }
        inner.check_attributes()?;
        let certificate = self.signing_certificate(tsa_chain)?;
        inner.check_binding(certificate)?;
        inner.check_signature(certificate)?;
        let anchors = match tsa_chain.split_first() {
            Some((first, rest)) if !first.is_ca() => rest,
            _ => tsa_chain,
        };
        build_chain(
            certificate,
            self.certificates(),
            anchors,
            inner.gen_time,
            Eku::TimeStamping,
        )
        .map_err(TimestampError::Chain)?;
        Ok(inner.gen_time)
    }

    fn signing_certificate<'a>(
        &'a self,
        tsa_chain: &'a [Certificate],
    ) -> Result<&'a Certificate, TimestampError> {
        let known = tsa_chain.first().filter(|first| !first.is_ca());
        match known {
            Some(leaf) => Some(leaf).filter(|leaf| self.0.is_signer(leaf)),
            None => self
                .certificates()
                .iter()
                .find(|certificate| self.0.is_signer(certificate)),
        }
        .ok_or(TimestampError::UnknownSigner)
    }
}

impl Inner {
    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.der.get(range.clone()).unwrap_or_default()
    }

    fn is_signer(&self, certificate: &Certificate) -> bool {
        match &self.signer.id {
            SignerId::IssuerAndSerial { issuer, serial } => {
                self.slice(issuer) == certificate.issuer_der()
                    && self.slice(serial) == certificate.serial()
            }
            SignerId::SubjectKey(id) => certificate.subject_key_id() == Some(self.slice(id)),
        }
    }

    /// The signed attributes name the content's type and digest (RFC 5652 section 5.3).
    fn check_attributes(&self) -> Result<(), TimestampError> {
        if self.signer.content_type != oid::TST_INFO {
            return Err(TimestampError::AttributeMismatch {
                attribute: "contentType",
            });
        }
        let digest = Digest::of(self.signer.digest.algorithm(), self.slice(&self.info));
        if digest.as_bytes() != self.slice(&self.signer.message_digest) {
            return Err(TimestampError::AttributeMismatch {
                attribute: "messageDigest",
            });
        }
        Ok(())
    }

    /// The signed attributes name the certificate (RFC 5035 section 4), so that another
    /// certificate over the same key cannot stand in for it.
    fn check_binding(&self, certificate: &Certificate) -> Result<(), TimestampError> {
        let mismatch = TimestampError::AttributeMismatch {
            attribute: "signingCertificate",
        };
        let binding = &self.signer.binding;
        let wanted = self.slice(&binding.value);
        let matches = match binding.hash {
            BindingHash::Named(hash) => {
                Digest::of(hash.algorithm(), certificate.der()).as_bytes() == wanted
            }
            // SHA-1 names the certificate here and protects nothing: the signature does.
            BindingHash::Sha1 => {
                aws_lc_rs::digest::digest(
                    &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
                    certificate.der(),
                )
                .as_ref()
                    == wanted
            }
        };
        if !matches {
            return Err(mismatch);
        }
        match &binding.issuer_and_serial {
            Some((issuer, serial))
                if self.slice(issuer) != certificate.issuer_der()
                    || self.slice(serial) != certificate.serial() =>
            {
                Err(mismatch)
            }
            _ => Ok(()),
        }
    }

    /// The signature covers the attributes as a SET OF, not as the `[0]` they are stored under
    /// (RFC 5652 section 5.4).
    fn check_signature(&self, certificate: &Certificate) -> Result<(), TimestampError> {
        let key = certificate.public_key();
        let scheme = self
            .signer
            .algorithm
            .map(|algorithm| algorithm.with_hash(self.signer.digest))
            .and_then(|algorithm| algorithm.scheme(key.kind()))
            .ok_or_else(|| {
                TimestampError::BadSignature(BadSignature::UnsupportedAlgorithm { key: key.kind() })
            })?;
        let mut attributes = self.slice(&self.signer.attributes).to_vec();
        if let Some(tag) = attributes.first_mut() {
            *tag = SET;
        }
        key.verify(scheme, &attributes, self.slice(&self.signer.signature))
            .map_err(TimestampError::BadSignature)
    }
}

impl fmt::Debug for TimestampToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimestampToken")
            .field("gen_time", &self.0.gen_time)
            .field("imprint", &self.0.imprint)
            .finish_non_exhaustive()
    }
}

/// Why a timestamp does not count.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// A signed attribute contradicts what it is about.
    #[error("the timestamp's signed attribute {attribute} does not match")]
    AttributeMismatch {
        /// The attribute's name.
        attribute: &'static str,
    },
    /// The signature on the token is not the authority's.
    #[error("the timestamp was not signed by the authority: {0}")]
    BadSignature(BadSignature),
    /// The signing certificate is not vouched for at the time stated.
    #[error("the timestamp authority's certificate does not hold: {0}")]
    Chain(ChainError),
    /// The token is about other bytes.
    #[error("the timestamp is about other bytes: its {} imprint does not match", algorithm.name())]
    ImprintMismatch {
        /// The imprint's hash.
        algorithm: DigestAlgorithm,
    },
    /// No certificate of the authority is the signer that the token names.
    #[error("the timestamp was signed by an authority that is not known")]
    UnknownSigner,
}

impl Diagnostic for TimestampError {
    fn code(&self) -> Code {
        match self {
            Self::AttributeMismatch { .. } => TIMESTAMP_ATTRIBUTE_MISMATCH,
            Self::BadSignature(_) => TIMESTAMP_BAD_SIGNATURE,
            Self::Chain(_) => TIMESTAMP_CHAIN,
            Self::ImprintMismatch { .. } => TIMESTAMP_IMPRINT_MISMATCH,
            Self::UnknownSigner => TIMESTAMP_UNKNOWN_SIGNER,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Chain(reason) => reason.class(),
            Self::UnknownSigner => Class::Undecided,
            _ => Class::Rejected,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Chain(reason) => reason.help(),
            _ => None,
        }
    }
}

/// `timestamp.attribute-mismatch`
pub(crate) const TIMESTAMP_ATTRIBUTE_MISMATCH: Code = Code::new("timestamp.attribute-mismatch");
/// `timestamp.bad-signature`
pub(crate) const TIMESTAMP_BAD_SIGNATURE: Code = Code::new("timestamp.bad-signature");
/// `timestamp.chain`
pub(crate) const TIMESTAMP_CHAIN: Code = Code::new("timestamp.chain");
/// `timestamp.imprint-mismatch`
pub(crate) const TIMESTAMP_IMPRINT_MISMATCH: Code = Code::new("timestamp.imprint-mismatch");
/// `timestamp.unknown-signer`
pub(crate) const TIMESTAMP_UNKNOWN_SIGNER: Code = Code::new("timestamp.unknown-signer");

const SET: u8 = 0x31;
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
