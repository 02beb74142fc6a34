//! One bundle that was named, judged by itself: no evidence is looked for, and no claim is required.

use std::path::Path;

use sealwright_core::Digest;
use sealwright_files as files;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::LogCheck;

use crate::Context;
use crate::Failure;
use crate::JudgedEvidence;
use crate::Signer;
use crate::file_evidence::FoundBundle;
use crate::file_evidence::MAX_BUNDLES_SIZE;
use crate::target::Blob;
use crate::trust::Trust;
use crate::verify::judge::Association;
use crate::verify::judge::Judge;

/// What a bundle is judged against.
#[derive(Clone, Copy, Debug)]
pub enum BundleArtifact<'a> {
    /// All that is known is the digest.
    Digest(Digest),
    /// A file.
    File(&'a Path),
}

/// Judges one bundle, which is read as strictly as the specification of Sigstore's clients wants:
/// [`verify()`](crate::verify()) takes old bundles that deviate from it, this does not. What is
/// wrong with it, if anything, stands in the result.
///
/// # Errors
/// What keeps the bundle, the artifact or the trusted root from being read.
pub fn verify_bundle(
    context: &Context<'_>,
    bundle: &Path,
    artifact: BundleArtifact<'_>,
    signer: &Signer,
    trusted_root: Option<&Path>,
) -> Result<JudgedEvidence, Failure> {
    let trust = Trust::load(context, trusted_root, LogCheck::Verify)?;
    let json = files::read_limited_or_pipe(bundle, MAX_BUNDLES_SIZE)?;
    let found = FoundBundle {
        location: bundle.display().to_string(),
        bundle: Bundle::parse(&json),
    };
    let (blob, digest) = match artifact {
        BundleArtifact::Digest(digest) => (None, digest),
        BundleArtifact::File(path) => {
            let blob = Blob::file(path, context)?;
            let digest = blob.digest;
            (Some(blob), digest)
        }
    };
    let judge = Judge {
        trust: &trust,
        signer,
        now: context.clock.now(),
    };
    let judged = judge.judge_bytes(found, blob.as_ref(), digest, Association::ByName);
    trust.tell(context.progress);
    Ok(judged)
}

#[cfg(test)]
mod tests;
