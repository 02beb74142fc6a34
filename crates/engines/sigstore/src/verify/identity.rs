//! Who signed, by the certificate, and whether that is who was expected.

use sealwright_crypto::Certificate;
use sealwright_crypto::FulcioExtensions;

use super::CheckName;
use super::Signer;
use super::Stop;
use super::check::Passed;
use super::check::Trace;
use crate::ExtensionName;
use crate::Rejection;
use crate::TextMatch;

pub(super) fn check(
    leaf: &Certificate,
    identity: &TextMatch,
    issuer: &TextMatch,
    claims: &[(ExtensionName, TextMatch)],
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
    let extensions = leaf.fulcio_extensions();
    let issuer = trace.run(CheckName::Issuer, || {
        let found = extensions.issuer().map(str::to_owned);
        // One that cannot be read is neither wanted nor absent.
        let is_there =
            found.is_some() || is_malformed(&extensions, 1) || is_malformed(&extensions, 8);
        match found {
            found if is_there != found.is_some() || !issuer.holds(found.as_deref()) => {
                Err(Rejection::SigIssuerMismatch {
                    found,
                    wanted: issuer.to_string(),
                }
                .into())
            }
            Some(found) => Ok(Passed::new(found.clone(), found)),
            None => Ok(Passed::new(String::new(), "none")),
        }
    })?;
    if !claims.is_empty() {
        trace.run(CheckName::CertificateClaims, || {
            check_claims(&extensions, claims)
        })?;
    }
    Ok(Signer::Identity {
        identity: found,
        issuer,
        extensions: Box::new(extensions),
    })
}

fn check_claims(
    extensions: &FulcioExtensions,
    claims: &[(ExtensionName, TextMatch)],
) -> Result<Passed<()>, Stop> {
    let mut said = Vec::new();
    for (name, wanted) in claims {
        let found = extensions.get(name.number());
        if is_malformed(extensions, name.number()) || !wanted.holds(found) {
            return Err(Rejection::CertClaimMismatch {
                name: *name,
                found: found.map(str::to_owned),
                wanted: wanted.to_string(),
            }
            .into());
        }
        said.push(format!("{name} {}", found.unwrap_or("none")));
    }
    Ok(Passed::new((), said.join(", ")))
}

/// Whether an extension is there and cannot be read: then nobody knows what it says, which is
/// neither something nor nothing.
fn is_malformed(extensions: &FulcioExtensions, number: u32) -> bool {
    extensions.malformed.contains(&number)
}
