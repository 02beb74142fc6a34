//! A client with a cache in memory, which drives the machine and remembers what it asked for.

use std::collections::BTreeMap;

use sealwright_core::Diagnostic as _;
use sealwright_core::Timestamp;
use sealwright_tuf::Answer;
use sealwright_tuf::Error;
use sealwright_tuf::Limits;
use sealwright_tuf::Step;
use sealwright_tuf::TargetFile;
use sealwright_tuf::Updater;
use serde_json::Value;

use crate::repository::NOW;
use crate::repository::Repository;

pub(crate) struct Client {
    pub(crate) cache: BTreeMap<String, Vec<u8>>,
    /// What was fetched in the last run, in order.
    pub(crate) fetched: Vec<String>,
    /// What was written in the last run, in order; `-` stands before what was removed.
    pub(crate) written: Vec<String>,
    pub(crate) now: Timestamp,
    pub(crate) limits: Limits,
    /// Whether the cache cannot be written to.
    pub(crate) read_only: bool,
}

impl Client {
    /// Trusts the repository's first root.
    pub(crate) fn new(repository: &Repository) -> Self {
        Self::with_root(repository.file("1.root.json"))
    }

    pub(crate) fn with_root(root: Vec<u8>) -> Self {
        Self {
            cache: BTreeMap::from([("root.json".to_owned(), root)]),
            fetched: Vec::new(),
            written: Vec::new(),
            now: NOW,
            limits: Limits::default(),
            read_only: false,
        }
    }

    /// One that has seen everything the repository has.
    pub(crate) fn up_to_date(repository: &Repository) -> Self {
        let mut client = Self::new(repository);
        client.refresh(repository).unwrap();
        client
    }

    pub(crate) fn refresh(&mut self, repository: &Repository) -> Result<(), Error> {
        let mut updater = self.begin()?;
        assert_eq!(self.drive(&mut updater, repository)?, None);
        Ok(())
    }

    /// The code of the error that a refresh must end in.
    pub(crate) fn refusal(&mut self, repository: &Repository) -> &'static str {
        self.refresh(repository).unwrap_err().code().as_str()
    }

    /// Looks for a target and downloads it.
    pub(crate) fn download(
        &mut self,
        repository: &Repository,
        path: &str,
    ) -> Result<Vec<u8>, Error> {
        let mut updater = self.begin()?;
        self.download_with(&mut updater, repository, path)
    }

    pub(crate) fn download_with(
        &mut self,
        updater: &mut Updater,
        repository: &Repository,
        path: &str,
    ) -> Result<Vec<u8>, Error> {
        updater.look_for(path);
        let target = self.drive(updater, repository)?.unwrap();
        let wanted = updater.location(&target);
        assert_eq!(wanted.max_bytes, target.length());
        let bytes = repository.file(&format!("targets/{}", wanted.path));
        target.verify(&bytes)?;
        Ok(bytes)
    }

    pub(crate) fn begin(&mut self) -> Result<Updater, Error> {
        self.fetched.clear();
        self.written.clear();
        Ok(Updater::new(&self.cache["root.json"], self.now)?.with_limits(self.limits))
    }

    /// Goes on until there is nothing to do, or the target that was looked for is found.
    pub(crate) fn drive(
        &mut self,
        updater: &mut Updater,
        repository: &Repository,
    ) -> Result<Option<TargetFile>, Error> {
        loop {
            let answer = |files: &BTreeMap<String, Vec<u8>>, name: &str| {
                files
                    .get(name)
                    .cloned()
                    .map_or(Answer::Absent, Answer::Bytes)
            };
            match updater.step()? {
                Step::Done => return Ok(None),
                Step::Found(target) => return Ok(Some(*target)),
                Step::Load(wanted) => updater.answer(answer(&self.cache, &wanted.path))?,
                Step::Fetch(wanted) => {
                    self.fetched.push(wanted.path.clone());
                    updater.answer(answer(&repository.files, &wanted.path))?;
                }
                Step::Store { file, bytes } => {
                    self.written.push(file.clone());
                    if !self.read_only {
                        self.cache.insert(file, bytes);
                    }
                }
                Step::Remove { file } => {
                    self.written.push(format!("-{file}"));
                    if !self.read_only {
                        self.cache.remove(&file);
                    }
                }
            }
        }
    }

    /// The version that is in the cache; 0 when none is.
    pub(crate) fn version(&self, role: &str) -> u64 {
        let Some(bytes) = self.cache.get(&format!("{role}.json")) else {
            return 0;
        };
        let file: Value = serde_json::from_slice(bytes).unwrap();
        file["signed"]["version"].as_u64().unwrap()
    }

    /// The versions of root, timestamp, snapshot and targets in the cache.
    pub(crate) fn versions(&self) -> [u64; 4] {
        ["root", "timestamp", "snapshot", "targets"].map(|role| self.version(role))
    }
}
