//! What the command line asks for.

use std::path::PathBuf;

/// How it is called.
pub(crate) const USAGE: &str = "\
usage: differential --judge COMMAND [--python COMMAND] --corpus DIR --public-root FILE [OPTION…]
       differential --judge COMMAND [--python COMMAND] --replay FILE…

  --judge COMMAND      judges with the crate sigstore-verify (interop/peers/sigstore-verify)
  --python COMMAND     judges with PyPI's sigstore (interop/clients/judge.py); a sample of the cases
  --corpus DIR         the assets of Sigstore's conformance suite
  --public-root FILE   the public-good trusted root, for cases without one
  --recorded DIR       a directory with bundles of our own making; may be repeated
  --seed N             which cases; default 1
  --cases N            how many; default 20000
  --first N            the number of the first; default 0
  --budget SECONDS     stop after so many; fails when not even half of the cases were judged
  --jobs N             how many at once; default 2
  --sample N           of what we refuse, one in N goes to --python; default 200
  --sample-accepted N  of what we accept, one in N goes there; default 10
  --save DIR           where cases are saved that fail; default .
  --keep-stricter yes  save some of what we alone refuse as well
  --replay FILE        judge a saved case again and say who says what";

/// The same, read.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) judge: String,
    pub(crate) python: Option<String>,
    pub(crate) corpus: PathBuf,
    pub(crate) public_root: PathBuf,
    pub(crate) recorded: Vec<PathBuf>,
    pub(crate) seed: u64,
    pub(crate) cases: u64,
    pub(crate) first: u64,
    pub(crate) budget: Option<u64>,
    pub(crate) jobs: usize,
    pub(crate) sample: u64,
    pub(crate) sample_accepted: u64,
    pub(crate) save: PathBuf,
    pub(crate) keep_stricter: bool,
    pub(crate) replay: Vec<PathBuf>,
}

impl Options {
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            seed: 1,
            cases: 20_000,
            jobs: 2,
            sample: 200,
            sample_accepted: 10,
            save: ".".into(),
            ..Self::default()
        };
        while let Some(word) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| format!("{word} wants a value"))?;
            let number = || {
                value
                    .parse::<u64>()
                    .map_err(|_| format!("{word} wants a number"))
            };
            match word.as_str() {
                "--judge" => options.judge = value,
                "--python" => options.python = Some(value),
                "--corpus" => options.corpus = value.into(),
                "--public-root" => options.public_root = value.into(),
                "--recorded" => options.recorded.push(value.into()),
                "--seed" => options.seed = number()?,
                "--cases" => options.cases = number()?,
                "--first" => options.first = number()?,
                "--budget" => options.budget = Some(number()?),
                "--jobs" => options.jobs = usize::try_from(number()?).unwrap_or(1).max(1),
                "--sample" => options.sample = number()?.max(1),
                "--sample-accepted" => options.sample_accepted = number()?.max(1),
                "--save" => options.save = value.into(),
                "--keep-stricter" => options.keep_stricter = value == "yes",
                "--replay" => options.replay.push(value.into()),
                _ => return Err(format!("unknown option {word}")),
            }
        }
        if options.judge.is_empty() {
            return Err("--judge is missing".to_owned());
        }
        if options.replay.is_empty()
            && (options.corpus.as_os_str().is_empty() || options.public_root.as_os_str().is_empty())
        {
            return Err("--corpus and --public-root are missing".to_owned());
        }
        Ok(options)
    }
}
