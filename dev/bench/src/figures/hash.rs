//! Hashing a large file that is in the page cache, against `openssl dgst`.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use super::mebibytes;
use crate::figure::Figure;
use crate::figure::Limit;
use crate::figure::Unit;
use crate::rounds::Rounds;
use crate::rounds::Subject;
use crate::workplace::Workplace;

const GROUP: &str = "hash";

pub(super) fn measure(workplace: &Workplace<'_>) -> anyhow::Result<Vec<Figure>> {
    let size = workplace.options.either(1024, 256) * MEBIBYTE;
    let medium = 64 * MEBIBYTE;
    let (large_name, medium_name) = ("large.bin", "medium.bin");
    write_large(&workplace.directory.join(large_name), size)?;
    write_large(&workplace.directory.join(medium_name), medium)?;
    let plain = ["--sbom", "none", "--provenance", "none"];
    let large = workplace.verify(&workplace.seal(large_name, &plain)?);
    let medium = workplace.verify(&workplace.seal(medium_name, &plain)?);
    let small = workplace.verify(&workplace.small);
    let openssl = workplace.command(["openssl", "dgst", "-sha256", large_name]);
    let nothing = workplace.command(["openssl", "dgst", "-sha256", &workplace.small.target]);

    let name = "throughput of verify, to openssl dgst -sha256";
    if let Err(error) = nothing.output() {
        return Ok(vec![Figure::absent(GROUP, name, error.to_string())]);
    }
    let rounds = Rounds::measure(
        workplace.options.either(9, 3),
        [
            Subject::command(&large, 1),
            Subject::command(&small, 5),
            Subject::command(&openssl, 1),
            Subject::command(&nothing, 5),
            Subject::command(&medium, 1),
        ],
    )?;
    std::fs::remove_file(workplace.directory.join(large_name))?;
    let size = mebibytes(size as u64);
    let peak = rounds.largest(|[large, ..]| large.peak);
    let peak_of_medium = rounds.largest(|[.., medium]| medium.peak);
    Ok(vec![
        Figure::measured(
            GROUP,
            name,
            (
                rounds.median(|[large, small, openssl, nothing, _]| {
                    (openssl.wall - nothing.wall) / (large.wall - small.wall)
                }) * 100.0,
                Unit::Percent,
            ),
            Limit::AtLeast(95.0),
            format!(
                "{size:.0} MiB in the page cache, wall time, each less a small file: {:.0} MiB/s to {:.0} MiB/s; goal 120 %",
                size / rounds.median(|[large, small, ..]| large.wall - small.wall),
                size / rounds.median(|[_, _, openssl, nothing, _]| openssl.wall - nothing.wall),
            ),
        ),
        Figure::measured(
            GROUP,
            "the same in CPU time",
            (
                rounds.median(|[large, small, openssl, nothing, _]| {
                    (openssl.cpu - nothing.cpu) / (large.cpu - small.cpu)
                }) * 100.0,
                Unit::Percent,
            ),
            Limit::None,
            "",
        ),
        Figure::measured(
            GROUP,
            format!("peak memory of verify of {size:.0} MiB, less that of 64 MiB"),
            ((peak - peak_of_medium).max(0.0), Unit::Mebibytes),
            Limit::AtMost(0.5),
            format!("{peak:.1} MiB and {peak_of_medium:.1} MiB"),
        ),
    ])
}

/// Bytes that no file system stores as a hole.
fn write_large(path: &Path, size: usize) -> anyhow::Result<()> {
    let mut file = File::create(path)?;
    let mut state = 1u64;
    let mut block = Vec::with_capacity(MEBIBYTE);
    for _ in 0..size / MEBIBYTE {
        block.clear();
        while block.len() < MEBIBYTE {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            block.extend_from_slice(&state.to_le_bytes());
        }
        file.write_all(&block)?;
    }
    file.sync_all()?;
    Ok(())
}

const MEBIBYTE: usize = 1024 * 1024;
