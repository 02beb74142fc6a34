//! Services over HTTP, as a signing configuration selects them.
//!
//! Each request rides out outages until the context's timeout is over. Several requests of one kind
//! are on their way at once, as a log of version 2 takes seconds to answer each.

use futures_util::future::try_join_all;
use sealwright_core::Base64;
use sealwright_crypto::Certificate;
use sealwright_net::AuthorityClient;
use sealwright_net::Client;
use sealwright_net::LogClient;
use sealwright_net::Options;
use sealwright_net::TimestampClient;
use sealwright_net::Url;
use sealwright_net::oidc::IdentityToken;
use sealwright_sigstore::CertificateRequest;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::SigningConfig;
use sealwright_sigstore::TrustRoot;
use tokio::runtime::Runtime;

use super::LogUse;
use super::SigningOptions;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::Profile;
use crate::error::SigningLack;

/// How many requests of a kind are on their way at once.
const AT_ONCE: usize = 16;

/// Services over HTTP, and what they are verified by.
pub(super) struct Services {
    pub(super) trust_root: TrustRoot,
    /// Whose they are, when they have a name.
    pub(super) profile: Option<Profile>,
    pub(super) client: Client,
    pub(super) runtime: Runtime,
    /// The issuer of identity tokens.
    pub(super) issuer: Option<String>,
    authority: Option<AuthorityClient>,
    logs: Vec<Log>,
    timestamp_authorities: Vec<TimestampClient>,
}

struct Log {
    client: LogClient,
    url: String,
    version: LogVersion,
}

impl Services {
    /// Selects services; `None` when none is needed.
    pub(super) fn select(
        context: &Context<'_>,
        options: &SigningOptions,
        config: &SigningConfig,
        root: Option<TrustRoot>,
        profile: Option<Profile>,
    ) -> Result<Option<Self>, Failure> {
        let now = context.clock.now();
        let client = Client::new(Options::until(context.timeout));
        let authority = match options.key {
            Some(_) => None,
            None => config.certificate_authority(now)?,
        };
        let logs = match options.logs {
            LogUse::None => Vec::new(),
            LogUse::Configured => config.logs(now, &[LogVersion::V1, LogVersion::V2])?,
            LogUse::Version(version) => config.logs(now, &[version])?,
        };
        let timestamp_authorities = config.timestamp_authorities(now)?;
        if options.key.is_none() {
            if authority.is_none() {
                return Err(Error::SigningIncomplete(SigningLack::Authority).into());
            }
            let times = logs.iter().any(|(_, version)| *version == LogVersion::V1);
            if !times && timestamp_authorities.is_empty() {
                return Err(Error::SigningIncomplete(SigningLack::Time).into());
            }
        } else if logs.is_empty() && timestamp_authorities.is_empty() {
            return Ok(None);
        }
        let Some(trust_root) = root else {
            return Err(Error::SigningIncomplete(SigningLack::TrustedRoot).into());
        };
        let authority = match authority {
            Some(service) => Some(AuthorityClient::new(client.clone(), url(&service.url)?)),
            None => None,
        };
        let logs = logs
            .into_iter()
            .map(|(service, version)| {
                Ok(Log {
                    client: LogClient::new(client.clone(), url(&service.url)?),
                    url: service.url.clone(),
                    version,
                })
            })
            .collect::<Result<_, Failure>>()?;
        let timestamp_authorities = timestamp_authorities
            .into_iter()
            .map(|service| Ok(TimestampClient::new(client.clone(), url(&service.url)?)))
            .collect::<Result<_, Failure>>()?;
        let issuer = config.token_issuer(now).ok().flatten();
        Ok(Some(Self {
            trust_root,
            profile,
            client,
            runtime: runtime()?,
            issuer: issuer.map(|service| service.url.clone()),
            authority,
            logs,
            timestamp_authorities,
        }))
    }

    pub(super) fn log_versions(&self) -> Vec<LogVersion> {
        self.logs.iter().map(|log| log.version).collect()
    }

    pub(super) fn log_urls(&self) -> impl Iterator<Item = &str> {
        self.logs.iter().map(|log| log.url.as_str())
    }

    pub(super) fn timestamp_authorities(&self) -> usize {
        self.timestamp_authorities.len()
    }

    pub(super) fn certify(
        &self,
        token: &IdentityToken,
        request: &CertificateRequest,
    ) -> Result<Certificate, Failure> {
        let Some(authority) = &self.authority else {
            return Err(Error::SigningIncomplete(SigningLack::Authority).into());
        };
        let issued = self.runtime.block_on(authority.certify(token, request))?;
        Ok(issued.leaf)
    }

    pub(super) fn timestamps(&self, messages: &[Base64]) -> Result<Vec<Vec<Vec<u8>>>, Failure> {
        let of_all = self.timestamp_authorities.iter().map(async |authority| {
            let mut responses = Vec::with_capacity(messages.len());
            for some in messages.chunks(AT_ONCE) {
                let requests = some.iter().map(|one| authority.timestamp(one.as_bytes()));
                responses.extend(try_join_all(requests).await?);
            }
            Ok::<_, sealwright_net::Error>(responses)
        });
        Ok(self.runtime.block_on(try_join_all(of_all))?)
    }

    pub(super) fn entries(
        &self,
        batches: &[Vec<ProposedEntry>],
    ) -> Result<Vec<Vec<LogEntry>>, Failure> {
        let of_all = self.logs.iter().zip(batches).map(async |(log, batch)| {
            let mut entries = Vec::with_capacity(batch.len());
            for some in batch.chunks(AT_ONCE) {
                let requests = some.iter().map(|entry| log.client.add(entry));
                entries.extend(try_join_all(requests).await?);
            }
            Ok::<_, sealwright_net::Error>(entries)
        });
        Ok(self.runtime.block_on(try_join_all(of_all))?)
    }
}

/// A runtime for a few requests at a time.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Runtime(error).into())
}

pub(crate) fn url(text: &str) -> Result<Url, Failure> {
    Url::parse(text).map_err(|error| {
        Error::InvalidUrl {
            url: text.to_owned(),
            reason: error.to_string(),
        }
        .into()
    })
}
