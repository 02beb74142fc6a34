//! Who must have signed, as cosign's flags say it.

use sealwright::CertificateClaim;
use sealwright::Context;
use sealwright::KeyReference;
use sealwright::PatternStyle;
use sealwright::Signer;
use sealwright::SignerFlags;

use super::error::Error;
use super::session::Session;

/// The signer that the flags name.
///
/// # Errors
/// When they name none, or too many; what keeps a key from being read.
pub(super) fn expected(session: &Session<'_>, context: &Context<'_>) -> Result<Signer, Error> {
    let parsed = session.parsed;
    let key = parsed.given("key");
    let identity = parsed
        .given("certificate-identity")
        .or_else(|| parsed.given("certificate-email"));
    let identity_regexp = parsed.given("certificate-identity-regexp");
    let issuer = parsed.given("certificate-oidc-issuer");
    let issuer_regexp = parsed.given("certificate-oidc-issuer-regexp");
    let claims = claims(session)?;
    let named = [key, identity, identity_regexp];
    if named.iter().flatten().count() > 1 {
        return Err(Error::said(
            "give one alone of --key, --certificate-identity and --certificate-identity-regexp. \
             `cosign bundle inspect` shows which of a key or a certificate signed",
        ));
    }
    if key.is_some() {
        let about_certificates = [issuer, issuer_regexp].iter().flatten().count() + claims.len();
        if about_certificates > 0 {
            return Err(Error::said(
                "a key says nothing of an identity: what --key signed cannot be held against \
                 --certificate-oidc-issuer or --certificate-github-workflow-…",
            ));
        }
    } else {
        if identity.is_none() && identity_regexp.is_none() {
            return Err(Error::said(
                "--certificate-identity or --certificate-identity-regexp is required for \
                 verification in keyless mode, or --key",
            ));
        }
        if issuer.is_none() && issuer_regexp.is_none() {
            return Err(Error::said(
                "--certificate-oidc-issuer or --certificate-oidc-issuer-regexp is required for \
                 verification in keyless mode",
            ));
        }
    }
    warn_of_patterns(
        session,
        &[
            ("--certificate-identity-regexp", identity_regexp),
            ("--certificate-oidc-issuer-regexp", issuer_regexp),
        ],
    );
    let key = key.map(str::parse::<KeyReference>).transpose();
    let key = key.map_err(|error| Error::said(format!("loading public key: {error}")))?;
    let flags = SignerFlags {
        identity,
        identity_regexp,
        issuer,
        issuer_regexp,
        claims: &claims,
        key: key.as_ref(),
        patterns: PatternStyle::AnywhereUnsafe,
        ..SignerFlags::default()
    };
    Signer::from_flags(context, flags)?
        .ok_or_else(|| Error::said("nobody was named who must have signed"))
}

fn claims(session: &Session<'_>) -> Result<Vec<CertificateClaim>, Error> {
    let mut claims = Vec::new();
    for (flag, name) in WORKFLOW {
        if let Some(value) = session.parsed.given(flag) {
            let claim = format!("{name}={value}").parse();
            claims.push(claim.map_err(|error| Error::said(format!("--{flag}: {error}")))?);
        }
    }
    Ok(claims)
}

const WORKFLOW: [(&str, &str); 5] = [
    ("certificate-github-workflow-name", "github-workflow-name"),
    ("certificate-github-workflow-ref", "github-workflow-ref"),
    (
        "certificate-github-workflow-repository",
        "github-workflow-repository",
    ),
    ("certificate-github-workflow-sha", "github-workflow-sha"),
    (
        "certificate-github-workflow-trigger",
        "github-workflow-trigger",
    ),
];

/// Warns once of patterns that match any part of a text, and shows them anchored.
fn warn_of_patterns(session: &Session<'_>, patterns: &[(&str, Option<&str>)]) {
    let anchored: Vec<String> = patterns
        .iter()
        .filter_map(|(flag, pattern)| {
            let anchored = anchored((*pattern)?)?;
            Some(format!("{flag} '{anchored}'"))
        })
        .collect();
    if !anchored.is_empty() {
        session.warn(&format!(
            "regular expressions match any part of the text here, as cosign's do. To match all of \
             it: {}",
            anchored.join(" ")
        ));
    }
}

/// The pattern anchored at both ends; `None` when it is already.
pub(super) fn anchored(pattern: &str) -> Option<String> {
    let begins = pattern.starts_with('^') || pattern.starts_with(r"\A");
    let escaped = pattern.ends_with(r"\$");
    let ends = (pattern.ends_with('$') && !escaped) || pattern.ends_with(r"\z");
    let alternatives = pattern.contains('|');
    if begins && ends && !alternatives {
        return None;
    }
    if alternatives {
        return match (begins, ends, is_one_group(pattern)) {
            (true, true, true) => None,
            _ => Some(format!("^(?:{pattern})$")),
        };
    }
    let start = if begins { "" } else { "^" };
    let end = if ends { "" } else { "$" };
    Some(format!("{start}{pattern}{end}"))
}

/// Whether all alternatives stand in one pair of parentheses between the anchors.
fn is_one_group(pattern: &str) -> bool {
    let inner = pattern.trim_start_matches('^').trim_end_matches('$');
    let Some(inner) = inner
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    else {
        return false;
    };
    !inner.contains(['(', ')', '\\', '['])
}
