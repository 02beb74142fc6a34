//! `verify`: target, digest, bundles found, each judged, required claims, decision.

pub(crate) mod attached;
mod bundle;
mod decide;
mod digest;
pub(crate) mod judge;
mod policies;
mod proof;

use std::cell::OnceCell;
use std::path::PathBuf;

use sealwright_core::Target;
use sealwright_sigstore::LogCheck;
use sealwright_sigstore::SctCheck;

pub(crate) use self::attached::Found;
pub(crate) use self::attached::attached;
pub use self::bundle::BundleArtifact;
pub use self::bundle::verify_bundle;
pub(crate) use self::decide::decide;
pub use self::digest::SubjectDigest;
pub use self::digest::verify_digest;
pub(crate) use self::judge::Association;
pub(crate) use self::judge::Judge;
use self::policies::Policies;
pub use self::proof::EvidenceForm;
use crate::ClaimKind;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::JudgedEvidence;
use crate::JudgedTarget;
use crate::RequiredClaim;
use crate::Signer;
use crate::file_evidence::DetachedEvidence;
use crate::file_evidence::NamedBundles;
use crate::target::Images;
use crate::target::Subject;
use crate::trust::Checks;
use crate::trust::TimestampCheck;
use crate::trust::Trust;
use crate::trust::TrustParts;

/// What to verify against.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// Who must have signed; without it nothing is judged.
    pub signer: Option<Signer>,
    /// Claims that must be proved. Empty: a signature, or with `bundle` whatever it claims.
    pub require: Vec<RequiredClaim>,
    /// Policies, in Rego or CUE by their names' ends, that each statement which proves a required claim
    /// must satisfy.
    pub policies: Vec<PathBuf>,
    /// Evidence to use instead of looking for some.
    pub bundle: Option<PathBuf>,
    /// The root to use instead of the profile's.
    pub trusted_root: Option<PathBuf>,
    /// Whether signatures that no log holds are good enough. WARNING: whoever watches a log for uses
    /// of their identity or key does not see them.
    pub logs: LogCheck,
    /// Whether certificates need the promise of a certificate log. WARNING: whoever watches these
    /// logs for certificates of their identity does not see others.
    pub scts: SctCheck,
    /// Whether a timestamp authority must say when it was signed.
    pub timestamps: TimestampCheck,
    /// Parts to use instead of those of the root.
    pub trust_parts: TrustParts,
    /// Evidence of files beside that which is found.
    pub detached: Option<DetachedEvidence>,
    /// Whether registries are out of bounds.
    pub offline: bool,
}

/// Verifies targets, each on its own.
pub fn verify(
    context: &Context<'_>,
    targets: &[Target],
    options: &VerifyOptions,
) -> Vec<JudgedTarget> {
    let run = Run {
        context,
        options,
        policies: Policies::load(&options.policies),
        images: Images::new(context),
        trust: OnceCell::new(),
        named: NamedBundles::new(options.bundle.as_deref()).beside(options.detached.as_ref()),
    };
    let judged = targets
        .iter()
        .map(|target| {
            let mut judged = JudgedTarget::unjudged(target);
            if let Err(failure) = run.verify(target, &mut judged) {
                judged.failure = Some(failure.about(target));
            }
            judged
        })
        .collect();
    if let Some(trust) = run.trust.get() {
        trust.tell(context.progress);
    }
    judged
}

/// What all targets of one run share.
struct Run<'a> {
    context: &'a Context<'a>,
    options: &'a VerifyOptions,
    policies: Result<Policies, Failure>,
    images: Images<'a>,
    /// Loaded when first needed.
    trust: OnceCell<Trust>,
    named: NamedBundles<'a>,
}

impl Run<'_> {
    fn verify(&self, target: &Target, judged: &mut JudgedTarget) -> Result<(), Failure> {
        let options = self.options;
        let policies = self.policies.as_ref().map_err(Failure::repeat)?;
        if options.offline && matches!(target, Target::Image(_)) {
            return Err(Error::Offline(target.to_string()).into());
        }
        policies.check(&options.require, options.bundle.is_some())?;
        let subject = match target {
            Target::Image(_) if !self.named.is_some() => {
                Subject::Image(Box::new(self.images.resolve_with_evidence(target)?))
            }
            _ => Subject::resolve(target, &self.images, self.context)?,
        };
        judged.digest = Some(subject.digest());

        let Some(signer) = &options.signer else {
            let found = find(&subject, &self.named, &self.images)?;
            judged.evidence = found
                .bundles
                .into_iter()
                .map(|bundle| judge::unjudged(&bundle, subject.digest()))
                .collect();
            return Err(Error::IdentityRequired.into());
        };
        let judge = Judge {
            trust: self.trust()?,
            signer,
            now: self.context.clock.now(),
        };
        let (evidence, incomplete) = judge_subject(&judge, &subject, &self.named, &self.images)?;
        judged.evidence = evidence;
        let require = match options.require.as_slice() {
            [] if options.bundle.is_none() => &[RequiredClaim::Kind(ClaimKind::Signature)][..],
            require => require,
        };
        policies.judge(require, &mut judged.evidence);
        judged.required = decide::required(require, &judged.evidence, &subject);
        // What was not looked at might have met the rest.
        judged.failure = decide(require, &judged.evidence, &subject)
            .err()
            .map(|failure| incomplete.unwrap_or(failure));
        Ok(())
    }

    fn trust(&self) -> Result<&Trust, Failure> {
        if let Some(trust) = self.trust.get() {
            return Ok(trust);
        }
        let checks = Checks {
            logs: self.options.logs,
            scts: self.options.scts,
            timestamps: self.options.timestamps,
        };
        let named = self.options.trusted_root.as_deref();
        let loaded = Trust::load_with(self.context, named, &self.options.trust_parts, checks)?;
        Ok(self.trust.get_or_init(|| loaded))
    }
}

/// Finds and judges everything that is said about a subject; of an index, about each image in it
/// too. The failure says why there may be more.
pub(crate) fn judge_subject(
    judge: &Judge<'_>,
    subject: &Subject,
    named: &NamedBundles<'_>,
    images: &Images<'_>,
) -> Result<(Vec<JudgedEvidence>, Option<Failure>), Failure> {
    let Found {
        bundles,
        mut incomplete,
    } = find(subject, named, images)?;
    let association = match subject {
        Subject::Image(_) if !named.is_some() => Association::ByDigest,
        _ => Association::ByName,
    };
    let mut evidence: Vec<JudgedEvidence> = bundles
        .into_iter()
        .map(|bundle| judge.judge(bundle, subject, subject.digest(), association))
        .collect();
    if let (Subject::Image(image), false) = (subject, named.is_some()) {
        for child in image.children() {
            let found = attached(image, child, images)?;
            incomplete = incomplete.or(found.incomplete);
            for bundle in found.bundles {
                evidence.push(judge.judge(bundle, subject, child.digest, Association::ByDigest));
            }
        }
    }
    Ok((evidence, incomplete))
}

fn find(
    subject: &Subject,
    named: &NamedBundles<'_>,
    images: &Images<'_>,
) -> Result<Found, Failure> {
    let mut bundles = match (named.find()?, subject) {
        (Some(found), _) => found,
        (None, Subject::Image(image)) => return attached(image, &image.descriptor, images),
        (None, Subject::Blob(_) | Subject::Tree { .. }) => match subject.file_evidence(None) {
            Some(files) => files.find_in_any_form()?,
            None => Vec::new(),
        },
    };
    bundles.extend(named.detached());
    Ok(Found {
        bundles,
        incomplete: None,
    })
}
