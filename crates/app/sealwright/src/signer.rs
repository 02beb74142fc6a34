//! Who must have signed, as the command line says it.

use sealwright_sigstore::Bundle;
use sealwright_sigstore::Expected;
use sealwright_sigstore::TextMatch;

use crate::CertificateClaim;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::KeyReference;
use crate::key::open_public_key;

/// Who must have signed: an identity and who must have vouched for it, or the holder of a key; or any
/// one of several.
#[derive(Clone, Debug)]
pub struct Signer {
    expected: Expected,
    others: Vec<Expected>,
}

/// What a pattern must match.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PatternStyle {
    /// The whole text.
    #[default]
    Whole,
    /// Any part of it, as cosign's patterns do. WARNING: they also match where nobody thinks of it.
    AnywhereUnsafe,
}

/// The flags by which a signer is named.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignerFlags<'a> {
    /// `--identity`
    pub identity: Option<&'a str>,
    /// `--identity-regexp`
    pub identity_regexp: Option<&'a str>,
    /// `--issuer`
    pub issuer: Option<&'a str>,
    /// `--issuer-regexp`
    pub issuer_regexp: Option<&'a str>,
    /// `--require-claim`: what else the certificate must say.
    pub claims: &'a [CertificateClaim],
    /// `--key`: a public key, or a certificate whose key is meant.
    pub key: Option<&'a KeyReference>,
    /// `--offline`: no key is fetched over a network.
    pub offline: bool,
    /// What the patterns must match.
    pub patterns: PatternStyle,
}

impl Signer {
    /// From the flags; none given is `None`.
    ///
    /// # Errors
    /// `usage.identity-required`, `usage.issuer-required`, `usage.invalid-regexp`,
    /// `usage.offline-key`; what keeps the key from being read.
    pub fn from_flags(
        context: &Context<'_>,
        flags: SignerFlags<'_>,
    ) -> Result<Option<Self>, Failure> {
        if let Some(reference) = flags.key {
            if flags.offline && reference.is_remote() {
                return Err(Error::OfflineKey(reference.to_string()).into());
            }
            let key = open_public_key(context, reference)?;
            return Ok(Some(Self::only(Expected::Key(key))));
        }
        let identity = one(
            "--identity-regexp",
            flags.identity,
            flags.identity_regexp,
            flags.patterns,
        )?;
        let issuer = one(
            "--issuer-regexp",
            flags.issuer,
            flags.issuer_regexp,
            flags.patterns,
        )?;
        match (identity, issuer) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(Error::IssuerRequired.into()),
            (None, Some(_)) => Err(Error::IdentityRequired.into()),
            (Some(identity), Some(issuer)) => Ok(Some(Self::only(Expected::Identity {
                identity,
                issuer,
                claims: flags.claims.iter().map(CertificateClaim::wanted).collect(),
            }))),
        }
    }

    /// Exactly this identity and issuer.
    pub(crate) fn exactly(identity: &str, issuer: &str) -> Self {
        Self::only(Expected::exactly(identity, issuer))
    }

    /// This one alone.
    pub(crate) fn only(expected: Expected) -> Self {
        Self {
            expected,
            others: Vec::new(),
        }
    }

    /// Either of two: each piece of evidence needs one of them to have signed it.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.others.push(other.expected);
        self.others.extend(other.others);
        self
    }

    /// All of them, first those of the kind that signed a bundle: they say best why it is refused.
    pub(crate) fn candidates(&self, bundle: &Bundle) -> Vec<&Expected> {
        let certified = bundle.certificate().is_some();
        let mut candidates: Vec<&Expected> = std::iter::once(&self.expected)
            .chain(&self.others)
            .collect();
        candidates.sort_by_key(|expected| matches!(expected, Expected::Key(_)) == certified);
        candidates
    }
}

fn one(
    flag: &'static str,
    exact: Option<&str>,
    pattern: Option<&str>,
    style: PatternStyle,
) -> Result<Option<TextMatch>, Failure> {
    let compiled = match (pattern, style) {
        (None, _) => None,
        (Some(pattern), PatternStyle::Whole) => Some(TextMatch::pattern(pattern)),
        (Some(pattern), PatternStyle::AnywhereUnsafe) => Some(TextMatch::pattern_anywhere(pattern)),
    };
    let compiled = compiled.transpose().map_err(|error| Error::InvalidRegexp {
        flag,
        reason: error.to_string(),
    })?;
    match (exact, compiled) {
        // Both are wanted: what the pattern does not match, nothing can satisfy.
        (Some(text), Some(pattern)) if !pattern.matches(text) => Err(Error::InvalidRegexp {
            flag,
            reason: format!("it does not match {text:?}, which is wanted too"),
        }
        .into()),
        (Some(text), _) => Ok(Some(TextMatch::Exact(text.to_owned()))),
        (None, pattern) => Ok(pattern),
    }
}
