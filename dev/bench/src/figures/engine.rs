//! The pure verifier in this process: bundles read and verified one after the other, on one core.

use std::time::Instant;

use anyhow::Context as _;
use anyhow::ensure;
use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Expected;
use sealwright_sigstore::TrustRoot;

use crate::bundles::Work;
use crate::child::Sample;
use crate::child::own_cpu;
use crate::cryptography::Cryptography;
use crate::figure::Figure;
use crate::figure::Limit;
use crate::figure::Unit;
use crate::rounds::Rounds;
use crate::rounds::Subject;
use crate::workplace::Workplace;

const GROUP: &str = "engine";

/// Verifications of a round.
const TIMES: u32 = 500;

pub(super) fn measure(workplace: &Workplace<'_>) -> anyhow::Result<Vec<Figure>> {
    let small = &workplace.small;
    let read = |name: &str| std::fs::read(workplace.directory.join(name)).context(name.to_owned());
    let json = read(&format!("{}.sigstore.json", small.target))?;
    let root_json = read("trusted_root.json")?;
    let file = read(&small.target)?;
    let root = TrustRoot::parse(&root_json).map_err(anyhow::Error::msg)?;
    let artifact = Artifact::from_digest(Digest::sha256(&file));
    let expected = Expected::exactly(&small.identity, &small.issuer);
    let now = now()?;
    let work = Work::of(&json, &root_json, file.len())?;
    // What the authorities' chains hold is checked once for all.
    let alone = Cryptography::new(work.without_links())?;
    let verify = || -> anyhow::Result<()> {
        let bundle = Bundle::parse(&json).map_err(anyhow::Error::msg)?;
        let verdict = sealwright_sigstore::verify(&bundle, &artifact, &root, &expected, now);
        let accepted = matches!(verdict.outcome, sealwright_sigstore::Outcome::Accepted(_));
        ensure!(accepted, "the bundle was not accepted");
        Ok(())
    };
    let rounds = Rounds::measure(
        workplace.options.either(9, 3),
        [
            Subject::function(|_| mean(verify)),
            Subject::function(|_| alone.verify()),
        ],
    )?;
    let microseconds = |of: usize| rounds.median(|it| it.get(of).map_or(0.0, |it| it.cpu)) * 1e6;
    Ok(vec![
        Figure::measured(
            GROUP,
            "bundles read and verified in a second, on one core",
            (
                rounds.median(|[verify, _]| 1.0 / verify.cpu),
                Unit::PerSecond,
            ),
            Limit::AtLeast(2000.0),
            format!(
                "{:.0} us each, in CPU time; {} public-key verifications a bundle",
                microseconds(0),
                work.without_links().verifications
            ),
        ),
        Figure::measured(
            GROUP,
            "CPU of reading and verifying a bundle, to its cryptography alone",
            (
                rounds.median(|[verify, alone]| verify.cpu / alone.cpu),
                Unit::Ratio,
            ),
            Limit::None,
            format!("{:.0} us to {:.0} us", microseconds(0), microseconds(1)),
        ),
    ])
}

fn mean(work: impl Fn() -> anyhow::Result<()>) -> anyhow::Result<Sample> {
    let (cpu, started) = (own_cpu()?, Instant::now());
    for _ in 0..TIMES {
        work()?;
    }
    Ok(Sample {
        cpu: (own_cpu()? - cpu) / f64::from(TIMES),
        wall: started.elapsed().as_secs_f64() / f64::from(TIMES),
        peak: 0.0,
    })
}

fn now() -> anyhow::Result<Timestamp> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let seconds = i64::try_from(since.as_secs())?;
    Ok(Timestamp::from_seconds(seconds))
}
