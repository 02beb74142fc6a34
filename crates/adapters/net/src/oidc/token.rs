//! An identity token: a secret, and what it says of itself.
//!
//! RFC 7519 (JWT), RFC 7515 section 7.1 (compact form), OpenID Connect Core 1.0 section 2. Nothing is
//! verified here: the certificate authority does that. What is read is what the client needs: the
//! subject a proof of possession is made over, and when the token ends.

use std::fmt;

use sealwright_core::Base64;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use serde::Deserialize;
use serde_json::Number;
use zeroize::Zeroizing;

use crate::Error;

/// An identity token. Its text is wiped from memory when it is dropped, and never shown.
#[derive(Clone)]
pub struct IdentityToken {
    text: Zeroizing<String>,
    claims: TokenClaims,
}

/// What a token says, unverified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenClaims {
    /// `iss`
    pub issuer: String,
    /// `sub`
    pub subject: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `aud`
    pub audiences: Vec<String>,
    /// `exp`
    pub expires: Timestamp,
    /// `nonce`
    pub nonce: Option<String>,
    /// `federated_claims.connector_id`: who vouched for the identity to this issuer.
    pub federated_issuer: Option<String>,
    /// `job_workflow_ref` (GitHub) or `ci_config_ref_uri` (GitLab): the workflow that runs.
    pub workflow: Option<String>,
}

impl IdentityToken {
    /// Reads a token. White space around it does not count.
    ///
    /// # Errors
    /// `token.malformed`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let claims = claims(text).map_err(|part| Error::TokenMalformed { part })?;
        Ok(Self {
            text: Zeroizing::new(text.to_owned()),
            claims,
        })
    }

    /// Whether it can still be used.
    ///
    /// # Errors
    /// `token.expired`.
    pub fn check_unexpired(&self, now: Timestamp) -> Result<(), Error> {
        let expired = self.claims.expires;
        if expired > now {
            return Ok(());
        }
        Err(Error::TokenExpired { expired, now })
    }

    /// What it says, unverified.
    pub fn claims(&self) -> &TokenClaims {
        &self.claims
    }

    /// What a proof of possession is signed over: the email address where the token has one, else
    /// its subject. Fulcio takes the email address as the identity's name of issuers of people, and
    /// the subject of all others, whose tokens have no email address.
    pub fn proof_subject(&self) -> &str {
        let TokenClaims { email, subject, .. } = &self.claims;
        email.as_deref().or(subject.as_deref()).unwrap_or_default()
    }

    /// WARNING: the token itself. Whoever has it can sign in its name until it expires.
    pub fn secret(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for IdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityToken")
            .field("text", &"[redacted]")
            .field("claims", &self.claims)
            .finish()
    }
}

#[derive(Deserialize)]
struct WireClaims {
    iss: Option<String>,
    sub: Option<String>,
    email: Option<String>,
    aud: Option<WireAudience>,
    exp: Option<Number>,
    nonce: Option<String>,
    federated_claims: Option<WireFederated>,
    job_workflow_ref: Option<String>,
    ci_config_ref_uri: Option<String>,
}

#[derive(Deserialize)]
struct WireFederated {
    connector_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WireAudience {
    One(String),
    Several(Vec<String>),
}

fn claims(text: &str) -> Result<TokenClaims, &'static str> {
    if text.len() > MAX_TOKEN_BYTES {
        return Err("more than 32 KiB");
    }
    let parts: Vec<&str> = text.split('.').collect();
    let [_, payload, _] = parts.as_slice() else {
        return Err("not three parts between dots");
    };
    let is_base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if parts
        .iter()
        .any(|part| part.is_empty() || !part.chars().all(is_base64url))
    {
        return Err("a part that is no base64url");
    }
    let payload =
        Base64::decode(payload).map_err(|_| "a second part that is no base64url of anything")?;
    let wire: WireClaims = canonical_json::from_slice(payload.as_bytes())
        .map_err(|_| "a second part that is no JSON object of claims")?;
    let some = |claim: Option<String>| claim.filter(|text| !text.is_empty());
    let claims = TokenClaims {
        issuer: some(wire.iss).ok_or("no issuer (iss)")?,
        subject: some(wire.sub),
        email: some(wire.email),
        audiences: match wire.aud {
            None => Vec::new(),
            Some(WireAudience::One(one)) => vec![one],
            Some(WireAudience::Several(several)) => several,
        },
        expires: wire
            .exp
            .as_ref()
            .and_then(seconds)
            .map(Timestamp::from_seconds)
            .ok_or("no time of expiry (exp)")?,
        nonce: wire.nonce,
        federated_issuer: some(wire.federated_claims.and_then(|claims| claims.connector_id)),
        workflow: some(wire.job_workflow_ref.or(wire.ci_config_ref_uri)),
    };
    if claims.subject.is_none() && claims.email.is_none() {
        return Err("neither subject (sub) nor email address");
    }
    Ok(claims)
}

/// A NumericDate, which may have a fraction (RFC 7519, section 2).
fn seconds(number: &Number) -> Option<i64> {
    let whole = number.as_i64().or_else(|| {
        let seconds = number.as_f64()?.floor();
        // Years beyond this are no dates; so the conversion is exact.
        (seconds.abs() <= MAX_SECONDS as f64).then_some(seconds as i64)
    })?;
    (whole.abs() <= MAX_SECONDS).then_some(whole)
}

/// Tokens are a few kilobytes; those with many groups some more.
pub(super) const MAX_TOKEN_BYTES: usize = 32 << 10;
/// The last second of the year 9999.
const MAX_SECONDS: i64 = 253_402_300_799;

#[cfg(test)]
pub(crate) mod tests {
    use sealwright_core::Diagnostic as _;

    use super::*;

    /// A token that says this; its signature is by nobody.
    pub(crate) fn token_text(claims: &str) -> String {
        let encode = |text: &str| {
            let text = Base64::encode(text.as_bytes());
            text.replace('+', "-").replace('/', "_").replace('=', "")
        };
        format!("{}.{}.c2ln", encode(r#"{"alg":"none"}"#), encode(claims))
    }

    pub(crate) const GOOD: &str =
        r#"{"iss":"https://issuer.example","sub":"repo:o/r","aud":"sigstore","exp":2000,"iat":1}"#;

    fn code(text: &str) -> String {
        let error = IdentityToken::parse(text).unwrap_err();
        assert_eq!(error.code().as_str(), "token.malformed");
        error.to_string()
    }

    #[test]
    fn reads_what_a_token_says() {
        let token = IdentityToken::parse(&format!(" {}\n", token_text(GOOD))).unwrap();
        assert_eq!(token.claims().issuer, "https://issuer.example");
        assert_eq!(token.claims().audiences, ["sigstore"]);
        assert_eq!(token.claims().expires, Timestamp::from_seconds(2000));
        assert_eq!(token.secret(), token_text(GOOD));
    }

    #[test]
    fn proof_is_over_the_email_address_else_the_subject() {
        let subject = |claims: &str| {
            let token = IdentityToken::parse(&token_text(claims)).unwrap();
            token.proof_subject().to_owned()
        };
        assert_eq!(subject(GOOD), "repo:o/r");
        let person = GOOD.replace(r#""iat":1"#, r#""email":"a@example.com""#);
        assert_eq!(subject(&person), "a@example.com");
        let empty = GOOD.replace(r#""iat":1"#, r#""email":"""#);
        assert_eq!(subject(&empty), "repo:o/r");
    }

    #[test]
    fn refuses_what_is_no_token() {
        for (from, to, said) in [
            (r#""iss":"https://issuer.example""#, r#""iss":"""#, "(iss)"),
            (r#""sub":"repo:o/r""#, r#""sub":"""#, "(sub)"),
            (r#""exp":2000"#, r#""exp":null"#, "(exp)"),
            (r#""exp":2000"#, r#""exp":1e300"#, "(exp)"),
            (r#""exp":2000"#, r#""exp":"2000""#, "no JSON object"),
            (r#""iat":1"#, r#""exp":1"#, "no JSON object"),
            (r#"{"iss"#, r#"["iss"#, "no JSON object"),
        ] {
            let claims = GOOD.replace(from, to);
            assert_ne!(claims, GOOD);
            let message = code(&token_text(&claims));
            assert!(message.contains(said), "{message}");
        }
        let good = token_text(GOOD);
        assert!(code(&good.replacen('.', "", 1)).contains("three parts"));
        assert!(code(&good.replace("c2ln", "")).contains("base64url"));
        assert!(code(&good.replace("c2ln", "c2 n")).contains("base64url"));
        assert!(code(&good.replace("c2ln", &"A".repeat(40_000))).contains("32 KiB"));
    }

    #[test]
    fn takes_fractions_and_several_audiences() {
        let claims = GOOD
            .replace("2000", "2000.9")
            .replace(r#""aud":"sigstore""#, r#""aud":["a","b"]"#);
        let token = IdentityToken::parse(&token_text(&claims)).unwrap();
        assert_eq!(token.claims().expires, Timestamp::from_seconds(2000));
        assert_eq!(token.claims().audiences, ["a", "b"]);
    }

    #[test]
    fn refuses_a_token_from_its_expiry_on() {
        let token = IdentityToken::parse(&token_text(GOOD)).unwrap();
        assert!(token.check_unexpired(Timestamp::from_seconds(1999)).is_ok());
        let error = token.check_unexpired(Timestamp::from_seconds(2000));
        assert_eq!(error.unwrap_err().code().as_str(), "token.expired");
    }

    #[test]
    fn shows_no_token() {
        let token = IdentityToken::parse(&token_text(GOOD)).unwrap();
        let shown = format!("{token:?}");
        assert!(shown.contains("[redacted]") && shown.contains("issuer.example"));
        let payload = token.secret().split('.').nth(1).unwrap();
        assert!(!shown.contains(payload));
    }
}
