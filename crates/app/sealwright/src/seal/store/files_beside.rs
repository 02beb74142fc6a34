//! Evidence of files, directories and standard input: beside them.

use std::path::Path;

use sealwright_core::Digest;
use sealwright_files as files;
use sealwright_files::LockFile;
use sealwright_sigstore::Bundle;

use super::Made;
use super::Run;
use super::file_location;
use crate::ClaimKind;
use crate::Failure;
use crate::MadeEvidence;
use crate::Previous;
use crate::file_evidence::FileEvidence;
use crate::seal::existing;
use crate::target::Subject;

pub(super) fn write(
    run: &Run<'_>,
    evidence: &FileEvidence,
    subject: &Subject,
    made: &[Made<'_>],
) -> Result<Vec<MadeEvidence>, Failure> {
    // Sealers of one file at once take turns, so that none overwrites another's lines. Without a data
    // directory there is no place for that, and whoever signs with a key alone needs none.
    let locks = run.context.home.join("locks");
    let _turn = match run.context.home.as_os_str().is_empty() {
        true => None,
        false => {
            files::create_private_directory(&locks)?;
            let path = evidence.all_bundles();
            let key = Digest::sha256(path.as_os_str().as_encoded_bytes()).to_hex();
            Some(LockFile::exclusive(&locks.join(key), run.context.timeout)?)
        }
    };
    let mut lines = Vec::new();
    // Read in this process's turn: another may have written since the target was looked at.
    let mut kept = existing::about(evidence, subject, run.context)?;
    if run.making.storage.previous == Previous::Replace {
        kept.retain(|bundle| {
            let stated = existing::predicate_type(bundle);
            !made
                .iter()
                .any(|one| stated.is_some() && one.claim.predicate_type == stated)
        });
    }
    let kept: Vec<Vec<u8>> = kept.iter().map(Bundle::to_json).collect();
    for json in made.iter().map(|one| &one.json).chain(&kept) {
        lines.extend_from_slice(json);
        lines.push(b'\n');
    }
    let signature = made
        .iter()
        .find(|one| one.claim.kind == ClaimKind::Signature)
        .map(|one| one.json.as_slice());
    let document = made.iter().find_map(|one| one.claim.document.as_deref());
    let sbom_path = run.making.sbom().map(|format| evidence.sbom(format));
    let signature_path = evidence.signature();
    let all_path = evidence.all_bundles();
    let mut contents: Vec<(&Path, &[u8])> = Vec::new();
    contents.extend(sbom_path.as_deref().zip(document));
    contents.extend(signature.map(|json| (signature_path.as_path(), json)));
    contents.push((&all_path, &lines));
    files::write_all_atomic(&contents, files::PUBLIC_FILE)?;
    Ok(made
        .iter()
        .map(|one| one.evidence(file_location(evidence, one.claim)))
        .collect())
}
