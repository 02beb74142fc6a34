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

/// A claim with the bytes or digest to be signed, and how.
#[derive(Debug)]
pub(super) struct PreparedClaim {
    what: Signed,
    scheme: SignatureScheme,
}

#[derive(Debug)]
enum Signed {
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
        logs: &[LogVersion],
    ) -> Result<Self, Error> {
        match claim {
            ClaimInput::Message(digest) => {
                let scheme = prehashed(scheme);
                let digest = signed_form(&digest);
                if scheme.digest_algorithm() != Some(digest.algorithm()) {
                    return Err(Error::KeyUnsupported {
                        what: "an artifact by this digest",
                    });
                }
                let what = Signed::Message(digest);
                Ok(Self { what, scheme })
            }
            ClaimInput::Statement(payload) => {
                // A log of version 2 records a digest of whatever is signed; one of version 1 checks
                // the envelope, and knows Ed25519 in its pure form there.
                let scheme = match logs.contains(&LogVersion::V2) {
                    true => prehashed(scheme),
                    false => scheme,
                };
                if scheme == SignatureScheme::Ed25519ph && logs.contains(&LogVersion::V1) {
                    return Err(Error::KeyUnsupported {
                        what: "a statement for logs of both versions",
                    });
                }
                let envelope = Envelope {
                    payload: payload.into(),
                    payload_type: MediaType::IN_TOTO,
                    signatures: Vec::new(),
                };
                let encoding = envelope.signed_bytes();
                let what = Signed::Statement { envelope, encoding };
                Ok(Self { what, scheme })
            }
        }
    }

    pub(super) const fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    pub(super) fn signature_input(&self) -> SignatureInput {
        match &self.what {
            Signed::Message(digest) => SignatureInput::Digest(*digest),
            Signed::Statement { encoding, .. } => input(self.scheme, encoding),
        }
    }

    pub(super) fn is_signed_by(&self, key: &PublicKey, signature: &[u8]) -> bool {
        match &self.what {
            Signed::Message(digest) => key.verify_digest(self.scheme, digest, signature),
            Signed::Statement { encoding, .. } => key.verify(self.scheme, encoding, signature),
        }
        .is_ok()
    }

    pub(super) fn signed(self, signature: Vec<u8>) -> SignedClaim {
        let signature = Base64(signature);
        let content = match self.what {
            Signed::Message(digest) => Content::MessageSignature {
                digest: Some(digest),
                signature: signature.clone(),
            },
            Signed::Statement { mut envelope, .. } => {
                envelope.signatures.push(dsse::Signature {
                    sig: signature.clone(),
                    keyid: String::new(),
                });
                Content::Dsse(envelope)
            }
        };
        SignedClaim {
            content,
            scheme: self.scheme,
            signature,
            timestamps: Vec::new(),
        }
    }
}

/// A claim with its signature.
#[derive(Debug)]
pub(super) struct SignedClaim {
    content: Content,
    scheme: SignatureScheme,
    signature: Base64,
    timestamps: Vec<Base64>,
}

impl SignedClaim {
    pub(super) fn add_timestamp(&mut self, der: Base64) {
        self.timestamps.push(der);
    }

    pub(super) fn forget_timestamps(&mut self) {
        self.timestamps.clear();
    }

    pub(super) const fn signature(&self) -> &Base64 {
        &self.signature
    }

    pub(super) fn into_parts(self) -> (Content, Vec<Base64>) {
        (self.content, self.timestamps)
    }

    /// The entry for a log: a digest with its signature, or for version 1 an envelope.
    pub(super) fn propose(
        &self,
        log_version: LogVersion,
        verifier: &Verifier,
        key: &PublicKey,
    ) -> Result<ProposedEntry, Error> {
        let scheme = self.scheme;
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

/// The form of a scheme that signs a digest: Ed25519 has one of its own for that.
const fn prehashed(scheme: SignatureScheme) -> SignatureScheme {
    match scheme {
        SignatureScheme::Ed25519 => SignatureScheme::Ed25519ph,
        other => other,
    }
}

/// The digest by which an artifact is signed with a key of this scheme.
pub(super) const fn message_digest(scheme: SignatureScheme) -> DigestAlgorithm {
    match prehashed(scheme).digest_algorithm() {
        Some(algorithm) => algorithm,
        None => DigestAlgorithm::Sha256,
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
