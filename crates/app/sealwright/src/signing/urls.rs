//! Services that are named by their URLs, one of each, as cosign 1 and 2 took them.

use std::path::Path;

use sealwright_core::Timestamp;
use sealwright_sigstore::Selection;
use sealwright_sigstore::SigningConfig;
use sealwright_sigstore::SigningService;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Validity;

use super::SigningServices;
use crate::Context;
use crate::Failure;
use crate::Profile;
use crate::failure::About as _;
use crate::instance;
use crate::trust::MAX_ROOT_SIZE;

/// Where services answer.
#[derive(Clone, Debug, Default)]
pub struct ServiceUrls {
    /// The certificate authority.
    pub certificate_authority: Option<String>,
    /// The transparency log, of version 1.
    pub log: Option<String>,
    /// The timestamp authority.
    pub timestamp_authority: Option<String>,
    /// The issuer of identity tokens.
    pub token_issuer: Option<String>,
}

/// The services at some URLs. What they make is verified by the trusted root in a file, else by that
/// of the profile, else by that of the public-good instance.
///
/// # Errors
/// `trust.…`; what keeps the trusted root from being read.
pub fn services_at(
    context: &Context<'_>,
    urls: ServiceUrls,
    trusted_root: Option<&Path>,
) -> Result<SigningServices, Failure> {
    let root = match trusted_root {
        Some(path) => {
            let json = sealwright_files::read_limited_or_pipe(path, MAX_ROOT_SIZE)?;
            TrustRoot::parse(&json).about(path.display())?
        }
        None => {
            let profile = context.profile.unwrap_or(Profile::Public);
            let (root, warning) = instance::verifying(&context.home, profile, context.clock.now())?;
            if let Some(warning) = warning {
                context.progress.warn(&warning);
            }
            root
        }
    };
    let signing_config = SigningConfig {
        certificate_authorities: one(urls.certificate_authority),
        token_issuers: one(urls.token_issuer),
        logs: one(urls.log),
        log_selection: Selection::Any,
        timestamp_authorities: one(urls.timestamp_authority),
        timestamp_selection: Selection::Any,
    };
    Ok(SigningServices::Given {
        signing_config: Box::new(signing_config),
        trust_root: Some(Box::new(root)),
    })
}

fn one(url: Option<String>) -> Vec<SigningService> {
    let service = url.map(|url| SigningService {
        url,
        major_api_version: 1,
        valid_for: Validity::since(Timestamp::from_seconds(0)),
        operator: String::new(),
    });
    service.into_iter().collect()
}
