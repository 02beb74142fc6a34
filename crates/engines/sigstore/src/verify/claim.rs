//! What the signature says: that these bytes were meant, or a statement about them.

use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::ResourceDescriptor;
use sealwright_core::Statement;

use super::Stop;
use super::check::Passed;
use super::signature::SignedBytes;
use crate::Artifact;
use crate::Bundle;
use crate::Content;
use crate::Error;
use crate::Rejection;
use crate::SimpleSigning;

/// What somebody signed.
#[derive(Clone, Debug)]
pub enum Claim {
    /// An image, by the digest that a signed payload names.
    Image(SimpleSigning),
    /// The bytes with this digest.
    Message(Digest),
    /// A statement, one of whose subjects is the artifact.
    Statement(Statement),
}

pub(super) fn check(
    bundle: &Bundle,
    artifact: &Artifact<'_>,
    signed: &mut SignedBytes<'_>,
) -> Result<Passed<Claim>, Stop> {
    match &bundle.content {
        Content::MessageSignature { digest, .. } => {
            let digest = match (artifact.digests.first(), digest) {
                (Some(asked), _) => *asked,
                (None, Some(named)) => *named,
                (None, None) => signed.require(sealwright_core::DigestAlgorithm::Sha256)?,
            };
            Ok(Passed::new(Claim::Message(digest), "signs the artifact"))
        }
        Content::SimpleSigning { payload, .. } => {
            let payload = SimpleSigning::parse(payload)?;
            let named = payload.manifest_digest;
            let same = |digest: &Digest| *digest == named;
            if !artifact.digests.iter().any(same) {
                return Err(Rejection::ClaimSubjectMismatch {
                    found: named.to_string(),
                    wanted: artifact.digests.clone(),
                }
                .into());
            }
            Ok(Passed::new(Claim::Image(payload), "signs the image"))
        }
        Content::Dsse(envelope) => {
            if envelope.payload_type != MediaType::IN_TOTO {
                return Err(Error::ClaimUnsupported {
                    found: envelope.payload_type.as_str().to_owned(),
                }
                .into());
            }
            let statement = Statement::parse(envelope.payload.as_bytes())
                .map_err(|source| Error::ClaimMalformed { source })?;
            if !statement
                .subject
                .iter()
                .any(|subject| is(subject, artifact))
            {
                return Err(Rejection::ClaimSubjectMismatch {
                    found: shown(&statement.subject),
                    wanted: artifact.digests.clone(),
                }
                .into());
            }
            let detail = format!("{} about the artifact", statement.predicate_type);
            Ok(Passed::new(Claim::Statement(statement), detail))
        }
    }
}

/// Whether a subject is the artifact: at least one digest is the same, and none contradicts.
fn is(subject: &ResourceDescriptor, artifact: &Artifact<'_>) -> bool {
    let mut same = false;
    for (name, digits) in &subject.digest {
        let Ok(algorithm) = name.parse() else {
            continue;
        };
        let given = artifact
            .digests
            .iter()
            .find(|digest| digest.algorithm() == algorithm)
            .copied();
        let computed = || match algorithm {
            sealwright_core::DigestAlgorithm::TreeV1 => None,
            algorithm => artifact.bytes.map(|bytes| Digest::of(algorithm, bytes)),
        };
        let Some(known) = given.or_else(computed) else {
            continue;
        };
        if Digest::from_hex(algorithm, digits) != Ok(known) {
            return false;
        }
        same = true;
    }
    same
}

/// The first few subjects, for a message.
fn shown(subjects: &[ResourceDescriptor]) -> String {
    let one = |subject: &ResourceDescriptor| {
        subject.digest.iter().next().map_or_else(
            || format!("{:?} without a digest", subject.name),
            |(name, digits)| format!("{name}:{digits}"),
        )
    };
    let mut all: Vec<String> = subjects.iter().take(SHOWN).map(one).collect();
    if subjects.len() > SHOWN {
        all.push(format!("{} more", subjects.len() - SHOWN));
    }
    all.join(" and ")
}

const SHOWN: usize = 3;
