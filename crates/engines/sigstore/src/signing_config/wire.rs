//! The JSON form of signing configurations, field by field.

use std::num::NonZeroU32;

use sealwright_core::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::MAX_SERVICES;
use super::Selection;
use super::SigningConfig;
use super::SigningService;
use crate::Error;
use crate::Validity;
use crate::error::SigningConfigFault;
use crate::protojson::Int64;

const UNDEFINED: &str = "SERVICE_SELECTOR_UNDEFINED";
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.signingconfig.v0.2+json";

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WireConfig {
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    ca_urls: Option<Vec<WireService>>,
    #[serde(default)]
    oidc_urls: Option<Vec<WireService>>,
    #[serde(default)]
    rekor_tlog_urls: Option<Vec<WireService>>,
    #[serde(default)]
    rekor_tlog_config: Option<WireSelection>,
    #[serde(default)]
    tsa_urls: Option<Vec<WireService>>,
    #[serde(default)]
    tsa_config: Option<WireSelection>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireService {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    major_api_version: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_for: Option<WireRange>,
    #[serde(default)]
    operator: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WireRange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<Timestamp>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WireSelection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    selector: Option<Selector>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<Number>,
}

/// The name of a value of `ServiceSelector`, or its number.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Selector {
    Name(String),
    Number(u32),
}

/// A 32-bit number, which the mapping writes as a number and reads as a string, too.
#[derive(Clone, Copy, Deserialize)]
#[serde(from = "Int64")]
struct Number(i64);

impl From<Int64> for Number {
    fn from(number: Int64) -> Self {
        Self(number.0)
    }
}

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl WireConfig {
    pub(crate) fn read(self) -> Result<SigningConfig, Error> {
        let media_type = self.media_type.unwrap_or_default();
        if media_type != MEDIA_TYPE {
            return Err(Error::SigningConfigUnsupported {
                what: "media type",
                value: media_type,
            });
        }
        Ok(SigningConfig {
            certificate_authorities: services("certificate authorities", self.ca_urls)?,
            token_issuers: services("token issuers", self.oidc_urls)?,
            logs: services("logs", self.rekor_tlog_urls)?,
            log_selection: selection("logs", self.rekor_tlog_config)?,
            timestamp_authorities: services("timestamp authorities", self.tsa_urls)?,
            timestamp_selection: selection("timestamp authorities", self.tsa_config)?,
        })
    }

    pub(crate) fn of(config: &SigningConfig) -> Self {
        let services =
            |all: &[SigningService]| Some(all.iter().map(WireService::of).collect::<Vec<_>>());
        Self {
            media_type: Some(MEDIA_TYPE.to_owned()),
            ca_urls: services(&config.certificate_authorities),
            oidc_urls: services(&config.token_issuers),
            rekor_tlog_urls: services(&config.logs),
            rekor_tlog_config: Some(WireSelection::of(config.log_selection)),
            tsa_urls: services(&config.timestamp_authorities),
            tsa_config: Some(WireSelection::of(config.timestamp_selection)),
        }
    }
}

fn services(
    what: &'static str,
    wire: Option<Vec<WireService>>,
) -> Result<Vec<SigningService>, Error> {
    let wire = wire.unwrap_or_default();
    if wire.len() > MAX_SERVICES {
        return Err(SigningConfigFault::TooMany {
            what,
            found: wire.len(),
            limit: MAX_SERVICES,
        }
        .into());
    }
    wire.into_iter().map(|one| one.read(what)).collect()
}

fn selection(what: &'static str, wire: Option<WireSelection>) -> Result<Selection, Error> {
    let Some(wire) = wire else {
        return Ok(Selection::Undefined);
    };
    let count = || {
        let count = wire.count.and_then(|count| u32::try_from(count.0).ok());
        count
            .and_then(NonZeroU32::new)
            .ok_or(SigningConfigFault::Count { what })
    };
    let name = match &wire.selector {
        None | Some(Selector::Number(0)) => UNDEFINED,
        Some(Selector::Name(name)) => name.as_str(),
        Some(Selector::Number(1)) => "ALL",
        Some(Selector::Number(2)) => "ANY",
        Some(Selector::Number(3)) => "EXACT",
        Some(Selector::Number(_)) => "another number",
    };
    Ok(match name {
        UNDEFINED => Selection::Undefined,
        "ALL" => Selection::All,
        "ANY" => Selection::Any,
        "EXACT" => Selection::Exact(count()?),
        other => {
            return Err(Error::SigningConfigUnsupported {
                what: "selector",
                value: other.to_owned(),
            });
        }
    })
}

impl WireService {
    fn read(self, what: &'static str) -> Result<SigningService, Error> {
        let url = self.url.filter(|url| !url.is_empty());
        let url = url.ok_or(SigningConfigFault::Url { what })?;
        let version = self.major_api_version.map_or(0, |number| number.0);
        Ok(SigningService {
            url,
            major_api_version: u32::try_from(version)
                .map_err(|_| SigningConfigFault::Version { what })?,
            valid_for: self
                .valid_for
                .map_or_else(Validity::default, |range| Validity {
                    start: range.start,
                    end: range.end,
                }),
            operator: self.operator.unwrap_or_default(),
        })
    }

    fn of(service: &SigningService) -> Self {
        let Validity { start, end } = service.valid_for;
        Self {
            url: Some(service.url.clone()),
            major_api_version: Some(Number(service.major_api_version.into())),
            valid_for: (start.is_some() || end.is_some()).then_some(WireRange { start, end }),
            operator: Some(service.operator.clone()),
        }
    }
}

impl WireSelection {
    fn of(selection: Selection) -> Self {
        let (name, count) = match selection {
            Selection::All => (Some("ALL"), None),
            Selection::Any => (Some("ANY"), None),
            Selection::Exact(count) => (Some("EXACT"), Some(Number(count.get().into()))),
            Selection::Undefined => (None, None),
        };
        Self {
            selector: name.map(|name| Selector::Name(name.to_owned())),
            count,
        }
    }
}
