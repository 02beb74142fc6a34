//! Random bytes, from AWS-LC's generator: the only source of randomness in the workspace.

use crate::Error;

/// Fills `bytes` with random bytes fit for keys.
///
/// # Errors
/// `crypto.backend-failed` when the operating system gives no entropy.
pub fn random_bytes(bytes: &mut [u8]) -> Result<(), Error> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| Error::Backend {
        operation: "give random bytes",
    })
}
