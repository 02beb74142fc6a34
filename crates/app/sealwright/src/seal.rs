//! `seal`: target, digest, claims, signed and logged in one run, verified, stored beside.
//!
//! Targets are taken in chunks; those of one chunk share one key, one certificate and one write to
//! the log. So any number can be sealed in one run with the memory of one chunk, and what one chunk
//! did stays done whatever becomes of the next. What was made is verified before any of it is
//! stored: nothing wrong is left behind.

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
    let mut results = Vec::with_capacity(targets.len());
    let mut left = targets;
    // Why nothing can be signed: asked once, since the answer may be waited for.
    let mut unusable: Option<Failure> = None;
    while !left.is_empty() {
        let mut chunk = Chunk::default();
        while let Some((target, rest)) = left.split_first()
            && chunk.has_room()
        {
            chunk.push(target, run.prepare(target));
            left = rest;
        }
        results.extend(run.finish(chunk, &mut unusable));
    }
    results
}

struct Run<'a> {
    context: &'a Context<'a>,
    options: &'a SealOptions,
    images: Images<'a>,
}

/// Targets that are signed together.
#[derive(Default)]
struct Chunk<'t> {
    targets: Vec<(&'t Target, Result<Prepared, Failure>)>,
    claims: usize,
    bytes: usize,
}

impl<'t> Chunk<'t> {
    /// At most so many claims and bytes are held at once, and those of one target more.
    const MAX_CLAIMS: usize = 1000;
    const MAX_BYTES: usize = 16 << 20;

    fn push(&mut self, target: &'t Target, prepared: Result<Prepared, Failure>) {
        let claims = prepared.as_ref().map(|prepared| prepared.claims.as_slice());
        let claims = claims.unwrap_or_default();
        // What needs no claim is held too.
        self.claims += claims.len().max(1);
        self.bytes += claims.iter().map(PlannedClaim::bytes).sum::<usize>();
        self.targets.push((target, prepared));
    }

    const fn has_room(&self) -> bool {
        self.claims < Self::MAX_CLAIMS && self.bytes < Self::MAX_BYTES
    }

    fn prepared(&self) -> impl Iterator<Item = &Prepared> {
        self.targets.iter().flat_map(|(_, prepared)| prepared)
    }

    fn prepared_mut(&mut self) -> impl Iterator<Item = &mut Prepared> {
        self.targets.iter_mut().flat_map(|(_, prepared)| prepared)
    }
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
            if !self.options.dry_run {
                store::check(&subject, &claims, self.options)?;
            }
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

    /// Signs and stores what was prepared, and says what became of each target.
    fn finish(
        &self,
        mut chunk: Chunk<'_>,
        unusable: &mut Option<Failure>,
    ) -> Vec<Result<SealedTarget, Failure>> {
        let signed = self.sign(&mut chunk, unusable);
        let targets = chunk.targets.into_iter();
        targets
            .map(|(target, prepared)| {
                let sealed = match (prepared, &signed) {
                    (Err(failure), _) => Err(failure),
                    (Ok(prepared), _) if prepared.claims.is_empty() => Ok(prepared.sealed),
                    (Ok(prepared), Ok(sigstore)) => self.store(prepared, sigstore),
                    (Ok(_), Err(failure)) => Err(failure.repeat()),
                };
                sealed.map_err(|failure| failure.about(target))
            })
            .collect()
    }

    /// Signs all claims of a chunk at once and hands each target its bundles.
    fn sign(
        &self,
        chunk: &mut Chunk<'_>,
        unusable: &mut Option<Failure>,
    ) -> Result<LocalSigstore, Failure> {
        let claims = chunk.prepared().flat_map(|prepared| &prepared.claims);
        let inputs: Vec<_> = claims.map(PlannedClaim::input).collect();
        if inputs.is_empty() {
            // Whoever asks for it has claims to store, and then there are inputs.
            return Err(Error::SigningStuck(0).into());
        }
        if let Some(failure) = unusable {
            return Err(failure.repeat());
        }
        // Opened for each chunk: between two of them the data directory may be exported.
        let sigstore = LocalSigstore::open(self.context)
            .inspect_err(|failure| *unusable = Some(failure.repeat()))?;
        let bundles = sigstore.sign(inputs, self.options.log_version, self.context)?;
        let mut bundles = bundles.into_iter();
        for prepared in chunk.prepared_mut() {
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
        let trust = Trust::local(sigstore);
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
