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

use self::existing::Existing;
use self::plan::PlannedClaim;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::SbomFormat;
use crate::SealOutcome;
use crate::SealedTarget;
use crate::SigningOptions;
use crate::StorageOptions;
use crate::sign::Predicate;
use crate::signing::Session;
use crate::signing::SignedBy;
use crate::target::Images;
use crate::target::Subject;
use crate::verify::Association;
use crate::verify::Judge;

/// What to make.
#[derive(Clone, Debug, Default)]
pub struct SealOptions {
    /// Format of the SBOM; `None` for none.
    pub sbom: Option<SbomFormat>,
    /// Whether to state how the artifact was made.
    pub provenance: bool,
    /// Signed notes on the subject of every statement.
    pub annotations: BTreeMap<String, String>,
    /// Where the evidence of files, directories and standard input goes.
    pub out: Option<PathBuf>,
    /// With what, where and as whom to sign.
    pub signing: SigningOptions,
    /// Whether to seal what is sealed already.
    pub again: bool,
    /// Whether to make nothing.
    pub dry_run: bool,
}

/// What a run makes, and where it puts that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Making<'a> {
    pub(crate) claims: Claims<'a>,
    pub(crate) annotations: &'a BTreeMap<String, String>,
    pub(crate) signing: &'a SigningOptions,
    pub(crate) storage: &'a StorageOptions,
    /// Whether to make what is there already.
    pub(crate) again: bool,
    /// Whether to make nothing.
    pub(crate) dry_run: bool,
}

/// Which claims are made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Claims<'a> {
    /// A signature, and what goes with it.
    Seal {
        sbom: Option<SbomFormat>,
        provenance: bool,
    },
    /// A signature alone.
    Signature(Children),
    /// A statement of somebody's own.
    Statement(&'a Predicate),
}

/// Whether the images of an index are signed, too.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Children {
    /// The index alone.
    #[default]
    Leave,
    /// Each of them.
    Sign,
}

impl Making<'_> {
    pub(crate) const fn sbom(&self) -> Option<SbomFormat> {
        match self.claims {
            Claims::Seal { sbom, .. } => sbom,
            Claims::Signature(_) | Claims::Statement(_) => None,
        }
    }
}

/// Seals targets. What fails for one does not stop the others.
pub fn seal(
    context: &Context<'_>,
    targets: &[Target],
    options: &SealOptions,
) -> Vec<Result<SealedTarget, Failure>> {
    let storage = StorageOptions {
        out: options.out.clone(),
        ..StorageOptions::default()
    };
    let making = Making {
        claims: Claims::Seal {
            sbom: options.sbom,
            provenance: options.provenance,
        },
        annotations: &options.annotations,
        signing: &options.signing,
        storage: &storage,
        again: options.again,
        dry_run: options.dry_run,
    };
    make(context, targets, making)
}

/// Makes claims about targets, and puts them beside.
pub(crate) fn make(
    context: &Context<'_>,
    targets: &[Target],
    making: Making<'_>,
) -> Vec<Result<SealedTarget, Failure>> {
    let session = match Session::open(context, making.signing) {
        Ok(session) => session,
        Err(failure) => return targets.iter().map(|_| Err(failure.repeat())).collect(),
    };
    let run = Run {
        context,
        making,
        session,
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
    making: Making<'a>,
    session: Session<'a>,
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
        if let Some(out) = &self.making.storage.out {
            check_directory(out)?;
        }
        let subject = Subject::resolve(target, &self.images, self.context)?;
        let known = self.session.known()?;
        let by = known.as_ref();
        let mut sealed = SealedTarget {
            target: target.to_string(),
            digest: subject.digest(),
            outcome: SealOutcome::Unchanged,
            identity: by.and_then(|by| by.identity.clone()),
            issuer: by.and_then(|by| by.issuer.clone()),
            key: by.and_then(|by| by.key),
            self_asserted: by.is_some_and(|by| by.self_asserted),
            logged: self.session.logs(),
            evidence: Vec::new(),
            all_bundles: subject
                .file_evidence(self.making.storage.out.as_deref())
                .filter(|_| self.making.storage.bundle.is_none())
                .map(|files| files.all_bundles()),
            warnings: Vec::new(),
        };
        let existing = Existing::look(self, &subject, by, &mut sealed.warnings)?;
        let mut claims = Vec::new();
        if self.making.again || !existing.covers(&subject, &self.making) {
            sealed.outcome = match existing.is_outdated() {
                _ if self.making.dry_run => SealOutcome::DryRun,
                true => SealOutcome::Replaced,
                false => SealOutcome::Sealed,
            };
            claims = plan::claims(self, &subject, &mut sealed.warnings)?;
            if !self.making.dry_run {
                store::check(&subject, &claims, &self.making)?;
            }
        }
        if self.making.dry_run {
            sealed.evidence = store::intended(&subject, &claims, &self.making);
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
                    (Ok(prepared), Ok(by)) => self.store(prepared, by),
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
    ) -> Result<SignedBy, Failure> {
        let claims = chunk.prepared().flat_map(|prepared| &prepared.claims);
        let inputs: Vec<_> = claims.map(PlannedClaim::input).collect();
        if inputs.is_empty() {
            // Whoever asks for it has claims to store, and then there are inputs.
            return Err(Error::SigningStuck(0).into());
        }
        if let Some(failure) = unusable {
            return Err(failure.repeat());
        }
        let signed = self
            .session
            .sign(inputs)
            .inspect_err(|failure| *unusable = Some(failure.repeat()))?;
        let mut bundles = signed.bundles.into_iter();
        for prepared in chunk.prepared_mut() {
            prepared.bundles = bundles.by_ref().take(prepared.claims.len()).collect();
        }
        Ok(signed.by)
    }

    /// Verifies what was made for a target, as it will be read back, and stores it.
    fn store(&self, prepared: Prepared, by: &SignedBy) -> Result<SealedTarget, Failure> {
        let Prepared {
            subject,
            claims,
            bundles,
            mut sealed,
        } = prepared;
        sealed.identity.clone_from(&by.identity);
        sealed.issuer.clone_from(&by.issuer);
        sealed.key = by.key;
        sealed.self_asserted = by.self_asserted;
        let judge = Judge {
            trust: &by.trust,
            signer: &by.signer,
            now: self.context.clock.now(),
        };
        if bundles.len() != claims.len() {
            return Err(Error::SigningStuck(bundles.len()).into());
        }
        let mut written = Vec::with_capacity(bundles.len());
        for (claim, bundle) in claims.iter().zip(&bundles) {
            let made = store::Made::new(claim, bundle);
            let digest = claim.digest;
            let judged = judge.judge(made.read_back(), &subject, digest, Association::ByDigest);
            if let Some(problem) = judged.problem {
                return Err(Error::SelfCheck {
                    code: problem.code,
                    message: problem.message,
                }
                .into());
            }
            written.push(made);
        }
        sealed.evidence = store::store(self, &subject, &written)?;
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
