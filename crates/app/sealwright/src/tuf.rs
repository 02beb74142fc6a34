//! TUF repositories over HTTP, with a directory that keeps what was verified.
//!
//! The engine decides what is read, trusted and kept; here it is fetched and written. A directory
//! that cannot be written to serves as it is: what is new is then used and not kept. Processes that
//! share a directory take turns.

mod cache;

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use sealwright_files::read_limited;
use sealwright_files::write_atomic;
use sealwright_net::Client;
use sealwright_net::Method;
use sealwright_net::Request;
use sealwright_net::StatusCode;
use sealwright_net::Url;
use sealwright_tuf::Answer;
use sealwright_tuf::Limits;
use sealwright_tuf::Step;
use sealwright_tuf::TargetFile;
use sealwright_tuf::Updater;
use sealwright_tuf::Wanted;
use tokio::runtime::Runtime;
use tokio::time::Instant;
use tokio::time::timeout_at;

use self::cache::Cache;
use crate::Context;
use crate::Error;
use crate::Failure;

/// Where a repository is, and what is known of it here.
#[derive(Clone, Debug)]
pub struct TufRepository {
    /// Keeps the metadata that was verified, under the names of the roles.
    pub directory: PathBuf,
    /// What metadata files are below.
    pub metadata_url: String,
    /// A root that came with the software, or that somebody vouched for. With one, the directory is
    /// believed as far as roots lead from it to what it holds, all of which it keeps; without one,
    /// the directory's own root is where trust begins.
    pub shipped_root: Option<Vec<u8>>,
}

/// Whether the repository itself is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TufMode {
    /// Only the directory is: it serves as long as nothing in it has expired.
    Offline,
    /// The repository is asked for newer metadata.
    Online,
}

/// One update of a repository's metadata, and the targets found by it.
pub struct TufSession {
    updater: Updater,
    cache: Cache,
    mode: TufMode,
    metadata_url: String,
    client: Client,
    runtime: Option<Runtime>,
    /// How long everything together may take, and until when that is, from the first request on.
    timeout: Duration,
    deadline: Option<Instant>,
    keeps_roots: bool,
    /// What the update went by, by the names in the directory.
    in_use: BTreeMap<String, Vec<u8>>,
}

impl TufRepository {
    /// Puts a root into the directory, to be trusted from now on.
    ///
    /// # Errors
    /// Of the root: `tuf.malformed`, `tuf.bad-signature-threshold` and their like. Of the directory:
    /// `files.not-private`, `files.write-failed`, `files.locked`.
    pub fn init(&self, root: &[u8], context: &Context<'_>) -> Result<(), Failure> {
        Updater::new(root, context.clock.now())?;
        let cache = Cache::writable(&self.directory, context.timeout)?;
        cache.store(ROOT, root)
    }

    /// The same with the root in a file.
    ///
    /// # Errors
    /// As [`Self::init`], and of reading the file: `files.not-found` and its like.
    pub fn init_from(&self, root: &Path, context: &Context<'_>) -> Result<(), Failure> {
        let root = read_limited(root, Limits::default().root_bytes)?;
        self.init(&root, context)
    }

    /// Begins an update. The directory belongs to it until it is dropped.
    ///
    /// # Errors
    /// `files.not-found` when there is no root to begin with; of the root and the directory as
    /// [`Self::init`].
    pub fn open(&self, mode: TufMode, context: &Context<'_>) -> Result<TufSession, Failure> {
        let cache = Cache::open(&self.directory, context.timeout)?;
        let now = context.clock.now();
        let mut in_use = BTreeMap::new();
        let updater = match &self.shipped_root {
            Some(shipped) => {
                let roots = cache.roots_after(shipped)?;
                let newest = roots.last().map_or(shipped, |(_, root)| root);
                let updater = Updater::new(newest, now)?;
                let named = |(version, root)| (format!("{version}.{ROOT}"), root);
                in_use.extend(roots.into_iter().map(named));
                updater
            }
            None => Updater::new(&cache.root()?, now)?,
        };
        let timeout = context.timeout.min(LONGEST_EXCHANGE);
        let client = Client::new(sealwright_net::Options {
            timeout,
            ..sealwright_net::Options::default()
        });
        Ok(TufSession {
            updater,
            cache,
            mode,
            metadata_url: self.metadata_url.clone(),
            client,
            runtime: None,
            timeout: context.timeout,
            deadline: None,
            keeps_roots: self.shipped_root.is_some(),
            in_use,
        })
    }
}

impl TufSession {
    /// Brings the metadata at the top up to date.
    ///
    /// # Errors
    /// Any of `tuf.…`, `net.…` and `files.…`.
    pub fn refresh(&mut self) -> Result<(), Failure> {
        self.drive().map(drop)
    }

    /// Finds a target, after bringing the metadata up to date.
    ///
    /// # Errors
    /// As [`Self::refresh`], and `tuf.missing-target`.
    pub fn find(&mut self, path: &str) -> Result<TargetFile, Failure> {
        self.updater.look_for(path);
        self.drive()?.ok_or_else(|| {
            let path = path.to_owned();
            sealwright_tuf::Error::MissingTarget { path }.into()
        })
    }

    /// Downloads a target that was found, and verifies it.
    ///
    /// # Errors
    /// `tuf.refused`, `tuf.missing-metadata` when it is not there, `tuf.hash-mismatch`,
    /// `tuf.length-mismatch`, `net.…`.
    pub fn fetch(&mut self, target: &TargetFile, base_url: &str) -> Result<Vec<u8>, Failure> {
        let wanted = self.updater.location(target);
        match self.request(base_url, &wanted)? {
            Answer::Bytes(bytes) => {
                target.verify(&bytes)?;
                Ok(bytes)
            }
            Answer::Absent => {
                let file = wanted.path;
                Err(sealwright_tuf::Error::MissingMetadata { file }.into())
            }
        }
    }

    /// Finds a target and puts it into a directory, unless it is there already. Its file has the
    /// target's path for a name, escaped so that it is one.
    ///
    /// # Errors
    /// As [`Self::find`] and [`Self::fetch`]; `files.write-failed`.
    pub fn download(
        &mut self,
        path: &str,
        base_url: &str,
        directory: &Path,
    ) -> Result<(), Failure> {
        let target = self.find(path)?;
        let file = directory.join(target.file_name());
        if let Ok(there) = read_limited(&file, target.length())
            && target.verify(&there).is_ok()
        {
            return Ok(());
        }
        let bytes = self.fetch(&target, base_url)?;
        Ok(write_atomic(&file, &bytes, 0o644)?)
    }

    /// Whether what is new is used without being kept.
    pub fn is_read_only(&self) -> bool {
        self.cache.is_read_only()
    }

    /// The metadata that the update went by, by its names in the directory, and each new root under
    /// its version.
    pub(crate) const fn in_use(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.in_use
    }

    fn drive(&mut self) -> Result<Option<TargetFile>, Failure> {
        loop {
            match self.updater.step()? {
                Step::Done => return Ok(None),
                Step::Found(target) => return Ok(Some(*target)),
                Step::Load(wanted) => {
                    let answer = self.cache.load(&wanted);
                    if let Answer::Bytes(bytes) = &answer {
                        // Whatever does not serve is replaced by what is fetched for it.
                        self.in_use.insert(wanted.path, bytes.clone());
                    }
                    self.updater.answer(answer)?;
                }
                Step::Fetch(wanted) => {
                    let answer = match self.mode {
                        TufMode::Online => self.request(&self.metadata_url.clone(), &wanted)?,
                        TufMode::Offline => self.cache.instead_of_repository(&wanted),
                    };
                    self.updater.answer(answer)?;
                }
                Step::Remove { file } => self.cache.remove(&file)?,
                Step::Store { file, bytes } => self.store(file, bytes)?,
            }
        }
    }

    fn store(&mut self, file: String, bytes: Vec<u8>) -> Result<(), Failure> {
        if self.keeps_roots && file == ROOT {
            let version = self.updater.root_version();
            // First, so that roots always lead to the one in the directory.
            self.cache.store_root(version, &bytes)?;
            self.cache.store(&file, &bytes)?;
            self.in_use.insert(format!("{version}.{ROOT}"), bytes);
        } else {
            self.cache.store(&file, &bytes)?;
            self.in_use.insert(file, bytes);
        }
        Ok(())
    }

    fn request(&mut self, base: &str, wanted: &Wanted) -> Result<Answer, Failure> {
        let text = format!("{}/{}", base.trim_end_matches('/'), wanted.path);
        let url = Url::parse(&text).map_err(|source| Error::InvalidUrl {
            url: text,
            reason: source.to_string(),
        })?;
        if url.scheme() == "file" {
            return from_disk(&url, wanted.max_bytes);
        }
        let runtime = match &self.runtime {
            Some(runtime) => runtime,
            None => {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(Error::Runtime)?;
                self.runtime.insert(runtime)
            }
        };
        let request = Request::new(Method::GET, url);
        let limit = wanted.max_bytes.saturating_add(1);
        let (timeout, deadline) = (self.timeout, &mut self.deadline);
        let answer = runtime.block_on(async {
            // A repository that answers slowly, file by file, must not take for ever.
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + timeout);
            let exchange = self.client.exchange(&request, limit);
            let late = |_| sealwright_net::Error::Timeout {
                url: request.url().into(),
                after: timeout,
            };
            timeout_at(deadline, exchange).await.map_err(late)?
        })?;
        match answer.status {
            StatusCode::OK => Ok(Answer::Bytes(answer.body.to_vec())),
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Ok(Answer::Absent),
            status => Err(Error::RepositoryRefused {
                url: (&answer.url).into(),
                status: status.as_u16(),
            }
            .into()),
        }
    }
}

/// A file of a repository that lies on the disk, as it does where there is no network.
fn from_disk(url: &Url, max_bytes: u64) -> Result<Answer, Failure> {
    let path = url.to_file_path().map_err(|()| Error::InvalidUrl {
        url: url.to_string(),
        reason: "it names no file on this machine".to_owned(),
    })?;
    match read_limited(&path, max_bytes.saturating_add(1)) {
        Ok(bytes) => Ok(Answer::Bytes(bytes)),
        Err(sealwright_files::Error::NotFound { .. }) => Ok(Answer::Absent),
        Err(error) => Err(error.into()),
    }
}

const ROOT: &str = "root.json";
const LONGEST_EXCHANGE: Duration = Duration::from_secs(60);

#[cfg(test)]
pub(crate) mod tests;
