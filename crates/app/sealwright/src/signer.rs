//! Who must have signed, as the command line says it.

use sealwright_sigstore::Expected;
use sealwright_sigstore::TextMatch;

use crate::Error;
use crate::Failure;

/// An identity and who must have vouched for it.
#[derive(Clone, Debug)]
pub struct Signer {
    pub(crate) expected: Expected,
}

impl Signer {
    /// From the values of `--identity`, `--identity-regexp`, `--issuer` and `--issuer-regexp`; none
    /// given is `None`. Patterns must match the whole text.
    ///
    /// # Errors
    /// `usage.identity-required`, `usage.issuer-required`, `usage.invalid-regexp`.
    pub fn from_flags(
        identity: Option<&str>,
        identity_regexp: Option<&str>,
        issuer: Option<&str>,
        issuer_regexp: Option<&str>,
    ) -> Result<Option<Self>, Failure> {
        let identity = one("--identity-regexp", identity, identity_regexp)?;
        let issuer = one("--issuer-regexp", issuer, issuer_regexp)?;
        match (identity, issuer) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(Error::IssuerRequired.into()),
            (None, Some(_)) => Err(Error::IdentityRequired.into()),
            (Some(identity), Some(issuer)) => Ok(Some(Self {
                expected: Expected::Identity {
                    identity,
                    issuer,
                    claims: Vec::new(),
                },
            })),
        }
    }

    /// Exactly this identity and issuer.
    pub(crate) fn exactly(identity: &str, issuer: &str) -> Self {
        Self {
            expected: Expected::exactly(identity, issuer),
        }
    }
}

fn one(
    flag: &'static str,
    exact: Option<&str>,
    pattern: Option<&str>,
) -> Result<Option<TextMatch>, Failure> {
    match (exact, pattern) {
        (Some(text), _) => Ok(Some(TextMatch::Exact(text.to_owned()))),
        (None, Some(pattern)) => TextMatch::pattern(pattern).map(Some).map_err(|error| {
            Error::InvalidRegexp {
                flag,
                reason: error.to_string(),
            }
            .into()
        }),
        (None, None) => Ok(None),
    }
}
