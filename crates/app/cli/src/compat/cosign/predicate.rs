//! The short names of predicate types.

use super::error::Error;

/// The URI of a predicate type, by its short name or as itself.
pub(super) fn uri(name: &str) -> Result<&str, Error> {
    if let Some((_, uri)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(uri);
    }
    match name.split_once(':') {
        Some((scheme, rest)) if !scheme.is_empty() && !rest.is_empty() => Ok(name),
        _ => Err(Error::said(format!("invalid predicate type: {name}"))),
    }
}

/// All short names.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("custom", "https://cosign.sigstore.dev/attestation/v1"),
    ("slsaprovenance", "https://slsa.dev/provenance/v0.2"),
    ("slsaprovenance02", "https://slsa.dev/provenance/v0.2"),
    ("slsaprovenance1", "https://slsa.dev/provenance/v1"),
    ("spdx", "https://spdx.dev/Document"),
    ("spdxjson", "https://spdx.dev/Document"),
    ("cyclonedx", "https://cyclonedx.org/bom"),
    ("link", "https://in-toto.io/Link/v1"),
    ("vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"),
    ("openvex", "https://openvex.dev/ns"),
];
