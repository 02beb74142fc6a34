//! Verifying the signature of the same file beside other clients, each as a whole process.

use crate::child::CommandLine;
use crate::figure::Figure;
use crate::figure::Limit;
use crate::figure::Unit;
use crate::peers;
use crate::rounds::Rounds;
use crate::rounds::Subject;
use crate::workplace::Workplace;
use crate::workplace::repository;

const GROUP: &str = "verify";

pub(super) fn measure(workplace: &Workplace<'_>) -> anyhow::Result<Vec<Figure>> {
    let bundle = format!("{}.sigstore.json", workplace.small.target);
    let mut figures = against_the_crate(workplace, &bundle)?;
    figures.push(beside(
        workplace,
        "CPU of cosign verify-blob, to verify of the same bundle",
        cosign(workplace, &bundle),
        "not installed: interop/install-peers cosign",
    )?);
    figures.push(beside(
        workplace,
        "CPU of sigstore-python, to verify of the same bundle",
        python(workplace, &bundle),
        "not installed: interop/install-peers sigstore-python",
    )?);
    Ok(figures)
}

/// Ours, of one bundle and a trusted root that are named, as the others want them.
fn ours(workplace: &Workplace<'_>, bundle: &str) -> CommandLine {
    let small = &workplace.small;
    workplace.sealwright([
        "verify",
        &small.target,
        "--bundle",
        bundle,
        "--trusted-root",
        ROOT,
        "--identity",
        &small.identity,
        "--issuer",
        &small.issuer,
    ])
}

/// A small client over the crate sigstore-verify: the one that has a limit.
fn against_the_crate(workplace: &Workplace<'_>, bundle: &str) -> anyhow::Result<Vec<Figure>> {
    let name = "CPU of verify, to a client over the crate sigstore-verify";
    let memory = "peak memory of verify of one bundle";
    let small = &workplace.small;
    let Some(client) = peers::file("sigstore-verify", "client") else {
        let why = "not installed: interop/install-peers sigstore-verify";
        return Ok(vec![Figure::absent(GROUP, name, why)]);
    };
    let theirs = workplace.command([
        client.display().to_string().as_str(),
        "--trusted-root",
        ROOT,
        "--identity",
        &small.identity,
        "--issuer",
        &small.issuer,
        "--bundle",
        bundle,
        &small.target,
    ]);
    let ours = ours(workplace, bundle);
    let rounds = Rounds::measure(
        workplace.options.either(15, 5),
        [Subject::command(&ours, 40), Subject::command(&theirs, 40)],
    )?;
    let cpu = |of: usize| rounds.median(|it| it.get(of).map_or(0.0, |it| it.cpu)) * 1e3;
    let peak = |of: usize| rounds.largest(|it| it.get(of).map_or(0.0, |it| it.peak));
    Ok(vec![
        Figure::measured(
            GROUP,
            name,
            (
                rounds.median(|[ours, theirs]| ours.cpu / theirs.cpu),
                Unit::Ratio,
            ),
            Limit::AtMost(0.6),
            format!(
                "{:.2} ms to {:.2} ms, linked as the crate's users link it",
                cpu(0),
                cpu(1)
            ),
        ),
        Figure::measured(
            GROUP,
            memory,
            (peak(0), Unit::Mebibytes),
            Limit::AtMost(8.0),
            format!("the client's {:.1} MiB; goal 6 MiB", peak(1)),
        ),
    ])
}

/// How much more another client takes.
fn beside(
    workplace: &Workplace<'_>,
    name: &str,
    theirs: Option<CommandLine>,
    why: &str,
) -> anyhow::Result<Figure> {
    let Some(theirs) = theirs else {
        return Ok(Figure::absent(GROUP, name, why));
    };
    let ours = ours(
        workplace,
        &format!("{}.sigstore.json", workplace.small.target),
    );
    let rounds = Rounds::measure(
        workplace.options.either(7, 3),
        [Subject::command(&theirs, 3), Subject::command(&ours, 20)],
    )?;
    Ok(Figure::measured(
        GROUP,
        name,
        (
            rounds.median(|[theirs, ours]| theirs.cpu / ours.cpu),
            Unit::Ratio,
        ),
        Limit::None,
        format!(
            "{:.1} ms and {:.1} MiB to {:.2} ms and {:.1} MiB",
            rounds.median(|[theirs, _]| theirs.cpu) * 1e3,
            rounds.largest(|[theirs, _]| theirs.peak),
            rounds.median(|[_, ours]| ours.cpu) * 1e3,
            rounds.largest(|[_, ours]| ours.peak)
        ),
    ))
}

fn cosign(workplace: &Workplace<'_>, bundle: &str) -> Option<CommandLine> {
    let small = &workplace.small;
    let cosign = peers::file("cosign", "cosign")?;
    Some(workplace.command([
        cosign.display().to_string().as_str(),
        "verify-blob",
        "--bundle",
        bundle,
        "--trusted-root",
        ROOT,
        "--certificate-identity",
        &small.identity,
        "--certificate-oidc-issuer",
        &small.issuer,
        &small.target,
    ]))
}

fn python(workplace: &Workplace<'_>, bundle: &str) -> Option<CommandLine> {
    let small = &workplace.small;
    let site = peers::file("sigstore-python", "site/sigstore/__init__.py")?;
    let site = site.parent()?.parent()?.display().to_string();
    let client = repository().join("interop/clients/verify.py");
    Some(workplace.command([
        "/usr/bin/env",
        &format!("PYTHONPATH={site}"),
        "python3",
        &client.display().to_string(),
        "--trusted-root",
        ROOT,
        "--identity",
        &small.identity,
        "--issuer",
        &small.issuer,
        "--artifact",
        &small.target,
        bundle,
    ]))
}

const ROOT: &str = "trusted_root.json";
