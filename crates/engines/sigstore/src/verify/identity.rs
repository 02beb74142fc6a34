//! Who signed, by the certificate, and whether that is who was expected.

use sealwright_crypto::Certificate;

use super::CheckName;
use super::Signer;
use super::Stop;
use super::check::Passed;
use super::check::Trace;
use crate::Rejection;
use crate::TextMatch;

pub(super) fn check(
    leaf: &Certificate,
    identity: &TextMatch,
    issuer: &TextMatch,
    trace: &mut Trace,
) -> Result<Signer, Stop> {
    let found = trace.run(CheckName::Identity, || {
        let found = leaf.identity();
        match found {
            Some(found) if identity.matches(found.value()) => {
                let detail = found.value().to_owned();
                Ok(Passed::new(found, detail))
            }
            other => Err(Rejection::SigIdentityMismatch {
                found: other.map(|found| found.value().to_owned()),
                wanted: identity.to_string(),
            }
            .into()),
        }
    })?;
    let issuer = trace.run(CheckName::Issuer, || match leaf.issuer_claim() {
        Some(found) if issuer.matches(&found) => Ok(Passed::new(found.clone(), found)),
        found => Err(Rejection::SigIssuerMismatch {
            found,
            wanted: issuer.to_string(),
        }
        .into()),
    })?;
    Ok(Signer::Identity {
        identity: found,
        issuer,
    })
}
