//! Trusted roots: shown to others, and the local profile's moved to another machine.

use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;

use sealwright_files as files;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::Profile;
use crate::local;
use crate::local::LocalSigstore;
use crate::local::PATIENCE;
use crate::trust::embedded;

/// Which document about a root.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RootDocument {
    /// Trusted root and signing configuration.
    TrustConfig,
    /// Trusted root.
    TrustedRoot,
}

/// The data directory, when `SEALWRIGHT_HOME` does not name one; empty when nothing does.
pub fn default_home(xdg_data_home: Option<PathBuf>, home: Option<PathBuf>) -> PathBuf {
    let base = xdg_data_home
        .filter(|path| path.is_absolute())
        .or_else(|| home.map(|home| home.join(".local/share")));
    // Not the working directory: keys do not belong beside whatever is being sealed.
    base.map(|base| base.join("sealwright")).unwrap_or_default()
}

/// A document about a root.
#[derive(Clone, Debug)]
pub struct ShownRoot {
    /// JSON text.
    pub json: String,
    /// The day on which it was taken from its publisher, such as `2026-11-22`, when it came with
    /// this program.
    pub taken: Option<&'static str>,
}

/// The document about the local root, or about the one of the profile that was named.
///
/// # Errors
/// `trust.no-root` before the first `seal`, `usage.no-signing-config`; whatever keeps the data
/// directory from being read.
pub fn root_show(context: &Context<'_>, document: RootDocument) -> Result<ShownRoot, Failure> {
    let profile = context.profile.unwrap_or(Profile::Local);
    if let Some(root) = embedded::json(profile) {
        let json = match document {
            RootDocument::TrustConfig => {
                embedded::trust_config(profile).ok_or(Error::NoSigningConfig(profile))?
            }
            RootDocument::TrustedRoot => root.to_owned(),
        };
        return Ok(ShownRoot {
            json: pretty(json.as_bytes())?,
            taken: Some(embedded::TAKEN),
        });
    }
    let sigstore =
        LocalSigstore::existing(context)?.ok_or_else(|| Error::NoTrust(context.home.clone()))?;
    let json = match document {
        RootDocument::TrustConfig => sigstore.client_trust_config().to_json(),
        RootDocument::TrustedRoot => sigstore.trust_root().to_json(),
    };
    Ok(ShownRoot {
        json: pretty(&json)?,
        taken: None,
    })
}

/// Writes the whole data directory, private keys included, into a new file.
///
/// # Errors
/// `trust.no-root`, `files.…`.
pub fn root_export(context: &Context<'_>, file: &Path) -> Result<(), Failure> {
    if LocalSigstore::existing(context)?.is_none() {
        return Err(Error::NoTrust(context.home.clone()).into());
    }
    let home = local::directory(context)?;
    files::write_new_with(file, files::PRIVATE_FILE, |writer| {
        home.export(writer, file, PATIENCE)
    })?;
    Ok(())
}

/// Makes the data directory from an exported file. Nothing may stand there yet.
///
/// # Errors
/// `files.…`.
pub fn root_import(context: &Context<'_>, file: &Path) -> Result<(), Failure> {
    let home = local::directory(context)?;
    let reader = files::open_file_or_pipe(file)?;
    home.import(BufReader::new(reader), file)?;
    Ok(())
}

/// JSON for people to read.
pub(crate) fn pretty(json: &[u8]) -> Result<String, Failure> {
    let value: serde_json::Value = serde_json::from_slice(json).map_err(Error::Encode)?;
    let mut text = serde_json::to_string_pretty(&value).map_err(Error::Encode)?;
    text.push('\n');
    Ok(text)
}
