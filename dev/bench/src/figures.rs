//! The figures, by group.

mod beside;
mod build;
mod engine;
mod hash;
mod image;
mod registry;
mod seal;
mod verify;

use crate::figure::Figure;
use crate::workplace::Workplace;

/// Measures one group.
type Measure = fn(&Workplace<'_>) -> anyhow::Result<Vec<Figure>>;

/// All groups in the order of the report.
pub(crate) const ALL: &[(&str, Measure)] = &[
    ("build", build::measure),
    ("verify", verify::measure),
    ("engine", engine::measure),
    ("seal", seal::measure),
    ("hash", hash::measure),
    ("image", image::measure),
    ("registry", registry::measure),
];

fn mebibytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "files of at most some GiB")]
    let bytes = bytes as f64;
    bytes / (1024.0 * 1024.0)
}
