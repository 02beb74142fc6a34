//! `bundle upgrade`: older bundles, and what cosign wrote before there were any, as version 0.3.

use std::path::Path;

use sealwright_files as files;
use sealwright_sigstore::BundleVersion;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::failure::About as _;
use crate::file_evidence::FoundBundle;
use crate::file_evidence::MAX_BUNDLES_SIZE;
use crate::file_evidence::split;
use crate::target::Blob;

/// A bundle of version 0.3.
#[derive(Clone, Debug)]
pub struct Upgraded {
    /// Where it was read.
    pub location: String,
    /// The version it had; `None` when it was no bundle.
    pub before: Option<&'static str>,
    /// The bundle, on one line.
    pub json: Vec<u8>,
}

/// Brings all bundles of a file to version 0.3: those of version 0.1 and 0.2, and what
/// `cosign sign-blob --bundle` wrote before version 3. One that is there stays byte for byte.
///
/// # Errors
/// `bundle.not-upgradable` when something is missing that version 0.3 requires, `bundle.malformed`,
/// `files.…`.
pub fn bundle_upgrade(
    context: &Context<'_>,
    file: &Path,
    artifact: Option<&Path>,
) -> Result<Vec<Upgraded>, Failure> {
    let content = files::read_limited_or_pipe(file, MAX_BUNDLES_SIZE)?;
    let artifact = match artifact {
        Some(path) => Some(Blob::file(path, context)?.digest),
        None => None,
    };
    let pieces = split(file, &content)?.into_iter();
    pieces
        .map(|(location, json)| {
            let found = FoundBundle::new(location, json);
            let bundle = found.bundle.about(&found.location)?;
            let is_legacy = sealwright_sigstore::Bundle::parse_signed_payload(json).is_some();
            let before = match (is_legacy, bundle.version) {
                (true, _) => None,
                (false, BundleVersion::V0_1) => Some("0.1"),
                (false, BundleVersion::V0_2) => Some("0.2"),
                (false, BundleVersion::V0_3) => Some("0.3"),
            };
            let json = match before {
                Some("0.3") => json.to_vec(),
                _ => bundle
                    .upgraded(artifact)
                    .map_err(|fault| Error::NotUpgradable {
                        reason: fault.to_string(),
                    })
                    .about(&found.location)?
                    .to_json(),
            };
            Ok(Upgraded {
                location: found.location,
                before,
                json,
            })
        })
        .collect()
}
