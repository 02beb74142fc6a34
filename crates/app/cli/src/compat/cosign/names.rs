//! `cosign triangulate` and `cosign generate`: names and payloads of the older form.

use serde_json::Value;
use serde_json::json;

use super::error::Error;
use super::session::Session;
use super::verify;
use crate::progress::Bar;

/// Runs `cosign triangulate`.
pub(super) fn triangulate(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let kind = parsed.text("type").unwrap_or("signature");
    let suffix = match kind {
        "signature" => Some("sig"),
        "attestation" => Some("att"),
        "sbom" => Some("sbom"),
        "digest" => None,
        other => return Err(Error::said(format!("unknown attachment type {other}"))),
    };
    session.all_read()?;
    let reference = verify::reference(session.argument().unwrap_or_default())?;
    let digest = sealwright::image_digest(&context, &reference)?;
    let name = verify::repository(&reference);
    session.print(&match suffix {
        Some(suffix) => format!(
            "{name}:{}-{}.{suffix}\n",
            digest.algorithm().name(),
            digest.to_hex()
        ),
        None => format!("{name}@{digest}\n"),
    })
}

/// Runs `cosign generate`.
pub(super) fn generate(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let annotations = verify::annotations(&parsed.list("annotations"))?;
    session.all_read()?;
    let reference = verify::reference(session.argument().unwrap_or_default())?;
    let digest = sealwright::image_digest(&context, &reference)?;
    let optional = match annotations.is_empty() {
        true => Value::Null,
        false => annotations
            .into_iter()
            .map(|(key, value)| (key, Value::String(value)))
            .collect(),
    };
    let payload = json!({
        "critical": {
            "identity": { "docker-reference": verify::repository(&reference) },
            "image": { "docker-manifest-digest": digest.to_string() },
            "type": "cosign container image signature",
        },
        "optional": optional,
    });
    session.print(&format!("{payload}\n"))
}
