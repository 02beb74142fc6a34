//! Evidence that was named, judged against a digest: there is no artifact to read.

use std::str::FromStr as _;

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Statement;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Content;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::JudgedEvidence;
use crate::VerifyOptions;
use crate::file_evidence::NamedBundles;
use crate::trust::Checks;
use crate::trust::Trust;
use crate::verify::judge::Association;
use crate::verify::judge::Judge;

/// Against which digest evidence is judged.
#[derive(Clone, Copy, Debug)]
pub enum SubjectDigest {
    /// This one.
    Given(Digest),
    /// The first that the statement itself names. WARNING: what is accepted so says who signed a
    /// statement, and nothing about any artifact.
    OwnUnsafe,
}

/// Judges the evidence that the options name against a digest, each piece on its own.
///
/// # Errors
/// `usage.identity-required`; what keeps the evidence or the trusted root from being read.
pub fn verify_digest(
    context: &Context<'_>,
    subject: SubjectDigest,
    options: &VerifyOptions,
) -> Result<Vec<JudgedEvidence>, Failure> {
    let named = NamedBundles::new(options.bundle.as_deref()).beside(options.detached.as_ref());
    let signer = options.signer.as_ref().ok_or(Error::IdentityRequired)?;
    let trust = Trust::load_with(
        context,
        options.trusted_root.as_deref(),
        &options.trust_parts,
        Checks {
            logs: options.logs,
            scts: options.scts,
            timestamps: options.timestamps,
        },
    )?;
    let judge = Judge {
        trust: &trust,
        signer,
        now: context.clock.now(),
    };
    let mut bundles = named.find()?.unwrap_or_default();
    bundles.extend(named.detached());
    let judged = bundles.into_iter().map(|found| {
        let own = || found.bundle.as_ref().ok().and_then(own_digest);
        let digest = match subject {
            SubjectDigest::Given(digest) => digest,
            // Of what names no digest none is right.
            SubjectDigest::OwnUnsafe => own().unwrap_or_else(|| Digest::sha256(b"")),
        };
        judge.judge_bytes(found, None, digest, Association::ByName)
    });
    let judged = judged.collect();
    trust.tell(context.progress);
    Ok(judged)
}

fn own_digest(bundle: &Bundle) -> Option<Digest> {
    let Content::Dsse(envelope) = &bundle.content else {
        return None;
    };
    let statement = Statement::parse(envelope.payload.as_bytes()).ok()?;
    statement.subject.iter().find_map(|subject| {
        subject.digest.iter().find_map(|(algorithm, digits)| {
            let algorithm = DigestAlgorithm::from_str(algorithm).ok()?;
            Digest::from_hex(algorithm, digits).ok()
        })
    })
}
