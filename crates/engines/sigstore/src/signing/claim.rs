//! A claim on its way: prepared, signed, timestamped, proposed.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::MediaType;
use sealwright_core::dsse;
use sealwright_core::dsse::Envelope;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;

use super::ClaimInput;
use super::SignatureInput;
use crate::Content;
use crate::Error;
use crate::LogVersion;
use crate::ProposedEntry;
use crate::Verifier;
use crate::algorithm::KeyDetails;
use crate::entry::DsseEntry;
use crate::entry::HashedRekord;

/// A claim with the bytes or digest to be signed.
#[derive(Debug)]
pub(super) enum PreparedClaim {
    Message(Digest),
    Statement {
        envelope: Envelope,
        encoding: Vec<u8>,
    },
}

impl PreparedClaim {
    pub(super) fn new(
        claim: ClaimInput,
        scheme: SignatureScheme,
        log_version: LogVersion,
    ) -> Result<Self, Error> {
        // A log of version 2 records a digest of whatever is signed.
        let hash = scheme.digest_algorithm();
        match claim {
            ClaimInput::Message(digest) => {
                let digest = signed_form(&digest);
                if hash != Some(digest.algorithm()) {
                    return Err(Error::KeyUnsupported {
                        what: "an artifact by this digest",
                    });
                }
                Ok(Self::Message(digest))
            }
            ClaimInput::Statement(payload) => {
                if hash.is_none() && log_version == LogVersion::V2 {
                    return Err(Error::KeyUnsupported {
                        what: "for a log of version 2",
                    });
                }
                let envelope = Envelope {
                    payload: payload.into(),
                    payload_type: MediaType::IN_TOTO,
                    signatures: Vec::new(),
                };
                let encoding = envelope.signed_bytes();
                Ok(Self::Statement { envelope, encoding })
            }
        }
    }

    pub(super) fn signature_input(&self, scheme: SignatureScheme) -> SignatureInput {
        match self {
            Self::Message(digest) => SignatureInput::Digest(*digest),
            Self::Statement { encoding, .. } => input(scheme, encoding),
        }
    }

    pub(super) fn is_signed_by(
        &self,
        key: &PublicKey,
        scheme: SignatureScheme,
        signature: &[u8],
    ) -> bool {
        match self {
            Self::Message(digest) => key.verify_digest(scheme, digest, signature),
            Self::Statement { encoding, .. } => key.verify(scheme, encoding, signature),
        }
        .is_ok()
    }

    pub(super) fn signed(self, signature: Vec<u8>) -> SignedClaim {
        let signature = Base64(signature);
        let (digest, envelope) = match self {
            Self::Message(digest) => (Some(digest), None),
            Self::Statement { mut envelope, .. } => {
                envelope.signatures.push(dsse::Signature {
                    sig: signature.clone(),
                    keyid: String::new(),
                });
                (None, Some(envelope))
            }
        };
        SignedClaim {
            content: match envelope {
                Some(envelope) => Content::Dsse(envelope),
                None => Content::MessageSignature {
                    digest,
                    signature: signature.clone(),
                },
            },
            signature,
            timestamp: None,
        }
    }
}

/// A claim with its signature.
#[derive(Debug)]
pub(super) struct SignedClaim {
    content: Content,
    signature: Base64,
    timestamp: Option<Base64>,
}

impl SignedClaim {
    pub(super) fn set_timestamp(&mut self, der: Base64) {
        self.timestamp = Some(der);
    }

    pub(super) const fn signature(&self) -> &Base64 {
        &self.signature
    }

    pub(super) fn into_parts(self) -> (Content, Vec<Base64>) {
        (self.content, self.timestamp.into_iter().collect())
    }

    /// The entry for a log: a digest with its signature, or for version 1 an envelope.
    pub(super) fn propose(
        &self,
        log_version: LogVersion,
        verifier: &Verifier,
        key: &PublicKey,
        scheme: SignatureScheme,
    ) -> Result<ProposedEntry, Error> {
        let key_details = KeyDetails::of(key, scheme).ok_or(Error::KeyUnsupported {
            what: "for any log, under this scheme",
        })?;
        let hashed = |digest| HashedRekord {
            digest,
            signature: self.signature.clone(),
            verifier: verifier.clone(),
            key_details,
        };
        Ok(match (&self.content, log_version) {
            (Content::MessageSignature { digest, .. }, version) => {
                let digest = digest.ok_or(Error::KeyUnsupported {
                    what: "without a digest",
                })?;
                of_version(version, hashed(digest))
            }
            (Content::SimpleSigning { payload, .. }, version) => {
                let algorithm = scheme.digest_algorithm().unwrap_or(DigestAlgorithm::Sha256);
                of_version(version, hashed(Digest::of(algorithm, payload)))
            }
            (Content::Dsse(envelope), LogVersion::V1) => ProposedEntry::DsseV001(DsseEntry {
                envelope: envelope.clone(),
                verifier: verifier.clone(),
                key_details,
            }),
            (Content::Dsse(envelope), LogVersion::V2) => {
                let algorithm = scheme.digest_algorithm().unwrap_or(DigestAlgorithm::Sha256);
                let digest = Digest::of(algorithm, &envelope.signed_bytes());
                ProposedEntry::HashedRekordV002(hashed(digest))
            }
        })
    }
}

const fn of_version(version: LogVersion, entry: HashedRekord) -> ProposedEntry {
    match version {
        LogVersion::V1 => ProposedEntry::HashedRekordV001(entry),
        LogVersion::V2 => ProposedEntry::HashedRekordV002(entry),
    }
}

/// What to sign of a message under a scheme: its digest where that will do.
pub(super) fn input(scheme: SignatureScheme, message: &[u8]) -> SignatureInput {
    match scheme.digest_algorithm() {
        Some(algorithm) if scheme != SignatureScheme::Ed25519ph => {
            SignatureInput::Digest(Digest::of(algorithm, message))
        }
        _ => SignatureInput::Message(message.to_vec()),
    }
}

/// A directory tree is signed as the SHA-256 of its canonical encoding, which its digest is.
fn signed_form(digest: &Digest) -> Digest {
    match digest.algorithm() {
        DigestAlgorithm::TreeV1 => Digest::from_sha256(digest.first32()),
        _ => *digest,
    }
}
