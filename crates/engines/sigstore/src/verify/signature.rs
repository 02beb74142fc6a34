//! The signature itself, and the bytes it is over.

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_crypto::BadSignature;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureInput;
use sealwright_crypto::SignatureScheme;

use super::CheckName;
use super::Stop;
use super::check::Passed;
use super::check::Trace;
use super::entries::Recorded;
use super::log::Logged;
use crate::Artifact;
use crate::Bundle;
use crate::Content;
use crate::Error;
use crate::Rejection;
use crate::VerificationMaterial;
use crate::algorithm::candidate_schemes;
use crate::entry::EntrySubject;

/// The bytes a signature is over, or their digests: an artifact's, or an envelope's encoding.
pub(super) struct SignedBytes<'a> {
    source: Source<'a>,
    /// Digests computed so far.
    digests: Vec<Digest>,
}

enum Source<'a> {
    Artifact(&'a Artifact<'a>),
    Encoding(Vec<u8>),
}

impl<'a> SignedBytes<'a> {
    pub(super) fn new(bundle: &Bundle, artifact: &'a Artifact<'a>) -> Self {
        Self {
            source: match &bundle.content {
                Content::MessageSignature { .. } => Source::Artifact(artifact),
                Content::Dsse(envelope) => Source::Encoding(envelope.signed_bytes()),
                Content::SimpleSigning { payload, .. } => Source::Encoding(payload.clone()),
            },
            digests: Vec::new(),
        }
    }

    /// The digest under an algorithm.
    pub(super) fn require(&mut self, algorithm: DigestAlgorithm) -> Result<Digest, Error> {
        if let Some(known) = self
            .digests
            .iter()
            .find(|digest| digest.algorithm() == algorithm)
        {
            return Ok(*known);
        }
        let digest = match &self.source {
            Source::Artifact(artifact) => artifact
                .digest(algorithm)
                .ok_or(Error::ArtifactBytesNeeded)?,
            Source::Encoding(bytes) => Digest::of(algorithm, bytes),
        };
        self.digests.push(digest);
        Ok(digest)
    }

    /// Compares the artifact's digest with the one the bundle names. A bundle that names none is
    /// asked through its log entry: if the signature is over the digest recorded there and that is
    /// not the artifact's, then the artifact is another one.
    pub(super) fn check_artifact(
        &mut self,
        bundle: &Bundle,
        logged: &[Logged<'_>],
        key: &PublicKey,
        trace: &mut Trace,
    ) -> Result<(), Stop> {
        let Content::MessageSignature { digest, signature } = &bundle.content else {
            return Ok(());
        };
        trace.run(CheckName::ArtifactDigest, || {
            let wanted = match digest {
                Some(digest) => *digest,
                None => {
                    let recorded = logged
                        .iter()
                        .filter_map(|entry| entry.body.as_ref().ok())
                        .find_map(|body| match body.subject {
                            EntrySubject::Message(digest) => Some(digest),
                            EntrySubject::Envelope(_) | EntrySubject::Payload(_) => None,
                        })
                        .filter(|digest| {
                            candidate_schemes(key.kind(), Some(digest.algorithm())).any(|scheme| {
                                key.verify_digest(scheme, digest, signature.as_bytes())
                                    .is_ok()
                            })
                        });
                    match recorded {
                        Some(digest) => digest,
                        None => return Ok(Passed::skipped((), "the bundle names none")),
                    }
                }
            };
            let found = self.require(wanted.algorithm())?;
            if found != wanted {
                return Err(Rejection::ArtifactDigestMismatch { found, wanted }.into());
            }
            Ok(Passed::new((), found.to_string()))
        })
    }

    fn bytes(&self) -> Option<&[u8]> {
        match &self.source {
            Source::Artifact(artifact) => artifact.bytes,
            Source::Encoding(bytes) => Some(bytes),
        }
    }
}

/// Checks the signature under whichever scheme is recorded, or any that fits the key.
pub(super) fn verify(
    bundle: &Bundle,
    key: &PublicKey,
    recorded: &Recorded,
    signed: &mut SignedBytes<'_>,
) -> Result<Passed<()>, Stop> {
    // What the log recorded was hashed as it was signed; the digest a bundle names is but a hint.
    let hash = recorded.digest.map(|digest| digest.algorithm());
    let mut missing = None;
    for scheme in candidate_schemes(key.kind(), hash)
        .filter(|scheme| recorded.scheme.is_none_or(|named| named == *scheme))
    {
        match verify_one(scheme, bundle.signature(), key, signed) {
            Ok(true) => return Ok(Passed::new((), scheme.name())),
            Ok(false) => {}
            Err(error) => {
                missing.get_or_insert(error);
            }
        }
    }
    Err(match missing {
        Some(error) => error.into(),
        None => Rejection::SigInvalid {
            key: match &bundle.material {
                VerificationMaterial::PublicKey { .. } => "key given for it",
                VerificationMaterial::Certificate(_) | VerificationMaterial::Chain { .. } => {
                    "certificate"
                }
            },
        }
        .into(),
    })
}

fn verify_one(
    scheme: SignatureScheme,
    signature: &[u8],
    key: &PublicKey,
    signed: &mut SignedBytes<'_>,
) -> Result<bool, Error> {
    let verified = match scheme.digest_algorithm() {
        Some(algorithm) if scheme != SignatureScheme::Ed25519ph => {
            let digest = signed.require(algorithm)?;
            key.verify_digest(scheme, &digest, signature)
                .or_else(|error| {
                    // This field holds whatever the signer's key made. The formats name no encoding for
                    // ECDSA, and what signs through JOSE or some hardware makes r and s alone
                    // (sigstore/sigstore, `ecdsa.go`, takes both). Logs, timestamps and certificates
                    // are DER by their own specifications, and read as nothing else.
                    key.verify_p1363(scheme, SignatureInput::Digest(&digest), signature)
                        .map_err(|_| error)
                })
        }
        _ => {
            let bytes = signed.bytes().ok_or(Error::ArtifactBytesNeeded)?;
            key.verify(scheme, bytes, signature)
        }
    };
    match verified {
        Ok(()) => Ok(true),
        Err(BadSignature::NeedsMessage { .. }) => Err(Error::ArtifactBytesNeeded),
        Err(_) => Ok(false),
    }
}
