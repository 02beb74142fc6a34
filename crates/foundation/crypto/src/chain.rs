//! Building and judging the path from a signing certificate to a trust anchor.
//!
//! RFC 5280 section 6, narrowed to what Sigstore's certificates may be: no policies, no name
//! constraints (a certificate that carries some is refused, so they cannot be overlooked), no
//! revocation. Judged at a moment given by the caller: the time of signing, not of verifying.

mod error;

use sealwright_core::Timestamp;

use crate::Certificate;
use crate::certificate::Eku;
use crate::oid;

pub use self::error::ChainError;
pub(crate) use self::error::code;

/// A verified path: every certificate was signed by the next one, at a moment when all were valid.
#[derive(Clone, Debug)]
pub struct CertificateChain {
    /// The certificate asked about.
    pub leaf: Certificate,
    /// Its issuer first, the trust anchor last.
    pub path: Vec<Certificate>,
}

impl CertificateChain {
    /// The certificate that issued the leaf: what SCTs are bound to.
    pub fn issuer(&self) -> Option<&Certificate> {
        self.path.first()
    }
}

/// Finds a path from `leaf` to the trust anchor and judges it as of `at`.
///
/// `anchors` is a trusted chain as a trust root holds it: the last certificate is the anchor, those
/// before it may stand on the path, and so may the untrusted `intermediates`. A certificate that
/// is valid for `usage` at `at` all the way up is what counts; a self-signature of the anchor is
/// not checked, since trust in it was not derived from it.
///
/// # Errors
/// `chain.unknown-issuer` when nothing with the issuer's name is known; otherwise the reason why
/// the path that came furthest does not hold.
pub fn build_chain(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[Certificate],
    at: Timestamp,
    usage: Eku,
) -> Result<CertificateChain, ChainError> {
    check_leaf(leaf, at, usage)?;
    let Some((anchor, trusted)) = anchors.split_last() else {
        return Err(ChainError::UnknownIssuer { depth: 0 });
    };
    let mut search = Search {
        anchor,
        trusted,
        intermediates,
        at,
        usage,
        path: Vec::new(),
        checks_left: MAX_CHECKS,
    };
    search.climb(leaf, 0)?;
    Ok(CertificateChain {
        leaf: leaf.clone(),
        path: search.path.into_iter().cloned().collect(),
    })
}

struct Search<'a> {
    anchor: &'a Certificate,
    trusted: &'a [Certificate],
    intermediates: &'a [Certificate],
    at: Timestamp,
    usage: Eku,
    path: Vec<&'a Certificate>,
    checks_left: usize,
}

impl<'a> Search<'a> {
    /// Extends the path from `child`, which stands at `depth`, until the anchor is reached. Depth
    /// first; a path that fails is undone, and its reason kept in case no other holds.
    fn climb(&mut self, child: &Certificate, depth: usize) -> Result<(), ChainError> {
        if depth == MAX_PATH {
            return Err(ChainError::TooLong { limit: MAX_PATH });
        }
        let mut reason = ChainError::UnknownIssuer { depth };
        let candidates = std::iter::once(self.anchor)
            .chain(self.trusted)
            .chain(self.intermediates);
        for issuer in candidates {
            if issuer.subject_der() != child.issuer_der() || self.path.contains(&issuer) {
                continue;
            }
            match self.step(child, issuer, depth) {
                Ok(()) => return Ok(()),
                Err(found @ ChainError::TooLong { .. }) => return Err(found),
                Err(found) => reason = further(reason, found),
            }
        }
        Err(reason)
    }

    fn step(
        &mut self,
        child: &Certificate,
        issuer: &'a Certificate,
        depth: usize,
    ) -> Result<(), ChainError> {
        self.checks_left = self
            .checks_left
            .checked_sub(1)
            .ok_or(ChainError::TooLong { limit: MAX_CHECKS })?;
        // The signature first: what is wrong with a certificate that merely has the issuer's name
        // is nobody's business, and most of these answers are remembered.
        child
            .verify_signed_by(issuer.public_key())
            .map_err(|source| ChainError::BadSignature { depth, source })?;
        self.check_issuer(issuer, depth + 1)?;
        self.path.push(issuer);
        if std::ptr::eq(issuer, self.anchor) {
            return Ok(());
        }
        self.climb(issuer, depth + 1).inspect_err(|_| {
            self.path.pop();
        })
    }

    /// What an issuer must be, apart from having signed.
    fn check_issuer(&self, issuer: &Certificate, depth: usize) -> Result<(), ChainError> {
        check_validity(issuer, self.at, depth)?;
        check_critical_extensions(issuer, depth)?;
        let extensions = issuer.extensions();
        let constraints = extensions
            .basic_constraints
            .filter(|constraints| constraints.is_ca)
            .ok_or(ChainError::NotCa { depth })?;
        if extensions
            .key_usage
            .is_some_and(|usage| !usage.certificate_sign)
        {
            return Err(ChainError::NotCa { depth });
        }
        let below = self.path.iter().filter(|ca| !ca.is_self_issued()).count() as u64;
        if let Some(allowed) = constraints.path_length
            && below > allowed
        {
            return Err(ChainError::PathLength {
                depth,
                allowed,
                found: below,
            });
        }
        if extensions
            .extended_key_usage
            .as_ref()
            .is_some_and(|usages| !usages.permits(self.usage))
        {
            return Err(ChainError::WrongUsage {
                depth,
                usage: self.usage.name(),
            });
        }
        Ok(())
    }
}

fn check_leaf(leaf: &Certificate, at: Timestamp, usage: Eku) -> Result<(), ChainError> {
    check_validity(leaf, at, 0)?;
    check_critical_extensions(leaf, 0)?;
    if leaf.is_ca() {
        return Err(ChainError::LeafIsCa);
    }
    let extensions = leaf.extensions();
    if extensions
        .key_usage
        .is_some_and(|usage| !usage.digital_signature)
    {
        return Err(ChainError::WrongUsage {
            depth: 0,
            usage: "digitalSignature",
        });
    }
    // RFC 3161 section 2.3: a timestamping certificate says so critically and says nothing else.
    let fits = extensions
        .extended_key_usage
        .as_ref()
        .is_some_and(|usages| match usage {
            Eku::CodeSigning => usages.names(usage),
            Eku::TimeStamping => usages.critical && usages.is_only(usage),
        });
    if !fits {
        return Err(ChainError::WrongUsage {
            depth: 0,
            usage: usage.name(),
        });
    }
    Ok(())
}

fn check_validity(
    certificate: &Certificate,
    at: Timestamp,
    depth: usize,
) -> Result<(), ChainError> {
    if certificate.is_valid_at(at) {
        return Ok(());
    }
    Err(ChainError::OutsideValidity {
        depth,
        at,
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
    })
}

fn check_critical_extensions(certificate: &Certificate, depth: usize) -> Result<(), ChainError> {
    for extension in &certificate.extensions().all {
        match extension.id {
            oid::NAME_CONSTRAINTS => return Err(ChainError::NameConstraints { depth }),
            // Without policy constraints, which are refused below, policies restrict nothing.
            oid::BASIC_CONSTRAINTS
            | oid::CERTIFICATE_POLICIES
            | oid::EXTENDED_KEY_USAGE
            | oid::KEY_USAGE
            | oid::SUBJECT_ALT_NAME => {}
            id if extension.critical => {
                return Err(ChainError::CriticalExtension {
                    depth,
                    extension: id.to_string(),
                });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Of two reasons the one from further up; of two from one place the one that says more than "not
/// known", or the first.
fn further(first: ChainError, second: ChainError) -> ChainError {
    let rank = |error: &ChainError| {
        let is_known = !matches!(error, ChainError::UnknownIssuer { .. });
        (error.depth(), is_known)
    };
    if rank(&second) > rank(&first) {
        second
    } else {
        first
    }
}

/// Certificates on a path above the leaf.
const MAX_PATH: usize = 8;
/// Issuers tried in one search, so that many certificates of one name cannot cost much.
const MAX_CHECKS: usize = 32;

#[cfg(test)]
mod tests;
