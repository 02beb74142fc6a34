//! Issuers that are believed, with their keys.

use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::AlgorithmParameters;
use jsonwebtoken::jwk::EllipticCurve;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::jwk::PublicKeyUse;
use sealwright_core::Base64;
use sealwright_core::canonical_json;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Error;

/// An issuer whose tokens are believed.
pub struct TrustedIssuer {
    url: String,
    audience: String,
    kind: IssuerKind,
    keys: Vec<IssuerKey>,
}

/// What an issuer's tokens are about, and so what a certificate says.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum IssuerKind {
    /// Jobs of Buildkite.
    Buildkite,
    /// People: the verified address is the identity.
    Email,
    /// Workflows of GitHub Actions.
    GitHubActions {
        /// Where repositories are: `https://github.com`, or a server of one's own.
        url: String,
    },
    /// Jobs of GitLab.
    GitLab {
        /// Where projects are: `https://gitlab.com`, or a server of one's own.
        url: String,
    },
    /// Anything that is named by a URI: the subject is the identity.
    Uri {
        /// Scheme and host that its subjects are below: `https://example.com`.
        subject_domain: String,
    },
}

/// A key that signs tokens, for one family of algorithms.
pub(super) struct IssuerKey {
    id: Option<String>,
    family: Family,
    /// The only algorithm it is for, if its issuer says so.
    only: Option<String>,
    pub(super) key: DecodingKey,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Family {
    Ed25519,
    P256,
    P384,
    Rsa,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Box<RawValue>>,
}

impl TrustedIssuer {
    /// An issuer by its exact URL, the audience its tokens must be for, and its keys as a JWK set (RFC
    /// 7517). Keys that are for nothing we take are left out.
    ///
    /// # Errors
    /// `authority.issuer-unusable` when the set is none or holds no key that can be used.
    pub fn new(
        url: impl Into<String>,
        audience: impl Into<String>,
        kind: IssuerKind,
        keys: &[u8],
    ) -> Result<Self, Error> {
        let url = url.into();
        let set: Result<KeySet, _> = canonical_json::from_slice(keys);
        let keys: Vec<_> = set
            .iter()
            .flat_map(|set| &set.keys)
            .filter_map(|key| IssuerKey::read(key))
            .collect();
        if keys.is_empty() {
            return Err(Error::IssuerUnusable { url });
        }
        Ok(Self {
            url,
            audience: audience.into(),
            kind,
            keys,
        })
    }

    /// Its URL: `iss` of its tokens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whom its tokens must be for.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// What its tokens are about.
    pub const fn kind(&self) -> &IssuerKind {
        &self.kind
    }

    /// The keys that may have signed a token with this header.
    pub(super) fn keys(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &IssuerKey> {
        self.keys.iter().filter(move |key| {
            id.is_none_or(|id| key.id.as_deref() == Some(id)) && key.is_for(algorithm)
        })
    }
}

impl std::fmt::Debug for TrustedIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrustedIssuer")
            .field("url", &self.url)
            .field("audience", &self.audience)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl IssuerKey {
    fn read(text: &RawValue) -> Option<Self> {
        let jwk: Jwk = canonical_json::from_part(text).ok()?;
        let family = match &jwk.algorithm {
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => Family::P256,
                EllipticCurve::P384 => Family::P384,
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                Family::Ed25519
            }
            AlgorithmParameters::RSA(key) if is_long_enough(&key.n) => Family::Rsa,
            // A shared secret is no public key, whoever publishes it.
            _ => return None,
        };
        let is_for_signatures = jwk
            .common
            .public_key_use
            .as_ref()
            .is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
        is_for_signatures.then_some(())?;
        Some(Self {
            family,
            only: jwk.common.key_algorithm.map(|only| only.to_string()),
            key: DecodingKey::from_jwk(&jwk).ok()?,
            id: jwk.common.key_id,
        })
    }

    fn is_for(&self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        let family = match algorithm {
            A::ES256 => Family::P256,
            A::ES384 => Family::P384,
            A::EdDSA => Family::Ed25519,
            A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512 => Family::Rsa,
            _ => return false,
        };
        self.family == family
            && self
                .only
                .as_ref()
                .is_none_or(|only| *only == format!("{algorithm:?}"))
    }
}

/// At least 2048 bits.
fn is_long_enough(modulus: &str) -> bool {
    Base64::decode(modulus).is_ok_and(|bytes| bytes.as_bytes().len() >= 256)
}
