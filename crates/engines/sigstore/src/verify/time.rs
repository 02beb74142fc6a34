//! When it was signed: RFC 3161 timestamps and the promises of Rekor v1 logs.

use std::fmt;

use sealwright_core::Timestamp;
use sealwright_crypto::TimestampToken;

use super::Stop;
use super::check::Passed;
use super::entries;
use super::log::KnownEntry;
use super::log::Promise;
use crate::Authority;
use crate::Bundle;
use crate::EntryPart;
use crate::LogId;
use crate::Rejection;
use crate::TimestampFault;
use crate::TrustRoot;

/// A proven time of signing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedTime {
    /// The time.
    pub time: Timestamp,
    /// Who says so.
    pub source: TimeSource,
}

/// Who says when it was signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TimeSource {
    /// A Rekor v1 log, by its signed entry timestamp.
    Log(LogId),
    /// A timestamp authority, by its URI.
    TimestampAuthority(String),
}

impl fmt::Display for VerifiedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            TimeSource::Log(log_id) => write!(f, "{} by log {log_id}", self.time),
            TimeSource::TimestampAuthority(uri) => {
                write!(f, "{} by timestamp authority {uri}", self.time)
            }
        }
    }
}

/// Collects the proven times and wants as many sources as the profile does of what a certificate
/// signed. A managed key is good at any time, so of what it signed none are wanted; those there are
/// tell whether the log was trusted then.
pub(super) fn collect(
    bundle: &Bundle,
    root: &TrustRoot,
    known: &[KnownEntry<'_>],
    now: Timestamp,
) -> Result<Passed<Vec<VerifiedTime>>, Stop> {
    let is_certified = bundle.certificate().is_some();
    let mut times: Vec<VerifiedTime> = Vec::new();
    let mut refused: Option<Stop> = None;
    for der in &bundle.timestamps {
        match verify_timestamp(der.as_bytes(), bundle.signature(), root) {
            Ok(time) => times.push(time),
            Err(fault) => {
                refused.get_or_insert_with(|| Rejection::TimestampInvalid { fault }.into());
            }
        }
    }
    for entry in known {
        let log_index = entry.entry.log_index;
        match &entry.promise {
            Promise::Kept(time) if entry.is_of(bundle) => times.push(VerifiedTime {
                time: *time,
                source: TimeSource::Log(entry.entry.log_id),
            }),
            // When the log took another signature says nothing about this one, even where the
            // entry itself does not count.
            Promise::Kept(_) => {
                match entries::read_error(entry.entry) {
                    Some(error) => {
                        refused.get_or_insert_with(|| error.into());
                    }
                    // It explains a timestamp that is about other bytes, too.
                    None => {
                        let part = EntryPart::Signature;
                        refused = Some(Rejection::LogEntryMismatch { log_index, part }.into());
                    }
                }
            }
            Promise::Broken => {
                refused.get_or_insert_with(|| Rejection::LogSetInvalid { log_index }.into());
            }
            Promise::Absent => {}
        }
    }
    let latest = times.iter().map(|time| time.time).max();
    if let Some(at) = latest.filter(|at| *at > now.plus_seconds(CLOCK_SKEW_SECONDS)) {
        return Err(Rejection::TimeInFuture { at, now }.into());
    }
    let profile = &root.profile;
    let (authorities, all) = count(&times);
    for (sources, found, wanted) in [
        ("sources", all, profile.timestamp_threshold),
        (
            "timestamp authorities",
            authorities,
            profile.timestamp_authority_threshold,
        ),
    ] {
        if is_certified && found < wanted {
            let missing = Rejection::TimeMissing {
                sources,
                found,
                wanted,
            };
            return Err(refused.unwrap_or_else(|| missing.into()));
        }
    }
    let detail: Vec<String> = times.iter().map(ToString::to_string).collect();
    Ok(if times.is_empty() {
        let why = if is_certified {
            "the trust profile wants none"
        } else {
            "a managed key needs none"
        };
        Passed::skipped(times, why)
    } else {
        Passed::new(times, detail.join(", "))
    })
}

fn verify_timestamp(
    der: &[u8],
    signature: &[u8],
    root: &TrustRoot,
) -> Result<VerifiedTime, TimestampFault> {
    let token = TimestampToken::from_response_der(der).map_err(TimestampFault::Malformed)?;
    let mut fault = TimestampFault::NoAuthority;
    for authority in &root.timestamp_authorities {
        match token.verify(signature, &authority.chain) {
            Ok(time) if authority.valid_for.contains(time) => {
                return Ok(VerifiedTime {
                    time,
                    source: TimeSource::TimestampAuthority(name(authority)),
                });
            }
            Ok(at) => fault = TimestampFault::OutsideTrust { at },
            // What a token says about a signer it does not know is the least telling reason.
            Err(sealwright_crypto::TimestampError::UnknownSigner)
                if !matches!(fault, TimestampFault::NoAuthority) => {}
            Err(error) => {
                if !matches!(fault, TimestampFault::OutsideTrust { .. }) {
                    fault = TimestampFault::NotVerified(error);
                }
            }
        }
    }
    Err(fault)
}

fn name(authority: &Authority) -> String {
    if authority.uri.is_empty() {
        authority.common_name.clone()
    } else {
        authority.uri.clone()
    }
}

/// How many different timestamp authorities and how many different sources in all there are: one
/// that says it twice counts once.
fn count(times: &[VerifiedTime]) -> (usize, usize) {
    let mut sources: Vec<&TimeSource> = Vec::new();
    for time in times {
        if !sources.contains(&&time.source) {
            sources.push(&time.source);
        }
    }
    let is_authority = |source: &&&TimeSource| match source {
        TimeSource::TimestampAuthority(_) => true,
        TimeSource::Log(_) => false,
    };
    let authorities = sources.iter().filter(is_authority).count();
    (authorities, sources.len())
}

/// How far the clocks of a signer's services and of the verifier may be apart.
pub(super) const CLOCK_SKEW_SECONDS: i64 = 60;
