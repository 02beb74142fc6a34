//! The signing configuration: where a client signs.
//!
//! Source: sigstore protobuf-specs, `sigstore_trustroot.proto` (`SigningConfig` 0.2). Services that are
//! not valid now, or speak no version of their interface that the client knows, do not count. Of one
//! operator the newest version is taken, and of that the service that came last; never two services of
//! one operator. Of authorities and issuers one is used; of logs and timestamp authorities as many as
//! the selector says, the newest versions first.

mod wire;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::num::NonZeroU32;

use sealwright_core::Timestamp;
use sealwright_core::canonical_json;

use crate::Error;
use crate::LogVersion;
use crate::Validity;
use crate::error::SigningConfigFault;

pub(crate) use self::wire::WireConfig;

/// Where a client signs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SigningConfig {
    /// Certificate authorities (Fulcio's interface), by base URL.
    pub certificate_authorities: Vec<SigningService>,
    /// Issuers of identity tokens.
    pub token_issuers: Vec<SigningService>,
    /// Transparency logs (Rekor's interface), by base URL.
    pub logs: Vec<SigningService>,
    /// How many of the logs are used.
    pub log_selection: Selection,
    /// Timestamp authorities, by the whole URL.
    pub timestamp_authorities: Vec<SigningService>,
    /// How many of the timestamp authorities are used.
    pub timestamp_selection: Selection,
}

/// A service that signing talks to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SigningService {
    /// Where it answers.
    pub url: String,
    /// The major version of its interface.
    pub major_api_version: u32,
    /// When it takes part.
    pub valid_for: Validity,
    /// Who runs it.
    pub operator: String,
}

/// How many services of a kind are used.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Selection {
    /// One of each operator.
    All,
    /// One.
    #[default]
    Any,
    /// So many, of as many operators.
    Exact(NonZeroU32),
    /// Nobody said; good only where there is nothing to select from.
    Undefined,
}

impl SigningService {
    /// A service that takes part from `start` on.
    pub fn new(
        url: impl Into<String>,
        major_api_version: u32,
        start: Timestamp,
        operator: impl Into<String>,
    ) -> Self {
        Self {
            url: url.into(),
            major_api_version,
            valid_for: Validity::since(start),
            operator: operator.into(),
        }
    }
}

impl SigningConfig {
    /// Reads media type `signingconfig.v0.2`.
    ///
    /// # Errors
    /// `signing-config.malformed`, `signing-config.unsupported`.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        check_size(json)?;
        let wire: WireConfig = canonical_json::from_slice(json)
            .map_err(|source| SigningConfigFault::Json { source })?;
        wire.read()
    }

    /// Writes it as media type `signingconfig.v0.2`.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&WireConfig::of(self)).unwrap_or_default()
    }

    /// The certificate authority to use; none when the configuration names none at all.
    ///
    /// # Errors
    /// `signing-config.no-service` when it names some, but none that can be used now.
    pub fn certificate_authority(&self, now: Timestamp) -> Result<Option<&SigningService>, Error> {
        const WHAT: &str = "certificate authority";
        one(WHAT, &self.certificate_authorities, now)
    }

    /// The issuer of identity tokens to use, likewise.
    ///
    /// # Errors
    /// As [`SigningConfig::certificate_authority`].
    pub fn token_issuer(&self, now: Timestamp) -> Result<Option<&SigningService>, Error> {
        one("token issuer", &self.token_issuers, now)
    }

    /// The logs to use, of these generations; none when the configuration names none at all.
    ///
    /// # Errors
    /// `signing-config.no-service`, `signing-config.malformed` when nothing says how many.
    pub fn logs(
        &self,
        now: Timestamp,
        versions: &[LogVersion],
    ) -> Result<Vec<(&SigningService, LogVersion)>, Error> {
        const WHAT: &str = "transparency log";
        let version_of = |service: &SigningService| {
            let of_service = log_version(service.major_api_version)?;
            versions.contains(&of_service).then_some(of_service)
        };
        let usable = |service: &SigningService| version_of(service).is_some();
        let selected = select(WHAT, &self.logs, self.log_selection, now, usable)?;
        let selected = selected.into_iter();
        Ok(selected
            .filter_map(|service| Some((service, version_of(service)?)))
            .collect())
    }

    /// The timestamp authorities to use, likewise.
    ///
    /// # Errors
    /// As [`SigningConfig::logs`].
    pub fn timestamp_authorities(&self, now: Timestamp) -> Result<Vec<&SigningService>, Error> {
        const WHAT: &str = "timestamp authority";
        let all = &self.timestamp_authorities;
        select(WHAT, all, self.timestamp_selection, now, is_version_1)
    }
}

pub(crate) fn check_size(json: &[u8]) -> Result<(), Error> {
    if json.len() <= MAX_BYTES {
        return Ok(());
    }
    Err(SigningConfigFault::TooMany {
        what: "bytes",
        found: json.len(),
        limit: MAX_BYTES,
    }
    .into())
}

fn one<'a>(
    what: &'static str,
    services: &'a [SigningService],
    now: Timestamp,
) -> Result<Option<&'a SigningService>, Error> {
    let selected = select(what, services, Selection::Any, now, is_version_1)?;
    Ok(selected.into_iter().next())
}

fn select<'a>(
    what: &'static str,
    services: &'a [SigningService],
    selection: Selection,
    now: Timestamp,
    is_usable: impl Fn(&SigningService) -> bool,
) -> Result<Vec<&'a SigningService>, Error> {
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let mut usable: Vec<&SigningService> = services
        .iter()
        .filter(|service| service.valid_for.contains(now) && is_usable(service))
        .collect();
    // Stable: of equals the first one listed.
    usable.sort_by_key(|service| Reverse((service.major_api_version, service.valid_for.start)));
    let mut selected: Vec<&SigningService> = Vec::new();
    for service in usable {
        if !selected.iter().any(|one| one.operator == service.operator) {
            selected.push(service);
        }
    }
    let wanted = match selection {
        Selection::All => selected.len().max(1),
        Selection::Any => 1,
        Selection::Exact(count) => usize::try_from(count.get()).unwrap_or(usize::MAX),
        Selection::Undefined => return Err(SigningConfigFault::Selector { what }.into()),
    };
    if selected.len() < wanted {
        return Err(Error::SigningServiceMissing {
            what,
            found: selected.len(),
            wanted,
            at: now,
        });
    }
    selected.truncate(wanted);
    Ok(selected)
}

const fn is_version_1(service: &SigningService) -> bool {
    service.major_api_version == 1
}

const fn log_version(major: u32) -> Option<LogVersion> {
    match major {
        1 => Some(LogVersion::V1),
        2 => Some(LogVersion::V2),
        _ => None,
    }
}

const MAX_BYTES: usize = 1 << 20;
/// Most services of a kind.
const MAX_SERVICES: usize = 64;
