//! Checking a token.

use std::str::FromStr as _;

use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto;
use sealwright_core::Base64;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;

use super::fault::TokenFault;
use super::issuer::TrustedIssuer;
use super::principal::Claims;
use super::principal::Principal;
use crate::Error;

/// Decides which tokens are believed.
#[derive(Debug)]
pub struct TokenVerifier {
    issuers: Vec<TrustedIssuer>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

impl TokenVerifier {
    /// Believes these issuers.
    pub const fn new(issuers: Vec<TrustedIssuer>) -> Self {
        Self { issuers }
    }

    /// Whom it believes.
    pub fn issuers(&self) -> &[TrustedIssuer] {
        &self.issuers
    }

    /// Checks a token and says what a certificate for its holder states.
    ///
    /// # Errors
    /// `authority.token-refused`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Principal, Error> {
        self.check(token, now)
            .map_err(|fault| Error::TokenRefused { fault })
    }

    fn check(&self, token: &str, now: Timestamp) -> Result<Principal, TokenFault> {
        if token.len() > MAX_BYTES {
            return Err(malformed("too long"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or(malformed("three parts"))?;
        let (header, payload) = message.split_once('.').ok_or(malformed("three parts"))?;
        if payload.contains('.') {
            return Err(malformed("three parts"));
        }
        let header: Header = part(header, "header")?;
        if header.crit.is_some() {
            return Err(TokenFault::Critical);
        }
        let (algorithm, name) = asymmetric(&header.alg)?;
        // Not believed yet, but it says whose signature to look for.
        let claims: Map<String, Value> = part(payload, "claims")?;
        let text = |name: &'static str| claims.get(name).and_then(Value::as_str);
        let found = text("iss").ok_or(TokenFault::Claim { name: "iss" })?;
        let issuer = self
            .issuers
            .iter()
            .find(|issuer| issuer.url() == found)
            .ok_or_else(|| TokenFault::Issuer {
                found: found.to_owned(),
            })?;

        let mut keys = issuer.keys(header.kid.as_deref(), algorithm).peekable();
        if keys.peek().is_none() {
            return Err(TokenFault::Key {
                kid: header.kid.clone().unwrap_or_default(),
                algorithm: name,
            });
        }
        let is_signed = keys.any(|key| {
            crypto::verify(signature, message.as_bytes(), &key.key, algorithm).unwrap_or(false)
        });
        if !is_signed {
            return Err(TokenFault::Signature);
        }

        check_audience(&claims, issuer.audience())?;
        check_time(&claims, now)?;
        Principal::of(issuer, &Claims(&claims))
    }
}

fn check_audience(claims: &Map<String, Value>, wanted: &str) -> Result<(), TokenFault> {
    let found: Vec<String> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    if found.iter().any(|one| one == wanted) {
        Ok(())
    } else {
        Err(TokenFault::Audience {
            found,
            wanted: wanted.to_owned(),
        })
    }
}

fn check_time(claims: &Map<String, Value>, now: Timestamp) -> Result<(), TokenFault> {
    let expires = time(claims, "exp")?.ok_or(TokenFault::Claim { name: "exp" })?;
    if now >= expires {
        return Err(TokenFault::Expired { at: expires });
    }
    // Clocks differ a little; a token that was made a moment from now was made now.
    for name in ["nbf", "iat"] {
        if let Some(at) = time(claims, name)?
            && now.plus_seconds(LEEWAY_SECONDS) < at
        {
            return Err(TokenFault::NotYetValid { at });
        }
    }
    Ok(())
}

/// A NumericDate, which may have a fraction.
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, TokenFault> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let milliseconds = value.as_f64().map(|seconds| seconds * 1000.0);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the fraction of a millisecond says nothing; the range is checked"
    )]
    match milliseconds {
        Some(milliseconds) if (0.0..MAX_MILLISECONDS).contains(&milliseconds) => {
            Ok(Some(Timestamp::from_milliseconds(milliseconds as i64)))
        }
        _ => Err(TokenFault::Claim { name }),
    }
}

fn part<T: DeserializeOwned>(encoded: &str, part: &'static str) -> Result<T, TokenFault> {
    let json = Base64::decode(encoded).map_err(|_| malformed(part))?;
    canonical_json::from_slice(json.as_bytes()).map_err(|_| malformed(part))
}

const fn malformed(part: &'static str) -> TokenFault {
    TokenFault::Malformed { part }
}

/// The algorithm, if its keys come in pairs, and its name.
fn asymmetric(name: &str) -> Result<(Algorithm, &'static str), TokenFault> {
    let known = ASYMMETRIC.iter().find(|known| **known == name);
    known
        .and_then(|known| Some((Algorithm::from_str(known).ok()?, *known)))
        .ok_or_else(|| TokenFault::Algorithm {
            found: name.to_owned(),
        })
}

const ASYMMETRIC: [&str; 9] = [
    "ES256", "ES384", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512",
];
/// The longest token that is looked at.
const MAX_BYTES: usize = 16 << 10;
const LEEWAY_SECONDS: i64 = 60;
/// The end of the year 9999.
const MAX_MILLISECONDS: f64 = 253_402_300_800_000.0;
