//! Sealing a small file in a data directory that exists, against its cryptography and two syncs.

use crate::cryptography::Cryptography;
use crate::figure::Figure;
use crate::figure::Limit;
use crate::figure::Unit;
use crate::rounds::Rounds;
use crate::rounds::Subject;
use crate::workplace::Workplace;

const GROUP: &str = "seal";

pub(super) fn measure(workplace: &Workplace<'_>) -> anyhow::Result<Vec<Figure>> {
    let work = workplace.work;
    let cryptography = Cryptography::new(work)?;
    let runs = workplace.options.either(20, 5);
    let count = workplace.options.either(15, 5);
    for number in 0..(count + 1) * runs {
        workplace.write_small(&format!("seal-{number}.txt"))?;
    }
    let seal = workplace.sealwright(["seal", "seal-{}.txt"]);
    let rounds = Rounds::measure(
        count,
        [
            Subject::command(&seal, runs),
            Subject::function(|_| cryptography.seal(&workplace.directory)),
        ],
    )?;
    let detail = |which: &str, seal: f64, alone: f64| {
        format!(
            "{which}: {:.2} ms to {:.2} ms: {} signatures, {} verifications",
            seal * 1e3,
            alone * 1e3,
            work.signatures,
            work.verifications
        )
    };
    Ok(vec![
        Figure::measured(
            GROUP,
            "seal of a small file, to its cryptography and 2 syncs",
            (
                rounds.median(|[seal, alone]| seal.wall / alone.wall),
                Unit::Ratio,
            ),
            Limit::AtMost(6.0),
            detail(
                "wall time",
                rounds.median(|[seal, _]| seal.wall),
                rounds.median(|[_, alone]| alone.wall),
            ),
        ),
        Figure::measured(
            GROUP,
            "the same in CPU time",
            (
                rounds.median(|[seal, alone]| seal.cpu / alone.cpu),
                Unit::Ratio,
            ),
            Limit::AtMost(6.0),
            detail(
                "CPU",
                rounds.median(|[seal, _]| seal.cpu),
                rounds.median(|[_, alone]| alone.cpu),
            ),
        ),
        Figure::measured(
            GROUP,
            "peak memory of seal",
            (rounds.largest(|[seal, _]| seal.peak), Unit::Mebibytes),
            Limit::None,
            "",
        ),
    ])
}
