//! Verifying an image in a registry that is far away.

use std::time::Duration;

use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_testkit::registry::Access;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::Referrers;
use serde_json::json;

use crate::figure::Figure;
use crate::figure::Limit;
use crate::figure::Unit;
use crate::latency;
use crate::rounds::Rounds;
use crate::rounds::Subject;
use crate::workplace::Sealed;
use crate::workplace::Workplace;

const GROUP: &str = "registry";

/// How far away it is.
const ROUND_TRIP: Duration = Duration::from_millis(50);

pub(super) fn measure(workplace: &Workplace<'_>) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (referrers, how) in [
        (Referrers::Api { page: 100 }, "the referrers API"),
        (Referrers::None, "the fallback tag"),
    ] {
        figures.push(distance(workplace, referrers, how)?);
    }
    Ok(figures)
}

fn distance(workplace: &Workplace<'_>, referrers: Referrers, how: &str) -> anyhow::Result<Figure> {
    let registry = FakeRegistry::start(referrers, Access::Open);
    let digest = push(&registry);
    let near = workplace.seal(&format!("{}/app@{digest}", registry.host()), &[])?;
    let proxy = latency::proxy(registry.host(), ROUND_TRIP)?;
    let far = Sealed {
        target: format!("{proxy}/app@{digest}"),
        identity: near.identity.clone(),
        issuer: near.issuer.clone(),
    };
    let rounds = Rounds::measure(
        workplace.options.either(9, 3),
        [
            Subject::command(&workplace.verify(&far), 3),
            Subject::command(&workplace.verify(&near), 3),
        ],
    )?;
    let round_trip = ROUND_TRIP.as_secs_f64();
    Ok(Figure::measured(
        GROUP,
        format!(
            "verify of an image at {} ms, in round trips: {how}",
            ROUND_TRIP.as_millis()
        ),
        (
            rounds.median(|[far, near]| (far.wall - near.wall) / round_trip),
            Unit::Ratio,
        ),
        // Three, and 10 ms.
        Limit::AtMost(3.0 + 0.010 / round_trip),
        format!(
            "wall time: {:.0} ms, to {:.0} ms without the distance; by digest, three bundles",
            rounds.median(|[far, _]| far.wall) * 1e3,
            rounds.median(|[_, near]| near.wall) * 1e3
        ),
    ))
}

/// Pushes a small image. Gives its digest.
fn push(registry: &FakeRegistry) -> Digest {
    // An archive without entries: two empty blocks.
    let layer = vec![0; 1024];
    let descriptor = |media_type: &str, content: &[u8]| {
        json!({
            "mediaType": media_type,
            "digest": registry.put_blob("app", content).to_string(),
            "size": content.len(),
        })
    };
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": [Digest::sha256(&layer).to_string()] },
    });
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes()),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", &layer)],
    })
    .to_string();
    let media_type = MediaType::OCI_MANIFEST;
    registry.put_manifest("app", None, media_type.as_str(), manifest.as_bytes())
}
