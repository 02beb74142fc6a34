//! Small files that a command line names, and digests of images.

use std::path::Path;

use sealwright_core::Digest;
use sealwright_core::Reference;
use sealwright_core::Target;
use sealwright_files as files;

use crate::Context;
use crate::Failure;
use crate::Profile;
use crate::instance::Instance;
use crate::target::Images;

/// Most bytes of a file that is read at once.
const MAX_INPUT: u64 = 64 << 20;

/// Reads a file that was named on the command line, whole; `-` is standard input.
///
/// # Errors
/// `files.…`
pub fn read_input(path: &Path) -> Result<Vec<u8>, Failure> {
    if path == Path::new("-") {
        return Ok(files::read_limited_or_pipe(
            Path::new("/dev/stdin"),
            MAX_INPUT,
        )?);
    }
    Ok(files::read_limited_or_pipe(path, MAX_INPUT)?)
}

/// Whether an instance was made known under this name.
pub fn knows_instance(home: &Path, profile: Profile) -> bool {
    Instance::open(home, profile).is_ok()
}

/// The digest an image has now.
///
/// # Errors
/// What keeps the registry from telling.
pub fn image_digest(context: &Context<'_>, reference: &Reference) -> Result<Digest, Failure> {
    let images = Images::new(context);
    let subject = images.resolve(&Target::Image(reference.clone()))?;
    Ok(subject.descriptor.digest)
}
