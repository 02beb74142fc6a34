//! Sealing a Debian image, its SBOM included, against decompressing and hashing its layers.

use std::path::Path;

use super::mebibytes;
use crate::figure::Figure;
use crate::figure::Limit;
use crate::figure::Unit;
use crate::peers;
use crate::rounds::Rounds;
use crate::rounds::Subject;
use crate::workplace::Workplace;

const GROUP: &str = "image";

pub(super) fn measure(workplace: &Workplace<'_>) -> anyhow::Result<Vec<Figure>> {
    let name = "seal of a Debian image, to zcat LAYER | sha256sum";
    let Some(image) = peers::debian_image()? else {
        return Ok(vec![Figure::absent(
            GROUP,
            name,
            "not made: interop/images/make-debian",
        )]);
    };
    let count = workplace.options.either(9, 3);
    for number in 0..=count {
        let copy = workplace.directory.join(format!("image-{number}"));
        copy_tree(&image.layout, &copy)?;
    }
    let mut size = 0;
    let mut pipelines = Vec::new();
    for layer in &image.layers {
        size += std::fs::metadata(layer)?.len();
        pipelines.push(format!("zcat <{} | sha256sum", layer.display()));
    }
    let seal = workplace.sealwright(["seal", &format!("oci:image-{{}}:{}", image.tag)]);
    let pipeline = workplace.command(["sh", "-c", &pipelines.join(" && ")]);
    let rounds = Rounds::measure(
        count,
        [Subject::command(&seal, 1), Subject::command(&pipeline, 1)],
    )?;
    Ok(vec![
        Figure::measured(
            GROUP,
            name,
            (
                rounds.median(|[seal, pipeline]| seal.wall / pipeline.wall),
                Unit::Ratio,
            ),
            Limit::AtMost(2.0),
            format!(
                "wall time: {:.0} ms to {:.0} ms, {:.0} MiB compressed",
                rounds.median(|[seal, _]| seal.wall) * 1e3,
                rounds.median(|[_, pipeline]| pipeline.wall) * 1e3,
                mebibytes(size)
            ),
        ),
        Figure::measured(
            GROUP,
            "the same in CPU time",
            (
                rounds.median(|[seal, pipeline]| seal.cpu / pipeline.cpu),
                Unit::Ratio,
            ),
            Limit::AtMost(2.0),
            format!(
                "{:.0} ms to {:.0} ms",
                rounds.median(|[seal, _]| seal.cpu) * 1e3,
                rounds.median(|[_, pipeline]| pipeline.cpu) * 1e3
            ),
        ),
        Figure::measured(
            GROUP,
            "peak memory of seal",
            (rounds.largest(|[seal, _]| seal.peak), Unit::Mebibytes),
            Limit::AtMost(150.0),
            "",
        ),
    ])
}

fn copy_tree(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
