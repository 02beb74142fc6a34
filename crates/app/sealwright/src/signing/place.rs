//! Where something is signed.

use std::path::Path;

use sealwright_files as files;
use sealwright_net::oidc::Ambient;
use sealwright_net::oidc::TokenSource;
use sealwright_sigstore::ClientTrustConfig;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::SigningConfig;
use sealwright_sigstore::TrustRoot;
use sealwright_slsa::Profile as CiProfile;

use super::Announcement;
use super::LogUse;
use super::SigningOptions;
use super::SigningServices;
use super::remote;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::Profile;
use crate::failure::About as _;
use crate::instance;
use crate::trust::MAX_ROOT_SIZE;

/// Where something is signed.
pub(super) enum Place {
    /// The embedded Sigstore of the data directory.
    Local,
    /// With a key alone.
    Nowhere,
    /// Services somewhere else.
    Remote(Box<remote::Services>),
}

impl Place {
    pub(super) fn choose(context: &Context<'_>, options: &SigningOptions) -> Result<Self, Failure> {
        let (config, root, profile) = match &options.services {
            SigningServices::Profile => {
                let with_key_alone = options.key.is_some() && options.logs == LogUse::None;
                let profile = match context.profile {
                    None if with_key_alone => return Ok(Self::Nowhere),
                    Some(Profile::Local) => return Ok(Self::Local),
                    None if !chooses_public(context, options)? => return Ok(Self::Local),
                    None => Profile::Public,
                    Some(named) => named,
                };
                let known = instance::known(&context.home, profile)?;
                let config = known.signing_config;
                let config = config.ok_or(Error::ProfileCannotSign(profile))?;
                let config = SigningConfig::parse(config.as_bytes()).about(profile)?;
                let (root, warning) =
                    instance::verifying(&context.home, profile, context.clock.now())?;
                if let Some(warning) = warning {
                    context.progress.warn(&warning);
                }
                (config, Some(root), Some(profile))
            }
            SigningServices::Files {
                signing_config,
                trusted_root,
            } => {
                let config = SigningConfig::parse(&read(signing_config)?);
                let root = match trusted_root {
                    Some(path) => Some(TrustRoot::parse(&read(path)?).about(path.display())?),
                    None => None,
                };
                (config.about(signing_config.display())?, root, None)
            }
            SigningServices::TrustConfig(path) => {
                let config = ClientTrustConfig::parse(&read(path)?).about(path.display())?;
                (config.signing, Some(config.trust_root), None)
            }
            SigningServices::Given {
                signing_config,
                trust_root,
            } => {
                let root = trust_root.as_deref().cloned();
                ((**signing_config).clone(), root, None)
            }
        };
        let services = remote::Services::select(context, options, &config, root, profile)?;
        Ok(match services {
            Some(services) => Self::Remote(Box::new(services)),
            None => Self::Nowhere,
        })
    }

    /// The generations of the logs that will hold a signature.
    pub(super) fn log_versions(&self, options: &SigningOptions) -> Vec<LogVersion> {
        match (self, options.logs) {
            (Self::Local, LogUse::Configured) => vec![LogVersion::V1],
            (Self::Local, LogUse::Version(version)) => vec![version],
            (Self::Local, LogUse::None) | (Self::Nowhere, _) => Vec::new(),
            (Self::Remote(remote), _) => remote.log_versions(),
        }
    }

    pub(super) fn trust_root(&self) -> TrustRoot {
        match self {
            Self::Remote(remote) => remote.trust_root.clone(),
            Self::Local | Self::Nowhere => TrustRoot::default(),
        }
    }
}

/// Whether a CI system gives an identity token, so that signing publicly is what it is meant for. A
/// key of one's own needs none.
fn chooses_public(context: &Context<'_>, options: &SigningOptions) -> Result<bool, Failure> {
    let in_ci = (context.variable)("CI").is_some_and(|value| value != "false" && value != "0")
        || CiProfile::detect(&context.ci) != CiProfile::Local;
    if options.key.is_some() || !in_ci {
        return Ok(false);
    }
    let ambient = Ambient::new(context.variable);
    // A machine in Google's cloud has an identity, too, but nobody meant it for signing.
    let source = remote::runtime()?.block_on(ambient.detect());
    let Some(source) = source.filter(|source| *source != TokenSource::Google) else {
        return Ok(false);
    };
    context.progress.say(&Announcement::Chosen {
        profile: Profile::Public,
        source: source.name(),
    });
    Ok(true)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(files::read_limited_or_pipe(path, MAX_ROOT_SIZE)?)
}
