//! The certificate: its chain to a trusted authority at each proven time, and its log promises.

use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::CertificateChain;
use sealwright_crypto::ChainError;
use sealwright_crypto::Eku;
use sealwright_crypto::SignedCertificateTimestamp;
use sealwright_crypto::build_chain;

use super::Stop;
use super::VerifiedTime;
use super::check::Passed;
use crate::Bundle;
use crate::LogCheck;
use crate::LogId;
use crate::Rejection;
use crate::SctCheck;
use crate::SctFault;
use crate::TransparencyLog;
use crate::TrustRoot;

/// Whether the trusted root knows anything of the instance that made a bundle: one of its logs, or
/// the authority that issued the certificate.
pub(super) fn knows_instance(bundle: &Bundle, root: &TrustRoot) -> bool {
    if bundle
        .log_entries
        .iter()
        .any(|entry| root.log(&entry.log_id).is_some())
    {
        return true;
    }
    let Some(leaf) = bundle.certificate() else {
        if root.profile.logs == LogCheck::IgnoreUnsafe {
            return true;
        }
        // Whoever holds the key decides; a log is only missing if there should have been one.
        return !root.is_empty() && bundle.log_entries.is_empty();
    };
    let authorities = root
        .certificate_authorities
        .iter()
        .flat_map(|authority| &authority.chain);
    let brought = std::iter::once(leaf).chain(bundle.material.intermediates());
    authorities.into_iter().any(|authority| {
        brought.clone().any(|certificate| {
            certificate.issuer_der() == authority.subject_der()
                && certificate.verify_signed_by(authority.public_key()).is_ok()
        })
    })
}

/// Finds an authority that vouches for the leaf at every proven time, or now if there is none.
pub(super) fn verify(
    leaf: &Certificate,
    intermediates: &[Certificate],
    root: &TrustRoot,
    times: &[VerifiedTime],
    now: Timestamp,
) -> Result<Passed<CertificateChain>, Stop> {
    let now_alone = [now];
    let proven: Vec<Timestamp> = times.iter().map(|time| time.time).collect();
    let moments: &[Timestamp] = if proven.is_empty() {
        &now_alone
    } else {
        &proven
    };
    let first = moments.first().copied().unwrap_or(now);
    let mut refused = Rejection::CertUntrusted { at: first };
    for authority in &root.certificate_authorities {
        let mut chain = None;
        let mut holds = true;
        for at in moments {
            if !authority.valid_for.contains(*at) {
                holds = false;
                break;
            }
            match build_chain(leaf, intermediates, &authority.chain, *at, Eku::CodeSigning) {
                Ok(found) => chain = Some(found),
                Err(error) => {
                    refused = more_telling(refused, error, *at);
                    holds = false;
                    break;
                }
            }
        }
        if let (true, Some(chain)) = (holds, chain) {
            let detail = format!(
                "issued by {}, {} to {}",
                authority.uri,
                leaf.not_before(),
                leaf.not_after()
            );
            return Ok(Passed::new(chain, detail));
        }
    }
    Err(refused.into())
}

fn more_telling(refused: Rejection, error: ChainError, at: Timestamp) -> Rejection {
    let found = match error {
        ChainError::UnknownIssuer { .. } => Rejection::CertUntrusted { at },
        ChainError::OutsideValidity {
            depth,
            at,
            not_before,
            not_after,
        } => Rejection::CertExpiredAtSigning {
            at,
            whose: if depth == 0 {
                "the signing certificate"
            } else {
                "a certificate that issued it"
            },
            not_before,
            not_after,
        },
        source => Rejection::CertChainInvalid { source },
    };
    match (&refused, &found) {
        (Rejection::CertUntrusted { .. }, _) => found,
        (Rejection::CertExpiredAtSigning { .. }, Rejection::CertChainInvalid { .. }) => found,
        _ => refused,
    }
}

/// Wants as many certificate logs as the profile does to have promised to hold the leaf.
pub(super) fn verify_scts(
    leaf: &Certificate,
    chain: &CertificateChain,
    root: &TrustRoot,
) -> Result<Passed<()>, Stop> {
    if root.profile.scts == SctCheck::IgnoreUnsafe {
        let detail =
            "the promises of certificate logs are ignored, as somebody said: this is insecure";
        return Ok(Passed::skipped((), detail));
    }
    let wanted = root.profile.sct_threshold;
    if wanted == 0 {
        return Ok(Passed::skipped((), "the trust profile wants none"));
    }
    let scts = leaf.scts().map_err(|error| Rejection::SctInvalid {
        fault: SctFault::Malformed(error),
    })?;
    let mut logs: Vec<LogId> = Vec::new();
    let mut refused = None;
    for sct in &scts {
        match verify_sct(sct, leaf, chain, root) {
            Ok(log) if logs.contains(&log.log_id) => {}
            Ok(log) => logs.push(log.log_id),
            Err(fault) => {
                refused.get_or_insert(Rejection::SctInvalid { fault });
            }
        }
    }
    let found = logs.len();
    if found < wanted {
        return Err(refused
            .unwrap_or(Rejection::SctMissing { found, wanted })
            .into());
    }
    Ok(Passed::new((), format!("{found} of {} valid", scts.len())))
}

fn verify_sct<'a>(
    sct: &SignedCertificateTimestamp,
    leaf: &Certificate,
    chain: &CertificateChain,
    root: &'a TrustRoot,
) -> Result<&'a TransparencyLog, SctFault> {
    let log_id = LogId(sct.log_id);
    let untrusted = || SctFault::Untrusted {
        log_id,
        at: sct.timestamp,
    };
    let log = root
        .ct_logs
        .iter()
        .find(|log| log.log_id == log_id)
        .filter(|log| log.valid_for.contains(sct.timestamp))
        .ok_or_else(untrusted)?;
    let key = log.key.public_key().ok_or_else(untrusted)?;
    let issuer = chain.issuer().ok_or(SctFault::Signature)?;
    sct.verify(leaf, issuer, key)
        .map_err(|_| SctFault::Signature)?;
    Ok(log)
}
