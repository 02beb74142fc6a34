//! Where the measuring happens: a directory, a data directory, a small file sealed there.

use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::bundles::Work;
use crate::child::CommandLine;
use crate::options::Options;

/// What all figures share.
pub(crate) struct Workplace<'a> {
    pub(crate) options: &'a Options,
    pub(crate) binary: PathBuf,
    pub(crate) directory: PathBuf,
    /// A small file that is sealed: its name, under which identity and issuer.
    pub(crate) small: Sealed,
    /// The cryptography that sealing and verifying the small file needs.
    pub(crate) work: Work,
    environment: Vec<(String, String)>,
    _temporary: TempDir,
}

/// What `seal` said of a target.
pub(crate) struct Sealed {
    pub(crate) target: String,
    pub(crate) identity: String,
    pub(crate) issuer: String,
}

impl<'a> Workplace<'a> {
    pub(crate) fn prepare(options: &'a Options) -> anyhow::Result<Self> {
        let binary = match &options.binary {
            Some(binary) => binary.clone(),
            None => built_binary()?,
        };
        let binary = std::fs::canonicalize(&binary)
            .with_context(|| format!("no binary at {}", binary.display()))?;
        let temporary = match &options.work {
            Some(work) => tempfile::tempdir_in(work),
            None => tempfile::tempdir(),
        }?;
        let directory = std::fs::canonicalize(temporary.path())?;
        let path = std::env::var("PATH").unwrap_or_default();
        let own = |name: &str| directory.join(name).display().to_string();
        let environment = [
            ("PATH", path),
            ("HOME", own(".user")),
            ("SEALWRIGHT_HOME", own(".home")),
            ("TMPDIR", own(".tmp")),
            ("USER", "bench".to_owned()),
            ("LC_ALL", "C".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        for name in [".user", ".tmp"] {
            std::fs::create_dir(directory.join(name))?;
        }
        let mut workplace = Self {
            options,
            binary,
            directory,
            small: Sealed {
                target: String::new(),
                identity: String::new(),
                issuer: String::new(),
            },
            work: Work::default(),
            environment,
            _temporary: temporary,
        };
        workplace.write_small("small.txt")?;
        workplace.small = workplace.seal("small.txt", &[])?;
        let root = workplace.sealwright(["root", "show"]).output()?;
        std::fs::write(workplace.directory.join("trusted_root.json"), &root)?;
        let lines = std::fs::read(workplace.directory.join("small.txt.sigstore.jsonl"))?;
        workplace.work = Work::of(&lines, &root, SMALL)?;
        Ok(workplace)
    }

    /// A command in the workplace.
    pub(crate) fn command(
        &self,
        words: impl IntoIterator<Item = impl Into<String>>,
    ) -> CommandLine {
        CommandLine::new(words, &self.directory, &self.environment)
    }

    /// The measured binary with arguments.
    pub(crate) fn sealwright<const N: usize>(&self, arguments: [&str; N]) -> CommandLine {
        let binary = self.binary.display().to_string();
        self.command(std::iter::once(binary.as_str()).chain(arguments))
    }

    /// Seals a target, unmeasured.
    pub(crate) fn seal(&self, target: &str, more: &[&str]) -> anyhow::Result<Sealed> {
        let binary = self.binary.display().to_string();
        let words = [binary.as_str(), "seal", target, "-o", "json"];
        let said = self.command(words.iter().chain(more).copied()).output()?;
        let said: Value = serde_json::from_slice(&said)?;
        let field = |name: &str| {
            let value = said.pointer(&format!("/targets/0/{name}"));
            value
                .and_then(Value::as_str)
                .map(str::to_owned)
                .with_context(|| format!("seal's JSON has no {name}"))
        };
        Ok(Sealed {
            target: target.to_owned(),
            identity: field("identity")?,
            issuer: field("issuer")?,
        })
    }

    /// The command that verifies what was sealed.
    pub(crate) fn verify(&self, sealed: &Sealed) -> CommandLine {
        self.sealwright([
            "verify",
            &sealed.target,
            "--identity",
            &sealed.identity,
            "--issuer",
            &sealed.issuer,
        ])
    }

    /// Writes a small file unlike any other of another name.
    pub(crate) fn write_small(&self, name: &str) -> anyhow::Result<()> {
        let mut bytes = name.as_bytes().to_vec();
        bytes.resize(SMALL, b'.');
        std::fs::write(self.directory.join(name), bytes)?;
        Ok(())
    }
}

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn built_binary() -> anyhow::Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| repository().join("target"), PathBuf::from);
    let static_binary = format!(
        "{}-unknown-linux-gnu/dist/sealwright",
        std::env::consts::ARCH
    );
    [static_binary.as_str(), "release/sealwright"]
        .into_iter()
        .map(|name| target.join(name))
        .find(|path| path.is_file())
        .context("no release binary: run `cargo xtask release`, or name one with --binary")
}

/// Bytes in a small file.
const SMALL: usize = 4096;
