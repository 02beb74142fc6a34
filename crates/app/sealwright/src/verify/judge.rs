//! One piece of evidence, judged by the pure verifier.

use sealwright_core::Class;
use sealwright_core::Diagnostic;
use sealwright_core::Digest;
use sealwright_core::Statement;
use sealwright_core::Timestamp;
use sealwright_crypto::FulcioExtensions;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Claim;
use sealwright_sigstore::Content;
use sealwright_sigstore::Error as SigstoreError;
use sealwright_sigstore::Expected;
use sealwright_sigstore::ExtensionName;
use sealwright_sigstore::Outcome;
use sealwright_sigstore::Rejection;
use sealwright_sigstore::Signer as VerifiedSigner;

use crate::ClaimKind;
use crate::Error;
use crate::Failure;
use crate::JudgedEvidence;
use crate::Problem;
use crate::Signer;
use crate::file_evidence::FoundBundle;
use crate::target::Blob;
use crate::target::Subject;
use crate::trust::ByRoot;
use crate::trust::Trust;

/// Most bytes of an artifact whose signature is over the bytes themselves.
const MAX_MESSAGE: u64 = 256 << 20;

/// How evidence came to be looked at for an artifact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Association {
    /// It refers to the artifact's digest.
    ByDigest,
    /// It lies beside the artifact, or was named: that it is about another digest means that the
    /// artifact changed, or is another one.
    ByName,
}

/// What everything is judged by.
pub(crate) struct Judge<'a> {
    pub(crate) trust: &'a Trust,
    pub(crate) signer: &'a Signer,
    pub(crate) now: Timestamp,
}

impl Judge<'_> {
    /// Judges a bundle against the artifact of a digest: the subject, or one image of it.
    pub(crate) fn judge(
        &self,
        found: FoundBundle,
        subject: &Subject,
        digest: Digest,
        association: Association,
    ) -> JudgedEvidence {
        let blob = match subject {
            Subject::Blob(blob) => Some(blob),
            Subject::Image(_) | Subject::Tree { .. } => None,
        };
        self.judge_bytes(found, blob, digest, association)
    }

    /// Judges a bundle against a digest; the bytes, where there are some, are read only when the
    /// signature is over them and not over a digest.
    pub(crate) fn judge_bytes(
        &self,
        found: FoundBundle,
        blob: Option<&Blob>,
        digest: Digest,
        association: Association,
    ) -> JudgedEvidence {
        let mut judged = unjudged(&found, digest);
        let bundle = match found.bundle {
            Ok(bundle) => bundle,
            Err(error) => {
                judged.problem = Some(Problem::of(&error));
                return judged;
            }
        };
        let (profile, verdict) = match self.verdict(&bundle, blob, digest) {
            Ok(judged) => (judged.profile, judged.verdict),
            Err(failure) => {
                judged.problem = Some(failure.to_problem());
                judged.bundle = Some(bundle);
                return judged;
            }
        };
        judged.checks = verdict.trace;
        match verdict.outcome {
            Outcome::Accepted(verified) => {
                judged.profile = profile;
                judged.weakenings = verified.weakenings().to_vec();
                judged.certificate_claims = certificate_claims(verified.extensions());
                judged.key = match verified.signer() {
                    VerifiedSigner::Key(key) => Some(Digest::from_sha256(key.key_id())),
                    VerifiedSigner::Identity { .. } => None,
                };
                judged.identity = verified.identity().map(ToString::to_string);
                judged.issuer = verified.issuer().map(str::to_owned);
                judged.signed_at = verified.times().iter().map(|time| time.time).min();
                judged.log_index = verified.log_entries().first().map(|entry| entry.log_index);
                if let Claim::Statement(statement) = verified.into_claim() {
                    judged.statement = Some(statement);
                }
                judged.problem = None;
            }
            Outcome::Rejected(Rejection::ClaimSubjectMismatch { found, .. })
                if association == Association::ByName =>
            {
                judged.problem = Some(Problem::changed_artifact(&digest, &found));
            }
            Outcome::Rejected(rejection) => judged.problem = Some(Problem::of(&rejection)),
            Outcome::Undecided(error) => judged.problem = Some(Problem::of(&error)),
        }
        judged.bundle = Some(bundle);
        judged
    }

    /// By the first of the signers that is accepted, or by the one that fits best.
    fn verdict(
        &self,
        bundle: &Bundle,
        blob: Option<&Blob>,
        digest: Digest,
    ) -> Result<ByRoot, Failure> {
        let mut first = None;
        for expected in self.signer.candidates(bundle) {
            let judged = self.verdict_for(expected, bundle, blob, digest)?;
            if matches!(judged.verdict.outcome, Outcome::Accepted(_)) {
                return Ok(judged);
            }
            first.get_or_insert(judged);
        }
        first.ok_or_else(|| Error::IdentityRequired.into())
    }

    /// By the digest alone where that will do: the bytes are not read twice without need.
    fn verdict_for(
        &self,
        expected: &Expected,
        bundle: &Bundle,
        blob: Option<&Blob>,
        digest: Digest,
    ) -> Result<ByRoot, Failure> {
        let mut artifact = Artifact::from_digest(digest);
        let judged = self.trust.verify(bundle, &artifact, expected, self.now)?;
        let (Outcome::Undecided(SigstoreError::ArtifactBytesNeeded), Some(blob)) =
            (&judged.verdict.outcome, blob)
        else {
            return Ok(judged);
        };
        let bytes = blob.bytes(MAX_MESSAGE)?;
        artifact.bytes = Some(&bytes);
        self.trust.verify(bundle, &artifact, expected, self.now)
    }
}

/// What a bundle says of itself, before anything of it is verified.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) kind: ClaimKind,
    pub(crate) predicate_type: Option<String>,
    pub(crate) identity: Option<String>,
    pub(crate) issuer: Option<String>,
}

impl Default for Said {
    fn default() -> Self {
        Self {
            kind: ClaimKind::Other,
            predicate_type: None,
            identity: None,
            issuer: None,
        }
    }
}

/// Reads what a bundle says of itself.
pub(crate) fn said(bundle: &Bundle) -> Said {
    let predicate_type = predicate_type(bundle);
    let certificate = bundle.certificate();
    Said {
        kind: match (&bundle.content, &predicate_type) {
            (Content::MessageSignature { .. } | Content::SimpleSigning { .. }, _) => {
                ClaimKind::Signature
            }
            (_, Some(predicate_type)) => ClaimKind::of_predicate(predicate_type),
            _ => ClaimKind::Other,
        },
        predicate_type,
        identity: certificate
            .and_then(|certificate| certificate.identity())
            .map(|identity| identity.to_string()),
        issuer: certificate.and_then(|certificate| certificate.issuer_claim()),
    }
}

/// Evidence before it is judged.
pub(super) fn unjudged(found: &FoundBundle, subject: Digest) -> JudgedEvidence {
    let bundle = found.bundle.as_ref().ok();
    let said = bundle.map(said).unwrap_or_default();
    let log_entry = bundle.and_then(|bundle| bundle.log_entries.first());
    JudgedEvidence {
        location: found.location.clone(),
        kind: said.kind,
        predicate_type: said.predicate_type,
        subject,
        identity: said.identity,
        issuer: said.issuer,
        certificate_claims: Vec::new(),
        weakenings: Vec::new(),
        key: None,
        log_index: log_entry.map(|entry| entry.log_index),
        profile: None,
        signed_at: None,
        checks: Vec::new(),
        policies: Vec::new(),
        // Nothing is accepted before it is judged.
        problem: Some(Problem::of(&Error::IdentityRequired)),
        statement: None,
        bundle: None,
    }
}

fn certificate_claims(extensions: Option<&FulcioExtensions>) -> Vec<(&'static str, String)> {
    let Some(extensions) = extensions else {
        return Vec::new();
    };
    ExtensionName::ALL
        .iter()
        .filter_map(|name| {
            let value = extensions.get(name.number())?;
            Some((name.name(), value.to_owned()))
        })
        .collect()
}

fn predicate_type(bundle: &Bundle) -> Option<String> {
    match &bundle.content {
        Content::Dsse(envelope) => Statement::parse(envelope.payload.as_bytes())
            .ok()
            .map(|statement| statement.predicate_type),
        Content::MessageSignature { .. } | Content::SimpleSigning { .. } => None,
    }
}

impl Problem {
    fn of(source: &dyn Diagnostic) -> Self {
        Self {
            code: source.code(),
            class: source.class(),
            message: source.to_string(),
            help: source.help().map(Into::into),
        }
    }

    /// A statement that lies beside an artifact and is about another digest.
    fn changed_artifact(found: &Digest, wanted: &str) -> Self {
        Self {
            code: sealwright_sigstore::ARTIFACT_DIGEST_MISMATCH,
            class: Class::Rejected,
            message: format!("artifact's digest is {found}, wanted {wanted} as the statement says"),
            help: Some("get the artifact again, or seal it if the change is yours".to_owned()),
        }
    }
}
