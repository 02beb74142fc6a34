//! Size of the binary, and how long it takes to build from nothing.

use std::process::Command;
use std::time::Instant;

use anyhow::bail;

use super::mebibytes;
use crate::figure::Figure;
use crate::figure::Limit;
use crate::figure::Unit;
use crate::workplace::Workplace;
use crate::workplace::repository;

const GROUP: &str = "build";

pub(super) fn measure(workplace: &Workplace<'_>) -> anyhow::Result<Vec<Figure>> {
    let size = mebibytes(std::fs::metadata(&workplace.binary)?.len());
    let linked = match Command::new("ldd").arg(&workplace.binary).output() {
        Ok(said) => {
            let mut text = said.stdout;
            text.extend(said.stderr);
            let text = String::from_utf8_lossy(&text);
            if text.contains("statically linked") || text.contains("not a dynamic executable") {
                "linked statically, says ldd"
            } else {
                "linked dynamically, says ldd"
            }
        }
        Err(_) => "ldd is absent",
    };
    let mut figures = vec![Figure::measured(
        GROUP,
        "size of the binary",
        (size, Unit::Mebibytes),
        Limit::None,
        linked,
    )];
    let name = "release build from nothing";
    let seconds = if workplace.options.cold_build {
        Some(cold_build()?)
    } else {
        workplace.options.cold_build_seconds
    };
    figures.push(match seconds {
        Some(seconds) => {
            #[expect(clippy::cast_precision_loss, reason = "less than a day")]
            let seconds = seconds as f64;
            Figure::measured(
                GROUP,
                name,
                (seconds, Unit::Seconds),
                Limit::None,
                "dependencies downloaded before, none built",
            )
        }
        None => Figure::absent(GROUP, name, "not asked for: --cold-build"),
    });
    Ok(figures)
}

fn cold_build() -> anyhow::Result<u64> {
    let target = tempfile::tempdir()?;
    let started = Instant::now();
    let status = Command::new("cargo")
        .args([
            "build",
            "--quiet",
            "--profile=dist",
            "--locked",
            "-p",
            "sealwright-cli",
        ])
        .arg("--target-dir")
        .arg(target.path())
        .current_dir(repository())
        .status()?;
    if !status.success() {
        bail!("the build failed");
    }
    Ok(started.elapsed().as_secs())
}
