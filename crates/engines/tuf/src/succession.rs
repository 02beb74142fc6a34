//! Whether one root vouches for the next (sections 5.3.4 to 5.3.7).

use sealwright_core::Timestamp;

use crate::Error;
use crate::trusted::TrustedMetadata;

/// Checks that `next` is the root after `trusted`, signed by enough keys of both. That either may
/// have expired is no hindrance.
///
/// # Errors
/// `tuf.bad-signature-threshold`, `tuf.wrong-version`; `tuf.malformed`, `tuf.wrong-type`,
/// `tuf.unsupported-version` when one of them is no root.
pub fn check_succession(trusted: &[u8], next: &[u8]) -> Result<(), Error> {
    let mut metadata = TrustedMetadata::new(trusted, Timestamp::EPOCH)?;
    metadata.update_root(next).map(drop)
}
