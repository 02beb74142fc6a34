//! Trusted roots: listed, shown to others, and the local profile's moved to another machine.

mod create;

use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Timestamp;
use sealwright_files as files;
use sealwright_sigstore::TrustRoot;

pub use self::create::AuthorityPart;
pub use self::create::LogPart;
pub use self::create::ServiceKind;
pub use self::create::SigningConfigBase;
pub use self::create::SigningConfigParts;
pub use self::create::TrustedRootParts;
pub use self::create::signing_config_create;
pub use self::create::trusted_root_create;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::Profile;
use crate::failure::About as _;
use crate::instance;
use crate::local;
use crate::local::LocalSigstore;
use crate::local::PATIENCE;

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
    /// Where it comes from.
    pub origin: RootOrigin,
}

/// Where a root comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RootOrigin {
    /// The data directory is the instance.
    DataDirectory,
    /// It came with this program.
    Embedded {
        /// The day on which it was taken from its publisher, such as `2026-11-22`.
        taken: &'static str,
    },
    /// A TUF repository.
    Tuf {
        /// Its base URL.
        mirror: String,
        /// The version of its root.
        root_version: u64,
        /// The version of the list of its targets, this root among them.
        targets_version: u64,
        /// When it was asked.
        updated: Timestamp,
        /// When the first of its metadata expires.
        expires: Timestamp,
    },
}

/// An instance, in a list of them.
#[derive(Debug)]
pub struct ListedRoot {
    /// Its name.
    pub profile: Profile,
    /// Where its root comes from, or why there is none to be had.
    pub origin: Result<RootOrigin, Failure>,
    /// Whether it is known where to sign.
    pub has_signing_config: bool,
}

/// What is known of an instance: whom to trust and where to sign.
#[derive(Clone, Debug)]
pub struct InstanceTrust {
    /// Whom to trust, under the thresholds of the instance.
    pub trust_root: TrustRoot,
    /// The same as it was published.
    pub trusted_root_json: Vec<u8>,
    /// Where to sign, as it was published; none for an instance that signs for others only.
    pub signing_config: Option<Vec<u8>>,
    /// Where both come from.
    pub origin: RootOrigin,
}

/// What is known here of an instance, without asking anybody: what `root update` found last, or what
/// came with the program if that is newer.
///
/// # Errors
/// `trust.no-root` for the local one before the first `seal`; `usage.unknown-profile`;
/// `trust.kept-unusable`, `trust.malformed`, `trust.unsupported`; `files.…`.
pub fn instance_trust(context: &Context<'_>, profile: Profile) -> Result<InstanceTrust, Failure> {
    if profile == Profile::Local {
        let sigstore = existing(context)?;
        let trust_root = sigstore.trust_root();
        return Ok(InstanceTrust {
            trusted_root_json: trust_root.to_json(),
            trust_root,
            signing_config: None,
            origin: RootOrigin::DataDirectory,
        });
    }
    let known = instance::known(&context.home, profile)?;
    let trust_root = TrustRoot::parse(known.trusted_root.as_bytes())
        .about(profile)?
        .with_profile(profile.thresholds());
    Ok(InstanceTrust {
        trust_root,
        trusted_root_json: known.trusted_root.into_bytes(),
        signing_config: known.signing_config.map(String::into_bytes),
        origin: known.origin,
    })
}

/// The document about the local root, or about the one of the profile that was named.
///
/// # Errors
/// As [`instance_trust`]; `usage.no-signing-config`.
pub fn root_show(context: &Context<'_>, document: RootDocument) -> Result<ShownRoot, Failure> {
    let profile = context.profile.unwrap_or(Profile::Local);
    if profile == Profile::Local {
        let sigstore = existing(context)?;
        let json = match document {
            RootDocument::TrustConfig => sigstore.client_trust_config().to_json(),
            RootDocument::TrustedRoot => sigstore.trust_root().to_json(),
        };
        return Ok(ShownRoot {
            json: pretty(&json)?,
            origin: RootOrigin::DataDirectory,
        });
    }
    let known = instance::known(&context.home, profile)?;
    let json = match (document, &known.signing_config) {
        (RootDocument::TrustedRoot, _) => known.trusted_root,
        (RootDocument::TrustConfig, Some(signing)) => {
            format!(
                r#"{{"mediaType":"{TRUST_CONFIG}","trustedRoot":{},"signingConfig":{signing}}}"#,
                known.trusted_root
            )
        }
        (RootDocument::TrustConfig, None) => return Err(Error::NoSigningConfig(profile).into()),
    };
    Ok(ShownRoot {
        json: pretty(json.as_bytes())?,
        origin: known.origin,
    })
}

/// Every instance that is known here.
///
/// # Errors
/// `files.…` when the data directory cannot be listed.
pub fn root_list(context: &Context<'_>) -> Result<Vec<ListedRoot>, Failure> {
    let mut profiles = vec![Profile::Local, Profile::Public, Profile::Github];
    if !context.home.as_os_str().is_empty() {
        profiles.extend(instance::names(&context.home)?);
    }
    let listed = |profile| match profile {
        Profile::Local => ListedRoot {
            profile,
            origin: existing(context).map(|_| RootOrigin::DataDirectory),
            has_signing_config: true,
        },
        _ => {
            let known = instance::known(&context.home, profile);
            ListedRoot {
                profile,
                has_signing_config: known.as_ref().is_ok_and(|it| it.signing_config.is_some()),
                origin: known.map(|it| it.origin),
            }
        }
    };
    Ok(profiles.into_iter().map(listed).collect())
}

fn existing(context: &Context<'_>) -> Result<LocalSigstore, Failure> {
    LocalSigstore::existing(context)?.ok_or_else(|| Error::NoTrust(context.home.clone()).into())
}

/// Writes the whole data directory, private keys included, into a new file.
///
/// # Errors
/// `trust.no-root`, `files.…`.
pub fn root_export(context: &Context<'_>, file: &Path) -> Result<(), Failure> {
    existing(context)?;
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

/// Writes a document into a file, in the place of any that is there.
///
/// # Errors
/// `files.…`.
pub fn write_document(path: &Path, text: &str) -> Result<(), Failure> {
    Ok(files::write_atomic(
        path,
        text.as_bytes(),
        files::PUBLIC_FILE,
    )?)
}

/// JSON for people to read.
pub(crate) fn pretty(json: &[u8]) -> Result<String, Failure> {
    let value: serde_json::Value = serde_json::from_slice(json).map_err(Error::Encode)?;
    let mut text = serde_json::to_string_pretty(&value).map_err(Error::Encode)?;
    text.push('\n');
    Ok(text)
}

const TRUST_CONFIG: &str = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
