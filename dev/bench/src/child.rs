//! Runs a command some times and takes its processor time, wall time and peak memory.
//!
//! The kernel keeps a child's peak from before `exec`, when it still was a copy of its parent; a
//! parent that has used much memory would measure itself. So a fresh, small copy of this program
//! starts the command and asks `getrusage(2)` for its children, as `/usr/bin/time` does.

use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Instant;

use anyhow::Context as _;
use anyhow::bail;
use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;
use nix::sys::time::TimeValLike as _;

/// A command line; `{}` in an argument becomes the number of the run.
#[derive(Clone, Debug)]
pub(crate) struct CommandLine {
    words: Vec<String>,
    directory: PathBuf,
    environment: Vec<(String, String)>,
}

/// What one run took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// Processor time of all its processes, seconds.
    pub(crate) cpu: f64,
    /// From start to end, seconds.
    pub(crate) wall: f64,
    /// Largest resident set of any of its processes, MiB.
    pub(crate) peak: f64,
}

impl CommandLine {
    /// A command to be run in `directory` with no environment but `environment`.
    pub(crate) fn new(
        words: impl IntoIterator<Item = impl Into<String>>,
        directory: &Path,
        environment: &[(String, String)],
    ) -> Self {
        Self {
            words: words.into_iter().map(Into::into).collect(),
            directory: directory.to_owned(),
            environment: environment.to_vec(),
        }
    }

    /// Runs it once for each number in `first..first + runs`.
    pub(crate) fn measure(&self, first: usize, runs: usize) -> anyhow::Result<Vec<Sample>> {
        let complaints = self.directory.join(".stderr");
        let output = Command::new(std::env::current_exe()?)
            .args([MARK, &first.to_string(), &runs.to_string()])
            .arg(&complaints)
            .args(&self.words)
            .current_dir(&self.directory)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            let said = std::fs::read_to_string(&complaints).unwrap_or_default();
            bail!("{} failed: {}", self.words.join(" "), said.trim());
        }
        let rows: Vec<Vec<f64>> = serde_json::from_slice(&output.stdout)?;
        let samples = rows.iter().map(|row| match row.as_slice() {
            [cpu, wall, peak] => Ok(Sample {
                cpu: *cpu,
                wall: *wall,
                peak: *peak,
            }),
            _ => bail!("a sample has {} values, wanted 3", row.len()),
        });
        samples.collect()
    }

    /// Runs it once, unmeasured, and gives its standard output.
    pub(crate) fn output(&self) -> anyhow::Result<Vec<u8>> {
        let (program, arguments) = self.words.split_first().context("an empty command")?;
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&self.directory)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {program}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("{} failed: {}", self.words.join(" "), said.trim());
        }
        Ok(output.stdout)
    }
}

/// The arguments of the small copy, when this process is one.
pub(crate) fn requested() -> Option<Vec<String>> {
    let mut arguments = std::env::args().skip(1);
    (arguments.next()? == MARK).then(|| arguments.collect())
}

/// What the small copy does.
pub(crate) fn serve(arguments: &[String]) -> anyhow::Result<()> {
    let [first, runs, complaints, program, rest @ ..] = arguments else {
        bail!("wanted FIRST RUNS STDERR PROGRAM …");
    };
    let (first, runs) = (first.parse::<usize>()?, runs.parse::<usize>()?);
    let mut rows = Vec::with_capacity(runs);
    let mut cpu_before = 0.0;
    for number in first..first + runs {
        let mut command = Command::new(program);
        command
            .args(rest.iter().map(|it| it.replace("{}", &number.to_string())))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(complaints)?);
        let started = Instant::now();
        let status = command
            .spawn()
            .with_context(|| format!("cannot start {program}"))?
            .wait()?;
        let wall = started.elapsed().as_secs_f64();
        if !status.success() {
            bail!("{status}");
        }
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
        rows.push([cpu - cpu_before, wall, mebibytes(usage.max_rss())]);
        cpu_before = cpu;
    }
    print!("{}", serde_json::to_string(&rows)?);
    Ok(())
}

/// Processor time of this process so far, seconds.
pub(crate) fn own_cpu() -> anyhow::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of short runs")]
fn seconds(time: nix::sys::time::TimeVal) -> f64 {
    time.num_microseconds() as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "KiB of small processes")]
fn mebibytes(kibibytes: i64) -> f64 {
    kibibytes as f64 / 1024.0
}

const MARK: &str = "--measure-a-child";
