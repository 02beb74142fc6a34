//! `seal`: target, digest, claims, signed and logged in one run, verified, stored beside.
//!
//! All targets of a run share one key, one certificate and one write to the log. What was made is
//! verified before any of it is stored: nothing wrong is left behind.

mod existing;
mod plan;
mod store;

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Target;
use sealwright_files as files;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::LogVersion;

use self::existing::Existing;
use self::plan::PlannedClaim;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::SbomFormat;
use crate::SealOutcome;
use crate::SealedTarget;
use crate::file_evidence::FoundBundle;
use crate::local::LocalSigstore;
use crate::target::Images;
use crate::target::Subject;
use crate::trust::Trust;
use crate::verify::Association;
use crate::verify::Judge;

/// What to make.
#[derive(Clone, Debug)]
pub struct SealOptions {
    /// Format of the SBOM; `None` for none.
    pub sbom: Option<SbomFormat>,
    /// Whether to state how the artifact was made.
    pub provenance: bool,
    /// Signed notes on the subject of every statement.
    pub annotations: BTreeMap<String, String>,
    /// Where the evidence of files, directories and standard input goes.
    pub out: Option<PathBuf>,
    /// Form of the log entries.
    pub log_version: LogVersion,
    /// Whether to seal what is sealed already.
    pub again: bool,
    /// Whether to make nothing.
    pub dry_run: bool,
}

/// Seals targets. What fails for one does not stop the others.
pub fn seal(
    context: &Context<'_>,
    targets: &[Target],
    options: &SealOptions,
) -> Vec<Result<SealedTarget, Failure>> {
    let run = Run {
        context,
        options,
        images: Images::new(context),
    };
    let mut prepared: Vec<Result<Prepared, Failure>> =
        targets.iter().map(|target| run.prepare(target)).collect();
    let signed = run.sign(&mut prepared);
    targets
        .iter()
        .zip(prepared)
        .map(|(target, prepared)| {
            let sealed = match (prepared, &signed) {
                (Err(failure), _) => Err(failure),
                (Ok(prepared), _) if prepared.claims.is_empty() => Ok(prepared.sealed),
                (Ok(prepared), Ok(sigstore)) => run.store(prepared, sigstore),
                (Ok(_), Err(failure)) => Err(failure.repeat()),
            };
            sealed.map_err(|failure| failure.about(target))
        })
        .collect()
}

struct Run<'a> {
    context: &'a Context<'a>,
    options: &'a SealOptions,
    images: Images<'a>,
}

/// A target with what is to be made for it.
struct Prepared {
    subject: Subject,
    /// Empty when there is nothing to do.
    claims: Vec<PlannedClaim>,
    /// One for each claim, once signed.
    bundles: Vec<Bundle>,
    sealed: SealedTarget,
}

impl Run<'_> {
    /// Resolves a target, looks at what evidence it has, and makes the claims that are to be
    /// signed.
    fn prepare(&self, target: &Target) -> Result<Prepared, Failure> {
        if let Some(out) = &self.options.out {
            check_directory(out)?;
        }
        let subject = Subject::resolve(target, &self.images, self.context)?;
        let sigstore = LocalSigstore::existing(self.context)?;
        let mut sealed = SealedTarget {
            target: target.to_string(),
            digest: subject.digest(),
            outcome: SealOutcome::Unchanged,
            identity: sigstore.as_ref().map(LocalSigstore::identity),
            issuer: sigstore.as_ref().map(LocalSigstore::issuer),
            evidence: Vec::new(),
            all_bundles: subject
                .file_evidence(self.options.out.as_deref())
                .map(|files| files.all_bundles()),
            warnings: Vec::new(),
        };
        let existing = Existing::look(self, &subject, sigstore.as_ref(), &mut sealed.warnings)?;
        let mut claims = Vec::new();
        if self.options.again || !existing.covers(&subject, self.options) {
            sealed.outcome = match existing.is_outdated() {
                _ if self.options.dry_run => SealOutcome::DryRun,
                true => SealOutcome::Replaced,
                false => SealOutcome::Sealed,
            };
            claims = plan::claims(self, &subject, &mut sealed.warnings)?;
        }
        if self.options.dry_run {
            sealed.evidence = store::intended(&subject, &claims, self.options);
            claims.clear();
        } else if claims.is_empty() {
            sealed.evidence = existing.evidence();
        }
        Ok(Prepared {
            subject,
            claims,
            bundles: Vec::new(),
            sealed,
        })
    }

    /// Signs all claims of all targets at once and hands each target its bundles.
    fn sign(&self, prepared: &mut [Result<Prepared, Failure>]) -> Result<LocalSigstore, Failure> {
        let waiting = || prepared.iter().flatten();
        let inputs: Vec<_> = waiting()
            .flat_map(|prepared| prepared.claims.iter().map(PlannedClaim::input))
            .collect();
        if inputs.is_empty() {
            // Whoever asks for it has claims to store, and then there are inputs.
            return Err(Error::SigningStuck(0).into());
        }
        let sigstore = LocalSigstore::open(self.context)?;
        let bundles = sigstore.sign(inputs, self.options.log_version, self.context)?;
        let mut bundles = bundles.into_iter();
        for prepared in prepared.iter_mut().flatten() {
            prepared.bundles = bundles.by_ref().take(prepared.claims.len()).collect();
        }
        Ok(sigstore)
    }

    /// Verifies what was made for a target, as it will be read back, and stores it.
    fn store(&self, prepared: Prepared, sigstore: &LocalSigstore) -> Result<SealedTarget, Failure> {
        let Prepared {
            subject,
            claims,
            bundles,
            mut sealed,
        } = prepared;
        sealed.identity = Some(sigstore.identity());
        sealed.issuer = Some(sigstore.issuer());
        let trust = Trust {
            root: sigstore.trust_root(),
        };
        let signer = sigstore.signer();
        let judge = Judge {
            trust: &trust,
            signer: &signer,
            now: self.context.clock.now(),
        };
        let written: Vec<Vec<u8>> = bundles.iter().map(Bundle::to_json).collect();
        if written.len() != claims.len() {
            return Err(Error::SigningStuck(written.len()).into());
        }
        for (claim, json) in claims.iter().zip(&written) {
            let found = FoundBundle::new(String::new(), json);
            let judged = judge.judge(found, &subject, claim.digest, Association::ByDigest);
            if let Some(problem) = judged.problem {
                return Err(Error::SelfCheck {
                    code: problem.code,
                    message: problem.message,
                }
                .into());
            }
        }
        sealed.evidence = store::store(self, &subject, &claims, &bundles, &written)?;
        Ok(sealed)
    }
}

/// Whether evidence can go there at all: asked before anything is signed.
fn check_directory(path: &Path) -> Result<(), Failure> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(files::Error::NotDirectory {
            path: path.to_owned(),
        }
        .into()),
        Err(source) => Err(files::Error::reading(path, source).into()),
    }
}
