//! One bundle in a file of its own: nothing is looked for, and nothing is kept.

use std::path::Path;

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Statement;
use sealwright_files as files;
use sealwright_sigstore::ClaimInput;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::SigningOptions;
use crate::failure::About as _;
use crate::file_evidence::FoundBundle;
use crate::signing::Session;
use crate::target::Blob;
use crate::verify::Association;
use crate::verify::Judge;

/// What a bundle is made of.
#[derive(Clone, Copy, Debug)]
pub enum BundleSource<'a> {
    /// A file, whose bytes are signed.
    File(&'a Path),
    /// A file with an in-toto statement, which is signed as it is.
    Statement(&'a Path),
}

/// Signs one thing, verifies the bundle and writes it into a file.
///
/// # Errors
/// What keeps it from being signed; `seal.self-check-failed`; `files.…`.
pub fn sign_bundle(
    context: &Context<'_>,
    source: BundleSource<'_>,
    bundle: &Path,
    signing: &SigningOptions,
) -> Result<(), Failure> {
    files::check_writable(bundle)?;
    let session = Session::open(context, signing)?;
    let (claim, blob, digest) = match source {
        BundleSource::File(path) => {
            let blob = Blob::file(path, context)?;
            let claim = ClaimInput::Message(blob.digest_by(session.message_digest(), context)?);
            let digest = blob.digest;
            (claim, Some(blob), digest)
        }
        BundleSource::Statement(path) => {
            let json = files::read_limited_or_pipe(path, MAX_STATEMENT)?;
            let digest = subject(&json).about(path.display())?;
            (ClaimInput::Statement(json), None, digest)
        }
    };
    let signed = session.sign(vec![claim])?;
    let Some(made) = signed.bundles.first() else {
        return Err(Error::SigningStuck(0).into());
    };
    let json = made.to_json();
    let judge = Judge {
        trust: &signed.by.trust,
        signer: &signed.by.signer,
        now: context.clock.now(),
    };
    let found = FoundBundle::new(String::new(), &json);
    let judged = judge.judge_bytes(found, blob.as_ref(), digest, Association::ByDigest);
    if let Some(problem) = judged.problem {
        return Err(Error::SelfCheck {
            code: problem.code,
            message: problem.message,
        }
        .into());
    }
    files::write_all_atomic(&[(bundle, json.as_slice())], files::PUBLIC_FILE)?;
    Ok(())
}

/// The digest of the first subject of a statement.
fn subject(json: &[u8]) -> Result<Digest, Failure> {
    let malformed = |reason: String| Failure::from(Error::InvalidPredicate { reason });
    let statement = Statement::parse(json).map_err(|error| malformed(error.to_string()))?;
    let subjects = statement.subject.iter();
    let hex = subjects
        .filter_map(|subject| subject.digest.get("sha256"))
        .next()
        .ok_or_else(|| malformed("it names no SHA-256 of a subject".to_owned()))?;
    Digest::from_hex(DigestAlgorithm::Sha256, hex).map_err(|error| malformed(error.to_string()))
}

/// Most bytes of a statement.
const MAX_STATEMENT: u64 = 128 << 20;
